"""Whose road is it at this point, and could it be somebody else's?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from routing.features import Feature
from routing.index import Index
from routing.street_names import StreetNames


class RoadNear(NamedTuple):
    """The nearest road of one owner; ``distance_m`` is None where it was found by its name."""

    name: str
    owner: str
    distance_m: float | None
    layer: str


@dataclass(frozen=True)
class RoadFound:
    """The road at a place. ``unsure``: roads of two owners are too close together to tell.

    ``candidates`` are the nearest road of each owner that it could be, the most likely first; there
    is always at least one. ``other_…`` is the nearest road of another owner in sight, or None.
    ``is_border``: one street whose two sides belong to different owners; the point's side is first.
    ``by_name``: there was no point, the resident wrote the road's name; the distances are None.
    """

    name: str
    owner: str
    distance_m: float | None
    other_name: str | None
    other_owner: str | None
    other_distance_m: float | None
    unsure: bool
    candidates: tuple[RoadNear, ...]
    layer: str
    is_border: bool = False
    by_name: bool = False


class _Sighting(NamedTuple):
    """One owner's road in sight. The order of the fields is the order of likelihood."""

    is_beyond: bool
    """Within ``ask_within`` of its tolerance, but not within the tolerance itself."""
    distance_m: float
    is_far_side: bool
    road: RoadNear
    ask_within: float
    is_border: bool


def nearest_road(indexes: Iterable[Index], lat: float, lon: float) -> RoadFound | None:
    """Return the road at the point and whether it could be another owner's, or None beyond tolerance."""
    owners: dict[str, _Sighting] = {}
    for index in indexes:
        for sighting in _sightings(index, lat, lon):
            known = owners.get(sighting.road.owner)
            if known is None or sighting[:3] < known[:3]:
                owners[sighting.road.owner] = sighting
    seen = sorted(owners.values(), key=lambda sighting: sighting[:3])
    return _found(seen) if seen and not seen[0].is_beyond else None


def _sightings(index: Index, lat: float, lon: float) -> Iterator[_Sighting]:
    layer = index.layer
    for feature, distance in index.near(lat, lon, layer.tolerance.widest + layer.ask_within):
        tolerance = layer.tolerance.of(feature.road_class) if feature.road_class else layer.tolerance.default
        if distance > tolerance + layer.ask_within:
            continue
        for is_far_side, owner in enumerate(_owners(index, feature, lat, lon)):
            road = RoadNear(feature.name, owner, distance, layer.id)
            yield _Sighting(
                distance > tolerance, distance, bool(is_far_side), road, layer.ask_within, feature.is_border
            )


def _owners(index: Index, feature: Feature, lat: float, lon: float) -> tuple[str, ...]:
    """Return the road's owner; for a border street both, the one of the point's side first."""
    if feature.sides is None:
        return (feature.owner,)
    left, right = feature.sides
    if not feature.is_border:
        return (left,)
    return (left, right) if index.is_left(feature, lat, lon) else (right, left)


def _found(seen: list[_Sighting]) -> RoadFound:
    first, other = seen[0], seen[1] if len(seen) > 1 else None
    ask_within = max(sighting.ask_within for sighting in seen)
    candidates = tuple(sighting for sighting in seen if sighting.distance_m - first.distance_m <= ask_within)
    return RoadFound(
        name=first.road.name,
        owner=first.road.owner,
        distance_m=first.distance_m,
        other_name=other.road.name if other else None,
        other_owner=other.road.owner if other else None,
        other_distance_m=other.distance_m if other else None,
        unsure=len(candidates) > 1,
        candidates=tuple(sighting.road for sighting in candidates),
        layer=first.road.layer,
        is_border=first.is_border and all(sighting.is_border for sighting in candidates),
    )


class NamedRoads:
    """The roads of some layers by their names."""

    def __init__(self, indexes: Iterable[Index]) -> None:
        self._roads: defaultdict[str, dict[RoadNear, bool]] = defaultdict(dict)
        for index in indexes:
            for feature in index.features:
                for owner in feature.owners:
                    road = RoadNear(feature.name, owner, None, index.layer.id)
                    self._roads[feature.name][road] = feature.is_border
        self._names = StreetNames(self._roads)

    def named(self, place: str, beside: Iterable[str], elsewhere: Iterable[str]) -> RoadFound | None:
        """Return the road that the words name, or None when none surely does.

        It is unsure when the names may mean roads of several owners; even a name that only may be
        the place then counts, so that nobody is sent to the wrong owner unasked.
        """
        mentions = sorted(
            self._names.named_in(place, beside, elsewhere), key=lambda mention: not mention.is_sure
        )
        if not mentions or not mentions[0].is_sure:
            return None
        owners: dict[str, tuple[RoadNear, bool]] = {}
        for name in (name for mention in mentions for name in mention.names):
            for road, is_border in self._roads[name].items():
                owners.setdefault(road.owner, (road, is_border))
        return _named([road for road, _ in owners.values()], all(border for _, border in owners.values()))


def _named(roads: list[RoadNear], is_border: bool) -> RoadFound:
    first, other = roads[0], roads[1] if len(roads) > 1 else None
    return RoadFound(
        name=first.name,
        owner=first.owner,
        distance_m=None,
        other_name=other.name if other else None,
        other_owner=other.owner if other else None,
        other_distance_m=None,
        unsure=other is not None,
        candidates=tuple(roads),
        layer=first.layer,
        is_border=is_border,
        by_name=True,
    )

"""What is at this point, how far away is it, and how sure are we?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from routing.addresses import Addresses
from routing.features import Feature, Flaw, read_layer
from routing.index import Found, Index
from routing.roads import NamedRoads, RoadFound, RoadNear, nearest_road
from routing.rulebook import Layer, Rulebook

__all__ = ["AssetFound", "Feature", "Index", "Layers", "Outline", "RoadFound", "RoadNear"]

TYPED_WITHIN = 1000.0
"""Metres. A typed number of a pole farther from the place than this is taken for a slip of the hand."""


@dataclass(frozen=True)
class AssetFound:
    """The pole, hydrant or other asset at a place; ``name`` is the number painted on it.

    ``is_typed``: found by the number that the resident typed. ``distance_m`` is None without a place.
    """

    layer: str
    name: str
    owner: str
    distance_m: float | None
    is_typed: bool = False


class Outline(NamedTuple):
    """Something to draw. ``coordinates`` are (longitude, latitude) pairs, so x before y."""

    kind: str
    """boundary, area, road or asset"""
    name: str
    owner: str
    coordinates: tuple[tuple[float, float], ...]


class Layers:
    """All layers of a town, ready to be asked. Immutable: a changed file becomes new ``Layers``."""

    def __init__(
        self,
        indexes: Iterable[Index] = (),
        versions: Mapping[str, str] | None = None,
        addresses: Mapping[str, Addresses] | None = None,
    ) -> None:
        self._indexes = {index.layer.id: index for index in indexes}
        self.addresses: Mapping[str, Addresses] = MappingProxyType(dict(addresses or {}))
        """Layer id -> the town's own list of addresses."""
        self._named = NamedRoads(self._of("roads"))
        self.versions: Mapping[str, str] = MappingProxyType(dict(versions or {}))
        """Layer id -> the first 12 hex digits of its file's SHA-256."""

    @classmethod
    def read(cls, definitions: Mapping[str, Layer], folder: Path) -> tuple[Layers, tuple[Flaw, ...]]:
        """Read every layer's file beside the rules file; what is wrong comes back, nothing is raised."""
        indexes, versions, flaws, addresses = [], {}, [], {}
        for layer in definitions.values():
            file = read_layer(layer, folder)
            flaws.extend(file.flaws)
            if any(flaw.level == "error" for flaw in file.flaws):
                continue
            versions[layer.id] = file.version
            if layer.kind == "addresses":
                addresses[layer.id] = Addresses(file.features)
            else:
                indexes.append(Index(layer, file.features))
        return cls(indexes, versions, addresses), tuple(flaws)

    @classmethod
    def of(cls, rulebook: Rulebook, folder: Path) -> Layers:
        """Return the layers of a rulebook; ``ValueError`` names the first that cannot be used."""
        layers, flaws = cls.read(rulebook.layers, folder)
        for flaw in flaws:
            if flaw.level == "error":
                raise ValueError(f"layers.{flaw.layer}.{flaw.key}: {flaw.message} ({flaw.hint})")
        return layers

    def has(self, layer_id: str) -> bool:
        """Return whether the layer was read and can be asked."""
        return layer_id in self._indexes

    def size(self, layer_id: str) -> int:
        """Return how many things a layer holds; addresses are counted as well."""
        return len(self.addresses.get(layer_id, ())) or len(self.features(layer_id))

    def features(self, layer_id: str) -> tuple[Feature, ...]:
        """Return what a layer holds; empty when there is no such layer."""
        return tuple(self._indexes[layer_id].features) if layer_id in self._indexes else ()

    def areas_at(self, layer_id: str, lat: float, lon: float) -> tuple[str, ...]:
        """Return the names of the layer's areas that hold the point."""
        return tuple(feature.name for feature in self.areas(layer_id, lat, lon))

    def areas(self, layer_id: str, lat: float, lon: float) -> tuple[Feature, ...]:
        """Return the layer's areas that hold the point, with their owners."""
        index = self._indexes.get(layer_id)
        return index.around(lat, lon) if index and index.layer.kind == "areas" else ()

    def all_areas(self, lat: float, lon: float) -> dict[str, tuple[Feature, ...]]:
        """Return, for every layer of areas, those that hold the point."""
        return {index.layer.id: index.around(lat, lon) for index in self._of("areas")}

    def outside(self, lat: float, lon: float) -> bool:
        """Return whether the point lies outside the town; without a boundary layer nothing does."""
        boundaries = [index for index in self._of("areas") if index.layer.boundary]
        return bool(boundaries) and not any(index.around(lat, lon) for index in boundaries)

    def nearest_road(self, lat: float, lon: float) -> RoadFound | None:
        """Return the road at the point and whether it could be another owner's, or None beyond tolerance."""
        return nearest_road(self._of("roads"), lat, lon)

    def named_road(
        self, place: str, beside: Iterable[str] = (), elsewhere: Iterable[str] = ()
    ) -> RoadFound | None:
        """Return the road whose name stands in the words for a place, or None when no name surely does.

        ``beside`` are names that may stand behind a road without making another thing of it, as the
        town's does in ``Mill Road Littleton``. ``elsewhere`` are towns whose roads these are not.
        """
        return self._named.named(place, beside, elsewhere)

    def nearest_asset(self, layer_id: str, lat: float, lon: float) -> AssetFound | None:
        """Return the layer's asset at the point, or None when none is within its tolerance."""
        index = self._indexes.get(layer_id)
        return _asset(index, (lat, lon), "") if index is not None and index.layer.kind == "assets" else None

    def assets_at(
        self, at: tuple[float, float] | None, answers: Mapping[str, str] | None = None
    ) -> tuple[AssetFound, ...]:
        """Return, for every layer of assets, the one whose number was typed, else the one at the point."""
        typed = answers or {}
        found = (_asset(index, at, typed.get(index.layer.typed_in or "", "")) for index in self._of("assets"))
        return tuple(asset for asset in found if asset)

    def outlines(self) -> tuple[Outline, ...]:
        """Return everything as lines and points for a small map, areas first and assets last."""
        return self._outlines

    @cached_property
    def _outlines(self) -> tuple[Outline, ...]:
        drawn: list[Outline] = []
        for kind in ("areas", "roads", "assets"):
            for index in self._of(kind):
                name = {"areas": "boundary" if index.layer.boundary else "area", "roads": "road"}.get(
                    kind, "asset"
                )
                for feature in index.features:
                    drawn += (
                        Outline(name, feature.name, feature.owner, line) for line in _lines(feature.geometry)
                    )
        return tuple(drawn)

    def of_kind(self, kind: str) -> tuple[tuple[Layer, tuple[Feature, ...]], ...]:
        """Return the layers of a kind with what they hold, for those who draw or search them."""
        return tuple((index.layer, tuple(index.features)) for index in self._of(kind))

    def _of(self, kind: str) -> Iterator[Index]:
        return (index for index in self._indexes.values() if index.layer.kind == kind)


def _asset(index: Index, at: tuple[float, float] | None, typed: str) -> AssetFound | None:
    layer = index.layer
    named = (
        []
        if not typed
        else [
            Found(feature, index.distance(feature, *at) if at else 0.0) for feature in index.numbered(typed)
        ]
    )
    named = [found for found in named if found.distance_m <= TYPED_WITHIN]
    owners = {found.feature.owner for found in named}
    # Two poles of one number and different owners, and no place to choose by: the number tells nothing.
    if named and (at or len(owners) == 1):
        feature, distance = min(named, key=lambda found: found.distance_m)
        return AssetFound(layer.id, feature.name, feature.owner, distance if at else None, is_typed=True)
    near = index.near(*at, layer.tolerance.widest) if at else []
    return (
        AssetFound(layer.id, near[0].feature.name, near[0].feature.owner, near[0].distance_m)
        if near
        else None
    )


def _lines(geometry: BaseGeometry) -> Iterator[tuple[tuple[float, float], ...]]:
    for part in getattr(geometry, "geoms", (geometry,)):
        rings: tuple[BaseGeometry, ...]
        if isinstance(part, Polygon):
            rings = (part.exterior, *part.interiors)
        elif isinstance(part, LineString | Point):
            rings = (part,)
        else:
            continue
        for ring in rings:
            yield tuple((float(x), float(y)) for x, y, *_ in ring.coords)

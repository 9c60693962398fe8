"""What is at the place of a submission, and whose could the road there be?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from routing.facts import Facts
from routing.features import OURS, UNKNOWN, Feature
from routing.layers import Layers, RoadFound
from routing.matching import Scene, asks_road
from routing.rulebook import Rulebook, Service, Text
from routing.tiers import innermost


@dataclass(frozen=True)
class Survey:
    """The scene, the road at it, and every owner that the road may have, the most likely first."""

    scene: Scene
    road: RoadFound | None
    owners: tuple[str | None, ...]
    road_name: str

    def seen_as(self, owner: str | None) -> Scene:
        """Return the scene with the road taken as the owner's.

        Our half of a border street is not outside.
        """
        is_ours = self.scene.is_border and owner == OURS
        return replace(self.scene, road_owner=owner, outside=self.scene.outside and not is_ours)


def survey(rulebook: Rulebook, layers: Layers, facts: Facts) -> Survey:
    """Look everything up that rules may ask. ``KeyError`` when the rulebook has no such service."""
    service = rulebook.services[facts.service]
    has_places = service.location != "none"
    areas: Mapping[str, tuple[Feature, ...]] = {}
    outside = False
    if facts.at is not None and has_places:
        areas = innermost(rulebook, service, layers.all_areas(*facts.at))
        outside = layers.outside(*facts.at)
    road = _road(rulebook, layers, facts, service)
    owners, name = _owners(road, facts.road)
    scene = Scene(
        service=service,
        has_place=facts.at is not None,
        answers=facts.answers,
        text=facts.text,
        language=facts.language,
        widget=facts.widget,
        areas=areas,
        outside=outside,
        assets=layers.assets_at(facts.at, facts.answers) if has_places else (),
        road_owner=owners[0],
        is_border=road is not None and road.is_border,
        is_named=road is not None and road.by_name,
        page=facts.page,
        town=rulebook.town,
        now=facts.now,
    )
    return Survey(scene, road, owners, name)


def _road(rulebook: Rulebook, layers: Layers, facts: Facts, service: Service) -> RoadFound | None:
    """Return the road at the point; without a point, the one whose name was typed."""
    if service.location == "none" or not any(asks_road(rule.when) for rule in rulebook.rules):
        return None
    if facts.at is not None:
        return layers.nearest_road(*facts.at)
    if not facts.place.strip():
        return None
    return layers.named_road(facts.place, said_names(rulebook, rulebook.town.name), neighbours(rulebook))


def said_names(rulebook: Rulebook, name: Text) -> tuple[str, ...]:
    """Return a name in each of the town's languages."""
    return tuple({name.said(language) for language in rulebook.town.languages})


def neighbours(rulebook: Rulebook) -> tuple[str, ...]:
    """Return the names of the neighbouring towns as people write them: ``Stonebrook``, not ``Town of …``."""
    return tuple(
        _TITLE.sub("", said)
        for agency in rulebook.agencies.values()
        if agency.kind == "neighbour"
        for said in said_names(rulebook, agency.name)
    )


_TITLE = re.compile(r"^(the )?(town|city|village|township|municipality) of ", re.IGNORECASE)


def _owners(road: RoadFound | None, picked: str | None) -> tuple[tuple[str | None, ...], str]:
    """Return the owners that the road may have, and the name of the road that is meant."""
    if road is None:
        return (None,), ""
    if picked is None or not road.unsure:
        return tuple(near.owner for near in road.candidates), road.name
    named = {near.owner: near.name for near in road.candidates}
    if road.is_border and not road.by_name and picked not in named:
        return (road.owner,), road.name  # nobody knows better than the side on which the point lies
    return ((picked,), named[picked]) if picked in named else ((UNKNOWN,), road.name)

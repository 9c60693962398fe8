"""Whose job is it, and why?

``decide`` is pure: a rulebook, its layers and the facts of one submission give one decision. The
classes are tried in a fixed order, stop -> ask -> card or handoff -> accept, and inside a class the
first rule that matches wins, so that a late general rule can never hide an emergency. What no map
can tell goes to the clerk and says so; it is never silently taken for ours.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from routing.features import UNKNOWN, Feature
from routing.layers import AssetFound, Layers, RoadFound
from routing.matching import Answer, Scene, asks_road, holds, stands
from routing.rulebook import Outcome, Person, Rule, Rulebook
from routing.sentences import Translate, road_label
from routing.wording import because, because_staff

NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Facts:
    """What is known of a submission. ``at`` is (latitude, longitude) in degrees.

    ``road`` is the resident's answer to an ``ask``: one of the options' values, or ``"unknown"``,
    which sends the request to the clerk. ``now`` (aware) decides who is absent.
    """

    service: str
    at: tuple[float, float] | None
    answers: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    text: str = ""
    language: str = "en"
    widget: str | None = None
    road: str | None = None
    now: datetime | None = None

    def __post_init__(self) -> None:
        if self.at is not None and not _on_earth(*self.at):
            raise ValueError(f"no such place: latitude {self.at[0]}, longitude {self.at[1]}")


def _on_earth(lat: float, lon: float) -> bool:
    return math.isfinite(lat) and math.isfinite(lon) and abs(lat) <= 90 and abs(lon) <= 180


@dataclass(frozen=True)
class Option:
    """One answer to an ``ask``: the owner word, and the road as the resident reads it."""

    value: str
    label: str


@dataclass(frozen=True)
class Decision:
    """Whose job it is. ``target``: an agency, person or department id; the number to call for
    ``stop``; the layer that is unsure for ``ask``.

    ``services_assignee`` is the person id who answers for it in town, with the deputy standing in.
    ``unsure``: the place was missing or no map could tell, so the clerk has it.
    """

    outcome: Outcome
    target: str | None
    rule: str
    because: str
    because_staff: str
    road: RoadFound | None
    areas: Mapping[str, tuple[str, ...]]
    outside: bool
    options: tuple[Option, ...]
    layer_versions: Mapping[str, str]
    rules_version: str
    note_anyway: bool
    services_assignee: str
    unsure: bool

    def as_json(self) -> dict[str, Any]:
        """Return the shape that ``rules explain --json`` prints."""
        shown: dict[str, Any] = {
            "outcome": str(self.outcome),
            "target": self.target,
            "rule": self.rule,
            "because": self.because,
            "road": _road_json(self.road) if self.road else None,
        }
        if self.outcome is Outcome.ASK:
            shown["options"] = [asdict(option) for option in self.options]
        return shown | {
            "because_staff": self.because_staff,
            "areas": {layer: list(names) for layer, names in self.areas.items()},
            "outside": self.outside,
            "unsure": self.unsure,
            "note_anyway": self.note_anyway,
            "assignee": self.services_assignee,
            "rules_version": self.rules_version,
            "layer_versions": dict(self.layer_versions),
        }


def _road_json(road: RoadFound) -> dict[str, Any]:
    other = None if road.other_distance_m is None else round(road.other_distance_m, 1)
    return {
        "name": road.name,
        "owner": road.owner,
        "distance_m": round(road.distance_m, 1),
        "other_name": road.other_name,
        "other_owner": road.other_owner,
        "other_distance_m": other,
        "unsure": road.unsure,
    }


@dataclass(frozen=True)
class Verdict:
    """What the rules say when the owner of the road is taken as given."""

    outcome: Outcome
    target: str | None
    rule: Rule | None = None
    unsure: bool = False

    @property
    def rule_id(self) -> str:
        return self.rule.id if self.rule else "service"


def decide(rulebook: Rulebook, layers: Layers, facts: Facts, *, translate: Translate = str) -> Decision:
    """Return whose job the submission is. ``KeyError`` when the rulebook has no such service.

    ``translate`` turns the product's own sentences into the resident's language; the town's own
    sentences come from the rulebook in ``facts.language``.
    """
    survey = _survey(rulebook, layers, facts)
    verdicts = {owner: _verdict(rulebook, replace(survey.scene, road_owner=owner)) for owner in survey.owners}
    verdict = _settle(survey, verdicts)
    person = assignee(rulebook, verdict.target if verdict.outcome is Outcome.ACCEPT else None, facts)
    options = _options(survey, translate) if verdict.outcome is Outcome.ASK else ()
    return Decision(
        outcome=verdict.outcome,
        target=verdict.target,
        rule="road-unsure" if verdict.outcome is Outcome.ASK else verdict.rule_id,
        because=because(rulebook, facts.language, survey.scene, verdict, survey.road_name, translate),
        because_staff=because_staff(rulebook, survey.scene, verdict, survey.road),
        road=survey.road,
        areas={
            layer: tuple(area.name or area.owner for area in areas)
            for layer, areas in survey.scene.areas.items()
            if areas
        },
        outside=survey.scene.outside,
        options=options,
        layer_versions=layers.versions,
        rules_version=rulebook.version,
        note_anyway=bool(verdict.rule and verdict.rule.note_anyway),
        services_assignee=person.id,
        unsure=verdict.unsure,
    )


@dataclass(frozen=True)
class Survey:
    """The scene, the road at it, and every owner that the road may have."""

    scene: Scene
    road: RoadFound | None
    owners: tuple[str | None, ...]
    road_name: str


def _survey(rulebook: Rulebook, layers: Layers, facts: Facts) -> Survey:
    service = rulebook.services[facts.service]
    areas: Mapping[str, tuple[Feature, ...]] = {}
    assets: tuple[AssetFound, ...] = ()
    outside, road = False, None
    if facts.at is not None and service.location != "none":
        areas, assets = layers.all_areas(*facts.at), layers.assets_at(*facts.at)
        outside = layers.outside(*facts.at)
        if any(asks_road(rule.when) for rule in rulebook.rules):
            road = layers.nearest_road(*facts.at)
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
        assets=assets,
        road_owner=owners[0],
    )
    return Survey(scene, road, owners, name)


def _owners(road: RoadFound | None, picked: str | None) -> tuple[tuple[str | None, ...], str]:
    """Return the owners that the road may have, and the name of the road that is meant."""
    if road is None:
        return (None,), ""
    if picked is None or not road.unsure:
        return tuple(near.owner for near in road.candidates), road.name
    named = {near.owner: near.name for near in road.candidates}
    return ((picked,), named[picked]) if picked in named else ((UNKNOWN,), road.name)


def _verdict(rulebook: Rulebook, scene: Scene) -> Verdict:
    for outcomes in ((Outcome.STOP,), (Outcome.CARD, Outcome.HANDOFF), (Outcome.ACCEPT,)):
        for rule in rulebook.rules:
            if rule.outcome not in outcomes:
                continue
            answer = holds(rule.when, scene)
            if answer is Answer.YES:
                return Verdict(rule.outcome, rule.stop.call if rule.stop else rule.target, rule)
            # An unknown "stop" cannot stop anybody; an unknown anything else is for the clerk to settle.
            if answer is Answer.UNKNOWN and rule.outcome is not Outcome.STOP:
                return Verdict(Outcome.ACCEPT, rulebook.clerk, rule, unsure=True)
    if scene.outside:
        return Verdict(Outcome.ACCEPT, rulebook.clerk, unsure=True)
    return Verdict(Outcome.ACCEPT, scene.service.assignee)


def _settle(survey: Survey, verdicts: Mapping[str | None, Verdict]) -> Verdict:
    """Return the one verdict, or ``ask`` when it hangs on which of two roads is meant."""
    for verdict in verdicts.values():
        if verdict.outcome is Outcome.STOP:
            return verdict
    if len({(verdict.outcome, verdict.target) for verdict in verdicts.values()}) > 1 and survey.road:
        return Verdict(Outcome.ASK, survey.road.layer)
    return verdicts[survey.owners[0]]


def _options(survey: Survey, translate: Translate) -> tuple[Option, ...]:
    candidates = survey.road.candidates if survey.road else ()
    return tuple(Option(near.owner, road_label(near.name, near.owner, translate)) for near in candidates)


def assignee(rulebook: Rulebook, target: str | None, facts: Facts) -> Person:
    """Return who answers for it on the day of ``facts.now``: the person, or the deputy while away.

    ``target`` None means the service's own assignee. A chain of absent deputies ends at the first
    who is there; when all are away, the person meant stays responsible.
    """
    meant = rulebook.person_for(target or rulebook.services[facts.service].assignee)
    if facts.now is None:
        return meant
    today = facts.now.astimezone(rulebook.town.zone).date()
    person, seen = meant, {meant.id}
    while any(first <= today <= last for first, last in person.absent):
        if person.deputy is None or person.deputy in seen:
            return meant
        person = rulebook.people[person.deputy]
        seen.add(person.id)
    return person


def emergency_words(rulebook: Rulebook, text: str) -> bool:
    """Return whether the text holds one of the town's emergency words; a reason to show, never to block."""
    return stands(rulebook.town.emergency.words, text)

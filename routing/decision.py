"""Whose job is it, and why?

``decide`` is pure: a rulebook, its layers and the facts of one submission give one decision. The
classes are tried in a fixed order, stop -> ask -> card or handoff -> accept, and inside a class the
first rule that matches wins, so that a late general rule can never hide an emergency. What no map
can tell goes to the clerk and says so; it is never silently taken for ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from routing.decided import Decision, Option
from routing.facts import Facts
from routing.features import OURS, UNKNOWN, Feature
from routing.layers import Layers, RoadFound
from routing.matching import Answer, Scene, asks_road, holds, stands
from routing.rulebook import Outcome, Person, Rule, Rulebook
from routing.sentences import OWNERS, Translate, road_label
from routing.tiers import innermost
from routing.wording import because, because_staff, notice

__all__ = ["Decision", "Facts", "Option", "assignee", "decide", "emergency_words"]


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
    verdicts = {owner: _verdict(rulebook, _seen_as(survey, owner)) for owner in survey.owners}
    verdict = _settle(survey, verdicts)
    person = assignee(rulebook, verdict.target if verdict.outcome is Outcome.ACCEPT else None, facts)
    options = _options(rulebook, survey, translate) if verdict.outcome is Outcome.ASK else ()
    added = notice(facts.language, verdict)
    return Decision(
        outcome=verdict.outcome,
        target=verdict.target,
        rule="road-unsure" if verdict.outcome is Outcome.ASK else verdict.rule_id,
        because=" ".join(
            part
            for part in (
                because(rulebook, facts.language, survey.scene, verdict, survey.road_name, translate),
                added,
            )
            if part
        ),
        because_staff=because_staff(rulebook, survey.scene, verdict, survey.road),
        notice=added,
        picked=facts.road if survey.road is not None and survey.road.unsure else None,
        assets=survey.scene.assets,
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
    has_places = service.location != "none"
    areas: Mapping[str, tuple[Feature, ...]] = {}
    assets = layers.assets_at(facts.at, facts.answers) if has_places else ()
    outside, road = False, None
    if facts.at is not None and has_places:
        areas = innermost(rulebook, service, layers.all_areas(*facts.at))
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
        is_border=road is not None and road.is_border,
        page=facts.page,
        town=rulebook.town,
        now=facts.now,
    )
    return Survey(scene, road, owners, name)


def _owners(road: RoadFound | None, picked: str | None) -> tuple[tuple[str | None, ...], str]:
    """Return the owners that the road may have, and the name of the road that is meant."""
    if road is None:
        return (None,), ""
    if picked is None or not road.unsure:
        return tuple(near.owner for near in road.candidates), road.name
    named = {near.owner: near.name for near in road.candidates}
    if road.is_border and picked not in named:
        return (road.owner,), road.name  # nobody knows better than the side on which the point lies
    return ((picked,), named[picked]) if picked in named else ((UNKNOWN,), road.name)


def _seen_as(survey: Survey, owner: str | None) -> Scene:
    """Return the scene with the road taken as the owner's: our half of a border street is not outside."""
    is_ours = survey.scene.is_border and owner == OURS
    return replace(survey.scene, road_owner=owner, outside=survey.scene.outside and not is_ours)


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


def _options(rulebook: Rulebook, survey: Survey, translate: Translate) -> tuple[Option, ...]:
    language = survey.scene.language
    is_border = survey.scene.is_border
    names = {
        agency.id: agency.name.said(language)
        for agency in rulebook.agencies.values()
        if is_border or agency.id not in OWNERS
    }
    if is_border:
        names[OURS] = rulebook.town.name.said(language)
    candidates = survey.road.candidates if survey.road else ()
    return tuple(
        Option(near.owner, road_label(near.name, near.owner, translate, names)) for near in candidates
    )


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

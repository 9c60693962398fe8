"""Whose job is it, and why?

``decide`` is pure: a rulebook, its layers and the facts of one submission give one decision. The
classes are tried in a fixed order, stop -> ask -> card or handoff -> accept, and inside a class the
first rule that matches wins, so that a late general rule can never hide an emergency. What no map
can tell goes to the clerk and says so; it is never silently taken for ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from languages.said import Said
from routing.decided import Decision, Option
from routing.facts import Facts
from routing.features import OURS, UNKNOWN
from routing.layers import Layers
from routing.matching import Answer, Judged, Scene, judge, stands
from routing.rulebook import Outcome, Person, Rule, Rulebook
from routing.sentences import OWNERS, Translate, road_label
from routing.survey import Survey, survey
from routing.wording import because, because_staff, by_name, notice

__all__ = [
    "Decision", "Facts", "Option", "assignee", "decide", "emergency_words", "is_away", "stand_in",
]  # fmt: skip

Spell = tuple[str, date, date]
"""Person, first and last day away, both included."""

CLASSES = ((Outcome.STOP,), (Outcome.CARD, Outcome.HANDOFF), (Outcome.ACCEPT,))
"""The order in which rules are tried; ``ask`` is never a rule."""


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


@dataclass(frozen=True)
class Settled:
    """The one verdict on a survey; ``owners`` are those of the road for whom it was reached.

    There is one of them, or all that the road may have when the verdict is to ask.
    """

    survey: Survey
    verdict: Verdict
    owners: tuple[str | None, ...]
    hangs_on_name: bool = False
    """The road was found by its name alone, and without that the verdict would be another."""


def decide(
    rulebook: Rulebook, layers: Layers, facts: Facts, *, translate: Translate = str, say: Translate = str
) -> Decision:
    """Return whose job the submission is. ``KeyError`` when the rulebook has no such service.

    ``translate`` turns the product's own sentences into the resident's language; the town's own
    sentences come from the rulebook in ``facts.language``. ``say`` turns those for the staff into theirs.
    """
    return told(rulebook, layers, facts, settle(rulebook, layers, facts), translate, say)


def told(
    rulebook: Rulebook, layers: Layers, facts: Facts, settled: Settled, translate: Translate, say: Translate
) -> Decision:
    """Return the decision with its sentences, options, versions and whoever answers for it."""
    seen, verdict = settled.survey, settled.verdict
    is_asked = verdict.outcome is Outcome.ASK
    person = assignee(rulebook, verdict.target if verdict.outcome is Outcome.ACCEPT else None, facts)

    def said(language: str, speak: Translate) -> str:
        named = by_name(seen.road_name, speak) if settled.hangs_on_name and not is_asked else ""
        why = because(rulebook, language, seen.scene, verdict, seen.road_name, speak)
        parts = [part for part in (named, why, notice(language, verdict)) if part]
        # Where a sentence of ours stands before it, it is in two languages: nothing is said of it.
        return Said(" ".join(parts), why.tongue) if isinstance(why, Said) and not named else " ".join(parts)

    return Decision(
        outcome=verdict.outcome,
        target=verdict.target,
        rule="road-unsure" if is_asked else verdict.rule_id,
        because=said(facts.language, translate),
        because_town=said(rulebook.town.languages[0], say),
        because_staff=because_staff(rulebook, seen.scene, verdict, seen.road, say),
        notice=notice(facts.language, verdict),
        picked=facts.road if seen.road is not None and seen.road.unsure else None,
        assets=seen.scene.assets,
        road=seen.road,
        areas={
            layer: tuple(area.name or area.owner for area in areas)
            for layer, areas in seen.scene.areas.items()
            if areas
        },
        outside=seen.scene.outside,
        options=_options(rulebook, seen, translate) if is_asked else (),
        layer_versions=layers.versions,
        rules_version=rulebook.version,
        note_anyway=bool(verdict.rule and verdict.rule.note_anyway),
        services_assignee=person.id,
        unsure=verdict.unsure,
    )


def settle(rulebook: Rulebook, layers: Layers, facts: Facts) -> Settled:
    """Return the one verdict, or ``ask`` when it hangs on which of two roads is meant."""
    seen = survey(rulebook, layers, facts)
    verdicts = {owner: _verdict(rulebook, seen.seen_as(owner)) for owner in seen.owners}
    for owner, verdict in verdicts.items():
        if verdict.outcome is Outcome.STOP:
            return Settled(seen, verdict, (owner,))
    if len({(verdict.outcome, verdict.target) for verdict in verdicts.values()}) > 1 and seen.road:
        return Settled(seen, Verdict(Outcome.ASK, seen.road.layer), seen.owners)
    first = seen.owners[0]
    is_named = seen.scene.is_named and _verdict(rulebook, seen.seen_as(UNKNOWN)) != verdicts[first]
    return Settled(seen, verdicts[first], (first,), is_named)


def _verdict(rulebook: Rulebook, scene: Scene) -> Verdict:
    for rule, judged in in_order(rulebook, scene):
        if decides(rule, judged):
            if judged.answer is Answer.UNKNOWN:
                return Verdict(Outcome.ACCEPT, rulebook.clerk, rule, unsure=True)
            return Verdict(rule.outcome, rule.stop.call if rule.stop else rule.target, rule)
    if scene.outside:
        return Verdict(Outcome.ACCEPT, rulebook.clerk, unsure=True)
    return Verdict(Outcome.ACCEPT, scene.service.assignee)


def decides(rule: Rule, judged: Judged) -> bool:
    """Return whether no later rule is asked.

    An unknown "stop" cannot stop anybody; an unknown anything else is for the clerk to settle.
    """
    return judged.answer is Answer.YES or (
        judged.answer is Answer.UNKNOWN and rule.outcome is not Outcome.STOP
    )


def in_order(rulebook: Rulebook, scene: Scene) -> Iterator[tuple[Rule, Judged]]:
    """Yield every rule in the order of classes with its answer, as long as somebody asks for more."""
    for outcomes in CLASSES:
        for rule in rulebook.rules:
            if rule.outcome in outcomes:
                yield rule, judge(rule.when, scene)


def _options(rulebook: Rulebook, seen: Survey, translate: Translate) -> tuple[Option, ...]:
    language = seen.scene.language
    is_border = seen.scene.is_border
    names = {
        agency.id: agency.name.said(language)
        for agency in rulebook.agencies.values()
        if is_border or agency.id not in OWNERS
    }
    if is_border:
        names[OURS] = rulebook.town.name.said(language)
    candidates = seen.road.candidates if seen.road else ()
    return tuple(
        Option(near.owner, road_label(near.name, near.owner, translate, names)) for near in candidates
    )


def assignee(rulebook: Rulebook, target: str | None, facts: Facts) -> Person:
    """Return who answers for it on the day of ``facts.now``: the person, or the deputy while away.

    ``target`` None means the service's own assignee. Away is who the rules or ``facts.absences`` say
    so of. A chain of absent deputies ends at the first who is there; when all are away, the person meant
    stays responsible.
    """
    meant = rulebook.person_for(target or rulebook.services[facts.service].assignee)
    if facts.now is None:
        return meant
    return stand_in(rulebook, meant, facts.absences, facts.now.astimezone(rulebook.town.zone).date())


def stand_in(rulebook: Rulebook, meant: Person, absences: Iterable[Spell], today: date) -> Person:
    """Return the first of a person and their deputies who is there; the person, when all are away."""
    absences = tuple(absences)
    person, seen = meant, {meant.id}
    while is_away(person, absences, today):
        if person.deputy is None or person.deputy in seen:
            return meant
        person = rulebook.people[person.deputy]
        seen.add(person.id)
    return person


def is_away(person: Person, absences: Iterable[Spell], today: date) -> bool:
    """Return whether the rules or the person said that they are away today."""
    said = ((first, last) for who, first, last in absences if who == person.id)
    return any(first <= today <= last for first, last in (*person.absent, *said))


def emergency_words(rulebook: Rulebook, text: str) -> bool:
    """Return whether the text holds one of the town's emergency words; a reason to show, never to block."""
    return stands(rulebook.town.emergency.words, text)

"""By which rules was this decided, and what did each of them find? The whole way, for the operator.

There is no second way of deciding here: the rules, their order and every answer come from what
``decide`` itself uses. A trace only writes down what was asked and found.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from routing.conditions import Asked
from routing.decision import CLASSES, Decision, Facts, Settled, decides, in_order, settle, told
from routing.evidence import evidence, question
from routing.layers import Layers
from routing.matching import Answer, Judged, opposite
from routing.rulebook import Outcome, Rule, Rulebook
from routing.sentences import N_, Translate, fill
from routing.survey import Survey

ANSWERS: Mapping[Answer, str] = {Answer.YES: "yes", Answer.NO: "no", Answer.UNKNOWN: "unknown"}
NOT_REACHED = "not reached"

ALL_SO = N_("Everything that it asks is so.")
NOT_SO = N_("Not so: {parts}.")
NOBODY_KNOWS = N_("Nobody can tell: {parts}.")
NO_STOP = N_("Nobody can tell, and an unknown danger stops nobody: {parts}.")
WHICH_ROAD = N_("It hangs on which road is meant.")
ASKS_NOTHING = N_("It asks nothing.")
DECIDED_BEFORE = N_("Another rule decided before it.")


@dataclass(frozen=True)
class Part:
    """One thing that was asked. ``is_or``: it stands in a group of which one is enough.

    Inside a ``not``, ``asked`` says so, and the answer is the one that counts for the rule.
    """

    asked: str
    found: str
    answer: str
    is_or: bool = False


@dataclass(frozen=True)
class Tried:
    """One rule: ``answer`` is yes, no, unknown or "not reached"; ``because`` is one sentence."""

    rule: str
    outcome: Outcome
    answer: str
    because: str
    parts: tuple[Part, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self) | {"outcome": str(self.outcome), "parts": [asdict(part) for part in self.parts]}


@dataclass(frozen=True)
class Trace:
    """The decision, and every rule in the order in which it was tried.

    The first "yes" is the rule that decided. An "unknown" before it (not that of a ``stop``) sent the
    submission to the clerk. Where the resident is asked which road is meant, the answers are those
    that hold for all of the roads; what differs between them is "unknown".
    """

    decision: Decision
    tried: tuple[Tried, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the decision as ``rules explain --json`` prints it, with ``trace`` added."""
        return self.decision.as_json() | {"trace": [tried.as_json() for tried in self.tried]}


def explain(rulebook: Rulebook, layers: Layers, facts: Facts, *, translate: Translate = str) -> Trace:
    """Return what ``decide`` returns, with the way to it. ``KeyError`` for an unknown service."""
    settled = settle(rulebook, layers, facts)
    worlds = [dict(_reached(rulebook, settled, owner)) for owner in settled.owners]
    rules = (rule for outcomes in CLASSES for rule in rulebook.rules if rule.outcome in outcomes)
    tried = (
        _tried(rule, [world[rule.id] for world in worlds if rule.id in world], settled.survey, translate)
        for rule in rules
    )
    return Trace(told(rulebook, layers, facts, settled, translate, translate), tuple(tried))


def _reached(rulebook: Rulebook, settled: Settled, owner: str | None) -> Iterator[tuple[str, Judged]]:
    """Yield the rules that were looked at, for one owner of the road, up to the one that decided."""
    for rule, judged in in_order(rulebook, settled.survey.seen_as(owner)):
        yield rule.id, judged
        if decides(rule, judged):
            return


def _tried(rule: Rule, found: list[Judged], seen: Survey, translate: Translate) -> Tried:
    if not found:
        return Tried(rule.id, rule.outcome, NOT_REACHED, translate(DECIDED_BEFORE))
    leaves = zip(*(_leaves(judged) for judged in found), strict=True)
    parts = tuple(_part(same, seen) for same in leaves)
    is_split = any(judged.answer is not found[0].answer for judged in found)
    why = translate(WHICH_ROAD) if is_split else _why(rule, found[0], seen, translate)
    answer = Answer.UNKNOWN if is_split else found[0].answer
    return Tried(rule.id, rule.outcome, ANSWERS[answer], why, parts)


def _part(same: tuple[Leaf, ...], seen: Survey) -> Part:
    """Return one leaf, as it was answered for each owner of the road."""
    answers = {leaf.answer for leaf in same}
    answer = answers.pop() if len(answers) == 1 else Answer.UNKNOWN
    return Part(_asked(same[0]), evidence(same[0].asked, seen), ANSWERS[answer], same[0].is_or)


def _why(rule: Rule, judged: Judged, seen: Survey, translate: Translate) -> str:
    if judged.answer is Answer.YES:
        return translate(ALL_SO if judged.parts else ASKS_NOTHING)
    unknown = NO_STOP if rule.outcome is Outcome.STOP else NOBODY_KNOWS
    sentence = translate(NOT_SO if judged.answer is Answer.NO else unknown)
    parts = [f"{_asked(leaf)} ({evidence(leaf.asked, seen)})" for leaf in _decisive(judged)]
    return fill(sentence, {"parts": "; ".join(parts)}) if parts else translate(ASKS_NOTHING)


class Leaf(NamedTuple):
    """One thing that was asked, with the answer that counts for the rule, be it inside a ``not``."""

    asked: Asked
    answer: Answer
    is_not: bool
    is_or: bool


def _asked(leaf: Leaf) -> str:
    return f"not {question(leaf.asked)}" if leaf.is_not else question(leaf.asked)


def _leaves(judged: Judged, is_not: bool = False, is_or: bool = False) -> Iterator[Leaf]:
    """Yield every leaf. A ``not`` is carried down to them, where "all" and "any" change places."""
    if judged.asked is not None:
        yield Leaf(judged.asked, _seen(judged, is_not), is_not, is_or)
        return
    is_inverted = is_not != (judged.group == "not")
    is_either = is_or or (len(judged.parts) > 1 and _is_either(judged, is_not))
    for part in judged.parts:
        yield from _leaves(part, is_inverted, is_either)


def _decisive(judged: Judged, is_not: bool = False) -> Iterator[Leaf]:
    """Yield the leaves on which the answer rests: one where one is enough, otherwise all of them."""
    if judged.asked is not None:
        yield from _leaves(judged, is_not)
        return
    if judged.group == "not":
        yield from _decisive(judged.parts[0], not is_not)
        return
    answer, is_either = _seen(judged, is_not), _is_either(judged, is_not)
    same = [part for part in judged.parts if _seen(part, is_not) is answer]
    one_is_enough = answer is Answer.UNKNOWN or is_either == (answer is Answer.YES)
    for part in same[:1] if one_is_enough else same:
        yield from _decisive(part, is_not)


def _is_either(judged: Judged, is_not: bool) -> bool:
    return judged.group == ("all" if is_not else "any")


def _seen(judged: Judged, is_not: bool) -> Answer:
    return opposite(judged.answer) if is_not else judged.answer

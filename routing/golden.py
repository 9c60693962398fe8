"""Do the golden points still come out as the town says they must?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from routing.decision import Decision, Facts, decide
from routing.layers import Layers
from routing.problems import Findings
from routing.rulebook import Check, Outcome, Rulebook


class Golden(NamedTuple):
    """One golden point, what was decided for it, and whether the town wanted that."""

    check: Check
    decision: Decision
    is_right: bool


def golden_points(rulebook: Rulebook, layers: Layers) -> Iterator[Golden]:
    """Yield every golden point of rules that were read without a mistake."""
    for check in rulebook.checks:
        decision = decide(rulebook, layers, _facts(rulebook, check))
        yield Golden(check, decision, is_as_expected(rulebook, check, decision))


def check_points(rulebook: Rulebook, layers: Layers, findings: Findings) -> None:
    """Add a problem for every check whose decision is not the expected one."""
    for number, check in enumerate(rulebook.checks):
        path = ("checks", number)
        if len(check.expect) != 1:
            findings.error((*path, "expect"), "check-shape", "a check expects exactly one outcome")
            continue
        try:
            facts = _facts(rulebook, check)
        except ValueError as error:
            findings.error((*path, "at"), "check-place", str(error), "write latitude, then longitude")
            continue
        decision = decide(rulebook, layers, facts)
        if not is_as_expected(rulebook, check, decision):
            outcome, target = next(iter(check.expect.items()))
            said = f"expected {outcome} {target}, found {decision.outcome} {decision.target}"
            findings.error(path, "check-failed", said, decision.because_staff)


def _facts(rulebook: Rulebook, check: Check) -> Facts:
    return Facts(
        service=check.service,
        at=check.at,
        answers=check.answers,
        text=check.text,
        page=check.page,
        place=check.place,
        road=check.road,
        now=check.time.replace(tzinfo=rulebook.town.zone) if check.time else None,
    )


def is_as_expected(rulebook: Rulebook, check: Check, decision: Decision) -> bool:
    """Return whether the decision is what the check expects; a department stands for its head."""
    outcome, target = next(iter(check.expect.items()))
    if decision.outcome != outcome:
        return False
    if decision.outcome is Outcome.ACCEPT and decision.target is not None:
        return target == decision.target or rulebook.person_for(target) == rulebook.person_for(
            decision.target
        )
    return target == decision.target

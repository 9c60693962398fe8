"""What would other rules decide differently: from whom to whom, and how often?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from routing.decision import Facts, decide
from routing.layers import Layers
from routing.rulebook import Outcome, Rulebook

NO_SERVICE = "no-service"
"""The outcome where a rulebook does not know the service at all."""


class Choice(NamedTuple):
    """Whose job it was found to be; ``target`` is a person for accept, as the deputies stood then."""

    outcome: str
    target: str
    rule: str = ""

    @property
    def whom(self) -> tuple[str, str]:
        return (self.outcome, self.target)

    def __str__(self) -> str:
        return f"{self.outcome} {self.target}".strip()

    def as_json(self) -> dict[str, str]:
        return {"outcome": self.outcome, "target": self.target, "rule": self.rule}


class Row(NamedTuple):
    """One submission: what to call it, its facts, and what was decided before."""

    name: str
    facts: Facts
    before: Choice


class Change(NamedTuple):
    """One submission that another would get."""

    name: str
    service: str
    before: Choice
    after: Choice

    def as_json(self) -> dict[str, Any]:
        return {
            "row": self.name,
            "service": self.service,
            "from": self.before.as_json(),
            "to": self.after.as_json(),
        }


@dataclass
class Simulation:
    """All that would change. ``skipped`` are rows that could not be read: name and sentence."""

    checked: int = 0
    changes: list[Change] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)

    def moves(self) -> list[tuple[Choice, Choice, int]]:
        """Return from whom to whom how many would go, the most frequent first."""
        counted = Counter((change.before.whom, change.after.whom) for change in self.changes)
        rows = sorted(counted.items(), key=lambda row: (-row[1], row[0]))
        return [(Choice(*before), Choice(*after), count) for (before, after), count in rows]

    def as_json(self) -> dict[str, Any]:
        return {
            "checked": self.checked,
            "changed": len(self.changes),
            "moves": [
                {
                    "from": {"outcome": before.outcome, "target": before.target},
                    "to": {"outcome": after.outcome, "target": after.target},
                    "count": count,
                }
                for before, after, count in self.moves()
            ],
            "rows": [change.as_json() for change in self.changes],
            "skipped": [{"row": name, "error": sentence} for name, sentence in self.skipped],
        }


def choose(rulebook: Rulebook, layers: Layers, facts: Facts) -> Choice:
    """Return whose job it is, in the form that can be compared with another time's."""
    if facts.service not in rulebook.services:
        return Choice(NO_SERVICE, facts.service)
    decision = decide(rulebook, layers, facts)
    is_ours = decision.outcome is Outcome.ACCEPT
    target = decision.services_assignee if is_ours else decision.target or ""
    return Choice(str(decision.outcome), target, decision.rule)


def simulate(rulebook: Rulebook, layers: Layers, rows: Iterable[Row]) -> Simulation:
    """Return what these rules would change of what was decided before."""
    result = Simulation()
    for row in rows:
        result.checked += 1
        after = choose(rulebook, layers, row.facts)
        if after.whom != row.before.whom:
            result.changes.append(Change(row.name, row.facts.service, row.before, after))
    return result

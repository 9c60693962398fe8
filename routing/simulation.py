"""What would other rules decide differently: from whom to whom, and how often?"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from routing.decision import Facts, decide
from routing.layers import Layers
from routing.rulebook import Outcome, Rulebook

FEW = 3
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


@dataclass(frozen=True)
class Move:
    """From whom to whom, and how many. ``services`` are theirs with how many of each, the most first.

    ``rules`` would decide so; ``names`` are the first few that would move.
    """

    before: Choice
    after: Choice
    count: int
    services: tuple[tuple[str, int], ...]
    rules: tuple[str, ...]
    names: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "from": {"outcome": self.before.outcome, "target": self.before.target},
            "to": {"outcome": self.after.outcome, "target": self.after.target},
            "count": self.count,
            "services": dict(self.services),
            "rules": list(self.rules),
        }


@dataclass
class Simulation:
    """All that would change. ``skipped`` are rows that could not be read: name and sentence."""

    checked: int = 0
    changes: list[Change] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)

    def moves(self) -> list[tuple[Choice, Choice, int]]:
        """Return from whom to whom how many would go, the most frequent first."""
        return [(move.before, move.after, move.count) for move in self.table()]

    def table(self) -> tuple[Move, ...]:
        """Return the moves with the services, rules and a few names of each, the most frequent first."""
        grouped: defaultdict[tuple[tuple[str, str], tuple[str, str]], list[Change]] = defaultdict(list)
        for change in self.changes:
            grouped[change.before.whom, change.after.whom].append(change)
        rows = sorted(grouped.items(), key=lambda row: (-len(row[1]), row[0]))
        return tuple(_move(*whom, changes) for whom, changes in rows)

    def as_json(self) -> dict[str, Any]:
        return {
            "checked": self.checked,
            "changed": len(self.changes),
            "moves": [move.as_json() for move in self.table()],
            "rows": [change.as_json() for change in self.changes],
            "skipped": [{"row": name, "error": sentence} for name, sentence in self.skipped],
        }


def _move(before: tuple[str, str], after: tuple[str, str], changes: list[Change]) -> Move:
    services = Counter(change.service for change in changes)
    return Move(
        Choice(*before),
        Choice(*after),
        len(changes),
        tuple(sorted(services.items(), key=lambda row: (-row[1], row[0]))),
        tuple(dict.fromkeys(change.after.rule for change in changes if change.after.rule)),
        tuple(change.name for change in changes[:FEW]),
    )


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

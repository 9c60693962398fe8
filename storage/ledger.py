"""Which facts are asked about, and what do their numbers mean? Those of one scope, ready to be counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, case, func, select
from sqlalchemy.orm import Session

from figures.shapes import OUTSIDE, TOWN, Scope
from figures.span import Span
from storage.factbook import words
from storage.packing import Groups, Key, counts
from storage.tables import Fact

HOUR = 3600
COLUMNS = {"person": "assignee"}
"""Kinds of words whose column has another name."""

facts = Fact.__table__
assert isinstance(facts, Table)
row = facts.c


@dataclass(frozen=True)
class Ledger:
    """The facts of one scope."""

    session: Session
    scope: Scope = TOWN
    meanings: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    first: int = 0
    """When the oldest request came in, in seconds."""
    last: int = 0
    """The latest instant of any fact that ages are reckoned with."""
    longest: int = 0
    """The longest promise, in seconds."""

    @classmethod
    def opened(cls, session: Session, scope: Scope = TOWN) -> Ledger:
        asked = (
            func.min(row.created),
            func.max(row.created),
            func.max(row.gone),
            func.max(row.due - row.created),
        )
        first, created, gone, longest = session.execute(select(*asked)).one()
        return cls(session, scope, words(session), first or 0, max(created or 0, gone or 0), longest or 0)

    @cached_property
    def narrowed(self) -> tuple[ColumnElement[bool], ...]:
        """Return the condition of the scope; none for the whole town."""
        if not self.scope.kind:
            return ()
        numbers = {word: number for number, word in self.meanings.get(self.scope.kind, {}).items()} | {"": 0}
        return (row[self.scope.kind] == numbers.get(self.scope.name, -1),)

    @property
    def counted(self) -> tuple[ColumnElement[bool], ...]:
        """Return the condition of being neither spam nor held, within the scope."""
        return (row.counted == 1, *self.narrowed)

    def within(self, span: Span) -> tuple[ColumnElement[bool], ...]:
        """Return the condition of having been received in the period."""
        return (*self.counted, row.created_day >= span.first_day, row.created_day < span.next_day)

    def ended(self, span: Span) -> tuple[ColumnElement[bool], ...]:
        """Return the condition of having ended in the period."""
        return (*self.counted, row.ended_day >= span.first_day, row.ended_day < span.next_day)

    def count(self, where: Sequence[ColumnElement[bool]], *keys: Key) -> list[Groups]:
        return counts(self.session, where, *keys)

    @cached_property
    def ages(self) -> int:
        """More hours than any age has; one more year, for periods that end after the newest fact."""
        return (self.last - self.first) // HOUR + 366 * 24

    @property
    def promises(self) -> int:
        """More hours than any promise has."""
        return self.longest // HOUR + 2

    def part(self, kind: str) -> tuple[ColumnElement[Any], int]:
        """Return the number of a kind of word as a part of a key; see ``word`` for the way back."""
        column = row[COLUMNS.get(kind, kind)]
        size = max(self.meanings.get(kind, {0: ""}), default=0) + 1
        if kind != "ward":
            return column, size
        # A place outside all wards is not the same as no place.
        return case((and_(column == 0, row.lat.is_not(None)), size), else_=column), size + 1

    def word(self, kind: str, number: int) -> str:
        """Return what a number means; 0 is nobody, nowhere, nothing."""
        known = self.meanings.get(kind, {})
        if kind == "ward" and number > max(known, default=0):
            return OUTSIDE
        return known.get(number, "")


def hours_between(start: ColumnElement[Any], end: ColumnElement[Any]) -> ColumnElement[int]:
    """Return the hours from one instant to a later one, a begun one counted as full."""
    return (end - start + (HOUR - 1)) // HOUR

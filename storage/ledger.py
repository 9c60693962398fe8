"""Which facts are asked about, and what do their numbers mean? Those of one scope, ready to be counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, case, func, select
from sqlalchemy.orm import Session

from figures.shapes import OUTSIDE, TOWN, Scope
from figures.span import Span
from storage.factbook import words
from storage.packing import Groups, count_by, counts
from storage.tables import Fact

HOUR = 3600
EPOCH = date(1970, 1, 1).toordinal()
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
    first: int = EPOCH
    """The day on which the oldest request came in."""
    last: int = EPOCH
    """The latest day of any fact."""

    @classmethod
    def opened(cls, session: Session, scope: Scope = TOWN) -> Ledger:
        # By days: the ends of an index are found at once, those of the instants only by reading all.
        edges = [
            select(edge).scalar_subquery()
            for edge in (func.min(row.created_day), func.max(row.due_day), func.max(row.ended_day))
        ]
        first, due, ended = session.execute(select(*edges)).one()
        return cls(session, scope, words(session), first or EPOCH, max(first or EPOCH, due or 0, ended or 0))

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
        return (*self.counted, *self.between(row.created_day, span.first_day, span.next_day))

    def ended(self, span: Span) -> tuple[ColumnElement[bool], ...]:
        """Return the condition of having ended in the period."""
        return (*self.counted, *self.between(row.ended_day, span.first_day, span.next_day))

    def between(self, day: ColumnElement[Any], first: int, after: int) -> tuple[ColumnElement[bool], ...]:
        """Return the condition of a day's lying in a stretch, so that the right way to it is taken."""
        # An index finds few rows fast and many slowly: beyond a sixth of all days the rows are read as
        # they lie, and no index fits a sum.
        is_long = (after - first) * 6 > self.last - self.first
        column = day + 0 if is_long else day
        return column >= first, column < after

    def count_by(self, where: Sequence[ColumnElement[bool]], column: ColumnElement[Any]) -> Groups:
        return count_by(self.session, where, column)

    def count(
        self,
        where: Sequence[ColumnElement[bool]],
        columns: Mapping[str, ColumnElement[Any]],
        *wanted: tuple[str, ...],
    ) -> list[Groups]:
        return counts(self.session, where, columns, *wanted)

    def ages(self, until: int = EPOCH) -> int:
        """Return more hours than any age has by a day; a year more than by the latest fact."""
        return (max(self.last, until) - self.first + 366) * 24

    def column(self, kind: str) -> ColumnElement[Any]:
        """Return the column that holds the number of a kind of word; see ``word`` for the way back."""
        column: ColumnElement[Any] = row[COLUMNS.get(kind, kind)]
        if kind != "ward":
            return column
        # A place outside all wards is not the same as no place.
        is_outside = and_(column == 0, row.lat.is_not(None))
        outside: ColumnElement[Any] = case((is_outside, self._outside), else_=column)
        return outside

    @cached_property
    def _outside(self) -> int:
        return max(self.meanings.get("ward", {}), default=0) + 1

    def size(self, kind: str) -> int:
        """Return one more than the largest number of a kind of word."""
        return self._outside + 1 if kind == "ward" else max(self.meanings.get(kind, {}), default=0) + 1

    def word(self, kind: str, number: int) -> str:
        """Return what a number means; 0 is nobody, nowhere, nothing."""
        is_outside = kind == "ward" and number == self._outside
        return OUTSIDE if is_outside else self.meanings.get(kind, {}).get(number, "")

    def named(self, kind: str, groups: Groups) -> dict[str, int]:
        """Return word -> how many."""
        return {self.word(kind, number): many for number, many in groups.items()}


def hours_between(start: ColumnElement[Any], end: ColumnElement[Any]) -> ColumnElement[int]:
    """Return the hours from one instant to a later one, a begun one counted as full."""
    return (end - start + (HOUR - 1)) // HOUR

"""Which facts are asked about, and what do their numbers mean? Those of one scope, ready to be counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Table, func, literal_column, select
from sqlalchemy.orm import Session

from figures.shapes import TOWN, Scope
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
IN_INDEXES: ColumnElement[bool] = row.counted == literal_column("1")
"""The condition of being counted, written as the indexes are: they hold nothing else."""
NOT_COUNTED: ColumnElement[bool] = row.counted == literal_column("0")


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
            select(edge).where(IN_INDEXES).scalar_subquery()
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
        # Written so that no index fits: each holds all of them, and leads back to each row one by one.
        return (row.counted + 0 == 1, *self.narrowed)

    def within(self, span: Span) -> tuple[ColumnElement[bool], ...]:
        """Return the condition of having been received in the period."""
        return self.between(row.created_day, span.first_day, span.next_day)

    def ended(self, span: Span) -> tuple[ColumnElement[bool], ...]:
        """Return the condition of having ended in the period."""
        return self.between(row.ended_day, span.first_day, span.next_day)

    def between(self, day: ColumnElement[Any], first: int, after: int) -> tuple[ColumnElement[bool], ...]:
        """Return the condition of being counted on a day of a stretch, so that the right way is taken."""
        if self._is_long(first, after):
            return (*self.counted, *self.stretch(day, first, after))
        return (IN_INDEXES, *self.narrowed, *self.stretch(day, first, after))

    def stretch(self, day: ColumnElement[Any], first: int, after: int) -> tuple[ColumnElement[bool], ...]:
        """Return the condition of a day alone; no index of days is taken to a long stretch."""
        column = day + 0 if self._is_long(first, after) else day
        return column >= first, column < after

    def _is_long(self, first: int, after: int) -> bool:
        # An index finds few rows fast and many slowly: beyond a sixth of all days they are read as they lie.
        return (after - first) * 6 > self.last - self.first

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
        return column

    def size(self, kind: str) -> int:
        """Return one more than the largest number of a kind of word."""
        return max(self.meanings.get(kind, {}), default=0) + 1

    def word(self, kind: str, number: int) -> str:
        """Return what a number means; 0 is nobody, nowhere, nothing."""
        return self.meanings.get(kind, {}).get(number, "")

    def named(self, kind: str, groups: Groups) -> dict[str, int]:
        """Return word -> how many."""
        return {self.word(kind, number): many for number, many in groups.items()}


def hours_between(start: ColumnElement[Any], end: ColumnElement[Any]) -> ColumnElement[int]:
    """Return the hours from one instant to a later one, a begun one counted as full."""
    return (end - start + (HOUR - 1)) // HOUR

"""How are rows counted in many ways at once? By columns of whole numbers, drawn in one pass.

SQLite sorts to group: a second and more for a million rows, anew for every question. So there the
columns are drawn once and counted as they come; the rows stay in this process either way. A database
that has to be asked over a wire groups by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, cast

from sqlalchemy import BigInteger, ColumnElement, CursorResult, func, select
from sqlalchemy import cast as sql_cast
from sqlalchemy.orm import Session

CHUNK = 250
"""Rows drawn at once. So few stay in the processor's own memory, and the collector of cycles never wakes."""
LARGEST = 2**62
SMALL = 2**31 - 1

Groups = Mapping[Any, int]
"""The value of one column, or a tuple of several -> how many rows have it."""


class TooWide(OverflowError):
    """Numbers that do not fit into one together; a mistake in the question, not in the data."""


@dataclass(frozen=True)
class Packed:
    """Several numbers in one column, each from 0 up to, not including, its size."""

    parts: tuple[tuple[ColumnElement[Any], int], ...]

    @classmethod
    def of(cls, *parts: tuple[ColumnElement[Any], int]) -> Packed:
        """Return the column; raises ``TooWide``."""
        if prod(size for _part, size in parts) > LARGEST:
            raise TooWide(f"numbers up to {[size for _part, size in parts]} do not fit into one")
        return cls(parts)

    @property
    def column(self) -> ColumnElement[Any]:
        first, *rest = self.parts
        number: ColumnElement[Any] = first[0] if self.is_small else sql_cast(first[0], BigInteger)
        for part, size in rest:
            number = number * size + part
        return number

    @property
    def is_small(self) -> bool:
        """Whether an ordinary whole number of PostgreSQL holds it."""
        return prod(size for _part, size in self.parts) <= SMALL

    def unpacked(self, number: int) -> tuple[int, ...]:
        """Return the numbers again."""
        found = []
        for _part, size in self.parts[:0:-1]:
            number, rest = divmod(number, size)
            found.append(rest)
        found.append(number)
        return tuple(found[::-1])


def counts(
    session: Session,
    where: Sequence[ColumnElement[bool]],
    columns: Mapping[str, ColumnElement[Any]],
    *wanted: tuple[str, ...],
) -> list[Groups]:
    """Return for each of the wanted combinations of columns how many rows have which values."""
    count = _drawn if session.get_bind().dialect.name == "sqlite" else _grouped
    return count(session, where, columns, wanted)


def count_by(session: Session, where: Sequence[ColumnElement[bool]], column: ColumnElement[Any]) -> Groups:
    """Return how many rows have which value."""
    return counts(session, where, {"it": column}, ("it",))[0]


def _grouped(
    session: Session,
    where: Sequence[ColumnElement[bool]],
    columns: Mapping[str, ColumnElement[Any]],
    wanted: Iterable[tuple[str, ...]],
) -> list[Groups]:
    found: list[Groups] = []
    for names in wanted:
        # Inside first: PostgreSQL would take the same expression with other bound values for another one.
        inner = select(*(columns[name].label(name) for name in names)).where(*where).subquery()
        asked = select(*inner.c, func.count()).group_by(*inner.c)
        rows = [tuple(row) for row in session.execute(asked)]
        found.append({(row[0] if len(names) == 1 else row[:-1]): row[-1] for row in rows})
    return found


def _drawn(
    session: Session,
    where: Sequence[ColumnElement[bool]],
    columns: Mapping[str, ColumnElement[Any]],
    wanted: Sequence[tuple[str, ...]],
) -> list[Groups]:
    found: list[Counter[Any]] = [Counter() for _names in wanted]
    places = {name: place for place, name in enumerate(columns)}
    result = cast("CursorResult[Any]", session.execute(select(*columns.values()).where(*where)))
    # The driver's own tuples: these are whole numbers, there is nothing to convert.
    fetch = cast("Callable[[int], list[tuple[int | None, ...]]]", result.cursor.fetchmany)
    while chunk := fetch(CHUNK):
        drawn = list(zip(*chunk, strict=True))
        for counter, names in zip(found, wanted, strict=True):
            first, *others = (drawn[places[name]] for name in names)
            counter.update(zip(first, *others, strict=True) if others else first)
    result.close()
    return list(found)

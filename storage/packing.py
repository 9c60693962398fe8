"""How are rows counted by several numbers at once? Packed into one, and one pass for many counts.

SQLite sorts to group: a second and more for a million rows, anew for every question. So there the
packed numbers of many questions are drawn in one pass and counted as they come, three times as fast;
the rows stay in this process either way. A database that has to be asked over a wire groups itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import BigInteger, ColumnElement, CursorResult, case, func, select
from sqlalchemy import cast as sql_cast
from sqlalchemy.orm import Session

CHUNK = 4000
LARGEST = 2**62

Groups = dict[tuple[int, ...], int]
"""The numbers counted by -> how many rows have them."""


class TooWide(OverflowError):
    """Numbers that do not fit into one together; a mistake in the question, not in the data."""


@dataclass(frozen=True)
class Key:
    """Several numbers to be counted by, each from 0 up to, not including, its size."""

    parts: tuple[tuple[ColumnElement[Any], int], ...]
    when: ColumnElement[bool] | None = None
    """Which rows it counts at all."""

    @classmethod
    def by(cls, *parts: tuple[ColumnElement[Any], int], when: ColumnElement[bool] | None = None) -> Key:
        """Return a key; raises ``TooWide``."""
        total = 1
        for _part, size in parts:
            total *= size
        if total > LARGEST:
            raise TooWide(f"numbers up to {[size for _part, size in parts]} do not fit into one")
        return cls(parts, when)

    @property
    def packed(self) -> ColumnElement[Any]:
        """Return the one number, NULL for rows it does not count."""
        first, *rest = self.parts
        number: ColumnElement[Any] = sql_cast(first[0], BigInteger)
        for part, size in rest:
            number = number * size + part
        return number if self.when is None else case((self.when, number))

    def unpacked(self, counted: dict[int, int]) -> Groups:
        sizes = [size for _part, size in self.parts[:0:-1]]
        return {_apart(number, sizes): count for number, count in counted.items()}


def _apart(number: int, sizes: Sequence[int]) -> tuple[int, ...]:
    found = []
    for size in sizes:
        number, rest = divmod(number, size)
        found.append(rest)
    found.append(number)
    return tuple(found[::-1])


def counts(session: Session, where: Sequence[ColumnElement[bool]], *keys: Key) -> list[Groups]:
    """Return for each key how many of the rows have which numbers."""
    count = _drawn if session.get_bind().dialect.name == "sqlite" else _grouped
    return [key.unpacked(found) for key, found in zip(keys, count(session, where, keys), strict=True)]


def _grouped(
    session: Session, where: Sequence[ColumnElement[bool]], keys: Sequence[Key]
) -> list[dict[int, int]]:
    found = []
    for key in keys:
        packed = key.packed.label("packed")
        inner = select(packed).where(*where).subquery()
        asked = (
            select(inner.c.packed, func.count()).where(inner.c.packed.is_not(None)).group_by(inner.c.packed)
        )
        found.append({int(number): count for number, count in session.execute(asked)})
    return found


def _drawn(
    session: Session, where: Sequence[ColumnElement[bool]], keys: Sequence[Key]
) -> list[dict[int, int]]:
    found: list[Counter[Any]] = [Counter() for _key in keys]
    result = cast("CursorResult[Any]", session.execute(select(*(key.packed for key in keys)).where(*where)))
    # The driver's own tuples: these are whole numbers, there is nothing to convert.
    fetch = cast("Callable[[int], list[tuple[int | None, ...]]]", result.cursor.fetchmany)
    while chunk := fetch(CHUNK):
        for counter, numbers in zip(found, zip(*chunk, strict=True), strict=True):
            counter.update(numbers)
    result.close()
    for counter in found:
        counter.pop(None, None)
    return list(found)

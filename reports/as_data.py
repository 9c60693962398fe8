"""What do programs read of a published edition? Its figures, names and corrections as JSON.

Made of the stored table alone, so it tells what the PDF's own table tells and not one number more.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from reports.suppression import Mask

FORM = "townline-report-1"
"""Changes when a program that reads it would have to."""
FOLLOWING = frozenset({"report", "last", "year_ago", "month", "outlook"})
"""Sections whose numbers only follow: they differ whenever a report is made anew."""
SECONDS, REACHED = ".seconds", ".is_reached"
FEW, HIDDEN = Mask.FEW.value, Mask.HIDDEN.value
"""What stands in the table for numbers that could point at one household."""
WHOLE = re.compile(r"-?\d{1,15}", re.ASCII)
DECIMAL = re.compile(r"-?\d{1,15}\.\d+(?:e-?\d{1,3})?", re.ASCII)

Value = int | float | bool | str | None


class Figure(NamedTuple):
    """One number of the table. Hidden ones are ``FEW`` or ``HIDDEN``."""

    section: str
    name: str
    figure: str
    value: Value


class Changed(NamedTuple):
    """One number that is another one than in the issue before; None where it was not told."""

    section: str
    name: str
    figure: str
    then: Value
    now: Value

    @property
    def is_part_of_wait(self) -> bool:
        """Whether it only says of a length of time whether it was reached."""
        return self.figure.endswith(REACHED)


def figures(table: bytes) -> tuple[Figure, ...]:
    """Return the numbers of a stored table, in its order."""
    rows = csv.reader(io.StringIO(table.decode("utf-8"), newline=""))
    next(rows, None)
    return tuple(
        Figure(section, _bare(name), _bare(figure), _value(value))
        for _period, section, name, figure, value in (row for row in rows if len(row) == 5)
    )


def changed(before: Iterable[Figure], now: Iterable[Figure]) -> tuple[Changed, ...]:
    """Return what differs between two published tables; so no correction tells what neither of them did."""
    old, new = ({one[:3]: one.value for one in table} for table in (before, now))
    return tuple(
        Changed(*place, old.get(place), new.get(place))
        for place in dict.fromkeys((*new, *old))
        if place[0] not in FOLLOWING and old.get(place) != new.get(place)
    )


def open_waits(table: Iterable[Figure]) -> frozenset[tuple[str, str, str]]:
    """Return the lengths of time that are longer than they say, by the place of their seconds."""
    return frozenset(
        (one.section, one.name, one.figure.removesuffix(REACHED) + SECONDS)
        for one in table
        if one.figure.endswith(REACHED) and one.value is False
    )


def document(
    *,
    town: dict[str, str],
    edition: dict[str, Any],
    names: dict[str, Any],
    figures: Iterable[Figure],
    changes: Iterable[Changed],
) -> dict[str, Any]:
    """Return the document as plain values; its form stands in docs/council-report.md."""
    return {
        "form": FORM,
        "town": town,
        **edition,
        "names": names,
        "figures": [one._asdict() for one in figures],
        "changes": [one._asdict() for one in changes],
    }


def _bare(cell: str) -> str:
    """Return a cell as it was before it was defused for spreadsheets."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in ("=", "+", "-", "@", "\t", "\r") else cell


def _value(cell: str) -> Value:
    said = _bare(cell)
    if said == "":
        return None
    if said in ("True", "False"):
        return said == "True"
    if WHOLE.fullmatch(said):
        return int(said)
    return float(said) if DECIMAL.fullmatch(said) else said

"""What is kept beside a fact so that an index alone can count it? Months, whole hours and squares.

A database counts a million rows in a tenth of a second where an index holds what is asked in the very order
in which it is grouped, and in ten times that where it has to sort, or to hand over each row. So these numbers
are reckoned once, when the fact is written. They follow from the other columns of the fact, and the clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from figures.hexagons import square
from figures.span import Span
from figures.survival import HOUR, hours


def in_order(fact: Mapping[str, Any], zone: ZoneInfo) -> dict[str, int | None]:
    """Return column -> number, from the instants, days and the place of one fact."""
    created, gone = fact["created"], fact["gone"]
    until = fact["ended"] if fact["answered"] is None else fact["answered"]
    waited = None if until is None else hours(max(0, until - created))
    return {
        "created_month": month_of(date.fromordinal(fact["created_day"])),
        "created_hours": (created - _phase(fact["created_day"], zone)) // HOUR,
        "gone_month": None if gone is None else month_of(datetime.fromtimestamp(gone, zone)),
        "lasted": None if gone is None else hours(gone - created),
        "replied": None if waited is None else 2 * waited + (fact["answered"] is not None),
        "promised": hours(max(0, fact["due"] - created)),
        "square": None if fact["lat"] is None else square(fact["lat"], fact["lon"]),
    }


def month_of(day: date) -> int:
    """Return the number of a month since the year 0, see ``figures.span.month``."""
    return day.year * 12 + day.month - 1


@lru_cache(maxsize=5000)
def _phase(day: int, zone: ZoneInfo) -> int:
    """Return by how many seconds the midnight of a day lies beside a full hour of universal time."""
    first = date.fromordinal(day)
    return Span.of(first, first + timedelta(days=1), zone).start % HOUR

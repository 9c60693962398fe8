"""Which stretch of time does a report cover? Weeks, months, quarters and years of the town's own calendar.

A period is named by its local calendar (``2026-W45``, ``2026-10``, ``2026-Q3``, ``2026``, ``FY2026``), never
by the instant at which a job ran, and reaches from the town's midnight to the town's midnight, however
many hours the clock changes leave.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from figures.shapes import Figures
from figures.span import Frame, Span
from routing.plans import Rhythm
from routing.town import MONTHS, Town

MONTHS_OF: dict[Rhythm, int] = {"month": 1, "quarter": 3, "year": 12, "fiscal_year": 12}
FORMS: tuple[tuple[Rhythm, str], ...] = (
    ("week", r"(\d{4})-W(\d\d)"),
    ("month", r"(\d{4})-(0[1-9]|1[0-2])"),
    ("quarter", r"(\d{4})-Q([1-4])"),
    ("year", r"(\d{4})()"),
    ("fiscal_year", r"FY(\d{4})()"),
)
EXAMPLES: dict[Rhythm, str] = {
    "week": "2026-W45", "month": "2026-10", "quarter": "2026-Q3", "year": "2026", "fiscal_year": "FY2026",
}  # fmt: skip


class NoSuchPeriod(ValueError):
    """A key that names no week, month, quarter or year."""

    def __init__(self, key: str) -> None:
        super().__init__(
            f'"{key}" is not a period: write a month as in 2026-10, a week as in 2026-W45, a quarter as in '
            "2026-Q3, a year as in 2026, or a fiscal year as in FY2026"
        )


@dataclass(frozen=True)
class Period:
    """A local week, month, quarter or year, ``[start, end)`` in aware UTC; it begins on the day given."""

    year: int
    month: int
    zone: ZoneInfo
    every: Rhythm = "month"
    day: int = 1

    @classmethod
    def named(cls, key: str, zone: ZoneInfo, *, fiscal_first: int = 1) -> Period:
        """Return the period of a key such as ``2026-10``; raises ``NoSuchPeriod``.

        ``fiscal_first`` is the month, 1 to 12, with which the town's fiscal year begins.
        """
        for every, form in FORMS:
            found = re.fullmatch(form, key, re.ASCII)
            if found and 1970 <= int(found[1]) <= 9000:
                day = _first_day(every, int(found[1]), int(found[2] or 1), fiscal_first)
                if day is not None:
                    return cls(day.year, day.month, zone, every, day.day)
        raise NoSuchPeriod(key)

    @classmethod
    def around(
        cls, instant: datetime, zone: ZoneInfo, every: Rhythm = "month", *, fiscal_first: int = 1
    ) -> Period:
        """Return the period in which an aware instant lies, by the town's calendar."""
        day = instant.astimezone(zone).date()
        if every == "week":
            day -= timedelta(days=day.weekday())
            return cls(day.year, day.month, zone, every, day.day)
        first = fiscal_first if every == "fiscal_year" else 1
        count = day.year * 12 + day.month - first
        count -= count % MONTHS_OF[every]
        count += first - 1
        return cls(count // 12, count % 12 + 1, zone, every)

    @property
    def key(self) -> str:
        if self.every == "week":
            iso = self.first_day.isocalendar()
            return f"{iso.year:04d}-W{iso.week:02d}"
        if self.every == "quarter":
            return f"{self.year:04d}-Q{(self.month + 2) // 3}"
        if self.every == "fiscal_year":
            return f"FY{self.last_day.year:04d}"
        return f"{self.year:04d}" if self.every == "year" else f"{self.year:04d}-{self.month:02d}"

    @property
    def first_day(self) -> date:
        return date(self.year, self.month, self.day)

    @cached_property
    def last_day(self) -> date:
        return self.later(1).first_day - timedelta(days=1)

    @cached_property
    def start(self) -> datetime:
        return datetime.combine(self.first_day, time(), tzinfo=self.zone).astimezone(UTC)

    @cached_property
    def end(self) -> datetime:
        return self.later(1).start

    def later(self, steps: int) -> Period:
        """Return the period so many of its own kind later (earlier when negative)."""
        if self.every == "week":
            day = self.first_day + timedelta(days=7 * steps)
            return replace(self, year=day.year, month=day.month, day=day.day)
        return self._months_later(steps * MONTHS_OF[self.every])

    @property
    def before(self) -> Period:
        """The period just before it."""
        return self.later(-1)

    @property
    def year_ago(self) -> Period:
        """The same period a year before: of a week the one of the same number, of week 53 the last one."""
        if self.every != "week":
            return self._months_later(-12)
        iso = self.first_day.isocalendar()
        day = _first_day("week", iso.year - 1, iso.week, 1) or _first_day("week", iso.year - 1, 52, 1)
        assert day is not None
        return replace(self, year=day.year, month=day.month, day=day.day)

    @property
    def months(self) -> tuple[Period, ...]:
        """The months that it consists of; of a week the one in which it begins."""
        first = Period(self.year, self.month, self.zone)
        return tuple(first.later(step) for step in range(MONTHS_OF.get(self.every, 1)))

    def _months_later(self, months: int) -> Period:
        count = self.year * 12 + self.month - 1 + months
        return replace(self, year=count // 12, month=count % 12 + 1)


def fiscal_first(town: Town) -> int:
    """Return the number of the month, 1 to 12, with which the town's fiscal year begins."""
    return MONTHS.index(town.fiscal_year) + 1


def period_named(key: str, town: Town) -> Period:
    """Return the period of a key in the town's calendar; raises ``NoSuchPeriod``."""
    return Period.named(key, town.zone, fiscal_first=fiscal_first(town))


def period_of(figures: Figures) -> Period:
    """Return the period that figures tell of."""
    return _of_span(figures.span, figures.zone)


def frame_of(period: Period) -> Frame:
    """Return the days that the figures of a period are counted over and compared with."""
    this, before, year_ago = (_span(one) for one in (period, period.before, period.year_ago))
    return Frame.of(this, before, year_ago, period.zone)


def _span(period: Period) -> Span:
    return Span.of(period.first_day, period.later(1).first_day, period.zone, period.key)


def _of_span(span: Span, zone: str) -> Period:
    return Period.named(span.key, ZoneInfo(zone), fiscal_first=span.first.month)


def _first_day(every: Rhythm, year: int, number: int, first: int) -> date | None:
    """Return the first day of a period; None where the year has no week of this number."""
    if every == "week":
        try:
            return date.fromisocalendar(year, number, 1)
        except ValueError:
            return None
    if every == "fiscal_year":
        # Named by the year in which it ends: the one that begins in January also ends in it.
        return date(year if first == 1 else year - 1, first, 1)
    return date(year, 3 * number - 2 if every == "quarter" else number, 1)

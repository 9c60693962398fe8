"""Over which days is something counted? Stretches of whole town days, and what each is compared with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

MONTHS = 13
"""The month in which the period ends, and the twelve before it."""
GRACE = 3
"""Most days by which records may begin after the start of a stretch that they still tell of."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Town days ``[first_day, next_day)`` as ordinals; ``[start, end)`` in seconds since 1970."""

    first_day: int
    next_day: int
    start: int
    end: int
    key: str = ""
    """The name of the period by the town's calendar, such as ``2026-10``."""

    @classmethod
    def of(cls, first: date, after: date, zone: ZoneInfo, key: str = "") -> Span:
        """Return the days from ``first`` up to, not including, ``after``."""
        return cls(first.toordinal(), after.toordinal(), _midnight(first, zone), _midnight(after, zone), key)

    @property
    def first(self) -> date:
        return date.fromordinal(self.first_day)

    @property
    def last(self) -> date:
        """The last day of it."""
        return date.fromordinal(self.next_day - 1)

    @property
    def days(self) -> int:
        return self.next_day - self.first_day

    def is_covered(self, since: int | None) -> bool:
        """Return whether records that begin on a day tell of it: a tenth of it may lie before, or three days.

        Quiet days at the start of a month are no gap; half a week without records is half of what came.
        """
        return since is not None and since <= self.first_day + min(GRACE, self.days // 10)


@dataclass(frozen=True)
class Frame:
    """One period, and the others that its figures are seen beside."""

    this: Span
    before: Span
    year_ago: Span
    line: tuple[Span, ...]
    """Thirteen months; the last one is that in which the period ends."""
    line_before: tuple[Span, ...]
    """The same months one year earlier."""

    @classmethod
    def of(cls, this: Span, before: Span, year_ago: Span, zone: ZoneInfo) -> Frame:
        """Return the frame of a period: its line follows from its last day."""
        last = this.last
        here = last.year * 12 + last.month - 1
        months = [month(here + step, zone) for step in range(2 - 2 * MONTHS, 1)]
        return cls(this, before, year_ago, tuple(months[MONTHS - 1 :]), tuple(months[:MONTHS]))

    @classmethod
    def of_month(cls, key: str, zone: ZoneInfo) -> Frame:
        """Return the frame of a month such as ``2026-10``."""
        here = int(key[:4]) * 12 + int(key[5:]) - 1
        this, before, year_ago = (month(here + step, zone) for step in (0, -1, -12))
        return cls.of(this, before, year_ago, zone)

    @property
    def spans(self) -> tuple[Span, ...]:
        """Every stretch for which headline figures are wanted."""
        return (self.this, self.before, self.year_ago, *self.line)

    @property
    def edges(self) -> tuple[int, ...]:
        """All starts and ends of ``spans`` in order, as seconds."""
        return edges(self.spans)


def edges(spans: Sequence[Span]) -> tuple[int, ...]:
    """Return where any of the stretches starts or ends, in order, each once."""
    return tuple(sorted({edge for span in spans for edge in (span.start, span.end)}))


def month(count: int, zone: ZoneInfo) -> Span:
    """Return a calendar month by its number since the year 0: ``year * 12 + month - 1``."""
    year, at = divmod(count, 12)
    first, after = date(year, at + 1, 1), date(year + (at == 11), (at + 1) % 12 + 1, 1)
    return Span.of(first, after, zone, f"{year:04d}-{at + 1:02d}")


def _midnight(day: date, zone: ZoneInfo) -> int:
    # Where a clock change takes midnight itself away, the day begins at the first instant after it.
    return int(datetime.combine(day, time(), tzinfo=zone).astimezone(UTC).timestamp())

"""When was that? The dates of one column, whose form is found once and then never guessed again.

``03/04/2019`` is March in one town and April in the next, and one row alone never tells. So a column is
looked at until some row does; where none does, the map has to say it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from past.flaws import CannotRead

CLOCK = (
    r"(?:[T ,]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?)?\s*(?P<offset>Z|UTC|[+-]\d{2}:?\d{2})?"
)
DIGITS = re.compile(r"(?P<a>\d{1,4})(?P<mark>[/.-])(?P<b>\d{1,2})(?P=mark)(?P<c>\d{1,4})" + CLOCK, re.ASCII)
NAMED = re.compile(
    r"(?:[A-Za-z]{3,9},?\s+)??"
    r"(?:(?P<day>\d{1,2})[ -](?P<month>[A-Za-z]{3,9})\.?|(?P<month2>[A-Za-z]{3,9})\.?\s+(?P<day2>\d{1,2}))"
    r"(?:,|-)?\s*(?P<year>\d{4})" + CLOCK,
    re.ASCII,
)
NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTHS = {name: number for number, name in enumerate(NAMES, 1)}
ISO = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:?\d{2})?)?", re.ASCII
)
PIVOT = 70
"""A year of two digits: 70 is 1970, 69 is 2069."""
END_OF_DAY = time(23, 59)


class Order(StrEnum):
    """In which order day, month and year stand."""

    YEAR_FIRST = "year-month-day"
    MONTH_FIRST = "month/day/year"
    DAY_FIRST = "day/month/year"
    NAMED = "a month with its name"
    SECONDS = "seconds since 1970"
    MILLISECONDS = "milliseconds since 1970"
    PATTERN = "a pattern"


WORDS = {
    "year-month-day": Order.YEAR_FIRST, "iso": Order.YEAR_FIRST, "month/day/year": Order.MONTH_FIRST,
    "day/month/year": Order.DAY_FIRST, "seconds": Order.SECONDS, "milliseconds": Order.MILLISECONDS,
}  # fmt: skip
"""What may stand behind ``format:`` beside a pattern with ``%``."""


@dataclass(frozen=True)
class Form:
    """How the dates of one column are written, and on whose clock."""

    order: Order
    zone: ZoneInfo
    pattern: str = ""

    def read(self, text: str, *, is_end: bool = False) -> Instant | None:
        """Return the instant; None for what is no date of this form.

        A day without a time of day begins at midnight, or with ``is_end`` ends a minute before the next.
        """
        local = self._local(text)
        if local is None:
            return None
        if not isinstance(local, datetime):
            local, has_time = local.day, False
        else:
            has_time = True
        if not has_time and is_end:
            local = datetime.combine(local.date(), END_OF_DAY)
        return _instant(local, self.zone, has_time=has_time)

    def _local(self, text: str) -> datetime | DayOnly | None:
        if self.order is Order.YEAR_FIRST and ISO.fullmatch(text):
            return _iso(text)
        try:
            if self.order is Order.PATTERN:
                found = datetime.strptime(text, self.pattern)  # noqa: DTZ007 - the zone is the column's
                return found if "%H" in self.pattern or "%I" in self.pattern else DayOnly(found)
            if self.order in (Order.SECONDS, Order.MILLISECONDS):
                per = 1000 if self.order is Order.MILLISECONDS else 1
                return datetime.fromtimestamp(float(text) / per, UTC)
            return _matched(text, self.order)
        except (ValueError, OverflowError, OSError):
            return None


@dataclass(frozen=True)
class DayOnly:
    """A date without a time of day."""

    day: datetime


@dataclass(frozen=True, slots=True)
class Instant:
    """What one cell says."""

    at: datetime
    """Aware UTC."""
    second: datetime | None = None
    """The other instant that it may mean, when the clocks went back."""
    is_skipped: bool = False
    """The town's clocks never showed it: they went forward."""
    has_time: bool = True


def _iso(text: str) -> datetime | DayOnly | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if len(text) > 10 else DayOnly(found)


def _instant(local: datetime, zone: ZoneInfo, *, has_time: bool) -> Instant | None:
    try:
        if local.tzinfo is not None:
            return Instant(local.astimezone(UTC), has_time=has_time)
        first = local.replace(tzinfo=zone)
        second = first.replace(fold=1)
        before, after = first.utcoffset(), second.utcoffset()
        at = first.astimezone(UTC)
    except (OverflowError, ValueError):
        return None  # the first and the last day that a calendar has
    if before == after:
        return Instant(at, has_time=has_time)
    if before is not None and after is not None and before < after:
        return Instant(at, is_skipped=True, has_time=has_time)
    return Instant(at, second.astimezone(UTC), has_time=has_time)


def _matched(text: str, order: Order) -> datetime | DayOnly | None:
    if order is Order.NAMED:
        found = NAMED.fullmatch(text)
        if found is None:
            return None
        month = MONTHS.get((found["month"] or found["month2"])[:3].casefold())
        if month is None:
            return None
        return _with_time(found, int(found["year"]), month, int(found["day"] or found["day2"]))
    found = DIGITS.fullmatch(text)
    if found is None or (order is Order.YEAR_FIRST) != (len(found["a"]) > 2):
        return None
    a, b, c = found["a"], int(found["b"]), found["c"]
    if order is Order.YEAR_FIRST:
        return _with_time(found, int(a), b, int(c)) if len(a) == 4 and len(c) <= 2 else None
    month, day = (int(a), b) if order is Order.MONTH_FIRST else (b, int(a))
    year = int(c) if len(c) == 4 else _century(c)
    return _with_time(found, year, month, day)


def _century(digits: str) -> int:
    if len(digits) != 2:
        raise ValueError("a year has two digits or four")
    return int(digits) + (1900 if int(digits) >= PIVOT else 2000)


def _with_time(found: re.Match[str], year: int, month: int, day: int) -> datetime | DayOnly:
    if found["hour"] is None:
        return DayOnly(datetime(year, month, day))  # noqa: DTZ001 - the zone is the column's
    hour = int(found["hour"])
    if found["half"]:
        if not 1 <= hour <= 12:
            raise ValueError("a half of the day has twelve hours")
        hour = hour % 12 + (12 if found["half"][0] in "pP" else 0)
    offset = found["offset"]
    local = datetime(year, month, day, hour, int(found["minute"]), int(found["second"] or 0))  # noqa: DTZ001
    if not offset:
        return local
    if offset in ("Z", "UTC"):
        return local.replace(tzinfo=UTC)
    sign = -1 if offset[0] == "-" else 1
    away = sign * timedelta(hours=int(offset[1:3]), minutes=int(offset[-2:]))
    return (local - away).replace(tzinfo=UTC)


@dataclass
class Look:
    """What the cells of one column have told so far about the form of its dates."""

    column: str
    fits: dict[Order, int] = field(default_factory=dict)
    seen: int = 0
    odd: tuple[int, str] | None = None
    """The first that is no date at all: line, text."""
    doubtful: tuple[int, str] | None = None
    """The first that is one day with the month first and another with the day first."""

    def see(self, line: int, text: str) -> None:
        """Take notice of one cell."""
        if not text:
            return
        self.seen += 1
        found = [order for order in GUESSED if _fits(text, order)]
        for order in found:
            self.fits[order] = self.fits.get(order, 0) + 1
        if not found and self.odd is None:
            self.odd = (line, text)
        if len(found) > 1 and self.doubtful is None:
            self.doubtful = (line, text)

    @property
    def is_decided(self) -> bool:
        """Return whether looking on can change nothing."""
        return self.seen > 0 and len(self._best()) == 1

    def form(self, zone: ZoneInfo) -> Form | None:
        """Return the form; None where no cell says anything. Raises ``CannotRead``."""
        if not self.seen:
            return None
        best = self._best()
        if not best or self.fits[best[0]] * 2 < self.seen:
            line, text = self.odd or self.doubtful or (0, "")
            raise CannotRead(
                f'column "{self.column}": "{text[:40]}" on line {line} is no date that is known here; say '
                f'how it is written with format:, as in {{column: {self.column}, format: "%m/%d/%Y %H:%M"}}'
            )
        if len(best) > 1:
            line, text = self.doubtful or (0, "")
            raise CannotRead(
                f'column "{self.column}": "{text[:40]}" on line {line} may be month/day or day/month, and no '
                f"row tells which; say it in the map: {{column: {self.column}, format: month/day/year}}, "
                "or day/month/year"
            )
        return Form(best[0], zone)

    def _best(self) -> list[Order]:
        most = max(self.fits.values(), default=0)
        return [order for order, count in self.fits.items() if count == most]


GUESSED = (Order.YEAR_FIRST, Order.MONTH_FIRST, Order.DAY_FIRST, Order.NAMED)


def _fits(text: str, order: Order) -> bool:
    # A date between dots is never written with the month first.
    if (
        order is Order.MONTH_FIRST
        and text.count(".") >= 2
        and "/" not in text
        and "-" not in text.partition(" ")[0]
    ):
        return False
    return Form(order, ZoneInfo("UTC"))._local(text) is not None


def given(format_: str, zone: ZoneInfo) -> Form:
    """Return the form that a map names: a pattern with ``%``, or one of ``WORDS``; raises ``ValueError``."""
    if "%" in format_:
        try:
            datetime(2000, 1, 2, tzinfo=UTC).strftime(format_)
        except ValueError as error:
            raise ValueError(f'"{format_}" is no pattern of a date ({error})') from None
        return Form(Order.PATTERN, zone, format_)
    if format_ not in WORDS:
        raise ValueError(f'"{format_}" is neither a pattern such as "%m/%d/%Y" nor one of {", ".join(WORDS)}')
    return Form(WORDS[format_], zone)


def found(column: str, cells: Iterable[tuple[int, str]], zone: ZoneInfo) -> Form | None:
    """Return the form of a column's dates from its (line, cell); raises ``CannotRead``."""
    look = Look(column)
    for line, text in cells:
        look.see(line, text)
    return look.form(zone)

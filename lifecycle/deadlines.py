"""By when was it promised? Targets counted in the town's office hours and working days.

Everything here is pure: the calendar of the town comes in as an ``OfficeCalendar``, instants are
aware UTC, and the arithmetic happens in town time, so a promise of "3 working days" ends at closing
time of the third working day on either side of a clock change.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

Unit = Literal["office hour", "working day", "day"]
LONGEST_SEARCH = 4000  # days; a calendar without a single working day is refused, not looped over


class SpanOfTime(Protocol):
    """A count and its unit, as ``rules.yaml`` gives them."""

    @property
    def count(self) -> int: ...
    @property
    def unit(self) -> Unit: ...


@dataclass(frozen=True)
class OfficeCalendar:
    """When the town hall is open: weekday (0 is Monday) -> (opens, closes) in town time."""

    zone: ZoneInfo
    hours: Mapping[int, tuple[time, time]]
    is_holiday: Callable[[date], bool]

    def opening(self, day: date) -> tuple[datetime, datetime] | None:
        """Return the opening and closing instants (UTC) of a day, or None when the office is shut."""
        if self.is_holiday(day) or day.weekday() not in self.hours:
            return None
        opens, closes = self.hours[day.weekday()]
        return self._instant(day, opens), self._instant(day, closes)

    def is_open(self, now: datetime) -> bool:
        """Return whether the office is open at the instant."""
        span = self.opening(now.astimezone(self.zone).date())
        return span is not None and span[0] <= now < span[1]

    def working_day(self, day: date, number: int) -> date:
        """Return the n-th working day from a day on, the day itself included (1 is the first)."""
        for _ in range(LONGEST_SEARCH):
            number -= self.opening(day) is not None
            if number == 0:
                return day
            day += timedelta(days=1)
        raise ValueError("the office hours and holidays leave no working day to count")

    def _instant(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, tzinfo=self.zone).astimezone(UTC)


def due(start: datetime, span: SpanOfTime, calendar: OfficeCalendar) -> datetime:
    """Return the instant (aware UTC) by which a promise made at ``start`` falls due.

    Calendar days end at the last minute of the day in town time, working days at closing time,
    office hours are counted only while the office is open.
    """
    local = start.astimezone(calendar.zone).date()
    if span.unit == "day":
        return datetime.combine(
            local + timedelta(days=span.count), time(23, 59), tzinfo=calendar.zone
        ).astimezone(UTC)
    if span.unit == "working day":
        return _after_working_days(local, span.count, calendar)
    return _after_office_hours(start, timedelta(hours=span.count), calendar)


def _after_working_days(day: date, count: int, calendar: OfficeCalendar) -> datetime:
    for _ in range(LONGEST_SEARCH):
        day += timedelta(days=1)
        span = calendar.opening(day)
        if span is None:
            continue
        count -= 1
        if count == 0:
            return span[1]
    raise ValueError("the office hours and holidays leave no working day to count")


def _after_office_hours(start: datetime, left: timedelta, calendar: OfficeCalendar) -> datetime:
    day = start.astimezone(calendar.zone).date()
    for _ in range(LONGEST_SEARCH):
        span = calendar.opening(day)
        if span is not None and start < span[1]:
            begin = max(start, span[0])
            if begin + left <= span[1]:
                return begin + left
            left -= span[1] - begin
        day += timedelta(days=1)
    raise ValueError("the office hours and holidays leave no hour to count")


def before(end: datetime, span: SpanOfTime, calendar: OfficeCalendar) -> datetime:
    """Return when somebody is to be reminded, a span ahead of ``end``, so that time is left to act.

    Working days ahead are told at opening time of that day, office hours are counted backwards while
    the office is open, calendar days are told at the same time of day.
    """
    day = end.astimezone(calendar.zone).date()
    if span.unit == "day":
        at = end.astimezone(calendar.zone).timetz()
        return datetime.combine(day - timedelta(days=span.count), at).astimezone(UTC)
    if span.unit == "working day":
        return _working_days_before(day, span.count, calendar)
    return _office_hours_before(end, timedelta(hours=span.count), calendar)


def office_minutes(start: datetime, end: datetime, calendar: OfficeCalendar) -> int:
    """Return how many whole minutes the office was open between two instants."""
    day, last = start.astimezone(calendar.zone).date(), end.astimezone(calendar.zone).date()
    total = timedelta()
    while day <= last:
        span = calendar.opening(day)
        if span is not None:
            total += max(min(end, span[1]) - max(start, span[0]), timedelta())
        day += timedelta(days=1)
    return total // timedelta(minutes=1)


def after_pause(due_at: datetime, minutes: int, calendar: OfficeCalendar) -> datetime:
    """Return until when a promise holds that stood still for so many office minutes.

    The promise itself stays what it was; this is what lateness and reminders go by.
    """
    return _after_office_hours(due_at, timedelta(minutes=minutes), calendar) if minutes > 0 else due_at


def _working_days_before(day: date, count: int, calendar: OfficeCalendar) -> datetime:
    for _ in range(LONGEST_SEARCH):
        day -= timedelta(days=1)
        span = calendar.opening(day)
        count -= span is not None
        if span is not None and count == 0:
            return span[0]
    raise ValueError("the office hours and holidays leave no working day to count")


def _office_hours_before(end: datetime, left: timedelta, calendar: OfficeCalendar) -> datetime:
    day = end.astimezone(calendar.zone).date()
    for _ in range(LONGEST_SEARCH):
        span = calendar.opening(day)
        if span is not None and end > span[0]:
            closing = min(end, span[1])
            if closing - left >= span[0]:
                return closing - left
            left -= closing - span[0]
        day -= timedelta(days=1)
    raise ValueError("the office hours and holidays leave no hour to count")


def is_late(due_at: datetime | None, now: datetime) -> bool:
    """Return whether a promise has been broken by ``now``; without a promise nothing is late."""
    return due_at is not None and now > due_at

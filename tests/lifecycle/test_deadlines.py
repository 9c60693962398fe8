"""Is a promise counted as the town counts it: in its hours, its holidays, its time?"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.deadlines import OfficeCalendar, due, is_late
from routing.rulebook import Span

EASTERN = ZoneInfo("America/New_York")
WEEKDAYS = {day: (time(8), time(16, 30)) for day in range(5)}
COLUMBUS_DAY = date(2026, 10, 12)


def calendar(*closed: date) -> OfficeCalendar:
    return OfficeCalendar(zone=EASTERN, hours=WEEKDAYS, is_holiday=lambda day: day in closed)


def town(year: int, month: int, day: int, hour: int = 12, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=EASTERN)


def span(count: int, unit: str) -> Span:
    return Span.model_validate({"count": count, "unit": unit})


@pytest.mark.parametrize(
    ("start", "promise", "expected"),
    [
        # Wednesday noon, three working days: Monday at closing time.
        (town(2026, 10, 14), span(3, "working day"), town(2026, 10, 19, 16, 30)),
        # Over the holiday: Friday, one working day, Monday is closed.
        (town(2026, 10, 9), span(1, "working day"), town(2026, 10, 13, 16, 30)),
        # Four office hours from Friday at 15:00: one and a half today, two and a half on Tuesday.
        (town(2026, 10, 9, 15), span(4, "office hour"), town(2026, 10, 13, 10, 30)),
        # At night the hours begin in the morning.
        (town(2026, 10, 13, 23), span(1, "office hour"), town(2026, 10, 14, 9)),
        # Calendar days run through weekends and the end of summer time.
        (town(2026, 10, 31), span(2, "day"), town(2026, 11, 2, 23, 59)),
    ],
)
def test_promises_fall_due_when_a_clerk_would_say(start: datetime, promise: Span, expected: datetime):
    assert due(start.astimezone(UTC), promise, calendar(COLUMBUS_DAY)) == expected


@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC)),
    st.integers(1, 60),
    st.sampled_from(["office hour", "working day", "day"]),
)
def test_a_promise_is_always_ahead_and_more_time_is_never_earlier(start: datetime, count: int, unit: str):
    first, longer = (due(start, span(n, unit), calendar(COLUMBUS_DAY)) for n in (count, count + 1))
    assert start < first <= longer
    assert first.utcoffset() == timedelta(0)


def test_a_town_that_never_opens_is_refused_and_not_waited_for():
    shut = OfficeCalendar(zone=EASTERN, hours={}, is_holiday=lambda day: False)
    for unit in ("office hour", "working day"):
        with pytest.raises(ValueError, match="leave no"):
            due(town(2026, 10, 14), span(1, unit), shut)


def test_the_office_is_open_by_town_time_on_both_sides_of_a_clock_change():
    for day in (date(2026, 10, 30), date(2026, 11, 2)):
        assert calendar().is_open(datetime.combine(day, time(8), EASTERN))
        assert not calendar().is_open(datetime.combine(day, time(7, 59), EASTERN))
        assert not calendar().is_open(datetime.combine(day, time(16, 30), EASTERN))


def test_the_third_working_day_of_a_month_skips_weekend_and_holiday():
    assert calendar(date(2027, 1, 1)).working_day(date(2027, 1, 1), 3) == date(2027, 1, 6)


def test_nothing_is_late_before_its_time_or_without_a_promise():
    at = town(2026, 10, 14)
    assert not is_late(None, at)
    assert not is_late(at, at)
    assert is_late(at, at + timedelta(seconds=1))

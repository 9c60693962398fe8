"""Is the report due? With clocks that stand still, around every odd day of a year."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from lifecycle.deadlines import OfficeCalendar
from reports.period import NoSuchPeriod, Period
from reports.schedule import due_editions, send_instant
from routing.rulebook import ReportPlan

ZONE = ZoneInfo("America/New_York")
HOLIDAYS = {date(2026, 1, 1), date(2026, 9, 7), date(2026, 11, 11)}
CALENDAR = OfficeCalendar(
    ZONE, {day: (time(8), time(16, 30)) for day in range(5)}, lambda day: day in HOLIDAYS
)
EVER = datetime(2020, 1, 1, tzinfo=UTC)


def plan(on: str = "business day 5", at: str = "07:00", catch_up: int = 3) -> ReportPlan:
    return ReportPlan.model_validate(
        {
            "id": "monthly",
            "title": "Requests",
            "send": {"on": on, "at": at},
            "to": ["clerk"],
            "catch_up": catch_up,
        }
    )


def local(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=ZONE).astimezone(UTC)  # type: ignore[arg-type, misc]


def due(now: datetime, known: set[str] | None = None, wanted: ReportPlan | None = None) -> list[str]:
    found = due_editions(wanted or plan(), CALENDAR, ZONE, now, known or set(), since=EVER)
    return [wish.period.key for wish in found]


@pytest.mark.parametrize(
    ("on", "period", "instant"),
    [
        ("business day 5", "2026-10", local(2026, 11, 6, 7)),
        ("business day 1", "2025-12", local(2026, 1, 2, 7)),  # New Year's Day is not a working day
        ("business day 5", "2026-08", local(2026, 9, 8, 7)),  # neither is Labor Day
        ("day 1", "2026-02", local(2026, 3, 1, 7)),
        ("day 28", "2026-01", local(2026, 2, 28, 7)),
        ("last day", "2026-01", local(2026, 2, 28, 7)),
        ("last day", "2024-01", local(2024, 2, 29, 7)),  # the leap day
        ("last day", "2026-11", local(2026, 12, 31, 7)),
        ("day 8", "2026-02", local(2026, 3, 8, 7)),  # the day the clocks go forward
        ("day 1", "2026-10", local(2026, 11, 1, 7)),  # the day they go back
    ],
)
def test_the_day_is_counted_in_the_towns_own_calendar(on: str, period: str, instant: datetime) -> None:
    assert send_instant(plan(on), Period.named(period, ZONE), CALENDAR) == instant


def test_a_time_that_the_clocks_skip_or_repeat_happens_once() -> None:
    skipped = send_instant(plan("day 8", "02:30"), Period.named("2026-02", ZONE), CALENDAR)
    assert skipped == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)
    repeated = send_instant(plan("day 1", "01:30"), Period.named("2026-10", ZONE), CALENDAR)
    assert repeated == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


def test_a_minute_before_it_is_not_due_and_at_the_minute_it_is() -> None:
    at = local(2026, 11, 6, 7)
    assert due(at - timedelta(seconds=1), {"2026-09"}) == []
    assert due(at, {"2026-09"}) == ["2026-10"]


def test_every_minute_of_two_years_makes_every_month_once() -> None:
    known = {"2023-12"}
    now = local(2024, 1, 1, 0)
    while now < local(2026, 2, 1, 0):
        for key in due(now, known):
            assert key not in known
            known.add(key)
        now += timedelta(minutes=47)
    every = [f"{year}-{month:02d}" for year in (2024, 2025) for month in range(1, 13)]
    assert sorted(known) == ["2023-12", *every[:24]]


def test_after_three_weeks_without_power_the_missed_month_is_made() -> None:
    assert due(local(2026, 11, 27, 12), {"2026-09"}) == ["2026-10"]


def test_after_half_a_year_only_so_many_are_made_up_for() -> None:
    assert due(local(2026, 11, 27, 12), {"2026-03"}) == ["2026-07", "2026-08", "2026-09", "2026-10"]
    assert due(local(2026, 11, 27, 12), {"2026-03"}, plan(catch_up=0)) == ["2026-10"]


def test_a_report_that_has_only_just_been_planned_starts_with_one() -> None:
    assert due(local(2026, 11, 27, 12)) == ["2026-10"]


def test_a_town_without_a_request_and_a_month_before_the_first_get_nothing() -> None:
    assert due_editions(plan(), CALENDAR, ZONE, local(2026, 11, 27, 12), set(), since=None) == ()
    assert (
        due_editions(plan(), CALENDAR, ZONE, local(2026, 11, 27, 12), set(), since=local(2026, 11, 2)) == ()
    )


def test_the_period_is_named_by_the_local_calendar() -> None:
    assert Period.around(datetime(2026, 11, 1, 3, 0, tzinfo=UTC), ZONE).key == "2026-10"
    assert Period.named("2026-12", ZONE).later(1).key == "2027-01"
    assert Period.named("2026-01", ZONE).later(-1).key == "2025-12"


@pytest.mark.parametrize("key", ["2026-13", "2026", "october", "2026-1", "2026-00", "0000-01", ""])
def test_what_is_not_a_month_is_refused_with_an_example(key: str) -> None:
    with pytest.raises(NoSuchPeriod, match="as in 2026-10"):
        Period.named(key, ZONE)

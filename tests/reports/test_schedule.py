"""Is the report due? With clocks that stand still, around every odd day of a year."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from lifecycle.deadlines import OfficeCalendar
from reports.period import Period
from reports.schedule import Timetable, half_way
from routing.rulebook import ReportPlan

ZONE = ZoneInfo("America/New_York")
HOLIDAYS = {date(2026, 1, 1), date(2026, 9, 7), date(2026, 11, 11)}
CALENDAR = OfficeCalendar(
    ZONE, {day: (time(8), time(16, 30)) for day in range(5)}, lambda day: day in HOLIDAYS
)
EVER = datetime(2020, 1, 1, tzinfo=UTC)


def plan(send: object = "business day 5", *, at: str = "07:00", **more: object) -> ReportPlan:
    words = {"on": send, "at": at} if isinstance(send, str) and len(send.split()) < 5 else send
    return ReportPlan.model_validate({"id": "r", "title": "Requests", "send": words, "to": ["clerk"]} | more)


def table(send: object = "business day 5", *, at: str = "07:00", **more: object) -> Timetable:
    return Timetable(plan(send, at=at, **more), CALENDAR, fiscal_first=7)


def named(key: str) -> Period:
    return Period.named(key, ZONE, fiscal_first=7)


def local(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=ZONE).astimezone(UTC)  # type: ignore[arg-type, misc]


def due(now: datetime, known: set[str] | None = None, dates: Timetable | None = None) -> list[str]:
    found = (dates or table()).due(now, known or set(), since=EVER)
    return [wish.period.key for wish in found if not wish.is_missed]


@pytest.mark.parametrize(
    ("on", "period", "instant"),
    [
        ("business day 5", "2026-10", local(2026, 11, 6, 7)),
        ("business day 1", "2025-12", local(2026, 1, 2, 7)),  # New Year's Day is not a working day
        ("business day 5", "2026-08", local(2026, 9, 8, 7)),  # neither is Labor Day
        ("day 1", "2026-02", local(2026, 3, 1, 7)),
        ("day 28", "2026-01", local(2026, 2, 28, 7)),
        ("day 31", "2026-01", local(2026, 2, 28, 7)),
        ("day 31", "2024-01", local(2024, 2, 29, 7)),
        ("day 31", "2026-03", local(2026, 4, 30, 7)),
        ("day 31", "2026-04", local(2026, 5, 31, 7)),
        ("last business day", "2026-01", local(2026, 2, 27, 7)),
        ("last business day", "2026-10", local(2026, 11, 30, 7)),
        ("monday", "2026-10", local(2026, 11, 2, 7)),
        ("sunday", "2026-10", local(2026, 11, 1, 7)),
        ("monday", "2026-W45", local(2026, 11, 9, 7)),
        ("day 1", "2026-W53", local(2027, 1, 4, 7)),
        ("business day 3", "2026-W45", local(2026, 11, 12, 7)),  # Wednesday the 11th is a holiday
        ("last business day", "2026-W45", local(2026, 11, 13, 7)),
        ("day 7", "2026-W43", local(2026, 11, 1, 7)),  # in the week after: the day the clocks go back
        ("business day 5", "2026-Q3", local(2026, 10, 7, 7)),
        ("day 15", "2025", local(2026, 1, 15, 7)),
        ("day 15", "FY2026", local(2026, 7, 15, 7)),
        ("last day", "2026-01", local(2026, 2, 28, 7)),
        ("last day", "2024-01", local(2024, 2, 29, 7)),  # the leap day
        ("last day", "2026-11", local(2026, 12, 31, 7)),
        ("day 8", "2026-02", local(2026, 3, 8, 7)),  # the day the clocks go forward
        ("day 1", "2026-10", local(2026, 11, 1, 7)),  # the day they go back
    ],
)
def test_the_day_is_counted_in_the_towns_own_calendar(on: str, period: str, instant: datetime) -> None:
    assert table(on).instant(named(period)) == instant


def test_a_time_that_the_clocks_skip_or_repeat_happens_once() -> None:
    skipped = table("day 8", at="02:30").instant(named("2026-02"))
    assert skipped == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)
    repeated = table("day 1", at="01:30").instant(named("2026-10"))
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
    assert due(local(2026, 11, 27, 12), {"2026-03"}, table(catch_up=0)) == ["2026-10"]


def test_a_report_that_has_only_just_been_planned_starts_with_one() -> None:
    assert due(local(2026, 11, 27, 12)) == ["2026-10"]


@pytest.mark.parametrize("since", ["2026-10-02", "2026-11-01"])
def test_a_plan_that_says_since_when_begins_with_the_first_whole_period(since: str) -> None:
    dates = table(since=since)
    assert due(local(2026, 11, 27, 12), dates=dates) == []
    assert due(local(2026, 12, 27, 12), dates=dates) == ["2026-11"]
    assert due(local(2026, 12, 27, 12), {"2026-08"}, dates) == ["2026-11"]
    assert [one.period.key for one in dates.coming(local(2026, 10, 1), 2)] == ["2026-11", "2026-12"]


@pytest.mark.parametrize(
    ("line", "period", "instant"),
    [
        ("0 7 L * *", "2026-01", local(2026, 2, 28, 7)),
        ("0 7 L * *", "2024-01", local(2024, 2, 29, 7)),
        ("0 7 * * MON", "2026-W45", local(2026, 11, 9, 7)),
        ("0 7 * * 1", "2026-W45", local(2026, 11, 9, 7)),  # 1 is Monday, as in every cron
        ("0 7 * * MON#1", "2026-10", local(2026, 11, 2, 7)),
        ("0 0 1 * *", "2026-10", local(2026, 11, 1, 0)),  # the very instant at which the period ends
        ("30 2 8 3 *", "2025", datetime(2026, 3, 8, 7, 0, tzinfo=UTC)),  # skipped: as soon as there is a time
        ("30 1 1 11 *", "2025", datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),  # repeated: the first
        ("0 7 31 * *", "2026-01", local(2026, 3, 31, 7)),
        ("0 7 15 8 *", "FY2026", local(2026, 8, 15, 7)),
    ],
)
def test_a_cron_line_is_read_in_town_time(line: str, period: str, instant: datetime) -> None:
    assert table({"cron": line}).instant(named(period)) == instant


@pytest.mark.parametrize(
    ("every", "first", "keys"),
    [
        ("week", "2023-W52", [f"2024-W{number:02d}" for number in range(1, 53)]),
        ("quarter", "2023-Q4", ["2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4"]),
        ("year", "2023", ["2024"]),
        ("fiscal_year", "FY2023", ["FY2024"]),
    ],
)
def test_a_year_of_ticks_makes_every_period_once(every: str, first: str, keys: list[str]) -> None:
    dates, known = table("day 2", every=every), {first}
    now, made = local(2024, 1, 5), []
    while now < local(2025, 1, 7):
        for key in due(now, known, dates):
            known.add(key)
            made.append(key)
        now += timedelta(hours=7)
    assert made == keys


def test_what_lies_too_far_back_is_told_of_and_never_lost() -> None:
    found = table().due(local(2026, 11, 27, 12), {"2026-03"}, since=EVER)
    assert [(wish.period.key, wish.is_missed) for wish in found] == [
        ("2026-04", True), ("2026-05", True), ("2026-06", True),
        ("2026-07", False), ("2026-08", False), ("2026-09", False), ("2026-10", False),
    ]  # fmt: skip


def test_a_report_whose_rhythm_was_changed_starts_anew() -> None:
    assert due(local(2026, 11, 27), {"2026-03", "2025-W50", "2025"}, table(every="quarter")) == ["2026-Q3"]


def test_the_next_dates_are_those_after_now() -> None:
    found = table(approve={"by": "clerk", "within": "48h"}).coming(local(2026, 11, 6, 7))
    assert [(date.period.key, date.at) for date in found] == [
        ("2026-11", local(2026, 12, 7, 7)),
        ("2026-12", local(2027, 1, 7, 7)),
        ("2027-01", local(2027, 2, 5, 7)),
        ("2027-02", local(2027, 3, 5, 7)),
        ("2027-03", local(2027, 4, 7, 7)),
    ]
    assert found[0].approve_until == local(2026, 12, 9, 7)


def test_working_days_for_a_word_jump_over_the_weekend() -> None:
    dates = table(approve={"by": "clerk", "within": "2 working days"})
    assert dates.approve_until(local(2026, 11, 6, 7)) == local(2026, 11, 10, 16, 30)
    assert table().approve_until(local(2026, 11, 6, 7)) is None


@pytest.mark.parametrize(
    ("start", "until", "at"),
    [
        (local(2026, 11, 3, 7), local(2026, 11, 5, 7), local(2026, 11, 4, 8)),  # not at seven: at opening
        (local(2026, 11, 5, 12), local(2026, 11, 9, 12), local(2026, 11, 9, 8)),  # not on Saturday
        (local(2026, 11, 6, 16), local(2026, 11, 8, 16), local(2026, 11, 7, 16)),  # no office hour is left
    ],
)
def test_half_way_is_while_somebody_reads(start: datetime, until: datetime, at: datetime) -> None:
    assert half_way(start, until, CALENDAR) == at


def test_a_town_without_a_request_and_a_month_before_the_first_get_nothing() -> None:
    now = local(2026, 11, 27, 12)
    assert table().due(now, set(), since=None) == ()
    assert table().due(now, set(), since=local(2026, 11, 2)) == ()

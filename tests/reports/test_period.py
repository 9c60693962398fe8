"""Which days belong to a period, and how is it called? By the town's own calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.period import NoSuchPeriod, Period
from routing.plans import Rhythm

ZONE = ZoneInfo("America/New_York")


def named(key: str, first: int = 7) -> Period:
    return Period.named(key, ZONE, fiscal_first=first)


@pytest.mark.parametrize(
    ("key", "first", "last"),
    [
        ("2026-10", date(2026, 10, 1), date(2026, 10, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2026-W45", date(2026, 11, 2), date(2026, 11, 8)),
        ("2026-W01", date(2025, 12, 29), date(2026, 1, 4)),
        ("2026-W53", date(2026, 12, 28), date(2027, 1, 3)),
        ("2026-Q1", date(2026, 1, 1), date(2026, 3, 31)),
        ("2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
        ("2024", date(2024, 1, 1), date(2024, 12, 31)),
        ("FY2026", date(2025, 7, 1), date(2026, 6, 30)),
    ],
)
def test_a_key_names_its_days(key: str, first: date, last: date) -> None:
    period = named(key)
    assert (period.key, period.first_day, period.last_day) == (key, first, last)


def test_a_fiscal_year_that_begins_in_january_is_the_calendar_year() -> None:
    assert named("FY2026", 1).first_day == date(2026, 1, 1)
    assert named("FY2026", 1).key == "FY2026"
    assert named("FY2026", 12).first_day == date(2025, 12, 1)


@pytest.mark.parametrize(
    ("key", "before", "year_ago"),
    [
        ("2026-01", "2025-12", "2025-01"),
        ("2024-02", "2024-01", "2023-02"),
        ("2026-W01", "2025-W52", "2025-W01"),
        ("2026-W53", "2026-W52", "2025-W52"),
        ("2027-W01", "2026-W53", "2026-W01"),
        ("2026-Q1", "2025-Q4", "2025-Q1"),
        ("2026", "2025", "2025"),
        ("FY2026", "FY2025", "FY2025"),
    ],
)
def test_what_came_before_and_a_year_ago(key: str, before: str, year_ago: str) -> None:
    assert (named(key).before.key, named(key).year_ago.key) == (before, year_ago)
    assert named(before).later(1).key == key


@pytest.mark.parametrize(
    ("key", "hours"),
    [
        ("2026-W10", 7 * 24 - 1),  # the clocks go forward on its Sunday
        ("2026-W44", 7 * 24 + 1),  # and back
        ("2026-Q1", 90 * 24 - 1),
        ("2026-Q4", 92 * 24 + 1),
        ("2024", 366 * 24),
        ("2026", 365 * 24),
        ("FY2026", 365 * 24),
        ("FY2024", 366 * 24),
    ],
)
def test_it_reaches_from_midnight_to_midnight_whatever_the_clocks_do(key: str, hours: int) -> None:
    assert named(key).end - named(key).start == timedelta(hours=hours)


def test_the_period_is_named_by_the_local_calendar() -> None:
    new_year = datetime(2027, 1, 1, 3, 0, tzinfo=UTC)  # still the old year in New York
    keys = {
        every: Period.around(new_year, ZONE, every, fiscal_first=7).key
        for every in ("week", "month", "quarter", "year", "fiscal_year")
    }
    assert keys == {
        "week": "2026-W53", "month": "2026-12", "quarter": "2026-Q4", "year": "2026", "fiscal_year": "FY2027",
    }  # fmt: skip


def test_the_months_of_a_period() -> None:
    assert [month.key for month in named("2026-Q3").months] == ["2026-07", "2026-08", "2026-09"]
    assert [month.key for month in named("FY2026").months][::11] == ["2025-07", "2026-06"]
    assert [month.key for month in named("2026-W01").months] == ["2025-12"]


RHYTHMS: tuple[Rhythm, ...] = ("week", "month", "quarter", "year", "fiscal_year")


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)),
    st.sampled_from(RHYTHMS),
    st.integers(1, 12),
)
def test_every_instant_lies_in_the_period_that_its_key_names(
    instant: datetime, every: Rhythm, first: int
) -> None:
    period = Period.around(instant, ZONE, every, fiscal_first=first)
    assert period.start <= instant < period.end
    assert Period.named(period.key, ZONE, fiscal_first=first) == period
    assert period.end == period.later(1).start
    assert period.later(1).later(-1) == period
    assert period.year_ago.start < period.start


@pytest.mark.parametrize(
    "key",
    ["2026-13", "october", "2026-1", "2026-00", "0000-01", "", "2026-W54", "2025-W53", "2026-Q5", "FY26"],
)
def test_what_is_no_period_is_refused_with_examples(key: str) -> None:
    with pytest.raises(NoSuchPeriod, match="as in 2026-10"):
        named(key)

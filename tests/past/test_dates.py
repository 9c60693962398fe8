"""One column, one form: found from its cells, or asked for where no cell tells."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from past import dates
from past.dates import Form, Order
from past.flaws import CannotRead

EAST = ZoneInfo("America/New_York")


def form_of(*cells: str) -> Form:
    found = dates.found("Opened", enumerate(cells, 2), EAST)
    assert found is not None
    return found


def read(*cells: str, is_end: bool = False) -> datetime:
    """The first cell, read by the form of all of them."""
    found = form_of(*cells).read(cells[0], is_end=is_end)
    assert found is not None
    return found.at


@pytest.mark.parametrize(
    "cells",
    [
        ("2019-03-04T15:05:00", "2019-03-05"),
        ("2019-03-04 20:05:00Z",),
        ("2019-03-04T15:05:00-05:00",),
        ("2019/03/04 15:05",),
        ("03/04/2019 03:05:00 PM", "03/14/2019 10:00:00 AM"),
        ("3/4/19 15:05", "3/14/19 1:00"),
        ("04/03/2019 15:05", "14/03/2019 15:05"),
        ("04.03.2019 15:05",),
        ("04-03-2019 15:05", "31-03-2019 15:05"),
        ("4 Mar 2019 15:05",),
        ("March 4, 2019 3:05 p.m.",),
        ("Mon, 04 Mar 2019 15:05:00",),
    ],
)
def test_the_same_moment_is_read_from_every_usual_form(cells: tuple[str, ...]):
    assert read(*cells) == datetime(2019, 3, 4, 20, 5, tzinfo=UTC)


def test_a_column_that_never_tells_day_from_month_is_refused_with_a_sentence():
    with pytest.raises(CannotRead) as refused:
        form_of("03/04/2019", "05/06/2019")
    assert 'column "Opened": "03/04/2019" on line 2 may be month/day or day/month' in str(refused.value)
    assert "format: month/day/year" in str(refused.value)


def test_one_row_in_a_thousand_tells():
    assert form_of(*["03/04/2019"] * 999, "13/04/2019").order is Order.DAY_FIRST


def test_a_typing_error_does_not_outweigh_the_column():
    cells = ["03/14/2019"] * 50 + ["14/03/2019"]
    assert form_of(*cells).order is Order.MONTH_FIRST
    assert form_of(*cells).read("14/03/2019") is None


def test_words_that_are_no_date_are_refused_with_what_to_write():
    with pytest.raises(CannotRead) as refused:
        form_of("", "week 3", "week 4")
    assert '"week 3" on line 3 is no date that is known here' in str(refused.value)
    assert 'format: "%m/%d/%Y %H:%M"' in str(refused.value)


def test_an_empty_column_has_no_form():
    assert dates.found("Closed", [(2, ""), (3, "")], EAST) is None


def test_a_day_alone_begins_at_midnight_and_ends_before_the_next():
    assert read("2019-07-01") == datetime(2019, 7, 1, 4, tzinfo=UTC)
    assert read("2019-07-01", is_end=True) == datetime(2019, 7, 2, 3, 59, tzinfo=UTC)


def test_an_hour_that_never_was_is_an_hour_later():
    found = form_of("2019-03-10T02:30:00").read("2019-03-10T02:30:00")
    assert found.is_skipped
    assert found.at == datetime(2019, 3, 10, 7, 30, tzinfo=UTC)


def test_an_hour_that_struck_twice_has_both_its_instants():
    found = form_of("2019-11-03T01:30:00").read("2019-11-03T01:30:00")
    assert (found.at, found.second) == (
        datetime(2019, 11, 3, 5, 30, tzinfo=UTC),
        datetime(2019, 11, 3, 6, 30, tzinfo=UTC),
    )


def test_a_town_in_the_south_has_its_changes_too():
    sydney = Form(Order.YEAR_FIRST, ZoneInfo("Australia/Sydney"))
    assert sydney.read("2019-10-06 02:30").is_skipped
    assert sydney.read("2019-04-07 02:30").second is not None


@pytest.mark.parametrize(
    ("format_", "cell"),
    [("%d%m%Y %H%M", "04032019 1505"), ("seconds", "1551729900"), ("milliseconds", "1551729900000")],
)
def test_a_form_that_is_named_is_believed(format_: str, cell: str):
    found = dates.given(format_, EAST).read(cell)
    assert found.at == datetime(2019, 3, 4, 20, 5, tzinfo=UTC)


def test_a_form_that_is_none_is_told():
    with pytest.raises(ValueError, match="is neither a pattern"):
        dates.given("dd.mm", EAST)


@given(st.text(max_size=30), st.sampled_from(list(Order)))
def test_any_words_are_a_date_or_none_and_never_an_error(text: str, order: Order):
    found = Form(order, EAST, "%d.%m.%Y").read(text)
    assert found is None or found.at.tzinfo is UTC


@given(st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2060, 1, 1)))
def test_every_order_reads_what_it_wrote(moment: datetime):
    moment = moment.replace(microsecond=0, fold=0)
    wanted = moment.replace(tzinfo=EAST).astimezone(UTC)
    for order, pattern in (
        (Order.YEAR_FIRST, "%Y-%m-%dT%H:%M:%S"),
        (Order.MONTH_FIRST, "%m/%d/%Y %I:%M:%S %p"),
        (Order.DAY_FIRST, "%d.%m.%Y %H:%M:%S"),
        (Order.NAMED, "%d %b %Y %H:%M:%S"),
    ):
        assert Form(order, EAST).read(moment.strftime(pattern)).at == wanted

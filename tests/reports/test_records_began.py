"""Is a period that begins before the town's records told as such, and compared with nothing it was not?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest

from figures.shapes import Figures
from reports.attention import attention
from reports.cells import Cells
from reports.document import Document, html_of
from reports.period import Period, frame_of
from reports.wording import Speech, sentences
from tests.figures.by_row.rows import RequestFacts
from tests.figures.town import figures
from tests.reports.past import NAMING, ZONE

AS_OF = datetime(2027, 2, 1, tzinfo=UTC)
BEGAN = "Records began on March 14, 2026; what came in before is not in these figures."
PLACE = (43.6, -72.3)


def since_march(period: Period) -> Figures:
    """Return a period of a town that got a request at the same place every noon from 14 March 2026 on."""
    days = range(date(2026, 3, 14).toordinal(), date(2027, 1, 20).toordinal())
    sent = [datetime.combine(date.fromordinal(day), time(17), UTC) for day in days]
    rows = [RequestFacts(f"{at:%j}", "pothole", at, at) for at in sent]
    return figures(rows, period=period, as_of=AS_OF)


@pytest.mark.parametrize(
    "period", [Period(2026, 1, ZONE, "year"), Period(2026, 3, ZONE), Period(2026, 1, ZONE, "quarter")]
)
def test_a_period_that_begins_before_the_records_says_since_when_they_are(period: Period) -> None:
    told = since_march(period)
    assert told.begins_before_records
    assert sentences(Cells(told), Speech())[1] == BEGAN
    page = html_of(Document(told, NAMING))
    assert page.count(f"<p>{BEGAN}</p>") == 1
    assert page.index(f"<p>{BEGAN}</p>") < page.index("<h2")
    assert (told.last, told.year_ago) == (None, None)
    said = " ".join((*sentences(Cells(told), Speech()), *attention(Cells(told), NAMING, Speech())))
    assert "than at the start" not in said
    assert "more is open" not in said.lower(), "what was open before the records nobody knows"


@pytest.mark.parametrize(
    "period", [Period(2026, 4, ZONE), Period(2027, 1, ZONE, "year"), Period(2026, 4, ZONE, "quarter")]
)
def test_what_lies_partly_before_the_records_is_compared_with_nothing(period: Period) -> None:
    told = since_march(period)
    assert (told.begins_before_records, told.last) == (False, None)
    assert all(line.received_before is None for line in told.services)
    assert [spot.before for spot in told.hot_spots] in ([], [None])
    first = sentences(Cells(told), Speech())[0]
    assert first.endswith("; records begin too late to compare with an earlier period.")


def test_a_month_after_a_whole_one_is_compared_and_says_nothing_of_the_records() -> None:
    told = since_march(Period(2026, 5, ZONE))
    assert told.last is not None
    assert (told.last.received, told.begins_before_records) == (30, False)
    assert not any("ecords" in sentence for sentence in sentences(Cells(told), Speech()))


@pytest.mark.parametrize(
    ("period", "covered", "partly"),
    [
        (Period(2026, 11, ZONE), date(2026, 11, 4), date(2026, 11, 5)),
        (Period(2026, 10, ZONE, "week", 26), date(2026, 10, 26), date(2026, 10, 27)),
        (Period(2026, 1, ZONE, "year"), date(2026, 1, 4), date(2026, 1, 5)),
    ],
)
def test_a_few_quiet_days_at_the_start_are_no_gap(period: Period, covered: date, partly: date) -> None:
    this = frame_of(period).this
    assert this.is_covered(covered.toordinal())
    assert not this.is_covered(partly.toordinal())
    assert not this.is_covered(None)


def test_what_is_not_known_of_the_time_before_is_not_told_as_nought() -> None:
    told = since_march(Period(2026, 1, ZONE, "year"))
    said, page = " ".join(sentences(Cells(told), Speech())), html_of(Document(told, NAMING))
    assert "than at the start" not in said
    assert '<th scope="row">Open at the start</th><td>–</td>' in page
    assert "March 14, 2026; a month that is not whole has no number here" in page
    assert "“Before”: there are no whole records of 2025." in page


def test_before_the_records_it_is_not_said_that_nothing_came_in() -> None:
    told = since_march(Period(2025, 5, ZONE))
    assert sentences(Cells(told), Speech()) == ["There are no records of May 2025.", BEGAN]
    assert "<td>0</td>" not in html_of(Document(told, NAMING))


def test_figures_that_an_earlier_version_kept_say_nothing_of_the_records() -> None:
    told = replace(since_march(Period(2026, 3, ZONE)), records_day=None)
    assert not any("ecords began" in sentence for sentence in sentences(Cells(told), Speech()))

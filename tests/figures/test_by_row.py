"""Are the figures right? Against a slow count, row by row, that shares no code with them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.status import Ending
from reports.period import Period
from tests.figures.by_row.figures import figures
from tests.figures.by_row.rows import RequestFacts, TallyFacts, Turn
from tests.reports.past import AS_OF, OCTOBER, ZONE, past, tallies

HOUR = timedelta(hours=1)
WORKED = {"fixed", "no_action", "not_found"}


def request(created, *, ended=None, ending=None, **more) -> RequestFacts:
    more.setdefault("finish_due_at", created + timedelta(days=7))
    return RequestFacts("26-1", "pothole", created, ended_at=ended, ending=ending, **more)


def local(year, month, day, hour=0, minute=0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=ZONE).astimezone(UTC)


# -- the slow count -----------------------------------------------------------------------------------


def slow_end(facts, as_of):
    """Walk the history forward and see how it stands at the instant."""
    history = [(turn.at, turn.ending) for turn in facts.turns] or (
        [(facts.ended_at, facts.ending)] if facts.ended_at else []
    )
    at, ending = None, None
    for moment, how in history:
        if moment <= as_of:
            at, ending = (moment, how.value) if how else (None, None)
    return at, ending


def slow_figures(requests, period, as_of):
    start, end = period.start, period.end
    found = dict.fromkeys(
        ["received", "finished", "fixed", "redirected", "before", "after", "due", "on_time", "spam"], 0
    )
    stays = []
    for facts in requests:
        if facts.created_at > as_of:
            continue
        at, ending = slow_end(facts, as_of)
        if ending == "spam":
            found["spam"] += start <= facts.created_at < end
            continue
        gone = max(at, facts.created_at) if at else None
        found["received"] += start <= facts.created_at < end
        found["before"] += facts.created_at < start and (gone is None or gone >= start)
        found["after"] += facts.created_at < end and (gone is None or gone >= end)
        is_within = at is not None and facts.created_at < end and gone >= start and start <= at < end
        found["finished"] += is_within and ending != "redirected"
        found["fixed"] += is_within and ending == "fixed"
        found["redirected"] += is_within and ending == "redirected"
        handed = facts.handed_off_at
        theirs = (
            handed if handed and handed <= as_of and facts.agency and ending in (None, "redirected") else None
        )
        theirs = theirs or (at if ending == "redirected" else None)
        gone_by = at if ending in ("duplicate", "withdrawn") else theirs
        is_excused = gone_by is not None and gone_by <= facts.finish_due_at
        if start <= facts.finish_due_at < end and not is_excused:
            found["due"] += 1
            found["on_time"] += at is not None and at <= facts.finish_due_at
        if facts.created_at >= end or (gone is not None and gone < start) or ending == "duplicate":
            continue
        if theirs is not None and theirs < start:
            continue
        leave = min(moment for moment in (end, at, theirs) if moment is not None)
        first = max(facts.created_at, start)
        stays.append(
            (
                int((first - facts.created_at).total_seconds()),
                int((max(leave, first) - facts.created_at).total_seconds()),
                ending in WORKED and at < end,
            )
        )
    return found, [slow_wait(stays, Fraction(share)) for share in (Fraction(1, 2), Fraction(9, 10))]


def slow_wait(stays, share):
    """Kaplan–Meier with delayed entry, in exact fractions, looking at everybody at every age."""
    if len(stays) < 10:
        return None
    left = Fraction(1)
    for age in sorted({leave for _entry, leave, done in stays if done}):
        at_risk = sum(1 for entry, leave, _done in stays if entry <= age <= leave)
        events = sum(1 for _entry, leave, done in stays if done and leave == age)
        left *= 1 - Fraction(events, at_risk)
        if left <= 1 - share:
            return age, True
    return max(leave for _entry, leave, _done in stays), False


def compare(requests, period, as_of):
    told = figures(requests, (), period=period, as_of=as_of)
    slow, times = slow_figures(requests, period, as_of)
    this = told.this
    assert {
        "received": this.received, "finished": this.finished, "fixed": this.outcomes["fixed"],
        "redirected": this.redirected, "before": this.open_before, "after": this.open_after,
        "due": this.due, "on_time": this.on_time, "spam": told.quality.spam,
    } == slow  # fmt: skip
    assert [(wait.seconds, wait.is_reached) if wait else None for wait in (this.half, this.ninety)] == times
    assert sum(told.backlog.bands) == this.open_after
    assert sum(row.snapshot.received for row in told.services) == this.received
    assert sum(row.snapshot.due for row in told.services) == this.due
    assert sum(row.snapshot.open_after for row in told.services) == this.open_after


# -- the comparison -----------------------------------------------------------------------------------

MARCH, NOVEMBER = Period(2026, 3, ZONE), Period(2026, 11, ZONE)  # the clocks change in both
hours = st.integers(-80 * 24, 32 * 24)


@st.composite
def requests(draw, period):
    created = period.start + draw(hours) * HOUR
    ending = draw(st.sampled_from([None, *Ending]))
    ended = created + draw(st.integers(-2, 90 * 24)) * HOUR if ending else None
    turns: tuple[Turn, ...] = ()
    if ended and draw(st.booleans()):
        again = ended + draw(st.integers(1, 500)) * HOUR
        turns = (Turn(ended, draw(st.sampled_from(list(Ending)))), Turn(again, None))
        ended = None
        if draw(st.booleans()):
            ended = again + draw(st.integers(1, 500)) * HOUR
            turns = (*turns, Turn(ended, ending))
    is_handed = draw(st.booleans())
    return RequestFacts(
        number="26-1",
        service=draw(st.sampled_from(["pothole", "noise"])),
        created_at=created,
        finish_due_at=created + draw(st.integers(1, 40 * 24)) * HOUR,
        ended_at=ended,
        ending=ending if ended else None,
        handed_off_at=created + draw(st.integers(0, 100)) * HOUR if is_handed else None,
        agency=draw(st.sampled_from([None, "county"])),
        turns=turns,
    )


@pytest.mark.parametrize(
    "period", [MARCH, NOVEMBER, Period(2024, 2, ZONE)], ids=["spring", "autumn", "leap day"]
)
def test_the_figures_agree_with_a_slow_count_of_anything(period: Period) -> None:
    @settings(max_examples=30, deadline=None)
    @given(st.lists(requests(period), max_size=40), st.integers(0, 40 * 24))
    def agree(rows, later):
        compare(rows, period, period.end + later * HOUR)

    agree()


def test_the_figures_agree_with_a_slow_count_of_a_plausible_past() -> None:
    rows = past()
    for step in range(4):
        compare(rows, OCTOBER.later(-step), AS_OF)


def test_what_was_open_and_came_in_equals_what_left_and_stayed() -> None:
    told = figures(past(), tallies(), period=OCTOBER, as_of=AS_OF)
    for month in told.months:
        this = month.snapshot
        assert this is not None
        assert this.open_before + this.received == this.finished + this.redirected + this.open_after
    for earlier, later in zip(told.months, told.months[1:], strict=False):
        assert earlier.snapshot
        assert later.snapshot
        assert earlier.snapshot.open_after == later.snapshot.open_before


# -- single definitions -------------------------------------------------------------------------------


def test_a_month_is_a_month_of_the_town_on_both_sides_of_a_clock_change() -> None:
    assert (NOVEMBER.end - NOVEMBER.start) == timedelta(days=30, hours=1)
    assert (MARCH.end - MARCH.start) == timedelta(days=31, hours=-1)
    last_minute = request(local(2026, 10, 31, 23, 59))
    told = figures([last_minute], (), period=OCTOBER, as_of=AS_OF)
    assert told.this.received == 1
    assert figures([last_minute], (), period=NOVEMBER, as_of=NOVEMBER.end).this.received == 0


def test_one_reopened_before_the_report_counts_as_open_all_along() -> None:
    created, ended = local(2026, 10, 5, 9), local(2026, 10, 8, 9)
    turns = (Turn(ended, Ending.FIXED), Turn(local(2026, 11, 2, 9), None))
    told = figures([request(created, turns=turns)], (), period=OCTOBER, as_of=AS_OF)
    assert (told.this.finished, told.this.open_after) == (0, 1)
    earlier = figures([request(created, turns=turns)], (), period=OCTOBER, as_of=local(2026, 11, 1, 9))
    assert (earlier.this.finished, earlier.this.open_after) == (1, 0)


def test_passed_on_is_never_finished_and_leaves_times_and_promises_alone() -> None:
    own = [
        request(local(2026, 10, 1, hour), ended=local(2026, 10, 4, hour), ending=Ending.FIXED)
        for hour in range(10)
    ]
    theirs = [
        request(
            local(2026, 10, 2, hour),
            ended=local(2026, 10, 2, hour + 1),
            ending=Ending.REDIRECTED,
            agency="county",
        )
        for hour in range(10)
    ]
    told = figures([*own, *theirs], (), period=OCTOBER, as_of=AS_OF)
    assert (told.this.finished, told.this.redirected, told.this.passed_on) == (10, 10, 10)
    assert (told.this.due, told.this.on_time) == (10, 10)
    assert told.this.half is not None
    assert told.this.half.seconds == 3 * 24 * 3600


def test_one_handed_over_stays_open_until_the_agency_answers_but_is_not_overdue() -> None:
    created = local(2026, 10, 1, 9)
    waiting = request(created, handed_off_at=created + HOUR, agency="county", handed_to="county")
    told = figures([waiting], (), period=OCTOBER, as_of=AS_OF)
    assert (told.this.open_after, told.this.with_agency, told.this.passed_on) == (1, 1, 1)
    assert (told.this.due, told.backlog.overdue) == (0, 0)
    assert told.agencies[0].handed_off == 1


def test_one_that_the_agency_gave_back_is_the_towns_again_and_still_told_as_handed_over() -> None:
    created = local(2026, 10, 1, 9)
    back = request(created, handed_off_at=created + HOUR, agency=None, handed_to="county")
    told = figures([back], (), period=OCTOBER, as_of=AS_OF)
    assert (told.this.with_agency, told.backlog.overdue) == (0, 1)
    assert (told.agencies[0].agency, told.agencies[0].handed_off) == ("county", 1)


def test_duplicates_count_as_reports_and_not_as_issues() -> None:
    created = local(2026, 10, 1, 9)
    rows = [request(created), request(created, ended=created + HOUR, ending=Ending.DUPLICATE)]
    told = figures(rows, (), period=OCTOBER, as_of=AS_OF)
    assert (told.this.received, told.this.issues, told.this.outcomes["duplicate"]) == (2, 1, 1)


def test_spam_is_left_out_and_counted() -> None:
    created = local(2026, 10, 1, 9)
    told = figures(
        [request(created, ended=created + HOUR, ending=Ending.SPAM)], (), period=OCTOBER, as_of=AS_OF
    )
    assert (told.this.received, told.quality.spam) == (0, 1)


def test_one_that_ended_before_it_came_in_is_counted_as_a_clock_error_and_breaks_nothing() -> None:
    created = local(2026, 10, 1, 9)
    odd = request(created, ended=created - 30 * HOUR, ending=Ending.FIXED)
    told = figures([odd], (), period=OCTOBER, as_of=AS_OF)
    assert told.quality.ended_before_received == 1
    assert told.this.open_after == 0


def test_cards_are_counted_for_the_agency_and_stops_for_all() -> None:
    shown = [
        TallyFacts(OCTOBER.first_day, "pothole", "card", "state", 3),
        TallyFacts(OCTOBER.first_day, "pothole", "stop", "911", 2),
        TallyFacts(NOVEMBER.first_day, "pothole", "card", "state", 9),
    ]
    told = figures([], shown, period=OCTOBER, as_of=AS_OF)
    assert [(row.agency, row.cards) for row in told.agencies] == [("state", 3)]
    assert told.stops == 2


def test_a_month_before_records_began_is_not_called_nought() -> None:
    told = figures([request(local(2026, 9, 20, 9))], (), period=OCTOBER, as_of=AS_OF)
    assert (told.last, told.year_ago) == (None, None)
    assert [month.snapshot is None for month in told.months] == [True] * 12 + [False]


def test_few_requests_get_no_share_and_no_typical_time() -> None:
    rows = [
        request(local(2026, 10, 1, hour), ended=local(2026, 10, 2), ending=Ending.FIXED) for hour in range(9)
    ]
    told = figures(rows, (), period=OCTOBER, as_of=AS_OF)
    assert (told.this.half, told.this.first_answer, told.this.on_time_share) == (None, None, None)
    assert told.satisfaction.range is None
    assert told.is_small


def test_an_empty_month_is_all_noughts() -> None:
    told = figures([], (), period=OCTOBER, as_of=AS_OF)
    assert told.is_small
    assert (told.this.received, told.this.finished, told.this.open_after) == (0, 0, 0)
    assert told.backlog.oldest_days is None


def test_a_backlog_that_only_began_with_the_month_does_not_flatter() -> None:
    quick = [
        request(local(2026, 10, 1, hour), ended=local(2026, 10, 2, hour), ending=Ending.FIXED)
        for hour in range(10)
    ]
    slow = [request(local(2026, 9, 1, hour)) for hour in range(20)]
    told = figures([*quick, *slow], (), period=OCTOBER, as_of=AS_OF)
    assert told.this.half is not None
    assert told.this.half.seconds == 24 * 3600, "at the age of a day only the quick ones were watched"
    waiting = figures(slow, (), period=OCTOBER, as_of=AS_OF)
    assert waiting.this.half is not None
    assert not waiting.this.half.is_reached


def test_the_figures_are_plain_json() -> None:
    import json

    told = figures(past(months=3), tallies(), period=OCTOBER, as_of=AS_OF)
    again = json.loads(json.dumps(told.as_json()))
    assert again["this"]["received"] == told.this.received
    assert again["period"] == "2026-10"


def test_a_zone_south_of_the_equator_has_its_own_months() -> None:
    period = Period(2026, 4, ZoneInfo("Australia/Lord_Howe"))
    assert period.end - period.start == timedelta(days=30, minutes=30)

"""Whatever nobody does: is each step taken once, none too early, and does the clerk hear at last?"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.deadlines import OfficeCalendar, after_pause, before, due, office_minutes
from lifecycle.ladder import STEPS, UNSEEN, Promise, first, following
from lifecycle.quiet import Rhythm, last_gathering, quiet_until
from lifecycle.status import Status
from routing.rulebook import Ladder, Span

ZONE = ZoneInfo("America/New_York")
WEEKDAYS = {day: (time(8), time(16, 30)) for day in range(4)} | {4: (time(8), time(12))}
CLOSED = {date(2026, 11, 26), date(2026, 11, 27), date(2026, 12, 25), date(2027, 1, 1)}
CALENDAR = OfficeCalendar(ZONE, WEEKDAYS, CLOSED.__contains__)
START = datetime(2026, 10, 1, tzinfo=UTC)

moments = st.integers(0, 200 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))
spans = st.builds(Span, count=st.integers(1, 12), unit=st.sampled_from(["office hour", "working day", "day"]))
ladders = st.builds(Ladder, before=spans, deputy=spans, head=spans, clerk=spans, again=spans)
live = st.sampled_from([Status.RECEIVED, Status.REOPENED, Status.ACKNOWLEDGED, Status.IN_PROGRESS])


@st.composite
def promises(draw: st.DrawFn) -> Promise:
    made, since = draw(moments), draw(moments)
    answer, finish = draw(spans), draw(spans)
    return Promise(
        status=draw(live),
        acknowledge_due=due(made, answer, CALENDAR),
        finish_due=due(due(made, answer, CALENDAR), finish, CALENDAR),
        since=max(made, since),
        answer_within=answer,
    )


@given(promise=promises(), ladder=ladders, lag=st.integers(0, 4000))
@settings(max_examples=200, deadline=None)
def test_if_nobody_acts_each_step_is_taken_once_and_the_last_is_the_clerks(
    promise: Promise, ladder: Ladder, lag: int
):
    taken: list[tuple[int, datetime]] = []
    found = first(promise, ladder, CALENDAR)
    while found is not None:
        # The clock looks late, by up to three days.
        now = found.at + timedelta(minutes=lag)
        taken.append((found.step, now))
        assert len(taken) <= len(STEPS)
        found = following(found.step + 1, promise, ladder, CALENDAR, now=now)
        assert found is None or found.at > now
    steps = [step for step, _at in taken]
    assert steps == sorted(set(steps))
    assert steps[-1] == len(STEPS) - 1, "the last of them is the clerk"
    assert all(at > promise.since for _step, at in taken)


@given(promise=promises(), ladder=ladders)
@settings(max_examples=200, deadline=None)
def test_nobody_but_the_assignee_hears_before_the_promise_has_passed(promise: Promise, ladder: Ladder):
    found = first(promise, ladder, CALENDAR)
    assert found is not None
    is_unseen = promise.status in UNSEEN
    promised = promise.acknowledge_due if is_unseen else promise.finish_due
    while found is not None:
        assert found.at >= promised or (found.step == 0 and not is_unseen)
        found = following(found.step + 1, promise, ladder, CALENDAR, now=found.at)


@given(start=moments, minutes=st.integers(0, 60 * 24 * 40))
@settings(max_examples=200, deadline=None)
def test_a_pause_of_so_many_office_minutes_is_exactly_as_long(start: datetime, minutes: int):
    end = after_pause(start, minutes, CALENDAR)
    assert office_minutes(start, end, CALENDAR) == minutes
    assert after_pause(start, 0, CALENDAR) == start


@given(one=moments, two=moments, three=moments)
@settings(max_examples=200, deadline=None)
def test_two_waits_in_a_row_are_one_long_wait(one: datetime, two: datetime, three: datetime):
    first_, middle, last = sorted((one, two, three))
    whole = office_minutes(first_, last, CALENDAR)
    assert office_minutes(first_, middle, CALENDAR) + office_minutes(middle, last, CALENDAR) == whole


@given(end=moments, span=spans)
@settings(max_examples=200, deadline=None)
def test_a_reminder_ahead_leaves_time_to_act(end: datetime, span: Span):
    at = before(end, span, CALENDAR)
    assert at < end
    if span.unit == "working day":
        assert CALENDAR.is_open(at)
        first_day, last_day = at.astimezone(ZONE).date(), end.astimezone(ZONE).date()
        days = (first_day + timedelta(days=day) for day in range((last_day - first_day).days))
        assert sum(CALENDAR.opening(day) is not None for day in days) == span.count
    if span.unit == "office hour":
        assert office_minutes(at, end, CALENDAR) == span.count * 60


@given(now=moments, begins=st.times(), ends=st.times())
@settings(max_examples=200, deadline=None)
def test_quiet_hours_end_when_they_say_so_within_a_day(now: datetime, begins: time, ends: time):
    if begins == ends:
        return
    until = quiet_until(now, begins, ends, ZONE)
    if until is not None:
        assert now < until + timedelta(hours=1)
        assert until - now <= timedelta(hours=25)


def test_quiet_hours_go_over_midnight_and_both_clock_changes():
    def ends(year: int, month: int, day: int, hour: int, minute: int) -> str:
        now = datetime(year, month, day, hour, minute, tzinfo=ZONE).astimezone(UTC)
        until = quiet_until(now, time(20), time(7), ZONE)
        return until.astimezone(ZONE).strftime("%d %H:%M") if until else ""

    assert ends(2026, 10, 31, 23, 0) == "01 07:00"
    assert ends(2026, 11, 1, 1, 30) == "01 07:00"
    assert ends(2027, 3, 13, 21, 0) == "14 07:00"
    assert ends(2027, 3, 14, 3, 30) == "14 07:00"
    assert (ends(2026, 11, 2, 7, 0), ends(2026, 11, 2, 19, 59), ends(2026, 11, 2, 20, 0)) == (
        "",
        "",
        "03 07:00",
    )


def test_gathered_letters_leave_at_opening_or_the_full_hour_of_a_working_day():
    def left(rhythm: Rhythm, year: int, month: int, day: int, hour: int, minute: int) -> str:
        now = datetime(year, month, day, hour, minute, tzinfo=ZONE).astimezone(UTC)
        return last_gathering(now, rhythm, CALENDAR).astimezone(ZONE).strftime("%d %H:%M")

    assert left("daily", 2026, 11, 3, 9, 0) == "03 08:00"
    assert left("daily", 2026, 11, 3, 7, 59) == "02 08:00"
    assert left("daily", 2026, 11, 28, 12, 0) == "25 08:00"
    assert left("hourly", 2026, 11, 3, 9, 59) == "03 09:00"
    assert left("hourly", 2026, 11, 3, 23, 0) == "03 16:00"
    assert left("hourly", 2026, 11, 7, 12, 0) == "06 12:00"
    assert left("at once", 2026, 11, 7, 12, 0) == "07 12:00"

"""Are the figures right? Generated towns, counted by the database and counted slowly from their journals."""

from __future__ import annotations

import random
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from figures.shapes import OUTSIDE, TOWN, Figures, Scope, Snapshot
from figures.span import Span
from figures.survival import Wait
from lifecycle.status import Ending
from reports.period import Period, frame_of
from storage.factbook import Sorting, make_rows
from tests.figures import slowly
from tests.figures.history import Past
from tests.figures.slowly import Told
from tests.figures.town import empty_town, reckoned

ZONE = ZoneInfo("America/New_York")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DEPARTMENTS = {"foreman": "highway", "operator": "water"}
NORTH, SOUTH, FAR = (43.7, -72.3), (43.5, -72.3), (44.9, -72.3)
PERIODS = {
    "spring": Period(2026, 3, ZONE),
    "autumn": Period(2026, 11, ZONE),
    "leap day": Period(2024, 2, ZONE),
    "half an hour": Period(2026, 4, ZoneInfo("Australia/Lord_Howe")),
    "quarter": Period(2026, 1, ZONE, "quarter"),
    "week": Period(2026, 10, ZONE, "week", 26),
    "year": Period(2026, 7, ZONE, "fiscal_year"),
}


AUTUMN = PERIODS["autumn"]


def local(day: int, hour: int = 9, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=ZONE).astimezone(UTC)


def ward(lat: float, _lon: float) -> str:
    return "" if lat > 44 else "North" if lat > 43.6 else "South"


def sorting(zone: ZoneInfo) -> Sorting:
    return Sorting(zone, "generated", lambda assignee: DEPARTMENTS.get(assignee, ""), ward)


def counted(session: Session, town: list[Past], period: Period, scope: Scope, as_of: datetime) -> Figures:
    for number, past in enumerate(town, start=1):
        past.keep(session, number)
    make_rows(session, sorting(period.zone), 1, len(town))
    frame = frame_of(period)
    return reckoned(session, frame, as_of=as_of, zone=period.zone.key, scope=scope, is_workload_wanted=True)


# -- the comparison -----------------------------------------------------------------------------------


def plain(snapshot: Snapshot) -> dict[str, Any]:
    found = {field.name: getattr(snapshot, field.name) for field in fields(snapshot)}
    return {
        name: (value.seconds, value.is_reached) if isinstance(value, Wait) else value
        for name, value in found.items()
    }


def edges(span: Span) -> tuple[datetime, datetime]:
    return datetime.fromtimestamp(span.start, UTC), datetime.fromtimestamp(span.end, UTC)


def compare(town: list[Past], period: Period, scope: Scope = TOWN) -> Figures:
    """Count both ways and insist on the same."""
    as_of = max([period.end, *(at for past in town for at, _kind, _facts in past.journal)]) + DAY
    with empty_town() as session:
        told = counted(session, town, period, scope, as_of)
    everybody = [Told(past) for past in town]
    narrow = {"department": _department, "ward": _ward, "service": lambda past: past.service}
    if scope.kind:
        everybody = slowly.by(everybody, narrow[scope.kind]).get(scope.name, [])
    assert plain(told.this) == slowly.headline(everybody, period.start, period.end, as_of)
    for snapshot, span in ((told.last, told.before_span), (told.year_ago, told.year_ago_span)):
        assert snapshot is None or plain(snapshot) == slowly.headline(everybody, *edges(span), as_of)
    for month, span in zip(told.months, frame_of(period).line, strict=True):
        assert month.snapshot is None or plain(month.snapshot) == slowly.headline(
            everybody, *edges(span), as_of
        )
    compare_lines(told, everybody, period, as_of)
    compare_others(told, everybody, period)
    return told


def compare_lines(told: Figures, everybody: list[Told], period: Period, as_of: datetime) -> None:
    named = ((told.services, lambda past: past.service), (told.departments, _department), (told.wards, _ward))
    for lines, name in named:
        groups = slowly.by(everybody, name)
        for line in lines:
            slow = slowly.headline(groups.get(line.name, []), period.start, period.end, as_of)
            assert plain(line.snapshot) == slow
        received = sum(line.snapshot.received for line in lines)
        assert received == told.this.received or lines == ()
    for worker in told.workload:
        slow = slowly.headline(
            slowly.by(everybody, lambda past: past.assignee)[worker.person], period.start, period.end, as_of
        )
        assert (worker.received, worker.finished) == (slow["received"], sum(slow["outcomes"].values()))
        assert worker.open_after == slow["open_after"] - slow["with_agency"]
    assert sum(worker.overdue for worker in told.workload) == told.backlog.overdue


def compare_others(told: Figures, everybody: list[Told], period: Period) -> None:
    slow = slowly.others(everybody, period.start, period.end, period.zone)
    agencies = {line.agency: line.handed_off for line in told.agencies if line.handed_off}
    assert {
        "bands": told.backlog.bands, "median": told.backlog.median_days, "oldest": told.backlog.oldest_days,
        "overdue": told.backlog.overdue, "reopened": (told.reopened.ended, told.reopened.reopened),
        "rated": told.satisfaction.rated, "good": told.satisfaction.good, "asked": told.satisfaction.asked,
        "handed": agencies,
        "until_handed": {line.agency: line.hours for line in told.agencies if line.hours is not None},
        "returned": {line.agency: line.returned for line in told.agencies if line.returned},
        "confirmed": {line.agency: line.confirmed for line in told.agencies if line.confirmed},
        "channels": told.channels,
        "hours": {(day, hour): n for day, row in enumerate(told.hours) for hour, n in enumerate(row) if n},
        "spam": told.quality.spam, "held": told.quality.held,
        "backwards": told.quality.ended_before_received, "placeless": told.quality.without_place,
    } == slow  # fmt: skip
    assert (
        told.this.open_before + told.this.received
        == told.this.finished + told.this.redirected + told.this.open_after
    )


def _department(past: Past) -> str:
    return DEPARTMENTS.get(past.assignee, "")


def _ward(past: Past) -> str:
    return "" if past.place is None else ward(*past.place) or OUTSIDE


# -- generated towns ----------------------------------------------------------------------------------

ENDINGS = [Ending.FIXED, Ending.NO_ACTION, Ending.NOT_FOUND, Ending.DUPLICATE, Ending.SPAM]
GAPS = st.integers(0, 60 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))
AGENCIES = st.sampled_from(["county", "state"])


@st.composite
def pasts(draw: Any, period: Period) -> Past:
    created = period.start + timedelta(minutes=draw(st.integers(-80 * 24 * 60, 32 * 24 * 60)))
    past = Past(
        created=created,
        due=created + draw(GAPS),
        service=draw(st.sampled_from(["pothole", "noise"])),
        assignee=draw(st.sampled_from([*DEPARTMENTS, "somebody who left"])),
        place=draw(st.sampled_from([None, NORTH, SOUTH, FAR])),
        channel=draw(st.sampled_from(["web", "phone"])),
    )
    at = created
    for _step in range(draw(st.integers(0, 5))):
        at += draw(GAPS)
        act(draw, past, at)
    if past.ending in (Ending.FIXED, Ending.NO_ACTION) and draw(st.booleans()):
        past.rating = draw(st.integers(1, 5))
    if past.ending is None and past.agency is None and draw(st.integers(0, 9)) == 0:
        past.held = True
    if len(past.journal) == 1 and past.ending is Ending.FIXED and draw(st.integers(0, 4)) == 0:
        past.ended = created - HOUR
        past.journal = [(past.ended, *past.journal[0][1:])]
    return past


def act(draw: Any, past: Past, at: datetime) -> None:
    """Do one thing that the request's state allows."""
    if past.ending is not None:
        if past.journal[-1][1] == "finished" and draw(st.booleans()):
            past.undo(at)
        else:
            past.reopen(at)
    elif past.agency is not None and past.journal[-1][1] in ("handed_off", "agency_accepted"):
        draw(st.sampled_from([past.accept, past.refuse, past.finished_there]))(at)
    else:
        which = draw(st.integers(0, 5))
        if which == 0:
            past.answer(at)
        elif which == 1:
            past.withdraw(at)
        elif which == 2:
            past.redirect(at, draw(AGENCIES))
        elif which == 3:
            past.hand_off(at, draw(AGENCIES))
        else:
            past.finish(at, draw(st.sampled_from(ENDINGS)))


@pytest.mark.parametrize("period", PERIODS.values(), ids=PERIODS)
def test_a_generated_town_is_counted_the_same_both_ways(period: Period) -> None:
    scopes = st.sampled_from(
        [TOWN, Scope("department", "highway"), Scope("ward", "North"), Scope("service", "noise")]
    )

    @settings(max_examples=10, deadline=None)
    @given(st.lists(pasts(period), max_size=24), scopes)
    def agree(town: list[Past], scope: Scope) -> None:
        compare(town, period, scope)

    agree()


def test_a_town_with_many_requests_of_every_fate_is_counted_the_same_both_ways() -> None:
    chance = random.Random(42)
    town = []
    for _one in range(120):
        created = AUTUMN.start + timedelta(minutes=chance.randrange(-90 * 24 * 60, 30 * 24 * 60))
        past = Past(
            created, created + timedelta(days=chance.choice([2, 7, 30])), service=chance.choice(["a", "b"])
        )
        ended = created + timedelta(minutes=int(chance.lognormvariate(8.5, 1.2)))
        fate = chance.randrange(10)
        if fate < 5:
            past.finish(ended, Ending.FIXED)
        elif fate == 5:
            past.finish(ended, Ending.FIXED).reopen(ended + timedelta(days=chance.randrange(50)))
        elif fate == 6:
            past.hand_off(ended, "county")
        elif fate == 7:
            past.withdraw(ended)
        town.append(past)
    told = compare(town, AUTUMN)
    assert told.this.half is not None
    assert told.reopened.reopened


def test_only_what_is_opened_again_within_thirty_days_counts_as_reopened() -> None:
    ended = local(20, month=10)
    town = [one_of_october(ended).reopen(ended + days * DAY) for days in (1, 20, 30, 31)]
    told = compare([*town, one_of_october(ended)], AUTUMN)
    assert (told.reopened.ended, told.reopened.reopened) == (5, 3)


def one_of_october(ended: datetime) -> Past:
    return Past(local(12, month=10), local(30, month=10)).finish(ended, Ending.FIXED)


# -- the edges, one by one ----------------------------------------------------------------------------


def one(day: int = 5, **more: Any) -> Past:
    return Past(local(day), local(day) + 7 * DAY, **more)


def test_an_empty_month_is_all_noughts() -> None:
    told = compare([], AUTUMN)
    assert told.is_small
    assert (told.this.received, told.this.open_after, told.last) == (0, 0, None)


def test_one_that_was_reopened_counts_as_open_all_along() -> None:
    told = compare([one().finish(local(6), Ending.FIXED).reopen(local(2, month=12))], AUTUMN)
    assert (told.this.finished, told.this.open_after) == (0, 1)


def test_one_that_was_undone_never_ended_and_was_never_reopened() -> None:
    october = Past(local(5, month=10), local(12, month=10)).finish(local(10, month=10), Ending.FIXED)
    told = compare([october.undo(local(10, 10, month=10))], AUTUMN)
    assert (told.this.open_before, told.reopened.ended) == (1, 0)


def test_referred_and_returned_is_the_towns_again_and_told_as_handed_over() -> None:
    told = compare(
        [one().hand_off(local(6), "county").refuse(local(7)).finish(local(8), Ending.FIXED)], AUTUMN
    )
    assert (told.this.passed_on, told.this.finished, told.this.due, told.this.on_time) == (0, 1, 1, 1)
    assert [(line.agency, line.handed_off, line.returned) for line in told.agencies] == [("county", 1, 1)]


def test_every_hand_over_of_a_request_counts_with_what_became_of_it() -> None:
    there = [one().hand_off(local(6), "county").refuse(local(7)) for _each in range(3)]
    there[0].hand_off(local(8), "state").accept(local(9))
    there[1].hand_off(local(10), "county").refuse(local(11)).hand_off(local(12), "state")
    there[2].hand_off(local(8), "county").finished_there(local(9)).reopen(local(10))
    told = compare(there, AUTUMN)
    assert [(line.agency, line.handed_off, line.returned, line.confirmed) for line in told.agencies] == [
        ("county", 5, 4, 1),
        ("state", 2, 0, 1),
    ]


def test_a_hand_over_counts_in_the_period_in_which_it_happened_whatever_came_later() -> None:
    there = one().hand_off(local(6), "county").refuse(local(7))
    there.hand_off(local(2, month=12), "state").refuse(local(3, month=12))
    told = compare([there], AUTUMN)
    assert [(line.agency, line.handed_off, line.returned) for line in told.agencies] == [("county", 1, 1)]


def test_what_another_system_handed_over_is_told_and_left_out_of_the_hours() -> None:
    other = [one(imported=True).hand_off(local(5), "county") for _each in range(12)]
    told = compare(other, AUTUMN)
    assert [(line.handed_off, line.hours) for line in told.agencies] == [(12, None)]
    known = [one(imported=number == 0).hand_off(local(7), "county") for number in range(10)]
    told = compare([*other, *known], AUTUMN)
    assert [(line.handed_off, line.hours) for line in told.agencies] == [(22, 48)]


def test_referred_is_never_a_closure_and_leaves_promise_and_first_answer_alone() -> None:
    told = compare([one().hand_off(local(6), "county").finished_there(local(9))], AUTUMN)
    assert (told.this.finished, told.this.redirected, told.this.passed_on) == (0, 1, 1)
    assert (told.this.due, told.this.asked) == (0, 0)
    assert told.agencies[0].confirmed == 1


@pytest.mark.parametrize("late", [False, True])
def test_what_is_late_stays_late_when_it_is_passed_on_or_ends_as_no_work(late: bool) -> None:
    then = local(5) + 7 * DAY + (timedelta(seconds=1) if late else timedelta())
    town = [
        one().hand_off(then, "county"),
        one().redirect(then, "county"),
        one().withdraw(then),
        one().finish(then, Ending.DUPLICATE),
    ]
    told = compare(town, AUTUMN)
    assert (told.this.due, told.this.on_time) == ((4, 0) if late else (0, 0))


def test_spam_and_held_are_left_out_and_counted() -> None:
    told = compare([one().finish(local(6), Ending.SPAM), one(held=True), one()], AUTUMN)
    assert (told.this.received, told.quality.excluded) == (1, {"spam": 1, "held": 1})


def test_a_duplicate_is_a_report_and_not_an_issue() -> None:
    told = compare([one(), one().finish(local(6), Ending.DUPLICATE)], AUTUMN)
    assert (told.this.received, told.this.issues, told.this.watched) == (2, 1, 1)


def test_one_that_ended_before_it_came_in_is_a_clock_error_and_breaks_nothing() -> None:
    told = compare([one().finish(local(4), Ending.FIXED)], AUTUMN)
    assert (told.this.finished, told.this.open_after, told.quality.ended_before_received) == (1, 0, 1)


@pytest.mark.parametrize("fold", [0, 1])
def test_the_hour_that_comes_twice_belongs_to_its_day(fold: int) -> None:
    twice = datetime(2026, 11, 1, 1, 30, tzinfo=ZONE, fold=fold).astimezone(UTC)
    told = compare([Past(twice, twice + DAY)], AUTUMN)
    assert (told.this.received, told.hours[6][1]) == (1, 1)


def test_the_first_and_the_last_second_belong_to_their_months() -> None:
    edge = [AUTUMN.start - timedelta(seconds=1), AUTUMN.start, AUTUMN.end - timedelta(seconds=1), AUTUMN.end]
    told = compare([Past(at, at + DAY) for at in edge], AUTUMN)
    assert (told.this.received, told.this.open_before, told.this.open_after) == (2, 1, 3)


def test_a_place_outside_all_wards_and_no_place_have_lines_of_their_own() -> None:
    told = compare([one(place=place) for place in (NORTH, NORTH, SOUTH, FAR, None, None)], AUTUMN)
    assert [(line.name, line.snapshot.received) for line in told.wards] == [
        ("North", 2), ("South", 1), ("", 2), (OUTSIDE, 1)
    ]  # fmt: skip


def test_an_unfinished_backlog_pushes_the_times_out_and_may_keep_them_unreached() -> None:
    quick = [Past(local(day), local(day) + DAY).finish(local(day + 1), Ending.FIXED) for day in range(2, 12)]
    slow = [Past(local(day, month=9), local(20, month=9)) for day in range(1, 21)]
    told = compare([*quick, *slow], AUTUMN)
    assert told.this.half == Wait(24 * 3600)
    waiting = compare(slow, AUTUMN)
    assert waiting.this.half is not None
    assert not waiting.this.half.is_reached

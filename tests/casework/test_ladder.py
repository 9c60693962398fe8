"""Does somebody hear when nobody acts: each once, in their order, never too early, the clerk at last?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from threading import Thread

import pytest
from flask import current_app

from casework import absence, answering, receiving, redirecting
from casework.ladder import climb_due
from casework.office import Office
from casework.promises import held_until
from lifecycle.deadlines import due
from lifecycle.status import Ending
from routing.rulebook import Ladder, Span
from storage import lookups
from storage.lookups import Case
from tests.builders import opened
from tests.rules import changed

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
FOREMAN = "person:road-foreman"
DIRECTOR = "publicworks@alderfalls.example"
CLERK = "clerk@alderfalls.example"
ROADS = "roads@alderfalls.example"


@pytest.fixture
def lamp(office: Office, now: datetime) -> Case:
    """A request that its service's own assignee has, whose deputy is also the head."""
    _, case = opened(office, now, service="other", place="")
    redirecting.reassign(
        office, case.request.id, to="lights-signs-technician", text="", by="person:town-clerk", now=now
    )
    return again(case)


def again(case: Case) -> Case:
    found = lookups.case(case.request.id)
    assert found is not None
    return found


def told(case: Case) -> list[tuple[str, str]]:
    """Who got which letter of the ladder, in order."""
    kinds = ("reminder", "escalation")
    return [(one.kind, one.recipient) for one in lookups.letters_of(case.request.id) if one.kind in kinds]


def steps(case: Case) -> list[tuple[str, datetime]]:
    kinds = ("reminded", "escalated")
    return [(entry.kind, entry.at) for entry in again(case).entries if entry.kind in kinds]


def hours(first: datetime, days: int) -> Iterator[datetime]:
    return (first + timedelta(hours=hour) for hour in range(days * 24))


def pass_time(office: Office, first: datetime, days: int) -> None:
    for moment in hours(first, days):
        climb_due(office, now=moment)


def test_whoever_says_nothing_is_reminded_then_deputy_head_and_clerk_hear(
    office: Office, lamp: Case, now: datetime
):
    pass_time(office, now, 30)
    assert told(lamp) == [
        ("reminder", "lights@alderfalls.example"),
        ("escalation", ROADS),
        ("escalation", DIRECTOR),
        ("escalation", CLERK),
    ]
    assert [kind for kind, _at in steps(lamp)] == ["reminded", "escalated", "escalated", "escalated"]
    assert again(lamp).request.ladder_at is None


def test_nobody_hears_before_the_promise_has_passed(office: Office, lamp: Case):
    assert lamp.request.ladder_at is not None
    first = lamp.request.ladder_at
    assert first >= lamp.request.acknowledge_due_at
    assert climb_due(office, now=first - MINUTE) == 0
    assert climb_due(office, now=first) == 1
    assert climb_due(office, now=first) == 0


def test_each_step_is_a_working_day_behind_the_one_before(office: Office, lamp: Case, now: datetime):
    pass_time(office, now, 30)
    moments = [at for _kind, at in steps(lamp)]
    day = Span(count=1, unit="working day")
    for earlier, later in pairwise(moments):
        assert due(earlier, day, office.calendar) <= later < due(earlier, day, office.calendar) + DAY / 24


def test_whoever_says_that_they_have_it_is_left_in_peace_until_the_second_promise_nears(
    office: Office, lamp: Case, now: datetime
):
    answering.acknowledge(office, lamp.request.id, by="person:lights-signs-technician", now=now)
    request = again(lamp).request
    assert request.ladder_at is not None
    assert now < request.ladder_at < request.finish_due_at
    pass_time(office, now, 40)
    assert told(lamp) == [
        ("reminder", "lights@alderfalls.example"),
        ("escalation", ROADS),
        ("reminder", "lights@alderfalls.example"),
        ("escalation", DIRECTOR),
        ("escalation", CLERK),
    ]
    late = [at for kind, at in steps(lamp) if kind == "escalated"]
    assert min(late) >= request.finish_due_at


def test_every_act_of_a_person_begins_the_ladder_anew(office: Office, lamp: Case, now: datetime):
    pass_time(office, now, 5)
    assert told(lamp)[-1] == ("escalation", ROADS)
    later = now + 5 * DAY
    answering.note(office, lamp.request.id, text="The part is on its way.", by=FOREMAN, now=later)
    request = again(lamp).request
    assert request.ladder_step == 0
    assert request.ladder_at is not None
    assert request.ladder_at > later
    assert climb_due(office, now=later + MINUTE) == 0


def test_whoever_works_on_what_is_late_has_some_days_of_peace(office: Office, lamp: Case, now: datetime):
    late = lamp.request.finish_due_at + 20 * DAY
    answering.start(office, lamp.request.id, by=FOREMAN, now=late)
    request = again(lamp).request
    assert request.ladder_at == due(late, office.rulebook.town.ladder.again, office.calendar)


def test_nothing_is_said_while_it_waits_and_the_wait_is_added_to_the_promise(
    office: Office, lamp: Case, now: datetime
):
    who = "person:lights-signs-technician"
    answering.ask_resident(office, lamp.request.id, text="Which pole?", by=who, now=now)
    assert again(lamp).request.ladder_at is None
    pass_time(office, now, 60)
    assert told(lamp) == []
    back = now + 60 * DAY
    receiving.reply(office, lamp.request.id, text="The one at the corner.", now=back)
    request = again(lamp).request
    assert request.finish_due_at == lamp.request.finish_due_at
    assert request.waiting_since is None
    assert request.paused_minutes > 60 * 8 * 30
    assert held_until(office, request, request.finish_due_at, back) > back
    assert request.ladder_at is not None
    assert request.ladder_at > back


def test_two_processes_take_each_step_once(office: Office, lamp: Case, now: datetime):
    assert lamp.request.ladder_at is not None
    moment = lamp.request.ladder_at
    app = current_app._get_current_object()  # type: ignore[attr-defined]

    def tick() -> None:
        with app.app_context():
            climb_due(office, now=moment)

    threads = [Thread(target=tick) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told(lamp) == [("reminder", "lights@alderfalls.example")]


def test_what_has_ended_reminds_nobody(office: Office, lamp: Case, now: datetime):
    answering.finish(office, lamp.request.id, ending=Ending.FIXED, text="", by=FOREMAN, now=now + MINUTE)
    assert again(lamp).request.ladder_at is None
    pass_time(office, now, 20)
    assert told(lamp) == []


def test_what_is_opened_again_begins_anew(office: Office, lamp: Case, now: datetime):
    answering.finish(office, lamp.request.id, ending=Ending.FIXED, text="", by=FOREMAN, now=now)
    later = now + 10 * DAY
    receiving.reopen(office, lamp.request.id, text="It is dark again.", now=later)
    request = again(lamp).request
    assert request.ladder_at is not None
    assert request.ladder_at > later


def test_what_an_agency_gives_back_is_the_clerks_to_acknowledge(office: Office, now: datetime):
    _, case = opened(office, now)
    redirecting.redirect(
        office, case.request.id, agency="county-highway", text="", by="person:town-clerk", now=now
    )
    assert again(case).request.ladder_at is None
    back = now + 15 * DAY
    redirecting.agency_refuse(office, case.request.id, text="", by="agency:county-highway", now=back)
    request = again(case).request
    assert request.paused_minutes > 0
    assert request.ladder_at is not None
    assert request.ladder_at > back


def test_after_an_outage_everybody_still_has_their_time(office: Office, lamp: Case, now: datetime):
    climb_due(office, now=now + 30 * DAY)
    climb_due(office, now=now + 30 * DAY + MINUTE)
    assert told(lamp) == [("reminder", "lights@alderfalls.example")]


def test_two_months_with_holidays_and_both_clock_changes(office: Office):
    for start in (datetime(2026, 10, 20, 15, 0, tzinfo=UTC), datetime(2027, 2, 25, 15, 0, tzinfo=UTC)):
        _, case = opened(office, start)
        pass_time(office, start, 61)
        moments = [at for _kind, at in steps(case)]
        assert len(moments) >= 3
        for at in moments:
            assert at.minute == 0
            day = at.astimezone(office.zone).date()
            assert office.calendar.opening(day) is not None, f"{day} is no working day"
        assert told(case)[-1][1] in (CLERK, DIRECTOR)
        assert CLERK in [to for _kind, to in told(case)]


def test_a_service_may_have_a_ladder_of_its_own(office: Office, now: datetime):
    quick = changed(
        office, "services", "missed-pickup", ladder=Ladder.model_validate({"deputy": "2 office hours"})
    )
    _, case = opened(quick, now)
    first = case.request.ladder_at
    assert first is not None
    climb_due(quick, now=first)
    request = again(case).request
    assert request.ladder_at == due(first, Span(count=2, unit="office hour"), office.calendar)


def test_a_deputy_who_is_away_is_passed_over(office: Office, lamp: Case, now: datetime):
    today = now.date()
    away = changed(office, "people", "road-foreman", absent=((today, today + 60 * DAY),))
    pass_time(away, now, 30)
    assert told(lamp) == [
        ("reminder", "lights@alderfalls.example"),
        ("escalation", DIRECTOR),
        ("escalation", CLERK),
    ]


def test_what_the_clerk_leaves_lying_reaches_the_deputy_clerk(office: Office, now: datetime):
    _, case = opened(office, now, service="other", place="")
    assert case.request.assignee == "town-clerk"
    pass_time(office, now, 30)
    assert told(case) == [("reminder", CLERK), ("escalation", "deputy.clerk@alderfalls.example")]
    assert again(case).request.ladder_at is None


def test_one_request_that_cannot_be_told_of_keeps_no_other_back(
    office: Office,
    lamp: Case,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
):
    _, other = opened(office, now)
    compose = office.composer.compose

    def broken(name: str, language: str, **context: object) -> object:
        if context.get("number") == lamp.request.number:
            raise RuntimeError("the template is broken")
        return compose(name, language, **context)

    monkeypatch.setattr(office.composer, "compose", broken)
    climb_due(office, now=now + 5 * DAY)
    assert told(other) == [("reminder", "transferstation@alderfalls.example")]
    assert told(lamp) == []
    assert f"request {lamp.request.number}" in caplog.text
    monkeypatch.undo()
    assert climb_due(office, now=now + 5 * DAY) == 0
    climb_due(office, now=now + 5 * DAY + 60 * MINUTE)
    assert len(told(lamp)) == 1


def test_what_reaches_the_clerk_goes_to_who_stands_in_while_they_are_away(
    office: Office, lamp: Case, now: datetime
):
    deputy = office.rulebook.people["town-clerk"].deputy
    assert deputy is not None
    today = now.astimezone(office.zone).date()
    absence.leave(
        office, "town-clerk", first=today, last=today + 60 * DAY, passes_on=False, by="person:town-clerk",
        now=now,
    )  # fmt: skip
    pass_time(office, now, 30)
    assert CLERK not in [recipient for _kind, recipient in told(lamp)]
    assert told(lamp)[-1] == ("escalation", office.rulebook.people[deputy].email)

"""Does a report get into the agency's own system: once, never lost, and followed until it ends?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from casework import answering, redirecting
from casework.delivering import LEASE, PATIENCE, WAITS
from casework.handing import REPEATS, hand_over_due
from casework.inquiring import ask_due
from casework.office import Office
from open311.client import Courier
from open311.outcome import Outcome, Standing
from routing.reader import load
from settings import ROOT
from storage import lookups
from storage.database import reading, writing
from storage.lookups import Case
from storage.tables import FactHandOff, Handover
from tests.builders import opened
from tests.casework.conftest import COUNTY, KEY
from tests.open311.server import GeoServer

MILL_ROAD = (43.60902, -72.33341)
Wired = Callable[..., Office]
HOUR = timedelta(hours=1)


def on_mill_road(office: Office, now: datetime, **changes: Any) -> Case:
    """Open a pothole on the county's road."""
    _, case = opened(
        office,
        now,
        service="pothole",
        description="A deep hole – beside the bridge.",
        at=MILL_ROAD,
        place="Mill Road",
        **{"name": "Ada Private", "phone": "603-555-0199", **changes},
    )
    return case


def again(case: Case) -> Case:
    found = lookups.case(case.request.id)
    assert found is not None
    return found


def handover(case: Case) -> Handover:
    with reading() as session:
        return session.scalars(
            select(Handover).where(Handover.request_id == case.request.id).order_by(Handover.id.desc())
        ).first() or pytest.fail("no report is on its way")


def letters(case: Case) -> list[str]:
    return [letter.kind for letter in lookups.letters_of(case.request.id)]


def kinds(case: Case) -> list[str]:
    return [entry.kind for entry in again(case).entries]


def counted_as_handed_over(case: Case) -> int:
    with reading() as session:
        asked = select(func.count()).where(FactHandOff.request_id == case.request.id)
        return session.scalar(asked) or 0


def test_a_report_arrives_with_what_the_agency_needs_and_no_more(
    wired: Wired, county: GeoServer, courier: Courier, now: datetime
):
    office = wired()
    case = on_mill_road(office, now, answers={"size": "deep"})
    assert case.request.status == "waiting_agency"
    assert letters(case) == ["resident_receipt"]
    assert hand_over_due(office, courier, now=now)
    assert not hand_over_due(office, courier, now=now)
    (seen,) = county.posts
    said = seen.fields.pop("description")
    assert seen.fields == {
        "api_key": KEY,
        "jurisdiction_id": "county.example",
        "service_code": "POT",
        "lat": "43.609020",
        "long": "-72.333410",
    }
    assert said.startswith(f"Ref {case.request.number}\n\nA deep hole – beside the bridge.")
    assert "Where: Mill Road" in said
    assert "/a/" not in said, "whoever reads a public description must not be able to answer for the agency"
    request = again(case).request
    assert (request.agency_reference, handover(case).state) == ("1001", "sent")
    assert kinds(case)[-1] == "handover_arrived"


def test_name_and_contact_go_only_with_consent(
    wired: Wired, county: GeoServer, courier: Courier, now: datetime
):
    on_mill_road(wired(), now, may_share=True)
    hand_over_due(wired(), courier, now=now)
    fields = county.posts[0].fields
    assert (fields["first_name"], fields["last_name"]) == ("Ada", "Private")
    assert (fields["email"], fields["phone"]) == ("resident@example.org", "603-555-0199")


def test_the_link_goes_along_where_the_rules_say_so(
    wired: Wired, county: GeoServer, courier: Courier, now: datetime
):
    theirs = wired().rulebook.agencies[COUNTY].open311
    assert theirs is not None
    office = wired(open311=theirs.model_copy(update={"link": True}))
    on_mill_road(office, now)
    hand_over_due(office, courier, now=now)
    assert f"{office.base_url}/a/" in county.posts[0].fields["description"]


def test_an_employee_hands_over_the_same_way(
    wired: Wired, county: GeoServer, courier: Courier, now: datetime
):
    office = wired()
    _, case = opened(office, now)
    redirecting.redirect(
        office, case.request.id, agency=COUNTY, text="County.", by="person:town-clerk", now=now
    )
    assert hand_over_due(office, courier, now=now)
    assert county.posts[0].fields["service_code"] == "OTHER"
    assert letters(case)[-1] == "resident_redirected"


def test_what_is_closed_there_ends_here_as_redirected_and_the_resident_is_told(
    wired: Wired, county: GeoServer, courier: Courier, now: datetime
):
    office = wired()
    case = on_mill_road(office, now)
    hand_over_due(office, courier, now=now)
    assert not ask_due(office, courier, now=now + HOUR / 2)
    county.standings["1001"] = {"status": "open", "status_notes": "Crew on Friday."}
    assert ask_due(office, courier, now=now + HOUR)
    told = again(case).public_entries[-1]
    assert (told.kind, told.by, told.text) == ("answered", f"agency:{COUNTY}", "Crew on Friday.")
    assert letters(case)[-1] == "resident_answer"
    before = letters(case)
    assert ask_due(office, courier, now=now + 2 * HOUR)
    assert letters(case) == before, "the same words are no news"
    county.standings["1001"] = {"status": "closed", "status_notes": "Filled."}
    assert ask_due(office, courier, now=now + 3 * HOUR)
    request = again(case).request
    assert (request.status, request.ending, request.ending_reason) == ("ended", "redirected", "Filled.")
    assert letters(case)[-1] == "resident_finished"
    assert handover(case).ask_at is None
    assert not ask_due(office, courier, now=now + 100 * HOUR)


def test_it_is_asked_for_hourly_on_the_first_day_and_daily_afterwards(
    wired: Wired, county: GeoServer, courier: Courier, now: datetime
):
    office = wired()
    on_mill_road(office, now)
    hand_over_due(office, courier, now=now)
    asked = [hour for hour in range(24 * 4) if ask_due(office, courier, now=now + hour * HOUR)]
    assert asked == [*range(1, 25), 48, 72]


def test_the_day_that_they_expect_is_told_and_moves_the_reminder(
    wired: Wired, county: GeoServer, courier: Courier, now: datetime
):
    office = wired()
    case = on_mill_road(office, now)
    hand_over_due(office, courier, now=now)
    county.standings["1001"] = {"status": "open", "expected_datetime": "2026-11-20T12:00:00-05:00"}
    ask_due(office, courier, now=now + HOUR)
    request = again(case).request
    assert str(request.expected_on) == "2026-11-20"
    assert request.agency_remind_at is not None
    assert request.agency_remind_at.date().isoformat() == "2026-11-23"


def test_a_word_after_the_day_that_they_named_brings_no_reminder_at_once(
    wired: Wired, county: GeoServer, courier: Courier, now: datetime
):
    office = wired(email="highway@aldercounty.example")
    case = on_mill_road(office, now)
    hand_over_due(office, courier, now=now)
    county.standings["1001"] = {"status": "open", "expected_datetime": "2026-10-20T12:00:00-04:00"}
    ask_due(office, courier, now=now + HOUR)
    county.standings["1001"] = {"status": "open", "status_notes": "It takes longer."}
    later = now + 24 * 10 * HOUR
    while ask_due(office, courier, now=later):
        pass
    remind_at = again(case).request.agency_remind_at
    assert remind_at is not None
    assert remind_at > later + 24 * HOUR


def test_a_report_that_was_not_taken_is_told_until_it_is_settled(
    app: Flask, client: FlaskClient, wired: Wired, county: GeoServer, courier: Courier, now: datetime
):
    county.behave = "refused"
    office = wired()
    case = on_mill_road(office, now)
    hand_over_due(office, courier, now=now)
    assert handover(case).state == "failed"

    def told() -> list[str]:
        answer = client.get("/healthz").get_json()
        return [reason for reason in answer["reasons"] if "own system" in reason]

    assert told() == [
        "1 reports were not taken by an agency's own system. See `flask --app app mail status`."
    ]
    runner = app.test_cli_runner()
    status = runner.invoke(args=["mail", "status"])
    assert f"of {case.request.number} into the system of {COUNTY}:" in status.output
    assert status.exit_code == 1
    number = str(handover(case).id)
    assert runner.invoke(args=["mail", "dismiss", "--reports", number]).exit_code == 0
    assert not told()


def test_asking_stops_when_the_request_has_gone_another_way(
    wired: Wired, county: GeoServer, courier: Courier, now: datetime
):
    office = wired()
    case = on_mill_road(office, now)
    hand_over_due(office, courier, now=now)
    by = f"person:{case.request.assignee}"
    answering.start(office, case.request.id, by=by, now=now)
    assert not ask_due(office, courier, now=now + 200 * HOUR)
    assert [seen.method for seen in county.seen] == ["POST"]


def test_a_receipt_becomes_a_number_later(wired: Wired, county: GeoServer, courier: Courier, now: datetime):
    county.behave = "token"
    office = wired()
    case = on_mill_road(office, now)
    hand_over_due(office, courier, now=now)
    assert again(case).request.agency_reference is None
    county.tokens["t-1001"] = "26-7"
    assert ask_due(office, courier, now=now + HOUR)
    assert again(case).request.agency_reference == "26-7"
    assert again(case).entries[-1].facts == {"agency": COUNTY, "reference": "26-7"}


def test_a_system_that_is_busy_gets_it_later(
    wired: Wired, county: GeoServer, courier: Courier, now: datetime
):
    county.behave = "busy"
    office = wired()
    case = on_mill_road(office, now)
    hand_over_due(office, courier, now=now)
    assert (handover(case).state, handover(case).next_at) == ("queued", now + WAITS[0])
    county.behave = "json"
    assert not hand_over_due(office, courier, now=now + WAITS[0] / 2)
    assert hand_over_due(office, courier, now=now + WAITS[0])
    assert handover(case).state == "sent"


def test_refused_without_a_mailbox_it_comes_back_to_the_clerk_with_the_reason(
    wired: Wired, county: GeoServer, courier: Courier, now: datetime
):
    county.behave = "refused"
    office = wired()
    case = on_mill_road(office, now)
    hand_over_due(office, courier, now=now)
    request = again(case).request
    assert (request.status, request.agency, request.assignee) == ("received", None, office.rulebook.clerk)
    assert request.agency_remind_at is None
    failed, told = again(case).entries[-2:]
    assert (failed.kind, failed.is_public) == ("handover_failed", False)
    assert "outside the county" in failed.text
    assert "could not pass your report on to Alder County Highway Department" in told.text
    assert letters(case)[-2:] == ["resident_answer", "handoff_failed"]
    assert KEY not in failed.text
    assert handover(case).state == "failed"
    assert counted_as_handed_over(case) == 0
    assert not hand_over_due(office, courier, now=now + 100 * HOUR)


def test_refused_with_a_mailbox_it_goes_by_mail_and_the_clerk_is_told(
    wired: Wired, county: GeoServer, courier: Courier, now: datetime
):
    county.behave = "refused"
    office = wired(email="highway@aldercounty.example")
    case = on_mill_road(office, now)
    hand_over_due(office, courier, now=now)
    request = again(case).request
    assert (request.status, request.agency) == ("waiting_agency", COUNTY)
    assert letters(case) == ["resident_receipt", "agency_handoff", "handoff_failed"]
    told = {"agency": COUNTY, "instead": "mail", "posted_at": now.isoformat()}
    assert again(case).entries[-1].facts == told
    assert counted_as_handed_over(case) == 1


@pytest.mark.parametrize("how", ["cut", "cut-inside", "broken", "gateway", "nonsense"])
def test_nobody_knows_whether_it_arrived_so_it_goes_twice_more_at_most(
    wired: Wired, county: GeoServer, courier: Courier, now: datetime, how: str
):
    county.behave = how
    office = wired()
    case = on_mill_road(office, now)
    at = now
    for _round in range(10):
        hand_over_due(office, courier, now=at)
        at += 2 * HOUR
    assert len(county.posts) == REPEATS + 1
    assert len({seen.fields["description"] for seen in county.posts}) == 1
    assert handover(case).state == "failed"
    assert again(case).request.status == "received"


def test_a_repeat_that_certainly_did_not_arrive_is_none(
    wired: Wired, county: GeoServer, courier: Courier, now: datetime
):
    office = wired()
    case = on_mill_road(office, now)
    for number, how in enumerate(["cut", "busy", "busy", "busy", "busy", "json"]):
        county.behave = how
        assert hand_over_due(office, courier, now=now + number * 2 * HOUR)
    assert (handover(case).state, handover(case).repeats) == ("sent", 1)


def test_after_three_days_without_a_system_it_is_given_up(wired: Wired, now: datetime):
    office = wired()
    case = on_mill_road(office, now)
    nowhere = Courier({}, read_timeout=0.2)
    with writing() as session:
        session.merge(handover(case)).endpoint = "http://127.0.0.1:1/v2"
    at = now
    while at < now + PATIENCE + 2 * HOUR:
        hand_over_due(office, nowhere, now=at)
        at += HOUR
    assert handover(case).state == "failed"
    assert again(case).request.status == "received"


def test_where_nobody_answers_everything_else_for_it_waits_too(wired: Wired, now: datetime):
    office = wired()
    first, second = on_mill_road(office, now), on_mill_road(office, now)
    with writing() as session:
        for case in (first, second):
            session.merge(handover(case)).endpoint = "http://127.0.0.1:1/v2"
    assert hand_over_due(office, Courier({}), now=now)
    assert not hand_over_due(office, Courier({}), now=now)
    assert (handover(first).attempts, handover(second).attempts) == (1, 0)
    assert handover(second).next_at == now + WAITS[0]


def test_what_has_gone_another_way_is_not_posted(
    wired: Wired, county: GeoServer, courier: Courier, now: datetime
):
    office = wired()
    case = on_mill_road(office, now)
    answering.start(office, case.request.id, by="person:town-clerk", now=now)
    assert not hand_over_due(office, courier, now=now)
    assert county.posts == []
    assert handover(case).state == "cancelled"


class Dying:
    """A carrier that is killed behind the post, before anything is written down."""

    def __init__(self, door: Courier) -> None:
        self._door = door

    def post(self, agency: str, endpoint: str, fields: Mapping[str, str]) -> Outcome:
        self._door.post(agency, endpoint, fields)
        raise KeyboardInterrupt

    def number_for(self, endpoint: str, receipt: str, jurisdiction_id: str) -> str:
        raise NotImplementedError

    def standing(self, endpoint: str, reference: str, jurisdiction_id: str) -> Standing | None:
        raise NotImplementedError


def test_killed_again_and_again_it_sends_no_more_and_loses_nothing(
    wired: Wired, county: GeoServer, courier: Courier, now: datetime
):
    office = wired()
    case = on_mill_road(office, now)
    at = now
    for _kill in range(REPEATS + 1):
        with pytest.raises(KeyboardInterrupt):
            hand_over_due(office, Dying(courier), now=at)
        assert not hand_over_due(office, courier, now=at + LEASE / 2)
        at += LEASE
    assert len(county.posts) == REPEATS + 1
    assert hand_over_due(office, courier, now=at)
    assert len(county.posts) == REPEATS + 1
    assert handover(case).state == "failed"
    assert letters(case)[-1] == "handoff_failed"


def test_killed_once_the_report_arrives_with_the_same_reference(
    wired: Wired, county: GeoServer, courier: Courier, now: datetime
):
    office = wired()
    case = on_mill_road(office, now)
    with pytest.raises(KeyboardInterrupt):
        hand_over_due(office, Dying(courier), now=now)
    assert hand_over_due(office, courier, now=now + LEASE)
    assert [seen.fields["description"][:11] for seen in county.posts] == ["Ref 26-0001"] * 2
    assert again(case).request.agency_reference == "1002"


def test_a_demonstration_posts_to_nobody(wired: Wired, county: GeoServer, courier: Courier, now: datetime):
    office = wired()
    case = on_mill_road(office, now)
    with writing() as session:
        session.merge(handover(case)).endpoint = "https://311.county.example/v2"
    hand_over_due(office, courier, now=now)
    assert "demonstration" in (handover(case).last_error or "")


def test_a_silent_office_hands_nothing_over(wired: Wired, now: datetime):
    case = on_mill_road(replace(wired(), is_silent=True), now)
    with reading() as session:
        assert session.scalars(select(Handover)).all() == []
    assert case.request.agency_remind_at is None


def test_the_demonstration_town_hands_over_to_no_system():
    rulebook, _layers = load(ROOT / "rules.yaml")
    assert not [agency.id for agency in rulebook.agencies.values() if agency.open311]

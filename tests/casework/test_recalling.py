"""When the town takes a request from an agency, does everybody hear it, and can the agency still act?"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes, policy

import pytest

from casework import access, answering, receiving, redirecting, rerouting
from casework.errors import NotPossible, WrongMove
from casework.following import remind_due
from casework.office import Office
from lifecycle.status import Ending
from mail.address import token
from storage import lookups
from storage.database import reading
from storage.tables import OutgoingLetter
from tests.builders import opened

MILL_ROAD = (43.60902, -72.33341)
TOWN_ROAD = (43.59597, -72.33374)
COUNTY = "county-highway"
BY_COUNTY = f"agency:{COUNTY}"
FOREMAN = "person:road-foreman"


def away(office: Office, now: datetime, email: str = "resident@example.org") -> lookups.Case:
    """Return a request that waits for the county."""
    _, case = opened(office, now, service="pothole", at=MILL_ROAD, place="Mill Road", email=email)
    assert (case.request.status, case.request.agency) == ("waiting_agency", COUNTY)
    return case


def current(case: lookups.Case) -> lookups.Case:
    found = lookups.case(case.request.id)
    assert found is not None
    return found


def letters(case: lookups.Case, kind: str) -> list[str]:
    with reading() as session:
        raws = [
            row.raw
            for row in session.query(OutgoingLetter).filter_by(request_id=case.request.id, kind=kind).all()
        ]
    texts = []
    for raw in raws:
        body = message_from_bytes(raw, policy=policy.default).get_body(("plain",))
        assert body is not None
        texts.append(" ".join(body.get_content().split()))
    return texts


def keep(office: Office, case: lookups.Case, now: datetime) -> None:
    rerouting.reroute(
        office, case.request.id, service="pothole", at=TOWN_ROAD, place="Old Turnpike",
        text="Only we read this.", by=FOREMAN, now=now,
    )  # fmt: skip


def test_who_was_told_that_the_agency_has_it_hears_that_the_town_has_it_again(office: Office, now: datetime):
    case = away(office, now)
    keep(office, case, now)
    (told,) = letters(case, "resident_returned")
    assert "We have taken your request back from Alder County Highway Department." in told
    assert "told us that this is not their job" not in told, "they did not say so"
    assert "Only we read this" not in told
    last = current(case).public_entries[-1]
    assert (last.kind, last.by) == ("answered", "townline"), "their own page tells it too"
    assert current(case).request.answered_at is None, "it is no answer of a person"


def test_the_preview_says_that_the_resident_hears_it(office: Office, now: datetime):
    for email, said in (
        ("r@example.org", "is told by mail that the town has it"),
        ("", "Their own page says"),
    ):
        case = away(office, now, email=email)
        plan = rerouting.preview(
            office, case.request, service="pothole", at=TOWN_ROAD, place="Old Turnpike", now=now
        )
        assert any(said in change for change in plan.changes)
        assert not any("not written to" in change for change in plan.changes)


def test_who_begins_what_an_agency_has_takes_it_back(office: Office, now: datetime):
    case = away(office, now)
    answering.start(office, case.request.id, by=FOREMAN, now=now)
    after = current(case).request
    assert (after.status, after.agency, after.agency_remind_at) == ("in_progress", None, None)
    assert "Now we see to it ourselves" in letters(case, "agency_taken_back")[0]
    assert letters(case, "resident_returned")
    assert not access.admit(
        office, token(office.secret, "agency", after.number, COUNTY), now=now
    ).may_act  # fmt: skip


def test_an_agency_cannot_end_what_the_town_works_on(office: Office, now: datetime):
    case = away(office, now)
    answering.start(office, case.request.id, by=FOREMAN, now=now)
    for verb in (redirecting.agency_finish, redirecting.agency_refuse, redirecting.agency_accept):
        with pytest.raises(NotPossible):
            verb(office, case.request.id, text="Done.", by=BY_COUNTY, now=now)
    assert current(case).request.status == "in_progress"


def test_the_town_asks_nobody_else_while_an_agency_has_it(office: Office, now: datetime):
    case = away(office, now)
    with pytest.raises(WrongMove):
        answering.ask_resident(office, case.request.id, text="Which pole?", by=FOREMAN, now=now)
    assert current(case).request.status == "waiting_agency"


@pytest.mark.parametrize("ending", [Ending.FIXED, Ending.SPAM, None])
def test_an_agency_hears_that_it_has_ended_meanwhile(office: Office, now: datetime, ending: Ending | None):
    case = away(office, now)
    if ending is None:
        receiving.withdraw(office, case.request.id, text="", now=now)
    else:
        answering.finish(office, case.request.id, ending=ending, text="", by=FOREMAN, now=now)
    (told,) = letters(case, "agency_taken_back")
    assert "It has ended meanwhile. Please do not send anybody." in told
    assert current(case).request.agency_remind_at is None
    assert remind_due(office, now=now + timedelta(days=90)) == 0


def test_who_never_went_to_an_agency_causes_no_letter_to_one(office: Office, now: datetime):
    _, case = opened(office, now)
    answering.start(office, case.request.id, by=FOREMAN, now=now)
    answering.finish(office, case.request.id, ending=Ending.FIXED, text="", by=FOREMAN, now=now)
    assert not letters(case, "agency_taken_back")
    assert not letters(case, "resident_returned")


def test_an_agency_that_the_rules_forgot_can_still_say_no(office: Office, now: datetime):
    case = away(office, now)
    left = {name: one for name, one in office.rulebook.agencies.items() if name != COUNTY}
    smaller = replace(office, rulebook=office.rulebook.model_copy(update={"agencies": left}))
    redirecting.agency_refuse(smaller, case.request.id, text="Not ours.", by=BY_COUNTY, now=now)
    assert current(case).request.assignee == smaller.rulebook.clerk
    assert "The agency told us that this is not their job" in letters(case, "resident_returned")[0]


@pytest.mark.parametrize("verb", ["keep", "start", "finish", "accept", "finish by agency", "remind"])
def test_an_agency_that_the_rules_forgot_stops_nobody(office: Office, now: datetime, verb: str):
    case = away(office, now)
    left = {name: one for name, one in office.rulebook.agencies.items() if name != COUNTY}
    smaller = replace(office, rulebook=office.rulebook.model_copy(update={"agencies": left}))
    number = case.request.id
    if verb == "keep":
        keep(smaller, case, now)
    elif verb == "start":
        answering.start(smaller, number, by=FOREMAN, now=now)
    elif verb == "finish":
        answering.finish(smaller, number, ending=Ending.FIXED, text="", by=FOREMAN, now=now)
    elif verb == "accept":
        redirecting.agency_accept(smaller, number, text="", by=BY_COUNTY, now=now)
    elif verb == "finish by agency":
        redirecting.agency_finish(smaller, number, text="", by=BY_COUNTY, now=now)
    else:
        assert remind_due(smaller, now=now + timedelta(days=90)) == 1
        assert letters(case, "agency_silent")

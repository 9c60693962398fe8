"""Can a resident stop the letters with one click of their mail program, and miss nothing that matters?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from sqlalchemy import select

from casework import answering, redirecting
from casework.office import Office
from lifecycle.status import Ending
from mail.address import token
from storage import lookups
from storage.database import Base, reading
from storage.lookups import Case
from storage.tables import OutgoingLetter
from tests.builders import opened
from tests.conscience import StrictClient

FOREMAN = "person:road-foreman"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def case(office: Office) -> Case:
    return opened(office, datetime.now(UTC), service="pothole", at=(43.59597, -72.33374))[1]


def address(office: Office, case: Case, room: str = "/stop") -> str:
    key = token(office.secret, "resident", case.request.number, "resident")
    return f"/r/{case.request.number}{room}?t={key}"


def answer(office: Office, case: Case) -> None:
    answering.answer(office, case.request.id, text="On Friday.", by=FOREMAN, now=datetime.now(UTC))


def told(case: Case) -> list[str]:
    letters = lookups.letters_of(case.request.id)
    return [one.kind for one in letters if one.kind.startswith("resident") and one.state != "cancelled"]


def everything() -> dict[str, list]:
    with reading() as session:
        return {table.name: list(session.execute(select(table))) for table in Base.metadata.sorted_tables}


def current(case: Case) -> Case:
    found = lookups.case(case.request.id)
    assert found is not None
    return found


def test_a_letter_with_news_says_how_to_stop_by_one_click(client: StrictClient, office: Office, case: Case):
    answer(office, case)
    with reading() as session:
        raw = {row.kind: row.raw for row in session.execute(select(OutgoingLetter.kind, OutgoingLetter.raw))}
    letter = message_from_bytes(raw["resident_answer"], policy=default)
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert case.request.number in letter["List-Id"]
    link = letter["List-Unsubscribe"].strip("<>")
    assert link == office.base_url + address(office, case)
    body = letter.get_body(("plain",))
    assert body is not None
    assert link in body.get_content()
    for other in ("resident_receipt", "assigned"):
        assert "List-Unsubscribe" not in message_from_bytes(raw[other], policy=default)
    assert client.post(address(office, case), data=ONE_CLICK).status_code == 200
    assert current(case).request.updates_stopped_at is not None


@pytest.mark.parametrize("body", [ONE_CLICK, {}, {"do": "stop"}, {"anything": "else"}])
def test_the_post_needs_nothing_but_its_address(
    client: StrictClient, office: Office, case: Case, body: dict[str, str]
):
    page = client.post(address(office, case), data=body)
    assert page.status_code == 200
    assert "Set-Cookie" not in page.headers
    assert "You get no more letters about it." in page.get_data(as_text=True)
    assert current(case).request.updates_stopped_at is not None


def test_looking_at_the_page_changes_nothing(client: StrictClient, office: Office, case: Case):
    before = everything()
    for _ in range(3):
        assert "Stop the letters" in client.get(address(office, case)).get_data(as_text=True)
        assert client.head(address(office, case)).status_code == 200
    assert everything() == before


def test_twice_is_once(client: StrictClient, office: Office, case: Case):
    for _ in range(3):
        client.post(address(office, case), data=ONE_CLICK)
    assert [entry.kind for entry in current(case).entries].count("updates_stopped") == 1


def test_updates_stop_and_a_question_is_still_asked(client: StrictClient, office: Office, case: Case):
    now = datetime.now(UTC)
    client.post(address(office, case), data=ONE_CLICK)
    answer(office, case)
    answering.ask_resident(office, case.request.id, text="Which side?", by=FOREMAN, now=now)
    answering.finish(office, case.request.id, ending=Ending.FIXED, text="Filled.", by=FOREMAN, now=now)
    assert told(case) == ["resident_receipt", "resident_question"]
    page = client.get(address(office, case, "")).get_data(as_text=True)
    assert "On Friday." in page, "the page goes on telling"
    assert "You get no letters about it" in page


def test_what_still_waits_to_leave_is_stopped_too(client: StrictClient, office: Office, case: Case):
    redirecting.redirect(
        office, case.request.id, agency="county-highway", text="", by=FOREMAN, now=datetime.now(UTC)
    )
    client.post(address(office, case), data=ONE_CLICK)
    assert told(case) == ["resident_receipt"]


def test_the_letters_can_be_started_again(client: StrictClient, office: Office, case: Case):
    client.post(address(office, case), data=ONE_CLICK)
    page = client.post(address(office, case), data={"do": "resume"}).get_data(as_text=True)
    assert "You get letters about it again." in page
    answer(office, case)
    assert told(case)[-1] == "resident_answer"
    assert [entry.kind for entry in current(case).entries][2:4] == ["updates_stopped", "updates_resumed"]


def test_the_employee_reads_that_no_letter_goes_out(client: StrictClient, office: Office, case: Case):
    client.post(address(office, case), data=ONE_CLICK)
    link = "/a/" + token(office.secret, "employee", case.request.number, case.request.assignee)
    mark = "a-one-time-mark-of-a-form"
    fields = {"do": "answer", "answer-nonce": mark, "answer-text": "On Friday."}
    page = client.post(link, data=fields, follow_redirects=True).get_data(as_text=True)
    assert "The resident wants no letters about it." in page


@pytest.mark.parametrize("method", ["get", "post"])
def test_another_key_stops_nothing(client: StrictClient, office: Office, case: Case, method: str):
    _, other = opened(office, datetime.now(UTC) - timedelta(days=1))
    theirs = token(office.secret, "resident", other.request.number, "resident")
    staff = token(office.secret, "employee", case.request.number, case.request.assignee)
    for key in (theirs, staff, "", "x" * 20):
        page = getattr(client, method)(f"/r/{case.request.number}/stop?t={key}")
        assert page.status_code == 404
    assert current(case).request.updates_stopped_at is None

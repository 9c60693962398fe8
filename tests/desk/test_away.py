"""The page behind "I am away": does looking change nothing, and does saying it once suffice?"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from casework import access
from casework.office import Office
from mail.address import token
from storage import absences
from storage.lookups import Case
from tests.builders import opened
from tests.conscience import StrictClient

MANAGER = "transfer-station-manager"
DIRECTOR = "public-works-director"


@pytest.fixture
def case(office: Office) -> Case:
    _, found = opened(office, datetime.now(UTC))
    return found


@pytest.fixture
def page(office: Office, case: Case) -> str:
    return f"/a/{token(office.secret, 'employee', case.request.number, MANAGER)}/away"


def today(office: Office) -> date:
    return datetime.now(office.zone).date()


def days(office: Office, **more: str) -> dict[str, str]:
    first = today(office)
    return {"first": first.isoformat(), "last": (first + timedelta(days=5)).isoformat(), "what": "new"} | more


def test_looking_three_times_changes_nothing(client: StrictClient, office: Office, page: str):
    for _ in range(3):
        answer = client.get(page)
        assert answer.status_code == 200
        assert "Public Works Director" in answer.text
        assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert absences.coming(MANAGER, today(office)) == []


def test_saying_it_twice_keeps_it_once(client: StrictClient, office: Office, page: str):
    client.post(page, data=days(office))
    answer = client.post(page, data=days(office))
    assert answer.status_code == 303
    assert len(absences.coming(MANAGER, today(office))) == 1
    shown = client.get(answer.headers["Location"]).text
    assert "Kept" in shown
    assert "Take it back" in shown


def test_open_requests_go_along_where_that_is_chosen(
    client: StrictClient, office: Office, page: str, case: Case
):
    client.post(page, data=days(office, what="open"))
    assert list(absences.open_of(MANAGER)) == []
    assert list(absences.open_of(DIRECTOR)) == [case.request.id]


def test_it_can_be_taken_back(client: StrictClient, office: Office, page: str):
    client.post(page, data=days(office))
    (said,) = absences.coming(MANAGER, today(office))
    answer = client.post(page, data={"do": "back", "absence": str(said.id)})
    assert "Taken back" in client.get(answer.headers["Location"]).text
    assert absences.coming(MANAGER, today(office)) == []


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"last": "soon"}, "Write the last day as in"),
        ({"last": "2001-01-01"}, "The last day is before the first."),
        ({"what": ""}, "Choose what your deputy gets."),
    ],
)
def test_what_is_wrong_is_said(
    client: StrictClient, office: Office, page: str, wrong: dict[str, str], sentence: str
):
    answer = client.post(page, data=days(office, **wrong))
    assert answer.status_code == 422
    assert sentence in answer.text


def test_a_deputy_may_say_it_of_a_colleague_and_a_stranger_may_not(
    client: StrictClient, office: Office, case: Case, page: str
):
    from storage.database import writing

    with writing() as session:
        deputy = access.grant(session, office, case.request, "employee", DIRECTOR, now=datetime.now(UTC))
        stranger = access.grant(
            session, office, case.request, "employee", "tree-warden", now=datetime.now(UTC)
        )
    asked = client.get(f"/a/{deputy}/away?who={MANAGER}&until=2099-01-01")
    assert "Is Transfer Station Manager away?" in asked.text
    assert "2099-01-01" in asked.text
    assert client.get(f"/a/{stranger}/away?who={MANAGER}").status_code == 404
    client.post(f"/a/{deputy}/away", data=days(office, who=MANAGER))
    (said,) = absences.coming(MANAGER, today(office))
    assert said.said_by == f"person:{DIRECTOR}"


def test_a_residents_link_opens_no_such_page(client: StrictClient, office: Office, case: Case):
    value = token(office.secret, "resident", case.request.number, access.RESIDENT)
    assert client.get(f"/a/{value}/away").status_code == 404

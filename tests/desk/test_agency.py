"""Can an agency answer on its page, and is what it wrote kept when something is wrong?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from casework import access, answering, redirecting
from casework.office import Office
from mail.address import token
from storage import lookups
from storage.lookups import Case
from tests.builders import opened
from tests.conscience import StrictClient

COUNTY = "county-highway"


@pytest.fixture
def handed(office: Office) -> Case:
    now = datetime.now(UTC)
    _, case = opened(office, now)
    redirecting.redirect(office, case.request.id, agency=COUNTY, text="", by="person:town-clerk", now=now)
    return case


@pytest.fixture
def page(office: Office, handed: Case) -> str:
    key = token(office.secret, "agency", handed.request.number, COUNTY)
    return access.desk_url(office, key).removeprefix(office.base_url)


def send(client: StrictClient, page: str, do: str, **fields: str):
    named = {f"{do}-{name}": value for name, value in fields.items()}
    return client.post(page, data={"do": do, f"{do}-nonce": "a-mark-of-this-form", **named})


def again(case: Case) -> Case:
    found = lookups.case(case.request.id)
    assert found is not None
    return found


def test_a_yes_with_a_day_is_noted_told_and_shown(client: StrictClient, page: str, handed: Case):
    day = (datetime.now(UTC) + timedelta(days=20)).date()
    answer = send(client, page, "accept", text="Our crew comes.", expected=day.isoformat())
    assert answer.status_code == 303
    assert again(handed).request.expected_on == day
    shown = client.get(answer.location).get_data(as_text=True)
    assert "expect to be done by" in shown
    assert day.strftime("%Y") in shown
    assert "With you" in shown
    assert "Waiting for the agency" not in shown


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2020-01-01", "This day is over"),
        ("9000-01-01", "more than two years away"),
        ("next week", "Write the day as in"),
        ("2026-02-31", "Write the day as in"),
    ],
)
def test_a_wrong_day_is_refused_and_everything_that_was_written_stays(
    client: StrictClient, page: str, handed: Case, day: str, said: str
):
    answer = send(client, page, "accept", text="Our crew comes.", expected=day)
    shown = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert said in shown
    assert f'value="{day}"' in shown
    assert "Our crew comes." in shown
    assert again(handed).request.expected_on is None


def test_a_no_may_name_whose_it_is(client: StrictClient, page: str, handed: Case):
    shown = client.get(page).get_data(as_text=True)
    assert "Alder Falls Village</option>" in shown
    assert f'<option value="{COUNTY}"' not in shown, "it is not theirs, they say"
    assert send(client, page, "refuse", whose="village-office").status_code == 303
    assert again(handed).request.assignee == "town-clerk"
    assert again(handed).entries[-1].facts["whose"] == "village-office"


def test_a_name_that_is_not_on_the_list_is_refused(client: StrictClient, page: str, handed: Case):
    assert send(client, page, "refuse", whose="the-moon").status_code == 422
    assert again(handed).request.agency == COUNTY


def test_who_begins_what_an_agency_has_is_told_beforehand_and_afterwards_who_hears_of_it(
    client: StrictClient, office: Office
):
    now = datetime.now(UTC)
    _, case = opened(office, now)
    by = case.request.assignee
    link = "/a/" + token(office.secret, "employee", case.request.number, by)
    assert "no letter goes out" in client.get(link).get_data(as_text=True)
    redirecting.redirect(office, case.request.id, agency=COUNTY, text="", by=f"person:{by}", now=now)
    assert "the agency and the resident get a letter" in client.get(link).get_data(as_text=True)
    sent = client.post(
        link, data={"do": "start", "start-nonce": "a-one-time-mark-of-a-form"}, follow_redirects=True
    )
    page = sent.get_data(as_text=True)
    assert "The resident gets this letter" in page
    assert "[26-0001] The town has your request again" in page


def test_an_agency_with_an_old_page_reads_that_the_town_took_it_back(client: StrictClient, office: Office):
    now = datetime.now(UTC)
    _, case = opened(office, now)
    by = f"person:{case.request.assignee}"
    redirecting.redirect(office, case.request.id, agency=COUNTY, text="", by=by, now=now)
    answering.start(office, case.request.id, by=by, now=now)
    link = "/a/" + token(office.secret, "agency", case.request.number, COUNTY)
    answer = client.post(link, data={"do": "done", "done-nonce": "a-one-time-mark-of-a-form"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "with a colleague" not in page
    assert "The town has taken this request back" in page


def test_what_one_agency_refused_does_not_explain_why_the_next_one_has_it(
    client: StrictClient, office: Office, page: str, handed: Case
):
    send(client, page, "refuse", text="That stretch was given up.")
    case = again(handed)
    key = token(office.secret, "employee", case.request.number, case.request.assignee)
    employee = access.desk_url(office, key).removeprefix(office.base_url)
    assert "so the town has it again" in client.get(employee).get_data(as_text=True)
    redirecting.redirect(
        office,
        case.request.id,
        agency="village-office",
        text="",
        by="person:town-clerk",
        now=datetime.now(UTC),
    )
    assert again(handed).request.agency == "village-office"
    assert "so the town has it again" not in client.get(employee).get_data(as_text=True)

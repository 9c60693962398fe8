"""Can a mistake be taken back on the page where it was made, or behind the link of the letter about it?"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from casework import answering, redirecting
from casework.office import EXTENSION, Office
from lifecycle.status import Ending
from mail.address import token
from storage import lookups
from storage.lookups import Case
from tests.builders import opened
from tests.conscience import StrictClient

FOREMAN = "person:road-foreman"
MARK = "a-one-time-mark-of-a-form"
TOWN_ROAD = (43.59597, -72.33374)


@pytest.fixture
def holding(app: Flask, office: Office) -> Office:
    """The office that the application serves, as in a real town: letters wait."""
    office = replace(office, hold=timedelta(minutes=5))
    app.extensions[EXTENSION].swap(office)
    return office


@pytest.fixture
def case(holding: Office) -> Case:
    return opened(holding, datetime.now(UTC), service="pothole", at=TOWN_ROAD)[1]


def link(office: Office, case: Case, person: str = "road-foreman") -> str:
    with_value = token(office.secret, "employee", case.request.number, person)
    return "/a/" + with_value


def current(case: Case) -> Case:
    found = lookups.case(case.request.id)
    assert found is not None
    return found


def send(client: StrictClient, address: str, do: str, **fields: str) -> str:
    fields.setdefault("nonce", MARK)
    data = {"do": do, **{f"{do}-{name}": value for name, value in fields.items()}}
    return client.post(address, data=data, follow_redirects=True).get_data(as_text=True)


def undo_fields(page: str) -> dict[str, str]:
    form = page.split('id="do-undo"')[1].split("</form>")[0]
    return dict(re.findall(r'name="undo-(\w+)" value="([^"]+)"', form))


def test_after_an_act_the_page_shows_the_letter_when_it_leaves_and_the_way_back(
    client: StrictClient, holding: Office, case: Case
):
    page = send(client, link(holding, case), "answer", text="We come on Friday.")
    assert "The resident gets this letter. It leaves at" in page
    assert "An answer to your request: Pothole" in page
    assert "&gt; We come on Friday." in page
    assert "Possible until" in page
    own = token(holding.secret, "resident", case.request.number, "resident")
    assert own not in page, "the resident's own key is not shown"


def test_one_button_takes_it_back_and_twice_is_once(client: StrictClient, holding: Office, case: Case):
    address = link(holding, case)
    fields = undo_fields(send(client, address, "finish", ending="fixed", text="Filled."))
    page = send(client, address, "undo", **fields)
    assert "Undone: the request is as it was before." in page
    assert "No letter had left" in page
    assert "Undone: the request" in send(client, address, "undo", **fields)
    assert "Ended: fixed (undone)" in page
    assert current(case).request.status == "received"
    assert [entry.kind for entry in current(case).entries].count("undone") == 1
    letters = lookups.letters_of(case.request.id)
    assert {one.state for one in letters if one.kind == "resident_finished"} == {"cancelled"}


def test_who_gave_it_away_can_take_that_back(client: StrictClient, holding: Office, case: Case):
    address = link(holding, case)
    page = send(client, address, "give", to="health-officer")
    assert "only shows it" in page
    page = send(client, address, "undo", **undo_fields(page))
    assert "Undone" in page
    assert current(case).request.assignee == "road-foreman"


def test_the_link_in_a_letter_shows_the_act_and_changes_nothing(
    client: StrictClient, holding: Office, case: Case
):
    answering.answer(holding, case.request.id, text="On Friday.", by=FOREMAN, now=datetime.now(UTC))
    entry = current(case).entries[-1]
    page = ""
    for _ in range(3):
        page = client.get(f"{link(holding, case)}?undo={entry.id}").get_data(as_text=True)
        assert client.head(f"{link(holding, case)}?undo={entry.id}").status_code == 200
    assert len(current(case).entries) == 3
    assert "cannot be undone" not in page
    page = send(client, link(holding, case), "undo", **undo_fields(page))
    assert "Undone" in page
    again = client.get(f"{link(holding, case)}?undo={entry.id}").get_data(as_text=True)
    assert "This was undone." in again
    assert "do-undo" not in again


def test_behind_the_link_after_a_quarter_of_an_hour_there_is_no_button(client: StrictClient, holding: Office):
    early = datetime.now(UTC) - timedelta(minutes=20)
    _, case = opened(holding, early, service="pothole", at=TOWN_ROAD)
    answering.answer(holding, case.request.id, text="On Friday.", by=FOREMAN, now=early)
    entry = current(case).entries[-1].id
    page = client.get(f"{link(holding, case)}?undo={entry}").get_data(as_text=True)
    assert "do-undo" not in page
    assert "This cannot be undone any more" in page
    page = send(client, link(holding, case), "undo", entry=str(entry))
    assert "more than 15 minutes ago" in page
    assert current(case).entries[-1].kind == "answered"


@pytest.mark.parametrize("entry", ["", "x", "-1", "1 OR 1=1", "9" * 40, "999999", "²"])
def test_wild_numbers_undo_nothing(client: StrictClient, holding: Office, case: Case, entry: str):
    answering.finish(
        holding, case.request.id, ending=Ending.FIXED, text="", by=FOREMAN, now=datetime.now(UTC)
    )
    send(client, link(holding, case), "undo", entry=entry)
    assert client.get(link(holding, case) + f"?undo={entry}").status_code == 200
    assert current(case).request.status == "ended"


def test_an_agency_undoes_its_own_word_and_nobody_elses(client: StrictClient, holding: Office, case: Case):
    now = datetime.now(UTC)
    redirecting.redirect(holding, case.request.id, agency="county-highway", text="", by=FOREMAN, now=now)
    handed = current(case).entries[-1].id
    address = "/a/" + token(holding.secret, "agency", case.request.number, "county-highway")
    page = send(client, address, "undo", entry=str(handed))
    assert "Only who did it can undo it" in page
    page = send(client, address, "refuse", text="Not ours.")
    page = send(client, address, "undo", **{**undo_fields(page), "nonce": MARK + "-2"})
    assert "Undone" in page
    assert current(case).request.status == "waiting_agency"

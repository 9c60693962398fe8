"""Does the signed page note time, show what was noted, and refuse what is no length of time?"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from casework.costing import spent_on
from casework.office import Office
from casework.timing import own_times
from inbox.time_written import Spent
from tests.builders import opened
from tests.conscience import StrictClient
from tests.desk.test_pages import employee_link, send


@pytest.fixture
def moment() -> datetime:
    return datetime.now(UTC)


def test_the_page_notes_time_once_and_shows_the_sum(client: StrictClient, office: Office, moment: datetime):
    _receipt, case = opened(office, moment)
    link = employee_link(office, case)
    for _click in range(2):
        answer = send(client, link, "time", hours="1h30", vehicle="", materials="42.50", text="Two bags.")
        assert answer.status_code == 303
    assert spent_on(case.request.id) == Spent(90, 0, 4250)
    shown = client.get(link).text
    # At 47.50 an hour, as the demonstration's rules have it.
    assert "Noted so far: 1 h 30 min, materials 42.50: $113.75 by the town&#39;s rates." in shown
    assert "Time noted: 1 h 30 min, materials 42.50" in shown


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"hours": "90"}, "Write a length of time"),
        ({"hours": "1h", "vehicle": "soon"}, "Write a length of time"),
        ({"hours": "1h", "materials": "some"}, "Write an amount"),
        ({}, "Write how long it took"),
    ],
)
def test_what_is_not_understood_is_said_beside_its_field(
    client: StrictClient, office: Office, moment: datetime, fields: dict[str, str], said: str
):
    _receipt, case = opened(office, moment)
    answer = send(client, employee_link(office, case), "time", **fields)
    assert answer.status_code == 422
    assert said in answer.text
    assert spent_on(case.request.id) == Spent()


def test_the_page_puts_right_or_removes_what_its_reader_noted(
    client: StrictClient, office: Office, moment: datetime
):
    _receipt, case = opened(office, moment)
    link = employee_link(office, case)
    assert "Put right what you noted" not in client.get(link).text
    send(client, link, "time", hours="1h30", vehicle="", materials="42.50")
    [own] = own_times(case.request.id, by=f"person:{case.request.assignee}")
    page = client.get(link).text
    assert "Put right what you noted" in page
    assert 'value="1h30"' in page, "what it says now stands in the fields"
    assert 'value="42.50"' in page
    for fields, said in (
        ({"entry": "", "hours": "1h"}, "Choose which entry it is."),
        ({"entry": str(own.number)}, "Write how long it took"),
        ({"entry": "99999", "hours": "1h"}, "There is no such entry of yours any more."),
    ):
        refused = send(
            client, link, "retime", nonce="a-refused-form-00", **{"hours": "", "vehicle": ""} | fields
        )
        assert refused.status_code in (409, 422)
        assert said in refused.text
    done = send(client, link, "retime", nonce="the-second-form-0", entry=str(own.number), hours="45 min")
    assert "Done: the noted time now says 45 min." in client.get(done.location).text
    assert "Noted time put right: 45 min instead of 1 h 30 min, materials 42.50" in client.get(link).text
    done = send(client, link, "retime", nonce="the-third-form-00", entry=str(own.number), remove="1")
    assert "Done: the noted time is removed." in client.get(done.location).text
    assert "Noted time removed: 45 min" in client.get(link).text
    assert spent_on(case.request.id) == Spent()

"""Does the manager see the analytics by the letter's link, as far as the report goes, and nobody else?"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import undefer

from casework.office import Office
from casework.operating import revoke_operator_links
from reports import making
from reports.edition import make_due
from reports.inviting import LEEWAY
from reports.period import Period
from reports.sending import send_again, send_preview
from storage.database import reading
from storage.tables import AnalyticsLink, OutgoingLetter
from tests.builders import opened
from tests.conscience import StrictClient
from tests.reports.plans import NAME, planning
from tests.reports.test_runs import DUE, HOUR

MANAGER, OTHER = "manager@alderfalls.example", "assistant@alderfalls.example"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "pdf_of", lambda html, **_more: b"%PDF-1.7")


@pytest.fixture
def town(office: Office, now: datetime) -> Office:
    opened(office, now - timedelta(days=30))
    return planning(office, audience="manager", to=[MANAGER])


def links() -> dict[str, list[str]]:
    """Return the links in the letters: recipient -> addresses, the oldest first."""
    found: dict[str, list[str]] = {}
    with reading() as session:
        rows = session.scalars(select(OutgoingLetter).options(undefer(OutgoingLetter.raw))).all()
    for row in rows:
        body = message_from_bytes(row.raw, policy=default).get_body(("plain",))
        assert body is not None
        own = re.findall(r"https?://\S*(/analytics/\S+)", str(body.get_content()))
        found.setdefault(row.recipient, []).extend(own)
    return found


def status(client: FlaskClient, link: str, at: datetime) -> int:
    with time_machine.travel(at, tick=False):
        return client.get(link).status_code


def test_the_managers_letter_brings_a_link_that_shows_and_changes_nothing(town: Office, client: StrictClient):
    make_due(town, now=DUE)
    [link] = links()[MANAGER]
    with time_machine.travel(DUE + HOUR, tick=False):
        page = client.get(link)
        assert page.status_code == 200
        assert "<strong>October 2026</strong>" in page.text
        assert "/operations/" not in page.text
        assert '<select id="department"' in page.text
        assert page.headers["Cache-Control"] == "no-store"
        for name in ("contacts", "places", "work", "cost"):
            assert client.get(link.replace("?", f"{name}?")).status_code == 200
        assert client.get(link.replace("?", "nothing?")).status_code == 404
        assert client.post(link).status_code == 405
        # It is no key to anything else.
        key = link.split("/")[2]
        for other in (f"/operations/{key}/", f"/operations/{key}/reports", f"/operations/{key}/analytics/"):
            assert client.get(other).status_code == 404
    with reading() as session:
        assert key not in {row.token_hash for row in session.scalars(select(AnalyticsLink))}


def test_it_ends_two_weeks_after_the_next_report_and_says_where_the_next_one_is(
    town: Office, client: StrictClient
):
    make_due(town, now=DUE)
    [link] = links()[MANAGER]
    following = datetime.fromisoformat("2026-12-03T12:00:00+00:00")
    assert status(client, link, following + LEEWAY - HOUR) == 200
    with time_machine.travel(following + LEEWAY, tick=False):
        answer = client.get(link)
    assert answer.status_code == 410
    assert "The letter of the newest report has one that works." in answer.text


def test_it_is_closed_with_the_operators_links(town: Office, client: StrictClient):
    make_due(town, now=DUE)
    [link] = links()[MANAGER]
    assert revoke_operator_links(now=DUE + HOUR) == 1
    assert status(client, link, DUE + HOUR) == 410


@pytest.mark.parametrize(
    "keys",
    [{"to": [OTHER]}, {"audience": "council"}, {"audience": "department", "to": {"public-works": MANAGER}}],
    ids=["others", "council", "department"],
)
def test_who_gets_the_report_no_more_sees_nothing_more(
    town: Office, client: StrictClient, keys: dict[str, object]
):
    make_due(town, now=DUE)
    [link] = links()[MANAGER]
    planning(town, **keys)
    assert status(client, link, DUE + HOUR) == 410
    planning(town, audience="manager", to=[MANAGER.upper(), OTHER])
    assert status(client, link, DUE + HOUR) == 200


def test_every_recipient_and_every_sending_has_a_link_of_its_own_and_a_preview_none(town: Office):
    both = planning(town, to=[MANAGER, OTHER])
    make_due(both, now=DUE)
    month = Period.named("2026-10", town.zone)
    send_again(both, NAME, month, to=(MANAGER,), now=DUE + HOUR)
    send_preview(both, NAME, month, to="guest@example.org", now=DUE + HOUR)
    found = links()
    assert [len(found[one]) for one in (MANAGER, OTHER, "guest@example.org")] == [2, 1, 0]
    assert len(set(found[MANAGER] + found[OTHER])) == 3


def test_the_council_gets_no_link(office: Office, now: datetime):
    opened(office, now)
    make_due(planning(office, audience="council"), now=DUE)
    assert set(map(len, links().values())) == {0}


def test_the_head_of_a_department_sees_that_department_alone(
    office: Office, now: datetime, client: StrictClient
):
    opened(office, now - timedelta(days=30))
    to = {"public-works": ["head of department", OTHER]}
    make_due(planning(office, audience="department", to=to), now=DUE)
    head = office.rulebook.people[office.rulebook.departments["public-works"].head].email
    found = links()
    assert found[OTHER] == []
    [link] = found[head]
    with time_machine.travel(DUE + HOUR, tick=False):
        page = client.get(f"{link}&department=town-office").text
    name = office.rulebook.departments["public-works"].name.said("en")
    assert f"</strong> · {name}" in page
    assert '<select id="department"' not in page


def test_the_page_speaks_the_language_of_its_letters_reader(
    town: Office, client: StrictClient, monkeypatch: pytest.MonkeyPatch
):
    make_due(town, now=DUE)
    [link] = links()[MANAGER]
    monkeypatch.setattr("reports.guest.read_at", lambda _office, address: {MANAGER: "es"}[address])
    with time_machine.travel(DUE + HOUR, tick=False):
        page = client.get(link, headers={"Accept-Language": "fr"}).text
    assert '<html lang="es"' in page

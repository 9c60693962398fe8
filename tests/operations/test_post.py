"""Does the page "Mail" show what waits, failed and troubles, and do its buttons do exactly that?"""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from casework.delivering import deliver_due
from storage import lookups
from storage import recipients as rows
from storage.database import writing
from storage.tables import Mailbox, OutgoingLetter
from tests.axe import look
from tests.builders import opened
from tests.casework.test_drafting import a_mail, arrive
from tests.operations.test_looks import page  # noqa: F401 - the same window

FOREMAN = "roads@alderfalls.example"
TOWN_ROAD = (43.59597, -72.33374)


@pytest.fixture
def troubled(office, carrier, client):
    """A town whose foreman's mailbox is dead, with a failed letter, a draft and a mailbox that is read."""
    now = datetime.now(UTC)
    opened(office, now, service="pothole", at=TOWN_ROAD, email="refused@example.org")
    deliver_due(office, carrier, now=now)
    arrive(office, a_mail("Could somebody have a look, please?"), now)
    with writing() as session:
        box = rows.known(session, FOREMAN, now=now)
        box.suspended_at = box.bounced_at = now
        box.bounce = "550 5.1.1 no such mailbox"
        session.add(
            Mailbox(name="imap:town@mail.example/INBOX", uid=4, read_at=now, error="it does not answer")
        )
    return office


def failed() -> list[OutgoingLetter]:
    return list(lookups.letters_failed())


def test_it_shows_letters_mailboxes_what_arrives_and_drafts(client, link, troubled):
    shown = client.get(f"{link}mail").text
    for said in (
        "the resident",
        "26-0001",
        "550: 5.1.1",
        FOREMAN,
        "gives letters back",
        "imap:town@mail.example/INBOX",
        "it does not answer",
        "its sender was asked",
    ):
        assert said in shown, said
    assert "pat@home.example" not in shown
    assert "refused@example.org" not in shown


def test_it_is_reached_from_the_overview(client, link, troubled):
    assert f'href="{link}mail"' in client.get(link).text


def test_trying_again_queues_one_letter_and_putting_aside_ends_it(client, link, troubled):
    (letter,) = failed()
    answer = client.post(f"{link}mail", data={"do": "retry", "what": letter.id}, follow_redirects=True)
    assert "Queued again" in answer.text
    assert failed() == []
    with writing() as session:
        session.merge(letter).state = "failed"
    for _turn in range(2):
        answer = client.post(f"{link}mail", data={"do": "dismiss", "what": letter.id}, follow_redirects=True)
        assert "Put aside" in answer.text
    assert lookups.letter_counts()["cancelled"] == 1


def test_a_mailbox_is_written_to_again(client, link, troubled):
    answer = client.post(f"{link}mail", data={"do": "restore", "what": FOREMAN}, follow_redirects=True)
    assert "Letters go there again" in answer.text
    assert rows.suspended() == frozenset()


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"do": "retry"},
        {"do": "retry", "what": "x"},
        {"do": "drop", "what": "1"},
        {"do": "dismiss", "what": "9" * 40},
    ],
)
def test_anything_else_is_refused_and_changes_nothing(client, link, troubled, form):
    before = lookups.letter_counts()
    assert client.post(f"{link}mail", data=form).status_code == 400
    assert lookups.letter_counts() == before


def test_without_the_link_nothing_is_shown_or_done(client, troubled):
    assert client.get("/operations/aaaaaaaaaaaaaaaaaaaa/mail").status_code == 404
    assert (
        client.post("/operations/aaaaaaaaaaaaaaaaaaaa/mail", data={"do": "retry", "what": "all"}).status_code
        == 404
    )
    assert len(failed()) == 1


def test_healthz_counts_and_names_nobody(client, troubled):
    answer = client.get("/healthz")
    assert answer.status_code == 503
    counts = answer.json["counts"]
    assert (counts["letters_failed"], counts["drafts_waiting"], counts["mailboxes_suspended"]) == (1, 1, 1)
    assert "@" not in answer.text


def test_mail_status_tells_machines_the_same(app, troubled):
    said = json.loads(app.test_cli_runner().invoke(args=["mail", "status", "--json"]).output)
    assert said["drafts"] == 1
    foreman = next(box for box in said["mailboxes"] if box["address"] == FOREMAN)
    assert (foreman["state"], foreman["people"]) == ("suspended", ["road-foreman"])


@pytest.mark.browser
def test_the_page_passes_axe_and_fits(page, site, troubled, link):  # noqa: F811
    for name in ("mail", "mail?done=restored"):
        page.goto(site + link + name)
        look(page, name)

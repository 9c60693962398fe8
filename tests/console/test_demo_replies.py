"""Can a visitor of the demonstration answer a letter, and does it do what a real reply does?"""

from __future__ import annotations

from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
import time_machine
from flask import Flask

from casework.delivering import deliver_due
from casework.office import Office, the_office
from console.demo_replies import reply_to
from mail.folder import FolderCarrier
from settings import Settings
from storage import lookups
from tests.builders import opened
from tests.conscience import StrictClient

NUMBER = "26-0001"
"""Of the first request of a town without a past."""


@pytest.fixture
def folder(settings: Settings) -> Path:
    return settings.data / "letters"


def letters(folder: Path) -> dict[str, EmailMessage]:
    found = {}
    for file in sorted(folder.glob("*.eml")):
        message = message_from_bytes(file.read_bytes(), policy=default)
        assert isinstance(message, EmailMessage)
        found[file.name] = message
    return found


def one_to(folder: Path, reader: str) -> str:
    return next(name for name, letter in letters(folder).items() if reader in str(letter["To"]))


def text(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


@pytest.fixture
def assigned(bare_app: Flask, folder: Path, now: datetime) -> str:
    """The name of the letter by which an employee learned of a request."""
    with bare_app.app_context():
        office = the_office()
        _receipt, case = opened(office, now)
        deliver_due(office, FolderCarrier(folder), now=now)
        assert case.request.number == NUMBER
        assignee = office.rulebook.people[str(case.request.assignee)].email
        return one_to(folder, assignee)


def test_the_demonstration_reads_what_is_written_back(office: Office):
    assert office.reads_mail


def test_a_reply_quotes_the_letter_as_mail_programs_do(
    bare_app: Flask, folder: Path, assigned: str, now: datetime
):
    letter = letters(folder)[assigned]
    reply = reply_to(letter, "Done.", pictures=(), now=now)
    assert str(reply["From"]) == str(letter["To"])
    assert str(reply["To"]) == str(letter["Reply-To"])
    assert reply["In-Reply-To"] == letter["Message-ID"]
    words = reply.get_content()
    assert words.startswith("Done.\n\nOn Wed, Oct 14, 2026 at 16:00 ")
    assert all(line.startswith(">") for line in words.splitlines()[3:])


def test_an_employees_answer_reaches_the_resident(
    client: StrictClient, folder: Path, assigned: str, now: datetime
):
    before = set(letters(folder))
    page = client.get(f"/demo/mailbox/{assigned}").text
    assert "Answer this letter" in page
    with time_machine.travel(now, tick=True):
        sent = client.post(f"/demo/mailbox/{assigned}/answer", data={"words": "The truck comes on Friday."})
    assert sent.status_code == 303
    assert "Your answer arrived." in client.get(sent.location).text
    new = {name: letter for name, letter in letters(folder).items() if name not in before}
    (to_resident,) = [letter for letter in new.values() if "resident@example.org" in str(letter["To"])]
    assert "The truck comes on Friday." in text(to_resident)


def test_a_residents_answer_reaches_the_record(
    client: StrictClient, bare_app: Flask, folder: Path, assigned: str, now: datetime
):
    receipt = one_to(folder, "resident@example.org")
    with time_machine.travel(now, tick=True):
        client.post(f"/demo/mailbox/{receipt}/answer", data={"words": "It is the blue bin by the gate."})
    with bare_app.app_context():
        case = lookups.case_by_number(NUMBER)
        assert case is not None
        assert any("blue bin" in entry.text for entry in case.entries)


def test_nothing_written_is_said_and_strangers_forms_are_refused(client: StrictClient, assigned: str):
    empty = client.post(f"/demo/mailbox/{assigned}/answer", data={"words": "  "})
    assert empty.status_code == 422
    assert "Write something first." in empty.text
    data = {"words": "Done."}
    for foreign in (
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    ):
        assert client.post(f"/demo/mailbox/{assigned}/answer", data=data, headers=foreign).status_code == 403
    assert client.post("/demo/mailbox/nothing.eml/answer", data=data).status_code == 404
    assert "Your answer arrived" not in client.get("/demo/mailbox?answered=999").text


def test_where_letters_really_leave_nothing_can_be_answered_here(settings: Settings):
    assert not settings.model_copy(update={"smtp_host": "mx.example"}).reads_mail

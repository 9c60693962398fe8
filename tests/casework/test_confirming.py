"""Does whoever acted by mail read what became of it, exactly what the resident gets, and the way back?"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from sqlalchemy import delete, select, update

from casework import answering, undoing
from casework.change import changing
from casework.confirming import confirm
from casework.office import Office
from mail.address import token
from storage import lookups
from storage.database import reading, writing
from storage.lookups import Case
from storage.tables import OutgoingLetter
from tests.builders import opened

FOREMAN = "person:road-foreman"
HOLD = timedelta(minutes=5)
MAIL = "<CAF=abc+1@mail.example.org>"


@pytest.fixture
def holding(office: Office) -> Office:
    return replace(office, hold=HOLD)


@pytest.fixture
def case(holding: Office, now: datetime) -> Case:
    return opened(holding, now, service="pothole", at=(43.59597, -72.33374))[1]


def confirmed(office: Office, case: Case, now: datetime, answers_to: str = MAIL) -> EmailMessage:
    """Confirm the newest entry of the request, and return the letter."""
    with changing(office, case.request.id, by=FOREMAN, now=now) as change:
        found = lookups.case(case.request.id)
        assert found is not None
        for _twice in range(2):
            confirm(change, found.entries[-1], to="foreman@example.org", answers_to=answers_to)
            change.session.flush()
    with reading() as session:
        (raw,) = session.scalars(select(OutgoingLetter.raw).where(OutgoingLetter.kind == "acted")).all()
    letter = message_from_bytes(raw, policy=default)
    assert isinstance(letter, EmailMessage)
    return letter


def text_of(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_the_sender_reads_the_very_letter_when_it_leaves_and_how_to_undo(
    holding: Office, case: Case, now: datetime
):
    answering.answer(holding, case.request.id, text="We come on Friday.", by=FOREMAN, now=now)
    text = text_of(confirmed(holding, case, now))
    assert "Done: your answer is on its way." in text
    assert "It leaves on Wednesday, October 14, 2026, 12:05" in text
    assert "An answer to your request" in text
    assert "> > We come on Friday." in text
    assert f"/a/{token(holding.secret, 'employee', case.request.number, 'road-foreman')}?undo=" in text
    assert "12:15" in text


def test_the_residents_key_does_not_go_along(holding: Office, case: Case, now: datetime):
    answering.answer(holding, case.request.id, text="We come on Friday.", by=FOREMAN, now=now)
    own = token(holding.secret, "resident", case.request.number, "resident")
    letter = confirmed(holding, case, now)
    assert own not in letter.as_string()
    html = letter.get_body(("html",))
    assert html is not None
    assert own not in html.get_content()


def test_it_stands_in_the_thread_of_the_mail_that_it_answers(holding: Office, case: Case, now: datetime):
    answering.note(holding, case.request.id, text="Truck 3.", by=FOREMAN, now=now)
    letter = confirmed(holding, case, now)
    assert letter["In-Reply-To"] == MAIL
    assert case.request.number in letter["References"].split()[0]
    assert letter["Subject"].startswith(f"Re: [{case.request.number}] ")
    assert "The resident was not told." in text_of(letter)


@pytest.mark.parametrize(
    "wild", ["", "no id", "<a@b>\r\nBcc: x@example.org", "<" + "a" * 300 + "@b>", "<ä@b.c>"]
)
def test_a_wild_message_id_is_left_out(holding: Office, case: Case, now: datetime, wild: str):
    answering.note(holding, case.request.id, text="Truck 3.", by=FOREMAN, now=now)
    letter = confirmed(holding, case, now, answers_to=wild)
    assert len(letter["References"].split()) == 1
    assert letter["Bcc"] is None


def test_who_undoes_by_mail_reads_whether_anybody_has_heard(office: Office, now: datetime):
    for hold, said in ((HOLD, "No letter had left"), (timedelta(0), "They get a short one")):
        at_work = replace(office, hold=hold)
        _, case = opened(at_work, now)
        answering.answer(at_work, case.request.id, text="On Friday.", by=FOREMAN, now=now)
        if not hold:
            with writing() as session:
                session.execute(delete(OutgoingLetter).where(OutgoingLetter.kind == "acted"))
                session.execute(update(OutgoingLetter).values(state="sent"))
        act = undoing.newest(at_work, case.request.id, by=FOREMAN, now=now)
        assert act is not None
        undoing.undo(at_work, case.request.id, entry_id=act.entry.id, by=FOREMAN, now=now)
        text = text_of(confirmed(at_work, case, now))
        assert "Undone: the request is as it was before." in text
        assert said in text


def test_without_an_address_of_the_resident_it_says_where_it_shows(holding: Office, now: datetime):
    _, case = opened(holding, now, email="")
    answering.answer(holding, case.request.id, text="On Friday.", by=FOREMAN, now=now)
    assert "sees it on their own page" in text_of(confirmed(holding, case, now))

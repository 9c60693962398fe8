"""Does a mail do what it says, exactly once, and is none ever lost?"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from casework.office import Office
from storage import lookups
from tests.builders import opened
from tests.casework.letterbox import arrive, fate, kinds_to, letters_to, reading_mail, reply_to


@pytest.fixture
def mailing(office: Office) -> Office:
    return reading_mail(office)


def test_the_foreman_answers_in_plain_mail_and_the_resident_gets_exactly_that(
    mailing: Office, now: datetime
):
    receipt, case = opened(mailing, now)
    foreman = mailing.rulebook.people[case.request.assignee].email
    letter = letters_to(case.request.id, foreman)[-1]
    mail_id = arrive(mailing, reply_to(letter, "The truck comes tomorrow at seven."), now)
    assert (fate(mail_id).state, fate(mail_id).recipient) == ("applied", f"person:{case.request.assignee}")
    after = lookups.case(case.request.id)
    answer = after.entries[-1]
    assert (answer.kind, answer.text, answer.by) == (
        "answered",
        "The truck comes tomorrow at seven.",
        f"person:{case.request.assignee}",
    )
    told = letters_to(case.request.id, "resident@example.org")[-1]
    assert told.row.kind == "resident_answer"
    assert "The truck comes tomorrow at seven." in told.mail.text
    assert told.row.next_at == now + mailing.hold
    acted = letters_to(case.request.id, foreman)[-1]
    assert acted.row.kind == "acted"
    assert "The truck comes tomorrow at seven." in acted.mail.text

"""Does the employee read who opened a request again, and to which question the resident's words belong?"""

from __future__ import annotations

from datetime import datetime, timedelta

from casework import answering, receiving
from casework.office import Office
from lifecycle.status import Ending
from storage.lookups import Case
from tests.builders import opened
from tests.casework.letterbox import letters_to

CLERK = "person:town-clerk"
MINUTE = timedelta(minutes=1)


def newest(office: Office, case: Case) -> str:
    letter = letters_to(case.request.id, office.rulebook.people[case.request.assignee].email)[-1]
    return " ".join(letter.mail.text.split())


def test_who_opened_a_request_again_is_said(office: Office, now: datetime):
    _, case = opened(office, now)
    number = case.request.id
    answering.finish(office, number, ending=Ending.FIXED, text="", by=CLERK, now=now)
    receiving.reopen(office, number, text="It is as deep as before.", now=now)
    said = newest(office, case)
    assert "The resident says that it is not fixed, and opened this request again." in said
    assert "It is as deep as before." in said
    answering.finish(office, number, ending=Ending.NO_ACTION, text="Not this year.", by=CLERK, now=now)
    receiving.reopen(office, number, text="", now=now + MINUTE)
    assert "The resident opened this request again. It is yours." in newest(office, case)
    answering.finish(office, number, ending=Ending.FIXED, text="", by=CLERK, now=now)
    receiving.reopen(office, number, text="", by=CLERK, now=now + 2 * MINUTE)
    assert "Town Clerk opened this request again. It is yours." in newest(office, case)


def test_an_answer_stands_below_its_question_and_other_words_stand_alone(office: Office, now: datetime):
    _, case = opened(office, now)
    receiving.reply(office, case.request.id, text="It is wider now.", now=now)
    assert "Which side?" not in newest(office, case)
    answering.ask_resident(office, case.request.id, text="Which side?", by=CLERK, now=now)
    receiving.reply(office, case.request.id, text="The left one.", now=now)
    said = newest(office, case)
    assert "The question was: > Which side? Their answer: > The left one." in said

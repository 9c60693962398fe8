"""Does a letter's key ever reach whom it was not given to, because somebody sent the letter back?"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from casework.office import Office
from mail.address import without_keys
from storage import lookups
from tests.builders import opened
from tests.casework.letterbox import Received, arrive, fate, letters_to, reading_mail, written

RESIDENT = "resident@example.org"
KEY = "qfyak2ww92huzdshb6pz"


@pytest.fixture
def mailing(office: Office) -> Office:
    return reading_mail(office)


@pytest.fixture
def assigned(mailing: Office, now: datetime) -> Received:
    _receipt, case = opened(mailing, now)
    return letters_to(case.request.id, mailing.rulebook.people[case.request.assignee].email)[-1]


def _between_the_lines(letter: Received, words: str, line: str) -> bytes:
    """Return an answer written into the letter itself, as programs send it that mark no quotation."""
    before, found, after = letter.mail.text.partition(line)
    assert found
    return written(
        f"{before}{found}\n{words}{after}",
        sender=letter.row.recipient,
        to=letter.reply_to,
        in_reply_to=letter.mail.message_id,
    )


def test_who_answers_between_the_lines_gives_nobody_their_key(
    mailing: Office, now: datetime, assigned: Received
):
    key = next(link for link in assigned.links if "/a/" in link).rpartition("/a/")[2]
    mail_id = arrive(mailing, _between_the_lines(assigned, "We come tomorrow.", "#note - only the town"), now)
    assert fate(mail_id).state == "applied"
    told = letters_to(assigned.request_id, RESIDENT)[-1]
    assert "We come tomorrow." in told.mail.text
    assert key not in told.mail.text
    assert key not in told.mail.html
    assert key not in lookups.case(assigned.request_id).entries[-1].text


def test_the_keys_of_a_resident_do_not_reach_the_town_by_their_words(
    mailing: Office, now: datetime, assigned: Received
):
    receipt = letters_to(assigned.request_id, RESIDENT)[0]
    key = next(link for link in receipt.links if "?t=" in link).rpartition("?t=")[2]
    raw = written(
        f"It is {receipt.links[0]} again.\n", sender=RESIDENT, to=receipt.reply_to,
        in_reply_to=receipt.mail.message_id,
    )  # fmt: skip
    arrive(mailing, raw, now + timedelta(hours=1))
    told = letters_to(assigned.request_id, assigned.row.recipient)[-1]
    assert told.row.kind == "resident_wrote"
    assert "again." in told.mail.text
    assert key not in told.mail.text


@pytest.mark.parametrize(
    "written_as",
    [
        f"https://311.town.example/a/{KEY}",
        f"https://311.town.example/a/{KEY.upper()}/away",
        f"https://311.town.example/r/26-0001?t={KEY}&fixed=no",
        f"https://311.town.example/report?d={KEY}",
        f"https://x.safelinks.example/?url=https%3A%2F%2Ftown%2Fa%2F{KEY}&data=1",
        f"https://x.safelinks.example/?url=https%3A%2F%2Ftown%2Fr%2F26-0001%3Ft%3D{KEY}&data=1",
        f"https://defense.example/v3/__http://town/a/{KEY}__;!!x",
        f"<town+r.{KEY}@town.example>",
        f"Ref 26-0412 {KEY}",
        f"http://127.0.0.1/operations/{KEY}/",
        f"http://127.0.0.1/still/{KEY}",
        f"http://127.0.0.1/approve/{KEY}/17",
    ],
)
def test_a_key_is_found_wherever_our_letters_have_one(written_as: str):
    assert KEY.lower() not in without_keys(written_as).lower()


@pytest.mark.parametrize(
    "words",
    [
        "The truck comes tomorrow, as 26-0412 said.",
        "See https://www.town.example/a/street-sweeping-plan and https://x.example/?t=30.",
        f"Parcel {KEY} is at the gate.",
    ],
)
def test_other_words_stay_as_they_are(words: str):
    assert without_keys(words) == words

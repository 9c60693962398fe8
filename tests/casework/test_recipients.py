"""Is it known behind which mailboxes nobody is, and is everybody asked once a year?"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from sqlalchemy import select

from casework import answering, recipients, redirecting
from casework.delivering import deliver_due
from casework.recipients import health, keep_book, seen_automatic, seen_human, troubled
from casework.still_you import ask_due, asked
from storage import recipients as rows
from storage.database import reading, writing
from storage.tables import OutgoingLetter, Recipient
from tests.builders import opened

FOREMAN = "roads@alderfalls.example"
TOWN_ROAD = (43.59597, -72.33374)
LONG_AGO = datetime(2024, 10, 16, 16, 0, tzinfo=UTC)
ASKED = LONG_AGO + timedelta(days=365)
MONTH, YEAR = timedelta(days=31), timedelta(days=366)


def state(office, address, now) -> str:
    return next(box.state for box in health(office, now=now) if box.address == address)


def row(address) -> Recipient | None:
    return rows.find(address)


@pytest.fixture
def written(office, carrier, now):
    """A letter has left for the foreman."""
    _, case = opened(office, now, service="pothole", at=TOWN_ROAD, place="Old Turnpike")
    deliver_due(office, carrier, now=now)
    return case.request


def test_a_letter_that_left_is_known_and_a_resident_is_not(office, written, now):
    assert row(FOREMAN).written_at == now
    assert row("resident@example.org") is None
    assert state(office, FOREMAN, now) == "well"
    assert state(office, "parks@alderfalls.example", now) == "unused"


def test_letters_without_any_sign_of_a_person_make_a_mailbox_silent(office, written, now):
    assert state(office, FOREMAN, now + timedelta(days=29)) == "well"
    assert state(office, FOREMAN, now + MONTH) == "silent"
    assert [box.address for box in troubled(office, now + MONTH)] == [FOREMAN]


def test_an_act_at_the_desk_is_a_sign_of_a_person(office, written, now):
    answering.acknowledge(office, written.id, by="person:road-foreman", now=now + timedelta(days=2))
    assert row(FOREMAN).human_at == now + timedelta(days=2)
    assert state(office, FOREMAN, now + MONTH + MONTH) == "well"


def test_acts_of_one_day_are_written_down_once(office, written, now):
    answering.acknowledge(office, written.id, by="person:road-foreman", now=now)
    answering.note(office, written.id, text="a", by="person:road-foreman", now=now + timedelta(hours=3))
    assert row(FOREMAN).human_at == now


def test_who_was_silent_and_acts_is_well_again(office, written, now):
    answering.acknowledge(office, written.id, by="person:road-foreman", now=now + MONTH)
    assert state(office, FOREMAN, now + MONTH) == "well"


def test_where_only_machines_answer_nobody_is_taken_for_being_there(office, written, now):
    seen_automatic(FOREMAN, now + timedelta(days=1))
    assert state(office, FOREMAN, now + MONTH) == "automatic"
    seen_human(FOREMAN, now + MONTH)
    assert state(office, FOREMAN, now + MONTH) == "well"


def test_an_agencys_button_counts_as_well(office, carrier, now):
    _, case = opened(office, now, service="pothole", at=TOWN_ROAD, may_share=True)
    redirecting.redirect(
        office, case.request.id, agency="county-highway", text="", by="person:road-foreman", now=now
    )
    deliver_due(office, carrier, now=now)
    email = office.rulebook.agencies["county-highway"].email.lower()
    redirecting.agency_accept(
        office, case.request.id, text="", by="agency:county-highway", now=now + timedelta(hours=1)
    )
    assert row(email).human_at == now + timedelta(hours=1)


def test_a_strangers_mail_leaves_no_trace_here(office, now):
    seen_human("stranger@example.org", now)
    seen_automatic("stranger@example.org", now)
    assert row("stranger@example.org") is None


def test_a_mailbox_that_the_rules_name_no_more_is_forgotten_and_alarms_nobody(office, client, now):
    keep_book(office, now=now)
    with writing() as session:
        rows.known(session, FOREMAN, now=now).suspended_at = now
    assert client.get("/healthz").status_code == 503
    person = office.rulebook.people["road-foreman"].model_copy(update={"email": "new@alderfalls.example"})
    people = {**office.rulebook.people, "road-foreman": person}
    mended = replace(office, rulebook=office.rulebook.model_copy(update={"people": people}))
    keep_book(mended, now=now)
    assert row(FOREMAN) is None
    assert row("new@alderfalls.example").since == now
    assert client.get("/healthz").status_code == 200


# -- once a year --


def questions() -> list[OutgoingLetter]:
    with reading() as session:
        return list(
            session.scalars(
                select(OutgoingLetter).where(OutgoingLetter.kind.in_(("still_you", "still_you_no")))
            )
        )


def link_of(letter: OutgoingLetter) -> str:
    with reading() as session:
        raw = session.scalars(select(OutgoingLetter.raw).where(OutgoingLetter.id == letter.id)).one()
    text = message_from_bytes(raw, policy=default).get_body(("plain",)).get_content()
    (found,) = re.findall(r"https?://[^/\s]+(/still/\S+)", text)
    return found


def ask_all(office, now) -> None:
    while ask_due(office, now=now):
        pass


def test_each_mailbox_is_asked_once_a_year_and_not_on_the_first_day(office, now):
    keep_book(office, now=now)
    assert ask_due(office, now=now) == 0
    assert questions() == []
    later = now + timedelta(days=364)
    assert ask_due(office, now=later) == 0
    later = now + timedelta(days=365)  # a Thursday
    ask_all(office, later)
    assert sorted(letter.recipient for letter in questions()) == sorted(recipients.mailboxes(office))
    ask_all(office, later + timedelta(days=1))
    assert len(questions()) == len(recipients.mailboxes(office))


def test_nobody_is_asked_at_night(office, now):
    keep_book(office, now=now)
    assert ask_due(office, now=now + YEAR + timedelta(hours=12)) == 0


def question_to(office, address: str) -> str:
    """The link of a question that was asked before today, so that it can be answered on the page."""
    keep_book(office, now=LONG_AGO)
    ask_all(office, ASKED)
    return link_of(next(letter for letter in questions() if letter.recipient == address))


def test_opening_the_question_changes_nothing_and_yes_is_a_sign_of_a_person(office, client, now):
    link = question_to(office, FOREMAN)
    page = client.get(link).text
    assert [client.get(link).text for _turn in range(2)] == [page, page]
    assert "Is this still you?" in page
    assert FOREMAN in page
    assert "Road Foreman" in page
    assert row(FOREMAN).human_at is None
    assert state(office, FOREMAN, ASKED + timedelta(days=15)) == "unanswered"
    answer = client.post(link, data={"do": "yes"}, follow_redirects=True)
    assert "Everything stays as it is" in answer.text
    assert row(FOREMAN).human_at is not None


def test_an_answer_without_a_button_is_explained_and_changes_nothing(office, client, now):
    link = question_to(office, FOREMAN)
    assert client.post(link, data={}).status_code == 400
    assert row(FOREMAN).human_at is None


def test_a_no_goes_to_the_clerk_with_its_words_once(office, client, now):
    link = question_to(office, FOREMAN)
    for _turn in range(2):
        answer = client.post(
            link, data={"do": "no", "text": "The new one is x@y.example"}, follow_redirects=True
        )
        assert "puts it right" in answer.text
    told = [letter for letter in questions() if letter.kind == "still_you_no"]
    assert [letter.recipient for letter in told] == ["clerk@alderfalls.example"]


def test_a_no_of_the_clerks_own_mailbox_goes_to_who_stands_in(office, client, now):
    link = question_to(office, "clerk@alderfalls.example")
    client.post(link, data={"do": "no", "text": ""})
    told = [letter for letter in questions() if letter.kind == "still_you_no"]
    assert [letter.recipient for letter in told] == ["deputy.clerk@alderfalls.example"]


def test_a_made_up_link_opens_nothing(office, client, now):
    question_to(office, FOREMAN)
    assert client.get("/still/aaaaaaaaaaaaaaaaaaaa").status_code == 404
    assert client.post("/still/aaaaaaaaaaaaaaaaaaaa", data={"do": "yes"}).status_code == 404


def test_a_link_of_another_town_or_year_opens_nothing(office, client, now):
    link = question_to(office, FOREMAN)
    with writing() as session:
        session.get(Recipient, FOREMAN).asked_at = ASKED + YEAR
    assert client.get(link).status_code == 404
    with pytest.raises(Exception, match="not one of ours"):
        asked(replace(office, secret=b"x" * 40), link.removeprefix("/still/"))


# -- what the operator sees --


def test_mail_status_shows_the_mailboxes_and_restores_one(app, office, written, now):
    run = app.test_cli_runner().invoke
    said = run(args=["mail", "status"]).output
    assert FOREMAN in said
    with writing() as session:
        box = rows.known(session, FOREMAN, now=now)
        box.suspended_at = box.bounced_at = now
        box.bounce = "550 gone"
    assert "suspended" in run(args=["mail", "status"]).output
    assert f"{FOREMAN} is written to again" in run(args=["mail", "status", "--restore", FOREMAN]).output
    assert rows.suspended() == frozenset()
    again = run(args=["mail", "status", "--restore", FOREMAN])
    assert again.exit_code == 1

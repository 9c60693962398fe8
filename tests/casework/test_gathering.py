"""Does a letter to an employee wait where it may, go at once where it must, and never get lost between?"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from threading import Thread

import pytest
from flask import current_app

from casework import answering, digesting, receiving
from casework.escalating import letter_failed
from casework.ladder import climb_due
from casework.office import Office
from routing.rulebook import QuietHours
from storage import digests, lookups, outbox
from storage.database import db, writing
from storage.lookups import Case
from storage.tables import DigestItem, OutgoingLetter, Recipient
from tests.builders import opened
from tests.rules import changed, of_town

MANAGER = "transfer-station-manager"
MAILBOX = "transferstation@alderfalls.example"
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
NIGHT = datetime(2026, 10, 15, 2, 0, tzinfo=UTC)
"""Ten in the evening of Wednesday the 14th, in town time."""


def rows(kind: str = "") -> list[OutgoingLetter]:
    with db.session() as session:
        found = session.query(OutgoingLetter).order_by(OutgoingLetter.id).all()
        for letter in found:
            assert letter.raw
            assert letter.started_at
        return [letter for letter in found if letter.recipient == MAILBOX and kind in ("", letter.kind)]


def words(letter: OutgoingLetter) -> str:
    message = message_from_bytes(letter.raw)
    part = next(part for part in message.walk() if part.get_content_type() == "text/plain")
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode().replace("\r\n", "\n")


def waiting() -> list[str]:
    with db.session() as session:
        return [item.kind for item in session.query(DigestItem).filter(DigestItem.sent_at.is_(None))]


@pytest.fixture
def quiet(office: Office) -> Office:
    return of_town(office, quiet_hours=QuietHours.model_validate("20:00-07:00"))


@pytest.fixture
def daily(office: Office) -> Office:
    return changed(office, "people", MANAGER, mail="daily")


@pytest.fixture
def hourly(office: Office) -> Office:
    return changed(office, "people", MANAGER, mail="hourly")


def again(case: Case) -> Case:
    found = lookups.case(case.request.id)
    assert found is not None
    return found


# -- quiet hours --


def test_at_night_a_letter_to_an_employee_waits_for_the_morning(quiet: Office):
    opened(quiet, NIGHT)
    (letter,) = rows("assigned")
    assert letter.next_at.astimezone(quiet.zone).strftime("%d %H:%M") == "15 07:00"
    assert letter.started_at == letter.next_at


def test_behind_midnight_it_waits_for_the_same_morning(quiet: Office):
    opened(quiet, NIGHT + 4 * HOUR)
    (letter,) = rows("assigned")
    assert letter.next_at.astimezone(quiet.zone).strftime("%d %H:%M") == "15 07:00"


def test_what_is_urgent_wakes_people(quiet: Office):
    opened(changed(quiet, "services", "missed-pickup", urgent=True), NIGHT)
    assert [letter.next_at for letter in rows("assigned")] == [NIGHT]


@pytest.mark.parametrize("rhythm", ["at once", "daily"])
def test_words_of_danger_wake_people_whatever_the_service(quiet: Office, rhythm: str):
    opened(changed(quiet, "people", MANAGER, mail=rhythm), NIGHT, description="It smells like gas leak here!")
    assert [letter.next_at for letter in rows("assigned")] == [NIGHT]
    assert waiting() == []


def test_by_day_nothing_waits(quiet: Office, now: datetime):
    opened(quiet, now)
    assert [letter.next_at for letter in rows("assigned")] == [now]


def test_the_first_reminder_waits_for_nothing(quiet: Office):
    _, case = opened(changed(quiet, "people", MANAGER, mail="daily"), NIGHT)
    assert case.request.ladder_at is not None
    at = case.request.ladder_at + 8 * HOUR
    climb_due(changed(quiet, "people", MANAGER, mail="daily"), now=at)
    assert [letter.next_at for letter in rows("reminder")] == [at]


def test_the_residents_letter_does_not_wait_for_the_towns_night(quiet: Office):
    _, case = opened(quiet, NIGHT)
    (receipt,) = [one for one in lookups.letters_of(case.request.id) if one.kind == "resident_receipt"]
    assert receipt.next_at == NIGHT


# -- digests --


def test_a_days_letters_become_one_at_opening(daily: Office, now: datetime):
    _, first = opened(daily, now)
    _, second = opened(daily, now + HOUR)
    receiving.reply(daily, first.request.id, text="And the bin is gone.", now=now + 2 * HOUR)
    assert rows() == []
    assert waiting() == ["assigned", "assigned", "resident_wrote"]
    assert digesting.send_due(daily, now=now + 4 * HOUR) == 0
    assert digesting.send_due(daily, now=now + 19 * HOUR + timedelta(minutes=59)) == 0
    assert digesting.send_due(daily, now=now + 20 * HOUR) == 1
    (letter,) = rows()
    assert (letter.kind, letter.request_id) == ("digest", None)
    text = words(letter)
    assert text.count(f"[{first.request.number}]") == 1
    assert f"[{second.request.number}]" in text
    assert "It came to you.\nThe resident wrote" in text
    assert waiting() == []
    assert digesting.send_due(daily, now=now + 21 * HOUR) == 0


def test_each_line_opens_its_own_request_where_it_can_be_answered(daily: Office, now: datetime, client):
    _, first = opened(daily, now)
    _, second = opened(daily, now)
    digesting.send_due(daily, now=now + DAY)
    links = re.findall(r"/a/\w{20}$", words(rows("digest")[0]), re.M)
    pages = [client.get(link).text for link in links]
    assert [first.request.number in pages[0], second.request.number in pages[1]] == [True, True]
    assert "Answer the resident" in pages[0]


def test_an_hours_letters_leave_at_the_full_hour_and_not_at_night(hourly: Office, now: datetime):
    opened(hourly, now + timedelta(minutes=10))
    assert digesting.send_due(hourly, now=now + timedelta(minutes=59)) == 0
    assert digesting.send_due(hourly, now=now + HOUR + timedelta(minutes=3)) == 1
    opened(hourly, NIGHT)
    assert digesting.send_due(hourly, now=NIGHT + 9 * HOUR) == 0
    assert digesting.send_due(hourly, now=NIGHT + 10 * HOUR) == 1


def test_what_is_urgent_is_no_line(daily: Office, now: datetime):
    opened(changed(daily, "services", "missed-pickup", urgent=True), now)
    assert waiting() == []
    assert len(rows("assigned")) == 1


def test_what_ended_meanwhile_is_said(daily: Office, now: datetime):
    _, case = opened(daily, now)
    receiving.withdraw(daily, case.request.id, text="", now=now + HOUR)
    digesting.send_due(daily, now=now + DAY)
    assert "It has ended meanwhile." in words(rows("digest")[0])


def test_who_wants_letters_at_once_again_gets_what_had_gathered(office: Office, daily: Office, now: datetime):
    opened(daily, now)
    assert digesting.send_due(office, now=now + timedelta(minutes=1)) == 1
    assert waiting() == []


def test_two_processes_send_each_line_once(daily: Office, now: datetime):
    for _ in range(5):
        opened(daily, now)
    app = current_app._get_current_object()  # type: ignore[attr-defined]

    def tick() -> None:
        with app.app_context():
            digesting.send_due(daily, now=now + DAY)

    threads = [Thread(target=tick) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(rows("digest")) == 1
    assert words(rows("digest")[0]).count("It came to you.") == 5


def test_broken_off_before_the_commit_nothing_is_lost(
    daily: Office, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    opened(daily, now)

    def killed(*_given: object, **_more: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(digests, "mark_sent", killed)
        digesting.send_due(daily, now=now + DAY)
    assert rows("digest") == []
    assert waiting() == ["assigned"]
    assert digesting.send_due(daily, now=now + DAY) == 1


def test_answering_from_a_digest_begins_the_ladder_anew(daily: Office, now: datetime):
    _, case = opened(daily, now)
    answering.answer(daily, case.request.id, text="Tomorrow.", by=f"person:{MANAGER}", now=now + HOUR)
    assert again(case).request.ladder_step == 0


def test_a_letter_that_is_held_raises_no_alarm_until_it_is_due(quiet: Office):
    opened(quiet, NIGHT, email="")
    morning = NIGHT + 9 * HOUR
    assert lookups.oldest_waiting_letter(NIGHT + HOUR) is None
    assert lookups.oldest_waiting_letter(morning + HOUR) == morning


def test_a_digest_does_not_go_to_a_mailbox_that_gives_letters_back(daily: Office, now: datetime):
    opened(daily, now)
    with writing() as session:
        session.add(Recipient(address=MAILBOX, since=now, suspended_at=now))
    assert digesting.send_due(daily, now=now + DAY) == 1
    assert rows("digest") == []
    assert waiting() == []


def test_the_lines_of_a_digest_that_nobody_takes_go_to_who_stands_in(daily: Office, now: datetime):
    first, second = (opened(daily, now)[1] for _ in range(2))
    at = now + DAY
    assert digesting.send_due(daily, now=at) == 1
    (digest,) = rows("digest")
    with writing() as session:
        claimed = outbox.claim(session, lease="mine", until=at + HOUR, now=at, most=50)
        letter = next(one for one in claimed if one.kind == "digest")
        outbox.settle(session, letter.id, outbox.Verdict("failed", at, "no such user"), lease="mine", now=at)
        letter_failed(session, daily, letter, "no such user", now=at)
    for case in (first, second):
        assert again(case).request.assignee == "public-works-director"
        assert "letter_failed" in [entry.kind for entry in again(case).entries]
    told = [one.recipient for one in lookups.letters_of(first.request.id) if one.kind == "letter_failed"]
    assert told == ["clerk@alderfalls.example"]
    assert not [one for one in lookups.letters_of(second.request.id) if one.kind == "letter_failed"]
    assert digest.id

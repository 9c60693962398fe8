"""Does a held request wait unheard, and do everything it would have done once it is released?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from threading import Thread
from typing import Any

import pytest
from flask import current_app
from PIL import Image

from casework import answering, held, held_letters, ladder, morning, receiving, undoing
from casework.errors import NotPossible
from casework.office import Office
from lifecycle.deadlines import due
from lifecycle.journal import Kind
from storage import absences, lookups, mornings, standing
from storage import held as rows
from storage.database import db, reading
from storage.lookups import Case
from storage.tables import Handover, OutgoingLetter
from tests.builders import opened
from tests.casework.letterbox import arrive, letters_to, reading_mail, reply_to
from tests.casework.test_morning import words
from tests.figures.by_row.rows import request_facts
from tests.rules import changed

CLERK = "person:town-clerk"
MILL_ROAD = {"service": "pothole", "place": "12 Mill Road", "at": (43.60902, -72.33341)}
"""A county road."""
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def held_one(office: Office, now: datetime, **changes: object) -> Case:
    return opened(office, now, held_for=("trap", "links"), **changes)[1]


def again(case: Case) -> Case:
    found = lookups.case(case.request.id)
    assert found is not None
    return found


def posted(*kinds: str) -> list[OutgoingLetter]:
    with db.session() as session:
        asked = session.query(OutgoingLetter).order_by(OutgoingLetter.id)
        return [one for one in asked if one.raw and (not kinds or one.kind in kinds)]


def test_it_has_its_number_and_its_page_and_nobody_hears_of_it(office: Office, now: datetime):
    case = held_one(office, now)
    assert case.request.held_at == now
    assert case.request.held_signs == ["trap", "links"]
    assert [entry.kind for entry in case.entries] == ["received", "routed", "held"]
    assert not posted()
    assert case.request.ladder_at is None


def test_what_is_for_an_agency_does_not_leave(office: Office, now: datetime):
    case = held_one(office, now, **MILL_ROAD)
    assert (case.request.status, case.request.agency) == ("received", "county-highway")
    assert case.request.handed_off_at is None
    assert case.request.agency_remind_at is None
    assert not posted()
    with reading() as session:
        assert session.query(Handover).count() == 0


@pytest.mark.parametrize("place", [{}, MILL_ROAD])
def test_released_it_does_what_it_would_have_done(office: Office, now: datetime, place: dict[str, Any]):
    plain, late = opened(office, now, **place)[1], now + 2 * HOUR
    at_once = sorted((letter.kind, letter.recipient) for letter in posted())
    case = held_one(office, now, **place)
    held.release(office, case.request.id, by=CLERK, now=late, nonce="n" * 20)
    after = again(case)
    assert sorted((letter.kind, letter.recipient) for letter in posted())[::2] == at_once
    assert after.request.held_at is None
    same = ("status", "agency", "assignee", "acknowledge_due_at", "finish_due_at")
    assert [getattr(after.request, name) for name in same] == [getattr(plain.request, name) for name in same]
    assert (after.request.ladder_at is None) == (plain.request.ladder_at is None)
    assert (after.request.agency_remind_at is None) == (plain.request.agency_remind_at is None)


def test_it_is_released_once_however_often_the_button_is_pressed(office: Office, now: datetime):
    case = held_one(office, now)
    for nonce in ("a" * 20, "a" * 20, "b" * 20):
        held.release(office, case.request.id, by=CLERK, now=now + MINUTE, nonce=nonce)
    held.discard(office, case.request.id, by=CLERK, now=now + MINUTE, nonce="c" * 20)
    assert len(posted()) == 2
    assert [entry.kind for entry in again(case).entries].count("released") == 1
    assert again(case).request.ending is None


def test_the_promise_counts_from_the_day_it_was_sent(office: Office, now: datetime):
    case = held_one(office, now)
    target = office.rulebook.services["missed-pickup"].target
    held.release(office, case.request.id, by=CLERK, now=now + timedelta(days=1))
    request = again(case).request
    assert request.finish_due_at == due(now, target.finish, office.calendar)
    assert (request.paused_minutes, request.created_at) == (0, now)


def test_discarded_it_is_spam_without_a_letter_and_can_be_taken_back(office: Office, now: datetime):
    case = held_one(office, now)
    for _ in range(2):
        held.discard(office, case.request.id, by=CLERK, now=now + MINUTE, nonce="d" * 20)
    after = again(case)
    assert (after.request.ending, after.request.held_at) == ("spam", None)
    assert not posted()
    finished = after.entries[-1]
    assert finished.kind == "finished"
    undoing.undo(office, case.request.id, entry_id=finished.id, by=CLERK, now=now + 2 * MINUTE)
    assert again(case).request.held_at == now
    assert again(case).request.ending is None


def test_photos_of_spam_are_removed_two_days_later(office: Office, now: datetime):
    out = BytesIO()
    Image.new("RGB", (300, 200), "green").save(out, "JPEG")
    out.seek(0)
    photo = office.photos.keep(out, "photo.jpg")
    case = held_one(office, now, photos=(photo,))
    held.discard(office, case.request.id, by=CLERK, now=now)
    assert held.forget_spam_photos(now=now + 47 * HOUR) == 0
    assert again(case).photos
    assert not again(case).public_photos
    assert held.forget_spam_photos(now=now + 49 * HOUR) == 1
    assert not again(case).photos
    assert photo.sha256 not in lookups.photo_hashes()


def test_nothing_else_can_be_done_with_it_before(office: Office, now: datetime):
    case = held_one(office, now)
    with pytest.raises(NotPossible, match="held"):
        answering.answer(office, case.request.id, text="Hello", by=CLERK, now=now)
    with pytest.raises(NotPossible, match="held"):
        answering.acknowledge(office, case.request.id, by=CLERK, now=now)
    answering.note(office, case.request.id, text="I called them.", by=CLERK, now=now)
    assert again(case).request.ladder_at is None


def test_its_sender_may_add_and_withdraw_and_nobody_is_written_to(office: Office, now: datetime):
    case = held_one(office, now)
    receiving.reply(office, case.request.id, text="It is still there.", now=now)
    assert not posted()
    receiving.withdraw(office, case.request.id, text="", now=now)
    assert (again(case).request.held_at, again(case).request.ending) == (None, "withdrawn")


def test_it_counts_nowhere_until_it_is_released(office: Office, now: datetime):
    case = held_one(office, now)
    far = now + timedelta(days=40)

    def counted() -> list[int]:
        with reading() as session:
            figures = request_facts(session, since=now - HOUR, until=now + HOUR)
        stands = standing.standing(far, office.calendar)
        return [
            len(mornings.open_requests()),
            mornings.count_received(now - HOUR, now),
            len(figures),
            stands.open_requests,
            stands.late_requests,
            len(absences.open_of(case.request.assignee)),
        ]

    assert counted() == [0] * 6
    assert ladder.climb_due(office, now=far) == 0
    held.release(office, case.request.id, by=CLERK, now=now + MINUTE)
    assert counted() == [1] * 6


def test_the_clerk_hears_once_an_hour_of_all_that_is_held(office: Office, now: datetime):
    for number in range(3):
        held_one(office, now, description=f"Buy now {number}")
    assert held_letters.tell_due(office, now=now + MINUTE) == 1
    assert held_letters.tell_due(office, now=now + 2 * MINUTE) == 0
    held_one(office, now + 3 * MINUTE, description="Buy more")
    assert held_letters.tell_due(office, now=now + 59 * MINUTE) == 0
    assert held_letters.tell_due(office, now=now + 62 * MINUTE) == 1
    assert held_letters.tell_due(office, now=now + timedelta(days=1)) == 0
    first, second = posted("held")
    assert first.recipient == "clerk@alderfalls.example"
    assert first.subject == "3 requests are held: please look"
    assert "Buy now 2" in words(first)
    assert "A field was filled in that no person sees." in words(first)
    assert "/held" in words(first)
    assert "4 requests" in second.subject


def test_danger_reaches_people_at_once_and_a_flood_of_it_is_gathered(office: Office, now: datetime):
    danger = {"description": "A live wire hangs over the road", "service": "other"}
    case = held_one(office, now, **danger)
    letters = posted("held_urgent")
    assert {letter.recipient for letter in letters} >= {"clerk@alderfalls.example"}
    assert all("URGENT" in letter.subject and letter.next_at == now for letter in letters)
    assert "live wire" in words(letters[0])
    for number in range(9):
        held_one(office, now + number * MINUTE, **danger, place=f"Street {number}")
    clerks = [one for one in posted("held_urgent") if one.recipient == "clerk@alderfalls.example"]
    assert len(clerks) == held_letters.MOST_URGENT
    assert held_letters.tell_due(office, now=now + 10 * MINUTE) == 1
    held_one(office, now + 11 * MINUTE, **danger, place="Elsewhere")
    assert held_letters.tell_due(office, now=now + 21 * MINUTE) == 1
    assert "MAY BE URGENT" in words(posted("held")[0])
    held.release(office, case.request.id, by=CLERK, now=now + HOUR)
    assert posted("assigned")[0].subject


def test_danger_that_nobody_decides_upon_is_told_again_and_higher(office: Office, now: datetime):
    office = changed(office, "people", "town-clerk", deputy="road-foreman")
    case = held_one(office, now, description="A live wire hangs over the road", service="other")
    held_one(office, now)
    told = [held_letters.tell_due(office, now=now + minute * MINUTE) for minute in range(0, 3 * 60, 5)]
    assert (told[0], sum(told)) == (1, 1 + 2 * 2)
    last = posted("held")[-2:]
    assert office.rulebook.people["road-foreman"].email in {letter.recipient for letter in last}
    assert "more than an hour" in " ".join(words(last[0]).split())
    assert held_letters.tell_due(office, now=now + 13 * HOUR) == 0
    held.release(office, case.request.id, by=CLERK, now=now + 13 * HOUR)
    assert held_letters.tell_due(office, now=now + 20 * HOUR) == 0


def test_two_who_release_at_the_same_moment_write_every_letter_once(office: Office, now: datetime):
    case, app = held_one(office, now), current_app._get_current_object()  # type: ignore[attr-defined]

    def press(number: int) -> None:
        with app.app_context():
            held.release(office, case.request.id, by=CLERK, now=now + MINUTE, nonce=f"{number}" * 20)
            db.session.remove()

    threads = [Thread(target=press, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(letter.kind for letter in posted()) == ["assigned", "resident_receipt"]
    assert [entry.kind for entry in again(case).entries].count("released") == 1


def test_an_urgent_service_wakes_whoever_is_responsible_too(office: Office, now: datetime):
    office = changed(office, "services", "pothole", urgent=True)
    case = held_one(office, now, service="pothole", at=(43.59597, -72.33374), place="Old Turnpike")
    told = {letter.recipient for letter in posted("held_urgent")}
    assert office.rulebook.people[case.request.assignee].email in told
    assert "clerk@alderfalls.example" in told
    assert not posted("resident_receipt", "assigned", "agency_handoff")


def test_a_day_that_is_too_full_is_told_once_to_clerk_and_operator(office: Office, now: datetime):
    rulebook = office.rulebook.model_copy(update={"operator": "public-works-director"})
    office = replace(office, rulebook=rulebook)
    for minute in (0, 1, 90):
        moment = now + minute * MINUTE
        opened(office, moment, held_for=("day_full",))
        held_letters.tell_due(office, now=moment)
    told = sorted(letter.recipient for letter in posted("day_full"))
    people = office.rulebook.people
    assert told == sorted({people["town-clerk"].email, people["public-works-director"].email})
    opened(office, now + timedelta(days=1), held_for=("day_full",))
    held_letters.tell_due(office, now=now + timedelta(days=1))
    assert len(posted("day_full")) == 4


def test_the_morning_says_how_many_are_held_and_leads_to_them(office: Office, now: datetime):
    case = held_one(office, now)
    eight = datetime(2026, 10, 15, 12, 0, tzinfo=UTC)
    assert morning.send_due(office, now=eight) == 1
    text = words(posted("morning")[0])
    assert "1 request is held" in text
    assert "/held" in text
    assert case.request.number not in text
    assert rows.count() == 1


def test_the_journal_keeps_why_it_was_held(office: Office, now: datetime):
    case = held_one(office, now)
    held.release(office, case.request.id, by=CLERK, now=now + MINUTE)
    kinds = {entry.kind: entry for entry in again(case).entries}
    assert kinds[Kind.HELD].facts["signs"] == ["trap", "links"]
    assert not kinds[Kind.HELD].is_public
    assert kinds[Kind.RELEASED].by == CLERK


def test_it_is_released_or_ended_by_answering_its_letter(office: Office, now: datetime):
    office = reading_mail(office)
    clerk = office.rulebook.people["town-clerk"].email
    danger = {"description": "A live wire hangs over the road", "service": "other"}
    cases = [held_one(office, now, **danger) for _ in range(3)]
    for case, words_back in zip(cases, ("#release", "#spam", "We come at once."), strict=True):
        letter = letters_to(case.request.id, clerk)[-1]
        arrive(office, reply_to(letter, words_back), now + MINUTE)
    released, spam, answered = (again(case) for case in cases)
    assert released.request.held_at is None
    assert "released" in [entry.kind for entry in released.entries]
    assert (spam.request.held_at, spam.request.ending) == (None, "spam")
    assert answered.request.held_at == now
    explained = letters_to(answered.request.id, clerk)[-1].mail.text
    assert "Release it first" in " ".join(explained.split())
    letter = letters_to(released.request.id, clerk)[0]
    arrive(office, reply_to(letter, "#release"), now + HOUR)
    assert [entry.kind for entry in again(released).entries].count("released") == 1

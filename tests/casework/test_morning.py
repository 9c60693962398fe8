"""Does the clerk know each morning what there is to know, once, and shortly?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from threading import Thread

from flask import current_app

from casework import answering, me_too, morning, redirecting
from casework.office import Office
from storage import lookups
from storage.database import db, writing
from storage.tables import OutgoingLetter
from tests.builders import opened
from tests.rules import changed

EIGHT = datetime(2026, 10, 15, 12, 0, tzinfo=UTC)
"""Opening time of a Thursday, in town time."""
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


def mornings() -> list[OutgoingLetter]:
    with db.session() as session:
        found = session.query(OutgoingLetter).filter(OutgoingLetter.kind == "morning").all()
        assert all(letter.raw for letter in found)
        return list(found)


def words(letter: OutgoingLetter) -> str:
    message = message_from_bytes(letter.raw)
    part = next(part for part in message.walk() if part.get_content_type() == "text/plain")
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode().replace("\r\n", "\n")


def test_each_working_day_at_opening_and_not_before(office: Office, now: datetime):
    opened(office, now)
    assert morning.send_due(office, now=EIGHT - MINUTE) == 0
    assert morning.send_due(office, now=EIGHT) == 1
    for minute in range(1, 600, 7):
        assert morning.send_due(office, now=EIGHT + minute * MINUTE) == 0
    assert len(mornings()) == 1
    assert [letter.recipient for letter in mornings()] == ["clerk@alderfalls.example"]


def test_not_on_a_holiday_nor_at_the_weekend(office: Office):
    start = datetime(2026, 10, 20, 12, 0, tzinfo=UTC)
    opened(office, start)
    for hour in range(24 * 61):
        morning.send_due(office, now=start + hour * timedelta(hours=1))
    days = [letter.created_at.astimezone(office.zone).date() for letter in mornings()]
    assert (
        len(days)
        == len(set(days))
        == sum(
            office.calendar.opening((start + day * DAY).astimezone(office.zone).date()) is not None
            for day in range(61)
        )
    )


def test_it_tells_what_is_new_late_and_to_be_decided(office: Office, now: datetime):
    opened(office, now, service="other", place="")
    _, late = opened(office, now - 60 * DAY)
    _, theirs = opened(office, now - 40 * DAY)
    redirecting.redirect(
        office,
        theirs.request.id,
        agency="county-highway",
        text="",
        by="person:town-clerk",
        now=now - 40 * DAY,
    )
    morning.send_due(office, now=EIGHT)
    text = words(mornings()[0])
    assert "FOR YOU TO DECIDE (1)" in text
    assert "LATE (1)" in text
    assert f"[{late.request.number}]" in text.partition("LATE (1)")[2]
    assert "Transfer Station Manager: 1 open, 1 late" in text
    assert f"[{theirs.request.number}]" not in text
    assert mornings()[0].subject.startswith("This morning: 1 new, 1 late, 1 to decide")


def test_what_waits_for_the_resident_is_not_late(office: Office, now: datetime):
    _, case = opened(office, now - 60 * DAY)
    by = "person:transfer-station-manager"
    answering.ask_resident(office, case.request.id, text="Which bin?", by=by, now=now - 59 * DAY)
    morning.send_due(office, now=EIGHT)
    assert "LATE" not in words(mornings()[0])


def test_its_links_open_the_requests(office: Office, now: datetime, client):
    _, case = opened(office, now, service="other", place="")
    morning.send_due(office, now=EIGHT)
    link = words(mornings()[0]).partition("/a/")[2][:20]
    assert case.request.number in client.get(f"/a/{link}").text


def test_a_day_with_nothing_to_say_sends_nothing_and_is_not_made_up_for(office: Office, now: datetime):
    assert morning.send_due(office, now=EIGHT) == 0
    opened(office, EIGHT + 60 * MINUTE)
    assert morning.send_due(office, now=EIGHT + 120 * MINUTE) == 0
    assert [letter.state for letter in mornings()] == ["cancelled"]
    assert morning.send_due(office, now=EIGHT + DAY) == 1


def test_a_machine_that_was_down_at_eight_sends_it_at_ten(office: Office, now: datetime):
    opened(office, now)
    assert morning.send_due(office, now=EIGHT + 120 * MINUTE) == 1


def test_two_processes_write_one_letter(office: Office, now: datetime):
    opened(office, now)
    app = current_app._get_current_object()  # type: ignore[attr-defined]

    def tick() -> None:
        with app.app_context():
            morning.send_due(office, now=EIGHT)

    threads = [Thread(target=tick) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(mornings()) == 1


def test_the_rules_say_who_gets_it(office: Office, now: datetime):
    opened(office, now)
    wanted = changed(
        changed(office, "people", "town-clerk", morning=False), "people", "parks-caretaker", morning=True
    )
    morning.send_due(wanted, now=EIGHT)
    assert [letter.recipient for letter in mornings()] == ["parks@alderfalls.example"]


def test_while_the_clerk_is_away_the_deputy_clerk_reads_it(office: Office, now: datetime):
    today = EIGHT.date()
    away = changed(office, "people", "town-clerk", absent=((today, today + DAY),))
    opened(away, EIGHT - 60 * MINUTE, service="other", place="")
    assert morning.send_due(away, now=EIGHT) == 1
    assert [letter.recipient for letter in mornings()] == ["deputy.clerk@alderfalls.example"]
    assert "FOR YOU TO DECIDE (1)" in words(mornings()[0])
    assert morning.send_due(away, now=EIGHT + MINUTE) == 0


def test_a_letter_that_failed_is_told_on_the_next_morning_alone(office: Office, now: datetime):
    _, case = opened(office, now)
    with writing() as session:
        for letter in lookups.letters_of(case.request.id):
            session.merge(letter).state = "failed"
    for day in range(3):
        morning.send_due(office, now=EIGHT + day * DAY)
    told = ["not delivered" in words(letter) for letter in mornings()]
    assert told == [True, False]


def test_each_request_stands_under_one_heading_and_says_that_it_is_late(office: Office, now: datetime):
    _, case = opened(office, now - 60 * DAY, service="other", place="")
    morning.send_due(office, now=EIGHT)
    text = words(mornings()[0])
    assert text.count(f"[{case.request.number}]") == 1
    line = next(line for line in text.splitlines() if f"[{case.request.number}]" in line)
    assert line.endswith(" - late")
    assert "LATE (" not in text
    assert "0 new, 1 late, 1 to decide" in mornings()[0].subject


def test_a_line_says_how_many_others_say_the_same(office: Office, now: datetime):
    _, case = opened(office, EIGHT - 60 * MINUTE, service="pothole", at=(43.59597, -72.33374))
    for mark in "ab":
        said = me_too.MeToo(mark * 22, f"{mark}@example.org", "", "en")
        me_too.follow(office, case.request.number, said, now=EIGHT - 30 * MINUTE)
    morning.send_due(office, now=EIGHT)
    lines = words(mornings()[0]).splitlines()
    at = next(number for number, line in enumerate(lines) if f"[{case.request.number}]" in line)
    assert lines[at + 1] == "  2 other residents say the same."
    assert lines[at + 2].strip().startswith("http")

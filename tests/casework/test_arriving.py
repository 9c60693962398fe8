"""Does a mail do what it says, exactly once, and is none ever lost?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from casework import acting, arriving, slowing
from casework.arriving import Worked
from casework.office import Office
from inbox import apart
from inbox.apart import NoReader
from storage import incoming, lookups
from storage.database import db
from tests.builders import opened
from tests.casework.letterbox import (
    TOWN,
    arrive,
    fate,
    kinds_to,
    letters_to,
    reading_mail,
    reply_to,
    worked,
    written,
)

RESIDENT = "resident@example.org"


@pytest.fixture
def mailing(office: Office) -> Office:
    return reading_mail(office)


def _foreman(office: Office, case) -> str:
    return office.rulebook.people[case.request.assignee].email


def test_the_foreman_answers_in_plain_mail_and_the_resident_gets_exactly_that(mailing: Office, now: datetime):
    _receipt, case = opened(mailing, now)
    foreman = _foreman(mailing, case)
    letter = letters_to(case.request.id, foreman)[-1]
    mail_id = arrive(mailing, reply_to(letter, "The truck comes tomorrow at seven."), now)
    assert (fate(mail_id).state, fate(mail_id).recipient) == ("applied", f"person:{case.request.assignee}")
    answer = lookups.case(case.request.id).entries[-1]
    assert (answer.kind, answer.text, answer.by) == (
        "answered",
        "The truck comes tomorrow at seven.",
        f"person:{case.request.assignee}",
    )
    told = letters_to(case.request.id, RESIDENT)[-1]
    assert told.row.kind == "resident_answer"
    assert "The truck comes tomorrow at seven." in told.mail.text
    assert told.row.next_at == now + mailing.hold
    acted = letters_to(case.request.id, foreman)[-1]
    assert acted.row.kind == "acted"
    assert "The truck comes tomorrow at seven." in acted.mail.text


def test_the_conversation_goes_from_the_employee_to_the_resident_and_back_in_one_thread(
    mailing: Office, now: datetime
):
    _receipt, case = opened(mailing, now)
    foreman, request_id = _foreman(mailing, case), case.request.id
    arrive(mailing, reply_to(letters_to(request_id, foreman)[-1], "#ask\nWhich bin was it?"), now)
    assert lookups.case(request_id).request.status == "waiting_resident"
    question = letters_to(request_id, RESIDENT)[-1]
    mail_id = arrive(mailing, reply_to(question, "The blue one."), now + timedelta(minutes=20))
    assert (fate(mail_id).state, fate(mail_id).recipient) == ("applied", "resident")
    after = lookups.case(request_id)
    assert (after.entries[-1].kind, after.entries[-1].text) == ("resident_replied", "The blue one.")
    assert after.request.status == "acknowledged"
    passed_on = letters_to(request_id, foreman)[-1]
    assert passed_on.row.kind == "resident_wrote"
    threads = {one.mail.references[-1] for one in letters_to(request_id, foreman)}
    assert len(threads) == 1, "all letters about a request hang on one id"
    arrive(mailing, reply_to(passed_on, "done\n\nWe picked it up."), now + timedelta(minutes=40))
    ended = lookups.case(request_id)
    assert (ended.request.status, ended.request.ending) == ("ended", "fixed")
    assert ended.entries[-1].text == "We picked it up."


def test_an_agency_answers_the_resident_takes_it_and_finishes_it(mailing: Office, now: datetime):
    _receipt, case = opened(mailing, now)
    foreman, request_id = _foreman(mailing, case), case.request.id
    agencies = mailing.rulebook.agencies.values()
    agency = next(one for one in agencies if one.handoff == "mail" and one.email)
    arrive(mailing, reply_to(letters_to(request_id, foreman)[-1], f"#{agency.id}\nIt is theirs."), now)
    handed = lookups.case(request_id).request
    assert (handed.status, handed.agency) == ("waiting_agency", agency.id)
    handoff = letters_to(request_id, agency.email)[-1]
    arrive(mailing, reply_to(handoff, "Our crew looks at it on Monday."), now + timedelta(hours=1))
    answer = lookups.case(request_id).entries[-1]
    assert (answer.kind, answer.by) == ("answered", f"agency:{agency.id}")
    assert "Our crew looks at it on Monday." in letters_to(request_id, RESIDENT)[-1].mail.text
    arrive(mailing, reply_to(handoff, "#accept 2026-10-30"), now + timedelta(hours=2))
    assert lookups.case(request_id).request.expected_on.isoformat() == "2026-10-30"
    arrive(mailing, reply_to(handoff, "done\nMended."), now + timedelta(hours=3))
    ended = lookups.case(request_id).request
    assert (ended.status, ended.ending) == ("ended", "redirected")


def test_an_agency_that_refuses_gives_it_back_to_the_clerk(mailing: Office, now: datetime):
    _receipt, case = opened(mailing, now)
    foreman, request_id = _foreman(mailing, case), case.request.id
    agencies = mailing.rulebook.agencies.values()
    agency = next(one for one in agencies if one.handoff == "mail" and one.email)
    arrive(mailing, reply_to(letters_to(request_id, foreman)[-1], f"#{agency.id}"), now)
    handoff = letters_to(request_id, agency.email)[-1]
    arrive(mailing, reply_to(handoff, "#refuse\nThat road is the town's."), now + timedelta(hours=1))
    back = lookups.case(request_id).request
    assert (back.status, back.assignee) == ("received", mailing.rulebook.clerk)
    late = arrive(mailing, reply_to(handoff, "One more thing."), now + timedelta(hours=2))
    assert fate(late).state == "unverified"


# -- once --


def test_the_same_mail_by_two_ways_is_applied_once(mailing: Office, now: datetime):
    _receipt, case = opened(mailing, now)
    raw = reply_to(letters_to(case.request.id, _foreman(mailing, case))[-1], "Tomorrow at seven.")
    first, second = arrive(mailing, raw, now), arrive(mailing, raw, now + timedelta(minutes=1))
    assert (fate(first).state, fate(second).state) == ("applied", "ignored")
    assert "has been applied already" in fate(second).reason
    kinds = [entry.kind for entry in lookups.case(case.request.id).entries]
    assert kinds.count("answered") == 1
    assert kinds_to(case.request.id, RESIDENT).count("resident_answer") == 1


def test_the_same_number_in_a_mailbox_is_kept_once(mailing: Office, now: datetime):
    def fetched(uid_validity: int) -> int | None:
        return arriving.store(
            mailing,
            b"From: a@b.example\n\nx",
            envelope_to="",
            source="imap:town@host/INBOX",
            uid=7,
            uid_validity=uid_validity,
            now=now,
        )

    assert fetched(1) is not None
    assert fetched(1) is None
    assert fetched(2) is not None


def test_two_different_mails_with_one_message_id_are_both_applied(mailing: Office, now: datetime):
    _receipt, case = opened(mailing, now)
    letter = letters_to(case.request.id, _foreman(mailing, case))[-1]
    for words in ("Tomorrow at seven.", "No, at eight."):
        mail_id = arrive(mailing, reply_to(letter, words, message_id="<same@sender.example>"), now)
        assert fate(mail_id).state == "applied"
    texts = [entry.text for entry in lookups.case(case.request.id).entries if entry.kind == "answered"]
    assert texts == ["Tomorrow at seven.", "No, at eight."]


def test_answers_that_arrive_in_the_wrong_order_are_both_on_the_record(mailing: Office, now: datetime):
    _receipt, case = opened(mailing, now)
    letter = letters_to(case.request.id, _foreman(mailing, case))[-1]
    early, late = reply_to(letter, "We look at it."), reply_to(letter, "done\nAll picked up.")
    for raw in (late, early):
        assert fate(arrive(mailing, raw, now)).state == "applied"
    after = lookups.case(case.request.id)
    assert [entry.kind for entry in after.entries[-2:]] == ["finished", "answered"]
    assert after.request.status == "ended"


def test_two_workers_at_once_apply_each_mail_once(mailing: Office, app: Flask, now: datetime):
    _receipt, case = opened(mailing, now)
    letter = letters_to(case.request.id, _foreman(mailing, case))[-1]
    for part in range(6):
        raw = reply_to(letter, f"#note\nPart {part}.")
        for source in ("pipe", "http"):  # each of them comes by two ways
            arriving.store(mailing, raw, envelope_to="", source=source, now=now)

    def work() -> Worked:
        with app.app_context():
            return arriving.work_off(mailing, now=now)

    with ThreadPoolExecutor(3) as workers:
        done = [one.result() for one in [workers.submit(work) for _worker in range(3)]]
    assert (sum(one.applied for one in done), sum(one.ignored for one in done)) == (6, 6)
    notes = [entry.text for entry in lookups.case(case.request.id).entries if entry.kind == "noted"]
    assert sorted(notes) == [f"Part {part}." for part in range(6)]


# -- nothing is lost --


def test_what_our_own_code_fails_at_is_tried_again_and_then_shown_to_the_clerk(
    mailing: Office, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    _receipt, case = opened(mailing, now)
    raw = reply_to(letters_to(case.request.id, _foreman(mailing, case))[-1], "Tomorrow.")

    def broken(*_args, **_how):
        raise ZeroDivisionError("nobody foresaw this")

    monkeypatch.setattr(acting, "act", broken)
    mail_id = arrive(mailing, raw, now)
    at = now
    for _attempt in range(arriving.MOST_ATTEMPTS - 1):
        assert fate(mail_id).state == "stored"
        assert "ZeroDivisionError" in fate(mail_id).reason
        assert worked(mailing, at) == arriving.Worked(), "it is not tried again at once"
        at += timedelta(hours=1)
        worked(mailing, at)
    assert fate(mail_id).state == "quarantined"
    clerk = mailing.rulebook.people[mailing.rulebook.clerk].email
    told = letters_to(None, clerk)
    assert [one.row.kind for one in told] == ["mail_quarantined"]
    assert "ZeroDivisionError" in told[0].mail.text
    assert f"mail original {mail_id}" in told[0].mail.text
    assert lookups.case(case.request.id).entries[-1].kind == case.entries[-1].kind


def test_a_mail_of_which_every_reader_dies_ends_with_a_person(mailing: Office, now: datetime):
    mail_id = arriving.store(mailing, b"From: a@b.example\n\nx", envelope_to="", source="pipe", now=now)
    assert mail_id is not None
    at = now
    for _death in range(arriving.MOST_ATTEMPTS):
        assert incoming.claim(lease="a process that died", until=at + arriving.LEASE, now=at) is not None
        at += arriving.LEASE
    worked(mailing, at)
    assert fate(mail_id).state == "quarantined"


def test_a_machine_that_starts_no_reader_is_no_fault_of_the_mail(
    mailing: Office, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    def no_reader(*_args, **_how):
        raise NoReader("no memory left")

    with monkeypatch.context() as patched:
        patched.setattr(arriving, "read_apart", no_reader)
        mail_id = arrive(mailing, b"From: a@b.example\n\nx", now)
        for minute in range(1, 20):
            worked(mailing, now + timedelta(minutes=minute))
    assert (fate(mail_id).state, fate(mail_id).attempts) == ("stored", 0)


def test_a_lost_lease_undoes_what_was_done_with_it(
    mailing: Office, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    _receipt, case = opened(mailing, now)
    raw = reply_to(letters_to(case.request.id, _foreman(mailing, case))[-1], "Tomorrow.")
    reads = arriving.read_post

    def slow(*args, **how):
        incoming.claim(lease="another", until=now + timedelta(hours=2), now=now + timedelta(hours=1))
        return reads(*args, **how)

    monkeypatch.setattr(arriving, "read_post", slow)
    mail_id = arrive(mailing, raw, now)
    assert (fate(mail_id).state, fate(mail_id).lease) == ("working", "another")
    assert lookups.case(case.request.id).entries[-1].kind == case.entries[-1].kind


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(head=some.binary(max_size=200), body=some.binary(max_size=400))
def test_any_bytes_end_somewhere_with_a_sentence(mailing: Office, now: datetime, head: bytes, body: bytes):
    mail_id = arrive(mailing, b"From: a@b.example\nSubject: " + head + b"\n\n" + body, now)
    assert fate(mail_id).state in incoming.SETTLED
    assert fate(mail_id).reason


@pytest.mark.parametrize("raw", [b"", b"\x00" * 300, b"no mail at all", b"From: a\x00b@c\n\n\x00\xff"])
def test_even_bytes_that_are_no_mail_are_kept_and_end(mailing: Office, now: datetime, raw: bytes):
    mail_id = arrive(mailing, raw, now)
    assert fate(mail_id).state in incoming.SETTLED
    assert fate(mail_id).raw == raw


# -- nothing talks to itself --


def test_our_own_letter_that_comes_back_does_nothing(mailing: Office, now: datetime):
    _receipt, case = opened(mailing, now)
    before = len(lookups.letters_of(case.request.id))
    for row in lookups.letters_of(case.request.id):
        mail_id = arrive(mailing, incoming.letter_bytes(row.id), now, to=TOWN)
        assert (fate(mail_id).state, fate(mail_id).kind) == ("ignored", "loop")
    assert len(lookups.letters_of(case.request.id)) == before


def test_an_automatic_answer_is_kept_and_changes_nothing(mailing: Office, now: datetime):
    _receipt, case = opened(mailing, now)
    letter = letters_to(case.request.id, _foreman(mailing, case))[-1]
    raw = reply_to(letter, "done\nI am out of the office.", headers=("Auto-Submitted: auto-replied",))
    mail_id = arrive(mailing, raw, now)
    assert (fate(mail_id).state, fate(mail_id).kind) == ("ignored", "auto_reply")
    after = lookups.case(case.request.id)
    assert (after.entries[-1].kind, after.request.status) == ("mail_arrived", case.request.status)


def test_a_machine_without_any_sign_of_one_gets_three_letters_an_hour(mailing: Office, now: datetime):
    _receipt, case = opened(mailing, now)
    foreman, request_id = _foreman(mailing, case), case.request.id
    answered = set()
    for turn in range(12):
        fresh = [one for one in letters_to(request_id, foreman) if one.row.id not in answered]
        for letter in fresh:
            answered.add(letter.row.id)
            arrive(mailing, reply_to(letter, f"Ticket {turn}: thank you."), now + timedelta(minutes=turn))
    caused = [kind for kind in kinds_to(request_id, foreman) if kind == "acted"]
    assert len(caused) == 3
    assert lookups.case(request_id).request.status == "acknowledged"


def test_two_machines_that_answer_each_other_through_the_town_are_slowed(mailing: Office, now: datetime):
    _receipt, case = opened(mailing, now)
    foreman, request_id = _foreman(mailing, case), case.request.id
    answered: set[int] = set()
    for minute in range(0, 60, 5):
        at = now + timedelta(minutes=minute)
        for address in (foreman, RESIDENT):
            for letter in letters_to(request_id, address):
                if letter.row.id not in answered and letter.row.next_at <= at:
                    answered.add(letter.row.id)
                    arrive(mailing, reply_to(letter, f"Ticket {minute}: thank you."), at)
    for address in (foreman, RESIDENT):
        caused = [one for one in letters_to(request_id, address) if one.row.created_at > now]
        left = [one for one in caused if one.row.next_at < now + timedelta(hours=1)]
        assert len(left) <= slowing.MOST_LETTERS
    after = lookups.case(request_id).request
    assert (after.ending, after.reopened) == (None, 0)


def test_a_person_gets_each_confirmation_and_it_holds_back_no_word_of_the_resident(
    mailing: Office, now: datetime
):
    _receipt, case = opened(mailing, now)
    foreman, request_id = _foreman(mailing, case), case.request.id
    letter = letters_to(request_id, foreman)[-1]
    notes = (
        "The key hangs in the shed.",
        "Ask the yard.",
        "Gravel is ordered.",
        "Two men.",
        "One cone left.",
    )
    for minute, words in enumerate(notes):
        arrive(mailing, reply_to(letter, f"#note\n{words}"), now + timedelta(minutes=minute))
    assert kinds_to(request_id, foreman).count("acted") == 5
    at = now + timedelta(minutes=6)
    arrive(mailing, reply_to(letters_to(request_id, RESIDENT)[-1], "The hole is deeper now."), at)
    passed_on = letters_to(request_id, foreman)[-1].row
    assert (passed_on.kind, passed_on.next_at) == ("resident_wrote", at)
    for minute, word in enumerate(("#onee", "#twoo", "#threee", "#fourr"), start=7):
        arrive(mailing, reply_to(letter, word), now + timedelta(minutes=minute))
    assert kinds_to(request_id, foreman).count("mail_explained") == 2, "what did nothing has the strict limit"


def test_no_explanation_and_no_repeated_command_holds_back_a_word_of_the_resident(
    mailing: Office, now: datetime
):
    _receipt, case = opened(mailing, now)
    foreman, request_id = _foreman(mailing, case), case.request.id
    letter = letters_to(request_id, foreman)[-1]
    for minute, words in enumerate(("#aks\nHow deep?", "#quest\nHow wide?", "done", "#reopen", "done")):
        arrive(mailing, reply_to(letter, words), now + timedelta(minutes=minute))
    kinds = kinds_to(request_id, foreman)
    assert (kinds.count("mail_explained"), kinds.count("acted")) == (2, 3)
    at = now + timedelta(minutes=6)
    arrive(mailing, reply_to(letters_to(request_id, RESIDENT)[-1], "It is not fixed, it is deeper."), at)
    passed_on = letters_to(request_id, foreman)[-1].row
    assert (passed_on.kind, passed_on.next_at) == ("resident_wrote", at)


def test_even_a_person_gets_no_more_than_twenty_confirmations_an_hour(mailing: Office, now: datetime):
    _receipt, case = opened(mailing, now)
    foreman, request_id = _foreman(mailing, case), case.request.id
    letter = letters_to(request_id, foreman)[-1]
    for turn in range(slowing.MOST_CONFIRMED + 2):
        arrive(mailing, reply_to(letter, f"#note\nword {'abcdefghijklmnopqrstuvwxyz'[turn]}"), now)
    assert kinds_to(request_id, foreman).count("acted") == slowing.MOST_CONFIRMED


def test_what_a_person_writes_beyond_the_limit_waits_and_is_not_lost(mailing: Office, now: datetime):
    _receipt, case = opened(mailing, now)
    letter = letters_to(case.request.id, _foreman(mailing, case))[-1]
    for minute in range(5):
        at = now + timedelta(minutes=minute)
        assert fate(arrive(mailing, reply_to(letter, f"Part {minute}."), at)).state == "applied"
    told = [one for one in letters_to(case.request.id, RESIDENT) if one.row.kind == "resident_answer"]
    assert [f"Part {n}." in one.mail.text for n, one in enumerate(told)] == [True] * 5
    first = told[0].row.next_at
    assert [one.row.next_at >= first + timedelta(hours=1) for one in told] == [False] * 3 + [True] * 2


def test_a_secret_mark_in_the_body_is_enough_where_addresses_and_references_are_lost(
    mailing: Office, now: datetime
):
    plain = replace(mailing, has_plus=False)
    _receipt, case = opened(plain, now)
    letter = letters_to(case.request.id, _foreman(plain, case))[-1]
    assert not letter.mail.reply_to
    raw = reply_to(letter, "Tomorrow at seven.", to=TOWN, in_reply_to="", subject="your mail")
    mail_id = arrive(plain, raw, now)
    assert (fate(mail_id).state, fate(mail_id).text) == ("applied", "Tomorrow at seven.")


def test_a_mail_that_belongs_to_no_request_becomes_a_draft(mailing: Office, now: datetime):
    raw = written("There is a pothole somewhere.\n", sender="new@example.org", subject="Pothole")
    assert fate(arrive(mailing, raw, now)).state == "drafted"


def test_the_write_lock_is_free_while_a_mail_is_read(
    mailing: Office, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    def reading_now(*args, **how):
        assert not db.session().in_transaction()
        return real(*args, **how)

    real = apart.read_apart
    monkeypatch.setattr(arriving, "read_apart", reading_now)
    mail_id = arrive(mailing, written("Hello there.\n", sender="new@example.org"), now)
    assert fate(mail_id).state == "drafted", fate(mail_id).reason

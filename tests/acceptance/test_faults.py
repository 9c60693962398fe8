"""What do residents and employees notice when mail servers fail? That it takes longer, and nothing else."""

from __future__ import annotations

import random
import time
from collections import Counter

import pytest

from tests.acceptance.conftest import PostOffice

pytestmark = [pytest.mark.slow, pytest.mark.mailserver]

FOREMAN, DIRECTOR = "roads@alderfalls.example", "publicworks@alderfalls.example"


def state_of(office_at: PostOffice, address: str) -> tuple[str, int]:
    """Wait until nobody carries the letter to this address; return its state and how often it was tried."""
    question = (
        "SELECT state, attempts FROM letters WHERE recipient = ? AND attempts > 0 AND state != 'sending'"
    )
    found = office_at.soon(lambda: office_at.rows(question, address), f"a letter to {address} is tried")
    return found[0]


def test_a_greylisted_letter_goes_again_later_and_arrives_once(office_at: PostOffice):
    number = office_at.report("grey@example.org")
    assert state_of(office_at, "grey@example.org") == ("queued", 1)
    office_at.time_passes("recipient = 'grey@example.org'")
    assert office_at.person("grey@example.org").letter(number)
    assert len(office_at.person("grey@example.org").letters(number)) == 1


def test_a_cut_after_the_final_dot_costs_a_second_copy_of_the_same_bytes_and_no_more(office_at: PostOffice):
    number = office_at.report("cut@example.org")
    assert state_of(office_at, "cut@example.org") == ("uncertain", 1)
    office_at.time_passes("recipient = 'cut@example.org'")
    office_at.soon(lambda: len(office_at.person("cut@example.org").letters(number)) == 2, "a second copy")
    first, second = office_at.gateway.to("cut@example.org")
    assert first.raw == second.raw, "by which every mail server knows a double"
    assert state_of(office_at, "cut@example.org")[0] == "sent"


def test_a_server_that_falls_silent_holds_up_one_letter_and_not_the_town(office_at: PostOffice):
    number = office_at.report("silent@example.org")
    other = office_at.report()  # while the town waits for an answer
    assert state_of(office_at, "silent@example.org") == ("queued", 1)
    assert office_at.town.get("/report").status == 200
    office_at.time_passes("recipient = 'silent@example.org'")
    assert office_at.person("silent@example.org").letter(number)
    office_at.time_passes()
    assert office_at.person(FOREMAN).letter(other)


def test_a_recipient_refused_at_the_door_is_a_task_that_a_person_sees(office_at: PostOffice):
    number = office_at.report("gone@example.org")
    assert state_of(office_at, "gone@example.org") == ("failed", 1)
    office_at.soon(lambda: "letter_failed" in office_at.journal(number), "the journal says so")
    assert office_at.person("clerk@alderfalls.example").letter(number, "gone@example.org")


def test_a_real_bounce_of_an_employees_letter_takes_the_request_to_the_deputy_at_once(office_at: PostOffice):
    number = office_at.report(service="missed-pickup", **{"q-address": "12 Mill Road", "q-kind": "recycling"})
    passed_on = office_at.person(DIRECTOR).letter(number, "Open and answer")
    assert passed_on.message["Reply-To"].startswith("townhall+r.")
    assert "mail_bounced" in office_at.journal(number)
    (arrived,) = office_at.rows("SELECT kind, state, envelope_to FROM incoming WHERE kind = 'bounce' LIMIT 1")
    assert arrived[:2] == ("bounce", "applied")
    assignee = office_at.rows("SELECT assignee FROM requests WHERE number = ?", number)
    assert assignee == [("public-works-director",)]


def test_a_real_bounce_of_a_residents_letter_is_known_to_who_works_on_it(office_at: PostOffice):
    number = office_at.report("moved@example.org")
    office_at.soon(lambda: "mail_bounced" in office_at.journal(number), "the letter came back")
    assert office_at.rows("SELECT state FROM letters WHERE recipient = 'moved@example.org'") == [("failed",)]


def test_a_mailbox_that_numbers_its_mails_anew_is_read_on_and_nothing_is_done_twice(office_at: PostOffice):
    foreman = office_at.person(FOREMAN)
    number = office_at.report()
    asked = foreman.letter(number, "Open and answer")
    foreman.answer(asked, "Before the numbers changed.")
    foreman.letter(number, "Before the numbers changed.", "#undo")
    kept = office_at.rows("SELECT id, state, sha256 FROM incoming ORDER BY id")
    office_at.dovecot.stop()  # as for a backup that is put back
    office_at.dovecot.renumber("townhall")
    office_at.dovecot.start()
    foreman.answer(asked, "After the numbers changed.")
    foreman.letter(number, "After the numbers changed.", "#undo")
    now = office_at.rows("SELECT id, state, sha256 FROM incoming ORDER BY id")
    assert now[: len(kept)] == kept
    assert len(now) == len(kept) + 1, "only the new one came in"
    numberings = office_at.rows(
        "SELECT count(DISTINCT uid_validity) FROM incoming WHERE source LIKE 'imap:%'"
    )
    assert numberings == [(2,)]


@pytest.mark.timeout(180)
def test_killing_the_whole_town_while_it_reads_its_mail_applies_each_mail_exactly_once(office_at: PostOffice):
    foreman = office_at.person(FOREMAN)
    asked = foreman.letter(office_at.report(), "Open and answer")
    said = [f"Word {mark} of a long conversation." for mark in range(18)]
    chance = random.Random(20261125)
    for turn in range(3):
        for words in said[turn * 6 : turn * 6 + 6]:
            foreman.answer(asked, f"#note\n{words}")
        time.sleep(chance.uniform(0.0, 0.6))
        office_at.town.kill()
        office_at.change(
            "UPDATE incoming SET lease_until = '2026-01-01 00:00:00.000000' WHERE state = 'working'"
        )
        office_at.town.start()

    def applied() -> Counter[str]:
        found = office_at.rows("SELECT text FROM entries WHERE text LIKE 'Word % of a long conversation.'")
        return Counter(text for (text,) in found)

    office_at.soon(lambda: set(applied()) == set(said), "every mail is applied")
    assert applied() == Counter(said), "and none of them twice"
    assert office_at.rows("PRAGMA integrity_check") == [("ok",)]

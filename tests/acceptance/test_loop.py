"""Is the mailbox the desk? Employee, resident and agency in plain mail, through real mail servers."""

from __future__ import annotations

import pytest

from tests.acceptance.conftest import PostOffice

pytestmark = [pytest.mark.slow, pytest.mark.mailserver]

FOREMAN, COUNTY = "roads@alderfalls.example", "highway@aldercounty.example"
ANSWER = "Thank you. The crew fills it on Thursday morning."


def test_employee_and_resident_write_to_each_other_in_plain_mail(office_at: PostOffice):
    foreman, resident = office_at.person(FOREMAN), office_at.person("resident@example.org")
    number = office_at.report("resident@example.org")
    assert "We have your request" in str(resident.letter(number).message["Subject"])
    asked = foreman.letter(number, "Open and answer")
    assert asked.message["Reply-To"].startswith("townhall+r.")

    foreman.answer(asked, ANSWER)
    acted = foreman.letter(number, ANSWER, "#undo")
    assert resident.letters(number, ANSWER) == [], "it is held, so that it can be undone"
    office_at.time_passes()
    answered = resident.letter(number, ANSWER)
    assert "Open and answer" not in answered.text, "what the employee quoted stays in the house"
    assert answered.message["References"].split()[0] == asked.message["References"].split()[0]

    resident.answer(answered, "It is in front of the blue house.")
    wrote = foreman.letter(number, "in front of the blue house")
    threads = {mail.message["References"].split()[0] for mail in (asked, acted, wrote)}
    assert len(threads) == 1, "one conversation in every mail program"


def test_what_an_employee_undoes_by_mail_never_reaches_the_resident(office_at: PostOffice):
    foreman, resident = office_at.person(FOREMAN), office_at.person("hasty@example.org")
    number = office_at.report("hasty@example.org")
    foreman.answer(foreman.letter(number, "Open and answer"), "Not our road, sorry.")
    acted = foreman.letter(number, "Not our road", "#undo")
    foreman.answer(acted, "#undo")
    office_at.soon(lambda: "undone" in office_at.journal(number), "the act is undone")
    office_at.time_passes()
    foreman.answer(foreman.letters(number, "Open and answer")[-1], ANSWER)
    foreman.letter(number, ANSWER, "#undo")
    office_at.time_passes()
    assert resident.letter(number, ANSWER)
    assert resident.letters(number, "Not our road") == []


def test_the_agencys_answer_comes_back_into_the_hand_off(office_at: PostOffice):
    foreman, county = office_at.person(FOREMAN), office_at.person(COUNTY)
    resident = office_at.person("neighbour@example.org")
    number = office_at.report("neighbour@example.org")
    foreman.answer(foreman.letter(number, "Open and answer"), "#county\n\nThis is a county road.")
    foreman.letter(number, "#undo")
    office_at.time_passes()
    handed = county.letter(number, "we pass it on")
    assert resident.letter(number, "Alder County Highway Department")

    county.answer(handed, "We patch it in the second week of May.")
    kept = (
        "SELECT e.by FROM entries e JOIN requests r ON r.id = e.request_id "
        "WHERE r.number = ? AND e.text = 'We patch it in the second week of May.'"
    )
    office_at.soon(lambda: office_at.rows(kept, number) == [("agency:county-highway",)], "the agency's words")
    office_at.time_passes()
    assert resident.letter(number, "second week of May")

    county.answer(handed, "done")
    ended = "SELECT status FROM requests WHERE number = ?"
    office_at.soon(lambda: office_at.rows(ended, number) == [("ended",)], "the agency says that it is done")


def test_a_stranger_who_has_the_letter_changes_nothing(office_at: PostOffice):
    foreman, stranger = office_at.person(FOREMAN), office_at.person("stranger@example.org")
    number = office_at.report()
    stranger.answer(foreman.letter(number, "Open and answer"), "done")
    fate = "SELECT state FROM incoming WHERE from_address = 'stranger@example.org'"
    office_at.soon(lambda: office_at.rows(fate) == [("unverified",)], "it waits for a person")
    assert office_at.rows("SELECT status FROM requests WHERE number = ?", number) != [("ended",)]

"""Does another resident's "me too" count once, reach who must know, and tell nobody who reported it?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from casework import access, answering, me_too, receiving, redirecting, undoing
from casework.errors import NoSuchRequest, NotPossible
from casework.in_public import in_public
from casework.me_too import MeToo
from casework.office import Office
from lifecycle.status import Ending
from storage import followers, lookups
from storage.database import writing
from storage.lookups import Case
from tests.builders import opened
from tests.casework.letterbox import arrive, kinds_to, letters_to, reading_mail, reply_to

TURNPIKE = (43.59597, -72.33374)
FOREMAN = "person:road-foreman"
NEIGHBOUR = "neighbour@example.org"
SECRETS = ("Ada Nowhere", "Nowhere", "ada@example.org", "603-555-0142", "17 Old")


def hole(office: Office, now, **changes) -> Case:
    given = {
        "service": "pothole",
        "description": "Deep hole in front of 17 Old Turnpike. Ada Nowhere, 603-555-0142",
        "place": "17 Old Turnpike",
        "at": TURNPIKE,
        "name": "Ada Nowhere",
        "email": "ada@example.org",
        "phone": "(603) 555-0142",
    }
    return opened(office, now, **{**given, **changes})[1]


def said(nonce: str = "n" * 22, email: str = NEIGHBOUR, words: str = "", **changes) -> MeToo:
    return MeToo(nonce, email, words, changes.pop("language", "en"), **changes)


def test_it_is_counted_written_down_and_confirmed_in_one_transaction(office: Office, now):
    case = hole(office, now)
    receipt = me_too.follow(office, case.request.number, said(words="Still there, on the left."), now=now)
    assert receipt.is_new
    found = lookups.case(case.request.id)
    entry = found.entries[-1]
    assert (entry.kind, entry.is_public, entry.facts["count"]) == ("followed", False, 1)
    assert entry.text == "Still there, on the left."
    admission = access.admit(office, receipt.token, now=now)
    assert (admission.purpose, admission.request_id) == ("follower", case.request.id)
    assert kinds_to(case.request.id, NEIGHBOUR) == ["follower_receipt"]
    (letter,) = letters_to(case.request.id, NEIGHBOUR)
    assert receipt.token in letter.mail.text
    to_staff = letters_to(case.request.id, office.rulebook.people["road-foreman"].email)
    assert [one.row.kind for one in to_staff] == ["assigned", "resident_wrote"]
    assert "Still there, on the left." in to_staff[-1].mail.text
    assert NEIGHBOUR not in to_staff[-1].mail.text


def test_sent_twice_it_counts_once_and_gives_the_first_receipt(office: Office, now):
    case = hole(office, now)
    first = me_too.follow(office, case.request.number, said(), now=now)
    again = me_too.follow(office, case.request.number, said(), now=now + timedelta(minutes=1))
    assert (again.token, again.is_new) == (first.token, False)
    assert followers.count(case.request.id) == 1


def test_one_address_is_one_voice_and_gets_one_letter_of_each_kind(office: Office, now):
    case = hole(office, now)
    for nonce, email in (("a" * 22, NEIGHBOUR), ("b" * 22, NEIGHBOUR.upper()), ("c" * 22, "ada@example.org")):
        me_too.follow(office, case.request.number, said(nonce, email), now=now)
    assert followers.count(case.request.id) == 1
    for nonce in ("d" * 22, "e" * 22):
        me_too.follow(office, case.request.number, said(nonce, ""), now=now)
    assert followers.count(case.request.id) == 3
    assert kinds_to(case.request.id, NEIGHBOUR) == ["follower_receipt"]
    answering.answer(office, case.request.id, text="We come on Friday.", by=FOREMAN, now=now)
    assert kinds_to(case.request.id, NEIGHBOUR) == ["follower_receipt", "follower_update"]
    assert kinds_to(case.request.id, "ada@example.org") == ["resident_receipt", "resident_answer"]


def test_a_voice_without_words_costs_the_employee_no_letter_but_a_line_of_the_digest(office: Office, now):
    case = hole(office, now)
    me_too.follow(office, case.request.number, said(email=""), now=now)
    boss = office.rulebook.people["road-foreman"]
    assert kinds_to(case.request.id, boss.email) == ["assigned"]


def test_many_words_on_one_day_do_not_become_many_letters(office: Office, now):
    case = hole(office, now)
    for count in range(8):
        me_too.follow(office, case.request.number, said(f"{count}" * 22, "", "There too"), now=now)
    boss = office.rulebook.people["road-foreman"].email
    assert kinds_to(case.request.id, boss).count("resident_wrote") == me_too.MOST_LETTERS
    assert followers.count(case.request.id) == 8


def test_what_looks_like_a_program_is_kept_and_mailed_to_nobody(office: Office, now):
    case = hole(office, now)
    me_too.follow(office, case.request.number, said(words="Buy", is_doubtful=True), now=now)
    assert kinds_to(case.request.id, NEIGHBOUR) == []
    assert lookups.case(case.request.id).entries[-1].text == "Buy"


def _answered(office: Office, key: int, now) -> None:
    answering.answer(office, key, text="Dear Ada Nowhere, call 603-555-0142. At 17.", by=FOREMAN, now=now)


def _fixed(office: Office, key: int, now) -> None:
    answering.finish(office, key, ending=Ending.FIXED, text="Done, Mrs. Nowhere", by=FOREMAN, now=now)


def _redirected(office: Office, key: int, now) -> None:
    text = "Ada Nowhere asked"
    redirecting.redirect(office, key, agency="county-highway", text=text, by=FOREMAN, now=now)


def _withdrawn(office: Office, key: int, now) -> None:
    receiving.withdraw(office, key, text="I am Ada Nowhere", now=now)


@pytest.mark.parametrize("turn", [_answered, _fixed, _redirected, _withdrawn])
def test_followers_hear_what_is_public_and_never_who_reported_it(office: Office, now, turn):
    case = hole(office, now)
    me_too.follow(office, case.request.number, said(), now=now)
    turn(office, case.request.id, now + timedelta(hours=1))
    letters = letters_to(case.request.id, NEIGHBOUR)
    assert [one.row.kind for one in letters] == ["follower_receipt", "follower_update"]
    for letter in letters:
        shown = letter.row.subject + letter.mail.text.replace(letter.row.message_id, "")
        shown = shown.partition("\n--\n")[0]
        assert not [secret for secret in SECRETS if secret in shown.replace(case.request.number, "")]


def test_letters_to_followers_say_what_they_are_about_and_who_speaks_as_the_reporters_do(office: Office, now):
    case = hole(office, now)
    me_too.follow(office, case.request.number, said(), now=now)
    answering.finish(office, case.request.id, ending=Ending.FIXED, text="It is filled.", by=FOREMAN, now=now)
    receipt, ended = letters_to(case.request.id, NEIGHBOUR)
    for letter in (receipt, ended):
        first = letter.mail.text.partition("\n--\n")[0]
        assert "Pothole" in letter.row.subject
        assert "Old Turnpike" in letter.row.subject
        assert "Old Turnpike" in first
    assert "The town says:" in ended.mail.text


def test_a_question_to_the_resident_and_a_rating_stay_between_two(office: Office, now):
    case = hole(office, now)
    me_too.follow(office, case.request.number, said(), now=now)
    answering.ask_resident(office, case.request.id, text="Which side?", by=FOREMAN, now=now)
    receiving.reply(office, case.request.id, text="The left", now=now)
    assert kinds_to(case.request.id, NEIGHBOUR) == ["follower_receipt"]


def test_each_reads_it_in_their_own_language_and_hears_of_a_reopening(office: Office, now):
    case = hole(office, now)
    me_too.follow(office, case.request.number, said(language="es"), now=now)
    answering.finish(office, case.request.id, ending=Ending.FIXED, text="", by=FOREMAN, now=now)
    receiving.reopen(office, case.request.id, text="Not at all", now=now + timedelta(days=1))
    letters = letters_to(case.request.id, NEIGHBOUR)
    assert [one.row.kind for one in letters] == ["follower_receipt", "follower_update", "follower_update"]
    assert "Not at all" not in letters[-1].mail.text


def test_letters_stop_for_the_address_and_begin_again(office: Office, now):
    case = hole(office, now)
    receipt = me_too.follow(office, case.request.number, said(), now=now)
    follower = int(access.admit(office, receipt.token, now=now).recipient)
    me_too.stop_letters(office, case.request.id, follower, now=now)
    answering.answer(office, case.request.id, text="Soon", by=FOREMAN, now=now)
    assert kinds_to(case.request.id, NEIGHBOUR) == ["follower_receipt"]
    me_too.resume_letters(office, case.request.id, follower, now=now)
    answering.answer(office, case.request.id, text="Now", by=FOREMAN, now=now)
    assert kinds_to(case.request.id, NEIGHBOUR) == ["follower_receipt", "follower_update"]


def test_an_answer_that_is_undone_leaves_nobody(office: Office, now):
    case = hole(office, now)
    me_too.follow(office, case.request.number, said(), now=now)
    answering.answer(office, case.request.id, text="Oops", by=FOREMAN, now=now)
    me_too.follow(office, case.request.number, said("z" * 22, ""), now=now)  # stands in nobody's way
    act = undoing.newest(office, case.request.id, by=FOREMAN, now=now)
    assert act is not None
    undoing.undo(office, case.request.id, entry_id=act.entry.id, by=FOREMAN, now=now)
    assert letters_to(case.request.id, NEIGHBOUR)[-1].row.state == "cancelled"


def test_an_answer_that_left_and_is_undone_is_taken_back_by_a_letter(office: Office, now):
    office = replace(office, hold=timedelta(0))
    case = hole(office, now)
    me_too.follow(office, case.request.number, said(), now=now)
    answering.answer(office, case.request.id, text="Oops", by=FOREMAN, now=now)
    sent = letters_to(case.request.id, NEIGHBOUR)[-1]
    with writing() as session:
        session.get(type(sent.row), sent.row.id).state = "sent"
    act = undoing.newest(office, case.request.id, by=FOREMAN, now=now)
    undoing.undo(office, case.request.id, entry_id=act.entry.id, by=FOREMAN, now=now)
    last = letters_to(case.request.id, NEIGHBOUR)[-1]
    assert last.row.id != sent.row.id
    assert "disregard" in last.mail.text


def test_what_has_ended_or_is_held_or_private_cannot_be_followed(office: Office, now):
    case = hole(office, now)
    answering.finish(office, case.request.id, ending=Ending.FIXED, text="", by=FOREMAN, now=now)
    with pytest.raises(NotPossible):
        me_too.follow(office, case.request.number, said(), now=now)
    held = opened(office, now, held_for=("links",), service="pothole", at=TURNPIKE)[1]
    with pytest.raises(NoSuchRequest):
        me_too.follow(office, held.request.number, said(), now=now)
    with pytest.raises(NoSuchRequest):
        me_too.follow(office, "26-9999", said(), now=now)


def test_a_followers_reply_by_mail_adds_a_detail_and_changes_nothing(office: Office, now):
    office = reading_mail(office)
    case = hole(office, now)
    me_too.follow(office, case.request.number, said(), now=now)
    (letter,) = letters_to(case.request.id, NEIGHBOUR)
    arrive(office, reply_to(letter, "It is deeper today."), now)
    found = lookups.case(case.request.id)
    assert found.entries[-1].kind == "followed"
    assert found.entries[-1].text == "It is deeper today."
    assert found.request.status == "received"


# -- what is shown before one sends --


def test_open_requests_nearby_are_offered_the_nearest_first_without_anything_private(office: Office, now):
    far = hole(office, now, at=(43.5972, -72.33374), description="A hole further on")
    near = hole(office, now)
    hole(office, now, at=(43.6, -72.33374))  # more than 250 m
    hole(office, now, service="drain")
    opened(office, now, held_for=("links",), service="pothole", at=TURNPIKE)
    ended = hole(office, now)
    answering.finish(office, ended.request.id, ending=Ending.FIXED, text="", by=FOREMAN, now=now)
    service = office.rulebook.services["pothole"]
    later = now + timedelta(days=1)
    found = me_too.candidates(office, service, TURNPIKE, now=later)
    assert [one.request.number for one in found] == [near.request.number, far.request.number]
    assert not [secret for secret in SECRETS if secret in repr(found[0].request).replace("2026", "")]
    assert found[0].request.place == "Old Turnpike"
    assert me_too.candidates(office, service, TURNPIKE, now=now + timedelta(weeks=11)) == ()


def test_the_rules_may_say_that_a_service_shows_none(office: Office, now):
    hole(office, now)
    service = office.rulebook.services["pothole"]
    for changes in ({"duplicates": None}, {"public": False}):
        assert me_too.candidates(office, service.model_copy(update=changes), TURNPIKE, now=now) == ()
    assert me_too.candidates(office, service, None, now=now) == ()


def test_what_is_not_public_is_shown_to_nobody(office: Office, now):
    case = hole(office, now)
    services = dict(office.rulebook.services)
    services["pothole"] = services["pothole"].model_copy(update={"public": False})
    closed = replace(office, rulebook=office.rulebook.model_copy(update={"services": services}))
    assert in_public(closed, case, now=now) is None
    assert in_public(office, case, now=now) is not None

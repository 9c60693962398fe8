"""Does the first line of a mail do what it says, and nothing when it says nothing we know?"""

from __future__ import annotations

from datetime import datetime, timedelta
from io import BytesIO

import pytest
from PIL import Image

from casework.access import chain
from casework.commanding import AGENCY, EMPLOYEE
from casework.explaining import command_list
from casework.office import Office
from inbox.command_words import VERBS
from storage import lookups
from tests.builders import opened
from tests.casework.letterbox import Received, arrive, fate, kinds_to, letters_to, reading_mail, reply_to

RESIDENT = "resident@example.org"


@pytest.fixture
def mailing(office: Office) -> Office:
    return reading_mail(office)


@pytest.fixture
def assigned(mailing: Office, now: datetime) -> Received:
    """The letter by which the foreman got a request."""
    _receipt, case = opened(mailing, now)
    foreman = mailing.rulebook.people[case.request.assignee].email
    return letters_to(case.request.id, foreman)[-1]


def picture(color: str = "red", size: tuple[int, int] = (320, 240)) -> bytes:
    stream = BytesIO()
    Image.new("RGB", size, color).save(stream, "PNG")
    return stream.getvalue()


def _line(letter: Received) -> str:
    """Return the text without its line breaks."""
    return " ".join(letter.mail.text.split())


def _case(letter: Received):
    return lookups.case(letter.request_id)


@pytest.mark.parametrize(
    ("words", "kind", "status"),
    [
        ("#note\nOnly for us.", "noted", "received"),
        ("#public\nFor them.", "answered", "acknowledged"),
        ("#seen", "acknowledged", "acknowledged"),
        ("#start", "started", "in_progress"),
        ("#start\nWe begin today.", "answered", "in_progress"),
        ("#ask\nWhich bin?", "asked_resident", "waiting_resident"),
        ("#assign town-clerk\nNot mine.", "reassigned", "received"),
        ("done", "finished", "ended"),
        ("#close\nIt is gone.", "finished", "ended"),
        ("#noaction\nIt is on private land.", "finished", "ended"),
        ("#notfound", "finished", "ended"),
        ("#spam", "finished", "ended"),
    ],
)
def test_a_first_line_does_what_the_button_does(
    mailing: Office, now: datetime, assigned: Received, words: str, kind: str, status: str
):
    if "assign" in words:
        words = words.replace("town-clerk", mailing.rulebook.clerk)
    mail_id = arrive(mailing, reply_to(assigned, words), now)
    assert fate(mail_id).state == "applied", fate(mail_id).reason
    after = _case(assigned)
    assert (after.entries[-1].kind, after.request.status) == (kind, status)
    assert kinds_to(assigned.request_id, assigned.row.recipient)[-1] == "acted"


def test_duplicate_names_the_other_request(mailing: Office, now: datetime, assigned: Received):
    other, _case_of = opened(mailing, now)
    arrive(mailing, reply_to(assigned, f"#duplicate {other.number}"), now)
    assert _case(assigned).request.duplicate_of == other.number


def test_undo_takes_back_what_was_done_last_and_the_held_letter_with_it(
    mailing: Office, now: datetime, assigned: Received
):
    arrive(mailing, reply_to(assigned, "done\nAll gone."), now)
    acted = letters_to(assigned.request_id, assigned.row.recipient)[-1]
    mail_id = arrive(mailing, reply_to(acted, "#undo"), now + timedelta(minutes=2))
    assert fate(mail_id).state == "applied", fate(mail_id).reason
    assert _case(assigned).request.status == "received"
    states = {one.row.kind: one.row.state for one in letters_to(assigned.request_id, RESIDENT)}
    assert states["resident_finished"] == "cancelled"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("#asign", "Did you mean #assign"),
        ("#assign", "needs one thing more"),
        ("#assign nobody-known", "Nobody is called nobody-known here"),
        ("#note", "Write a few words first"),
        ("#noaction", "Write a few words first"),
        ("#duplicate 99-9999", "the number of the other request"),
        ("#reopen", "this cannot be done now"),
        ("#accept", "is not yours to do by mail"),
        ("#undo", "nothing of yours"),
        ("#help", "You asked what you can write"),
        ("", "no words of yours"),
    ],
)
def test_what_cannot_be_done_changes_nothing_and_its_sender_reads_why(
    mailing: Office, now: datetime, assigned: Received, words: str, said: str
):
    before = _case(assigned).request
    mail_id = arrive(mailing, reply_to(assigned, words), now)
    assert fate(mail_id).state == "ignored"
    after = _case(assigned)
    assert (after.request.status, after.request.assignee) == (before.status, before.assignee)
    kept = after.entries[-1]
    assert (kept.kind, kept.text, kept.is_public) == ("mail_arrived", words, False)
    explained = letters_to(assigned.request_id, assigned.row.recipient)[-1]
    assert explained.row.kind == "mail_explained"
    assert said in " ".join(explained.mail.text.split())
    assert "#assign" in explained.mail.text
    assert not [kind for kind in kinds_to(assigned.request_id, RESIDENT) if kind != "resident_receipt"]


def test_a_service_may_keep_plain_words_inside(mailing: Office, now: datetime):
    services = dict(mailing.rulebook.services)
    services["missed-pickup"] = services["missed-pickup"].model_copy(update={"reply": "internal"})
    quiet = reading_mail(mailing, rulebook=mailing.rulebook.model_copy(update={"services": services}))
    _receipt, case = opened(quiet, now)
    letter = letters_to(case.request.id, quiet.rulebook.people[case.request.assignee].email)[-1]
    arrive(quiet, reply_to(letter, "Looks like the usual corner."), now)
    assert _case(letter).entries[-1].kind == "noted"
    arrive(quiet, reply_to(letter, "#public\nWe come tomorrow."), now)
    assert _case(letter).entries[-1].kind == "answered"


def test_an_answer_to_what_has_ended_is_an_answer(mailing: Office, now: datetime, assigned: Received):
    arrive(mailing, reply_to(assigned, "done"), now)
    mail_id = arrive(mailing, reply_to(assigned, "P.S. The bin is new now."), now + timedelta(hours=2))
    assert fate(mail_id).state == "applied"
    after = _case(assigned)
    assert (after.entries[-1].kind, after.request.status) == ("answered", "ended")


def test_commands_are_understood_in_the_language_of_the_town_and_all_are_listed(mailing: Office):
    for purpose, known in (("employee", EMPLOYEE), ("agency", AGENCY)):
        listed = [written.partition(" ")[0] for written, _says in command_list(mailing, purpose, "en")]
        words = {verb.name: verb.words["en"][0] for verb in VERBS}
        wanted = set(known) - {"handoff", "close"}
        assert {f"#{words[name]}" for name in wanted} <= set(listed)


# -- what comes along --


def test_a_photo_in_a_reply_joins_the_request_and_other_files_are_named(
    mailing: Office, now: datetime, assigned: Received
):
    files = (
        ("IMG_1.png", "image/png", picture()),
        ("offer.pdf", "application/pdf", b"%PDF-1.4 nothing"),
        ("liar.jpg", "image/jpeg", b"MZ this is a program"),
    )
    arrive(mailing, reply_to(assigned, "It looks like this now.", files=files), now)
    after = _case(assigned)
    assert len(after.photos) == 1
    assert mailing.photos.has(after.photos[0].sha256)
    answered, came = after.entries[-2:]
    assert answered.facts["photos"] == [after.photos[0].sha256]
    assert (came.kind, came.is_public) == ("mail_arrived", False)
    assert "offer.pdf" in came.text
    assert "liar.jpg" in came.text


def test_a_photo_that_comes_with_a_note_is_for_the_town_alone(
    mailing: Office, now: datetime, assigned: Received
):
    files = (("IMG_1.png", "image/png", picture()),)
    arrive(mailing, reply_to(assigned, "#note\nThis is how they live.", files=files), now)
    after = _case(assigned)
    assert len(after.photos) == 1
    assert after.public_photos == ()
    agency = next(one for one in mailing.rulebook.agencies.values() if one.handoff == "mail" and one.email)
    arrive(mailing, reply_to(assigned, f"#{agency.id}\nIt is theirs."), now + timedelta(minutes=1))
    assert "photo" not in letters_to(assigned.request_id, agency.email)[-1].mail.text
    arrive(mailing, reply_to(assigned, "So far.", files=(("2.png", "image/png", picture("blue")),)), now)
    assert [photo.sha256 for photo in _case(assigned).public_photos] != [after.photos[0].sha256]


def test_a_file_alone_is_a_residents_reply_too(mailing: Office, now: datetime, assigned: Received):
    receipt = letters_to(assigned.request_id, RESIDENT)[0]
    files = (("offer.pdf", "application/pdf", b"%PDF-1.4 nothing"),)
    mail_id = arrive(mailing, reply_to(receipt, "", files=files), now)
    assert fate(mail_id).state == "applied"
    assert letters_to(assigned.request_id, assigned.row.recipient)[-1].row.kind == "resident_wrote"
    assert "offer.pdf" in _case(assigned).entries[-1].text


def test_words_that_go_on_to_somebody_else_are_not_sent_to_the_resident(
    mailing: Office, now: datetime, assigned: Received
):
    forwarded = reply_to(
        assigned, "Joe, the usual one. Can you look?", to="joe@alderfalls.example",
        subject=f"Fwd: {assigned.mail.subject}", headers=(f"Cc: {assigned.reply_to}",),
    )  # fmt: skip
    mail_id = arrive(mailing, forwarded, now)
    assert fate(mail_id).state == "applied"
    assert _case(assigned).entries[-1].kind == "noted"
    assert not [kind for kind in kinds_to(assigned.request_id, RESIDENT) if kind != "resident_receipt"]
    arrive(mailing, reply_to(assigned, "Tomorrow.", headers=("Cc: joe@alderfalls.example",)), now)
    assert _case(assigned).entries[-1].kind == "answered", "a colleague may read along"


def test_no_more_photos_join_than_the_service_takes(mailing: Office, now: datetime, assigned: Received):
    colors = ("red", "green", "blue", "white", "black")
    files = tuple((f"{color}.png", "image/png", picture(color)) for color in colors)
    arrive(mailing, reply_to(assigned, "All of them.", files=files), now)
    after = _case(assigned)
    assert len(after.photos) == mailing.rulebook.services["missed-pickup"].photos
    assert "black.png" in after.entries[-1].text


def test_photos_of_strangers_are_not_even_opened(
    mailing: Office, now: datetime, assigned: Received, monkeypatch: pytest.MonkeyPatch
):
    def opened_it(*_args, **_how):
        raise AssertionError("a stranger's picture was opened")

    monkeypatch.setattr(type(mailing.photos), "keep", opened_it)
    files = (("IMG_1.png", "image/png", picture()),)
    mail_id = arrive(mailing, reply_to(assigned, "Look!", sender="stranger@example.org", files=files), now)
    assert fate(mail_id).state == "unverified"


def test_the_confirmation_says_how_many_photos_came_along(mailing: Office, now: datetime, assigned: Received):
    files = (("1.png", "image/png", picture()),)
    arrive(mailing, reply_to(assigned, "It looks like this.", files=files), now)
    acted = letters_to(assigned.request_id, assigned.row.recipient)[-1]
    assert acted.row.kind == "acted"
    assert "1 photo came along." in acted.mail.text


def test_the_explanation_says_what_became_of_the_photos(mailing: Office, now: datetime, assigned: Received):
    foreman, files = assigned.row.recipient, (("1.png", "image/png", picture()),)
    arrive(mailing, reply_to(assigned, "#doen\nMended.", files=files), now)
    explained = letters_to(assigned.request_id, foreman)[-1]
    assert explained.row.kind == "mail_explained"
    assert "1 photo came along. It is kept with the request, where only the town sees it." in _line(explained)
    after = _case(assigned)
    assert (len(after.photos), after.public_photos) == (1, ())
    arrive(mailing, reply_to(assigned, f"#assign {mailing.rulebook.clerk}"), now)
    files = (("2.png", "image/png", picture("blue")),)
    mail_id = arrive(mailing, reply_to(assigned, "Mended.", files=files), now)
    assert fate(mail_id).state == "unverified"
    told = letters_to(assigned.request_id, foreman)[-1]
    assert told.row.kind == "mail_explained"
    assert "1 photo of your mail has not joined the request." in _line(told)
    assert len(_case(assigned).photos) == 1


def test_a_photo_alone_is_a_residents_reply(mailing: Office, now: datetime, assigned: Received):
    arrive(mailing, reply_to(assigned, "#ask\nPlease send a photo."), now)
    question = letters_to(assigned.request_id, RESIDENT)[-1]
    files = (("IMG_1.png", "image/png", picture()),)
    mail_id = arrive(mailing, reply_to(question, "", files=files), now + timedelta(minutes=9))
    assert fate(mail_id).state == "applied", fate(mail_id).reason
    after = _case(assigned)
    assert after.request.status == "acknowledged"
    assert "1 photo" in after.entries[-1].text
    assert "1 photo came along" in letters_to(assigned.request_id, assigned.row.recipient)[-1].mail.text


# -- the resident --


def test_a_resident_may_write_at_length(mailing: Office, now: datetime, assigned: Received):
    receipt = letters_to(assigned.request_id, RESIDENT)[0]
    text = "A long story about a bin.\n" * 400
    mail_id = arrive(mailing, reply_to(receipt, text), now)
    assert fate(mail_id).state == "applied", fate(mail_id).reason
    assert _case(assigned).entries[-1].text.endswith("…")


def test_words_of_a_resident_never_act_but_for_opening_it_again(
    mailing: Office, now: datetime, assigned: Received
):
    receipt = letters_to(assigned.request_id, RESIDENT)[0]
    for words in ("done", "#spam", "#assign town-clerk", "#reopen\nPlease."):
        arrive(mailing, reply_to(receipt, words), now)
        after = _case(assigned)
        assert (after.entries[-1].kind, after.request.status) == ("resident_replied", "received")


def test_a_resident_takes_a_request_back_by_one_word(mailing: Office, now: datetime, assigned: Received):
    receipt = letters_to(assigned.request_id, RESIDENT)[0]
    mail_id = arrive(mailing, reply_to(receipt, "#withdraw\nIt is gone."), now)
    assert fate(mail_id).state == "applied"
    assert _case(assigned).request.ending == "withdrawn"


def test_a_reply_after_the_end_joins_the_record_and_offers_once_to_open_it_again(
    mailing: Office, now: datetime, assigned: Received
):
    arrive(mailing, reply_to(assigned, "done"), now)
    ended = letters_to(assigned.request_id, RESIDENT)[-1]
    later = now + timedelta(days=2)
    for words in ("It is there again.", "Hello?"):
        arrive(mailing, reply_to(ended, words), later)
    after = _case(assigned)
    assert after.request.status == "ended"
    assert [entry.text for entry in after.entries[-2:]] == ["It is there again.", "Hello?"]
    assert kinds_to(assigned.request_id, RESIDENT).count("resident_after_end") == 1
    assert kinds_to(assigned.request_id, assigned.row.recipient)[-1] == "resident_wrote"
    offer = letters_to(assigned.request_id, RESIDENT)[-1]
    assert any("fixed=no" in link for link in offer.links)
    arrive(mailing, reply_to(ended, "#reopen\nIt is there again."), later)
    assert _case(assigned).request.status == "reopened"


def test_long_after_the_end_words_still_join_and_a_new_request_is_suggested(
    mailing: Office, now: datetime, assigned: Received
):
    arrive(mailing, reply_to(assigned, "done"), now)
    ended = letters_to(assigned.request_id, RESIDENT)[-1]
    arrive(mailing, reply_to(ended, "And again."), now + timedelta(days=40))
    assert _case(assigned).entries[-1].text == "And again."
    offer = letters_to(assigned.request_id, RESIDENT)[-1]
    assert any(link.endswith("/report") for link in offer.links)


def test_an_empty_reply_of_a_resident_does_nothing_at_all(mailing: Office, now: datetime, assigned: Received):
    receipt = letters_to(assigned.request_id, RESIDENT)[0]
    count = len(lookups.letters_of(assigned.request_id))
    mail_id = arrive(mailing, reply_to(receipt, ""), now)
    assert fate(mail_id).state == "ignored"
    assert len(lookups.letters_of(assigned.request_id)) == count


def test_who_gave_a_request_away_by_mistake_takes_that_back_by_mail_too(
    mailing: Office, now: datetime, assigned: Received
):
    before = _case(assigned).request.assignee
    colleague = next(
        one.id for one in mailing.rulebook.people.values() if before not in chain(mailing, one.id)
        and one.id not in chain(mailing, before)
    )  # fmt: skip
    arrive(mailing, reply_to(assigned, f"#assign {colleague}\nYours."), now)
    mail_id = arrive(mailing, reply_to(assigned, "#undo"), now + timedelta(minutes=2))
    assert fate(mail_id).state == "applied", fate(mail_id).reason
    assert _case(assigned).request.assignee == before


def test_who_writes_about_what_is_not_theirs_any_more_is_told_that_it_did_nothing(
    mailing: Office, now: datetime, assigned: Received
):
    arrive(mailing, reply_to(assigned, "#assign town-clerk\nYours."), now)
    mail_id = arrive(mailing, reply_to(assigned, "We come tomorrow."), now + timedelta(minutes=20))
    assert fate(mail_id).state == "unverified"
    explained = letters_to(assigned.request_id, assigned.row.recipient)[-1]
    assert explained.row.kind == "mail_explained"
    assert "now with a colleague" in " ".join(explained.mail.text.split())
    stranger = reply_to(assigned, "We come tomorrow.", sender="stranger@elsewhere.example")
    arrive(mailing, stranger, now + timedelta(minutes=40))
    assert letters_to(assigned.request_id, "stranger@elsewhere.example") == []


@pytest.mark.parametrize(
    "words", ["Hi,\n\n#note\nHe is known for this.", "Hi\n- #note -\nHe is known for this."]
)
def test_a_command_below_a_greeting_sends_nobody_what_was_meant_for_the_town(
    mailing: Office, now: datetime, assigned: Received, words: str
):
    mail_id = arrive(mailing, reply_to(assigned, words), now)
    assert fate(mail_id).state == "ignored"
    assert kinds_to(assigned.request_id, RESIDENT) == ["resident_receipt"]
    explained = letters_to(assigned.request_id, assigned.row.recipient)[-1]
    assert "#note counts only on the first line" in " ".join(explained.mail.text.split())


def test_private_words_are_a_note_and_no_agency(mailing: Office, now: datetime, assigned: Received):
    assert any(one.kind == "private" for one in mailing.rulebook.agencies.values())
    arrive(mailing, reply_to(assigned, "#private\nHe is known for this."), now)
    assert _case(assigned).entries[-1].kind == "noted"


def test_a_question_on_the_line_of_its_word_is_asked(mailing: Office, now: datetime, assigned: Received):
    arrive(mailing, reply_to(assigned, "#ask How deep is it?"), now)
    case = _case(assigned)
    assert (case.request.status, case.entries[-1].text) == ("waiting_resident", "How deep is it?")


def test_who_writes_that_it_is_finished_reads_that_it_is_still_open(
    mailing: Office, now: datetime, assigned: Received
):
    still = "The request is still open. To end it, write done alone on the first line."
    for words, is_told in (("We finished it today.", True), ("finished", False)):
        arrive(mailing, reply_to(assigned, words), now)
        confirmed = letters_to(assigned.request_id, assigned.row.recipient)[-1]
        assert confirmed.row.kind == "acted"
        assert (still in " ".join(confirmed.mail.text.split())) is is_told
    assert _case(assigned).request.status == "ended"

"""Does every mail to the town become a request, exactly once, and does nobody get a letter they must not?"""

from __future__ import annotations

import re
import time
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from casework import redirecting
from casework.arriving import store, work_off
from casework.drafting import complete, pass_on_due, take
from casework.guessing import guess, language_of, place_in
from inbox.understood import understand
from storage import drafts as rows
from storage import lookups
from storage.database import reading, writing
from storage.tables import Draft, IncomingMail, OutgoingLetter, ServiceRequest
from storage.turns import wrong_turns
from tests.builders import submission
from tests.inbox import mails
from tests.storage.test_photos import telephone_photo
from tests.warm import begin_aloud

RESIDENT = "Pat Resident <pat@home.example>"
COMPLETE = (
    "There is a very deep pothole in the road, potholes everywhere, the asphalt is broken.\n"
    "It is at 12 Old Turnpike.\n"
)
POTHOLE = "There is a very deep pothole, potholes, broken asphalt."
VAGUE = "Hello, something is wrong here. Could somebody have a look? Thank you."


def stored(raw: bytes, now: datetime) -> int:
    """A mail as the feeder stores it."""
    with writing() as session:
        row = IncomingMail(
            source="pipe", sha256="0" * 64, envelope_to="townhall@alderfalls.example", state="working",
            next_at=now, received_at=now, raw=raw,
        )  # fmt: skip
        session.add(row)
        session.flush()
        return row.id


def arrive(office, raw: bytes, now: datetime) -> str:
    mail_id = stored(raw, now)
    with writing():
        return take(office, mail_id, understand(raw), now=now)


def a_mail(
    body: str, *more: str, subject: str = "A word", sender: str = RESIDENT, mark: str = "one"
) -> bytes:
    raw = mails.mail(body, *more, subject=subject, sender=sender)
    return raw.replace(b"<one@home.example>", f"<{mark}@home.example>".encode())


def letters(kind: str | None = None) -> list[OutgoingLetter]:
    with reading() as session:
        asked = select(OutgoingLetter).order_by(OutgoingLetter.id)
        return list(session.scalars(asked if kind is None else asked.where(OutgoingLetter.kind == kind)))


def text_of(letter: OutgoingLetter) -> str:
    with reading() as session:
        raw = session.scalars(select(OutgoingLetter.raw).where(OutgoingLetter.id == letter.id)).one()
    message = message_from_bytes(raw, policy=default)
    return message.get_body(("plain",)).get_content()


def all_drafts() -> list[Draft]:
    with reading() as session:
        return list(session.scalars(select(Draft).order_by(Draft.id)))


def requests() -> list[ServiceRequest]:
    with reading() as session:
        return list(session.scalars(select(ServiceRequest).order_by(ServiceRequest.id)))


def test_a_mail_that_says_everything_is_a_request_at_once_with_the_usual_receipt(office, now):
    said = arrive(office, a_mail(COMPLETE, subject="Pothole"), now)
    (request,) = requests()
    assert request.number in said
    assert (request.service, request.channel, request.resident_email) == (
        "pothole",
        "mail",
        "pat@home.example",
    )
    assert request.place == "at 12 Old Turnpike"
    assert request.assignee == "road-foreman"
    assert {letter.kind for letter in letters()} == {"assigned", "resident_receipt"}
    assert all_drafts()[0].state == "completed"


def test_a_mail_that_misses_something_waits_and_its_sender_is_asked_once(office, now):
    arrive(office, a_mail(VAGUE), now)
    (draft,) = all_drafts()
    assert (draft.state, requests()) == ("open", [])
    (letter,) = letters()
    assert (letter.kind, letter.recipient) == ("draft_received", "pat@home.example")
    text = text_of(letter)
    assert "what kind of problem it is" in text
    assert "where it is" in text
    assert re.search(r"/report\?d=[a-z0-9]{20}&lang=en", text)
    assert "something is wrong here" not in text, (
        "the From may be forged: nobody's words are mailed to others"
    )


def test_the_letter_stands_below_the_mail_it_answers_and_says_that_a_machine_wrote_it(office, now):
    arrive(office, a_mail(VAGUE), now)
    with reading() as session:
        raw = session.scalars(select(OutgoingLetter.raw)).one()
    message = message_from_bytes(raw, policy=default)
    assert message["In-Reply-To"] == "<one@home.example>"
    assert message["Auto-Submitted"] == "auto-generated"


def test_the_same_mail_by_two_feeders_is_one_draft(office, now):
    arrive(office, a_mail(VAGUE), now)
    assert "already" in arrive(office, a_mail(VAGUE), now)
    assert len(all_drafts()) == len(letters()) == 1


def test_after_the_set_time_the_clerk_gets_it_as_it_is_and_the_sender_is_told(office, now):
    arrive(office, a_mail(VAGUE), now)
    assert pass_on_due(office, now=now + timedelta(days=1)) == 0
    later = now + timedelta(days=3)
    assert pass_on_due(office, now=later) == 1
    assert pass_on_due(office, now=later) == 0
    (request,) = requests()
    assert (request.service, request.assignee, request.decided) == ("other", "town-clerk", "accept")
    assert "something is wrong here" in request.description
    assert "came by mail" in request.because_staff
    assert [one.kind for one in letters()] == ["draft_received", "assigned", "resident_receipt"]
    assert all_drafts()[0].state == "passed_on"
    assert all_drafts()[0].request_id == request.id
    redirecting.reassign(office, request.id, to="road-foreman", text="", by="person:town-clerk", now=later)
    assert wrong_turns(now).wrong == (), "no rule was asked, so none was wrong"


def test_words_of_danger_come_first_and_the_clerk_has_it_within_a_minute(office, now):
    arrive(office, a_mail("I smell gas in Church Street, everywhere!"), now)
    (letter,) = letters()
    text = text_of(letter)
    assert text.index("call 911 now") < text.index("Thank you. We have your message.")
    assert letter.subject.startswith("In danger, please call first")
    assert pass_on_due(office, now=now) == 1
    (request,) = requests()
    assert "may speak of danger" in request.because_staff
    assert "nobody completed it" not in request.because_staff


@pytest.mark.parametrize(
    "mail",
    [
        a_mail(VAGUE, sender="Shop <no-reply@shop.example>"),
        a_mail(VAGUE, "List-Id: <news.shop.example>"),
        a_mail(VAGUE, "List-Unsubscribe: <https://shop.example/u>"),
        a_mail(VAGUE, "Precedence: list"),
        a_mail(VAGUE, "X-Spam-Flag: YES"),
        a_mail(VAGUE, "Return-Path: <>"),
        a_mail(VAGUE, sender="townhall@alderfalls.example"),
        a_mail(VAGUE, sender="Mail <mailer-daemon@shop.example>"),
    ],
)
def test_machines_lists_and_spam_get_no_letter_and_still_come_to_the_clerk(office, now, mail: bytes):
    arrive(office, mail, now)
    assert letters() == []
    (draft,) = all_drafts()
    assert draft.state == "open"
    assert pass_on_due(office, now=now + timedelta(days=3)) == 1
    assert [letter.kind for letter in letters()] == ["assigned"]


def test_one_address_gets_a_few_letters_a_day_and_no_mail_is_lost(office, now):
    for turn in range(6):
        arrive(office, a_mail(f"{VAGUE} {turn}", mark=f"m{turn}"), now)
    assert len(letters()) == office.rulebook.intake.letters
    assert len(all_drafts()) == 6
    arrive(office, a_mail(f"{VAGUE} 7", mark="m7"), now + timedelta(days=1, minutes=1))
    assert len(letters()) == office.rulebook.intake.letters + 1


def test_a_sender_whom_our_own_server_calls_forged_gets_no_letter(office, now):
    checking = replace(office, authserv_id="mx.alderfalls.example")
    failed = "Authentication-Results: mx.alderfalls.example; dmarc=fail header.from=home.example"
    arrive(checking, a_mail(VAGUE, failed), now)
    assert letters() == []


def test_an_answer_to_our_letter_may_bring_what_was_missing(office, now):
    arrive(office, a_mail("There is a very deep pothole, potholes, broken asphalt.", subject="Pothole"), now)
    (asked,) = letters()
    answer = a_mail(
        "It is at 12 Old Turnpike.",
        f"In-Reply-To: {asked.message_id}",
        subject="Re: your message",
        mark="two",
    )
    said = arrive(office, answer, now + timedelta(hours=1))
    (request,) = requests()
    assert request.number in said
    assert "12 Old Turnpike" in request.place
    assert len(all_drafts()) == 1
    # And one more, afterwards, joins that request.
    more = a_mail("It is getting worse.", f"References: {asked.message_id}", subject="Re: it", mark="three")
    arrive(office, more, now + timedelta(hours=2))
    case = lookups.case(request.id)
    assert case.entries[-1].text == "It is getting worse."


def test_an_answer_that_leaves_something_open_is_answered_once_more_and_no_more(office, now):
    arrive(office, a_mail(POTHOLE, subject="Pothole"), now)
    (asked,) = letters()
    for hour, words in enumerate(("It is a deep one.", "Please hurry.", "Are you there?"), start=1):
        more = a_mail(words, f"In-Reply-To: {asked.message_id}", subject="Re: it", mark=f"more{hour}")
        arrive(office, more, now + timedelta(hours=hour))
    first, second = letters()
    assert second.kind == "draft_received"
    assert "where it is" in text_of(second)
    links = [re.findall(r"/report\?d=[a-z0-9]{20}", text_of(one)) for one in (first, second)]
    assert links[0] == links[1] != []
    (draft,) = all_drafts()
    assert (draft.state, draft.fields["letters"]) == ("open", 2)
    assert "Are you there?" in draft.fields["description"]


def test_an_answer_that_speaks_of_danger_brings_it_to_the_clerk_at_once(office, now):
    arrive(office, a_mail(VAGUE), now)
    (asked,) = letters()
    more = a_mail("Now I smell gas!", f"In-Reply-To: {asked.message_id}", subject="Re: it", mark="two")
    arrive(office, more, now + timedelta(hours=1))
    assert pass_on_due(office, now=now + timedelta(hours=1)) == 1
    assert "smell gas" in requests()[0].description


def test_a_stranger_who_quotes_our_letter_begins_a_draft_of_their_own(office, now):
    arrive(office, a_mail("There is a very deep pothole, potholes.", subject="Pothole"), now)
    (asked,) = letters()
    arrive(
        office,
        a_mail(
            "It is at 12 Old Turnpike.",
            f"In-Reply-To: {asked.message_id}",
            sender="x@other.example",
            mark="2",
        ),
        now,
    )
    assert len(all_drafts()) == 2
    assert "Old Turnpike" not in all_drafts()[0].fields["description"]


def test_photos_come_along_re_encoded_and_are_kept_until_somebody_completes_it(office, now):
    a_photo = telephone_photo().getvalue()
    raw = mails.several(mails.part(VAGUE), mails.file(a_photo, "image/jpeg", "hole.jpg"))
    arrive(office, raw, now)
    (photo,) = all_drafts()[0].fields["photos"]
    assert office.photos.has(photo[0])
    assert photo[0] in lookups.photo_hashes()


def test_the_whole_way_of_a_raw_mail_and_of_the_answer_to_our_letter(office, now):
    raw = a_mail(POTHOLE, subject="Pothole")
    store(office, raw, envelope_to=office.intake_address, source="pipe", now=now)
    work_off(office, now=now)
    (asked,) = letters()
    assert asked.kind == "draft_received"
    answer = a_mail(
        f"It is at 12 Old Turnpike.\r\n\r\nOn Wed, Oct 14, 2026 at 12:00 PM Town wrote:\r\n> {VAGUE}",
        f"In-Reply-To: {asked.message_id}",
        subject="Re: Your message to Town of Alder Falls",
        mark="two",
    )
    store(office, answer, envelope_to=office.intake_address, source="pipe", now=now + timedelta(hours=1))
    work_off(office, now=now + timedelta(hours=1))
    (request,) = requests()
    assert request.place == "at 12 Old Turnpike"
    assert VAGUE not in request.description
    with reading() as session:
        assert [mail.state for mail in session.scalars(select(IncomingMail))] == ["drafted", "drafted"]


@settings(max_examples=50, deadline=2000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=400) | st.sampled_from(["at " * 3000, "on Mill Road\n" * 2000, "Old " * 5000]))
def test_whatever_a_mail_says_it_is_read_in_time_and_nothing_breaks(office, now, text):
    found = guess(office, text, language="en", now=now)
    assert len(found.place) <= 300
    assert not found.is_complete or found.service


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Big hole at 12 Mill Road next to the barn. Thanks", "at 12 Mill Road next to the barn"),
        ("The lamp is out. Mill Rd. near the barn", "Mill Rd. near the barn"),
        ("Something near Mill Road School is broken", ""),
        ("Nothing here names a road", ""),
        ("Hole on Route 88", "on Route 88"),
    ],
)
def test_a_place_is_taken_only_where_a_road_of_the_maps_is_surely_named(office, text, place):
    assert place_in(office, text) == place


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Hola, hay una farola rota en la calle, por favor reparen la luz. Gracias", "es"),
        ("Bonjour, il y a un trou dans la rue depuis lundi, merci de le réparer", "fr"),
        ("Guten Tag, die Laterne ist seit gestern kaputt, bitte reparieren", "de"),
        ("The lamp is broken, please have a look", "en"),
        ("???", "en"),
    ],
)
def test_the_letter_is_in_the_senders_language_where_the_town_speaks_it(text, language):
    mail = understand(a_mail(text)).mail
    assert mail is not None
    assert language_of(mail, text, ("en", "es", "fr", "de")) == language
    assert language_of(mail, text, ("en",)) == "en"


def test_a_killed_clock_passes_each_draft_on_exactly_once(app, office, now):
    for turn in range(12):
        arrive(office, a_mail(f"{VAGUE} {turn}", mark=f"k{turn}", sender=f"p{turn}@home.example"), now)
    data = app.config["TOWNLINE_SETTINGS"].data
    for turn in range(5):
        clock, said = begin_aloud("-c", CLOCK, str(data))
        with said:
            assert said.readline() == b"ready\n"
            time.sleep(0.004 * (turn + 1))
            clock.kill()
            clock.wait()
    while pass_on_due(office, now=now + timedelta(days=9)):
        pass
    assert len(requests()) == len({request.nonce for request in requests()}) == 12
    assert {draft.state for draft in all_drafts()} == {"passed_on"}
    assert len(letters("assigned")) == len(letters("resident_receipt")) == 12


CLOCK = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from app import create_app
from casework.drafting import pass_on_due
from casework.office import the_office
from settings import ROOT, Settings
secret = "demonstration-" + "s" * 40
app = create_app(Settings(data=Path(sys.argv[1]), rules=ROOT / "rules.yaml", secret=secret, demo=True))
with app.app_context():
    office = the_office()
    print("ready", flush=True)
    pass_on_due(office, now=datetime(2026, 10, 30, tzinfo=UTC))
"""


def test_a_transaction_that_dies_leaves_nothing_and_the_next_try_makes_one(office, now):
    raw = a_mail(COMPLETE, subject="Pothole")
    mail_id = stored(raw, now)
    with pytest.raises(KeyboardInterrupt), writing():
        take(office, mail_id, understand(raw), now=now)
        raise KeyboardInterrupt
    assert (requests(), all_drafts(), letters()) == ([], [], [])
    with writing():
        take(office, mail_id, understand(raw), now=now)
    assert len(requests()) == 1


def test_a_draft_that_cannot_become_a_request_keeps_no_other_from_the_clerk(office, now):
    arrive(office, a_mail(VAGUE, mark="poison"), now)
    arrive(office, a_mail(VAGUE + " The second.", mark="fine", sender="Sam <sam@home.example>"), now)
    poison = min(all_drafts(), key=lambda one: one.id)
    with writing() as session:
        rows.rewrite(session, poison.id, {**poison.fields, "photos": [["not a photo"]]})
    late = now + timedelta(days=10)
    assert pass_on_due(office, now=late) == 1
    assert [one.state for one in sorted(all_drafts(), key=lambda one: one.id)] == ["open", "passed_on"]
    assert pass_on_due(office, now=late + timedelta(minutes=30)) == 0
    with writing() as session:
        rows.rewrite(session, poison.id, poison.fields)
    assert pass_on_due(office, now=late + timedelta(minutes=61)) == 1


def test_a_photo_sent_to_a_draft_that_is_a_request_by_now_joins_that_request(office, now):
    arrive(office, a_mail(VAGUE), now)
    assert pass_on_due(office, now=now + timedelta(days=10)) == 1
    (asked,) = letters("draft_received")
    raw = mails.several(
        mails.part("Here is a picture."), mails.file(telephone_photo().getvalue(), "image/jpeg", "hole.jpg")
    )
    raw = raw.replace(b"From: ", b"In-Reply-To: " + asked.message_id.encode() + b"\nFrom: ", 1)
    raw = raw.replace(b"resident@home.example", b"pat@home.example")
    mail = understand(raw).mail
    assert mail is not None
    assert mail.sender.key == asked.recipient.lower()
    for _twice in range(2):
        arrive(office, raw, now + timedelta(days=11))
    (request,) = requests()
    case = lookups.case(request.id)
    assert case is not None
    assert len(case.photos) == 1
    assert [entry.text for entry in case.entries if entry.kind == "resident_replied"] == [
        "Here is a picture."
    ]


def test_a_photo_in_the_form_of_a_draft_that_is_a_request_by_now_is_not_lost(office, now):
    arrive(office, a_mail(VAGUE), now)
    link = re.search(r"/report\?d=([a-z0-9]{20})", text_of(letters("draft_received")[0]))
    assert link
    value = link[1]
    assert pass_on_due(office, now=now + timedelta(days=10)) == 1
    (request,) = requests()
    photo = office.photos.keep(telephone_photo(), "hole.jpg")
    form = submission(description=request.description, place=request.place, photos=(photo,))
    for _twice in range(2):
        assert complete(office, value, form, now=now + timedelta(days=11)).number == request.number
    case = lookups.case(request.id)
    assert case is not None
    assert [one.sha256 for one in case.photos] == [photo.sha256]
    said = [entry.text for entry in case.entries if entry.kind == "resident_replied"]
    assert said == ["(1 photo, without words)"]

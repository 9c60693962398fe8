"""Is a letter one mail, to one reader, with exactly the headers we meant?"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import default
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail.letter import Attachment, HeaderRefused, InlineImage, Letter, one_line

AT = datetime(2026, 10, 14, 16, tzinfo=UTC)
LETTER = Letter(
    to="foreman@example.org",
    subject="[26-0412] Pothole: Mill Road",
    text="Good morning – a hole.\n",
    html="<p>Good morning – a hole.</p>",
    sender="311@example.org",
    sender_name="Town of Example, Somewhere",
    message_id="<26-0412.abc@example.org>",
    references=("<26-0412.thread@example.org>",),
)
HEADERS = ("to", "subject", "sender_name", "sender", "message_id", "reply_to", "references")


def read(letter: Letter):
    return message_from_bytes(letter.as_bytes(AT), policy=default)


def plain_text(message) -> str:
    return message.get_body(("plain",)).get_content().replace("\r\n", "\n")


def test_the_same_letter_is_the_same_bytes():
    full = replace(
        LETTER,
        images=(InlineImage("photo1.26-0412@example.org", b"\xff\xd8\xff"),),
        attachments=(Attachment("report.pdf", "application/pdf", b"%PDF"),),
    )
    assert full.as_bytes(AT) == full.as_bytes(AT)


def test_a_picture_stands_inside_and_a_report_beside():
    full = replace(
        LETTER,
        html='<img src="cid:photo1.26-0412@example.org">',
        images=(InlineImage("photo1.26-0412@example.org", b"\xff\xd8\xff"),),
        attachments=(Attachment("report.pdf", "application/pdf", b"%PDF"),),
    )
    message = read(full)
    assert [part.get_content_type() for part in message.walk() if not part.is_multipart()] == [
        "text/plain",
        "text/html",
        "image/jpeg",
        "application/pdf",
    ]
    picture = next(part for part in message.walk() if part.get_content_type() == "image/jpeg")
    assert picture["Content-ID"] == "<photo1.26-0412@example.org>"
    assert plain_text(message) == LETTER.text


def test_a_comma_in_the_towns_name_makes_no_second_sender():
    assert [str(a) for a in read(LETTER)["From"].addresses] == [
        '"Town of Example, Somewhere" <311@example.org>'
    ]


def test_long_references_stay_readable_words():
    message = read(replace(LETTER, references=tuple(f"<{'x' * 60}{n}@example.org>" for n in range(12))))
    assert message["References"].count("<") == 10
    assert b"=?" not in replace(LETTER, references=(f"<{'x' * 200}@example.org>",)).as_bytes(AT)


@pytest.mark.parametrize("field", HEADERS)
@pytest.mark.parametrize(
    "poison", ["\r\nBcc: all@example.org", "\n", "\r", "\x00", "\u2028", "\u2029", "x" * 10_000, "\x85"]
)
def test_no_header_value_can_become_a_second_header(field: str, poison: str):
    good = getattr(LETTER, field) or "reply@example.org"
    value = (good[0] + poison,) if isinstance(good, tuple) else good + poison
    change: dict[str, Any] = {field: value}
    with pytest.raises(HeaderRefused, match="letter was not built"):
        replace(LETTER, **change).as_bytes(AT)


@given(st.text(max_size=400))
def test_any_words_of_a_resident_make_one_subject(words: str):
    subject = one_line(f"[26-0412] {words}")
    message = read(replace(LETTER, subject=subject))
    assert len(message.get_all("Subject")) == 1
    assert len(message.get_all("To")) == 1
    assert message["Bcc"] is None


@given(st.text(max_size=300))
def test_any_text_survives_the_way_through_the_body(words: str):
    clean = words.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode()
    message = read(replace(LETTER, text=clean + "\n"))
    assert plain_text(message).rstrip("\n") == clean.rstrip("\n")


def test_a_line_that_begins_with_from_is_not_changed():
    assert plain_text(read(replace(LETTER, text="From here on\n.\n..\n"))) == "From here on\n.\n..\n"


def test_words_in_other_letters_are_encoded_in_pieces_that_every_mail_program_reads():
    words = "Straße der Pariser Kommune öäü " * 5
    letter = replace(LETTER, subject=words, sender_name=words[:120])
    head = letter.as_bytes(AT).partition(b"\r\n\r\n")[0]
    assert max(len(piece) for piece in re.findall(rb"=\?\S+\?=", head)) <= 75
    assert head.count(b"\r\nSubject: ") == 1
    assert read(letter)["Subject"] == words
    # The newer parser puts spaces between the pieces of a name; every mail program leaves them out.
    sender = message_from_bytes(letter.as_bytes(AT))["From"]
    assert str(make_header(decode_header(sender))) == f"{words[:120]} <{LETTER.sender}>"


def test_an_encoded_word_that_somebody_wrote_stays_as_it_was_written():
    words = "[26-0412] Pothole: =?utf-8?q?=E2=80=AEdaoR?="
    assert read(replace(LETTER, subject=words))["Subject"] == words

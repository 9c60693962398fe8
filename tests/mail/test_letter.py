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
from hypothesis import given, settings
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
    list_id="updates.26-0412.example.org",
    unsubscribe="https://311.example.org/stop",
)
HEADERS = (
    "to", "subject", "sender_name", "sender", "message_id", "reply_to", "references", "list_id",
    "unsubscribe",
)  # fmt: skip
POISON = ["\r\nBcc: all@example.org", "\r\n\r\n", "\n", "\r", "\x00", "\u2028", "\u2029", "\x85", "\ud800"]


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


def changed(field: str, value: str) -> Letter:
    change: dict[str, Any] = {field: (value,) if field == "references" else value}
    return replace(LETTER, **change)


@pytest.mark.parametrize("field", HEADERS)
@pytest.mark.parametrize("poison", [*POISON, "x" * 10_000])
def test_no_header_value_can_become_a_second_header(field: str, poison: str):
    good = getattr(LETTER, field) or "reply@example.org"
    with pytest.raises(HeaderRefused, match="letter was not built"):
        changed(field, (good[0] if isinstance(good, tuple) else good) + poison).as_bytes(AT)


wild = st.one_of(
    st.text(max_size=60),
    st.text(st.characters(codec="ascii"), max_size=60),
    st.builds(lambda a, b, c: a + b + c, st.text(max_size=8), st.sampled_from(POISON), st.text(max_size=8)),
    st.builds(lambda word, n: word * n, st.text(min_size=1, max_size=4), st.integers(2000, 10_000)),
    st.builds("<{}@example.org>".format, st.text(max_size=12)),
)
EXPECTED = ("Subject", "From", "To", "Date", "Message-ID", "References", "In-Reply-To", "Auto-Submitted",
            "X-Auto-Response-Suppress", "X-Loop", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post",
            "MIME-Version", "Content-Type")  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(HEADERS), wild)
def test_any_value_of_a_header_is_refused_or_makes_exactly_one(field: str, value: str):
    try:
        raw = changed(field, value).as_bytes(AT)
    except HeaderRefused:
        return
    head, _, body = raw.partition(b"\r\n\r\n")
    assert body.startswith(b"--=_")
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n|\x00", head)
    assert max(map(len, head.split(b"\r\n"))) <= 998
    names = [line.split(b":")[0].decode() for line in head.split(b"\r\n") if line[:1] not in b" \t"]
    lists = {"List-Id", "List-Unsubscribe", "List-Unsubscribe-Post"}
    optional = {"Reply-To", "References", "In-Reply-To"} | lists
    assert sorted(set(names) - optional) == sorted(set(EXPECTED) - optional)
    assert len(names) == len(set(names))


@settings(max_examples=150, deadline=None)
@given(wild, st.sampled_from(["name", "content_type", "cid"]))
def test_any_name_of_what_travels_inside_makes_no_header_of_its_own(value: str, what: str):
    told = {"name": "report.pdf", "content_type": "application/pdf", "cid": "one"} | {what: value}
    full = replace(
        LETTER,
        images=(InlineImage(told["cid"], b"x"),),
        attachments=(Attachment(told["name"], told["content_type"], b"%PDF"),),
    )
    try:
        raw = full.as_bytes(AT)
    except HeaderRefused:
        return
    # Each of the two carries three headers: four with the name of the picture.
    assert raw.count(b"\r\nContent-Disposition: ") == 2
    assert raw.count(b"\r\nContent-ID: ") == 1
    assert not re.search(rb"^Bcc", raw, re.M)
    assert raw.count(b"\r\nContent-Transfer-Encoding: ") == 4


@given(wild)
def test_the_envelope_is_one_address_or_the_letter_is_not_posted(value: str):
    try:
        assert replace(LETTER, envelope=value).envelope_from in (value, LETTER.sender)
    except HeaderRefused:
        return
    assert re.fullmatch(r"[!-~]*", value)


def test_references_keep_the_conversation_and_the_newest_within_what_servers_take():
    ids = tuple(f"<{'x' * 180}{n:02d}@example.org>" for n in range(30))
    found = read(replace(LETTER, references=ids))["References"].split()
    assert found == [ids[0], *ids[-6:]]
    assert len(" ".join(found)) <= 1500
    short = tuple(f"<{n}@example.org>" for n in range(30))
    assert read(replace(LETTER, references=short))["References"].split() == [short[0], *short[-9:]]
    assert read(replace(LETTER, references=short))["In-Reply-To"] == short[-1]


def test_updates_can_be_stopped_with_one_click_where_there_is_an_address_for_it():
    message = read(LETTER)
    assert message["List-Unsubscribe"] == "<https://311.example.org/stop>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-Id"] == "<updates.26-0412.example.org>"
    assert read(replace(LETTER, unsubscribe=None))["List-Id"] is None
    long = f"https://311.example.org/r/26-0412/stop?t={'x' * 500}"
    assert f"\r\nList-Unsubscribe: <{long}>\r\n".encode() in replace(LETTER, unsubscribe=long).as_bytes(AT)


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

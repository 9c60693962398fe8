"""Is there any sequence of bytes that stops the reader? Hypothesis looks for one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from inbox.answers import pack, unpack
from inbox.apart import READER, read_apart
from inbox.understood import KINDS, Understood, understand
from tests.inbox import torture_bodies, torture_headers, torture_machines
from tests.inbox.mails import LOOP_SIGN, mail

SMALL = [
    case.bytes()
    for case in (
        *torture_headers.CASES.values(), *torture_bodies.CASES.values(), *torture_machines.CASES.values()
    )
]  # fmt: skip
QUICK = settings(deadline=timedelta(seconds=2), max_examples=150, suppress_health_check=list(HealthCheck))
LETTERS = b"=?utf-8QB\r\n \t:;,<>()\"\\@-_/.%'*0123456789abcMETHOD\x00\x1b$B\xc3\xa9\xff"


@pytest.fixture(scope="module", autouse=True)
def _no_process_is_left() -> Iterator[None]:
    yield
    READER.close()


def check(said: Understood) -> None:
    """What must hold of every answer, whatever arrived."""
    assert said.kind in KINDS
    assert said.reason
    assert (said.mail is None) == (said.kind == "quarantined")
    assert (said.reply is not None) == (said.kind == "reply")
    answer, contents = pack(said)
    assert unpack(answer, b"".join(contents)) == said
    if said.mail:
        assert said.mail.parts <= 201
        assert all(len(value) <= 70_000 for _, value in said.mail.headers)
        said.mail.text.encode()
        assert not any("\n" in one or "\0" in one for one in (said.mail.subject, said.mail.sender.name))
        assert all(one.name and "/" not in one.name for one in said.mail.attachments)


@QUICK
@given(st.binary(max_size=3000))
@example(b"")
@example(b"From:")
@example(b"From: \r\n\r\n")
def test_any_bytes(raw: bytes) -> None:
    check(understand(raw, loop_signs=[LOOP_SIGN]))


@QUICK
@given(st.binary(max_size=400), st.binary(max_size=400), st.binary(max_size=2000))
def test_any_headers_and_any_body(sender: bytes, type: bytes, body: bytes) -> None:
    check(understand(mail(body, b"From: " + sender, type=None, subject=sender)))
    check(understand(mail(body, b"Content-Type: multipart/mixed;" + type, type=None)))


@QUICK
@given(st.lists(st.sampled_from(list(LETTERS)), max_size=400).map(bytes))
def test_any_header_made_of_what_headers_are_made_of(value: bytes) -> None:
    for name in (
        b"Subject",
        b"From",
        b"To",
        b"Content-Type",
        b"Date",
        b"References",
        b"Authentication-Results",
    ):
        check(understand(mail("x", name + b": " + value, subject=None, type=None, sender=None)))


@settings(QUICK, max_examples=400)
@given(
    st.sampled_from(SMALL),
    st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 200), st.binary(max_size=30)), max_size=6),
)
def test_any_mail_that_was_damaged_on_its_way(raw: bytes, damages: list[tuple[int, int, bytes]]) -> None:
    for place, size, put in damages:
        place %= len(raw) + 1
        raw = raw[:place] + put + raw[place + size :]
    check(understand(raw, loop_signs=[LOOP_SIGN]))


@settings(QUICK, max_examples=60)
@given(st.binary(max_size=3000))
def test_any_bytes_in_the_process_of_its_own(raw: bytes) -> None:
    assert read_apart(raw) == understand(raw)

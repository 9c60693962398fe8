"""Does the listener take what is for the town, say 250 only after the commit, and refuse the rest?"""

from __future__ import annotations

import smtplib
import socket
from collections.abc import Iterator
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import select

import clock.doorway
from casework.office import the_office
from clock.doorway import listener
from inbox.listener import Listener
from mail.address import bounce_address, reply_address, reply_token
from storage.database import reading
from storage.tables import IncomingMail
from tests.builders import opened

MAIL = b"From: a@x.example\r\nSubject: one\r\n\r\nHello.\r\n.with a dot\r\n"


@pytest.fixture
def door(bare_app: Flask) -> Iterator[Listener]:
    door = listener(bare_app, host="127.0.0.1", port=0)
    door.start()
    yield door
    door.stop()


@pytest.fixture
def town(bare_app: Flask) -> str:
    with bare_app.app_context():
        return the_office().sender


def kept(app: Flask) -> list[tuple[bytes, str]]:
    with app.app_context(), reading() as session:
        found = select(IncomingMail.raw, IncomingMail.envelope_to).order_by(IncomingMail.id)
        return [(raw, to) for raw, to in session.execute(found)]


@pytest.fixture
def mark(bare_app: Flask, now: datetime) -> str:
    """The mark of a resident's replies."""
    with bare_app.app_context():
        office = the_office()
        receipt, _case = opened(office, now)
        return reply_token(office.secret, receipt.number, "resident@example.org")


def test_a_mail_is_kept_byte_for_byte_with_its_envelope(
    bare_app: Flask, door: Listener, town: str, mark: str
):
    to = reply_address(town, mark)
    with smtplib.SMTP("127.0.0.1", door.port) as line:
        line.sendmail("a@x.example", [to.upper()], MAIL)
    assert kept(bare_app) == [(MAIL, to.lower())]


def test_unknown_addresses_and_marks_are_refused_while_the_sender_can_be_told(
    door: Listener, town: str, mark: str
):
    name, _at, domain = town.partition("@")
    wrong = [
        f"elsewhere@{domain}",
        f"{name}@elsewhere.example",
        f"{name}+r.{'z' * 20}@{domain}",
        f"{name}+r.@{domain}",
    ]
    right = [town, f"{name}+doctor.7@{domain}", reply_address(town, mark), bounce_address(town, "a" * 20)]
    with smtplib.SMTP("127.0.0.1", door.port) as line:
        line.ehlo()
        line.mail("a@x.example")
        assert [line.rcpt(address)[0] for address in wrong] == [550] * 4
        assert [line.rcpt(address)[0] for address in right] == [250] * 4


def test_lmtp_gets_an_answer_for_each_recipient(bare_app: Flask, door: Listener, town: str):
    other = town.replace("@", "+two@")
    with smtplib.LMTP("127.0.0.1", door.port) as line:
        line.ehlo()
        line.mail("a@x.example")
        for address in (town, other):
            assert line.rcpt(address)[0] == 250
        assert line.data(MAIL)[0] == 250
        assert line.getreply()[0] == 250
        assert line.noop()[0] == 250
    assert [to for _raw, to in kept(bare_app)] == [town, other]


def test_what_could_not_be_stored_is_asked_for_again(
    bare_app: Flask, door: Listener, town: str, monkeypatch: pytest.MonkeyPatch
):
    def full(*_: object, **__: object) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as patched, smtplib.SMTP("127.0.0.1", door.port) as line:
        patched.setattr(clock.doorway, "store", full)
        with pytest.raises(smtplib.SMTPDataError) as refused:
            line.sendmail("a@x.example", [town], MAIL)
        assert refused.value.smtp_code == 451
    assert not kept(bare_app)


def test_a_null_sender_and_very_long_lines_get_in(bare_app: Flask, door: Listener, town: str):
    raw = b"Subject: long\r\n\r\n" + b"y" * 200_000 + b"\r\n\xff\x00\r\n"
    with smtplib.SMTP("127.0.0.1", door.port) as line:
        line.sendmail("", [town], raw)
    assert kept(bare_app)[0][0] == raw


def test_a_mail_that_says_it_is_too_large_is_refused_at_once(door: Listener):
    with smtplib.SMTP("127.0.0.1", door.port) as line:
        line.ehlo()
        assert line.mail("a@x.example", [f"SIZE={60 * 1024 * 1024}"])[0] == 552


def test_a_port_that_is_taken_is_told(bare_app: Flask):
    with socket.create_server(("127.0.0.1", 0)) as other:
        door = listener(bare_app, host="127.0.0.1", port=other.getsockname()[1])
        with pytest.raises(OSError):
            door.start()

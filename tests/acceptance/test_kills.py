"""What is lost when whoever carries or reads mail is killed hundreds of times? Nothing."""

from __future__ import annotations

import os
import smtplib
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from app import create_app
from casework.office import the_office
from casework.outbox import row
from mail.address import reply_address, reply_token
from mail.letter import Letter
from settings import Settings
from storage.database import db, writing
from tests.acceptance.fickle import Fickle
from tests.acceptance.lives import Lives, Moments
from tests.builders import opened
from tests.dovecot import PASSWORD, Dovecot, needs_dovecot
from tests.mailserver import Server

KILLS = int(os.environ.get("TOWNLINE_TEST_KILLS", "80"))
"""Eighty at every change, so that the whole suite stays under ten minutes; two hundred before a release."""
LETTERS = 800
"""So many are written at a time; whenever few are left, so many more."""
SENDER = "townhall@alderfalls.example"


@pytest.fixture
def fickle() -> Iterator[Server]:
    server = Server(Fickle())
    server.start()
    yield server
    server.stop()


def rows(settings: Settings, question: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(settings.data / "townline.sqlite3", timeout=20)) as connection:
        return connection.execute(question).fetchall()


def recipient(mark: int) -> str:
    """Return an address: of twenty, one is greylisted, and of forty, one is cut either way."""
    kind = "grey" if mark % 20 == 0 else {7: "cut", 27: "lost"}.get(mark % 40, "anybody")
    return f"{kind}{mark}@example.org"


def write_letters(app: Flask, now: datetime, first: int, most: int = LETTERS) -> set[bytes]:
    """Put some hundred letters into the outbox, as a long day writes them; return their bytes."""
    with app.app_context():
        written = [
            row(
                Letter(
                    sender=SENDER,
                    sender_name="Town of Alder Falls",
                    to=recipient(mark),
                    subject=f"Letter {mark}",
                    text=f"Letter {mark}: your street light is on the list.\n",
                    html=f"<p>Letter {mark}: your street light is on the list.</p>",
                    message_id=f"<26-{mark:05}@alderfalls.example>",
                ),
                kind="resident_update",
                dedupe_key=f"test:{mark}",
                now=now,
            )
            for mark in range(first, first + most)
        ]
        with writing() as session:
            session.add_all(written)
        db.engine.dispose()
        return {letter.raw for letter in written}


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_kill_9_anywhere_in_the_sender_hundreds_of_times_with_greylisting_and_cut_connections_loses_nothing(
    bare_app: Flask, settings: Settings, fickle: Server, now: datetime
):
    """Each letter arrives once or twice, byte for byte the same.

    Twice is what one accident costs. Letters that the server itself cut have met with one before anybody
    was killed; for them alone a death in the wrong moment is a second one.
    """
    promised = write_letters(bare_app, now, 1, 9)
    moments = Moments(20261123, longest=0.05)
    posting = {"smtp_host": "127.0.0.1", "smtp_port": fickle.port, "smtp_security": "none", "smtp_timeout": 5}
    killed = 0
    with Lives(settings.model_copy(update=posting)) as lives:
        lives.warm("deliver", now)
        while killed < KILLS:
            now += timedelta(minutes=11)
            # Letters of the dead come last, so as long as there are others none of them dies again.
            if waiting(settings) < 200:
                promised |= write_letters(bare_app, now, len(promised) + 1)
            killed += lives.kill("deliver", now, moments.next())
        for _turn in range(3):
            now += timedelta(hours=1)
            lives.finish("deliver", now)
    assert rows(settings, "SELECT state, count(*) FROM letters GROUP BY state") == [("sent", len(promised))]
    assert rows(settings, "PRAGMA integrity_check") == [("ok",)]

    arrived = Counter(mail.raw for mail in fickle.inbox.mails)
    assert set(arrived) == promised, "lost, invented, or other bytes"
    for mail in fickle.inbox.mails:
        assert arrived[mail.raw] <= (3 if mail.recipient.startswith("to-cut") else 2), mail.recipient
    twice = sum(count > 1 for count in arrived.values())
    assert twice > 5, "so many died with a letter in hand"
    print(f"{killed} deaths, {len(promised)} letters, {twice} of them arrived twice")


def waiting(settings: Settings) -> int:
    """Return how many letters wait that nobody died of."""
    found = rows(settings, "SELECT count(*) FROM letters WHERE state IN ('queued', 'uncertain')")
    return int(found[0][0])


# -- the other way --

WORN = "SELECT count(*) FROM incoming WHERE state IN ('stored', 'working') AND attempts >= 3"


def said(mark: int) -> str:
    return f"Something more, number {mark:04}."


def a_mail(secret: bytes, number: str, writer: str, mark: int) -> bytes:
    """Return what somebody answers to the letter that they got about a request."""
    to = reply_address(SENDER, reply_token(secret, number, writer))
    return (
        f"From: {writer}\r\nTo: {to}\r\nSubject: Re: [{number}]\r\n"
        f"Message-ID: <{mark}@home.example>\r\nDate: Wed, 14 Oct 2026 12:00:00 -0400\r\n\r\n{said(mark)}\r\n"
    ).encode()


@pytest.mark.slow
@pytest.mark.mailserver
@pytest.mark.timeout(180)
@needs_dovecot
def test_kill_9_of_the_fetcher_between_store_and_flag_hundreds_of_times_applies_each_mail_exactly_once(
    settings: Settings, dovecot: Dovecot, now: datetime
):
    reading = {
        "imap_host": "127.0.0.1", "imap_port": dovecot.imap, "imap_security": "none",
        "imap_user": "killed", "imap_password": PASSWORD,
    }  # fmt: skip
    settings = settings.model_copy(update=reading)
    app = create_app(settings)
    writers = []
    with app.app_context():
        office = the_office()
        for turn in range(40):
            receipt, case = opened(office, now, email=f"resident{turn}@example.org")
            employee = office.rulebook.people[str(case.request.assignee)].email
            writers += [(receipt.number, f"resident{turn}@example.org"), (receipt.number, employee)]
        db.engine.dispose()
    moments = Moments(20261124, longest=0.16)
    killed = mark = 0
    with Lives(settings) as lives, smtplib.LMTP("127.0.0.1", dovecot.lmtp) as door:
        while killed < KILLS:
            now += timedelta(minutes=11)
            number, writer = writers[mark % len(writers)]
            raw = a_mail(office.secret, number, writer, mark)
            door.sendmail(writer, ["killed@alderfalls.example"], raw)  # a mailbox of its own
            mark += 1
            if mark < 3:
                lives.warm("fetch", now)
                continue
            was_killed = lives.kill("fetch", now, moments.next())
            moments.learn(was_killed)
            killed += was_killed
            if rows(settings, WORN) != [(0,)]:
                # Five deaths are put down to the mail, and a person gets it; here it is not the mail's fault.
                lives.finish("fetch", now := now + timedelta(hours=2))
        for _turn in range(3):
            now += timedelta(hours=2)
            lives.finish("fetch", now)
    assert rows(settings, "SELECT state, count(*) FROM incoming GROUP BY state") == [("applied", mark)]
    assert rows(settings, "PRAGMA integrity_check") == [("ok",)]
    applied = Counter(
        text for (text,) in rows(settings, "SELECT text FROM entries WHERE text LIKE 'Something%'")
    )
    assert applied == Counter(said(one) for one in range(mark))
    doubled = (
        "SELECT entry_id, kind FROM letters WHERE entry_id > 0 GROUP BY 1, 2, recipient HAVING count(*) > 1"
    )
    assert rows(settings, doubled) == []
    ((again, most),) = rows(settings, "SELECT count(*), max(attempts) FROM incoming WHERE attempts > 1")
    assert again > 5, "so many died with a mail in hand"
    print(f"{killed} deaths, {mark} mails, {again} of them taken up again, at most {most} times")

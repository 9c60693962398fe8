"""Does the doctor find out, with real servers, whether mail goes round, and say in a sentence what not?"""

from __future__ import annotations

import asyncio
import json
import shutil
import smtplib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask

from app import create_app
from casework.office import the_office
from clock.doorway import listener
from console.diagnosis import Finding
from console.doctor_mail import findings, mailbox_finding
from inbox.imap import ImapServer
from settings import Settings
from storage.database import db
from tests.dovecot import PASSWORD, Dovecot, needs_dovecot, running
from tests.imapserver import Imap, serving
from tests.mailserver import Inbox, Server

pytestmark = [pytest.mark.mailserver, needs_dovecot]
RESULTS = b"Authentication-Results: mx.town.example; dmarc=pass\r\n"


class Relay(Inbox):
    """Hands mail on to Dovecot, as a town's mail server does, with habits of its own."""

    dovecot: Any
    drops_plus = False
    bounces = "refuse"
    swallows = False

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[Any]
    ) -> str:
        if self.drops_plus and "+" in address:
            return "550 5.1.1 no such user"
        if self.bounces == "refuse" and address.startswith("no-such"):
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        raw, to = envelope.original_content or b"", envelope.rcpt_tos[0]
        if self.swallows:
            return "250 OK"
        if to.startswith("no-such"):
            raw, to = self.bounced(raw), envelope.mail_from or ""
        await asyncio.to_thread(self.dovecot.deliver, RESULTS + raw, to)
        return "250 OK"

    def bounced(self, raw: bytes) -> bytes:
        head = raw.partition(b"\r\n\r\n")[0]
        return (
            b"From: MAILER-DAEMON@mx.town.example\r\nSubject: Undelivered Mail\r\n"
            b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
            b"--b\r\nContent-Type: message/rfc822-headers\r\n\r\n" + head + b"\r\n--b--\r\n"
        )


class Town:
    """One town with its own mail server and mailbox."""

    mailbox: ImapServer | None

    def __init__(self, app: Flask, relay: Relay, mailbox: ImapServer, settings: Settings) -> None:
        self.app, self.relay, self.mailbox, self.settings = app, relay, mailbox, settings

    def examined(self, *, patience: float = 15, **changes: Any) -> dict[str, Finding]:
        carrier = self.app.extensions["townline_carrier"]
        settings = self.settings.model_copy(update=changes)
        found = findings(
            the_office(), carrier, self.mailbox, settings=settings, with_bounce=True, patience=patience
        )
        return {finding.what: finding for finding in found}


@contextmanager
def relaying(dovecot: Dovecot) -> Iterator[Server]:
    server = Server()
    server.handler = server.inbox = Relay()
    server.inbox.dovecot = dovecot
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def town(settings: Settings) -> Iterator[Town]:
    short = Path(tempfile.mkdtemp(prefix="townline-"))
    short.chmod(0o755)
    with running(short / "dovecot") as dovecot, relaying(dovecot) as server:
        known = settings.model_copy(
            update={
                "smtp_host": "127.0.0.1", "smtp_port": server.port, "smtp_security": "none",
                "imap_host": "127.0.0.1", "imap_port": dovecot.imap, "imap_security": "none",
                "imap_user": "townhall", "imap_password": PASSWORD, "mail_from": "townhall@town.example",
            }
        )  # fmt: skip
        app = create_app(known)
        with app.app_context():
            assert isinstance(server.inbox, Relay)
            yield Town(app, server.inbox, app.extensions["townline_mailbox"], known)
            db.engine.dispose()
    shutil.rmtree(short, ignore_errors=True)


def test_where_mail_goes_round_everything_is_right_and_the_server_is_named(town: Town):
    found = town.examined()
    assert all(finding.ok for finding in found.values()), found
    assert "was back after" in found["mail to ourselves"].found
    assert "townhall+doctor." in found["reply addresses"].found
    assert "refused at once" in found["bounces"].found
    assert found["findings about senders"].todo == "set TOWNLINE_AUTHSERV_ID=mx.town.example"
    assert not town.examined(authserv_id="MX.town.example")["findings about senders"].todo
    assert not town.examined(authserv_id="other.example")["findings about senders"].ok


def test_a_bounce_that_comes_later_is_recognised(town: Town):
    town.relay.bounces = "later"
    assert town.examined()["bounces"].found == "a letter that cannot arrive comes back"


def test_plus_addresses_that_do_not_arrive_are_told_unless_they_are_switched_off(town: Town):
    town.relay.drops_plus = True
    found = town.examined()["reply addresses"]
    assert not found.ok
    assert "TOWNLINE_PLUS_ADDRESSES=false" in found.todo
    assert town.examined(plus_addresses=False)["reply addresses"].ok


def test_mail_that_goes_astray_is_told_with_the_place_to_look(town: Town):
    town.relay.swallows = True
    found = town.examined(patience=0.5)
    assert list(found) == ["mail to ourselves"]
    assert "was not back within" in found["mail to ourselves"].found
    assert "folder INBOX of townhall" in found["mail to ourselves"].todo


def test_a_mailbox_that_is_closed_is_told_once(town: Town):
    assert town.mailbox is not None
    found = mailbox_finding(replace(town.mailbox, password="no"), town.settings)
    assert not found.ok
    assert "TOWNLINE_IMAP_PASSWORD" in found.found
    assert not found.todo, "the sentence says what to do"


def test_the_command_tells_all_of_it_and_can_leave_the_mail_out(town: Town):
    town.app.extensions["townline_carrier"]  # wired from the settings, as in a real town
    said = town.app.test_cli_runner().invoke(args=["doctor", "--json"])
    whats = [finding["what"] for finding in json.loads(said.output)]
    assert {"mailbox", "mail to ourselves", "reply addresses"} <= set(whats)
    said = town.app.test_cli_runner().invoke(args=["doctor", "--json", "--no-mail"])
    assert "mail to ourselves" not in said.output


def test_without_a_mailbox_it_says_what_could_be(settings: Settings):
    real = settings.model_copy(update={"demo": False})
    assert "docs/mail.md" in mailbox_finding(None, real).todo
    piped = real.model_copy(update={"mail_pipe": True})
    assert mailbox_finding(None, piped).found == "replies arrive by mail ingest"


def test_a_town_with_a_listener_finds_its_mail_among_what_came(town: Town):
    door = listener(town.app, host="127.0.0.1", port=0)
    door.start()
    try:

        def deliver(raw: bytes, to: str) -> None:
            with smtplib.LMTP("127.0.0.1", door.port) as line:
                line.sendmail("", [to], raw)

        town.relay.dovecot = SimpleNamespace(deliver=deliver)
        town.mailbox = None
        found = town.examined(listen_smtp=f"127.0.0.1:{door.port}")
        assert found["mail to ourselves"].ok
        assert found["reply addresses"].ok
        town.relay.swallows = True
        lost = town.examined(listen_smtp=f"127.0.0.1:{door.port}", demo=False, patience=0.3)
        assert "by TOWNLINE_LISTEN_SMTP, while the town is being served" in lost["mail to ourselves"].todo
    finally:
        door.stop()


def test_a_silent_mailbox_ends_the_round_with_a_sentence(town: Town):
    with serving(Imap(silent_at="LOGIN")) as imap:
        silent = ImapServer("127.0.0.1", "hall", port=imap.port, security="none", password="x", timeout=0.4)
        town.mailbox = silent
        found = town.examined()["mail to ourselves"]
    assert not found.ok
    assert "broke off at the login" in found.found

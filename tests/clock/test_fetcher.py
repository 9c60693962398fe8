"""Does mail that reaches the town's mailbox get in by itself, whatever the mail server goes through?"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

import clock.fetcher
from app import create_app
from casework.arriving import store, work_off
from casework.reading_mailbox import trouble
from clock.fetcher import Fetcher
from console.health import reasons_at
from inbox.imap import ImapServer, MailboxTrouble, open_mailbox
from storage import mailboxes
from storage.database import db, reading, writing
from storage.tables import IncomingMail, Mailbox
from tests.dovecot import PASSWORD, Dovecot, needs_dovecot, running
from tests.imapserver import Imap, serving

pytestmark = pytest.mark.mailserver


def mail(number: int) -> bytes:
    return (
        f"From: a@x.example\r\nTo: hall@town.example\r\nMessage-ID: <{number}@x>\r\nSubject: {number}\r\n"
        f"\r\nHello {number}.\r\n"
    ).encode()


def soon(is_so: Callable[[], bool], seconds: float = 15.0) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if is_so():
            return True
        time.sleep(0.05)
    return False


def stored(app: Flask) -> int:
    with app.app_context(), reading() as session:
        return session.scalar(select(func.count(IncomingMail.id))) or 0


def kept(app: Flask, server: ImapServer) -> Mailbox | None:
    with app.app_context():
        return mailboxes.find(server.name)


def error(app: Flask, server: ImapServer) -> str | None:
    row = kept(app, server)
    return row.error if row else None


@pytest.fixture
def folder() -> Iterator[Path]:
    # Dovecot's sockets want a short path, and its mail users one that they may enter.
    short = Path(tempfile.mkdtemp(prefix="townline-"))
    short.chmod(0o755)
    yield short / "dovecot"
    shutil.rmtree(short, ignore_errors=True)


@pytest.fixture
def dovecot(folder: Path) -> Iterator[Dovecot]:
    with running(folder) as server:
        yield server


def reach(dovecot: Dovecot, **changes) -> ImapServer:
    plain = ImapServer("127.0.0.1", "hall", port=dovecot.imap, security="none", password=PASSWORD, timeout=5)
    return replace(plain, **changes)


@pytest.fixture
def fetching(bare_app: Flask) -> Iterator[Callable[[ImapServer], Fetcher]]:
    begun: list[Fetcher] = []

    def begin(server: ImapServer) -> Fetcher:
        begun.append(Fetcher(bare_app, server))
        begun[-1].start()
        return begun[-1]

    yield begin
    for one in begun:
        one.stop()


@needs_dovecot
def test_a_mail_is_here_moments_after_it_reached_the_mailbox(
    bare_app: Flask, dovecot: Dovecot, fetching, caplog: pytest.LogCaptureFixture
):
    caplog.set_level("INFO", "townline")
    dovecot.deliver(mail(1))
    fetching(reach(dovecot))
    assert soon(lambda: stored(bare_app) == 1)
    assert soon(lambda: "1 mail came in from" in caplog.text)
    time.sleep(0.5)  # it waits for news by now
    began = time.monotonic()
    dovecot.deliver(mail(2), to="hall+r.abc@town.example")
    assert soon(lambda: stored(bare_app) == 2)
    assert time.monotonic() - began < 10
    with open_mailbox(reach(dovecot)) as box:
        flags = box._client.get_flags([1, 2])
    assert not [flag for found in flags.values() for flag in found if flag == b"\\Seen"]


@needs_dovecot
def test_what_somebody_else_has_read_gets_in_all_the_same(bare_app: Flask, dovecot: Dovecot, fetching):
    dovecot.deliver(mail(1))
    with open_mailbox(reach(dovecot)) as box:
        box._client.select_folder("INBOX")
        box._client.set_flags([1], [b"\\Seen"])
    fetching(reach(dovecot))
    assert soon(lambda: stored(bare_app) == 1)


@needs_dovecot
def test_a_server_that_restarts_and_numbers_anew_costs_nothing(
    bare_app: Flask, dovecot: Dovecot, fetching, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(clock.fetcher, "PAUSES", (0.2,))
    for number in range(5):
        dovecot.deliver(mail(number))
    server = reach(dovecot)
    fetching(server)
    assert soon(lambda: stored(bare_app) == 5)
    assert soon(lambda: kept(bare_app, server) is not None), "how far it read is kept after the last mail"
    before = kept(bare_app, server)
    dovecot.stop()
    assert soon(lambda: "nobody listens" in (error(bare_app, server) or ""))
    dovecot.renumber()
    time.sleep(1.1)  # its new number is made of the second
    dovecot.start()
    dovecot.deliver(mail(7))
    assert soon(lambda: stored(bare_app) == 6)
    assert soon(lambda: error(bare_app, server) is None)
    after = kept(bare_app, server)
    assert before is not None
    assert after is not None
    assert before.uid_validity != after.uid_validity


@needs_dovecot
def test_tls_is_verified(bare_app: Flask, folder: Path):
    certificate = folder.parent / "own.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-keyout", certificate, "-out", folder.parent / "crt"],
        check=True, capture_output=True,
    )  # fmt: skip
    certificate.write_text((folder.parent / "crt").read_text() + certificate.read_text())
    certificate.chmod(0o644)
    with running(folder, certificate) as dovecot:
        dovecot.deliver(mail(1))
        ways = (("tls", dovecot.imaps), ("starttls", dovecot.imap))
        for security, port in ways:
            server = reach(
                dovecot, host="localhost", port=port, security=security, authorities=str(certificate)
            )
            with open_mailbox(server) as box:
                assert box.search(above=0) == [1]
            with pytest.raises(MailboxTrouble, match="TOWNLINE_IMAP_AUTHORITIES"):
                open_mailbox(replace(server, authorities=None))
            with pytest.raises(MailboxTrouble, match="TOWNLINE_IMAP_HOST"):
                open_mailbox(replace(server, host="127.0.0.1"))


def test_a_wrong_password_is_told_and_the_right_one_ends_it(
    bare_app: Flask, fetching, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(clock.fetcher, "PAUSES", (0.2,))
    with serving(Imap(mails={1: mail(1)}, tokens=())) as imap:
        wrong = ImapServer("127.0.0.1", "hall", port=imap.port, security="none", password="no", timeout=2)
        fetcher = fetching(wrong)
        assert soon(lambda: "check TOWNLINE_IMAP_USER" in (error(bare_app, wrong) or ""))
        fetcher.stop()
        fetching(replace(wrong, password="right"))
        assert soon(lambda: stored(bare_app) == 1)
        assert soon(lambda: error(bare_app, wrong) is None)


def test_a_server_cut_in_the_middle_of_a_mail_is_asked_again(
    bare_app: Flask, fetching, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(clock.fetcher, "PAUSES", (0.2,))
    with serving(Imap(mails={1: mail(1), 2: mail(2)}, cut={2})) as imap:
        fetching(
            ImapServer("127.0.0.1", "hall", port=imap.port, security="none", password="right", timeout=2)
        )
        assert soon(lambda: stored(bare_app) == 1)
        imap.cut.clear()
        assert soon(lambda: stored(bare_app) == 2)


def test_a_stop_is_quick_while_it_waits_for_news(bare_app: Flask, fetching):
    with serving(Imap(mails={1: mail(1)})) as imap:
        fetcher = fetching(
            ImapServer("127.0.0.1", "hall", port=imap.port, security="none", password="right", timeout=2)
        )
        assert soon(lambda: any(said == "IDLE" for said in imap.said))
        began = time.monotonic()
        fetcher.stop()
        assert time.monotonic() - began < 10


def test_a_mailbox_that_cannot_be_read_is_told_to_whoever_watches(settings, now):
    app = create_app(
        settings.model_copy(update={"imap_host": "127.0.0.1", "imap_user": "hall", "imap_password": "x"})
    )
    with app.app_context():
        assert not reasons_at(now)
        trouble("imap:hall@127.0.0.1/INBOX", "nobody listens at 127.0.0.1:993")
        assert "The town's mailbox cannot be read" in " ".join(reasons_at(now))
        said = app.test_cli_runner().invoke(args=["mail", "status"])
        assert said.exit_code == 1
        assert "nobody listens at 127.0.0.1:993" in said.output
        with writing() as session:
            mailboxes.move(session, "imap:hall@127.0.0.1/INBOX", uid_validity=1, uid=0, now=now)
        trouble("imap:hall@127.0.0.1/INBOX", "the line was cut")
        assert not reasons_at(now + timedelta(minutes=5))
        assert reasons_at(now + timedelta(minutes=11))
        db.engine.dispose()


def test_a_mail_that_nobody_works_off_is_told_to_whoever_watches(app, office, now):
    store(office, mail(1), envelope_to="", source="pipe", now=now)
    assert not reasons_at(now + timedelta(minutes=10))
    assert "unread for 20 minutes" in " ".join(reasons_at(now + timedelta(minutes=20)))
    work_off(office, now=now)
    assert "unread for" not in " ".join(reasons_at(now + timedelta(minutes=20)))

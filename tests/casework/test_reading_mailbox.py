"""Is every mail in the town's mailbox stored once, whatever the server does and whatever bytes it holds?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from casework.office import Office
from casework.reading_mailbox import LARGEST, Vain, look, read_some
from inbox.imap import ImapServer, Mailbox, MailboxTrouble, open_mailbox
from storage import mailboxes
from storage.database import reading
from storage.tables import IncomingMail
from tests.imapserver import Imap, serving

NAME = "imap:hall@127.0.0.1/INBOX"


def mail(number: int, words: str = "Hello.") -> bytes:
    return f"From: a@x.example\r\nMessage-ID: <{number}@x>\r\nSubject: n\r\n\r\n{words} {number}\r\n".encode()


@pytest.fixture
def imap() -> Iterator[Imap]:
    with serving(Imap(mails={n: mail(n) for n in (1, 2, 3)})) as box:
        yield box


def server(imap: Imap) -> ImapServer:
    return ImapServer("127.0.0.1", "hall", port=imap.port, security="none", password="right", timeout=2)


def one_look(office: Office, box: Mailbox, vain: Vain, now: datetime) -> None:
    looked = look(box, now=now)
    while read_some(office, box, looked, vain, now=now):
        pass


def read(office: Office, imap: Imap, now: datetime, vain: Vain | None = None) -> None:
    with open_mailbox(server(imap)) as box:
        one_look(office, box, vain or Vain(), now)


def rows(state: str = "stored") -> list[tuple[int | None, bytes]]:
    with reading() as session:
        found = select(IncomingMail.uid, IncomingMail.raw).where(IncomingMail.state == state)
        return [(uid, raw) for uid, raw in session.execute(found.order_by(IncomingMail.id))]


def watermark() -> tuple[int | None, int]:
    row = mailboxes.find(NAME)
    return (row.uid_validity, row.uid) if row else (None, 0)


def test_every_mail_is_stored_as_it_is_and_only_once(office: Office, imap: Imap, now: datetime):
    for _ in range(3):
        read(office, imap, now)
    assert rows() == [(n, mail(n)) for n in (1, 2, 3)]
    assert watermark() == (7, 3)
    row = mailboxes.find(NAME)
    assert row is not None
    assert (row.read_at, row.error) == (now, None)


def test_what_came_meanwhile_is_found_on_the_same_line(office: Office, imap: Imap, now: datetime):
    with open_mailbox(server(imap)) as box:
        one_look(office, box, Vain(), now)
        imap.mails[8] = mail(8)
        one_look(office, box, Vain(), now)
    assert watermark() == (7, 8)
    assert rows()[-1] == (8, mail(8))


def test_a_mail_that_is_not_given_holds_the_watermark_and_no_other_mail(
    office: Office, imap: Imap, now: datetime
):
    vain = Vain()
    read(office, imap, now, vain)
    imap.mails |= {4: mail(4), 5: mail(5), 6: mail(6)}
    imap.refuse.add(5)
    read(office, imap, now, vain)
    assert [uid for uid, _ in rows()] == [1, 2, 3, 4, 6]
    assert watermark() == (7, 4)
    imap.refuse.clear()
    read(office, imap, now, vain)
    assert {uid for uid, _ in rows()} == {1, 2, 3, 4, 5, 6}
    assert watermark() == (7, 6)


def test_a_mail_that_is_never_given_ends_as_a_row_that_a_person_sees(
    office: Office, imap: Imap, now: datetime
):
    imap.mute.add(2)
    vain = Vain()
    for minutes in range(0, 12, 2):
        read(office, imap, now + timedelta(minutes=minutes), vain)
    assert [uid for uid, _ in rows()] == [1, 3]
    assert [uid for uid, _ in rows("quarantined")] == [2]
    assert watermark() == (7, 3)
    with reading() as session:
        row = session.scalar(select(IncomingMail).where(IncomingMail.uid == 2))
        assert row is not None
        assert "mail number 2 in hall@127.0.0.1/INBOX could not be fetched" in row.reason
        assert "still there" in row.reason


def test_a_mail_that_cuts_the_line_each_time_holds_up_no_other(office: Office, imap: Imap, now: datetime):
    imap.cut.add(1)
    vain = Vain()
    for minutes in range(0, 16, 2):
        try:
            read(office, imap, now + timedelta(minutes=minutes), vain)
        except MailboxTrouble:
            continue
    assert [uid for uid, _ in rows()] == [2, 3]
    assert [uid for uid, _ in rows("quarantined")] == [1]
    assert watermark() == (7, 3)


def test_a_mail_that_a_person_removed_meanwhile_is_no_trouble(office: Office, imap: Imap, now: datetime):
    with open_mailbox(server(imap)) as box:
        looked = look(box, now=now)
        del imap.mails[2]
        while read_some(office, box, looked, Vain(), now=now):
            pass
    assert [uid for uid, _ in rows()] == [1, 3]
    assert watermark() == (7, 3)
    assert not rows("quarantined")


def test_a_mailbox_that_numbers_anew_is_read_again_without_doubling(
    office: Office, imap: Imap, now: datetime
):
    read(office, imap, now)
    imap.uid_validity = 8
    imap.mails = {1: mail(3), 2: mail(1), 3: mail(9), 4: mail(2)}
    read(office, imap, now)
    assert {raw for _, raw in rows()} == {mail(n) for n in (1, 2, 3, 9)}
    assert len(rows()) == 4
    assert watermark() == (8, 4)
    assert [said for said in imap.said if "SINCE" in said and "14-Sep-2026" in said]


def test_the_first_look_leaves_old_mail_to_its_readers(office: Office, imap: Imap, now: datetime):
    read(office, imap, now)
    assert [said for said in imap.said if "SINCE 13-Oct-2026" in said]


def test_a_rescan_that_is_cut_is_begun_anew(office: Office, imap: Imap, now: datetime):
    imap.cut.add(3)
    with pytest.raises(MailboxTrouble):
        read(office, imap, now)
    assert watermark() == (None, 0)
    imap.cut.clear()
    read(office, imap, now)
    assert sorted(raw for _, raw in rows()) == [mail(n) for n in (1, 2, 3)]
    assert watermark() == (7, 3)


def test_a_mail_beyond_all_measure_stays_there_and_a_person_is_told(
    office: Office, imap: Imap, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("casework.reading_mailbox.LARGEST", 3000)
    imap.mails[2] = mail(2, "x" * 5000)
    read(office, imap, now)
    assert [uid for uid, _ in rows()] == [1, 3]
    ((uid, head),) = rows("quarantined")
    assert uid == 2
    assert b"Message-ID: <2@x>" in head
    assert LARGEST == 50 * 1024 * 1024


BYTES = [
    b"",
    b"\x00" * 100,
    b"\r\n)\r\n* 1 FETCH (UID 1 BODY[] {3}\r\nabc)\r\nA1 OK done\r\n",
    b"From: =?utf-8?q?\xff\xfe?=\r\n\r\n\xff\xff\xff",
    b"{100}\r\n" * 50,
    b'"' * 999 + b"\\" * 999,
    b"a" * 1_500_000,
    bytes(range(256)) * 500,
    b"(" * 20_000,
    b"\n" * 20_000,
    b"* BYE you\r\n* OK [UIDVALIDITY 99]\r\n",
]


def test_no_bytes_make_the_fetcher_skip_stop_or_lose_a_mail(office: Office, imap: Imap, now: datetime):
    imap.mails = dict(enumerate(BYTES, start=1))
    read(office, imap, now)
    assert rows() == list(imap.mails.items())
    assert watermark() == (7, len(BYTES))


def test_a_database_that_is_away_moves_no_watermark(
    office: Office, imap: Imap, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    def away(*_: object, **__: object) -> None:
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr("casework.reading_mailbox.store", away)
        with pytest.raises(RuntimeError):
            read(office, imap, now)
    assert watermark() == (None, 0)
    read(office, imap, now)
    assert len(rows()) == 3


class Killed(BaseException):
    """Nothing after this runs, as after a kill."""


def test_a_kill_between_storing_and_remembering_doubles_nothing(
    office: Office, imap: Imap, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    def killed(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(mailboxes, "move", killed)
        with pytest.raises(Killed):
            read(office, imap, now)
    assert len(rows()) == 3
    assert watermark() == (None, 0)
    read(office, imap, now)
    assert rows() == [(n, mail(n)) for n in (1, 2, 3)]
    assert watermark() == (7, 3)

"""How many mails a second come in? Kept, read in the process with limits, applied, answered, settled.

Half are residents' replies to their receipts, half are employees' answers: each becomes an entry, and one
letter or two. The reference keeps and reads the same mails with the standard library and bare sqlite3, in
this process, one commit for each, and does nothing with them.
"""

from __future__ import annotations

import email
import email.policy
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from app import create_app
from benchmarks.forms import SECRET
from benchmarks.lines import Line, MeasurementWrong, Plan, middle
from benchmarks.mail_town import open_requests
from benchmarks.servers import empty_town
from casework.arriving import store, work_off
from casework.office import Office, the_office
from inbox.apart import READER
from mail.address import reply_address, reply_token
from settings import ROOT, Settings
from storage.database import db, reading
from storage.tables import IncomingMail

REQUESTS = 50
AT_A_TIME = 25
FOREMAN = "roads@alderfalls.example"
HOURS_BETWEEN = timedelta(hours=2)
"""Between rounds, so that no reader gets more letters in an hour than a person can cause."""


def rows(plan: Plan) -> Iterator[Line]:
    """Yield mails per second."""
    folder = empty_town(plan.folder / "mail-in")
    app = create_app(
        Settings(data=folder, rules=ROOT / "rules.yaml", secret=SECRET, demo=True, mail_pipe=True)
    )
    ours, theirs, made = [], [], 0
    with app.app_context():
        office = the_office()
        writers = [
            (number, writer)
            for number, resident in open_requests(office, REQUESTS)
            for writer in (resident, FOREMAN)
        ]
        mails = [_mail(office, *writers[mark % len(writers)], mark) for mark in range(4000)]
        now = _taken_in(office, mails[:AT_A_TIME], datetime.now(UTC))[1]
        made += AT_A_TIME
        for pair in range(plan.pairs):
            theirs.append(_by_hand(plan.folder / f"by-hand-{pair}.sqlite3", mails, plan.seconds))
            spent = count = 0.0
            while spent < plan.seconds:
                seconds, now = _taken_in(office, mails[made : made + AT_A_TIME], now)
                spent, count, made = spent + seconds, count + AT_A_TIME, made + AT_A_TIME
            ours.append(count / spent)
        with reading() as session:
            applied = session.scalar(
                select(func.count()).select_from(IncomingMail).where(IncomingMail.state == "applied")
            )
        db.engine.dispose()
    READER.close()
    if applied != made:
        raise MeasurementWrong(f"{applied} of {made} mails were applied")
    ratios = [one / other for one, other in zip(ours, theirs, strict=True)]
    yield Line(
        what="mails in, kept, read apart, applied and answered",
        ours=f"{middle(ours):,.0f}/s",
        reference=f"kept and parsed alone: {middle(theirs):,.0f}/s",
        ratio=middle(ratios),
        spread=(min(ratios), max(ratios)),
        figures={"ours": ours, "theirs": theirs},
    )


def _taken_in(office: Office, mails: list[bytes], now: datetime) -> tuple[float, datetime]:
    """Take mails in as a feeder does, then work them off; return the seconds, and when it is next."""
    began = time.perf_counter()
    for raw in mails:
        store(office, raw, envelope_to="", source="bench", now=now)
    work_off(office, now=now)
    return time.perf_counter() - began, now + HOURS_BETWEEN


def _by_hand(file: Path, mails: list[bytes], seconds: float) -> float:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE mails (raw BLOB, sender TEXT, subject TEXT, body TEXT)")
        began, count = time.perf_counter(), 0
        while time.perf_counter() - began < seconds:
            raw = mails[count % len(mails)]
            message = email.message_from_bytes(raw, policy=email.policy.default)
            body = message.get_body(("plain",))
            values = (raw, str(message["From"]), str(message["Subject"]), body and body.get_content())
            with connection:
                connection.execute("INSERT INTO mails VALUES (?, ?, ?, ?)", values)
            count += 1
        return count / (time.perf_counter() - began)


def _mail(office: Office, number: str, writer: str, mark: int) -> bytes:
    to = reply_address(office.sender, reply_token(office.secret, number, writer))
    quoted = "> We have your request, and this is what happens next with it.\r\n" * 30
    return (
        f"From: {writer}\r\nTo: {to}\r\nSubject: Re: [{number}] Pothole or damaged road\r\n"
        f"Date: Mon, 2 Nov 2026 09:30:00 -0500\r\nMessage-ID: <{mark}@home.example>\r\n"
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        f"Reply {mark}: the crew comes by on Thursday morning.\r\n\r\n"
        f"On Mon, 2 Nov 2026 the town wrote:\r\n{quoted}"
    ).encode()

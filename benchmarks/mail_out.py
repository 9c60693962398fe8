"""How many letters a second leave? Claimed, carried and written down, against bare smtplib.

Both hand the same finished letters to the same mail server. Bare smtplib remembers nothing: a power cut
would cost it all of them, or send all of them twice.
"""

from __future__ import annotations

import smtplib
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select, update

from app import create_app
from benchmarks.forms import SECRET
from benchmarks.lines import Line, MeasurementWrong, Plan, middle
from benchmarks.mail_sink import Sink
from benchmarks.mail_town import open_requests
from benchmarks.servers import empty_town
from casework.delivering import deliver_due
from casework.office import the_office
from mail.delivery import Carrier
from settings import ROOT, Settings
from storage.database import db, reading, writing
from storage.tables import OutgoingLetter

GOAL = 0.5
REQUESTS = 20
MOST = 1000
Parcels = list[tuple[str, str, bytes]]


def rows(plan: Plan) -> Iterator[Line]:
    """Yield letters per second to a server that forgets them and to one that makes sure of each."""
    yield from _against(plan, "a server that forgets")
    yield from _against(plan, "one that keeps", "keep")


def _against(plan: Plan, name: str, *words: str) -> Iterator[Line]:
    sink = Sink(*words)
    ours, theirs, work, their_work = [], [], [], []
    app = _town(plan.folder / f"mail-out{len(words)}", sink.port)
    with app.app_context():
        open_requests(the_office(), REQUESTS)
        parcels = _multiply(MOST)
        carrier = app.extensions["townline_carrier"]
        _deliver(carrier)
        for _pair in range(plan.pairs):
            spent = time.process_time()
            theirs.append(_bare(parcels, sink.port))
            their_work.append(time.process_time() - spent)
            _queue_all()
            spent = time.process_time()
            ours.append(_deliver(carrier))
            work.append(time.process_time() - spent)
        left = _not_sent()
        db.engine.dispose()
    taken = sink.taken()
    if left or taken != MOST * (2 * plan.pairs + 1):
        raise MeasurementWrong(f"{left} of {MOST} letters were not sent, and {taken} arrived in all")
    ratios = [one / other for one, other in zip(ours, theirs, strict=True)]
    yield Line(
        what=f"letters out, to {name}",
        ours=f"{middle(ours):,.0f}/s",
        reference=f"bare smtplib, one connection: {middle(theirs):,.0f}/s",
        ratio=middle(ratios),
        spread=(min(ratios), max(ratios)),
        goal=f">= {GOAL}",
        is_met=middle(ratios) >= GOAL,
        figures={"ours": ours, "theirs": theirs},
    )
    mine, other = (middle(spent) * 1000 / MOST for spent in (work, their_work))
    yield Line(
        what=f"processor time per letter, to {name}",
        ours=f"{mine:.2f} ms",
        reference=f"bare smtplib: {other:.2f} ms",
        ratio=mine / other,
    )


def _town(folder: Path, port: int) -> Flask:
    return create_app(
        Settings(
            data=empty_town(folder),
            rules=ROOT / "rules.yaml",
            secret=SECRET,
            demo=True,
            smtp_host="127.0.0.1",
            smtp_port=port,
            smtp_security="none",
        )
    )


def _multiply(most: int) -> Parcels:
    """Fill the outbox with copies of its letters, each under a name of its own."""
    with writing() as session:
        some = session.scalars(select(OutgoingLetter)).all()
        texts = [(one, letter_bytes(one.id)) for one in some]
        for number in range(most - len(some)):
            one, raw = texts[number % len(texts)]
            session.add(
                OutgoingLetter(
                    dedupe_key=f"copy:{number}", request_id=one.request_id, kind=one.kind,
                    recipient=one.recipient, envelope_from=one.envelope_from, subject=one.subject,
                    message_id=f"<{number}.copy@alderfalls.example>", state="queued", attempts=0,
                    next_at=one.next_at, created_at=one.created_at, started_at=one.created_at, repeats=0,
                    raw=raw.replace(one.message_id.encode(), f"<{number}.copy@alderfalls.example>".encode()),
                )
            )  # fmt: skip
    with reading() as session:
        found = session.execute(
            select(OutgoingLetter.envelope_from, OutgoingLetter.recipient, OutgoingLetter.raw)
        ).all()
    return [(sender, to, raw) for sender, to, raw in found]


def letter_bytes(letter_id: int) -> bytes:
    with reading() as session:
        return session.scalar(select(OutgoingLetter.raw).where(OutgoingLetter.id == letter_id)) or b""


def _queue_all() -> None:
    with writing() as session:
        session.execute(update(OutgoingLetter).values(state="queued", attempts=0, sent_at=None))


def _not_sent() -> int:
    with reading() as session:
        return (
            session.scalar(
                select(func.count()).select_from(OutgoingLetter).where(OutgoingLetter.state != "sent")
            )
            or 0
        )


def _deliver(carrier: Carrier) -> float:
    """Do what the postman does until nothing is left; return letters per second."""
    began, sent = time.perf_counter(), 0
    while (done := deliver_due(the_office(), carrier, now=datetime.now(UTC))).sent:
        sent += done.sent
    if sent != MOST:
        raise MeasurementWrong(f"{sent} letters were sent and not {MOST}")
    return sent / (time.perf_counter() - began)


def _bare(parcels: Parcels, port: int) -> float:
    """Hand the same letters over without remembering anything; return letters per second."""
    began = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", port) as server:
        for sender, to, raw in parcels:
            server.sendmail(sender, [to], raw)
    return len(parcels) / (time.perf_counter() - began)

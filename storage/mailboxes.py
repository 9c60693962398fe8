"""How far has each mailbox been read, and what could not be had from it?"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.database import reading
from storage.tables import IncomingMail, Mailbox


def find(name: str) -> Mailbox | None:
    with reading() as session:
        return session.get(Mailbox, name)


def every() -> list[Mailbox]:
    """Return all mailboxes that were ever read, by name."""
    with reading() as session:
        return list(session.scalars(select(Mailbox).order_by(Mailbox.name)))


def move(session: Session, name: str, *, uid_validity: int, uid: int, now: datetime) -> None:
    """Remember that everything up to ``uid`` is stored; inside ``writing()``. It never moves back."""
    row = session.get(Mailbox, name)
    if row is None:
        row = Mailbox(name=name, uid=0)
        session.add(row)
    is_same = row.uid_validity == uid_validity
    row.uid = max(row.uid, uid) if is_same else uid
    row.uid_validity, row.read_at, row.error = uid_validity, now, None


def fail(session: Session, name: str, *, error: str) -> None:
    """Remember why it cannot be read now; inside ``writing()``."""
    row = session.get(Mailbox, name)
    if row is None:
        row = Mailbox(name=name, uid=0)
        session.add(row)
    row.error = error


def stored(source: str, uid_validity: int, uids: Iterable[int]) -> set[int]:
    """Return which of these mails are here already."""
    wanted = sorted(uids)
    if not wanted:
        return set()
    rows = select(IncomingMail.uid).where(
        IncomingMail.source == source,
        IncomingMail.uid_validity == uid_validity,
        IncomingMail.uid.between(wanted[0], wanted[-1]),
    )
    with reading() as session:
        return {uid for uid in session.scalars(rows) if uid is not None} & set(wanted)


def has_bytes(source: str, raw: bytes) -> bool:
    """Return whether the very same mail came from this mailbox before, whatever number it had then."""
    digest = hashlib.sha256(raw).hexdigest()
    with reading() as session:
        found = select(IncomingMail.id).where(IncomingMail.sha256 == digest, IncomingMail.source == source)
        return session.scalar(found.limit(1)) is not None


def quarantine(
    session: Session, source: str, *, uid_validity: int, uid: int, raw: bytes, reason: str, now: datetime
) -> None:
    """Keep a row for a mail that could not be had as a whole; inside ``writing()``."""
    session.add(
        IncomingMail(
            source=source,
            uid_validity=uid_validity,
            uid=uid,
            sha256=hashlib.sha256(raw).hexdigest(),
            envelope_to="",
            state="quarantined",
            kind="quarantined",
            reason=reason,
            next_at=now,
            received_at=now,
            settled_at=now,
            raw=raw,
        )
    )

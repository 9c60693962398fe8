"""What do the mails to and from each mailbox of employees and agencies tell? One row an address."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from lifecycle.journal import Kind
from lifecycle.status import Status
from storage.database import db, reading
from storage.tables import Entry, OutgoingLetter, Recipient, ServiceRequest

COARSE = timedelta(hours=1)
"""The last letter is known to the hour: not every letter has to write here."""


def every() -> Sequence[Recipient]:
    """Return all rows, also of addresses that the rules do not name any more."""
    with reading() as session:
        return session.scalars(select(Recipient).order_by(Recipient.address)).all()


def find(address: str) -> Recipient | None:
    with reading() as session:
        return session.get(Recipient, address.lower())


def suspended() -> frozenset[str]:
    """Return the addresses, in lower case, to which nothing is sent at present."""
    # Asked in every submission, so without a session's bookkeeping where there is none.
    asked = select(Recipient.address).where(Recipient.suspended_at.is_not(None))
    session = db.session()
    if session.in_transaction():
        return frozenset(session.scalars(asked))
    with db.engine.connect() as connection:
        return frozenset(connection.scalars(asked))


def known(session: Session, address: str, *, now: datetime) -> Recipient:
    """Return the row of an address, made where there is none; call it inside ``writing()``."""
    address = address.lower()
    row = session.get(Recipient, address)
    if row is None:
        row = Recipient(address=address, since=now)
        session.add(row)
        session.flush()
    return row


def forget(session: Session, addresses: Collection[str]) -> None:
    """Delete what is known of addresses that nobody has any more."""
    session.execute(delete(Recipient).where(Recipient.address.in_(addresses)))


def written_to(session: Session, addresses: Iterable[str], *, now: datetime) -> None:
    """Write down that letters to these addresses have left."""
    wanted = {address.lower() for address in addresses}
    if not wanted:
        return
    fresh = session.scalars(
        select(Recipient.address).where(
            Recipient.address.in_(wanted),
            Recipient.written_at > now - COARSE,
            Recipient.unanswered_since.is_not(None),
        )
    )
    for address in sorted(wanted - set(fresh)):
        row = known(session, address, now=now)
        row.written_at = now
        row.unanswered_since = row.unanswered_since or now


def soft_bounces(session: Session, address: str, *, since: datetime) -> int:
    """Return how often a mailbox was full, or a letter not to its taste, in the journal since then."""
    letters = select(OutgoingLetter.id).where(func.lower(OutgoingLetter.recipient) == address.lower())
    mine = set(session.scalars(letters.where(OutgoingLetter.state == "failed")))
    told = session.scalars(select(Entry.facts).where(Entry.kind == Kind.MAIL_BOUNCED, Entry.at >= since))
    return sum(1 for facts in told if facts.get("soft") and facts.get("letter_id") in mine)


def open_with(session: Session, assignees: Collection[str], *, most: int) -> Sequence[int]:
    """Return the oldest open requests of these people that do not wait for an agency."""
    return session.scalars(
        select(ServiceRequest.id)
        .where(
            ServiceRequest.assignee.in_(assignees),
            ServiceRequest.status.not_in((Status.ENDED, Status.WAITING_AGENCY)),
            ServiceRequest.held_at.is_(None),
        )
        .order_by(ServiceRequest.id)
        .limit(most)
    ).all()


def last_resident_bounce(session: Session, request_id: int) -> Entry | None:
    """Return the entry of a resident's letter that came back, unless they have written since."""
    told = session.scalars(
        select(Entry)
        .where(Entry.request_id == request_id, Entry.kind == Kind.MAIL_BOUNCED)
        .order_by(Entry.id.desc())
    )
    found = next((entry for entry in told if entry.facts.get("who") == "resident"), None)
    if found is None:
        return None
    acted = select(Entry.id).where(
        Entry.request_id == request_id, Entry.by == "resident", Entry.id > found.id
    )
    return None if session.scalar(acted.limit(1)) is not None else found


def ask(session: Session, address: str, *, before: datetime, now: datetime) -> bool:
    """Claim the yearly question for an address; False when it was asked after ``before`` already."""
    row = known(session, address, now=now)
    if (row.asked_at or row.since) > before:
        return False
    session.execute(update(Recipient).where(Recipient.address == row.address).values(asked_at=now))
    return True


def by_address(rows: Iterable[Recipient]) -> Mapping[str, Recipient]:
    return {row.address: row for row in rows}

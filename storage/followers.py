"""Who said "me too"? The residents who follow a request that another one sent."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, case, cast, func, select, update
from sqlalchemy import String as Words
from sqlalchemy.orm import Session

from storage.database import reading
from storage.tables import Follower, OutgoingLetter, ServiceRequest

LETTERS = "follower_"
"""How the kinds of all letters to followers begin."""


def by_nonce(nonce: str) -> Follower | None:
    """Return the follower that a form with this one-time mark has already made."""
    with reading() as session:
        return session.scalar(select(Follower).where(Follower.nonce == nonce))


def one(follower_id: int) -> Follower | None:
    with reading() as session:
        return session.get(Follower, follower_id)


def add(session: Session, follower: Follower) -> int:
    """Put a follower into the transaction and return their id; raises ``IntegrityError`` for a used nonce."""
    session.add(follower)
    session.flush()
    return follower.id


def is_known(session: Session, request_id: int, email: str) -> bool:
    """Return whether this address follows the request already, or is its sender's."""
    row, sent = Follower, ServiceRequest
    known = select(row.id).where(row.request_id == request_id, func.lower(row.email) == email.lower())
    own = select(sent.id).where(sent.id == request_id, func.lower(sent.resident_email) == email.lower())
    return session.scalar(known) is not None or session.scalar(own) is not None


def _voice() -> ColumnElement[str]:
    """Whoever left an address is one voice, however often they pressed; without one each press counts."""
    return case((Follower.email == "", cast(Follower.id, Words)), else_=func.lower(Follower.email))


def counts(request_ids: Collection[int]) -> dict[int, int]:
    """Return how many others say the same, for each of these requests that has any."""
    if not request_ids:
        return {}
    asked = (
        select(Follower.request_id, func.count(_voice().distinct()))
        .join(ServiceRequest, ServiceRequest.id == Follower.request_id)
        .where(
            Follower.request_id.in_(request_ids),
            (Follower.email == "")
            | (func.lower(Follower.email) != func.lower(ServiceRequest.resident_email)),
        )
        .group_by(Follower.request_id)
    )
    with reading() as session:
        return {row[0]: row[1] for row in session.execute(asked)}


def count(request_id: int) -> int:
    """Return how many others say the same of this request."""
    return counts((request_id,)).get(request_id, 0)


def reading_along(session: Session, request_id: int) -> list[Follower]:
    """Return who gets letters about a request: the first of each address, none of the sender's own."""
    row = Follower
    found = session.scalars(
        select(row)
        .where(row.request_id == request_id, row.email != "", row.stopped_at.is_(None))
        .order_by(row.id)
    )
    own = session.scalar(select(ServiceRequest.resident_email).where(ServiceRequest.id == request_id)) or ""
    firsts: dict[str, Follower] = {}
    for follower in found:
        firsts.setdefault(follower.email.lower(), follower)
    return [follower for address, follower in firsts.items() if address != own.lower()]


def with_address(session: Session, request_id: int, email: str) -> list[Follower]:
    """Return every row of one address at a request, oldest first."""
    row = Follower
    return list(
        session.scalars(
            select(row)
            .where(row.request_id == request_id, func.lower(row.email) == email.lower())
            .order_by(row.id)
        )
    )


def letters_since(session: Session, request_id: int, kind: str, since: datetime) -> int:
    """Return how many letters of a kind were written about a request since then."""
    letter = OutgoingLetter
    asked = (
        select(func.count())
        .select_from(letter)
        .where(letter.request_id == request_id, letter.kind == kind, letter.created_at >= since)
    )
    return session.scalar(asked) or 0


def stop(session: Session, request_id: int, email: str, *, now: datetime) -> bool:
    """Send this address no more letters about a request; False where it gets none already."""
    wanting = [row for row in with_address(session, request_id, email) if row.stopped_at is None]
    for row in wanting:
        row.stopped_at = now
    return bool(wanting)


def cancel_waiting(session: Session, request_id: int, kind: str, email: str) -> None:
    """Stop the letters of this kind to one address that were never tried yet."""
    letter = OutgoingLetter
    session.execute(
        update(letter)
        .where(
            letter.request_id == request_id,
            letter.kind == kind,
            func.lower(letter.recipient) == email.lower(),
            letter.state == "queued",
        )
        .values(state="cancelled")
    )

"""Which lines wait for somebody's digest?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from storage.database import reading
from storage.tables import DigestItem, OutgoingLetter, ServiceRequest

Line = tuple[DigestItem, ServiceRequest]


def is_kept(session: Session, dedupe_key: str) -> bool:
    return session.scalar(select(DigestItem.id).where(DigestItem.dedupe_key == dedupe_key)) is not None


def waiting() -> list[tuple[str, datetime]]:
    """Return for whom lines wait, and since when the oldest of them."""
    with reading() as session:
        rows = session.execute(
            select(DigestItem.person, func.min(DigestItem.created_at))
            .where(DigestItem.sent_at.is_(None))
            .group_by(DigestItem.person)
            .order_by(DigestItem.person)
        ).all()
    return [(row[0], row[1]) for row in rows]


def lines(session: Session, person: str, *, until: datetime, most: int) -> list[Line]:
    """Return the lines of one person that were written by ``until``, the oldest first."""
    found = session.execute(
        select(DigestItem, ServiceRequest)
        .join(ServiceRequest, ServiceRequest.id == DigestItem.request_id)
        .where(DigestItem.person == person, DigestItem.sent_at.is_(None), DigestItem.created_at <= until)
        .order_by(DigestItem.id)
        .limit(most)
        .with_for_update(of=DigestItem)
    ).all()
    return [(row[0], row[1]) for row in found]


def mark_sent(session: Session, items: Sequence[int], *, now: datetime) -> None:
    """Note that these lines have left; call it in the transaction that posts their letter."""
    session.execute(update(DigestItem).where(DigestItem.id.in_(items)).values(sent_at=now))


def requests_in(session: Session, letter_id: int) -> Sequence[int]:
    """Return the requests of which a digest told; none for every other letter."""
    digest = session.get(OutgoingLetter, letter_id)
    if digest is None or digest.kind != "digest":
        return ()
    _digest, person, last = digest.dedupe_key.split(":")
    left_at = session.scalar(select(DigestItem.sent_at).where(DigestItem.id == int(last)))
    return session.scalars(
        select(DigestItem.request_id)
        .where(DigestItem.person == person, DigestItem.sent_at == left_at, DigestItem.id <= int(last))
        .group_by(DigestItem.request_id)
        .order_by(func.min(DigestItem.id))
    ).all()


def forget(session: Session, request_id: int, *, written_at: datetime) -> None:
    """Take back what an act would have put into a digest that has not left yet."""
    is_of_act = (DigestItem.request_id == request_id) & (DigestItem.created_at == written_at)
    session.execute(delete(DigestItem).where(is_of_act, DigestItem.sent_at.is_(None)))

"""Which letters wait, and who is carrying them? Claims by compare-and-set, with a lease."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import ColumnElement, CursorResult, and_, or_, select, update
from sqlalchemy.orm import Session

from storage.tables import OutgoingLetter, ServiceRequest


@dataclass(frozen=True)
class Claimed:
    """A letter that this process alone may carry until its lease ends."""

    id: int
    request_id: int | None
    number: str | None
    kind: str
    recipient: str
    envelope_from: str
    subject: str
    state: str
    """The state before it was claimed."""
    attempts: int
    created_at: datetime
    raw: bytes


def is_posted(session: Session, dedupe_key: str) -> bool:
    return (
        session.scalar(select(OutgoingLetter.id).where(OutgoingLetter.dedupe_key == dedupe_key)) is not None
    )


def _due(now: datetime) -> ColumnElement[bool]:
    return or_(
        and_(OutgoingLetter.state.in_(("queued", "uncertain")), OutgoingLetter.next_at <= now),
        and_(OutgoingLetter.state == "sending", OutgoingLetter.lease_until <= now),
    )


def is_due(session: Session, now: datetime) -> bool:
    """Return whether any letter waits to be carried, without taking the write lock."""
    return session.scalar(select(OutgoingLetter.id).where(_due(now)).limit(1)) is not None


def claim(session: Session, *, lease: str, until: datetime, now: datetime, most: int) -> Sequence[Claimed]:
    """Claim up to ``most`` letters that are due, or whose carrier died; oldest first."""
    found = session.execute(
        select(
            OutgoingLetter.id,
            OutgoingLetter.request_id,
            ServiceRequest.number,
            OutgoingLetter.kind,
            OutgoingLetter.recipient,
            OutgoingLetter.envelope_from,
            OutgoingLetter.subject,
            OutgoingLetter.state,
            OutgoingLetter.attempts,
            OutgoingLetter.created_at,
            OutgoingLetter.raw,
        )
        .outerjoin(ServiceRequest, ServiceRequest.id == OutgoingLetter.request_id)
        .where(_due(now))
        .order_by(OutgoingLetter.next_at, OutgoingLetter.id)
        .limit(most)
        .with_for_update(of=OutgoingLetter, skip_locked=True)
    ).all()
    claimed = [Claimed(*row) for row in found]
    if claimed:
        session.execute(
            update(OutgoingLetter)
            .where(OutgoingLetter.id.in_([letter.id for letter in claimed]))
            .values(state="sending", lease=lease, lease_until=until)
        )
    return claimed


def settle(
    session: Session, letter_id: int, *, lease: str, state: str, next_at: datetime, error: str, now: datetime
) -> bool:
    """Write down what became of a claimed letter; False when the lease was lost meanwhile."""
    result = session.execute(
        update(OutgoingLetter)
        .where(OutgoingLetter.id == letter_id, OutgoingLetter.lease == lease)
        .values(
            state=state,
            attempts=OutgoingLetter.attempts + 1,
            next_at=next_at,
            sent_at=now if state == "sent" else None,
            last_error=error or None,
            lease=None,
            lease_until=None,
        )
    )
    return cast("CursorResult[object]", result).rowcount == 1


def release(session: Session, letters: Sequence[Claimed], *, lease: str) -> None:
    """Give back letters that were claimed and not tried, as they were."""
    for letter in letters:
        # Taken over from a carrier that died, a letter was "sending"; without a lease nobody would claim it.
        state = "queued" if letter.state == "sending" else letter.state
        session.execute(
            update(OutgoingLetter)
            .where(OutgoingLetter.id == letter.id, OutgoingLetter.lease == lease)
            .values(state=state, lease=None, lease_until=None)
        )


def queue_again(session: Session, *, now: datetime) -> int:
    """Queue every failed letter once more; return how many."""
    result = session.execute(
        update(OutgoingLetter).where(OutgoingLetter.state == "failed").values(state="queued", next_at=now)
    )
    return cast("CursorResult[object]", result).rowcount


def dismiss(session: Session, letter_ids: Sequence[int]) -> Sequence[int]:
    """Put failed letters aside, so that nobody is reminded of them; return those that were."""
    failed = session.scalars(
        select(OutgoingLetter.id).where(OutgoingLetter.id.in_(letter_ids), OutgoingLetter.state == "failed")
    ).all()
    session.execute(update(OutgoingLetter).where(OutgoingLetter.id.in_(failed)).values(state="cancelled"))
    return failed

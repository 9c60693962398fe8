"""Which reports wait for an agency's own system, and who is carrying them? Claims by compare-and-set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, and_, or_, select, update
from sqlalchemy.orm import Session

from storage.database import reading
from storage.tables import Handover, ServiceRequest

MAY_HAVE_ARRIVED = ("uncertain", "sending")


@dataclass(frozen=True)
class Claimed:
    """A report that this process alone may carry until its lease ends."""

    id: int
    request_id: int
    agency: str
    endpoint: str
    fields: Mapping[str, str]
    attempts: int
    repeats: int
    """How often it goes again without anybody knowing whether it had arrived, this time included."""
    is_repeat: bool
    """Whether it may have arrived already: its answer was cut off, or its carrier died."""
    created_at: datetime
    lease: str


def _due(now: datetime) -> ColumnElement[bool]:
    return or_(
        and_(Handover.state.in_(("queued", "uncertain")), Handover.next_at <= now),
        and_(Handover.state == "sending", Handover.lease_until <= now),
    )


def is_due(session: Session, now: datetime) -> bool:
    """Return whether any report waits, without taking the write lock."""
    return session.scalar(select(Handover.id).where(_due(now)).limit(1)) is not None


def claim(session: Session, *, lease: str, until: datetime, now: datetime) -> Claimed | None:
    """Claim the report that has waited longest, or whose carrier died.

    A repeat is counted here, before it is sent: whoever is killed while sending has counted it.
    """
    row = session.scalars(
        select(Handover)
        .where(_due(now))
        .order_by(Handover.next_at, Handover.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
    if row is None:
        return None
    is_repeat = row.state in MAY_HAVE_ARRIVED
    row.repeats += is_repeat
    row.state, row.lease, row.lease_until = "sending", lease, until
    session.flush()
    return Claimed(
        row.id,
        row.request_id,
        row.agency,
        row.endpoint,
        row.fields,
        row.attempts,
        row.repeats,
        is_repeat,
        row.created_at,
        lease,
    )


def settle(session: Session, claimed: Claimed, **values: Any) -> bool:
    """Write down what became of a claimed report; False when the lease was lost meanwhile."""
    result = session.execute(
        update(Handover)
        .where(Handover.id == claimed.id, Handover.lease == claimed.lease)
        .values(attempts=Handover.attempts + 1, lease=None, lease_until=None, **values)
    )
    return cast("CursorResult[object]", result).rowcount == 1


def postpone(session: Session, endpoint: str, *, until: datetime) -> None:
    """Let everything for an address wait, because nobody answers there."""
    session.execute(
        update(Handover)
        .where(
            Handover.endpoint == endpoint,
            Handover.state.in_(("queued", "uncertain")),
            Handover.next_at < until,
        )
        .values(next_at=until)
    )


def cancel(session: Session, request_id: int) -> None:
    """Stop what is still on its way, and stop asking: the request has gone another way."""
    session.execute(
        update(Handover)
        .where(Handover.request_id == request_id, Handover.state.in_(("queued", "uncertain")))
        .values(state="cancelled")
    )
    session.execute(update(Handover).where(Handover.request_id == request_id).values(ask_at=None))


def recall(session: Session, request_id: int, agency: str, *, posted_at: datetime) -> bool:
    """Stop the report that was made at this moment; False when it may have got there already."""
    row = session.scalars(
        select(Handover)
        .where(
            Handover.request_id == request_id,
            Handover.agency == agency,
            Handover.created_at == posted_at,
            Handover.state != "cancelled",
        )
        .with_for_update()
    ).first()
    if row is None:
        return True
    was, row.ask_at = row.state, None
    if was in ("queued", "uncertain"):
        row.state = "cancelled"
    return was in ("queued", "failed")


@dataclass(frozen=True)
class NotTaken:
    """A report that an agency's own system did not take, about a request that is still open."""

    id: int
    number: str
    agency: str
    error: str


def not_taken() -> tuple[NotTaken, ...]:
    """Return what failed for good and still concerns somebody, the newest first."""
    with reading() as session:
        found = session.execute(
            select(Handover.id, ServiceRequest.number, Handover.agency, Handover.last_error)
            .join(ServiceRequest, ServiceRequest.id == Handover.request_id)
            .where(Handover.state == "failed", ServiceRequest.status != "ended")
            .order_by(Handover.id.desc())
        ).all()
    return tuple(NotTaken(row[0], row[1], row[2], row[3] or "") for row in found)


def dismiss(session: Session, handover_ids: Sequence[int]) -> Sequence[int]:
    """Put failed reports aside, so that nobody is reminded of them; return those that were."""
    failed = session.scalars(
        select(Handover.id).where(Handover.id.in_(handover_ids), Handover.state == "failed")
    ).all()
    session.execute(update(Handover).where(Handover.id.in_(failed)).values(state="cancelled"))
    return failed


@dataclass(frozen=True)
class Asked:
    """A report whose standing there is to be learned."""

    id: int
    request_id: int
    agency: str
    endpoint: str
    jurisdiction_id: str
    reference: str
    receipt: str
    sent_at: datetime
    ask_at: datetime


def next_to_ask(session: Session, now: datetime) -> Asked | None:
    """Return the report whose standing has waited longest to be learned."""
    row = session.scalars(
        select(Handover).where(Handover.ask_at <= now).order_by(Handover.ask_at, Handover.id).limit(1)
    ).first()
    if row is None or row.ask_at is None:
        return None
    return Asked(
        row.id,
        row.request_id,
        row.agency,
        row.endpoint,
        str(row.fields.get("jurisdiction_id", "")),
        row.reference or "",
        row.receipt or "",
        row.sent_at or row.created_at,
        row.ask_at,
    )


def take_turn(session: Session, asked: Asked, *, next_at: datetime | None) -> bool:
    """Set when it is asked for after this time; False when another process has just done so."""
    result = session.execute(
        update(Handover)
        .where(Handover.id == asked.id, Handover.ask_at == asked.ask_at)
        .values(ask_at=next_at)
    )
    return cast("CursorResult[object]", result).rowcount == 1


def locked(session: Session, handover_id: int) -> Handover:
    """Return the row for a change in this transaction."""
    return session.get_one(Handover, handover_id, with_for_update=True)


def is_current(session: Session, request_id: int, agency: str) -> bool:
    """Return whether the request still waits for this agency."""
    found = session.execute(
        select(ServiceRequest.status, ServiceRequest.agency).where(ServiceRequest.id == request_id)
    ).one()
    return (found.status, found.agency) == ("waiting_agency", agency)


def agencies_reminded(session: Session, now: datetime, *, most: int) -> list[tuple[int, datetime]]:
    """Return (request, when) of silent agencies that are due to hear from us, longest first."""
    found = session.execute(
        select(ServiceRequest.id, ServiceRequest.agency_remind_at)
        .where(ServiceRequest.agency_remind_at <= now)
        .order_by(ServiceRequest.agency_remind_at)
        .limit(most)
    )
    return [(row[0], row[1]) for row in found if row[1] is not None]

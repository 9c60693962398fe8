"""What is open this morning, and what came since the last one?"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select

from lifecycle.status import Status
from storage.database import reading
from storage.tables import ServiceRequest


class Open(NamedTuple):
    """A request that has not ended, without anybody's words."""

    id: int
    number: str
    service: str
    place: str
    assignee: str
    agency: str | None
    status: str
    created_at: datetime
    finish_due_at: datetime
    waiting_since: datetime | None
    paused_minutes: int
    agency_remind_at: datetime | None
    """When a silent agency hears from us again; None when we write to it no more."""


def open_requests() -> list[Open]:
    """Return every request that has not ended and is not held, the oldest first."""
    columns = [getattr(ServiceRequest, name) for name in Open._fields]
    with reading() as session:
        found = session.execute(
            select(*columns)
            .where(ServiceRequest.status != Status.ENDED, ServiceRequest.held_at.is_(None))
            .order_by(ServiceRequest.id)
        )
        return [Open(*row) for row in found]


def count_received(since: datetime, until: datetime) -> int:
    """Return how many requests came in since then: ended ones count, held ones do not."""
    with reading() as session:
        return (
            session.scalar(
                select(func.count())
                .select_from(ServiceRequest)
                .where(
                    ServiceRequest.created_at > since,
                    ServiceRequest.created_at <= until,
                    ServiceRequest.held_at.is_(None),
                )
            )
            or 0
        )


def request(request_id: int) -> ServiceRequest | None:
    with reading() as session:
        return session.get(ServiceRequest, request_id)

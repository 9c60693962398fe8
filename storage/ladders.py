"""Of which requests does somebody have to hear now, because nobody acts?"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lifecycle.status import Status
from storage.tables import ServiceRequest


class Climbing(NamedTuple):
    """A request whose next step is due, as it was seen outside of any write."""

    request_id: int
    number: str
    step: int
    at: datetime


def climbing(session: Session, now: datetime, *, most: int) -> list[Climbing]:
    """Return the requests whose next step is due, the longest due first."""
    request = ServiceRequest
    found = session.execute(
        select(request.id, request.number, request.ladder_step, request.ladder_at)
        .where(request.ladder_at <= now, request.held_at.is_(None))
        .order_by(request.ladder_at)
        .limit(most)
    )
    return [Climbing(row[0], row[1], row[2], row[3]) for row in found if row[3] is not None]


def count_begun(session: Session, assignee: str, *, before: int) -> int:
    """Return how many open requests of an assignee, older than ``before``, are on the ladder."""
    request = ServiceRequest
    return (
        session.scalar(
            select(func.count()).where(
                request.assignee == assignee,
                request.id < before,
                request.status != Status.ENDED,
                request.ladder_step == 0,
                request.ladder_at.is_not(None),
            )
        )
        or 0
    )

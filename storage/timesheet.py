"""What time and materials were noted on requests? Rows that a verb adds, and sums of them."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from inbox.time_written import Spent
from storage.database import reading
from storage.tables import TimeEntry


class Noted(NamedTuple):
    """One time entry: whose, when, and what was spent."""

    person: str
    at: datetime
    spent: Spent


def add(
    session: Session, request_id: int, *, person: str, spent: Spent, now: datetime, nonce: str | None
) -> int:
    """Add a row in the transaction that writes the journal; return its number."""
    entry = TimeEntry(
        request_id=request_id,
        nonce=nonce,
        at=now,
        person=person,
        minutes=spent.minutes,
        vehicle_minutes=spent.vehicle_minutes,
        materials=spent.materials,
    )
    session.add(entry)
    session.flush()
    return entry.id


def forget(session: Session, number: int | None) -> None:
    """Take back a row whose act was undone; nothing happens where there is none."""
    if number is not None:
        session.execute(delete(TimeEntry).where(TimeEntry.id == number))


def of_request(request_id: int) -> tuple[Noted, ...]:
    """Return what was noted on one request, oldest first."""
    asked = select(TimeEntry).where(TimeEntry.request_id == request_id).order_by(TimeEntry.id)
    with reading() as session:
        return tuple(
            Noted(one.person, one.at, Spent(one.minutes, one.vehicle_minutes, one.materials))
            for one in session.scalars(asked)
        )

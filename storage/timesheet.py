"""What time and materials were noted on requests? Rows that a verb adds, and sums of them."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from inbox.time_written import Spent
from storage.database import reading
from storage.tables import TimeEntry


class Noted(NamedTuple):
    """One time entry: whose, when, what was spent, and by which number it is known."""

    person: str
    at: datetime
    spent: Spent
    number: int


def add(
    session: Session, request_id: int, *, person: str, spent: Spent, now: datetime, nonce: str | None
) -> int:
    """Add a row in the transaction that writes the journal; return its number."""
    entry = TimeEntry(
        request_id=request_id,
        nonce=nonce,
        at=now,
        person=person,
        **_columns(spent),
    )
    session.add(entry)
    session.flush()
    return entry.id


def forget(session: Session, number: int | None) -> None:
    """Take back a row whose act was undone; nothing happens where there is none."""
    if number is not None:
        session.execute(delete(TimeEntry).where(TimeEntry.id == number))


def put_right(session: Session, number: int, spent: Spent) -> None:
    """Have a row say something else; its day stays, and with it the rate. Nothing spent takes it back."""
    row = update(TimeEntry).where(TimeEntry.id == number)
    if spent:
        session.execute(row.values(**_columns(spent)))
    else:
        forget(session, number)


def put_back(session: Session, request_id: int, noted: Noted) -> None:
    """Have a row say again what it said; one that was taken back comes anew, perhaps by another number."""
    there = session.get(TimeEntry, noted.number)
    if there is not None and (there.request_id, there.person, there.at) == (
        request_id,
        noted.person,
        noted.at,
    ):
        put_right(session, noted.number, noted.spent)
    else:
        # SQLite gives the number of a row that is gone to the next one, of whatever request.
        add(session, request_id, person=noted.person, spent=noted.spent, now=noted.at, nonce=None)


def _columns(spent: Spent) -> dict[str, int]:
    return {
        "minutes": spent.minutes,
        "vehicle_minutes": spent.vehicle_minutes,
        "materials": spent.materials,
    }


def of_request(request_id: int) -> tuple[Noted, ...]:
    """Return what was noted on one request, oldest first."""
    asked = select(TimeEntry).where(TimeEntry.request_id == request_id).order_by(TimeEntry.id)
    with reading() as session:
        return tuple(
            Noted(one.person, one.at, Spent(one.minutes, one.vehicle_minutes, one.materials), one.id)
            for one in session.scalars(asked)
        )

"""What time and materials were noted on requests? Rows that a verb adds, and sums of them."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, delete, select, update
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
    entry = _row(request_id, person=person, spent=spent, now=now, nonce=nonce)
    session.add(entry)
    session.flush()
    return entry.id


def forget(session: Session, request_id: int, number: int | None) -> None:
    """Take back a row whose act was undone; nothing happens where this request has none."""
    if number is not None:
        session.execute(delete(TimeEntry).where(*_is(request_id, number)))


def put_right(session: Session, request_id: int, number: int, spent: Spent) -> None:
    """Have a row say something else; its day stays, and with it the rate. Nothing spent takes it back."""
    if spent:
        session.execute(update(TimeEntry).where(*_is(request_id, number)).values(**_columns(spent)))
    else:
        forget(session, request_id, number)


def put_back(session: Session, request_id: int, noted: Noted) -> None:
    """Have a row say again what it said, by the number it had: the journal knows it by that one.

    No other row can have got the number meanwhile, because the table never gives one twice.
    """
    if session.scalar(select(TimeEntry.id).where(*_is(request_id, noted.number))) is not None:
        put_right(session, request_id, noted.number, noted.spent)
        return
    row = _row(request_id, person=noted.person, spent=noted.spent, now=noted.at)
    row.id = noted.number
    session.add(row)
    session.flush()


def _is(request_id: int, number: int) -> tuple[ColumnElement[bool], ...]:
    return TimeEntry.id == number, TimeEntry.request_id == request_id


def _row(request_id: int, *, person: str, spent: Spent, now: datetime, nonce: str | None = None) -> TimeEntry:
    return TimeEntry(request_id=request_id, nonce=nonce, at=now, person=person, **_columns(spent))


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

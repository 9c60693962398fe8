"""Who has said that they are away? Read once in a while, because every submission asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from threading import Lock

from sqlalchemy import select
from sqlalchemy.orm import Session

from lifecycle.status import Status
from storage.database import reading
from storage.tables import Absence, ServiceRequest, SignedLink

FRESH = timedelta(seconds=30)
"""Another process may have written an absence; this one knows of it after that long."""
Spell = tuple[str, date, date]
"""Person, first and last day away, both included."""


@dataclass
class AbsenceBook:
    """The absences that have not ended, as one process knows them."""

    _spells: tuple[Spell, ...] = ()
    _read_at: datetime | None = None
    _lock: Lock = field(default_factory=Lock, repr=False)

    def spells(self, now: datetime) -> tuple[Spell, ...]:
        """Return the absences as they were within the last half minute."""
        if self._read_at is None or not timedelta(0) <= now - self._read_at < FRESH:
            found = _spells(now)
            with self._lock:
                self._spells, self._read_at = found, now
        return self._spells

    def forget(self) -> None:
        """Have the next one who asks read again: something was written here."""
        self._read_at = None


def _spells(now: datetime) -> tuple[Spell, ...]:
    # Whatever the town's zone: a day on either side is enough.
    yesterday = now.date() - timedelta(days=1)
    with reading() as session:
        rows = session.execute(
            select(Absence.person, Absence.first, Absence.last)
            .where(Absence.ended_at.is_(None), Absence.last >= yesterday)
            .order_by(Absence.first)
        ).all()
    return tuple((row[0], row[1], row[2]) for row in rows)


def coming(person: str, today: date) -> Sequence[Absence]:
    """Return somebody's absences that are not over, the earliest first."""
    with reading() as session:
        return session.scalars(
            select(Absence)
            .where(Absence.person == person, Absence.ended_at.is_(None), Absence.last >= today)
            .order_by(Absence.first, Absence.id)
        ).all()


def same(session: Session, person: str, first: date, last: date) -> Absence | None:
    """Return the absence with exactly these days, if it was said before."""
    return session.scalar(
        select(Absence).where(
            Absence.person == person,
            Absence.first == first,
            Absence.last == last,
            Absence.ended_at.is_(None),
        )
    )


def to_pass_on(today: date) -> Sequence[Absence]:
    """Return the absences that have begun and whose open requests are still to be passed on."""
    with reading() as session:
        return session.scalars(
            select(Absence).where(
                Absence.passes_on,
                Absence.passed_at.is_(None),
                Absence.ended_at.is_(None),
                Absence.first <= today,
                Absence.last >= today,
            )
        ).all()


def open_of(person: str) -> Sequence[int]:
    """Return the ids of the requests that somebody has open, the oldest first; none that is held."""
    with reading() as session:
        return session.scalars(
            select(ServiceRequest.id)
            .where(
                ServiceRequest.assignee == person,
                ServiceRequest.status != Status.ENDED,
                ServiceRequest.held_at.is_(None),
            )
            .order_by(ServiceRequest.id)
        ).all()


def newest_of(session: Session, person: str) -> ServiceRequest | None:
    """Return the newest request that somebody had to do with, for a link of their colleagues."""
    return session.scalar(
        select(ServiceRequest)
        .where(
            ServiceRequest.id.in_(
                select(SignedLink.request_id).where(
                    SignedLink.purpose == "employee", SignedLink.recipient == person
                )
            )
            | (ServiceRequest.assignee == person)
        )
        .order_by(ServiceRequest.id.desc())
        .limit(1)
    )

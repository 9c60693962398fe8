"""What has been imported already, and how do many past requests get in at once?"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import func, insert, or_, select
from sqlalchemy.orm import Session

from lifecycle.journal import Kind
from storage.tables import Entry, Fact, ServiceRequest

KEPT = 16 * 1024
"""Kilobytes of numbers that stay in memory while a file is read; the rest waits on the disk."""


class Known(NamedTuple):
    """A request that an earlier row has made."""

    id: int
    mark: str | None


def known(session: Session, nonces: Iterable[str]) -> dict[str, Known]:
    """Return what is there already of these: nonce -> request."""
    found = session.execute(
        select(ServiceRequest.nonce, ServiceRequest.id, ServiceRequest.imported_mark).where(
            ServiceRequest.nonce.in_(list(nonces))
        )
    )
    return {nonce: Known(request_id, mark) for nonce, request_id, mark in found}


def from_others(session: Session, source: str, numbers: Sequence[str]) -> dict[str, int]:
    """Return how many of these numbers other sources have: source -> how many."""
    is_other = ServiceRequest.imported_from != source
    found = session.execute(
        select(ServiceRequest.imported_from, func.count())
        .where(is_other, ServiceRequest.imported_number.in_(numbers))
        .group_by(ServiceRequest.imported_from)
    )
    return {str(name): many for name, many in found}


def add_requests(session: Session, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Insert requests and return their ids, in the order of the rows."""
    # Asking for the ids with RETURNING costs twice as much as looking them up by their marks.
    _add(session, ServiceRequest.__table__, rows)
    there = known(session, (row["nonce"] for row in rows))
    return [there[row["nonce"]].id for row in rows]


def add_entries(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Append entries to journals, one statement for all."""
    _add(session, Entry.__table__, rows)


def add_facts(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add rows of what is counted, one statement for all."""
    _add(session, Fact.__table__, rows)


def _add(session: Session, table: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        session.execute(insert(table), list(rows))


def is_worked_on(session: Session, request_id: int) -> bool:
    """Return whether a person, an agency or a resident has done something to it here."""
    by = Entry.by
    hands = or_(by.startswith("person:"), by.startswith("agency:"), by.startswith("resident"))
    return session.scalar(select(Entry.id).where(Entry.request_id == request_id, hands).limit(1)) is not None


def endings_of(session: Session, request_id: int) -> list[int]:
    """Return the ids of the entries that tell how a request ended or who got it."""
    kinds = (Kind.FINISHED, Kind.REDIRECTED, Kind.WITHDRAWN, Kind.HANDED_OFF)
    return list(
        session.scalars(select(Entry.id).where(Entry.request_id == request_id, Entry.kind.in_(kinds)))
    )


class SeenNumbers:
    """Which numbers one file has named so far: on the disk, so that a large file needs no more memory."""

    def __init__(self) -> None:
        self._table = sqlite3.connect("", isolation_level=None)  # a file of its own that nobody else sees
        for word in (f"cache_size = -{KEPT}", "journal_mode = OFF", "synchronous = OFF", "temp_store = FILE"):
            self._table.execute(f"PRAGMA {word}").close()
        self._table.execute("CREATE TABLE seen (number TEXT PRIMARY KEY, line INTEGER) WITHOUT ROWID")
        self._table.execute("BEGIN")

    def first_line(self, number: str, line: int) -> int | None:
        """Return the line on which it was named before; None where this is the first."""
        try:
            self._table.execute("INSERT INTO seen VALUES (?, ?)", (number, line))
        except sqlite3.IntegrityError:
            found = self._table.execute("SELECT line FROM seen WHERE number = ?", (number,)).fetchone()
            return int(found[0])
        return None

    def close(self) -> None:
        self._table.close()

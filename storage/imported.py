"""What has been imported already, and how do many past requests get in at once?"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import CursorResult, Table, delete, func, insert, or_, select, union_all, update
from sqlalchemy.orm import Session

from lifecycle.journal import Kind
from lifecycle.ladder import UNBEGUN
from lifecycle.status import Status
from storage.database import Base
from storage.tables import Entry, Fact, GivenNumber, ServiceRequest, SignedLink

KEPT = 16 * 1024
"""Kilobytes of numbers that stay in memory while a file is read; the rest waits on the disk."""
COMING_ALONG = frozenset({"entries", "facts", "fact_hand_offs", "links"})
"""Tables with rows of a request that nobody has touched; links come with the clerk's list of a morning."""


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


def of_source(session: Session, source: str, *, after: int, most: int) -> list[int]:
    """Return the ids of a source's requests behind ``after``, in their order."""
    request = ServiceRequest
    wanted = select(request.id).where(request.imported_from == source, request.id > after)
    return list(session.scalars(wanted.order_by(request.id).limit(most)))


def sources(session: Session) -> dict[str, int]:
    """Return from where requests have come in, and how many."""
    source = ServiceRequest.imported_from
    found = session.execute(select(source, func.count()).where(source.is_not(None)).group_by(source))
    return {str(name): many for name, many in found}


def pointed_at(session: Session) -> set[str]:
    """Return the numbers of which other requests are duplicates. It reads all requests."""
    asked = select(ServiceRequest.duplicate_of).where(ServiceRequest.duplicate_of.is_not(None)).distinct()
    return {str(number) for number in session.scalars(asked)}


def touched(session: Session, ids: Sequence[int], *, by: str, others: Collection[str]) -> dict[int, str]:
    """Return which of these have more than an import and mornings bring along, by anybody but ``by``.

    Id -> number; those of ``others`` as well. It is told from every table that knows requests, so that a new
    one is not forgotten.
    """
    known = [select(Entry.request_id).where(Entry.request_id.in_(ids), Entry.by != by)]
    known += [
        select(table.c.request_id).where(table.c.request_id.in_(ids))
        for table in _knowing()
        if table.name not in COMING_ALONG
    ]
    hands = set(session.scalars(union_all(*known)))
    found = session.execute(
        select(ServiceRequest.id, ServiceRequest.number).where(ServiceRequest.id.in_(ids))
    )
    return {row.id: row.number for row in found if row.id in hands or row.number in others}


def remove(session: Session, ids: Sequence[int]) -> None:
    """Take requests out for good, with what came along."""
    if not ids:
        return
    _keep_numbers(session, ids)
    for table in _knowing():
        if table.name in COMING_ALONG:
            session.execute(delete(table).where(table.c.request_id.in_(ids)))
    session.execute(delete(ServiceRequest).where(ServiceRequest.id.in_(ids)))


def _keep_numbers(session: Session, ids: Sequence[int]) -> None:
    """Have nobody else get a number that a letter named: what has a link stood in a morning's list."""
    request = ServiceRequest
    has_link = select(SignedLink.id).where(SignedLink.request_id == request.id).exists()
    for number in session.scalars(select(request.number).where(request.id.in_(ids), has_link)):
        prefix, given = number[:3], int(number[3:])
        kept = session.get(GivenNumber, prefix)
        if kept is None:
            session.add(GivenNumber(prefix=prefix, highest=given))
        elif kept.highest < given:
            kept.highest = given
        session.flush()


def _knowing() -> list[Table]:
    """Return every table whose rows belong to a request."""
    return [table for table in Base.metadata.tables.values() if _is_of_requests(table)]


def _is_of_requests(table: Table) -> bool:
    return "request_id" in table.c and any(
        key.target_fullname == "requests.id" for key in table.c.request_id.foreign_keys
    )


def start_ladders(session: Session, source: str, *, now: datetime, is_counted_only: bool = False) -> int:
    """Have the clock put a source's open requests onto the ladder; return how many are not on it yet."""
    request = ServiceRequest
    waiting = (
        request.imported_from == source,
        request.status == Status.RECEIVED,
        request.ladder_step == 0,
        request.ladder_at.is_(None),
    )
    if is_counted_only:
        return session.scalar(select(func.count()).where(*waiting)) or 0
    begun = update(request).where(*waiting).values(ladder_step=UNBEGUN, ladder_at=now)
    return cast("CursorResult[Any]", session.execute(begun)).rowcount


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

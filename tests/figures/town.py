"""A town in memory: rows go in, the facts are made and counted by SQLite itself, and figures come out."""

from __future__ import annotations

import atexit
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache

from sqlalchemy import Engine, create_engine, insert
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from figures import reckoning
from figures.hexagons import Grid
from figures.shapes import TOWN, Figures, Scope
from figures.span import Frame
from reports.period import Period, frame_of
from storage import counting
from storage.database import Base
from storage.factbook import HandOff, Sorting, Story, Words, add_hand_offs, hand_offs, values
from storage.tables import (
    Entry,
    Fact,
    FactHandOff,
    FactWord,
    IncomingMail,
    OutgoingLetter,
    ServiceRequest,
    Tally,
    TimeEntry,
)
from tests.figures.by_row.rows import RequestFacts, TallyFacts, Turn

GRID = Grid(44)
TABLES = (
    ServiceRequest, Entry, Fact, FactHandOff, FactWord, Tally, TimeEntry, OutgoingLetter, IncomingMail
)  # fmt: skip
"""Those that figures are made of: a new database for every example has no time for the others."""


@contextmanager
def empty_town() -> Iterator[Session]:
    """Lend a session to a database of its own, with every table and no row; what it writes is undone."""
    engine = free.pop() if free else _new()
    with Session(engine) as session:
        try:
            yield session
        finally:
            session.rollback()
            free.append(engine)


free: list[Engine] = []
"""Databases that nobody uses: statements are compiled once for each, which takes longer than all they do."""


@atexit.register
def _close() -> None:
    for engine in free:
        engine.dispose()


def _new() -> Engine:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    Base.metadata.create_all(engine, tables=[table.__table__ for table in TABLES])  # type: ignore[misc]
    return engine


def figures(
    rows: Sequence[RequestFacts], tallies: Sequence[TallyFacts] = (), *, period: Period, as_of: datetime
) -> Figures:
    """Return the figures of plain rows, by way of the facts."""
    return _figures(tuple(rows), tuple(tallies), period, as_of)


@cache
def _figures(
    rows: tuple[RequestFacts, ...], tallies: tuple[TallyFacts, ...], period: Period, as_of: datetime
) -> Figures:
    with empty_town() as session:
        add(session, rows, sorting=plain_sorting(period))
        for told in tallies:
            session.add(
                Tally(
                    day=told.day,
                    service=told.service,
                    outcome=told.outcome,
                    rule="r",
                    target=told.target,
                    count=told.count,
                )
            )
        session.flush()
        return reckoned(session, frame_of(period), as_of=as_of, zone=period.zone.key)


def reckoned(
    session: Session,
    frame: Frame,
    *,
    as_of: datetime,
    zone: str,
    scope: Scope = TOWN,
    is_workload_wanted: bool = False,
) -> Figures:
    """Count the facts of a session and return the figures."""
    groups = counting.counted(
        session, frame, as_of=as_of, scope=scope, grid=GRID, is_workload_wanted=is_workload_wanted
    )
    return reckoning.figures(groups, frame, as_of=as_of, zone=zone, scope=scope, grid=GRID)


def plain_sorting(period: Period) -> Sorting:
    """A town whose departments are its people's names, with no wards."""
    return Sorting(period.zone, "tests", lambda assignee: assignee, lambda lat, lon: "")


def add(session: Session, rows: Iterable[RequestFacts], *, sorting: Sorting) -> None:
    """Write down what is counted of plain rows."""
    words = Words(session)
    made, handed = [], []
    for number, row in enumerate(rows, start=1):
        request, told = _request(row), _story(row)
        made.append(values(request, told, sorting, words) | {"request_id": number})
        handed += hand_offs(request, told, words, request_id=number)
    if made:
        session.execute(insert(Fact), made)
    add_hand_offs(session, handed)


def _request(row: RequestFacts) -> ServiceRequest:
    return ServiceRequest(
        service=row.service,
        created_at=row.created_at,
        finish_due_at=row.finish_due_at,
        ended_at=row.ended_at,
        ending=row.ending,
        answered_at=row.answered_at,
        handed_off_at=row.handed_off_at,
        agency=row.agency,
        rating=row.rating,
        was_fixed=row.was_fixed,
        channel=row.channel,
        language=row.language,
        source_page="",
        assignee="clerk",
        lat=43.6 if row.has_place else None,
        lon=-72.3 if row.has_place else None,
    )


def _story(row: RequestFacts) -> Story:
    turns = row.turns or ((Turn(row.ended_at, row.ending),) if row.ended_at else ())
    ends = [turn.at for turn in turns if turn.ending]
    again = [turn.at for turn in turns if turn.ending is None]
    return Story(
        first_ended=ends[0] if ends else None,
        first_reopened=again[0] if again else None,
        handed=(HandOff(row.handed_off_at, row.handed_to),) if row.handed_off_at and row.handed_to else (),
    )

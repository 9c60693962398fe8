"""What else do the facts count for the town as a whole? Backlog, agencies, ratings, cells, time, letters."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, case, cast, func, or_, select
from sqlalchemy.orm import Session

from figures.counted import ENDINGS, WORKED, Cell, Handed, Noted, Open
from figures.hexagons import ORIGIN, SCALE, Grid
from figures.span import Span
from lifecycle.status import Ending
from storage.ledger import Ledger, hours_between, row
from storage.packing import Groups, Key
from storage.tables import IncomingMail, OutgoingLetter, Tally, TimeEntry

DAY = 86400
WINDOW = 30 * DAY
"""Seconds within which a request that is opened again counts as reopened."""
WORKED_CODES = tuple(sorted(ENDINGS.index(ending) for ending in WORKED))
WIDE = 2**20
"""More columns and rows of hexagons than the earth has at the smallest size."""


def still_open(ledger: Ledger, span: Span) -> Iterator[Open]:
    """Yield what was open at the period's end, by age."""
    theirs = case((row.passed < span.end, 1), else_=0)
    is_open = or_(row.ended_day.is_(None), row.ended_day >= span.next_day)
    key = Key.by(
        ((span.end - row.created) // DAY, ledger.ages),
        (case((_is_overdue(span), 1), else_=0), 2),
        (theirs, 2),
    )
    (found,) = ledger.count((*ledger.counted, is_open, row.created < span.end), key)
    for (days, is_overdue, is_theirs), many in found.items():
        yield Open(days, bool(is_overdue), bool(is_theirs), many)


def overdue(ledger: Ledger, span: Span) -> dict[str, int]:
    """Return assignee -> how many of theirs are overdue at the period's end."""
    is_open = or_(row.ended_day.is_(None), row.ended_day >= span.next_day)
    where = (*ledger.counted, is_open, row.created < span.end, _is_overdue(span))
    (found,) = ledger.count(where, Key.by(ledger.part("person")))
    return {ledger.word("person", number): many for (number,), many in found.items()}


def _is_overdue(span: Span) -> ColumnElement[bool]:
    # What an agency has, the town cannot be late with.
    return and_(row.due < span.end, or_(row.passed.is_(None), row.passed >= span.end))


def handed(ledger: Ledger, span: Span) -> Iterator[Handed]:
    """Yield what was handed to agencies in the period; what ended as theirs at once was not."""
    waited = hours_between(row.created, case((row.handed < row.created, row.created), else_=row.handed))
    # Given back means: it was handed to somebody who does not have it any more.
    returned = case((and_(row.given_back > 0, row.agency != row.handed_to), 1), else_=0)
    agency, size = row.handed_to, ledger.part("agency")[1]
    key = Key.by((agency, size), (waited, ledger.ages), (returned, 2), (row.confirmed, 2))
    (found,) = ledger.count((*ledger.counted, row.handed >= span.start, row.handed < span.end), key)
    for (number, hours, is_returned, is_confirmed), many in found.items():
        yield Handed(ledger.word("agency", number), hours, bool(is_returned), bool(is_confirmed), many)


def redirected(ledger: Ledger, span: Span) -> dict[str, int]:
    """Return agency -> how many ended in the period as its job."""
    asked = (
        select(row.agency, func.count())
        .where(*ledger.ended(span), row.ending == ENDINGS.index(Ending.REDIRECTED))
        .group_by(row.agency)
    )
    return {ledger.word("agency", agency): count for agency, count in ledger.session.execute(asked)}


def tallies(session: Session, span: Span) -> dict[tuple[str, str], int]:
    """Return (outcome, target) -> how often residents were shown it instead of sending a request."""
    first, after = date.fromordinal(span.first_day), date.fromordinal(span.next_day)
    asked = (
        select(Tally.outcome, Tally.target, func.sum(Tally.count))
        .where(Tally.day >= first, Tally.day < after)
        .group_by(Tally.outcome, Tally.target)
    )
    return {(outcome, target): int(count) for outcome, target, count in session.execute(asked)}


def ratings(ledger: Ledger, span: Span) -> dict[tuple[int, int], int]:
    """Return (rating, said fixed) -> how many of those finished in the period said so."""
    asked = (
        select(row.rating, row.fixed, func.count())
        .where(*ledger.ended(span), row.ending.in_(WORKED_CODES))
        .where(or_(row.rating > 0, row.fixed > 0))
        .group_by(row.rating, row.fixed)
    )
    return {(rating, fixed): count for rating, fixed, count in ledger.session.execute(asked)}


def reopened(ledger: Ledger, span: Span) -> tuple[int, int]:
    """Return the first endings from 30 days before start to 30 days before end, and those opened again."""
    again = func.sum(case((row.first_reopened - row.first_ended <= WINDOW, 1), else_=0))
    asked = select(func.count(), func.coalesce(again, 0)).where(
        *ledger.counted, row.first_ended >= span.start - WINDOW, row.first_ended < span.end - WINDOW
    )
    first, back = ledger.session.execute(asked).one()
    return int(first), int(back)


def cells(ledger: Ledger, span: Span, grid: Grid) -> Iterator[Cell]:
    """Yield the reports of a period by hexagon and service."""
    where = (*ledger.within(span), row.lat.is_not(None))
    (found,) = ledger.count(where, cell_key(ledger, grid))
    return as_cells(ledger, found)


def as_cells(ledger: Ledger, found: Groups) -> Iterator[Cell]:
    for (column, line, service), many in found.items():
        yield Cell(column, line, ledger.word("service", service), many)


def cell_key(ledger: Ledger, grid: Grid, when: ColumnElement[bool] | None = None) -> Key:
    """Return hexagon and service as a key; the arithmetic is that of ``Grid.cell``."""
    x = (cast(row.lon, BigInteger) + ORIGIN) * grid.east
    y = (cast(row.lat, BigInteger) + ORIGIN) * SCALE
    width, height = grid.width, grid.height
    first = ((x + width // 2) // width * 2, (y + height // 2) // height * 2)
    second = (x // width * 2 + 1, y // height * 2 + 1)
    near, far = (_far(x, y, one, grid) for one in (first, second))
    # A tie goes to the smaller column, as in Python.
    is_first = or_(near < far, and_(near == far, first[0] < second[0]))
    column = case((is_first, first[0]), else_=second[0])
    line = case((is_first, first[1]), else_=second[1])
    return Key.by((column, WIDE), (line, WIDE), ledger.part("service"), when=when)


def _far(
    x: ColumnElement[Any],
    y: ColumnElement[Any],
    cell: tuple[ColumnElement[Any], ColumnElement[Any]],
    grid: Grid,
) -> ColumnElement[Any]:
    east, north = x - cell[0] * grid.width // 2, y - cell[1] * grid.height // 2
    return east * east + north * north


def finished_with_time(ledger: Ledger, span: Span) -> dict[str, int]:
    """Return service -> how many of those finished in the period have a time entry."""
    has_time = select(TimeEntry.request_id).distinct()
    asked = (
        select(row.service, func.count())
        .where(*ledger.ended(span), row.ending.in_(WORKED_CODES), row.request_id.in_(has_time))
        .group_by(row.service)
    )
    return {ledger.word("service", service): count for service, count in ledger.session.execute(asked)}


def noted(ledger: Ledger, span: Span) -> Iterator[Noted]:
    """Yield the time noted on those finished in the period, by service and person."""
    asked = (
        select(
            row.service,
            TimeEntry.person,
            func.sum(TimeEntry.minutes),
            func.sum(TimeEntry.vehicle_minutes),
            func.sum(TimeEntry.materials),
        )
        .join(TimeEntry, TimeEntry.request_id == row.request_id)
        .where(*ledger.ended(span), row.ending.in_(WORKED_CODES))
        .group_by(row.service, TimeEntry.person)
    )
    for service, person, *sums in ledger.session.execute(asked):
        minutes, vehicle, materials = (int(one) for one in sums)
        yield Noted(ledger.word("service", service), person, minutes, vehicle, materials)


def mail(session: Session, span: Span) -> tuple[int, int]:
    """Return how many letters of the period failed, and how many came back in it."""
    start, end = (datetime.fromtimestamp(edge, UTC) for edge in (span.start, span.end))
    failed = select(func.count()).where(
        OutgoingLetter.state == "failed", OutgoingLetter.created_at >= start, OutgoingLetter.created_at < end
    )
    bounced = select(func.count()).where(
        IncomingMail.kind == "bounce", IncomingMail.received_at >= start, IncomingMail.received_at < end
    )
    return session.execute(failed).scalar_one(), session.execute(bounced).scalar_one()


def quality(ledger: Ledger, span: Span) -> dict[str, int]:
    """Return what is left out, and what the records miss, among those received in the period."""
    spam = case((row.ending == ENDINGS.index(Ending.SPAM), 1), else_=0)
    left_out = (
        select(func.coalesce(func.sum(spam), 0), func.coalesce(func.sum(row.held), 0))
        .where(row.counted == 0, *ledger.narrowed)
        .where(row.created_day >= span.first_day, row.created_day < span.next_day)
    )
    told = select(
        func.coalesce(func.sum(row.clock_error), 0),
        func.coalesce(func.sum(case((row.lat.is_(None), 1), else_=0)), 0),
        func.coalesce(func.sum(case((row.department == 0, 1), else_=0)), 0),
    ).where(*ledger.within(span))
    found = (*ledger.session.execute(left_out).one(), *ledger.session.execute(told).one())
    names = ("spam", "held", "clock_error", "without_place", "without_department")
    return dict(zip(names, (int(one) for one in found), strict=True))

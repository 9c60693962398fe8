"""What else do the facts count for the town as a whole? Backlog, agencies, ratings, cells, time, letters."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, ColumnElement, Table, and_, case, cast, func, or_, select
from sqlalchemy.orm import Session

from figures.counted import ENDINGS, WORKED, Cell, Handed, Noted, Open
from figures.hexagons import ORIGIN, SCALE, Grid
from figures.span import Span
from lifecycle.status import Ending
from storage.tables import Fact, IncomingMail, OutgoingLetter, Tally, TimeEntry

if TYPE_CHECKING:
    from storage.counting import Ledger

HOUR, DAY = 3600, 86400
WINDOW = 30 * DAY
"""Seconds within which a request that is opened again counts as reopened."""
WORKED_CODES = tuple(sorted(ENDINGS.index(ending) for ending in WORKED))

facts = Fact.__table__
assert isinstance(facts, Table)
row = facts.c


def still_open(ledger: Ledger, span: Span) -> Iterator[Open]:
    """Yield what was open at the period's end, by age."""
    days = (span.end - row.created) // DAY
    theirs = case((row.passed < span.end, 1), else_=0)
    overdue = case((and_(row.due < span.end, theirs == 0), 1), else_=0)
    asked = (
        select(days, overdue, theirs, func.count())
        .where(*ledger.counted, or_(row.ended_day.is_(None), row.ended_day >= span.next_day))
        .where(row.created < span.end)
        .group_by(days, overdue, theirs)
    )
    for age, is_overdue, is_theirs, count in ledger.rows(asked):
        yield Open(age, bool(is_overdue), bool(is_theirs), count)


def handed(ledger: Ledger, span: Span) -> Iterator[Handed]:
    """Yield what was handed to agencies in the period; what ended as theirs at once was not."""
    waited = case((row.handed < row.created, 0), else_=(row.handed - row.created + HOUR - 1) // HOUR)
    # Given back means: it was handed to somebody who does not have it any more.
    returned = case((and_(row.given_back > 0, row.agency != row.handed_to), 1), else_=0)
    asked = (
        select(row.handed_to, waited, returned, row.confirmed, func.count())
        .where(*ledger.counted, row.handed >= span.start, row.handed < span.end)
        .group_by(row.handed_to, waited, returned, row.confirmed)
    )
    for agency, hours, is_returned, is_confirmed, count in ledger.rows(asked):
        yield Handed(ledger.word("agency", agency), hours, bool(is_returned), bool(is_confirmed), count)


def redirected(ledger: Ledger, span: Span) -> dict[str, int]:
    """Return agency -> how many ended in the period as its job."""
    asked = (
        select(row.agency, func.count())
        .where(*_ended(ledger, span), row.ending == ENDINGS.index(Ending.REDIRECTED))
        .group_by(row.agency)
    )
    return {ledger.word("agency", agency): count for agency, count in ledger.rows(asked)}


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
        .where(*_ended(ledger, span), row.ending.in_(WORKED_CODES))
        .where(or_(row.rating > 0, row.fixed > 0))
        .group_by(row.rating, row.fixed)
    )
    return {(rating, fixed): count for rating, fixed, count in ledger.rows(asked)}


def reopened(ledger: Ledger, span: Span) -> tuple[int, int]:
    """Return the first endings from 30 days before start to 30 days before end, and those opened again."""
    again = func.sum(case((row.first_reopened - row.first_ended <= WINDOW, 1), else_=0))
    asked = select(func.count(), func.coalesce(again, 0)).where(
        *ledger.counted, row.first_ended >= span.start - WINDOW, row.first_ended < span.end - WINDOW
    )
    first, back = ledger.session.execute(asked).one()
    return int(first), int(back)


def hours(ledger: Ledger, span: Span) -> dict[tuple[int, int], int]:
    """Return (weekday from Monday, hour) -> how many were received."""
    weekday = (row.created_day + 6) % 7
    asked = (
        select(weekday, row.created_hour, func.count())
        .where(*_within(ledger, span))
        .group_by(weekday, row.created_hour)
    )
    return {(day, hour): count for day, hour, count in ledger.rows(asked)}


def cells(ledger: Ledger, span: Span, grid: Grid) -> Iterator[Cell]:
    """Yield reports by hexagon and service; the arithmetic is that of ``Grid.cell``."""
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
    asked = (
        select(column, line, row.service, func.count())
        .where(*_within(ledger, span), row.lat.is_not(None))
        .group_by(column, line, row.service)
    )
    for at, up, service, count in ledger.rows(asked):
        yield Cell(at, up, ledger.word("service", service), count)


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
        .where(*_ended(ledger, span), row.ending.in_(WORKED_CODES), row.request_id.in_(has_time))
        .group_by(row.service)
    )
    return {ledger.word("service", service): count for service, count in ledger.rows(asked)}


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
        .where(*_ended(ledger, span), row.ending.in_(WORKED_CODES))
        .group_by(row.service, TimeEntry.person)
    )
    for service, person, *sums in ledger.rows(asked):
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
    ).where(*_within(ledger, span))
    found = (*ledger.session.execute(left_out).one(), *ledger.session.execute(told).one())
    names = ("spam", "held", "clock_error", "without_place", "without_department")
    return dict(zip(names, (int(one) for one in found), strict=True))


def _within(ledger: Ledger, span: Span) -> tuple[ColumnElement[bool], ...]:
    return (*ledger.counted, row.created_day >= span.first_day, row.created_day < span.next_day)


def _ended(ledger: Ledger, span: Span) -> tuple[ColumnElement[bool], ...]:
    return (*ledger.counted, row.ended_day >= span.first_day, row.ended_day < span.next_day)

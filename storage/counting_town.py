"""What else do the facts count for the town as a whole? Backlog, agencies, ratings, cells, time, letters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, case, cast, func, literal, or_, select
from sqlalchemy.orm import Session

from figures.counted import ENDINGS, WORKED, Cell, Handed, Noted, Open
from figures.hexagons import ORIGIN, SQUARE, Grid
from figures.span import Span
from lifecycle.status import Ending
from storage.ledger import Ledger, hours_between, row
from storage.packing import Groups
from storage.tables import IncomingMail, OutgoingLetter, Tally, TimeEntry

DAY = 86400
WINDOW = 30 * DAY
"""Seconds within which a request that is opened again counts as reopened."""
WORKED_CODES = tuple(sorted(ENDINGS.index(ending) for ending in WORKED))
WIDE = 2 * ORIGIN
"""More squares than there are from west to east."""


def still_open(ledger: Ledger, span: Span) -> Iterator[Open]:
    """Yield what was open at the period's end, by age."""
    is_open = or_(row.ended_day.is_(None), row.ended_day >= span.next_day)
    columns = {
        "days": (span.end - row.created) // DAY,
        "overdue": case((_is_overdue(span), 1), else_=0),
        "theirs": case((row.passed < span.end, 1), else_=0),
    }
    (found,) = ledger.count((*ledger.counted, is_open, row.created < span.end), columns, tuple(columns))
    for (days, is_overdue, is_theirs), many in found.items():
        yield Open(days, bool(is_overdue), bool(is_theirs), many)


def overdue(ledger: Ledger, span: Span) -> dict[str, int]:
    """Return assignee -> how many of theirs are overdue at the period's end."""
    is_open = or_(row.ended_day.is_(None), row.ended_day >= span.next_day)
    where = (*ledger.counted, is_open, row.created < span.end, _is_overdue(span))
    return ledger.named("person", ledger.count_by(where, ledger.column("person")))


def _is_overdue(span: Span) -> ColumnElement[bool]:
    # What an agency has, the town cannot be late with.
    return and_(row.due < span.end, or_(row.passed.is_(None), row.passed >= span.end))


def handed(ledger: Ledger, span: Span) -> Iterator[Handed]:
    """Yield what was handed to agencies in the period; what ended as theirs at once was not."""
    columns = {
        "agency": row.handed_to,
        "waited": hours_between(row.created, case((row.handed < row.created, row.created), else_=row.handed)),
        # Given back means: it was handed to somebody who does not have it any more.
        "returned": case((and_(row.given_back > 0, row.agency != row.handed_to), 1), else_=0),
        "confirmed": row.confirmed,
    }
    within = (*ledger.counted, row.handed >= span.start, row.handed < span.end)
    (found,) = ledger.count(within, columns, tuple(columns))
    for (agency, hours, is_returned, is_confirmed), many in found.items():
        yield Handed(ledger.word("agency", agency), hours, bool(is_returned), bool(is_confirmed), many)


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


def reopened(ledger: Ledger, span: Span) -> tuple[int, int]:
    """Return the first endings from 30 days before start to 30 days before end, and those opened again."""
    again = func.sum(case((row.first_reopened - row.first_ended <= WINDOW, 1), else_=0))
    asked = select(func.count(), func.coalesce(again, 0)).where(
        *ledger.counted, row.first_ended >= span.start - WINDOW, row.first_ended < span.end - WINDOW
    )
    first, back = ledger.session.execute(asked).one()
    return int(first), int(back)


def square() -> ColumnElement[Any]:
    """Return the square of a place, see ``Grid.square``; NULL where no place is known."""
    up = cast((row.lat + ORIGIN) // SQUARE, BigInteger)
    number: ColumnElement[Any] = up * WIDE + (row.lon + ORIGIN) // SQUARE
    return number


def cells(ledger: Ledger, span: Span, grid: Grid) -> tuple[Cell, ...]:
    """Return the reports of a period by hexagon and service."""
    where = (*ledger.within(span), row.lat.is_not(None))
    columns = {"square": square(), "service": row.service}
    return as_cells(ledger, ledger.count(where, columns, tuple(columns))[0], grid)


def as_cells(ledger: Ledger, squares: Groups, grid: Grid) -> tuple[Cell, ...]:
    """Return the hexagons of (square, service) -> how many."""
    places: dict[int, tuple[int, int]] = {}
    found: dict[tuple[int, int, int], int] = {}
    for (number, service), many in squares.items():
        place = places.get(number)
        if place is None:
            place = places[number] = grid.cell_of(*divmod(number, WIDE))
        key = (*place, service)
        found[key] = found.get(key, 0) + many
    return tuple(Cell(at, up, ledger.word("service", code), many) for (at, up, code), many in found.items())


def finished_with_time(ledger: Ledger, span: Span) -> dict[str, int]:
    """Return service -> how many of those finished in the period have a time entry."""
    has_time = select(TimeEntry.request_id).distinct()
    asked = (
        select(row.service, func.count())
        .where(*ledger.ended(span), row.ending.in_(WORKED_CODES), row.request_id.in_(has_time))
        .group_by(row.service)
    )
    return {ledger.word("service", service): count for service, count in ledger.session.execute(asked)}


def noted(ledger: Ledger, span: Span, rate_edges: Sequence[int] = ()) -> Iterator[Noted]:
    """Yield the time noted on those finished in the period, by service, person and rate card."""
    card = since(rate_edges)
    asked = (
        select(
            row.service,
            TimeEntry.person,
            func.sum(TimeEntry.minutes),
            func.sum(TimeEntry.vehicle_minutes),
            func.sum(TimeEntry.materials),
            card,
        )
        .join(TimeEntry, TimeEntry.request_id == row.request_id)
        .where(*ledger.ended(span), row.ending.in_(WORKED_CODES))
        .group_by(row.service, TimeEntry.person, card)
    )
    for service, person, *sums in ledger.session.execute(asked):
        minutes, vehicle, materials, held = (int(one) for one in sums)
        yield Noted(ledger.word("service", service), person, minutes, vehicle, materials, held)


def since(edges: Sequence[int]) -> ColumnElement[int]:
    """Return how many of the instants lie before a time entry, or at it."""
    # From the newest on: most entries lie there.
    told = [(datetime.fromtimestamp(edge, UTC), place) for place, edge in enumerate(edges, 1)]
    return (
        case(*((TimeEntry.at >= edge, place) for edge, place in reversed(told)), else_=0)
        if told
        else literal(0)
    )


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

"""What else do the facts count for the town as a whole? Backlog, agencies, ratings, cells, time, letters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime

from sqlalchemy import ColumnElement, and_, case, func, literal, or_, select
from sqlalchemy.orm import Session

from figures.counted import ENDINGS, WORKED, Cell, Handed, Noted
from figures.hexagons import WIDE, Grid
from figures.span import Span
from lifecycle.status import Ending
from storage.ledger import IN_INDEXES, NOT_COUNTED, Ledger, facts, row
from storage.tables import FactHandOff, IncomingMail, OutgoingLetter, Tally, TimeEntry

WORKED_CODES = tuple(sorted(ENDINGS.index(ending) for ending in WORKED))


def overdue(ledger: Ledger, span: Span) -> dict[str, int]:
    """Return assignee -> how many of theirs are overdue at the period's end."""
    is_open = or_(row.ended_day.is_(None), row.ended_day >= span.next_day)
    where = (*ledger.counted, is_open, row.created < span.end, _is_overdue(span))
    return ledger.named("person", ledger.count_by(where, ledger.column("person")))


def _is_overdue(span: Span) -> ColumnElement[bool]:
    # What an agency has, the town cannot be late with.
    return and_(row.due < span.end, or_(row.passed.is_(None), row.passed >= span.end))


def tallies(session: Session, span: Span) -> dict[tuple[str, str], int]:
    """Return (outcome, target) -> how often residents were shown it instead of sending a request."""
    first, after = date.fromordinal(span.first_day), date.fromordinal(span.next_day)
    asked = (
        select(Tally.outcome, Tally.target, func.sum(Tally.count))
        .where(Tally.day >= first, Tally.day < after)
        .group_by(Tally.outcome, Tally.target)
    )
    return {(outcome, target): int(count) for outcome, target, count in session.execute(asked)}


def since_when(session: Session) -> int | None:
    """Return the day on which the town's records begin: that of its oldest request that is counted."""
    return session.scalar(select(func.min(row.created_day)).where(IN_INDEXES))


def handed(ledger: Ledger, span: Span) -> Iterator[Handed]:
    """Yield the hand-offs of the period, each of them: to whom, after how long, and what came of it.

    Nobody knows when another system handed on what was imported: it counts with its receipt.
    """
    one = FactHandOff
    told = (one.agency, one.hours, one.returned, one.confirmed)
    asked = (
        select(*told, func.count())
        .where(one.at >= span.start, one.at < span.end, one.counted == 1)
        .group_by(*told)
    )
    if ledger.narrowed:
        asked = asked.join(facts, row.request_id == one.request_id).where(*ledger.narrowed)
    for agency, hours, is_returned, is_confirmed, many in ledger.session.execute(asked):
        yield Handed(ledger.word("agency", agency), hours, bool(is_returned), bool(is_confirmed), many)


def as_cells(
    ledger: Ledger, squares: Iterable[tuple[int, int, int]], grid: Grid
) -> tuple[tuple[Cell, ...], tuple[Cell, ...]]:
    """Return the hexagons of the period by service, and those of the period before.

    Of (square, number of the service plus one, or 0 for the period before, how many).
    """
    places: dict[int, dict[int, int]] = {}
    found: dict[tuple[int, int], dict[int, int]] = {}
    for number, service, many in squares:
        services = places.get(number)
        if services is None:
            cell = grid.cell_of(*divmod(number, WIDE))
            services = places[number] = found.setdefault(cell, {})
        services[service] = services.get(service, 0) + many
    cells = tuple(
        Cell(*cell, ledger.word("service", service - 1), many)
        for cell, services in found.items()
        for service, many in services.items()
        if service
    )
    return cells, tuple(Cell(*cell, "", many[0]) for cell, many in found.items() if 0 in many)


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


def left_out(ledger: Ledger, span: Span) -> dict[str, int]:
    """Return how many of those received in the period are left out, by reason."""
    spam = case((row.ending == ENDINGS.index(Ending.SPAM), 1), else_=0)
    asked = (
        select(func.coalesce(func.sum(spam), 0), func.coalesce(func.sum(row.held), 0))
        .where(NOT_COUNTED, *ledger.narrowed)
        .where(row.created_day >= span.first_day, row.created_day < span.next_day)
    )
    found = ledger.session.execute(asked).one()
    return dict(zip(("spam", "held"), (int(one) for one in found), strict=True))

"""What did noted work cost, month by month? Sums of time entries for the outlook, by service."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from figures.cost_outlook import YEAR, cost_outlooks
from figures.counted import Noted
from figures.rates import Rates
from figures.shapes import TOWN, CostOutlook, Scope
from figures.span import Frame, Span, month
from storage.counting_town import WORKED_CODES, finished_with_time, since
from storage.ledger import Ledger, row
from storage.tables import TimeEntry

MOST_MONTHS = 72
"""Six years: older months tell nothing of the next."""


def cost_outlook(
    session: Session, rates: Rates, frame: Frame, zone: ZoneInfo, scope: Scope = TOWN
) -> tuple[CostOutlook, ...]:
    """Return what the work is expected to cost in the next four years, with two years of entries at least.

    Its months begin after the first entry, and end with the period.
    """
    if not rates.cards:
        return ()
    ledger = Ledger.opened(session, scope)
    months = _months(session, frame, zone)
    if not months:
        return ()
    costs = monthly(ledger, rates, months)
    return cost_outlooks(costs, _covered(ledger, months[-YEAR:]))


def monthly(ledger: Ledger, rates: Rates, months: Sequence[Span]) -> dict[str, list[int]]:
    """Return service -> what the entries of each month cost, in hundredths."""
    starts = [one.start for one in months[1:]]
    edges = sorted({*starts, *rates.edges})
    place = since(edges)
    asked = (
        select(
            row.service,
            TimeEntry.person,
            place,
            func.sum(TimeEntry.minutes),
            func.sum(TimeEntry.vehicle_minutes),
            func.sum(TimeEntry.materials),
        )
        .join(TimeEntry, TimeEntry.request_id == row.request_id)
        .where(*ledger.counted, *_within(months))
        .group_by(row.service, TimeEntry.person, place)
    )
    found: dict[tuple[int, int], list[Noted]] = defaultdict(list)
    for service, person, at, minutes, vehicle, materials in ledger.session.execute(asked):
        # Whatever lies between two edges lies in one month, and under one card.
        instant = edges[at - 1] if at else months[0].start
        card = rates.at(instant)
        found[service, bisect_right(starts, instant)].append(
            Noted("", person, int(minutes), int(vehicle), int(materials), card)
        )
    costs: dict[str, list[int]] = {}
    for (service, at), noted in found.items():
        rows = costs.setdefault(ledger.word("service", service), [0] * len(months))
        rows[at] = rates.cost(noted).together
    return costs


def _within(months: Sequence[Span]) -> tuple[ColumnElement[bool], ...]:
    start, end = (datetime.fromtimestamp(edge, UTC) for edge in (months[0].start, months[-1].end))
    return TimeEntry.at >= start, TimeEntry.at < end


def _months(session: Session, frame: Frame, zone: ZoneInfo) -> list[Span]:
    """Return the whole months since the first entry that end with the period or before."""
    first = session.scalar(select(func.min(TimeEntry.at)))
    if first is None:
        return []
    last = frame.this.last
    here = last.year * 12 + last.month - 1
    whole = [month(here - step, zone) for step in range(MOST_MONTHS + 1)]
    told = [one for one in whole if one.end <= frame.this.end and one.start >= first.timestamp()]
    return list(reversed(told[:MOST_MONTHS]))


def _covered(ledger: Ledger, year: Sequence[Span]) -> dict[str, tuple[int, int]]:
    """Return service -> (finished in the last twelve months, of these with time)."""
    span = Span(year[0].first_day, year[-1].next_day, year[0].start, year[-1].end)
    with_time = finished_with_time(ledger, span)
    asked = (
        select(row.service, func.count())
        .where(*ledger.ended(span), row.ending.in_(WORKED_CODES))
        .group_by(row.service)
    )
    finished = {ledger.word("service", code): count for code, count in ledger.session.execute(asked)}
    return {service: (count, with_time.get(service, 0)) for service, count in finished.items()}

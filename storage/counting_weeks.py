"""What is counted for the manager alone? Weeks of services and wards, places that come back, wrong turns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from figures import changing, leading
from figures.counted import Way
from figures.repeating import DAYS, Seen, repeats
from figures.shapes import OUTSIDE, TOWN, UNKNOWN, Insight, Lead, Scope
from figures.span import Span
from routing.turns import WrongTurn
from storage.ledger import Ledger, row
from storage.tables import ServiceRequest

KINDS = ("service", "ward")
WEEK = 7


def insight(
    session: Session,
    this: Span,
    *,
    turns: tuple[WrongTurn, ...] = (),
    scope: Scope = TOWN,
    is_lead_lag_wanted: bool = False,
) -> Insight:
    """Return what only the manager is told of a period; ``turns`` are those that were put right in it."""
    ledger = Ledger.opened(session, scope)
    return Insight(
        shifts=changing.shifts(weeks(ledger, this), this.next_day),
        leads=_leads(ledger, this) if is_lead_lag_wanted else None,
        repeats=repeats(_seen(ledger, this)),
        turns=_ranked(Counter(turn.kind for turn in turns)),
        turned=_ranked(Counter(turn.service for turn in turns)),
    )


def _leads(ledger: Ledger, this: Span) -> tuple[Lead, ...] | None:
    found = weeks(ledger, this, most=leading.LONGEST)
    return leading.leads({name: counts for (kind, name), counts in found.items() if kind == "service"})


def weeks(ledger: Ledger, this: Span, *, most: int = changing.LONGEST) -> dict[tuple[str, str], list[int]]:
    """Return (``service`` or ``ward``, name) -> received by week, the oldest first.

    The last one ends with the period; the first week of records is left out, for it may be a part of one.
    """
    count = min(most, (this.next_day - ledger.first) // WEEK)
    if count < 1:
        return {}
    first_day = this.next_day - count * WEEK
    columns = {"week": (row.created_day - first_day) // WEEK, **{kind: ledger.column(kind) for kind in KINDS}}
    within = ledger.between(row.created_day, first_day, this.next_day)
    found = ledger.count(within, columns, *((kind, "week") for kind in KINDS))
    told: dict[tuple[str, str], list[int]] = {}
    for kind, groups in zip(KINDS, found, strict=True):
        for (number, week), many in groups.items():
            name = ledger.word(kind, number)
            if kind == "ward" and name in (UNKNOWN, OUTSIDE):
                continue
            told.setdefault((kind, name), [0] * count)[week] += many
    return told


def _seen(ledger: Ledger, this: Span) -> Iterator[Seen]:
    """Yield the requests with a place of the ninety days before the period's end, without duplicates."""
    asked = (
        select(
            row.lat, row.lon, row.service, ServiceRequest.number, row.created_day,
            case((row.ended.is_(None), 1), else_=0),
        )
        .join(ServiceRequest, ServiceRequest.id == row.request_id)
        .where(*ledger.between(row.created_day, this.next_day - DAYS, this.next_day))
        .where(row.lat.is_not(None), row.lon.is_not(None), row.way != Way.DUPLICATE)
    )  # fmt: skip
    for lat, lon, service, number, day, is_open in ledger.session.execute(asked):
        yield Seen(lat, lon, ledger.word("service", service), number, day, bool(is_open))


def _ranked(counted: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counted.items(), key=lambda item: (-item[1], item[0])))

"""What do the figures of a report need to know of each request? Read once, as plain values.

Nothing here names a resident or a place. The requests table holds how things are now; how they were
at an earlier instant follows from the endings and reopenings in the journal, which are read for the
few requests that were ever reopened.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from lifecycle.journal import Kind
from lifecycle.status import Ending
from storage.tables import Entry, ServiceRequest, Tally
from storage.undone import undone_entries

ENDING_KINDS = (Kind.FINISHED, Kind.REDIRECTED, Kind.WITHDRAWN, Kind.AGENCY_FINISHED)


@dataclass(frozen=True, slots=True)
class Turn:
    """The request ended (with its ending) or was reopened (``ending`` is None) at this instant."""

    at: datetime
    ending: Ending | None


class RequestFacts(NamedTuple):
    """What figures are made of; instants are aware UTC, ``ending`` is the one that stands now.

    A tuple, because a frozen dataclass takes four times as long to make and a year has many.
    """

    number: str
    service: str
    created_at: datetime
    finish_due_at: datetime
    ended_at: datetime | None = None
    ending: Ending | None = None
    answered_at: datetime | None = None
    handed_off_at: datetime | None = None
    agency: str | None = None
    """The agency that has it now, or that it was redirected to."""
    handed_to: str = ""
    """The agency of the last hand-over, also after it gave the request back; empty when never."""
    rating: int | None = None
    was_fixed: bool | None = None
    channel: str = "web"
    language: str = "en"
    has_place: bool = True
    turns: tuple[Turn, ...] = ()
    """Every ending and reopening in order, for a request that was ever reopened; else empty."""

    def final(self, as_of: datetime) -> Turn | None:
        """Return the ending that stands as of the instant; None while it is open."""
        if self.turns:
            past = [turn for turn in self.turns if turn.at <= as_of]
            return past[-1] if past and past[-1].ending is not None else None
        if self.ending is None or self.ended_at is None or self.ended_at > as_of:
            return None
        return Turn(self.ended_at, self.ending)


@dataclass(frozen=True, slots=True)
class TallyFacts:
    """How often residents were shown something on a town day instead of sending a request."""

    day: date
    service: str
    outcome: str
    target: str
    count: int


def request_facts(session: Session, *, since: datetime, until: datetime) -> tuple[RequestFacts, ...]:
    """Return the requests that figures from ``since`` to ``until`` are made of, in the order received.

    That is every request received before ``until`` that was received, promised, open or ended at or
    after ``since``.
    """
    row = ServiceRequest
    found = session.execute(
        select(
            row.id,
            row.number,
            row.service,
            row.created_at,
            row.finish_due_at,
            row.ended_at,
            row.ending,
            row.answered_at,
            row.handed_off_at,
            row.agency,
            row.rating,
            row.was_fixed,
            row.channel,
            row.language,
            row.lat.is_not(None).label("has_place"),
        )
        .where(row.created_at < until, row.held_at.is_(None))
        .where(
            or_(
                row.created_at >= since,
                row.ended_at.is_(None),
                row.ended_at >= since,
                row.finish_due_at >= since,
            )
        )
        .order_by(row.id)
    )
    turns, handed, endings = (
        _turns(session),
        _given_back(session),
        {ending.value: ending for ending in Ending},
    )
    return tuple(
        RequestFacts(
            number,
            service,
            created_at,
            finish_due_at,
            ended_at,
            endings[ending] if ending else None,
            answered_at,
            handed_off_at,
            agency,
            handed.get(request_id) or (agency or "" if handed_off_at else ""),
            rating,
            was_fixed,
            channel,
            language,
            has_place,
            turns.get(request_id, ()),
        )
        for (
            request_id,
            number,
            service,
            created_at,
            finish_due_at,
            ended_at,
            ending,
            answered_at,
            handed_off_at,
            agency,
            rating,
            was_fixed,
            channel,
            language,
            has_place,
        ) in found
    )


def _given_back(session: Session) -> Mapping[int, str]:
    """Return to whom requests were handed that no longer carry that agency."""
    entries = session.execute(
        select(Entry.id, Entry.request_id, Entry.facts)
        .join(ServiceRequest, ServiceRequest.id == Entry.request_id)
        .where(ServiceRequest.handed_off_at.is_not(None), Entry.kind == Kind.HANDED_OFF)
        .where(or_(ServiceRequest.agency.is_(None), ServiceRequest.reopened > 0))
        .order_by(Entry.request_id, Entry.id)
    )
    gone = undone_entries(session)
    return {
        request_id: str(facts.get("agency") or "") for id_, request_id, facts in entries if id_ not in gone
    }


def _turns(session: Session) -> Mapping[int, tuple[Turn, ...]]:
    """Return the endings and reopenings, in order, of every request that was ever reopened."""
    entries = session.execute(
        select(Entry.id, Entry.request_id, Entry.at, Entry.kind, Entry.facts)
        .join(ServiceRequest, ServiceRequest.id == Entry.request_id)
        .where(ServiceRequest.reopened > 0, Entry.kind.in_([*ENDING_KINDS, Kind.REOPENED]))
        .order_by(Entry.request_id, Entry.id)
    )
    turns: dict[int, list[Turn]] = defaultdict(list)
    gone = undone_entries(session)
    for id_, request_id, at, kind, facts in entries:
        if id_ not in gone:
            turns[request_id].append(Turn(at, _ending(Kind(kind), facts)))
    return {request_id: tuple(history) for request_id, history in turns.items()}


def _ending(kind: Kind, facts: Mapping[str, object]) -> Ending | None:
    if kind is Kind.REOPENED:
        return None
    if kind is Kind.FINISHED:
        return Ending(str(facts["ending"]))
    return Ending.WITHDRAWN if kind is Kind.WITHDRAWN else Ending.REDIRECTED


def tally_facts(session: Session, *, first: date, last: date) -> tuple[TallyFacts, ...]:
    """Return the tallies of the town days from ``first`` to ``last``, both included."""
    found = session.execute(
        select(Tally.day, Tally.service, Tally.outcome, Tally.target, func.sum(Tally.count))
        .where(Tally.day >= first, Tally.day <= last)
        .group_by(Tally.day, Tally.service, Tally.outcome, Tally.target)
        .order_by(Tally.day, Tally.service, Tally.outcome, Tally.target)
    )
    return tuple(
        TallyFacts(day, service, outcome, target, int(count))
        for day, service, outcome, target, count in found
    )

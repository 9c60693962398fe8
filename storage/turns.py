"""Which requests went elsewhere than the rules had said? Read from the journal, move by move.

A wrong turn is what a person put right by hand: an employee said "not ours", an agency refused, the
first thing somebody did was to give it to a colleague, or service or place were corrected. Who has
begun to work and passes it on later has found no mistake in the rules.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, Select, select

from lifecycle.journal import Kind
from lifecycle.status import Ending
from routing.decided import UNASKED
from routing.facts import Facts
from routing.turns import Held, TurnKind, Turns, WrongTurn
from storage.database import reading
from storage.tables import Entry, ServiceRequest
from storage.undone import undone_entries

MOVES = (Kind.REASSIGNED, Kind.HANDED_OFF, Kind.REDIRECTED, Kind.AGENCY_REFUSED, Kind.REROUTED)
TOUCHES = (Kind.ACKNOWLEDGED, Kind.STARTED, Kind.ANSWERED, Kind.ASKED_RESIDENT, Kind.FINISHED)
"""What somebody does who takes a request for theirs."""
HELD = (Ending.FIXED, Ending.NO_ACTION, Ending.NOT_FOUND, Ending.REDIRECTED)
"""Endings after which somebody has looked whose job it was."""
NOBODY = "unknown"


class Holder(NamedTuple):
    """Who has it: a person, or an agency."""

    id: str
    is_agency: bool = False


def wrong_turns(since: datetime) -> Turns:
    """Return every wrong turn since then, oldest first, and beside them the requests that stayed.

    A request that turned more than once is one wrong turn: from where the rules sent it to where it
    is. Those whose turn came back to where it began have stayed.
    """
    with reading() as session:
        requests = session.execute(_requests(since)).all()
        entries: dict[int, list[Row[Any]]] = defaultdict(list)
        gone = undone_entries(session, _of_interest(since))
        for entry in session.execute(_entries(since)):
            if entry.id not in gone:
                entries[entry.request_id].append(entry)
    wrong: list[WrongTurn] = []
    stayed: list[Held] = []
    for request in requests:
        way = _Way(request)
        for entry in entries[request.id]:
            way.follow(entry)
        wrong += (turn for turn in way.turns() if turn.when >= since)
        stayed += way.stayed(since)
    return Turns(tuple(sorted(wrong, key=lambda turn: (turn.when, turn.number))), tuple(stayed))


def _of_interest(since: datetime) -> Select[Any]:
    turned = select(Entry.request_id).where(Entry.kind.in_(MOVES), Entry.at >= since)
    ended = select(ServiceRequest.id).where(
        ServiceRequest.ended_at >= since, ServiceRequest.ending.in_([one.value for one in HELD])
    )
    return select(turned.union(ended).subquery())


def _requests(since: datetime) -> Select[Any]:
    request = ServiceRequest
    return (
        select(
            request.id, request.number, request.service, request.lat, request.lon, request.answers,
            request.description, request.place, request.language, request.widget, request.source_page,
            request.created_at, request.decided, request.agency, request.assignee, request.rule,
            request.ending, request.ended_at,
        )
        .where(request.id.in_(_of_interest(since)), request.rule != UNASKED)
        .order_by(request.id)
    )  # fmt: skip


def _entries(since: datetime) -> Select[Any]:
    kinds: Sequence[Kind] = (Kind.ROUTED, *MOVES, *TOUCHES)
    wanted: ColumnElement[bool] = Entry.request_id.in_(_of_interest(since)) & Entry.kind.in_(kinds)
    return (
        select(Entry.id, Entry.request_id, Entry.kind, Entry.by, Entry.at, Entry.facts)
        .where(wanted)
        .order_by(Entry.request_id, Entry.id)
    )


@dataclass(frozen=True)
class _Decided:
    """Where the rules sent it, and what they saw."""

    holder: Holder
    service: str
    rule: str
    record: dict[str, Any]
    carded: Holder | None = None
    """The agency whose card was shown, where the resident sent a note all the same."""


class _Way:
    """The way of one request through the hands, followed entry by entry."""

    def __init__(self, request: Row[Any]) -> None:
        self._request = request
        self._decided = _Decided(
            Holder(request.assignee), request.service, request.rule, {}
        )  # until the journal says better
        self._holder = self._decided.holder
        self._is_touched = False
        self._kind: TurnKind | None = None
        self._when: datetime | None = None
        self._earlier: list[WrongTurn] = []

    def follow(self, entry: Row[Any]) -> None:
        facts = entry.facts or {}
        is_person = entry.by.startswith("person:")
        if entry.kind == Kind.ROUTED:
            self._decide(facts)
        elif entry.kind == Kind.REROUTED:
            self._reroute(entry, facts)
        elif entry.kind in TOUCHES:
            self._is_touched = self._is_touched or is_person
        elif entry.kind == Kind.AGENCY_REFUSED:
            # Where it is now, the next to move it will say; until then nobody knows better.
            self._turn("refused", Holder(""), entry.at)
        elif facts.get("reason") == "away":
            return  # somebody stands in: that says nothing about whose job it is
        elif is_person and entry.kind == Kind.REASSIGNED and not self._is_touched:
            self._turn("reassigned", Holder(str(facts.get("to", ""))), entry.at)
        elif is_person and entry.kind in (Kind.HANDED_OFF, Kind.REDIRECTED):
            self._turn("not ours", Holder(str(facts.get("agency", "")), True), entry.at)

    def _decide(self, facts: dict[str, Any], service: str = "") -> None:
        record = facts.get("decision") or {}
        outcome = record.get("outcome") or self._request.decided
        agency = Holder(str(record.get("target") or self._request.agency or ""), True)
        person = Holder(str(facts.get("to") or self._request.assignee))
        # A card with a note all the same stays with the town's own employee, who may well say the same.
        self._begin(
            _Decided(
                agency if outcome == "handoff" else person,
                service or self._request.service,
                record.get("rule") or self._request.rule,
                record,
                agency if outcome == "card" else None,
            )
        )

    def _reroute(self, entry: Row[Any], facts: dict[str, Any]) -> None:
        before, now = facts.get("before") or {}, str(facts.get("service") or self._request.service)
        was = replace(self._decided, service=str(before.get("service") or self._decided.service))
        self._decide(facts, now)
        went = self._decided.carded or self._decided.holder
        # Another service for the same person teaches the finder; the rules had sent nobody the wrong way.
        is_changed = now != was.service and facts.get("effect") != "stays"
        if went != was.holder or is_changed:
            to_service = now if now != was.service else ""
            self._earlier.append(self._wrong(was, went, "rerouted", entry.at, to_service=to_service))

    def _begin(self, decided: _Decided) -> None:
        self._decided, self._holder = decided, decided.holder
        self._is_touched, self._kind, self._when = False, None, None

    def _turn(self, kind: TurnKind, holder: Holder, at: datetime) -> None:
        self._holder, self._is_touched = holder, False
        # The first turn says what was wrong with the decision, the last one who has it.
        self._kind, self._when = self._kind or kind, at

    @property
    def _is_back(self) -> bool:
        return self._last() in (self._decided.holder, self._decided.carded)

    def turns(self) -> Iterator[WrongTurn]:
        yield from self._earlier
        if self._kind is not None and self._when is not None and not self._is_back:
            yield self._wrong(self._decided, self._last(), self._kind, self._when)

    def _last(self) -> Holder:
        # After a refusal it is with the person who has it by now.
        return self._holder if self._holder.id else Holder(self._request.assignee)

    def stayed(self, since: datetime) -> Iterator[Held]:
        ended = self._request.ended_at
        if ended is None or ended < since or self._request.ending not in HELD or not self._is_back:
            return
        yield Held(**self._told(self._decided))

    def _wrong(
        self, decided: _Decided, went: Holder, kind: TurnKind, when: datetime, *, to_service: str = ""
    ) -> WrongTurn:
        return WrongTurn(
            **self._told(decided),
            went_to=went.id,
            to_agency=went.is_agency,
            kind=kind,
            when=when,
            to_service=to_service,
        )

    def _told(self, decided: _Decided) -> dict[str, Any]:
        record, request = decided.record, self._request
        return {
            "number": request.number,
            "service": decided.service,
            "at": _at(request),
            "road_owner": _road_owner(record),
            "areas": {layer: tuple(names) for layer, names in (record.get("areas") or {}).items()},
            "asset_owners": tuple(sorted({asset["owner"] for asset in record.get("assets") or ()})),
            "rule": decided.rule,
            "decided_to": decided.holder.id,
            "from_agency": decided.holder.is_agency,
            "known": _facts(request, decided),
        }


def _at(request: Row[Any]) -> tuple[float, float] | None:
    return None if request.lat is None or request.lon is None else (request.lat, request.lon)


def _facts(request: Row[Any], decided: _Decided) -> Facts:
    return Facts(
        service=decided.service,
        at=_at(request),
        answers={str(code): str(answer) for code, answer in request.answers.items()},
        text=request.description,
        language=request.language,
        widget=request.widget,
        road=decided.record.get("picked"),
        now=request.created_at,
        place=request.place,
        page=request.source_page,
    )


def _road_owner(record: dict[str, Any]) -> str | None:
    """Return whose road it was taken for; None where nobody could tell."""
    road = record.get("road") or {}
    owner = record.get("picked") if road.get("unsure") else road.get("owner")
    return None if owner == NOBODY else owner

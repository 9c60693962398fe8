"""How does a past that another system kept become requests? A batch in one transaction, without a letter.

What is imported is known again by its source and number there, so the same file can come twice: a row that
says the same changes nothing, one that says something else puts the request right, unless somebody has
worked on it here meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from types import SimpleNamespace
from typing import Any, cast

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from casework.office import Office
from lifecycle.deadlines import due
from lifecycle.journal import Kind, is_public
from lifecycle.status import Ending, Status
from past.places import Bounds
from past.request import PastRequest
from routing.services import Span
from storage import factbook, imported, numbers
from storage.database import reading, writing
from storage.factbook import Words
from storage.tables import ServiceRequest

BY = "townline"
"""Who it was here: no person of the town."""
NUMBER_TRIES = 5


@dataclass
class Taken:
    """What became of the rows of a batch."""

    new: int = 0
    changed: int = 0
    same: int = 0
    worked_on: list[PastRequest] = field(default_factory=list)
    """They have changed there, but somebody has worked on them here since."""
    reckoned: int = 0
    """New and changed ones whose promised date nobody says, so that it is the present target's."""
    endings: dict[str, int] = field(default_factory=dict)
    """How the new and the changed ones have ended; ``open`` for those that have not."""

    @property
    def seen(self) -> int:
        """How many rows that is."""
        return self.new + self.changed + self.same + len(self.worked_on)

    def count(self, one: PastRequest) -> None:
        word = one.ending.value if one.ending else "open"
        self.reckoned += one.due is None
        self.endings[word] = self.endings.get(word, 0) + 1


def bounds_of(office: Office) -> Bounds | None:
    """Return how far the town's maps reach; None where it has none."""
    layers = office.rulebook.layers
    found = [feature.geometry.bounds for name in layers for feature in office.layers.features(name)]
    if not found:
        return None
    return Bounds(
        south=min(box[1] for box in found),
        west=min(box[0] for box in found),
        north=max(box[3] for box in found),
        east=max(box[2] for box in found),
    )


class Importer:
    """Takes batches of one source into one town."""

    def __init__(self, office: Office, source: str, *, now: datetime) -> None:
        self.office, self.source, self.now = office, source, now
        self._due: dict[tuple[str, date], datetime] = {}

    def look(self, batch: Sequence[PastRequest]) -> Taken:
        """Return what ``take`` would do; nothing is written."""
        taken = Taken()
        for one, _nonce, there in self._known(batch):
            if there is None:
                taken.new += 1
            elif there.mark == one.mark:
                taken.same += 1
                continue
            else:
                taken.changed += 1
            taken.count(one)
        return taken

    def elsewhere(self, batch: Sequence[PastRequest]) -> dict[str, int]:
        """Return how many numbers of a batch are known from other sources: source -> how many.

        It reads all requests, so it is nothing for every batch.
        """
        with reading() as session:
            return imported.from_others(session, self.source, [one.number for one in batch if one.number])

    def start_work(self, *, is_dry: bool = False) -> int:
        """Let the ladder begin for this source's open requests that nobody is reminded of; return how many.

        The clock puts them onto it a few a working day for each assignee. What an agency has is left alone:
        it never got it from here.
        """
        with reading() if is_dry else writing() as session:
            return imported.start_ladders(session, self.source, now=self.now, is_counted_only=is_dry)

    def take(self, batch: Sequence[PastRequest]) -> Taken:
        """Take a batch in one transaction: all of it or none."""
        for attempt in range(NUMBER_TRIES):
            try:
                return self._take(batch)
            except IntegrityError:
                # Another process took a number meanwhile, or imports the same file.
                if attempt == NUMBER_TRIES - 1:
                    raise
                numbers.forget()
        raise AssertionError("unreachable")

    def _known(
        self, batch: Sequence[PastRequest]
    ) -> Iterator[tuple[PastRequest, str, imported.Known | None]]:
        """Yield each row with its mark and the request that an earlier row has made."""
        nonces = [self.nonce(one) for one in batch]
        with reading() as session:
            there = imported.known(session, nonces)
        for one, nonce in zip(batch, nonces, strict=True):
            yield one, nonce, there.get(nonce)

    def _take(self, batch: Sequence[PastRequest]) -> Taken:
        taken = Taken()
        # What is read before the lock may be out of date by then: the marks are unique, so that is noticed.
        found = list(self._known(batch))
        fresh = [(one, nonce, self._number(one)) for one, nonce, there in found if there is None]
        changed = [(one, there) for one, _nonce, there in found if there and there.mark != one.mark]
        with writing() as session:
            self._add(session, fresh)
            for one, there in changed:
                if imported.is_worked_on(session, there.id):
                    taken.worked_on.append(one)
                else:
                    self._put_right(session, there.id, one)
                    taken.changed += 1
                    taken.count(one)
        taken.new, taken.same = len(fresh), len(found) - len(fresh) - len(changed)
        for one, _nonce, _number in fresh:
            taken.count(one)
        return taken

    def nonce(self, one: PastRequest) -> str:
        """Return the one-time mark by which a row of this source is known again."""
        return (
            "import." + sha256(f"{self.source}\n{one.identity}".encode("utf-8", "replace")).hexdigest()[:48]
        )

    def _number(self, one: PastRequest) -> str:
        return numbers.reserve(one.received.astimezone(self.office.zone).year)

    # -- new ones --

    def _add(self, session: Session, fresh: Sequence[tuple[PastRequest, str, str]]) -> None:
        if not fresh:
            return
        rows = [
            {"number": number, "nonce": nonce, **NOTHING, **self._columns(one)}
            for one, nonce, number in fresh
        ]
        ids = imported.add_requests(session, rows)
        words = Words(session)
        facts, handed, entries = [], [], []
        for (one, _nonce, _number), row, request_id in zip(fresh, rows, ids, strict=True):
            request = cast(ServiceRequest, SimpleNamespace(**row, **NONE))
            told = factbook.beginning(row["handed_off_at"], row["agency"])
            numbers_ = factbook.values(request, told, self.office.sorting, words)
            facts.append({**numbers_, "request_id": request_id})
            handed += factbook.hand_offs(request, told, words, request_id=request_id)
            entries += self._entries(one, request_id)
        imported.add_facts(session, facts)
        factbook.add_hand_offs(session, handed)
        imported.add_entries(session, entries)

    def _columns(self, one: PastRequest) -> dict[str, Any]:
        """Return what a row says of the request itself: the same for a new one and for one put right."""
        lat, lon = one.at or (None, None)
        finish = one.due or self._target(one)
        is_away = one.ending is None and one.agency is not None
        open_status = Status.WAITING_AGENCY if is_away else Status.RECEIVED
        return {
            "service": one.service,
            "status": (Status.ENDED if one.ending else open_status).value,
            "ending": one.ending.value if one.ending else None,
            "ended_at": self._by_now(one.closed),
            "ending_reason": "" if one.ending else None,
            "description": one.text,
            "place": one.place,
            "lat": lat,
            "lon": lon,
            "resident_name": one.name,
            "resident_email": one.email,
            "resident_phone": one.phone,
            "language": one.language or self.office.rulebook.town.languages[0],
            "channel": one.channel,
            "assignee": self._assignee(one),
            "agency": one.agency,
            "rules_version": self.office.rulebook.version,
            "created_at": one.received,
            "acknowledge_due_at": finish,
            "finish_due_at": finish,
            "answered_at": self._by_now(one.answered),
            "handed_off_at": one.received if is_away else None,
            "waiting_since": one.received if is_away else None,
            "imported_from": self.source,
            "imported_number": one.number or None,
            "imported_mark": one.mark,
        }

    def _by_now(self, at: datetime | None) -> datetime | None:
        return None if at is None else min(at, self.now)

    def _assignee(self, one: PastRequest) -> str:
        rulebook = self.office.rulebook
        meant = one.assignee or rulebook.services[one.service].assignee or rulebook.clerk
        return rulebook.person_for(meant).id

    def _target(self, one: PastRequest) -> datetime:
        """Return the present target's date, as if the service had been promised then."""
        span: Span = self.office.rulebook.services[one.service].target.finish
        if span.unit == "office hour":
            return due(one.received, span, self.office.calendar)
        # Promises in days depend on the day alone.
        key = (one.service, one.received.astimezone(self.office.zone).date())
        found = self._due.get(key)
        if found is None:
            found = self._due[key] = due(one.received, span, self.office.calendar)
        return found

    def _entries(self, one: PastRequest, request_id: int) -> list[Mapping[str, Any]]:
        from_where = {"imported": self.source, "number": one.number, "line": one.line}
        rows = [
            self._entry(request_id, one.received, Kind.RECEIVED),
            self._entry(request_id, self.now, Kind.NOTED, self._said(one), **from_where),
        ]
        return rows + self._ending_entries(one, request_id)

    def _said(self, one: PastRequest) -> str:
        number = f", where its number was {one.number}" if one.number else ""
        return f"Imported from {self.source}{number}."

    def _ending_entries(self, one: PastRequest, request_id: int) -> list[Mapping[str, Any]]:
        """Return what the journal says of its end, or of the agency that has it."""
        ended = self._by_now(one.closed)
        if one.ending is None or ended is None:
            if one.agency is None:
                return []
            return [self._entry(request_id, one.received, Kind.HANDED_OFF, agency=one.agency)]
        if one.ending is Ending.REDIRECTED:
            return [self._entry(request_id, ended, Kind.REDIRECTED, agency=one.agency)]
        if one.ending is Ending.WITHDRAWN:
            return [self._entry(request_id, ended, Kind.WITHDRAWN)]
        return [self._entry(request_id, ended, Kind.FINISHED, ending=one.ending.value)]

    def _entry(
        self, request_id: int, at: datetime, kind: Kind, text: str = "", **facts: Any
    ) -> Mapping[str, Any]:
        return {
            "request_id": request_id,
            "at": at,
            "kind": kind.value,
            "is_public": is_public(kind),
            "by": BY,
            "text": text,
            "facts": facts,
        }

    # -- those that were there --

    def _put_right(self, session: Session, request_id: int, one: PastRequest) -> None:
        """Make a request say what its row says now; what no longer holds is undone, not erased."""
        request = session.get_one(ServiceRequest, request_id, with_for_update=True)
        before = (request.ending, request.ended_at, request.agency)
        columns = self._columns(one)
        differing = [name for name in columns if getattr(request, name) != columns[name] and name in TELLING]
        for name, value in columns.items():
            setattr(request, name, value)
        rows = [
            self._entry(
                request_id, self.now, Kind.NOTED, f"Imported anew from {self.source}.",
                imported=self.source, line=one.line, changed=differing,
            )
        ]  # fmt: skip
        if before != (request.ending, request.ended_at, request.agency):
            ends = imported.endings_of(session, request_id)
            if ends:
                rows.append(self._entry(request_id, self.now, Kind.UNDONE, entries=ends))
            rows += self._ending_entries(one, request_id)
        session.flush()
        imported.add_entries(session, rows)
        factbook.record(session, self.office.sorting, request)


TELLING = frozenset(
    {
        "service", "ending", "ended_at", "description", "place", "lat", "lon", "channel", "assignee",
        "agency", "created_at", "finish_due_at", "answered_at",
    }
)  # fmt: skip
"""What a person wants to know to have changed."""
NOTHING: dict[str, Any] = {
    "answers": {}, "may_share": False, "source_page": "", "agency_reminders": 0, "rule": "",
    "decided": "accept", "because": "", "because_staff": "", "layer_versions": {}, "paused_minutes": 0,
    "ladder_step": 0, "reopened": 0, "held_signs": [],
}  # fmt: skip
"""What no other system tells, where something has to stand. Columns that may be empty are: nobody is reminded
of it (``ladder_at``, ``agency_remind_at``)."""
NONE: dict[str, Any] = {"widget": None, "rating": None, "was_fixed": None, "held_at": None}
"""Of those, what is counted."""

"""What of each request is counted? One row of whole numbers, kept with every change of the request.

The row follows from the request and its journal alone (and from what the town says of departments and
wards, ``Sorting``), so it can be made anew at any time: a report of a year over a million requests then
groups numbers in the database instead of reading a million journals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from threading import Lock
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, Table, delete, insert, select, update
from sqlalchemy.orm import Session

from figures.counted import ENDINGS, WORKED, Promise, Way
from figures.shapes import OUTSIDE
from figures.survival import hours
from lifecycle.journal import Kind
from lifecycle.status import Ending
from storage.database import after_commit, reading, writing
from storage.fact_order import in_order
from storage.tables import Entry, Fact, FactBasis, FactHandOff, FactWord, ServiceRequest

FORM = "7"
"""Changes when a column gets another meaning: then all rows are made anew."""
BATCH = 2000
"""Requests of one transaction while all rows are made anew: others write in between."""
FINE = 10_000
"""Parts of a degree that a place is kept to: about ten metres."""
TELLING = (
    Kind.FINISHED, Kind.REDIRECTED, Kind.WITHDRAWN, Kind.AGENCY_FINISHED, Kind.REOPENED, Kind.HANDED_OFF,
    Kind.AGENCY_ACCEPTED, Kind.AGENCY_REFUSED, Kind.HANDOVER_FAILED, Kind.UNDONE,
)  # fmt: skip
"""Entries that tell what the request itself no longer shows."""


@dataclass(frozen=True)
class Sorting:
    """What only the town can say: its clock, and under which department and ward a request is counted."""

    zone: ZoneInfo
    mark: str
    """Changes with the clock, the map of wards and what else the answers depend on."""
    department: Callable[[str], str]
    """Assignee -> department id, empty for somebody who is gone."""
    ward: Callable[[float, float], str]
    """Latitude, longitude -> name of the ward, empty outside all."""

    @property
    def basis(self) -> str:
        return f"{FORM}:{self.mark}"


class HandOff(NamedTuple):
    """One hand-off, and what the agency said until the next one."""

    at: datetime
    agency: str
    is_returned: bool = False
    is_confirmed: bool = False


class Story(NamedTuple):
    """What the journal tells beyond the request: the first ending, and every hand-off."""

    first_ended: datetime | None = None
    first_reopened: datetime | None = None
    handed: tuple[HandOff, ...] = ()


def beginning(handed_off_at: datetime | None, agency: str | None) -> Story:
    """Return what is to be told of a request that has no past: perhaps it goes to an agency at once."""
    return Story(handed=(HandOff(handed_off_at, agency),)) if handed_off_at and agency else Story()


class Line(NamedTuple):
    """One entry of the journal, as far as it tells."""

    id: int
    at: datetime
    kind: str
    facts: Mapping[str, Any]


def story(lines: Sequence[Line]) -> Story:
    """Return what the entries of one request tell, in order; what was undone never happened."""
    gone = {one for line in lines if line.kind == Kind.UNDONE for one in line.facts.get("entries", ())}
    told = [line for line in lines if line.id not in gone and line.kind != Kind.UNDONE]
    ends = [line for line in told if line.kind in ENDS]
    reopened = [line for line in told if line.kind == Kind.REOPENED]
    return Story(
        first_ended=ends[0].at if ends else None,
        first_reopened=reopened[0].at if reopened else None,
        handed=_handed(told),
    )


def _handed(told: Iterable[Line]) -> tuple[HandOff, ...]:
    """Return every hand-off; what an agency says belongs to the last one before it."""
    found: list[HandOff] = []
    for line in told:
        if line.kind == Kind.HANDED_OFF:
            found.append(HandOff(line.at, str(line.facts.get("agency") or "")))
        elif found and line.kind == Kind.AGENCY_REFUSED:
            found[-1] = found[-1]._replace(is_returned=True)
        elif found and line.kind in CONFIRMATIONS:
            found[-1] = found[-1]._replace(is_confirmed=True)
        elif line.kind == Kind.HANDOVER_FAILED and line.facts.get("instead") != BY_MAIL:
            _leave_out(found, line.facts)
    return tuple(one for one in found if one.agency)


def _leave_out(found: list[HandOff], failed: Mapping[str, Any]) -> None:
    """Take away the hand-off that never arrived: the one of its instant, or the agency's only one.

    What an agency spoke of, it must have got.
    """
    same = [one for one in found if one.agency == failed.get("agency")]
    posted_at = failed.get("posted_at")
    if posted_at:
        same = [one for one in same if one.at == datetime.fromisoformat(posted_at)]
    if len(same) == 1 and not (same[0].is_returned or same[0].is_confirmed):
        found.remove(same[0])


BY_MAIL = "mail"
"""What a failed hand-over says that went to the agency by another way, and so counts."""
ENDS = frozenset({Kind.FINISHED, Kind.REDIRECTED, Kind.WITHDRAWN, Kind.AGENCY_FINISHED})
CONFIRMATIONS = frozenset({Kind.AGENCY_ACCEPTED, Kind.AGENCY_FINISHED})


# -- one request --


def record(session: Session, sorting: Sorting, request: ServiceRequest) -> None:
    """Keep the row of one request up to date; call it in the transaction that changed the request."""
    told = story(_lines_of(session, (request.id,)).get(request.id, ())) if _has_story(request) else Story()
    words = Words(session)
    numbers = values(request, told, sorting, words)
    table = Fact.__table__
    assert isinstance(table, Table)
    here = table.c.request_id == request.id
    kept = session.execute(select(table).where(here)).mappings().one_or_none()
    if kept is None:
        session.execute(insert(table).values(numbers | {"request_id": request.id}))
    # Only what differs: every column that is named is written into each of its indexes anew.
    elif differs := {name: number for name, number in numbers.items() if kept[name] != number}:
        session.execute(update(table).where(here).values(differs))
    session.execute(delete(FactHandOff).where(FactHandOff.request_id == request.id))
    add_hand_offs(session, hand_offs(request, told, words, request_id=request.id))


def record_new(session: Session, sorting: Sorting, request: ServiceRequest, request_id: int) -> None:
    """Add the row of a request that was just opened: it has no past to ask for."""
    told, words = beginning(request.handed_off_at, request.agency), Words(session)
    numbers = values(request, told, sorting, words) | {"request_id": request_id}
    table = Fact.__table__
    assert isinstance(table, Table)
    session.execute(insert(table), numbers)
    add_hand_offs(session, hand_offs(request, told, words, request_id=request_id))


def _has_story(request: ServiceRequest) -> bool:
    # The journal is asked only where something has happened that the request alone does not show.
    return bool(request.reopened or request.handed_off_at or request.ended_at)


def _lines_of(session: Session, ids: Sequence[int]) -> dict[int, list[Line]]:
    found = session.execute(
        select(Entry.request_id, Entry.id, Entry.at, Entry.kind, Entry.facts)
        .where(Entry.request_id.in_(ids), Entry.kind.in_(TELLING))
        .order_by(Entry.request_id, Entry.id)
    )
    lines: dict[int, list[Line]] = {}
    for request_id, *line in found:
        lines.setdefault(request_id, []).append(Line(*line))
    return lines


def values(request: ServiceRequest, told: Story, sorting: Sorting, words: Words) -> dict[str, Any]:
    """Return the row of one request as column -> number, without its id."""
    created, due = _seconds(request.created_at), _seconds(request.finish_due_at)
    ended = _seconds(request.ended_at)
    assert created is not None
    assert due is not None
    local = request.created_at.astimezone(sorting.zone)
    ending = Ending(request.ending) if request.ending else None
    is_backwards = ended is not None and ended < created
    ended = created if is_backwards else ended
    first_ended = _seconds(told.first_ended)
    passed = _passed(request, ending, created, ended)
    place = None if request.lat is None or request.lon is None else (request.lat, request.lon)
    numbers = {
        "created": created,
        "created_day": local.toordinal(),
        "created_hour": local.hour,
        "due": due,
        "due_day": request.finish_due_at.astimezone(sorting.zone).toordinal(),
        "answered": _seconds(request.answered_at),
        "passed": passed,
        "ended": ended,
        "ended_day": None
        if ended is None
        else datetime.fromtimestamp(ended, UTC).astimezone(sorting.zone).toordinal(),
        "first_ended": ended if first_ended is None else max(first_ended, created),
        "first_reopened": _seconds(told.first_reopened),
        "ending": ENDINGS.index(ending),
        "service": words.code("service", request.service),
        "department": words.code("department", sorting.department(request.assignee)),
        "ward": words.code("ward", (sorting.ward(*place) or OUTSIDE) if place else ""),
        "agency": words.code("agency", request.agency or ""),
        "channel": words.code("channel", request.channel),
        "language": words.code("language", request.language),
        "widget": words.code("widget", request.widget or ""),
        "page": words.code("page", request.source_page),
        "assignee": words.code("person", request.assignee),
        "reopened": request.reopened or 0,
        "rating": request.rating or 0,
        "fixed": {True: 2, False: 1}.get(request.was_fixed, 0) if request.was_fixed is not None else 0,
        "lat": round(place[0] * FINE) if place else None,
        "lon": round(place[1] * FINE) if place else None,
        "held": int(request.held_at is not None),
        "clock_error": int(is_backwards),
        "counted": _counted(request),
        "gone": ended if passed is None else passed,
        "way": _way(ending, passed),
        "promise": _promise(ending, passed, due, ended),
    }
    return numbers | in_order(numbers, sorting.zone)


def hand_offs(request: ServiceRequest, told: Story, words: Words, *, request_id: int) -> list[dict[str, Any]]:
    """Return the rows of its hand-offs as column -> number."""
    return [
        {
            "request_id": request_id,
            "place": place,
            "at": _seconds(one.at),
            "hours": _hours_until(request, one),
            "agency": words.code("agency", one.agency),
            "returned": int(one.is_returned),
            "confirmed": int(one.is_confirmed),
            "counted": _counted(request),
        }
        for place, one in enumerate(told.handed, 1)
    ]


def add_hand_offs(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows of hand-offs, one statement for all."""
    if rows:
        session.execute(insert(FactHandOff.__table__), list(rows))  # type: ignore[arg-type]


def _hours_until(request: ServiceRequest, one: HandOff) -> int | None:
    created, at = int(request.created_at.timestamp()), int(one.at.timestamp())
    # Another system had handed it over: its file tells no date, so it has the receipt's.
    is_sometime = request.imported_from is not None and at == created
    return None if is_sometime else hours(max(0, at - created))


def _counted(request: ServiceRequest) -> int:
    return int(request.ending != Ending.SPAM and request.held_at is None)


def _passed(request: ServiceRequest, ending: Ending | None, created: int, ended: int | None) -> int | None:
    """Return when it left the town's hands: handed over and not given back, or ended as another's job."""
    is_theirs = request.agency is not None and ending in (None, Ending.REDIRECTED)
    handed = _seconds(request.handed_off_at) if is_theirs else None
    if handed is not None:
        return max(created, handed if ended is None else min(handed, ended))
    return ended if ending is Ending.REDIRECTED else None


def _way(ending: Ending | None, passed: int | None) -> Way:
    if passed is not None:
        return Way.PASSED
    if ending is None:
        return Way.NONE
    if ending is Ending.DUPLICATE:
        return Way.DUPLICATE
    return Way.WORKED if ending in WORKED else Way.OTHER


def _promise(ending: Ending | None, passed: int | None, due: int, ended: int | None) -> Promise:
    if ending is Ending.SPAM:
        return Promise.NONE
    # What others have to do was never the town's to promise; nor was the same thing reported once more. But
    # the town has to say so in time: passing late ones on must not make the share look better.
    left = ended if ending in (Ending.DUPLICATE, Ending.WITHDRAWN) else passed
    if left is not None:
        return Promise.NONE if left <= due else Promise.NOT_KEPT
    return Promise.KEPT if ended is not None and ended <= due else Promise.NOT_KEPT


def _seconds(at: datetime | None) -> int | None:
    return None if at is None else int(at.timestamp())


# -- words --

# A number never changes its word, so what one transaction has learned is good for all.
_known: WeakKeyDictionary[Engine, dict[tuple[str, str], int]] = WeakKeyDictionary()
_known_guard = Lock()


class Words:
    """The numbers of words, inside one transaction. New ones are remembered once they are committed."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._here: dict[tuple[str, str], int] = {}
        with _known_guard:
            engine = session.get_bind()
            assert isinstance(engine, Engine)
            self._known = _known.setdefault(engine, {})

    def code(self, kind: str, word: str) -> int:
        """Return the number of a word, 0 for none; makes one where there is none yet."""
        if not word:
            return 0
        key = (kind, word)
        number = self._known.get(key) or self._here.get(key)
        if number is None:
            number = self._here[key] = self._looked_up(kind, word)
            # Not before: a transaction that is undone takes its words with it.
            after_commit(self._session, partial(self._known.__setitem__, key, number))
        return number

    def _looked_up(self, kind: str, word: str) -> int:
        same = select(FactWord.id).where(FactWord.kind == kind, FactWord.word == word)
        found = self._session.scalar(same)
        if found is None:
            row = insert(FactWord).values(kind=kind, word=word).returning(FactWord.id)
            found = self._session.execute(row).scalar_one()
        return int(found)


def words(session: Session) -> dict[str, dict[int, str]]:
    """Return what the numbers mean: kind -> number -> word."""
    meanings: dict[str, dict[int, str]] = {}
    for number, kind, word in session.execute(select(FactWord.id, FactWord.kind, FactWord.word)):
        meanings.setdefault(kind, {})[number] = word
    return meanings


# -- all of them --


def is_current(sorting: Sorting) -> bool:
    """Return whether the rows were made by the present clock, wards and form."""
    with reading() as session:
        return session.scalar(select(FactBasis.mark)) == sorting.basis


def make_current(sorting: Sorting) -> int | None:
    """Make all rows anew where the clock, the wards or the departments changed; return how many.

    None where nothing had changed. A million requests take minutes, so never while somebody waits.
    """
    return None if is_current(sorting) else rebuild(sorting)


def rebuild(sorting: Sorting) -> int:
    """Make every row anew from requests and journals, a batch at a time; return how many there are.

    What changes meanwhile keeps its own row up to date, so nothing has to stop. A process that dies in
    the middle leaves the old mark, and the next one starts over.
    """
    count = 0
    with writing() as session:
        session.execute(delete(FactBasis))
    for first, last in _batches():
        with writing() as session:
            count += make_rows(session, sorting, first, last)
    with writing() as session:
        # Another process may have ended the same work meanwhile.
        session.execute(delete(FactBasis))
        session.execute(insert(FactBasis).values(id=1, mark=sorting.basis))
    return count


def _batches() -> Iterator[tuple[int, int]]:
    last = 0
    while True:
        with reading() as session:
            ids = session.scalars(
                select(ServiceRequest.id)
                .where(ServiceRequest.id > last)
                .order_by(ServiceRequest.id)
                .limit(BATCH)
            ).all()
        if not ids:
            return
        yield ids[0], ids[-1]
        last = ids[-1]


def make_rows(session: Session, sorting: Sorting, first: int, last: int) -> int:
    """Make the rows of the requests with ids from ``first`` to ``last`` anew; return how many there are."""
    requests = session.scalars(
        select(ServiceRequest).where(ServiceRequest.id.between(first, last)).order_by(ServiceRequest.id)
    ).all()
    lines = _lines_of(session, [request.id for request in requests if _has_story(request)])
    numbers = Words(session)
    told = {request.id: story(lines.get(request.id, ())) for request in requests}
    rows = [
        values(request, told[request.id], sorting, numbers) | {"request_id": request.id}
        for request in requests
    ]
    handed = [
        row
        for request in requests
        for row in hand_offs(request, told[request.id], numbers, request_id=request.id)
    ]
    for table in (Fact, FactHandOff):
        session.execute(delete(table).where(table.request_id.between(first, last)))
    if rows:
        session.execute(insert(Fact), rows)
    add_hand_offs(session, handed)
    session.expunge_all()
    return len(rows)


def rows(session: Session) -> Iterable[Mapping[str, Any]]:
    """Return all rows as they are kept, those of hand-offs last; for comparing with rows made anew."""
    return [
        dict(row)
        for table in (Fact.__table__, FactHandOff.__table__)
        for row in session.execute(select(table).order_by(*table.primary_key)).mappings()
    ]

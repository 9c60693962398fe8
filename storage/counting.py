"""What do the figures of a period need from the facts? Groups and how many are in each, by the database.

No request leaves the database: every statement groups whole numbers, the same way on SQLite and on
PostgreSQL. The order of the conditions follows the indexes of ``facts``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, and_, case, func, literal, or_, select
from sqlalchemy.orm import Session

from figures.counted import ENDINGS, Calendar, Counted, Promise, Spell, Stay, Way
from figures.hexagons import Grid
from figures.shapes import OUTSIDE, TOWN, Scope
from figures.span import Frame, Span
from lifecycle.status import Ending
from storage import counting_town
from storage.factbook import words
from storage.tables import Fact

HOUR = 3600
CHUNK = 5000
NOWHERE = -1
"""The number that stands for "outside all wards"."""

facts = Fact.__table__
assert isinstance(facts, Table)
row = facts.c


@dataclass(frozen=True)
class Ledger:
    """The facts of one scope, ready to be asked about."""

    session: Session
    scope: Scope = TOWN
    meanings: Mapping[str, Mapping[int, str]] = field(default_factory=dict)

    @classmethod
    def opened(cls, session: Session, scope: Scope = TOWN) -> Ledger:
        return cls(session, scope, words(session))

    @cached_property
    def narrowed(self) -> tuple[ColumnElement[bool], ...]:
        """Return the condition of the scope; none for the whole town."""
        if not self.scope.kind:
            return ()
        numbers = {word: number for number, word in self.meanings.get(self.scope.kind, {}).items()} | {"": 0}
        return (row[self.scope.kind] == numbers.get(self.scope.name, NOWHERE),)

    @property
    def counted(self) -> tuple[ColumnElement[bool], ...]:
        """What is neither spam nor held, within the scope."""
        return (row.counted == 1, *self.narrowed)

    def word(self, kind: str, number: int) -> str:
        """Return what a number means; 0 is nobody, nowhere, nothing."""
        if number == NOWHERE:
            return OUTSIDE
        return self.meanings.get(kind, {}).get(number, "")

    def rows(self, asked: Select[Any]) -> Iterator[tuple[Any, ...]]:
        """Return the groups one by one; they never stand in memory all at once."""
        found = self.session.execute(asked.execution_options(yield_per=CHUNK))
        for part in found.partitions():
            yield from part


def counted(
    session: Session,
    frame: Frame,
    *,
    as_of: int,
    scope: Scope = TOWN,
    grid: Grid | None = None,
    is_workload_wanted: bool = False,
) -> Counted:
    """Return all groups of one period; ``as_of`` in seconds. ``stays`` is read once, while it is walked."""
    ledger = Ledger.opened(session, scope)
    town, this, grid = counting_town, frame.this, grid or Grid()
    spells, stock, duplicates = _spells(ledger, frame.edges, as_of), {}, {}
    for edge in frame.edges:
        stock[edge], duplicates[edge] = _stock(ledger, edge)
    came = _came(ledger, this)
    return Counted(
        calendar=_calendar(ledger),
        stock=stock,
        duplicates=duplicates,
        spells=spells,
        stays=stays(ledger, this),
        due=_due(ledger, this),
        received_before=_received(ledger, frame.before),
        received_year_ago=_received(ledger, frame.year_ago),
        open=tuple(town.still_open(ledger, this)),
        handed=tuple(town.handed(ledger, this)),
        redirected=town.redirected(ledger, this),
        tallies={} if scope.kind else town.tallies(session, this),
        ratings=town.ratings(ledger, this),
        reopened=town.reopened(ledger, this),
        channels=came["channel"],
        languages=came["language"],
        widgets=came["widget"],
        pages=came["page"],
        hours=town.hours(ledger, this),
        cells=tuple(town.cells(ledger, this, grid)),
        cells_before=tuple(town.cells(ledger, frame.before, grid)),
        workload=workload(ledger, this) if is_workload_wanted else (),
        finished_with_time=town.finished_with_time(ledger, this),
        noted=tuple(town.noted(ledger, this)),
        mail=(0, 0) if scope.kind else town.mail(session, this),
        quality=town.quality(ledger, this),
    )


# -- the whole of it, by day and by edge --


def _calendar(ledger: Ledger) -> Calendar:
    is_duplicate = ENDINGS.index(Ending.DUPLICATE)
    received: dict[int, int] = {}
    duplicates: dict[int, int] = {}
    came = select(row.created_day, row.ending, func.count()).where(*ledger.counted)
    for day, ending, count in ledger.rows(came.group_by(row.created_day, row.ending)):
        received[day] = received.get(day, 0) + count
        if ending == is_duplicate:
            duplicates[day] = duplicates.get(day, 0) + count
    ended = select(row.ended_day, row.ending, func.count()).where(*ledger.counted, row.ended_day.is_not(None))
    due = select(row.due_day, row.promise, func.count()).where(*ledger.counted)
    return Calendar(
        received=received,
        duplicates=duplicates,
        ended={(day, ending): n for day, ending, n in ledger.rows(ended.group_by(row.ended_day, row.ending))},
        due={(day, promise): n for day, promise, n in ledger.rows(due.group_by(row.due_day, row.promise))},
    )


def _stock(ledger: Ledger, edge: int) -> tuple[dict[int, int], int]:
    """Return age -> how many were in the town's hands at an instant, and the duplicates among them apart."""
    ages: dict[int, int] = {}
    duplicates = 0
    # Asked in two, because an index answers "later than" and "not at all" but not both together.
    for still in (row.gone >= edge, row.gone.is_(None)):
        age = hours_between(row.created, literal(edge))
        is_double = case((row.way == Way.DUPLICATE, 1), else_=0)
        asked = select(is_double, age, func.count()).where(*ledger.counted, still, row.created < edge)
        for double, hours, count in ledger.rows(asked.group_by(is_double, age)):
            if double:
                duplicates += count
            else:
                ages[hours] = ages.get(hours, 0) + count
    return ages, duplicates


def _spells(ledger: Ledger, edges: Sequence[int], as_of: int) -> dict[int, Spell]:
    spells: dict[int, Spell] = {edge: Spell({}, {}) for edge in edges[:-1]}
    age = hours_between(row.created, row.gone)
    within = _which(row.gone, edges)
    gone = select(within, row.way, age, func.count()).where(
        *ledger.counted, row.gone >= edges[0], row.gone < edges[-1]
    )
    for place, way, hours, count in ledger.rows(gone.group_by(within, row.way, age)):
        told = spells[edges[place]].gone
        assert isinstance(told, dict)
        told[(way, hours)] = count
    for place, is_answered, hours, count in ledger.rows(_answers(ledger, edges, as_of)):
        waited = spells[edges[place]].answered
        assert isinstance(waited, dict)
        waited[(bool(is_answered), hours)] = count
    return spells


def _answers(ledger: Ledger, edges: Sequence[int], as_of: int) -> Select[Any]:
    """Ask how long those received waited for a person; those passed on are left out."""
    is_answered = case((row.answered.is_(None), 0), else_=1)
    until = func.coalesce(row.answered, row.ended, as_of)
    waited = hours_between(row.created, case((until < row.created, row.created), else_=until))
    within = _which(row.created, edges)
    return (
        select(within, is_answered, waited, func.count())
        .where(*ledger.counted, row.created >= edges[0], row.created < edges[-1], row.passed.is_(None))
        .group_by(within, is_answered, waited)
    )


def _which(instant: ColumnElement[Any], edges: Sequence[int]) -> ColumnElement[int]:
    """Return the place of the last edge that is not after the instant."""
    # From the newest on: most of what is asked about lies there.
    return case(*((instant >= edge, place) for place, edge in reversed([*enumerate(edges)][1:-1])), else_=0)


def hours_between(start: ColumnElement[Any], end: ColumnElement[Any]) -> ColumnElement[int]:
    """Return the hours from one instant to a later one, a begun one counted as full."""
    return (end - start + (HOUR - 1)) // HOUR


# -- the period, by service, department and ward --


def ward() -> ColumnElement[int]:
    """Return the ward's number; a place outside all wards is not the same as no place."""
    return case((and_(row.ward == 0, row.lat.is_not(None)), NOWHERE), else_=row.ward)


def stays(ledger: Ledger, span: Span) -> Iterator[Stay]:
    """Yield what was open at any time in the period, by service, department and ward."""
    keys = (row.service, row.department, ward())
    kinds = ("service", "department", "ward")
    return _stayed(ledger, span, keys, kinds, func.sum(row.due - row.created))


def workload(ledger: Ledger, span: Span) -> Iterator[Stay]:
    """Yield the same by assignee, with how many are overdue at its end."""
    is_open = or_(row.ended.is_(None), row.ended >= span.end)
    is_towns = or_(row.passed.is_(None), row.passed >= span.end)
    overdue = case((and_(row.due < span.end, is_open, is_towns), 1), else_=0)
    return _stayed(ledger, span, (row.assignee,), ("person",), func.sum(overdue))


def _stayed(
    ledger: Ledger,
    span: Span,
    keys: Sequence[ColumnElement[Any]],
    kinds: Sequence[str],
    extra: ColumnElement[Any],
) -> Iterator[Stay]:
    start, end = span.start, span.end
    is_watched = and_(row.way != Way.DUPLICATE, or_(row.gone.is_(None), row.gone >= start))
    left = case((row.gone < end, row.gone), else_=end)
    entry = case((row.created >= start, 0), else_=hours_between(row.created, literal(start)))
    # What is not watched needs no age beyond "old" or "new": fewer groups.
    old = case((row.created >= start, 0), else_=1)
    groups = (
        *keys,
        case((is_watched, entry), else_=old),
        case((is_watched, hours_between(row.created, left)), else_=0),
        case((and_(row.gone >= start, row.gone < end), row.way), else_=0),
        case((row.ended < end, row.ending), else_=0),
        case((is_watched, 1), else_=0),
        case((row.passed < end, 1), else_=0),
        case((row.way == Way.DUPLICATE, 1), else_=0),
    )
    asked = (
        select(*groups, func.count(), func.coalesce(extra, 0))
        .where(
            *ledger.counted, row.created < end, or_(row.ended_day.is_(None), row.ended_day >= span.first_day)
        )
        .group_by(*groups)
    )
    width = len(keys)
    meanings = [{**ledger.meanings.get(kind, {}), 0: "", NOWHERE: OUTSIDE} for kind in kinds]
    ways = tuple(Way)
    for found in ledger.rows(asked):
        names = tuple(meaning[number] for meaning, number in zip(meanings, found, strict=False))
        age, leave, way, ending, watched, theirs, double, count, total = found[width:]
        yield Stay(
            names, age, leave, ways[way], ending, bool(watched), bool(theirs), bool(double), count, int(total)
        )


def _due(ledger: Ledger, span: Span) -> dict[tuple[str, str, str, int], int]:
    where = ward()
    asked = (
        select(row.service, row.department, where, row.promise, func.count())
        .where(*ledger.counted, row.due_day >= span.first_day, row.due_day < span.next_day)
        .where(row.promise != Promise.NONE)
        .group_by(row.service, row.department, where, row.promise)
    )
    return {(*_named(ledger, found[:3]), found[3]): found[4] for found in ledger.rows(asked)}


def _received(ledger: Ledger, span: Span) -> dict[tuple[str, str, str], int]:
    where = ward()
    asked = (
        select(row.service, row.department, where, func.count())
        .where(*within(ledger, span))
        .group_by(row.service, row.department, where)
    )
    return {_named(ledger, found[:3]): found[3] for found in ledger.rows(asked)}


def _named(ledger: Ledger, numbers: Sequence[int]) -> tuple[str, str, str]:
    service, department, place = numbers
    return ledger.word("service", service), ledger.word("department", department), ledger.word("ward", place)


def within(ledger: Ledger, span: Span) -> tuple[ColumnElement[bool], ...]:
    """Return the condition of having been received in the period."""
    return (*ledger.counted, row.created_day >= span.first_day, row.created_day < span.next_day)


def _came(ledger: Ledger, span: Span) -> dict[str, dict[str, int]]:
    """Return what was received by channel, language, widget and page, from one statement."""
    kinds = ("channel", "language", "widget", "page")
    columns = [row[kind] for kind in kinds]
    told: dict[str, dict[str, int]] = {kind: {} for kind in kinds}
    asked = select(*columns, func.count()).where(*within(ledger, span)).group_by(*columns)
    for *numbers, count in ledger.rows(asked):
        for kind, number in zip(kinds, numbers, strict=True):
            word = ledger.word(kind, number)
            told[kind][word] = told[kind].get(word, 0) + count
    return told


def first_day(session: Session) -> date | None:
    """Return the town day on which the first request came in; None when there is none."""
    found = session.scalar(select(func.min(row.created_day)))
    return None if found is None else date.fromordinal(found)

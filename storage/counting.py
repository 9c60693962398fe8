"""What do the figures of a period need from the facts? Groups and how many are in each.

Every question counts whole numbers, the same way on SQLite and on PostgreSQL; the order of the
conditions follows the indexes of ``facts``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal, or_, select
from sqlalchemy.orm import Session

from figures.counted import ENDINGS, Calendar, Counted, Promise, Spell, Stay, Way
from figures.hexagons import Grid
from figures.shapes import TOWN, Scope
from figures.span import Frame, Span
from lifecycle.status import Ending
from storage import counting_town
from storage.ledger import HOUR, Ledger, hours_between, row
from storage.packing import Groups, Key

DIVISIONS = ("service", "department", "ward")
PLAIN = ("channel", "language", "widget", "page")


def counted(
    session: Session,
    frame: Frame,
    *,
    as_of: int,
    scope: Scope = TOWN,
    grid: Grid | None = None,
    is_workload_wanted: bool = False,
) -> Counted:
    """Return all groups of one period; ``as_of`` in seconds.

    Its ``stays`` are unpacked while they are walked, once.
    """
    ledger = Ledger.opened(session, scope)
    town, this, grid = counting_town, frame.this, grid or Grid()
    stock, duplicates = _stocks(ledger, frame.edges)
    period = Period(ledger, this, grid, is_workload_wanted)
    return Counted(
        calendar=_calendar(ledger),
        stock=stock,
        duplicates=duplicates,
        spells=_spells(ledger, frame.edges, as_of),
        stays=period.stays,
        promised=period.promised,
        due=_due(ledger, this),
        overdue=town.overdue(ledger, this) if is_workload_wanted else {},
        received_before=_received(ledger, frame.before),
        received_year_ago=_received(ledger, frame.year_ago),
        open=tuple(town.still_open(ledger, this)),
        handed=tuple(town.handed(ledger, this)),
        redirected=town.redirected(ledger, this),
        tallies={} if scope.kind else town.tallies(session, this),
        ratings=town.ratings(ledger, this),
        reopened=town.reopened(ledger, this),
        channels=period.named("channel"),
        languages=period.named("language"),
        widgets=period.named("widget"),
        pages=period.named("page"),
        hours=period.hours,
        cells=period.cells,
        cells_before=tuple(town.cells(ledger, frame.before, grid)),
        finished_with_time=town.finished_with_time(ledger, this),
        noted=tuple(town.noted(ledger, this)),
        mail=(0, 0) if scope.kind else town.mail(session, this),
        quality=town.quality(ledger, this),
    )


def first_day(session: Session) -> date | None:
    """Return the town day on which the first request came in; None when there is none."""
    found = session.scalar(select(func.min(row.created_day)))
    return None if found is None else date.fromordinal(found)


# -- the whole of it, by day and by edge --


def _calendar(ledger: Ledger) -> Calendar:
    is_duplicate = ENDINGS.index(Ending.DUPLICATE)
    received: dict[int, int] = {}
    duplicates: dict[int, int] = {}
    # In the order of an index, which is the one case in which SQLite groups without sorting.
    came = select(row.created_day, row.ending, func.count()).where(*ledger.counted)
    for day, ending, count in ledger.session.execute(came.group_by(row.created_day, row.ending)):
        received[day] = received.get(day, 0) + count
        if ending == is_duplicate:
            duplicates[day] = duplicates.get(day, 0) + count
    ended = select(row.ended_day, row.ending, func.count()).where(*ledger.counted, row.ended_day.is_not(None))
    due = select(row.due_day, row.promise, func.count()).where(*ledger.counted)
    return Calendar(
        received=received,
        duplicates=duplicates,
        ended=_by_two(ledger, ended.group_by(row.ended_day, row.ending)),
        due=_by_two(ledger, due.group_by(row.due_day, row.promise)),
    )


def _by_two(ledger: Ledger, asked: Any) -> dict[tuple[int, int], int]:
    return {(first, second): count for first, second, count in ledger.session.execute(asked)}


def _stocks(ledger: Ledger, edges: Sequence[int]) -> tuple[dict[int, dict[int, int]], dict[int, int]]:
    """Return edge -> age -> how many were in the town's hands then, and edge -> duplicates apart."""
    stock: dict[int, dict[int, int]] = {}
    duplicates: dict[int, int] = {}
    for edge in edges:
        age = hours_between(row.created, literal(edge))
        key = Key.by((case((row.way == Way.DUPLICATE, 1), else_=0), 2), (age, ledger.ages))
        stock[edge], duplicates[edge] = {}, 0
        # Asked in two, because an index answers "later than" and "not at all" but not both together.
        for still in (row.gone >= edge, row.gone.is_(None)):
            (found,) = ledger.count((*ledger.counted, still, row.created < edge), key)
            for (is_double, hours), count in found.items():
                if is_double:
                    duplicates[edge] += count
                else:
                    stock[edge][hours] = stock[edge].get(hours, 0) + count
    return stock, duplicates


def _spells(ledger: Ledger, edges: Sequence[int], as_of: int) -> dict[int, Spell]:
    place, first, last = len(edges), edges[0], edges[-1]
    gone = Key.by(
        (_which(row.gone, edges), place),
        (row.way, len(Way)),
        (hours_between(row.created, row.gone), ledger.ages),
    )
    (left,) = ledger.count((*ledger.counted, row.gone >= first, row.gone < last), gone)
    (told,) = ledger.count(
        (*ledger.counted, row.created >= first, row.created < last, row.passed.is_(None)),
        _answer(ledger, edges, as_of),
    )
    spells: list[tuple[dict[tuple[int, int], int], dict[tuple[bool, int], int]]] = [({}, {}) for _ in edges]
    for (at, way, hours), count in left.items():
        spells[at][0][(way, hours)] = count
    for (at, is_answered, hours), count in told.items():
        spells[at][1][(bool(is_answered), hours)] = count
    return {edge: Spell(*spell) for edge, spell in zip(edges[:-1], spells, strict=False)}


def _answer(ledger: Ledger, edges: Sequence[int], as_of: int) -> Key:
    """How long those received waited for a person; those passed on are left out before."""
    until = func.coalesce(row.answered, row.ended, as_of)
    waited = hours_between(row.created, case((until < row.created, row.created), else_=until))
    longest = max(ledger.ages, hours_up(as_of - ledger.first))
    return Key.by(
        (_which(row.created, edges), len(edges)),
        (case((row.answered.is_(None), 0), else_=1), 2),
        (waited, longest),
    )


def hours_up(seconds: int) -> int:
    return seconds // HOUR + 2


def _which(instant: ColumnElement[Any], edges: Sequence[int]) -> ColumnElement[int]:
    """Return the place of the last edge that is not after the instant."""
    # From the newest on: most of what is asked about lies there.
    inner = list(reversed([*enumerate(edges)][1:-1]))
    return case(*((instant >= edge, place) for place, edge in inner), else_=0) if inner else literal(0)


# -- the period --


class Period:
    """What was open at any time in the period, drawn once and counted in every way."""

    def __init__(self, ledger: Ledger, span: Span, grid: Grid, is_workload_wanted: bool) -> None:
        self._ledger = ledger
        self._kinds = (*DIVISIONS, "person") if is_workload_wanted else DIVISIONS
        came = and_(row.created >= span.start, row.created < span.end)
        promised = hours_between(row.created, case((row.due < row.created, row.created), else_=row.due))
        keys = (
            *(_stay(ledger, span, kind) for kind in self._kinds),
            *(Key.by(ledger.part(kind), when=came) for kind in PLAIN),
            Key.by(((row.created_day + 6) % 7, 7), (row.created_hour, 24), when=came),
            Key.by(ledger.part("service"), (promised, ledger.promises), when=came),
            counting_town.cell_key(ledger, grid, when=and_(came, row.lat.is_not(None))),
        )
        is_open = or_(row.ended_day.is_(None), row.ended_day >= span.first_day)
        found = iter(ledger.count((*ledger.counted, row.created < span.end, is_open), *keys))
        self._stays = {kind: next(found) for kind in self._kinds}
        self._plain = {kind: next(found) for kind in PLAIN}
        self.hours = {(day, hour): count for (day, hour), count in next(found).items()}
        self.promised: dict[str, dict[int, int]] = {}
        for (service, hours), count in next(found).items():
            self.promised.setdefault(ledger.word("service", service), {})[hours] = count
        self.cells = tuple(counting_town.as_cells(ledger, next(found)))

    @property
    def stays(self) -> Mapping[str, Iterator[Stay]]:
        return {kind: _stays(self._ledger, kind, groups) for kind, groups in self._stays.items()}

    def named(self, kind: str) -> dict[str, int]:
        return {self._ledger.word(kind, number): count for (number,), count in self._plain[kind].items()}


def _stay(ledger: Ledger, span: Span, kind: str) -> Key:
    start, end = span.start, span.end
    is_watched = and_(row.way != Way.DUPLICATE, or_(row.gone.is_(None), row.gone >= start))
    left = case((row.gone < end, row.gone), else_=end)
    entry = case((row.created >= start, 0), else_=hours_between(row.created, literal(start)))
    # What is not watched needs no age beyond "old" or "new": fewer groups.
    old = case((row.created >= start, 0), else_=1)
    return Key.by(
        ledger.part(kind),
        (case((is_watched, entry), else_=old), ledger.ages),
        (case((is_watched, hours_between(row.created, left)), else_=0), ledger.ages),
        (case((and_(row.gone >= start, row.gone < end), row.way), else_=0), len(Way)),
        (case((row.ended < end, row.ending), else_=0), len(ENDINGS)),
        (case((is_watched, 1), else_=0), 2),
        (case((row.passed < end, 1), else_=0), 2),
        (case((row.way == Way.DUPLICATE, 1), else_=0), 2),
    )


def _stays(ledger: Ledger, kind: str, groups: Groups) -> Iterator[Stay]:
    ways = tuple(Way)
    for (number, entry, leave, way, ending, watched, theirs, double), many in groups.items():
        name = ledger.word(kind, number)
        yield Stay(name, entry, leave, ways[way], ending, bool(watched), bool(theirs), bool(double), many)


def _due(ledger: Ledger, span: Span) -> dict[str, dict[tuple[str, int], int]]:
    keys = [Key.by(ledger.part(kind), (row.promise, len(Promise))) for kind in DIVISIONS]
    within = (row.due_day >= span.first_day, row.due_day < span.next_day, row.promise != Promise.NONE)
    found = ledger.count((*ledger.counted, *within), *keys)
    return {
        kind: {(ledger.word(kind, number), promise): count for (number, promise), count in groups.items()}
        for kind, groups in zip(DIVISIONS, found, strict=True)
    }


def _received(ledger: Ledger, span: Span) -> dict[str, dict[str, int]]:
    found = ledger.count(ledger.within(span), *(Key.by(ledger.part(kind)) for kind in DIVISIONS))
    return {
        kind: {ledger.word(kind, number): count for (number,), count in groups.items()}
        for kind, groups in zip(DIVISIONS, found, strict=True)
    }

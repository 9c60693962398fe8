"""What do the figures of a period need from the facts? Groups and how many are in each.

Every question counts whole numbers, the same way on SQLite and on PostgreSQL; the order of the
conditions follows the indexes of ``facts``.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal, or_, select
from sqlalchemy.orm import Session

from figures.counted import ENDINGS, Calendar, Counted, Promise, Spell, Stay, Way
from figures.hexagons import Grid
from figures.shapes import TOWN, Scope
from figures.span import Frame, Span
from figures.span import edges as edges_of
from lifecycle.status import Ending
from storage import counting_town
from storage.ledger import Ledger, hours_between, row
from storage.packing import Groups, Packed
from storage.tables import ServiceRequest

DIVISIONS = ("service", "department", "ward")
PLAIN = ("channel", "language", "widget", "page")


def counted(
    session: Session,
    frame: Frame,
    *,
    as_of: datetime,
    scope: Scope = TOWN,
    grid: Grid | None = None,
    is_workload_wanted: bool = False,
    rate_edges: Sequence[int] = (),
) -> Counted:
    """Return all groups of one period as they are; ``as_of`` is the present instant, aware.

    ``rate_edges`` are the instants at which other rates begin to hold, in seconds since 1970.

    Its ``stays`` are unpacked while they are walked, once.
    """
    ledger = Ledger.opened(session, scope)
    town, this, grid = counting_town, frame.this, grid or Grid()
    stock, duplicates = _stocks(ledger, frame.edges)
    period = Period(ledger, this, is_workload_wanted)
    return Counted(
        calendar=_calendar(ledger),
        stock=stock,
        duplicates=duplicates,
        spells=_spells(ledger, frame.spans, as_of),
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
        ratings=period.ratings,
        reopened=town.reopened(ledger, this),
        channels=period.plain["channel"],
        languages=period.plain["language"],
        widgets=period.plain["widget"],
        pages=period.plain["page"],
        hours=period.hours,
        cells=town.as_cells(ledger, period.squares, grid),
        cells_before=town.cells(ledger, frame.before, grid),
        finished_with_time=town.finished_with_time(ledger, this),
        noted=tuple(town.noted(ledger, this, rate_edges)),
        mail=(0, 0) if scope.kind else town.mail(session, this),
        quality=town.quality(ledger, this),
    )


def first_received(session: Session) -> datetime | None:
    """Return when the first request came in here, imported ones left aside; None when there is none."""
    return session.scalar(
        select(ServiceRequest.created_at)
        .where(ServiceRequest.imported_from.is_(None))
        .order_by(ServiceRequest.created_at)
        .limit(1)
    )


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
        stock[edge], duplicates[edge] = {}, 0
        columns = {
            "double": _flag(row.way == Way.DUPLICATE),
            "age": hours_between(row.created, literal(edge)),
        }
        # Asked in two, because an index answers "later than" and "not at all" but not both together.
        for still in (row.gone >= edge, row.gone.is_(None)):
            (found,) = ledger.count((*ledger.counted, still, row.created < edge), columns, ("double", "age"))
            for (is_double, hours), count in found.items():
                if is_double:
                    duplicates[edge] += count
                else:
                    stock[edge][hours] = stock[edge].get(hours, 0) + count
    return stock, duplicates


def _spells(ledger: Ledger, spans: Sequence[Span], as_of: datetime) -> dict[int, Spell]:
    edges = edges_of(spans)
    spells: list[tuple[dict[tuple[int, int], int], dict[tuple[bool, int], int]]] = [({}, {}) for _ in edges]
    gone = {"at": _which(row.gone, edges), "way": row.way, "age": hours_between(row.created, row.gone)}
    within = (*ledger.counted, row.gone >= edges[0], row.gone < edges[-1])
    (left,) = ledger.count(within, gone, ("at", "way", "age"))
    for (at, way, hours), count in left.items():
        spells[at][0][(way, hours)] = count
    # By days, not by instants: every edge is a midnight, and a day needs no comparing.
    days = sorted({day for span in spans for day in (span.first_day, span.next_day)})
    for (day, is_answered, hours), count in _answers(ledger, days, as_of).items():
        told = spells[bisect_right(days, day) - 1][1]
        told[(bool(is_answered), hours)] = told.get((bool(is_answered), hours), 0) + count
    return {edge: Spell(*spell) for edge, spell in zip(edges[:-1], spells, strict=False)}


def _answers(ledger: Ledger, days: Sequence[int], as_of: datetime) -> Groups:
    """Return (day received, was answered, hours waited) -> how many; those passed on are left out."""
    until = func.coalesce(row.answered, row.ended, int(as_of.timestamp()))
    columns = {
        "day": row.created_day,
        "answered": _flag(row.answered.is_not(None)),
        "waited": hours_between(row.created, case((until < row.created, row.created), else_=until)),
    }
    within = (*ledger.counted, *ledger.between(row.created_day, days[0], days[-1]), row.passed.is_(None))
    return ledger.count(within, columns, ("day", "answered", "waited"))[0]


def _which(instant: ColumnElement[Any], edges: Sequence[int]) -> ColumnElement[int]:
    """Return the place of the last edge that is not after the instant."""
    # From the newest on: most of what is asked about lies there.
    inner = list(reversed([*enumerate(edges)][1:-1]))
    return case(*((instant >= edge, place) for place, edge in inner), else_=0) if inner else literal(0)


def _flag(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


# -- the period --


class Period:
    """What was open at any time in the period, drawn once and counted in every way."""

    def __init__(self, ledger: Ledger, span: Span, is_workload_wanted: bool) -> None:
        self._ledger = ledger
        kinds = (*DIVISIONS, "person") if is_workload_wanted else DIVISIONS
        self._course = _course(ledger, span)
        promised = hours_between(row.created, case((row.due < row.created, row.created), else_=row.due))
        is_worked = and_(row.ended < span.end, row.ending.in_(counting_town.WORKED_CODES))
        longest, services = ledger.ages(span.next_day), ledger.size("service")

        def new(column: ColumnElement[Any]) -> ColumnElement[Any]:
            # One number for those received in the period, none for the others.
            return case((row.created >= span.start, column))

        columns = {
            **{kind: ledger.column(kind) for kind in kinds},
            "course": self._course.column,
            **{kind: new(row[kind]) for kind in PLAIN},
            "hour": new((row.created_day + 6) % 7 * 24 + row.created_hour),
            "promised": new(row.service * longest + promised),
            "square": new(counting_town.square() * services + row.service),
            "said": case((is_worked, row.rating * 3 + row.fixed)),
        }
        wanted = (
            *((kind, "course") for kind in kinds),
            *((name,) for name in (*PLAIN, "hour", "promised", "square", "said")),
        )
        # Written so that no index fits: two searches through one, one after the other, take twice as long
        # as reading all rows once.
        is_open = func.coalesce(row.ended_day, span.next_day) >= span.first_day
        found = iter(ledger.count((*ledger.counted, row.created < span.end, is_open), columns, *wanted))
        self._stays = {kind: next(found) for kind in kinds}
        self.plain = {kind: ledger.named(kind, dict(_told(next(found)))) for kind in PLAIN}
        self.hours = {divmod(hour, 24): count for hour, count in _told(next(found))}
        self.promised: dict[str, dict[int, int]] = {}
        for number, count in _told(next(found)):
            service, hours = divmod(number, longest)
            self.promised.setdefault(ledger.word("service", service), {})[hours] = count
        self.squares = {divmod(number, services): count for number, count in _told(next(found))}
        self.ratings = {divmod(said, 3): count for said, count in _told(next(found)) if said}

    @property
    def stays(self) -> Mapping[str, Iterator[Stay]]:
        return {kind: self._walked(kind, groups) for kind, groups in self._stays.items()}

    def _walked(self, kind: str, groups: Groups) -> Iterator[Stay]:
        ways = tuple(Way)
        names = {number: self._ledger.word(kind, number) for number in {number for number, _course in groups}}
        courses: dict[int, tuple[int, ...]] = {}
        for (number, course), many in groups.items():
            told = courses.get(course)
            if told is None:
                told = courses[course] = self._course.unpacked(course)
            entry, leave, way, ending, watched, theirs, double = told
            yield Stay(
                names[number],
                entry,
                leave,
                ways[way],
                ending,
                bool(watched),
                bool(theirs),
                bool(double),
                many,
            )


def _told(groups: Groups) -> Iterator[tuple[int, int]]:
    return ((number, count) for number, count in groups.items() if number is not None)


def _course(ledger: Ledger, span: Span) -> Packed:
    """Return what became of a request within the period, as one number."""
    start, end = span.start, span.end
    is_watched = and_(row.way != Way.DUPLICATE, or_(row.gone.is_(None), row.gone >= start))
    left = case((row.gone < end, row.gone), else_=end)
    entry = case((row.created >= start, 0), else_=hours_between(row.created, literal(start)))
    # What is not watched needs no age beyond "old" or "new": fewer groups.
    old = _flag(row.created < start)
    ages = ledger.ages(span.next_day)
    return Packed.of(
        (case((is_watched, entry), else_=old), ages),
        (case((is_watched, hours_between(row.created, left)), else_=0), ages),
        (case((and_(row.gone >= start, row.gone < end), row.way), else_=0), len(Way)),
        (case((row.ended < end, row.ending), else_=0), len(ENDINGS)),
        (_flag(is_watched), 2),
        (_flag(row.passed < end), 2),
        (_flag(row.way == Way.DUPLICATE), 2),
    )


def _due(ledger: Ledger, span: Span) -> dict[str, dict[tuple[str, int], int]]:
    columns = {"promise": row.promise, **{kind: ledger.column(kind) for kind in DIVISIONS}}
    within = (*ledger.between(row.due_day, span.first_day, span.next_day), row.promise != Promise.NONE)
    found = ledger.count((*ledger.counted, *within), columns, *((kind, "promise") for kind in DIVISIONS))
    return {
        kind: {(ledger.word(kind, number), promise): count for (number, promise), count in groups.items()}
        for kind, groups in zip(DIVISIONS, found, strict=True)
    }


def _received(ledger: Ledger, span: Span) -> dict[str, dict[str, int]]:
    columns = {kind: ledger.column(kind) for kind in DIVISIONS}
    found = ledger.count(ledger.within(span), columns, *((kind,) for kind in DIVISIONS))
    return {kind: ledger.named(kind, groups) for kind, groups in zip(DIVISIONS, found, strict=True)}

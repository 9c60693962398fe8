"""What is asked of every fact in one pass? One whole number for each question, so that drawing is counting.

A row that has nothing to say to a question says NULL. Every edge of a report is a midnight, so a day needs no
comparing of instants.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import gcd
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, case, cast, func, literal, or_

from figures.counted import ENDINGS, Promise, Way
from figures.hexagons import ORIGIN, SQUARE
from figures.span import Frame, Span
from figures.span import edges as edges_of
from lifecycle.status import Ending
from storage.ledger import EPOCH, HOUR, Ledger, facts, hours_between, row
from storage.packing import Groups, Packed

DAY = 86400
WINDOW = 30 * DAY
"""Seconds within which a request that is opened again counts as reopened."""
DIVISIONS = ("service", "department", "ward")
WIDE = 2 * ORIGIN
"""More squares than there are from west to east."""
PLAIN = ("channel", "language", "widget")
ENDS = len(ENDINGS)


@dataclass(frozen=True)
class Question:
    """What a row says: several small numbers as one, or NULL where it is not among those asked."""

    packed: Packed
    among: ColumnElement[bool] | None = None

    @property
    def column(self) -> ColumnElement[Any]:
        number = self.packed.column
        return number if self.among is None else case((self.among, number))

    def told(self, groups: Groups) -> Iterator[tuple[tuple[int, ...], int]]:
        """Yield what was said, and by how many."""
        said = ((number, many) for number, many in groups.items() if number is not None)
        sizes = [size for _part, size in self.packed.parts[1:]]
        if len(sizes) == 1:
            (last,) = sizes
            return ((divmod(number, last), many) for number, many in said)
        if len(sizes) == 2:
            middle, last = sizes
            both = middle * last
            return (((number // both, number // last % middle, number % last), many) for number, many in said)
        return ((self.packed.unpacked(number), many) for number, many in said)


def ask(*parts: tuple[ColumnElement[Any], int], among: ColumnElement[bool] | None = None) -> Question:
    return Question(Packed.of(*parts), among)


class Marks:
    """The edges of a frame, and how a place among them is told: by how many edges are not after it."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.instants = edges_of(frame.spans)
        self.days = tuple(sorted({day for span in frame.spans for day in (span.first_day, span.next_day)}))
        self.size = len(self.instants) + 1
        """One more than the largest place."""
        periods = (frame.this, frame.before, frame.year_ago)
        self.seen = sorted({day for span in periods for day in (span.first_day, span.next_day)})
        """The edges of the three periods, as days; see ``seen_in``."""

    def seen_in(self, span: Span) -> range:
        """Return the numbers of ``seen`` that lie in one of the three periods."""
        return range(self.seen.index(span.first_day) + 1, self.seen.index(span.next_day) + 1)

    @property
    def grain(self) -> int:
        """Seconds of which both an hour and what lies between any two edges are made."""
        return gcd(HOUR, *(edge - self.instants[0] for edge in self.instants))


class Pass:
    """The questions of one report; ``person`` only where the workload is wanted."""

    def __init__(self, ledger: Ledger, frame: Frame, *, until: int, is_workload_wanted: bool) -> None:
        self._ledger, self._frame, self.marks = ledger, frame, Marks(frame)
        self._until = until
        self.kinds = (*DIVISIONS, "person") if is_workload_wanted else DIVISIONS
        self._ages = ledger.ages(max(frame.this.next_day, self.marks.days[-1], until // DAY + EPOCH + 2))
        # Before the first of all days, and whole grains before the first edge.
        self.origin = self.marks.instants[0] - (max(0, self.marks.days[0] - ledger.first) + 2) * DAY

    @cached_property
    def columns(self) -> Mapping[str, ColumnElement[Any]]:
        """The columns of the facts, and the numbers of their words."""
        return {**facts.c, **{kind: self._ledger.column(kind) for kind in self.kinds}}

    @property
    def _near(self) -> tuple[ColumnElement[bool], ...]:
        """Return the condition that a fact touches the frame at all."""
        first, after = self.marks.days[0], self.marks.days[-1]
        # Written so that no index fits: what lies near is most of what there is, and two searches through
        # indexes take ten times as long as reading all rows as they lie.
        after_it = or_(row.created_day + 0 < after, row.due_day + 0 < after)
        if not self.has_others:
            return (after_it,)
        return (or_(func.coalesce(row.ended_day, first) >= first, row.due_day + 0 >= first), after_it)

    @property
    def has_others(self) -> bool:
        """Whether anything can have come and gone before the frame begins."""
        return self._ledger.first < self.marks.days[0]

    @property
    def others(self) -> tuple[ColumnElement[bool], ...]:
        """Return the condition of having come and gone before the frame begins."""
        first = self.marks.days[0]
        return (*self._ledger.counted, row.ended_day < first, row.due_day < first)

    # -- conditions --

    @property
    def _new(self) -> ColumnElement[bool]:
        this = self._frame.this
        return and_(row.created_day >= this.first_day, row.created_day < this.next_day)

    @property
    def _left(self) -> ColumnElement[bool]:
        this = self._frame.this
        return and_(row.gone >= this.start, row.gone < this.end)

    @property
    def _watched(self) -> ColumnElement[bool]:
        this = self._frame.this
        is_there = func.coalesce(row.gone, this.end) >= this.start
        return and_(row.created_day < this.next_day, is_there, row.way != Way.DUPLICATE)

    @property
    def _came(self) -> ColumnElement[int]:
        return _place(row.created_day, self.marks.days)

    @property
    def _went(self) -> ColumnElement[int]:
        return _place(func.coalesce(row.gone, self.marks.instants[-1]), self.marks.instants)

    # -- questions --

    @cached_property
    def questions(self) -> Mapping[str, Question]:
        asked = {
            "days": self._days(),
            "ends": self._ends(),
            "stock": self._stock(),
            "gone": self._gone(),
            "answers": self._answers(),
            "answered": self._answered(),
            "state": self._state(DIVISIONS),
            "entered": self._entered(DIVISIONS),
            **{f"left {kind}": self._leaving(kind) for kind in self.kinds if self._ledger.size(kind) > 1},
            "plain": self._plain(),
            "page": ask((row.page, self._ledger.size("page")), among=self._new),
            "promised": self._promised(),
            "square": self._square(),
            "open": self._open(),
            "redirected": self._redirected(),
            "reopened": self._reopened(),
        }
        if "person" in self.kinds:
            asked |= {"state person": self._state(("person",)), "entered person": self._entered(("person",))}
        return asked

    def counted(self) -> dict[str, Groups]:
        """Return the name of each question -> number -> how many rows say it."""
        columns = {name: question.column for name, question in self.questions.items()}
        found = self._ledger.count(
            (*self._ledger.counted, *self._near), columns, *((name,) for name in columns)
        )
        return dict(zip(columns, found, strict=True))

    def _parts(self, kinds: Sequence[str]) -> list[tuple[ColumnElement[Any], int]]:
        return [(self.columns[kind], self._ledger.size(kind)) for kind in kinds]

    def _days(self) -> Question:
        """Day and hour received, and whether it ended as a duplicate."""
        c, ledger = row, self._ledger
        double = _flag(c.ending == ENDINGS.index(Ending.DUPLICATE))
        days = ledger.last - ledger.first + 2
        return ask((c.created_day - ledger.first, days), (c.created_hour, 25), (double, 2))

    def _ends(self) -> Question:
        """Between which edges it ended, and how; between which it was due, and what became of that."""
        c, days, size = row, self.marks.days, self.marks.size
        ended, due = _place(c.ended_day, days), _place(c.due_day, days)
        return ask((ended, size), (c.ending, ENDS), (due, size), (c.promise, len(Promise)))

    def _stock(self) -> Question:
        """When those came in that were there at any edge, which edge was the last, whether a duplicate."""
        c, grain = row, self.marks.grain
        size = (self.marks.instants[-1] - self.origin) // grain + 2
        bucket = (c.created - self.origin) // grain
        is_double = _flag(c.way == Way.DUPLICATE)
        return ask(
            (bucket, size), (self._went, self.marks.size), (is_double, 2), among=self._went > self._came
        )

    def _gone(self) -> Question:
        """Between which edges it left the town's hands, how, and at which age."""
        c, size = row, self.marks.size
        age = hours_between(c.created, c.gone)
        among = and_(c.gone >= self.marks.instants[0], c.gone < self.marks.instants[-1])
        return ask((self._went, size), (c.way, len(Way)), (age, self._ages), among=among)

    def _answers(self) -> Question:
        """Between which edges it came in, whether it was answered, and how long that took or takes."""
        c, size, days = row, self.marks.size, self.marks.days
        among = and_(c.created_day >= days[0], c.created_day < days[-1], c.passed.is_(None))
        return ask((self._came, size), *self._first_word(), among=among)

    def _answered(self) -> Question:
        """Where those received in the period belong, and the same."""
        return ask(*self._parts(DIVISIONS), *self._first_word(), among=and_(self._new, row.passed.is_(None)))

    def _first_word(self) -> tuple[tuple[ColumnElement[Any], int], ...]:
        c = row
        until = func.coalesce(c.answered, c.ended, self._until)
        waited = hours_between(c.created, case((until < c.created, c.created), else_=until))
        return (_flag(c.answered.is_not(None)), 2), (waited, self._ages)

    def _state(self, kinds: Sequence[str]) -> Question:
        """Where it belongs, in which period it came in, what became of it and of its promise in this one."""
        c, this, marks = row, self._frame.this, self.marks
        seen = (_place(c.created_day, marks.seen), len(marks.seen) + 1)
        due = and_(c.due_day >= this.first_day, c.due_day < this.next_day)
        promise = case((due, c.promise), else_=0)
        error = (c.clock_error, 2)
        return ask(*self._parts(kinds), seen, (self._fate(), ENDS * 8 + 1), (promise, len(Promise)), error)

    def _fate(self) -> ColumnElement[int]:
        """Return 0 for what was not open in the period, see ``fate`` for the way back."""
        c, this = row, self._frame.this
        ending = case((c.ended < this.end, c.ending), else_=0)
        passed = _flag(and_(c.way == Way.PASSED, self._left))
        theirs, double = _flag(c.passed < this.end), _flag(c.way == Way.DUPLICATE)
        is_in = and_(c.created_day < this.next_day, func.coalesce(c.ended, this.start) >= this.start)
        return case((is_in, ending * 8 + passed * 4 + theirs * 2 + double + 1), else_=0)

    def _entered(self, kinds: Sequence[str]) -> Question:
        """How old those under watch were when the period began, which came in before it."""
        this = self._frame.this
        among = and_(row.created_day < this.first_day, self._watched)
        age = hours_between(row.created, literal(this.start))
        return ask(*self._parts(kinds), (age, self._ages), among=among)

    def _leaving(self, kind: str) -> Question:
        """At which age those under watch were finished, or were last seen."""
        c = row
        is_gone = c.gone < self._frame.this.end
        age = hours_between(c.created, case((is_gone, c.gone), else_=self._frame.this.end))
        is_done = _flag(and_(c.way == Way.WORKED, is_gone))
        return ask(*self._parts((kind,)), (is_done, 2), (age, self._ages), among=self._watched)

    def _plain(self) -> Question:
        """How it was reported, and what the resident said of the work finished in the period."""
        c = row
        is_worked = and_(c.way == Way.WORKED, self._left)
        said = case((is_worked, c.rating * 3 + c.fixed), else_=0)
        return ask((_flag(self._new), 2), *self._parts(PLAIN), (said, 18))

    def _promised(self) -> Question:
        c = row
        promised = hours_between(c.created, case((c.due < c.created, c.created), else_=c.due))
        return ask(*self._parts(("service",)), (promised, self._ages), among=self._new)

    def _square(self) -> Question:
        """Where it is, and the service of those received in the period; 0 for those of the one before."""
        c, ledger = row, self._ledger
        before = self._frame.before
        is_before = and_(c.created_day >= before.first_day, c.created_day < before.next_day)
        service = case((self._new, c.service + 1), else_=0)
        return ask(
            (_square(c.lat, c.lon), WIDE * WIDE), (service, ledger.size("service") + 1),
            among=or_(self._new, is_before),
        )  # fmt: skip

    def _open(self) -> Question:
        """How many days old what was open at the end was, whether overdue, whether with an agency."""
        c, this = row, self._frame.this
        end = this.end
        # What an agency has, the town cannot be late with.
        overdue = _flag(and_(c.due < end, or_(c.passed.is_(None), c.passed >= end)))
        among = and_(c.created_day < this.next_day, or_(c.ended.is_(None), c.ended >= end))
        days = ((end - c.created) // DAY, self._ages)
        return ask(days, (overdue, 2), (_flag(c.passed < end), 2), among=among)

    def _redirected(self) -> Question:
        c, this = row, self._frame.this
        is_theirs = c.ending == ENDINGS.index(Ending.REDIRECTED)
        among = and_(is_theirs, c.ended >= this.start, c.ended < this.end)
        return ask((c.agency, self._ledger.size("agency")), among=among)

    def _reopened(self) -> Question:
        """Of the first endings from 30 days before start to 30 days before end, which were opened again."""
        c, this = row, self._frame.this
        among = and_(c.first_ended >= this.start - WINDOW, c.first_ended < this.end - WINDOW)
        return ask((_flag(c.first_reopened - c.first_ended <= WINDOW), 2), among=among)


def fate(number: int) -> tuple[int, bool, bool, bool]:
    """Return (ending reached by the end, passed on in the period, theirs at its end, is a duplicate)."""
    ending, rest = divmod(number - 1, 8)
    return ending, bool(rest & 4), bool(rest & 2), bool(rest & 1)


def _square(lat: ColumnElement[Any], lon: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the square of a place, see ``Grid.square``; NULL where no place is known."""
    number: ColumnElement[Any] = cast((lat + ORIGIN) // SQUARE, BigInteger) * WIDE + (lon + ORIGIN) // SQUARE
    return number


def _flag(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


def _place(value: ColumnElement[Any], edges: Sequence[int]) -> ColumnElement[int]:
    """Return how many of the edges are not after the value, by halving; 0 for NULL."""

    def among(low: int, high: int) -> ColumnElement[int]:
        if low == high:
            return literal(low)
        middle = (low + high + 1) // 2
        return case((value >= edges[middle - 1], among(middle, high)), else_=among(low, middle - 1))

    return among(0, len(edges))

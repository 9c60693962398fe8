"""What is asked of every fact in one pass? One whole number for each question, so that drawing is counting.

A row that has nothing to say to a question says NULL. Every edge of a report is a midnight, so a day needs no
comparing of instants.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from math import gcd
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select

from figures.counted import ENDINGS, Promise, Way
from figures.hexagons import WIDE
from figures.span import Frame, Span
from figures.span import edges as edges_of
from lifecycle.status import Ending
from storage.fact_order import month_of
from storage.ledger import EPOCH, HOUR, Ledger, facts, hours_between, row
from storage.packing import Groups, Packed

DAY = 86400
FEW = (
    "old stock", "unanswered", "waiting", "entered", "entered person", "staying", "staying person", "open",
    "redirected",
)  # fmt: skip
"""Questions that few rows answer."""
WINDOW = 30 * DAY
"""Seconds within which a request that is opened again counts as reopened."""
DIVISIONS = ("service", "department", "ward")
PLAIN = ("channel", "language", "widget", "page")
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

    @cached_property
    def months(self) -> tuple[int, ...] | None:
        """The months that begin with the edges; None where one lies within a month, as those of weeks."""
        dates = [date.fromordinal(day) for day in self.days]
        return tuple(map(month_of, dates)) if all(one.day == 1 for one in dates) else None

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
    def _has_replied(self) -> ColumnElement[bool]:
        return and_(row.passed.is_(None), row.replied.is_not(None))

    @property
    def _in_frame(self) -> ColumnElement[bool]:
        return and_(row.created_day >= self.marks.days[0], row.created_day < self.marks.days[-1])

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
            "ended": self._ended(),
            "due": self._due(),
            "stock": self._stock(row.created_day >= self.marks.days[0]),
            "old stock": self._stock(row.created_day < self.marks.days[0]),
            "gone": self._gone(),
            "answers": self._answers(),
            "unanswered": self._unanswered((self._came, self.marks.size), among=self._in_frame),
            **{f"answered {kind}": self._answered(kind) for kind in DIVISIONS},
            "waiting": self._unanswered(*self._parts(DIVISIONS), among=self._new),
            "state": self._state(DIVISIONS),
            "entered": self._entered(DIVISIONS),
            "staying": self._staying(DIVISIONS),
            **{f"left {kind}": self._leaving(kind) for kind in self.kinds},
            "plain": ask(*self._parts(PLAIN), among=self._new),
            "said": self._said(),
            "promised": self._promised(),
            "square": self._square(),
            "open": self._open(),
            "redirected": self._redirected(),
        }
        if "person" in self.kinds:
            person = ("person",)
            asked |= {
                "state person": self._state(person),
                "entered person": self._entered(person),
                "staying person": self._staying(person),
            }
        return asked

    def drawn(
        self, names: Sequence[str]
    ) -> tuple[tuple[ColumnElement[bool], ...], dict[str, ColumnElement[Any]]]:
        """Return which facts are drawn for these questions, all of ``FEW`` or none, and what of each."""
        columns = {name: self.questions[name].column for name in names}
        if not set(names) <= set(FEW):
            return (*self._ledger.counted, *self._near), columns
        meant = (self.questions[name].among for name in names)
        return (*self._ledger.counted, or_(*(one for one in meant if one is not None))), columns

    def _parts(self, kinds: Sequence[str]) -> list[tuple[ColumnElement[Any], int]]:
        return [(self.columns[kind], self._ledger.size(kind)) for kind in kinds]

    def _days(self) -> Question:
        """Day and hour received, and whether it ended as a duplicate."""
        c, ledger = row, self._ledger
        double = _flag(c.ending == ENDINGS.index(Ending.DUPLICATE))
        days = ledger.last - ledger.first + 2
        return ask((c.created_day - ledger.first, days), (c.created_hour, 25), (double, 2))

    def _ended(self) -> Question:
        """Between which edges it ended, and how."""
        place = _place(row.ended_day, self.marks.days)
        return ask((place, self.marks.size), (row.ending, ENDS), among=row.ended_day.is_not(None))

    def _due(self) -> Question:
        """Between which edges it was due, and what became of that."""
        return ask((_place(row.due_day, self.marks.days), self.marks.size), (row.promise, len(Promise)))

    def _stock(self, came: ColumnElement[bool]) -> Question:
        """When those came in that were there at any edge, which edge was the last, whether a duplicate."""
        c, grain = row, self.marks.grain
        size = (self.marks.instants[-1] - self.origin) // grain + 2
        bucket = (c.created - self.origin) // grain
        is_double = _flag(c.way == Way.DUPLICATE)
        among = and_(came, self._went > self._came)
        return ask((bucket, size), (self._went, self.marks.size), (is_double, 2), among=among)

    def _gone(self) -> Question:
        """Between which edges it left the town's hands, how, and at which age."""
        c, size = row, self.marks.size
        among = and_(c.gone >= self.marks.instants[0], c.gone < self.marks.instants[-1])
        return ask((self._went, size), (c.way, len(Way)), (c.lasted, self._ages), among=among)

    def _answers(self) -> Question:
        """Between which edges it came in, and how long it took until it was answered, or ended without."""
        among = and_(self._in_frame, self._has_replied)
        return ask((self._came, self.marks.size), (row.replied, 2 * self._ages), among=among)

    def _answered(self, kind: str) -> Question:
        """Where those received in the period belong, and the same."""
        among = and_(self._new, self._has_replied)
        return ask(*self._parts((kind,)), (row.replied, 2 * self._ages), among=among)

    def _unanswered(self, *parts: tuple[ColumnElement[Any], int], among: ColumnElement[bool]) -> Question:
        """How long those have waited by now that still wait for an answer."""
        c = row
        until = case((c.created > self._until, c.created), else_=self._until)
        waits = and_(among, c.passed.is_(None), c.replied.is_(None))
        return ask(*parts, (hours_between(c.created, until), self._ages), among=waits)

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

    def _staying(self, kinds: Sequence[str]) -> Question:
        """How old those under watch were when the period ended, which had not left by then."""
        this = self._frame.this
        is_there = or_(row.gone.is_(None), row.gone >= this.end)
        among = and_(row.created_day < this.next_day, is_there, row.way != Way.DUPLICATE)
        age = hours_between(row.created, literal(this.end))
        return ask(*self._parts(kinds), (age, self._ages), among=among)

    def _leaving(self, kind: str) -> Question:
        """At which age those under watch were finished, or left without."""
        is_done = _flag(row.way == Way.WORKED)
        among = and_(self._left, row.way != Way.DUPLICATE)
        return ask(*self._parts((kind,)), (is_done, 2), (row.lasted, self._ages), among=among)

    def _said(self) -> Question:
        """What the resident said of the work finished in the period."""
        among = and_(row.way == Way.WORKED, self._left, row.rating + row.fixed > 0)
        return ask((row.rating, 6), (row.fixed, 3), among=among)

    def _promised(self) -> Question:
        return ask(*self._parts(("service",)), (row.promised, self._ages), among=self._new)

    def _square(self) -> Question:
        """Where it is, and the service of those received in the period; 0 for those of the one before."""
        before = self._frame.before
        is_before = and_(row.created_day >= before.first_day, row.created_day < before.next_day)
        service = case((self._new, row.service + 1), else_=0)
        among = and_(row.square.is_not(None), or_(self._new, is_before))
        return ask((row.square, WIDE * WIDE), (service, self._ledger.size("service") + 1), among=among)

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

    @property
    def reopened(self) -> Select[Any]:
        """Ask how many first endings were 30 days before the period's, and how many were opened again."""
        c, this = row, self._frame.this
        again = _flag(c.first_reopened - c.first_ended <= WINDOW)
        among = (c.first_ended >= this.start - WINDOW, c.first_ended < this.end - WINDOW)
        asked = select(func.count(), func.coalesce(func.sum(again), 0))
        return cast("Select[Any]", asked.where(*self._ledger.counted, *among))


def fate(number: int) -> tuple[int, bool, bool, bool]:
    """Return (ending reached by the end, passed on in the period, theirs at its end, is a duplicate)."""
    ending, rest = divmod(number - 1, 8)
    return ending, bool(rest & 4), bool(rest & 2), bool(rest & 1)


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

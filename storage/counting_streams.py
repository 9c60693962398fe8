"""Which questions does an index answer alone? Those about the whole town, grouped in the order of an index.

Each is one statement that never touches a fact and hands over some thousand groups, whatever the size of the
town. The database works meanwhile, and Python, which serves pages, does not.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from functools import cached_property, partial
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, literal_column, select

from figures.counted import Way
from figures.span import Frame
from storage.apart import Apart, rows_of
from storage.counting_pass import DIVISIONS, PLAIN, Marks, Pass
from storage.ledger import HOUR, IN_INDEXES, Ledger, row

WORKED: ColumnElement[int] = literal_column("1")
NOTHING: ColumnElement[int] = literal_column("0")
Told = Iterable[tuple[Sequence[int], int]]
"""What was said, and by how many, as ``Question.told`` says it; the same may be said more than once."""


class Streams:
    """The answers of the indexes to questions of a pass, by name; each is asked for when it is wanted."""

    def __init__(self, ledger: Ledger, asked: Pass, frame: Frame) -> None:
        self._ledger, self._pass, self._frame, self._marks = ledger, asked, frame, asked.marks
        self._ahead: dict[str, Future[Any]] = {}

    def ask(self, beside: Apart) -> None:
        """Have some of the answers made beside this process."""
        for name, statement in self._apart.items():
            if name in self.asked:
                self._ahead[name] = beside.ask(statement, is_counted=False)

    @cached_property
    def asked(self) -> Mapping[str, Callable[[], Told]]:
        """The questions that are answered; none for a part of a town, which the indexes do not know."""
        if self._ledger.scope.kind:
            return {}
        asked: dict[str, Callable[[], Told]] = {
            "days": lambda: self._pass.questions["days"].told(self._hours[0]),
            "ended": partial(self._by_edge, row.ended_day, row.ending, (row.ended_day.is_not(None),)),
            "due": partial(self._by_edge, row.due_day, row.promise),
            **{f"left {kind}": partial(self._left, kind) for kind in DIVISIONS},
            **{f"answered {kind}": partial(self._answered, kind) for kind in DIVISIONS},
            "plain": self._plain,
            "said": self._said,
            "promised": self._promised,
            "square": self._square,
        }
        if self._marks.months is not None:
            asked |= {"gone": self._gone, "answers": self._answers}
        if self._bucket is not None:
            asked["stock"] = lambda: self._pass.questions["stock"].told(self._hours[1])
        return asked

    def _grouped(
        self, *columns: ColumnElement[Any], among: Sequence[ColumnElement[bool]] = ()
    ) -> Iterable[tuple[Any, ...]]:
        """Yield the values of the columns that are counted, each time with how many have them."""
        return self._rows(_grouped(*columns, among=among))

    def _rows(self, asked: Select[Any]) -> Iterable[tuple[Any, ...]]:
        return rows_of(None, self._ledger.session, asked)

    @cached_property
    def _apart(self) -> Mapping[str, Select[Any]]:
        """Those whose groups are few enough to lie in both processes at once."""
        among = (row.passed.is_(None), *self._new)
        return {f"answered {kind}": _grouped(row[kind], row.replied, among=among) for kind in DIVISIONS} | {
            f"left {kind}": _grouped(row[kind], row.way, row.lasted, among=self._went) for kind in DIVISIONS
        }

    def _long(self, name: str) -> Iterable[tuple[Any, ...]]:
        return rows_of(self._ahead.pop(name, None), self._ledger.session, self._apart[name])

    @property
    def _went(self) -> tuple[ColumnElement[bool], ...]:
        this = self._frame.this
        return row.gone >= this.start, row.gone < this.end

    # -- by day --

    @cached_property
    def _hours(self) -> tuple[dict[int, int], dict[int, int]]:
        """By the day and hour of coming in; and by the month of leaving, which tells what was there when.

        Packed as the pass packs them: in a small town there are nearly as many as requests.
        """
        columns = (row.created_day, row.created_hours, row.created_hour, row.gone_month, row.way)
        days: dict[int, int] = {}
        stock: dict[int, int] = {}
        places, size, bucket = Places(self._marks), self._marks.size, self._bucket
        first, double = self._ledger.first, int(Way.DUPLICATE)
        on, came, start = -1, 0, 0
        for day, hours, hour, month, way, many in self._grouped(*columns):
            if day != on:  # they come by the day
                on, came, start = day, bisect_right(self._marks.days, day), (day - first) * 50
            is_double = way == double
            number = start + hour * 2 + is_double
            days[number] = days.get(number, 0) + many
            if came and bucket is not None and (went := places[month]) > came:
                number = ((hours + bucket) * size + went) * 2 + is_double
                stock[number] = stock.get(number, 0) + many
        return days, stock

    @property
    def _bucket(self) -> int | None:
        """Return what makes hours since 1970 those of the pass; None where its hours are not the facts'."""
        if self._marks.months is None or self._marks.grain != HOUR:
            return None
        return -(self._pass.origin // HOUR)

    def _by_edge(
        self, day: ColumnElement[Any], what: ColumnElement[Any], among: Sequence[ColumnElement[bool]] = ()
    ) -> Told:
        found, days = self._grouped(day, what, among=among), self._marks.days
        return [((bisect_right(days, on), said), many) for on, said, many in found]

    # -- by month --

    def _gone(self) -> Told:
        months, places = self._marks.months, Places(self._marks)
        assert months is not None
        among = (row.gone_month >= months[0], row.gone_month < months[-1])
        for month, way, age, many in self._grouped(row.gone_month, row.way, row.lasted, among=among):
            yield (places[month], way, age), many

    def _answers(self) -> Told:
        months, places = self._marks.months, Places(self._marks)
        assert months is not None
        among = (row.passed.is_(None), row.created_month >= months[0], row.created_month < months[-1])
        for month, replied, many in self._grouped(row.created_month, row.replied, among=among):
            if replied is not None:
                yield (places[month], replied), many

    # -- the period --

    def _left(self, kind: str) -> Told:
        worked, double = Way.WORKED, Way.DUPLICATE
        for number, way, age, many in self._long(f"left {kind}"):
            if way != double:
                yield (number, way == worked, age), many

    def _answered(self, kind: str) -> Told:
        for number, replied, many in self._long(f"answered {kind}"):
            if replied is not None:
                yield (number, replied), many

    def _plain(self) -> Told:
        for *numbers, many in self._grouped(*(row[kind] for kind in PLAIN), among=self._new):
            yield numbers, many

    def _said(self) -> Told:
        # In the very words of the index.
        has_said = (row.way == WORKED, row.rating + row.fixed > NOTHING)
        for rating, fixed, many in self._grouped(row.rating, row.fixed, among=(*has_said, *self._went)):
            yield (rating, fixed), many

    def _promised(self) -> Told:
        for service, hours, many in self._grouped(row.service, row.promised, among=self._new):
            yield (service, hours), many

    def _square(self) -> Told:
        for square, service, now, then in self._rows(self._squares):
            if now:
                yield (square, service + 1), int(now)
            if then:
                yield (square, 0), int(then)

    @property
    def _squares(self) -> Select[Any]:
        """The squares of the period by service, and those of the one before, in one reading."""
        this, before = self._frame.this, self._frame.before
        new = _within(row.created_day, this.first_day, this.next_day)
        old = _within(row.created_day, before.first_day, before.next_day)
        return (
            select(row.square, row.service, func.sum(new), func.sum(old))
            .where(IN_INDEXES, row.square.is_not(None))
            .where(*self._ledger.stretch(row.created_day, before.first_day, this.next_day))
            .group_by(row.square, row.service)
        )

    @property
    def _new(self) -> tuple[ColumnElement[bool], ...]:
        this = self._frame.this
        return self._ledger.stretch(row.created_day, this.first_day, this.next_day)


class Places(dict[int | None, int]):
    """Month -> how many edges are not after it; all for None, which is never. Each is looked for once."""

    def __init__(self, marks: Marks) -> None:
        super().__init__({None: len(marks.instants)})
        self._months = marks.months or ()

    def __missing__(self, month: int | None) -> int:
        assert month is not None
        place = self[month] = bisect_right(self._months, month)
        return place


def _grouped(*columns: ColumnElement[Any], among: Sequence[ColumnElement[bool]]) -> Select[Any]:
    return select(*columns, func.count()).where(IN_INDEXES, *among).group_by(*columns)


def _within(day: ColumnElement[Any], first: int, after: int) -> ColumnElement[int]:
    return case(((day >= first) & (day < after), 1), else_=0)

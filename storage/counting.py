"""What do the figures of a period need from the facts? Groups and how many are in each.

Every question counts whole numbers, the same way on SQLite and on PostgreSQL: most in one pass over the facts
(``Pass``), and few are meant in the others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from itertools import chain

from sqlalchemy import select
from sqlalchemy.orm import Session

from figures.counted import Ages, Calendar, Counted, Open, Side, Spell, Stay
from figures.hexagons import Grid
from figures.shapes import TOWN, Scope
from figures.span import Frame, Span
from storage import counting_town
from storage.apart import Apart, apart, rows_of
from storage.counting_drawn import Drawn
from storage.counting_pass import DIVISIONS, PLAIN, Pass, fate
from storage.counting_streams import Streams
from storage.ledger import HOUR, Ledger, row
from storage.tables import ServiceRequest


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
    """
    with apart(session) as beside:
        ledger = Ledger.opened(session, scope)
        until = int(as_of.timestamp())
        told = Told(ledger, frame, until=until, is_workload_wanted=is_workload_wanted, beside=beside)
        return _counted(told, frame, grid or Grid(), is_workload_wanted, rate_edges)


def _counted(
    told: Told, frame: Frame, grid: Grid, is_workload_wanted: bool, rate_edges: Sequence[int]
) -> Counted:
    ledger, this, town = told.ledger, frame.this, counting_town
    session, scope = ledger.session, ledger.scope
    # What is drawn beside comes late, so that it is waited for last.
    calendar, answers, promised = told.calendar(), told.answers(), told.promised()
    spells, ages, (stock, duplicates) = told.spells(), told.ages(), told.stock()
    cells, before = town.as_cells(ledger, told.squares(), grid)
    state = told.state
    return Counted(
        calendar=calendar,
        stock=stock,
        duplicates=duplicates,
        spells=spells,
        stays=state.stays,
        ages=ages,
        answers=answers,
        promised=promised,
        due=state.due,
        overdue=town.overdue(ledger, this) if is_workload_wanted else {},
        received_before=state.received(frame.before),
        received_year_ago=state.received(frame.year_ago),
        open=tuple(told.open()),
        handed=tuple(town.handed(ledger, this)),
        redirected=told.named("redirected", "agency"),
        tallies={} if scope.kind else town.tallies(session, this),
        ratings=told.ratings,
        reopened=told.reopened(),
        channels=told.plain["channel"],
        languages=told.plain["language"],
        widgets=told.plain["widget"],
        pages=told.plain["page"],
        hours=told.hours,
        cells=cells,
        cells_before=before,
        finished_with_time=town.finished_with_time(ledger, this),
        noted=tuple(town.noted(ledger, this, rate_edges)),
        mail=(0, 0) if scope.kind else town.mail(session, this),
        quality=town.left_out(ledger, this) | state.quality,
        since=town.since_when(session),
    )


def first_received(session: Session) -> datetime | None:
    """Return when the first request came in here, imported ones left aside; None when there is none."""
    return session.scalar(
        select(ServiceRequest.created_at)
        .where(ServiceRequest.imported_from.is_(None))
        .order_by(ServiceRequest.created_at)
        .limit(1)
    )


class Told:
    """What the facts said in one pass, question by question."""

    def __init__(
        self, ledger: Ledger, frame: Frame, *, until: int, is_workload_wanted: bool, beside: Apart | None
    ) -> None:
        self.ledger = self._ledger = ledger
        self._frame = frame
        self._pass = Pass(ledger, frame, until=until, is_workload_wanted=is_workload_wanted)
        self._marks = self._pass.marks
        streams = Streams(ledger, self._pass, frame)
        self._streams = streams.asked
        left = [name for name in self._pass.questions if name not in self._streams]
        self._drawn = Drawn(ledger, self._pass, left, beside)
        self._reopened = beside.ask(self._pass.reopened, is_counted=False) if beside else None
        if beside:
            streams.ask(beside)
            beside.start(ledger.session.get_bind())
        self.hours: Counter[tuple[int, int]] = Counter()
        """(weekday from Monday, hour) -> received in the period; complete with the calendar."""
        self.ratings = {(rating, fixed): many for (rating, fixed), many in self._said("said")}
        self.plain: dict[str, Counter[str]] = {kind: Counter() for kind in PLAIN}
        self._read_plain()

    def _said(self, question: str) -> Iterator[tuple[Sequence[int], int]]:
        if question in self._streams:
            return iter(self._streams[question]())
        return self._drawn.said(question)

    def named(self, question: str, kind: str) -> dict[str, int]:
        return {self._ledger.word(kind, number): many for (number,), many in self._said(question)}

    def _read_plain(self) -> None:
        for numbers, many in self._said("plain"):
            for kind, number in zip(PLAIN, numbers, strict=True):
                self.plain[kind][self._ledger.word(kind, number)] += many

    # -- by day and by edge --

    def calendar(self) -> Calendar:
        received: Counter[int] = Counter()
        duplicates: Counter[int] = Counter()
        this, first = self._frame.this, self._ledger.first
        # Indexes tell of all facts, the pass of those alone that touch the frame.
        is_whole = "days" in self._streams
        for (day, hour, is_double), many in self._said("days"):
            received[day + first] += many
            if is_double:
                duplicates[day + first] += many
            if this.first_day <= day + first < this.next_day:
                self.hours[(day + first + 6) % 7, hour] += many
        ended: Counter[tuple[int, int]] = Counter()
        due: Counter[tuple[int, int]] = Counter()
        days = (self._marks.days[0] - 1, *self._marks.days)
        for (ended_at, ending), many in self._said("ended"):
            ended[days[ended_at], ending] += many
        for (due_at, promise), many in self._said("due"):
            due[days[due_at], promise] += many
        settled = {} if is_whole else dict(self._others())
        received.update(settled)
        return Calendar(received, duplicates, ended, due, sum(settled.values()))

    def _others(self) -> Iterator[tuple[int, int]]:
        """Yield day received -> how many, among those that came and went before the frame begins."""
        if self._pass.has_others:
            found = self._ledger.count_by(self._pass.others, row.created_day)
            yield from found.items()

    def stock(self) -> tuple[dict[int, dict[int, int]], dict[int, int]]:
        """Return edge -> age -> how many were in the town's hands then, and edge -> duplicates apart."""
        edges, grain = self._marks.instants, self._marks.grain
        stock: list[dict[int, int]] = [{} for _edge in edges]
        duplicates = dict.fromkeys(edges, 0)
        for (bucket, went, is_double), many in chain(self._said("stock"), self._said("old stock")):
            created = self._pass.origin + bucket * grain
            # From the last edge on which it was there back to the first one after it came in.
            for place in range(went - 1, -1, -1):
                if edges[place] <= created:
                    break
                if is_double:
                    duplicates[edges[place]] += many
                else:
                    hours = -((created - edges[place]) // HOUR)
                    stock[place][hours] = stock[place].get(hours, 0) + many
        return dict(zip(edges, stock, strict=True)), duplicates

    def spells(self) -> dict[int, Spell]:
        gone: list[dict[tuple[int, int], int]] = [{} for _edge in self._marks.instants]
        answered: list[dict[tuple[bool, int], int]] = [{} for _edge in self._marks.instants]
        for (went, way, hours), many in self._said("gone"):
            left = gone[went - 1]
            left[way, hours] = left.get((way, hours), 0) + many
        for (came, replied), many in self._said("answers"):
            waiting, key = answered[came - 1], (bool(replied % 2), replied // 2)
            waiting[key] = waiting.get(key, 0) + many
        for (came, hours), many in self._said("unanswered"):
            waiting = answered[came - 1]
            waiting[False, hours] = waiting.get((False, hours), 0) + many
        spells = zip(self._marks.instants, gone, answered, strict=True)
        return {edge: Spell(left, said) for edge, left, said in spells}

    # -- the period --

    @cached_property
    def state(self) -> State:
        state = State(self._ledger, self._pass)
        state.read(DIVISIONS, self._said("state"))
        if "person" in self._pass.kinds:
            state.read(("person",), self._said("state person"))
        return state

    def ages(self) -> dict[str, Ages]:
        """Return kind -> what happened to how many of those under watch, at which age."""
        found: dict[str, dict[tuple[int, Side], Counter[int]]] = {kind: {} for kind in self._pass.kinds}
        for kind, ages in found.items():
            for (number, is_done, hours), many in self._said(f"left {kind}"):
                _add(ages, (number, Side.DONE if is_done else Side.LOST), hours, many)
        for question, side in (("entered", Side.ENTERED), ("staying", Side.LOST)):
            for asked, kinds in ((question, DIVISIONS), (f"{question} person", ("person",))):
                for (*numbers, hours), many in self._said(asked) if asked in self._pass.questions else ():
                    for kind, number in zip(kinds, numbers, strict=True):
                        _add(found[kind], (number, side), hours, many)
        word = self._ledger.word
        return {
            kind: {(word(kind, number), side): told for (number, side), told in ages.items()}
            for kind, ages in found.items()
        }

    def answers(self) -> dict[str, dict[str, Counter[tuple[bool, int]]]]:
        """Return kind -> name -> (was answered, hours waited) -> how many of those received."""
        found: dict[str, dict[int, Counter[tuple[bool, int]]]] = {kind: {} for kind in DIVISIONS}
        for kind, by_number in found.items():
            for (number, replied), many in self._said(f"answered {kind}"):
                by_number.setdefault(number, Counter())[bool(replied % 2), replied // 2] += many
        for (*numbers, hours), many in self._said("waiting"):
            for kind, number in zip(DIVISIONS, numbers, strict=True):
                found[kind].setdefault(number, Counter())[False, hours] += many
        word = self._ledger.word
        return {
            kind: {word(kind, number): said for number, said in by_number.items()}
            for kind, by_number in found.items()
        }

    def promised(self) -> dict[str, dict[int, int]]:
        promised: dict[str, dict[int, int]] = {}
        for (service, hours), many in self._said("promised"):
            promised.setdefault(self._ledger.word("service", service), {})[hours] = many
        return promised

    def squares(self) -> Iterator[tuple[int, int, int]]:
        """Yield (square, number of the service plus one or 0 for the period before, how many)."""
        return ((square, service, many) for (square, service), many in self._said("square"))

    def open(self) -> Iterator[Open]:
        for (days, is_overdue, is_theirs), many in self._said("open"):
            yield Open(days, bool(is_overdue), bool(is_theirs), many)

    def reopened(self) -> tuple[int, int]:
        ((ended, again),) = rows_of(self._reopened, self._ledger.session, self._pass.reopened)
        return int(ended), int(again)


def _add(ages: dict[tuple[int, Side], Counter[int]], key: tuple[int, Side], hours: int, many: int) -> None:
    told = ages.get(key)
    if told is None:
        told = ages[key] = Counter()
    told[hours] += many


class State:
    """Where requests belong, when they came in and what became of them, by kind and name."""

    def __init__(self, ledger: Ledger, asked: Pass) -> None:
        self._ledger, self._marks = ledger, asked.marks
        self._this = asked.marks.seen_in(asked.marks.frame.this)
        self._seen: dict[str, Counter[tuple[int, int]]] = {kind: Counter() for kind in asked.kinds}
        self._due: dict[str, Counter[tuple[int, int]]] = {kind: Counter() for kind in asked.kinds}
        self._stays: dict[str, Counter[tuple[int, bool, int]]] = {kind: Counter() for kind in asked.kinds}
        self._errors = 0

    def read(self, kinds: tuple[str, ...], said: Iterator[tuple[Sequence[int], int]]) -> None:
        for (*numbers, seen, became, promise, is_error), many in said:
            if is_error and seen in self._this and kinds is DIVISIONS:
                self._errors += many
            for kind, number in zip(kinds, numbers, strict=True):
                self._seen[kind][number, seen] += many
                if promise:
                    self._due[kind][number, promise] += many
                if became:
                    self._stays[kind][number, seen not in self._this, became] += many

    @property
    def stays(self) -> dict[str, tuple[Stay, ...]]:
        word = self._ledger.word
        return {
            kind: tuple(
                Stay(word(kind, number), is_old, *fate(became), many)
                for (number, is_old, became), many in stays.items()
            )
            for kind, stays in self._stays.items()
        }

    @property
    def due(self) -> dict[str, dict[tuple[str, int], int]]:
        word = self._ledger.word
        return {
            kind: {(word(kind, number), promise): many for (number, promise), many in self._due[kind].items()}
            for kind in DIVISIONS
        }

    def received(self, span: Span) -> dict[str, Mapping[str, int]]:
        """Return kind -> name -> how many came in."""
        meant = self._marks.seen_in(span)
        found: dict[str, Mapping[str, int]] = {}
        for kind in DIVISIONS:
            counts = found[kind] = Counter()
            for (number, seen), many in self._seen[kind].items():
                if seen in meant:
                    counts[self._ledger.word(kind, number)] += many
        return found

    @property
    def quality(self) -> dict[str, int]:
        """Return what the records miss, among those received in the period."""

        def nameless(kind: str) -> int:
            return sum(self._seen[kind][0, seen] for seen in self._this)

        return {
            "clock_error": self._errors,
            "without_place": nameless("ward"),
            "without_department": nameless("department"),
        }

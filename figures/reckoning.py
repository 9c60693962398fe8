"""What happened in this period? Every figure from the counted groups, each defined in one place.

- A request *ended* when the ending that stands now says so: one that was reopened counts as open again
  from the start. So open before + received = finished + redirected + open after, always.
- Passed to another agency is never "finished": it leaves the times when it is passed on, and the
  promises and first answers alone.
- Spam and what is held are left out everywhere and counted once; duplicates count as reports, not as
  issues, and stay out of the times because the original is already there.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from datetime import datetime

from figures import dividing, town
from figures.counted import CLOSED, ENDINGS, Counted, Promise, Spell, Way
from figures.hexagons import Grid
from figures.outlook import outlook
from figures.rates import NO_RATES, Rates
from figures.shapes import TOWN, CostOutlook, Figures, Insight, Month, Scope, Snapshot
from figures.span import Frame, Span
from figures.survival import Wait, Watch
from lifecycle.status import Ending

NOTHING: Mapping[str, int] = {}


def figures(
    counted: Counted,
    frame: Frame,
    *,
    as_of: datetime,
    zone: str,
    scope: Scope = TOWN,
    grid: Grid | None = None,
    residents: Mapping[str, int] = NOTHING,
    rates: Rates = NO_RATES,
    cost_outlook: tuple[CostOutlook, ...] = (),
    insight: Insight | None = None,
) -> Figures:
    """Return the figures of one period.

    ``residents`` are those of each ward by name; ``rates`` what hours cost, by the day they were noted.
    """
    headlines = Headlines(counted, frame)
    is_known = (frame.before.is_covered(counted.since), frame.year_ago.is_covered(counted.since))
    lines = dividing.Lines(counted, residents, is_known)
    this, services = headlines.of(frame.this), lines.of("service")
    grid = grid or Grid()
    return Figures(
        span=frame.this,
        zone=zone,
        as_of=as_of,
        scope=scope,
        this=this,
        last=headlines.known(frame.before),
        year_ago=headlines.known(frame.year_ago),
        before_span=frame.before,
        year_ago_span=frame.year_ago,
        months=tuple(Month(span.key, headlines.known(span)) for span in frame.line),
        received_year_before=tuple(headlines.received(span) for span in frame.line_before),
        backlog=town.backlog(counted.open),
        services=services,
        departments=lines.of("department"),
        wards=lines.of("ward"),
        agencies=town.agencies(counted),
        satisfaction=town.satisfaction(counted.ratings, this),
        reopened=town.reopened(counted.reopened),
        stops=sum(count for (outcome, _target), count in counted.tallies.items() if outcome == "stop"),
        channels=ranked(counted.channels),
        languages=ranked(counted.languages),
        widgets=ranked(counted.widgets),
        pages=ranked(counted.pages),
        hours=tuple(
            tuple(counted.hours.get((weekday, hour), 0) for hour in range(24)) for weekday in range(7)
        ),
        hot_spots=town.hot_spots(counted, grid, is_known=is_known[0]),
        grid=grid,
        workload=dividing.workload(counted),
        cost=town.cost(counted, services, rates),
        outlook=outlook(counted.calendar.received, frame.this),
        mail=town.mail(counted.mail),
        quality=town.quality(counted.quality),
        cost_outlook=cost_outlook,
        insight=insight,
        records_day=counted.since,
    )


def ranked(counted: Mapping[str, int]) -> dict[str, int]:
    """Return the counts, largest first."""
    return dict(sorted(counted.items(), key=lambda item: (-item[1], item[0])))


class Headlines:
    """The headline figures of any stretch whose edges were counted."""

    def __init__(self, counted: Counted, frame: Frame) -> None:
        self._counted, self._edges = counted, frame.edges
        self._received = Running(counted.calendar.received)
        self._duplicates = Running(counted.calendar.duplicates)
        ended = {
            ending: Running(
                {
                    day: count
                    for (day, code), count in counted.calendar.ended.items()
                    if ENDINGS[code] is ending
                }
            )
            for ending in ENDINGS[1:]
        }
        self._ended = ended
        self._due = {
            promise: Running(
                {day: count for (day, code), count in counted.calendar.due.items() if code == promise}
            )
            for promise in Promise
        }

    def known(self, span: Span) -> Snapshot | None:
        """Return the snapshot of a stretch, None where records began later."""
        return self.of(span) if span.is_covered(self._counted.since) else None

    def received(self, span: Span) -> int | None:
        return self._received.within(span) if span.is_covered(self._counted.since) else None

    def of(self, span: Span) -> Snapshot:
        """Return the snapshot of a stretch of the frame."""
        received, open_after = self._received.within(span), self._open(span.next_day)
        watch, answers = self.watch(span), self.answers(span)
        times, first = watch.waits(), answers.waits((0.5,))
        kept, broken = (self._due[one].within(span) for one in (Promise.KEPT, Promise.NOT_KEPT))
        return Snapshot(
            received=received,
            issues=received - self._duplicates.within(span),
            outcomes={ending.value: self._ended[ending].within(span) for ending in CLOSED},
            redirected=self._ended[Ending.REDIRECTED].within(span),
            passed_on=sum(
                count
                for spell in self._spells(span)
                for (way, _age), count in spell.gone.items()
                if way == Way.PASSED
            ),
            open_before=self._open(span.first_day),
            open_after=open_after,
            with_agency=open_after
            - sum(self._counted.stock[span.end].values())
            - self._counted.duplicates[span.end],
            due=kept + broken,
            on_time=kept,
            half=_at(times, 0),
            ninety=_at(times, 1),
            watched=watch.watched,
            first_answer=_at(first, 0),
            asked=answers.watched,
            answered=sum(answers.done.values()),
        )

    def watch(self, span: Span) -> Watch:
        """Return who was under watch in the stretch, and from which age to which."""
        watch = Watch(dict(self._counted.stock[span.start]))
        fresh = self._received.within(span) - self._duplicates.within(span)
        if fresh:
            watch.enter(0, fresh)
        for spell in self._spells(span):
            for (way, age), count in spell.gone.items():
                if way != Way.DUPLICATE:
                    watch.leave(age, count, is_done=way == Way.WORKED)
        for age, count in self._counted.stock[span.end].items():
            watch.leave(age, count, is_done=False)
        return watch

    def answers(self, span: Span) -> Watch:
        """Return how long those received in the stretch waited for the first word of a person."""
        watch = Watch()
        for spell in self._spells(span):
            for (is_answered, age), count in spell.answered.items():
                watch.enter(0, count)
                watch.leave(age, count, is_done=is_answered)
        return watch

    def _spells(self, span: Span) -> list[Spell]:
        first, last = (bisect_left(self._edges, edge) for edge in (span.start, span.end))
        return [
            self._counted.spells[edge] for edge in self._edges[first:last] if edge in self._counted.spells
        ]

    def _open(self, day: int) -> int:
        gone = sum(self._ended[ending].before(day) for ending in (*CLOSED, Ending.REDIRECTED))
        return self._received.before(day) - self._counted.calendar.settled - gone


class Running:
    """Counts by day, asked for any stretch."""

    def __init__(self, counted: Mapping[int, int]) -> None:
        self._days = sorted(counted)
        self._sums = [0]
        for day in self._days:
            self._sums.append(self._sums[-1] + counted[day])

    def before(self, day: int) -> int:
        return self._sums[bisect_left(self._days, day)]

    def within(self, span: Span) -> int:
        return self.before(span.next_day) - self.before(span.first_day)


def _at(waits: tuple[Wait, ...] | None, place: int) -> Wait | None:
    return waits[place] if waits else None

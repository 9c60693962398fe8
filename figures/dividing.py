"""How does the period look by service, department, ward and employee? Lines of tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from figures.counted import CLOSED, ENDINGS, Counted, Promise, Side, Stay
from figures.shapes import OUTSIDE, UNKNOWN, Line, Snapshot, Worker
from figures.survival import HOUR, Watch, middle
from lifecycle.status import Ending


@dataclass
class Pile:
    """What has been counted for one line so far."""

    received: int = 0
    duplicates: int = 0
    outcomes: dict[Ending, int] = field(default_factory=dict)
    passed_on: int = 0
    open_before: int = 0
    open_after: int = 0
    with_agency: int = 0
    watch: Watch = field(default_factory=Watch)
    promises: dict[int, int] = field(default_factory=dict)
    answers: Watch = field(default_factory=Watch)
    answered: int = 0

    def add(self, stay: Stay) -> None:
        """Add requests that were open in the period."""
        count = stay.many
        if stay.is_old:
            self.open_before += count
        else:
            self.received += count
            self.duplicates += count if stay.is_duplicate else 0
        if ending := ENDINGS[stay.ending]:
            self.outcomes[ending] = self.outcomes.get(ending, 0) + count
        else:
            self.open_after += count
            self.with_agency += count if stay.is_theirs else 0
        self.passed_on += count if stay.is_passed else 0
        if not (stay.is_old or stay.is_duplicate):
            self.watch.enter(0, count)

    def answer(self, hours: int, count: int, *, is_answered: bool) -> None:
        """Add how long requests received in the period waited for the first word of a person."""
        self.answers.enter(0, count)
        self.answers.leave(hours, count, is_done=is_answered)
        self.answered += count if is_answered else 0

    def snapshot(self) -> Snapshot:
        times, first = self.watch.waits(), self.answers.waits((0.5,))
        kept, broken = self.promises.get(Promise.KEPT, 0), self.promises.get(Promise.NOT_KEPT, 0)
        return Snapshot(
            received=self.received,
            issues=self.received - self.duplicates,
            outcomes={ending.value: self.outcomes.get(ending, 0) for ending in CLOSED},
            redirected=self.outcomes.get(Ending.REDIRECTED, 0),
            passed_on=self.passed_on,
            open_before=self.open_before,
            open_after=self.open_after,
            with_agency=self.with_agency,
            due=kept + broken,
            on_time=kept,
            half=times[0] if times else None,
            ninety=times[1] if times else None,
            watched=self.watch.watched,
            first_answer=first[0] if first else None,
            asked=self.answers.watched,
            answered=self.answered,
        )


class Lines:
    """The tables by service, department and ward."""

    def __init__(self, counted: Counted, residents: Mapping[str, int], is_known: tuple[bool, bool]) -> None:
        self._counted, self._residents, self._is_known = counted, residents, is_known

    def of(self, kind: str) -> tuple[Line, ...]:
        """Return the lines of ``service``, ``department`` or ``ward``: busiest first, unknown ones last."""
        piles = _piles(self._counted, kind)
        for (name, promise), count in self._counted.due[kind].items():
            piles.setdefault(name, Pile()).promises[promise] = count
        for name, answers in self._counted.answers[kind].items():
            for (is_answered, hours), count in answers.items():
                piles.setdefault(name, Pile()).answer(hours, count, is_answered=is_answered)
        names = {*piles, *self._counted.received_before[kind]}
        if kind == "ward" and not names - {UNKNOWN, OUTSIDE}:
            return ()
        lines = [self._line(kind, name, piles.get(name, Pile())) for name in names]
        return tuple(
            sorted(
                lines, key=lambda line: (line.name in (UNKNOWN, OUTSIDE), -line.snapshot.received, line.name)
            )
        )

    def _line(self, kind: str, name: str, pile: Pile) -> Line:
        before, year_ago = self._is_known
        promised = middle(self._counted.promised.get(name, {})) if kind == "service" else None
        return Line(
            name=name,
            snapshot=pile.snapshot(),
            received_before=self._counted.received_before[kind].get(name, 0) if before else None,
            received_year_ago=self._counted.received_year_ago[kind].get(name, 0) if year_ago else None,
            promised=None if promised is None else round(promised * HOUR),
            residents=self._residents.get(name) if kind == "ward" else None,
        )


def _piles(counted: Counted, kind: str) -> dict[str, Pile]:
    piles: dict[str, Pile] = {}
    for stay in counted.stays.get(kind, ()):
        piles.setdefault(stay.name, Pile()).add(stay)
    for (name, side), ages in counted.ages.get(kind, {}).items():
        watch = piles.setdefault(name, Pile()).watch
        for hours, many in ages.items():
            if side is Side.ENTERED:
                watch.enter(hours, many)
            else:
                watch.leave(hours, many, is_done=side is Side.DONE)
    return piles


def workload(counted: Counted) -> tuple[Worker, ...]:
    """Return what each employee had, those with most open first; empty unless it was counted."""
    workers = [
        Worker(
            person=person,
            received=pile.received,
            finished=sum(pile.outcomes.get(ending, 0) for ending in CLOSED),
            open_after=pile.open_after - pile.with_agency,
            overdue=counted.overdue.get(person, 0),
            half=times[0] if (times := pile.watch.waits()) else None,
        )
        for person, pile in _piles(counted, "person").items()
    ]
    return tuple(sorted(workers, key=lambda one: (-one.open_after, one.person)))

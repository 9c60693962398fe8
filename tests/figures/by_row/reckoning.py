"""How is each figure counted? One function per definition, over rows as they stood at one instant."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from statistics import median
from typing import NamedTuple

from lifecycle.status import Ending
from reports.period import Period
from tests.figures.by_row.rows import RequestFacts, TallyFacts
from tests.figures.by_row.shapes import AgencyLine, Backlog, Satisfaction, ServiceLine, Snapshot
from tests.figures.by_row.survival import FEWEST, Stay, waits

FINISHED = (Ending.FIXED, Ending.NO_ACTION, Ending.NOT_FOUND, Ending.DUPLICATE, Ending.WITHDRAWN)
"""Endings that close a request within the town; ``redirected`` is told apart, ``spam`` is left out."""
WORKED = frozenset({Ending.FIXED, Ending.NO_ACTION, Ending.NOT_FOUND})
"""Endings that are the town's own work and count as an event in the times."""
BANDS = (0, 7, 30, 90, 180)
"""Backlog age in days: each band reaches from its number to the next one."""


class Row(NamedTuple):
    """One request as it stands as of the instant the report tells of."""

    facts: RequestFacts
    created: datetime
    ended: datetime | None
    ending: Ending | None
    passed: datetime | None
    """When it went to the agency that has it, or had it to the end; None for the town's own."""

    @classmethod
    def as_of(cls, facts: RequestFacts, instant: datetime) -> Row:
        final = facts.final(instant)
        ending = final.ending if final else None
        handed = facts.handed_off_at
        is_theirs = facts.agency is not None and ending in (None, Ending.REDIRECTED)
        passed = handed if is_theirs and handed is not None and handed <= instant else None
        ended = final.at if final else None
        return cls(
            facts, facts.created_at, ended, ending, passed or (ended if ending is Ending.REDIRECTED else None)
        )

    def left_open(self, period: Period) -> bool:
        """Return whether it was still open when the period ended."""
        return self.created < period.end and (
            self.ended is None or max(self.ended, self.created) >= period.end
        )

    def touches(self, period: Period) -> bool:
        """Return whether it was open at any time in the period."""
        return self.created < period.end and (
            self.ended is None or max(self.ended, self.created) >= period.start
        )

    def stay(self, period: Period) -> Stay | None:
        """Return how long the town had it under its hands within the period; None when not at all."""
        if self.ending is Ending.DUPLICATE or (self.passed is not None and self.passed < period.start):
            return None
        entry = max(0, _seconds(self.created, period.start))
        leaves = [period.end, *(instant for instant in (self.passed, self.ended) if instant is not None)]
        is_done = self.ending in WORKED and self.ended is not None and self.ended < period.end
        return Stay(entry, max(entry, _seconds(self.created, min(leaves))), is_done)


def by_month(rows: Sequence[Row], months: Sequence[Period]) -> list[list[Row]]:
    """Return for each of some successive months the rows that were open or promised in it."""
    bounds = [*(month.start for month in months), months[-1].end]
    sorted_in: list[list[Row]] = [[] for _ in months]
    for row in rows:
        first = max(0, bisect_right(bounds, row.created) - 1)
        last = len(months) - 1
        if row.ended is not None:
            last = min(last, bisect_right(bounds, max(row.ended, row.created)) - 1)
        for index in range(first, last + 1):
            sorted_in[index].append(row)
        promised = bisect_right(bounds, row.facts.finish_due_at) - 1
        if 0 <= promised < len(months) and not first <= promised <= last:
            sorted_in[promised].append(row)
    return sorted_in


def received(rows: Sequence[Row], period: Period) -> list[Row]:
    return [row for row in rows if _within(row.created, period)]


def snapshot(rows: Sequence[Row], period: Period, as_of: datetime) -> Snapshot:
    """Return the headline figures of one period from rows without spam."""
    active = [row for row in rows if row.touches(period)]
    came = received(active, period)
    outcomes = Counter(row.ending for row in active if row.ended is not None and _within(row.ended, period))
    left = [row for row in active if row.left_open(period)]
    promised = [row for row in rows if _is_promised(row, period)]
    times = waits(stay for row in active if (stay := row.stay(period)))
    answers = waits((_first_answer(row, as_of) for row in came), shares=(0.5,))
    return Snapshot(
        received=len(came),
        issues=sum(1 for row in came if row.ending is not Ending.DUPLICATE),
        outcomes={ending.value: outcomes[ending] for ending in FINISHED},
        redirected=outcomes[Ending.REDIRECTED],
        passed_on=sum(1 for row in active if row.passed is not None and _within(row.passed, period)),
        open_before=sum(1 for row in active if row.created < period.start),
        open_after=len(left),
        with_agency=sum(1 for row in left if _is_with_agency(row, period)),
        due=len(promised),
        on_time=sum(1 for row in promised if row.ended is not None and row.ended <= row.facts.finish_due_at),
        half=times[0] if times else None,
        ninety=times[1] if times else None,
        first_answer=answers[0] if answers else None,
    )


def backlog(rows: Sequence[Row], period: Period) -> Backlog:
    """Return what was open at the period's end by age; what an agency has, the town cannot be late with."""
    left = [row for row in rows if row.left_open(period)]
    ages = sorted((period.end - row.created).days for row in left)
    upper = (*BANDS[1:], 10**9)
    return Backlog(
        bands=tuple(
            sum(1 for age in ages if low <= age < high) for low, high in zip(BANDS, upper, strict=True)
        ),
        median_days=int(median(ages)) if ages else None,
        oldest_days=ages[-1] if ages else None,
        overdue=sum(
            1 for row in left if row.facts.finish_due_at < period.end and not _is_with_agency(row, period)
        ),
    )


def by_service(
    rows: Sequence[Row], period: Period, as_of: datetime, before: Mapping[str, int] | None
) -> tuple[ServiceLine, ...]:
    """Return a line for every service that had anything in the period or the one before, busiest first.

    ``before`` is what each received in the period before; None when there are no records of it.
    """
    groups: dict[str, list[Row]] = {service: [] for service in before or ()}
    for row in rows:
        groups.setdefault(row.facts.service, []).append(row)
    lines = [
        ServiceLine(
            service=service,
            snapshot=snapshot(group, period, as_of),
            received_before=before.get(service, 0) if before is not None else None,
            promised=_promised([row for row in group if row.touches(period)]),
        )
        for service, group in groups.items()
    ]
    return tuple(sorted(lines, key=lambda line: (-line.snapshot.received, line.service)))


def by_agency(rows: Sequence[Row], told: Sequence[TallyFacts], period: Period) -> tuple[AgencyLine, ...]:
    """Return a line for every agency that got or was named anything in the period."""
    handed = [row for row in rows if row.facts.handed_off_at and _within(row.facts.handed_off_at, period)]
    ended = [
        row for row in rows if row.ending is Ending.REDIRECTED and row.ended and _within(row.ended, period)
    ]
    cards = Counter[str]()
    for tally in told:
        if tally.outcome == "card":
            cards[tally.target] += tally.count
    lines = [
        AgencyLine(
            agency=name,
            handed_off=sum(1 for row in handed if row.facts.handed_to == name),
            ended=sum(1 for row in ended if (row.facts.agency or "") == name),
            cards=cards[name],
            hours=_hours_to_hand_over([row for row in handed if row.facts.handed_to == name]),
        )
        for name in {row.facts.handed_to for row in handed}
        | {row.facts.agency or "" for row in ended}
        | set(cards)
    ]
    return tuple(sorted(lines, key=lambda line: (-(line.handed_off + line.ended + line.cards), line.agency)))


def satisfaction(rows: Sequence[Row], period: Period) -> Satisfaction:
    """Return what residents said about the work finished in the period."""
    ended = [
        row for row in rows if row.ending in WORKED and row.ended is not None and _within(row.ended, period)
    ]
    ratings = [row.facts.rating for row in ended if row.facts.rating is not None]
    return Satisfaction(
        asked=len(ended),
        rated=len(ratings),
        good=sum(1 for rating in ratings if rating >= 4),
        said_fixed=sum(1 for row in ended if row.facts.was_fixed is True),
        said_not_fixed=sum(1 for row in ended if row.facts.was_fixed is False),
    )


def _within(instant: datetime, period: Period) -> bool:
    return period.start <= instant < period.end


def _seconds(start: datetime, end: datetime) -> int:
    return int((end - start).total_seconds())


def _is_promised(row: Row, period: Period) -> bool:
    due = row.facts.finish_due_at
    left = row.ended if row.ending in (Ending.DUPLICATE, Ending.WITHDRAWN) else row.passed
    return (left is None or left > due) and _within(due, period)


def _is_with_agency(row: Row, period: Period) -> bool:
    return row.passed is not None and row.passed < period.end


def _first_answer(row: Row, as_of: datetime) -> Stay:
    answered = row.facts.answered_at
    if answered is not None and answered <= as_of:
        return Stay(0, max(0, _seconds(row.created, answered)), is_done=True)
    return Stay(0, max(0, _seconds(row.created, row.ended or row.passed or as_of)), is_done=False)


def _promised(rows: Sequence[Row]) -> int | None:
    return int(median(_seconds(row.created, row.facts.finish_due_at) for row in rows)) if rows else None


def _hours_to_hand_over(rows: Sequence[Row]) -> float | None:
    if len(rows) < FEWEST:
        return None
    spans = (_seconds(row.created, row.facts.handed_off_at) for row in rows if row.facts.handed_off_at)
    return round(median(spans) / 3600, 1)

"""What happened in this month? Counts and times from plain rows, each defined in one place.

Pure: rows, a period and the instant as of which it is told go in, ``Figures`` come out. The
definitions are printed on the report's last page; docs/council-report.md gives the reasons.

- A request *ended* when its last ending by the as-of instant says so: one that was reopened counts as
  open again from the start. So open before + received = finished + passed on + open after, always.
- Passed to another agency is never "finished": it leaves the times and the promises alone.
- Spam is left out everywhere and counted once; duplicates count as reports, not as issues, and stay
  out of the times because the original is already there.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from lifecycle.status import Ending
from reports.period import Period
from tests.figures.by_row import reckoning
from tests.figures.by_row.reckoning import Row
from tests.figures.by_row.rows import RequestFacts, TallyFacts
from tests.figures.by_row.shapes import Figures, Month, Quality

MONTHS = 13
"""This month and the twelve before it."""
GRACE = timedelta(days=3)
"""A month is compared when records began at most this long after its start."""


def earliest_needed(period: Period) -> datetime:
    """Return from when on requests must be read: the line of the year before begins there."""
    return period.later(-2 * (MONTHS - 1)).start


def figures(
    requests: Iterable[RequestFacts], tallies: Iterable[TallyFacts], *, period: Period, as_of: datetime
) -> Figures:
    """Compute the figures of one period; ``as_of`` is aware and not before the period's end."""
    known = [Row.as_of(facts, as_of) for facts in requests if facts.created_at <= as_of]
    rows = sorted((row for row in known if row.ending is not Ending.SPAM), key=lambda row: row.created)
    months = [period.later(step) for step in range(1 - MONTHS, 1)]
    sorted_in = reckoning.by_month(rows, months)
    line = tuple(
        Month(month.key, reckoning.snapshot(its, month, as_of) if _has_records(rows, month) else None)
        for month, its in zip(months, sorted_in, strict=True)
    )
    now, received = sorted_in[-1], reckoning.received(sorted_in[-1], period)
    told = [tally for tally in tallies if period.first_day <= tally.day < period.later(1).first_day]
    return Figures(
        period=period,
        as_of=as_of,
        this=reckoning.snapshot(now, period, as_of),
        last=line[-2].snapshot,
        year_ago=line[0].snapshot,
        months=line,
        received_year_before=tuple(_received(rows, month.later(-12)) for month in months),
        backlog=reckoning.backlog(now, period),
        services=reckoning.by_service(now, period, as_of, _received_by_service(rows, period.later(-1))),
        agencies=reckoning.by_agency(now, told, period),
        satisfaction=reckoning.satisfaction(now, period),
        stops=sum(tally.count for tally in told if tally.outcome == "stop"),
        channels=_counted(row.facts.channel for row in received),
        languages=_counted(row.facts.language for row in received),
        quality=Quality(
            spam=len(reckoning.received(known, period)) - len(received),
            ended_before_received=sum(
                1 for row in received if row.ended is not None and row.ended < row.created
            ),
            without_place=sum(1 for row in received if not row.facts.has_place),
        ),
    )


def _received(rows: Sequence[Row], month: Period) -> int | None:
    return len(_came(rows, month)) if _has_records(rows, month) else None


def _came(rows: Sequence[Row], month: Period) -> Sequence[Row]:
    """Return those received in a month from rows in the order received."""
    first, last = (bisect_left(rows, edge, key=lambda row: row.created) for edge in (month.start, month.end))
    return rows[first:last]


def _received_by_service(rows: Sequence[Row], month: Period) -> dict[str, int] | None:
    return _counted(row.facts.service for row in _came(rows, month)) if _has_records(rows, month) else None


def _has_records(rows: Sequence[Row], month: Period) -> bool:
    return bool(rows) and rows[0].created <= month.start + GRACE


def _counted(values: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(values).items(), key=lambda item: (-item[1], item[0])))

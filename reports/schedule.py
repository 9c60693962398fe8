"""When is a report due, and for which month? Calendar arithmetic in town time, and nothing else.

Whether a run came late, twice or not for three weeks changes nothing: what is due follows from the
plan, the calendar and the periods that already have an edition.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from lifecycle.deadlines import OfficeCalendar
from reports.period import Period
from routing.rulebook import ReportPlan


@dataclass(frozen=True)
class Due:
    """A period whose edition should have been sent at ``at`` (aware UTC)."""

    period: Period
    at: datetime


def send_instant(plan: ReportPlan, period: Period, calendar: OfficeCalendar) -> datetime:
    """Return when the edition of a period goes out: on a day of the month after it, in town time.

    A time that the clocks skip is an hour later, one that they repeat is the first of the two.
    """
    day = _send_day(plan.send.on, period.later(1), calendar)
    return datetime.combine(day, plan.send.at, tzinfo=period.zone).astimezone(UTC)


def _send_day(on: str, month: Period, calendar: OfficeCalendar) -> date:
    if on == "last day":
        return month.later(1).first_day - timedelta(days=1)
    kind, _, number = on.rpartition(" ")
    if kind == "business day":
        return calendar.working_day(month.year, month.month, int(number))
    return month.first_day.replace(day=int(number))


def due_editions(
    plan: ReportPlan,
    calendar: OfficeCalendar,
    zone: ZoneInfo,
    now: datetime,
    known: Collection[str],
    *,
    since: datetime | None,
) -> tuple[Due, ...]:
    """Return the periods that are due by ``now`` and have no edition yet, oldest first.

    ``known`` are the period keys with a row, ``since`` is when the first request came in. The newest
    due period is always made, and before it up to ``plan.catch_up`` missed ones, but none older than
    the newest edition there is: a report that has only just been planned starts with one edition.
    """
    if since is None:
        return ()
    period = Period.around(now, zone).later(-1)
    while send_instant(plan, period, calendar) > now:
        period = period.later(-1)
    made = max(known, default=None)
    wanted = [period.later(-step) for step in range(plan.catch_up, -1, -1)] if made else [period]
    return tuple(
        Due(wish, send_instant(plan, wish, calendar))
        for wish in wanted
        if wish.end > since and wish.key not in known and (made is None or wish.key > made)
    )

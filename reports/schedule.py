"""When is a report due, and for which period? Calendar arithmetic in town time, and nothing else.

Whether a run came late, twice or not for three weeks changes nothing: what is due follows from the
plan, the calendar and the periods that already have an edition.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice, takewhile

from cronsim import CronSim

from lifecycle.deadlines import OfficeCalendar, Unit, due
from reports.period import NoSuchPeriod, Period
from routing.kinds import WEEKDAYS
from routing.rulebook import Approval, ReportPlan

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Due:
    """A period whose edition should have been made at ``at`` (aware UTC)."""

    period: Period
    at: datetime
    is_missed: bool = False
    """True where it lies further back than the plan catches up: nobody makes it, somebody is told."""


@dataclass(frozen=True)
class Coming:
    """One of the next editions: when it is made, and until when it then waits for a word at most."""

    period: Period
    at: datetime
    approve_until: datetime | None


@dataclass(frozen=True)
class Timetable:
    """The dates of one report in the calendar of its town; ``fiscal_first`` is a month, 1 to 12."""

    plan: ReportPlan
    calendar: OfficeCalendar
    fiscal_first: int = 1

    def around(self, instant: datetime) -> Period:
        """Return the plan's period in which an instant lies."""
        return Period.around(instant, self.calendar.zone, self.plan.every, fiscal_first=self.fiscal_first)

    def instant(self, period: Period) -> datetime:
        """Return when the edition of a period is made: after its end, in town time, as aware UTC.

        A time of day that the clocks skip is an hour later, one that they repeat is the first of the two.
        """
        send = self.plan.send
        if send.cron is not None:
            local = (period.end - MINUTE).astimezone(period.zone)
            return next(CronSim(send.cron, local)).astimezone(UTC)
        assert send.on is not None
        assert send.at is not None
        day = _send_day(send.on, period, self.calendar)
        return datetime.combine(day, send.at, tzinfo=period.zone).astimezone(UTC)

    def newest(self, now: datetime) -> Period:
        """Return the newest period whose edition is due by ``now``."""
        period = self.around(now).before
        while self.instant(period) > now:
            period = period.before
        return period

    def coming(self, now: datetime, count: int = 5) -> tuple[Coming, ...]:
        """Return the next editions after ``now``, the first to come first; none that the plan leaves out."""
        return tuple(islice(self._coming(self.newest(now)), count))

    def _coming(self, period: Period) -> Iterator[Coming]:
        while True:
            period = period.later(1)
            if not self.tells_of(period):
                continue
            at = self.instant(period)
            yield Coming(period, at, self.approve_until(at))

    def tells_of(self, period: Period) -> bool:
        """Return whether a period goes out by itself: the plan may begin with a later one."""
        return self.plan.since is None or period.first_day >= self.plan.since

    def approve_until(self, waiting_from: datetime) -> datetime | None:
        """Return until when a draft that waits from this instant on does so; None without an approval."""
        approval = self.plan.approve
        return None if approval is None else wait_end(waiting_from, approval, self.calendar)

    def due(self, now: datetime, known: Collection[str], *, since: datetime | None) -> tuple[Due, ...]:
        """Return the periods that are due by ``now`` and have no edition yet, oldest first.

        ``known`` are the period keys with a row, ``since`` is when the first request came in. The newest
        due period is always made, and before it up to ``plan.catch_up`` missed ones. Those before are told
        of as missed, but none older than the newest edition there is: a report that has only just been
        planned starts with one edition. None is made of a period before ``plan.since``. What a clock made
        that was ahead for a while silences nothing: a period that is not over yet counts as unknown.
        """
        if since is None:
            return ()
        newest = self.newest(now)
        made = max((one.start for one in self._own(known) if one.end <= now), default=None)
        if made is None:
            wanted = [newest]
        else:
            back = (newest.later(-step) for step in range(10_000))
            wanted = list(takewhile(lambda period: period.start > made, back))
        return tuple(
            Due(period, self.instant(period), is_missed=step > self.plan.catch_up)
            for step, period in reversed(list(enumerate(wanted)))
            if period.end > since and period.key not in known and self.tells_of(period)
        )

    def is_of_its_day(self, key: str, at: datetime) -> bool:
        """Return whether an edition due at this instant was due as planned, and not by hand before."""
        return any(self.instant(period) <= at for period in self._own((key,)))

    def _own(self, keys: Collection[str]) -> Iterator[Period]:
        """Yield the periods of the plan's own rhythm: it may have had another one."""
        for key in keys:
            try:
                period = Period.named(key, self.calendar.zone, fiscal_first=self.fiscal_first)
            except NoSuchPeriod:
                continue
            if period.every == self.plan.every:
                yield period


def wait_end(start: datetime, approval: Approval, calendar: OfficeCalendar) -> datetime:
    """Return the end of a wait that begins at ``start``; hours run through, the rest is office time."""
    if approval.within.unit == "hour":
        return start + timedelta(hours=approval.within.count)
    return due(start, _Span(approval.within.count, approval.within.unit), calendar)


def half_way(start: datetime, until: datetime, calendar: OfficeCalendar) -> datetime:
    """Return when somebody is reminded of what ends at ``until``: half-way, but while the office is open."""
    middle = start + (until - start) / 2
    day = middle.astimezone(calendar.zone).date()
    while day <= until.astimezone(calendar.zone).date():
        span = calendar.opening(day)
        if span is not None and middle < span[1]:
            opens = max(middle, span[0])
            return opens if opens < until else middle
        day += timedelta(days=1)
    return middle


@dataclass(frozen=True)
class _Span:
    count: int
    unit: Unit


def _send_day(on: str, period: Period, calendar: OfficeCalendar) -> date:
    first, last = _stretch_after(period)
    if on == "last day":
        return last
    if on == "last business day":
        return _last_open(first, last, calendar)
    if on in WEEKDAYS:
        return first + timedelta(days=(WEEKDAYS.index(on) - first.weekday()) % 7)
    kind, _, number = on.rpartition(" ")
    if kind == "business day":
        return calendar.working_day(first, int(number))
    return min(first + timedelta(days=int(number) - 1), last)


def _stretch_after(period: Period) -> tuple[date, date]:
    """Return the first and last day of the week after a week, of the month after anything else."""
    first = period.later(1).first_day
    if period.every == "week":
        return first, first + timedelta(days=6)
    return first, first.replace(day=monthrange(first.year, first.month)[1])


def _last_open(first: date, last: date, calendar: OfficeCalendar) -> date:
    """Return the last working day of the stretch; its last day where the office is closed throughout."""
    days = (last - timedelta(days=step) for step in range((last - first).days + 1))
    return next((day for day in days if calendar.opening(day) is not None), last)

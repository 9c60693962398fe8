"""When may a letter to an employee go? Quiet hours, and the moments at which gathered letters leave."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from lifecycle.deadlines import LONGEST_SEARCH, OfficeCalendar

Rhythm = Literal["at once", "hourly", "daily"]


def quiet_until(now: datetime, begins: time, ends: time, zone: ZoneInfo) -> datetime | None:
    """Return when the quiet hours end in which ``now`` lies (aware UTC); None outside them."""
    local = now.astimezone(zone)
    at = local.time()
    if begins < ends:
        is_quiet, day = begins <= at < ends, local.date()
    else:
        is_quiet = at >= begins or at < ends
        day = local.date() + timedelta(days=at >= begins)
    return datetime.combine(day, ends, tzinfo=zone).astimezone(UTC) if is_quiet else None


def last_gathering(now: datetime, rhythm: Rhythm, calendar: OfficeCalendar) -> datetime:
    """Return the last moment, up to ``now``, at which letters of this rhythm leave together.

    ``daily`` is opening time of a working day, ``hourly`` each full hour in town time while the office
    is open, its closing included. What was gathered by then is due, however late somebody looks.
    """
    if rhythm == "at once":
        return now
    day = now.astimezone(calendar.zone).date()
    for _ in range(LONGEST_SEARCH):
        moments = [at for at in _moments(day, rhythm, calendar) if at <= now]
        if moments:
            return moments[-1]
        day -= timedelta(days=1)
    raise ValueError("the office hours and holidays leave no working day to count")


def _moments(day: date, rhythm: Rhythm, calendar: OfficeCalendar) -> list[datetime]:
    span = calendar.opening(day)
    if span is None:
        return []
    if rhythm == "daily":
        return [span[0]]
    hours = (datetime.combine(day, time(hour), tzinfo=calendar.zone).astimezone(UTC) for hour in range(24))
    return [hour for hour in hours if span[0] <= hour <= span[1]]

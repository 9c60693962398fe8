"""When do the next editions of a report go out? One line for each, in town time."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from reports.schedule import Timetable


def coming_lines(dates: Timetable, now: datetime, count: int = 5) -> list[str]:
    """Return the next editions: which period, when it is made, until when it then waits for a word."""
    zone, then = dates.calendar.zone, dates.plan.approve.then if dates.plan.approve else ""
    lines = []
    for one in dates.coming(now, count):
        if one.approve_until is None:
            lines.append(f"{one.period.key} goes out {moment(one.at, zone)}")
        else:
            end = "is sent" if then == "send" else "is skipped"
            until = moment(one.approve_until, zone)
            lines.append(f"{one.period.key} waits for approval from {moment(one.at, zone)}, {end} {until}")
    return lines


def moment(at: datetime | None, zone: ZoneInfo) -> str:
    """Return an instant as the town's clocks show it, as in ``Fri 2026-11-06 07:00``."""
    return f"{at.astimezone(zone):%a %Y-%m-%d %H:%M}" if at is not None else "?"

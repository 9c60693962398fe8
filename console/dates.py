"""When do the next editions of a report go out, and does one go at once? One line for each, in town time."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from reports.period import Period
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


def at_once_line(dates: Timetable, period: Period, *, is_known: bool) -> str:
    """Return what becomes of a period whose day is over, and how it is kept back.

    ``is_known`` says that there is no edition of it yet; without it the line says "unless".
    """
    goes = "goes out" if dates.plan.approve is None else "waits for approval"
    unless = "" if is_known else " when Townline runs with these rules, unless there is an edition already"
    day, following = moment(dates.instant(period), dates.calendar.zone), period.later(1).first_day
    back = f"since: {following} in its plan keeps it back"
    return f"{period.key}, whose day was {day}, {goes} at once{unless}; {back}"


def moment(at: datetime | None, zone: ZoneInfo) -> str:
    """Return an instant as the town's clocks show it, as in ``Fri 2026-11-06 07:00``."""
    return f"{at.astimezone(zone):%a %Y-%m-%d %H:%M}" if at is not None else "?"

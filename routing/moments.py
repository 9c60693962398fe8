"""Is it the moment that a rule speaks of: office hours, a holiday, a season, the night?

All of it in town time, from the moment that the caller gives; nothing here reads a clock.
"""

from __future__ import annotations

from datetime import date, datetime, time
from functools import lru_cache
from typing import Annotated, Literal, Self

import holidays
from pydantic import BeforeValidator, Field, model_validator

from routing.kinds import ClockTime, Value
from routing.town import WEEKDAYS, Town


def _list(value: object) -> object:
    return value if isinstance(value, list) else [value]


Month = Annotated[int, Field(ge=1, le=12)]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Weekdays = Annotated[tuple[Weekday, ...], BeforeValidator(_list)]
Months = Annotated[tuple[Month, ...], BeforeValidator(_list)]


class Times(Value):
    """A moment in town time; all keys given must hold."""

    office: Literal["open", "closed"] | None = None
    """The town hall is open or closed at that moment, by its hours and holidays."""
    holiday: bool | None = None
    """True: the day is a public holiday or one of the town's own closing days."""
    weekdays: Weekdays = ()
    """One of these weekdays."""
    months: Months = ()
    """One of these months, as numbers: ``[11, 12, 1, 2, 3]`` is the winter."""
    between: tuple[ClockTime, ClockTime] | None = None
    """From the first time of day up to the second; ``["22:00", "06:00"]`` goes through the night."""

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("time asks nothing: write office, holiday, weekdays, months or between")
        if self.between and self.between[0] == self.between[1]:
            raise ValueError("between begins and ends at the same time: it would never hold")
        return self


def is_moment(times: Times, town: Town, now: datetime) -> bool:
    """Return whether ``now`` (aware) is a moment that ``times`` speaks of."""
    here = now.astimezone(town.zone)
    clock = here.time().replace(tzinfo=None)
    return (
        (times.office is None or (times.office == "open") == is_open(town, now))
        and (times.holiday is None or times.holiday == is_holiday(town, here.date()))
        and (not times.weekdays or WEEKDAYS[here.weekday()] in times.weekdays)
        and (not times.months or here.month in times.months)
        and (times.between is None or _within(times.between, clock))
    )


def is_open(town: Town, now: datetime) -> bool:
    """Return whether the town hall is open at ``now`` (aware)."""
    here = now.astimezone(town.zone)
    hours = next((span for day, span in town.office_hours.items() if day == WEEKDAYS[here.weekday()]), None)
    if hours is None or is_holiday(town, here.date()):
        return False
    return hours.opens <= here.time().replace(tzinfo=None) < hours.closes


def is_holiday(town: Town, day: date) -> bool:
    """Return whether the office is closed all day, by the country's calendar or the town's own dates."""
    closing = town.holidays
    if day in closing.dates:
        return True
    return closing.country is not None and day in _public(closing.country, closing.subdivision, day.year)


@lru_cache(maxsize=64)
def _public(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, subdiv=subdivision, years=year))


def _within(between: tuple[time, time], clock: time) -> bool:
    begin, end = between
    return begin <= clock < end if begin < end else clock >= begin or clock < end

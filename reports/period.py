"""Which stretch of time does a report cover? Months of the town's own calendar.

A period is named by its local calendar (``2026-10``), never by the instant at which a job ran, and
reaches from the town's midnight to the town's midnight, however many hours the clock changes leave.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cached_property
from zoneinfo import ZoneInfo


class NoSuchPeriod(ValueError):
    """A period key that is not a month."""

    def __init__(self, key: str) -> None:
        super().__init__(f'"{key}" is not a period: write a year and a month, as in 2026-10')


@dataclass(frozen=True)
class Period:
    """One local month, ``[start, end)`` in aware UTC."""

    year: int
    month: int
    zone: ZoneInfo

    @classmethod
    def named(cls, key: str, zone: ZoneInfo) -> Period:
        """Return the period of a key such as ``2026-10``; raises ``NoSuchPeriod``."""
        found = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", key)
        if not found or not 1970 <= int(found[1]) <= 9000:
            raise NoSuchPeriod(key)
        return cls(int(found[1]), int(found[2]), zone)

    @classmethod
    def around(cls, instant: datetime, zone: ZoneInfo) -> Period:
        """Return the period in which an aware instant lies, by the town's calendar."""
        local = instant.astimezone(zone)
        return cls(local.year, local.month, zone)

    @property
    def key(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    @property
    def first_day(self) -> date:
        return date(self.year, self.month, 1)

    @cached_property
    def start(self) -> datetime:
        return datetime.combine(self.first_day, time(), tzinfo=self.zone).astimezone(UTC)

    @cached_property
    def end(self) -> datetime:
        return self.later(1).start

    def later(self, months: int) -> Period:
        """Return the period so many months later (earlier when negative)."""
        count = self.year * 12 + self.month - 1 + months
        return Period(count // 12, count % 12 + 1, self.zone)

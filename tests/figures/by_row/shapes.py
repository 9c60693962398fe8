"""What does a report consist of? The figures of one period as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from reports.period import Period
from tests.figures.by_row.survival import FEWEST, Wait, likely_range


@dataclass(frozen=True)
class Snapshot:
    """The headline figures of one period; ``None`` where too few requests make a figure honest."""

    received: int
    issues: int
    outcomes: Mapping[str, int]
    redirected: int
    """Closed in the period as another agency's job."""
    passed_on: int
    """Handed over to an agency, or closed as its job, in the period: what left the town's hands."""
    open_before: int
    open_after: int
    with_agency: int
    """Of those open after, how many another agency has and has not answered for."""
    due: int
    on_time: int
    half: Wait | None
    ninety: Wait | None
    first_answer: Wait | None

    @property
    def finished(self) -> int:
        return sum(self.outcomes.values())

    @property
    def on_time_share(self) -> float | None:
        return self.on_time / self.due if self.due >= FEWEST else None


@dataclass(frozen=True)
class Backlog:
    """What was open at the end of the period; ages in whole days."""

    bands: tuple[int, ...]
    median_days: int | None
    oldest_days: int | None
    overdue: int


@dataclass(frozen=True)
class ServiceLine:
    """One service; ``promised`` is the middle promise of the requests behind ``half``, in seconds."""

    service: str
    snapshot: Snapshot
    received_before: int | None
    promised: int | None


@dataclass(frozen=True)
class AgencyLine:
    """What went to one agency; ``cards`` counts residents who were shown whom to ask instead."""

    agency: str
    handed_off: int
    ended: int
    cards: int
    hours: float | None
    """The middle time from receipt to hand-over, in hours; None below ten hand-overs."""


@dataclass(frozen=True)
class Satisfaction:
    """Ratings of requests finished in the period; the share is hidden below ten ratings."""

    asked: int
    rated: int
    good: int
    said_fixed: int
    said_not_fixed: int

    @property
    def range(self) -> tuple[float, float] | None:
        return likely_range(self.good, self.rated) if self.rated >= FEWEST else None


@dataclass(frozen=True)
class Month:
    """One month of the line through the year; None before records began."""

    key: str
    snapshot: Snapshot | None


@dataclass(frozen=True)
class Quality:
    """What is wrong with the records themselves."""

    spam: int
    ended_before_received: int
    without_place: int


@dataclass(frozen=True)
class Figures:
    period: Period
    as_of: datetime
    this: Snapshot
    last: Snapshot | None
    year_ago: Snapshot | None
    months: tuple[Month, ...]
    received_year_before: tuple[int | None, ...]
    """Received in the same months one year earlier."""
    backlog: Backlog
    services: tuple[ServiceLine, ...]
    agencies: tuple[AgencyLine, ...]
    satisfaction: Satisfaction
    stops: int
    channels: Mapping[str, int]
    languages: Mapping[str, int]
    quality: Quality

    @property
    def is_small(self) -> bool:
        """Whether there is too little for anything but one honest page."""
        return max(self.this.received, self.this.finished, self.this.open_after) < FEWEST

    def as_json(self) -> dict[str, Any]:
        """Return everything as plain JSON values, as it is kept with the edition."""
        plain: dict[str, Any] = _plain(asdict(self) | {"period": self.period.key})
        return plain


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value

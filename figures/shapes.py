"""What does a report consist of? The figures of one period as frozen values.

``None`` stands wherever too few requests, or no records, make a figure dishonest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from figures.comparing import FEWEST, Change, likely_range
from figures.hexagons import Grid
from figures.span import Span
from figures.survival import Wait

FORM = 2
"""Changes when a kept figure gets another meaning or another name; 1 were the figures by month alone."""
UNKNOWN = ""
"""The name of the line of those without a place, department or agency that is known."""
OUTSIDE = "-"
"""The name of the line of those whose place lies outside all wards."""
COVERED = 0.6
"""Share of the finished requests that must have a time entry before a cost is told."""


@dataclass(frozen=True)
class Scope:
    """What the figures are narrowed to: the whole town, one department or one ward."""

    kind: str = ""
    """Empty, ``department`` or ``ward``."""
    name: str = ""


TOWN = Scope()


@dataclass(frozen=True)
class Snapshot:
    """The headline figures of one stretch of time."""

    received: int = 0
    """Reports; see ``issues`` for how many different things they were about."""
    issues: int = 0
    """Reports that did not end as duplicates."""
    outcomes: Mapping[str, int] = field(default_factory=dict)
    """Closed in it by the ending that stands: fixed, no_action, not_found, duplicate, withdrawn."""
    redirected: int = 0
    """Ended in it as another agency's job; never a closure."""
    passed_on: int = 0
    """Handed over to an agency, or ended as its job, in it: what left the town's hands."""
    open_before: int = 0
    open_after: int = 0
    with_agency: int = 0
    """Of those open after, how many another agency has."""
    due: int = 0
    """Promised for it, without what was a duplicate, withdrawn or passed on by the promised date."""
    on_time: int = 0
    half: Wait | None = None
    ninety: Wait | None = None
    watched: int = 0
    """How many requests stand behind ``half`` and ``ninety``."""
    first_answer: Wait | None = None
    """Until half had the first word of a person."""
    asked: int = 0
    """How many requests stand behind ``first_answer``."""
    answered: int = 0
    """Of them, how many had it by now."""

    @property
    def finished(self) -> int:
        """Closed by the town, whatever the outcome."""
        return sum(self.outcomes.values())

    @property
    def clearance(self) -> float | None:
        """Closed as a share of received; above 1 where the backlog shrinks."""
        return self.finished / self.received if self.received >= FEWEST else None

    @property
    def answered_share(self) -> float | None:
        return self.answered / self.asked if self.asked >= FEWEST else None

    @property
    def on_time_share(self) -> float | None:
        return self.on_time / self.due if self.due >= FEWEST else None


@dataclass(frozen=True)
class Backlog:
    """What was open at the end; ages in whole days, bands under 7, 7–29, 30–89, 90–179, 180 and more."""

    bands: tuple[int, ...]
    median_days: int | None
    oldest_days: int | None
    overdue: int
    """Past the promised date, without those that an agency has."""


@dataclass(frozen=True)
class Line:
    """One service, department or ward of a table."""

    name: str
    """The id of the service or department, the name of the ward; see ``UNKNOWN`` and ``OUTSIDE``."""
    snapshot: Snapshot
    received_before: int | None = None
    received_year_ago: int | None = None
    promised: int | None = None
    """The middle promise to those received, in seconds; of services alone."""
    residents: int | None = None
    """Who live in the ward, where that is known."""

    @property
    def per_thousand(self) -> float | None:
        """Reports per 1,000 residents."""
        return self.snapshot.received * 1000 / self.residents if self.residents else None

    @property
    def change(self) -> Change | None:
        """Beside the same period a year ago."""
        return (
            None if self.received_year_ago is None else Change(self.snapshot.received, self.received_year_ago)
        )


@dataclass(frozen=True)
class AgencyLine:
    """What went to one agency, each time it did; ``cards`` counts residents who were shown whom to ask."""

    agency: str
    handed_off: int
    ended: int
    cards: int
    hours: int | None
    """Hours until half of them were handed over; None below ten hand-overs whose time is known."""
    returned: int = 0
    """Of those handed over, how many the agency gave back."""
    confirmed: int = 0
    """Of those handed over, of how many it said that it has or has done them."""


@dataclass(frozen=True)
class Satisfaction:
    """What residents said about the work finished in the period; shares are hidden below ten ratings."""

    asked: int
    rated: int
    good: int
    """Ratings of 4 and 5."""
    said_fixed: int
    said_not_fixed: int
    scores: tuple[int, ...] = (0, 0, 0, 0, 0)
    """How many gave 1, 2, 3, 4, 5."""

    @property
    def share(self) -> float | None:
        return self.good / self.rated if self.rated >= FEWEST else None

    @property
    def range(self) -> tuple[float, float] | None:
        return likely_range(self.good, self.rated) if self.rated >= FEWEST else None

    @property
    def reply_rate(self) -> float | None:
        """The share of those asked who gave a rating."""
        return self.rated / self.asked if self.asked >= FEWEST else None


@dataclass(frozen=True)
class Reopened:
    """Of the first endings from 30 days before the period's start to 30 days before its end."""

    ended: int
    reopened: int
    """Opened again within 30 days of that ending."""

    @property
    def share(self) -> float | None:
        return self.reopened / self.ended if self.ended >= FEWEST else None


@dataclass(frozen=True)
class Month:
    """One month of the line through the year; no snapshot before records began."""

    key: str
    snapshot: Snapshot | None


@dataclass(frozen=True)
class HotSpot:
    """One hexagon with at least five reports; degrees of its middle."""

    lat: float
    lon: float
    count: int
    service: str
    """The service most of them are about; empty where none has five there."""
    count_service: int = 0
    before: int | None = 0
    """Reports there in the period before; None where records began later."""
    column: int = 0
    row: int = 0
    """Which hexagon it is, see ``figures.hexagons.Grid``."""
    ward: str | None = None
    """The ward of its middle, ``OUTSIDE`` where that lies in none; None where that was not asked."""


@dataclass(frozen=True)
class Worker:
    """What one employee had; for the manager alone."""

    person: str
    received: int
    finished: int
    open_after: int
    overdue: int
    half: Wait | None


@dataclass(frozen=True)
class CostLine:
    """What finished requests of one service cost, in hundredths of the town's currency."""

    service: str
    """Empty for all services together."""
    finished: int
    noted: int
    """Of them, those with a time entry."""
    minutes: int
    work: int
    vehicle: int
    materials: int

    @property
    def coverage(self) -> float:
        return self.noted / self.finished if self.finished else 0.0

    @property
    def each(self) -> int | None:
        """Cost of one request; None where fewer than 60 in 100 have a time entry, or under ten."""
        if self.noted < FEWEST or self.coverage < COVERED:
            return None
        return round((self.work + self.vehicle + self.materials) / self.noted)


@dataclass(frozen=True)
class CostYear:
    """A cost that is expected, and the range that holds it four times in five; in hundredths."""

    middle: int
    low: int
    high: int


@dataclass(frozen=True)
class CostOutlook:
    """What the work of a service is expected to cost in each of the next four years, in hundredths."""

    service: str
    """Empty for all services together."""
    last_year: int
    """What the last twelve months cost."""
    said: int
    """What would have been said of them a year ago."""
    error: float | None
    """How far off a year's forecast was on average so far, as a share of what it cost."""
    months: int
    """How many months it is made of."""
    years: tuple[CostYear, ...] = ()


@dataclass(frozen=True)
class Shift:
    """Eight weeks of one service or ward beside what is usual for it."""

    kind: str
    """``service`` or ``ward``."""
    name: str
    now: int
    """Received in the last eight weeks of the period."""
    usual: int
    low: int
    high: int
    """What is usual lies between these two."""
    since_day: int
    """The first day of the week with which it began to differ."""
    is_season: bool
    """Whether the same weeks a year ago are in it."""
    is_unusual: bool
    """Out of its range, also given how many lines were looked at."""


@dataclass(frozen=True)
class Repeat:
    """A place to which requests came back within the ninety days before the period's end."""

    lat: float
    lon: float
    count: int
    service: str
    """What most of them are about."""
    count_service: int
    open: int
    first_day: int
    last_day: int
    numbers: tuple[str, ...]
    near: str = ""
    """The nearest crossing, where the town's roads are known."""


@dataclass(frozen=True)
class Lead:
    """One service whose weeks went before another's, without season, trend and inertia."""

    first: str
    then: str
    weeks: int
    seen: float
    """The correlation in the first two thirds of the weeks, -1 to 1."""
    again: float
    """The same in the last third, which was not looked at before."""
    tried: int
    """How many pairs and delays were looked at."""


@dataclass(frozen=True)
class Insight:
    """What only the manager is told."""

    shifts: tuple[Shift, ...] = ()
    repeats: tuple[Repeat, ...] = ()
    turns: Mapping[str, int] = field(default_factory=dict)
    """How a request was put right by hand -> how often in the period."""
    turned: Mapping[str, int] = field(default_factory=dict)
    """Service -> how often its requests went to somebody else than the rules had said."""
    leads: tuple[Lead, ...] | None = None
    """None unless it was asked for, and with under three years of weeks."""


@dataclass(frozen=True)
class Foreseen:
    """A count that is expected, and the range that holds it four times in five."""

    first_day: int
    days: int
    middle: int
    low: int
    high: int


@dataclass(frozen=True)
class Outlook:
    """What is expected to come in next, and how the last expectation turned out."""

    next: Foreseen
    last: Foreseen | None
    """What was expected of the weeks that are now over."""
    actual: int | None
    """What came in then."""
    error: float | None
    """How far off it was on average so far, as a share of what came."""


@dataclass(frozen=True)
class Quality:
    """What is wrong with the records themselves, among those received in the period."""

    spam: int
    """Left out everywhere."""
    ended_before_received: int
    without_place: int
    held: int = 0
    """Left out until the clerk has looked."""
    without_department: int = 0
    """The assignee is not in the rules any more."""

    @property
    def excluded(self) -> Mapping[str, int]:
        """How many are left out, by reason."""
        return {"spam": self.spam, "held": self.held}


@dataclass(frozen=True)
class Mail:
    """Letters that did not arrive in the period."""

    failed: int = 0
    """Refused by every attempt."""
    bounced: int = 0
    """Taken, and sent back later."""


@dataclass(frozen=True)
class Figures:
    """Everything that a report tells of one period."""

    span: Span
    zone: str
    as_of: datetime
    """Every figure says how things stood at this instant."""
    scope: Scope
    this: Snapshot
    last: Snapshot | None
    """The period before."""
    year_ago: Snapshot | None
    before_span: Span
    year_ago_span: Span
    months: tuple[Month, ...]
    """Thirteen months up to the one in which the period ends."""
    received_year_before: tuple[int | None, ...]
    """Received in the same months one year earlier."""
    backlog: Backlog
    services: tuple[Line, ...]
    departments: tuple[Line, ...]
    wards: tuple[Line, ...]
    """Empty where the town names no wards."""
    agencies: tuple[AgencyLine, ...]
    satisfaction: Satisfaction
    reopened: Reopened
    stops: int
    """How often a resident was told to telephone at once."""
    channels: Mapping[str, int]
    languages: Mapping[str, int]
    widgets: Mapping[str, int]
    pages: Mapping[str, int]
    hours: tuple[tuple[int, ...], ...]
    """Reports by weekday (Monday first) and hour of the day."""
    hot_spots: tuple[HotSpot, ...]
    grid: Grid
    """The hexagons in which they lie."""
    workload: tuple[Worker, ...]
    """Empty unless it was asked for: it is for the manager alone."""
    cost: tuple[CostLine, ...]
    """All services together first; empty where nobody has noted any time."""
    outlook: Outlook | None
    mail: Mail
    quality: Quality
    cost_outlook: tuple[CostOutlook, ...] = ()
    """All services together first; empty unless it was asked for, and with under two years of entries."""
    insight: Insight | None = None
    """None unless it was asked for."""
    records_day: int | None = None
    """The day on which the town's records begin; None where it has none, or an earlier version counted."""
    form: int = FORM

    @property
    def is_small(self) -> bool:
        """Whether there is too little for anything but one honest page."""
        return max(self.this.received, self.this.finished, self.this.open_after) < FEWEST

    @property
    def begins_before_records(self) -> bool:
        """Whether a part of the period lies before anything was recorded."""
        return self.records_day is not None and not self.span.is_covered(self.records_day)

    @property
    def change(self) -> Change | None:
        """Received beside the same period a year ago."""
        return None if self.year_ago is None else Change(self.this.received, self.year_ago.received)

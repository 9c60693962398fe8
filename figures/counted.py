"""What does the database hand over to be reckoned with? Groups with how many are in each, never a request.

Days are ordinals in town time, instants seconds since 1970, ages whole hours (begun ones count as full).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

from lifecycle.status import Ending

ENDINGS: tuple[Ending | None, ...] = (None, *Ending)
"""What the number of an ending means; 0 is open."""
WORKED = frozenset({Ending.FIXED, Ending.NO_ACTION, Ending.NOT_FOUND})
"""Endings that are the town's own work and count as an event in the times."""
CLOSED = (Ending.FIXED, Ending.NO_ACTION, Ending.NOT_FOUND, Ending.DUPLICATE, Ending.WITHDRAWN)
"""Endings that close a request within the town; ``redirected`` is told apart, ``spam`` is left out."""


class Way(IntEnum):
    """How a request left the town's hands."""

    NONE = 0
    """It has not."""
    WORKED = 1
    PASSED = 2
    """Handed over and not given back, or ended as another's job."""
    OTHER = 3
    """Withdrawn."""
    DUPLICATE = 4
    """It is not in the times: the original is there already."""


class Promise(IntEnum):
    """What became of the promised date."""

    NONE = 0
    """None was asked of the town: by the promised date it was a duplicate, withdrawn or passed on."""
    KEPT = 1
    NOT_KEPT = 2
    """Ended later, or still open, whether or not the date is over."""


class Stay(NamedTuple):
    """Requests of one service, department, ward or assignee that were open in the period and agree."""

    name: str
    is_old: bool
    """They came in before the period."""
    ending: int
    """The ending that was reached by the period's end, 0 for none."""
    is_passed: bool
    """They were passed on within the period."""
    is_theirs: bool
    """An agency has them at the period's end, or has ended them."""
    is_duplicate: bool
    many: int


class Side(IntEnum):
    """What happened at an age to those under watch: neither duplicates nor passed on before."""

    LOST = 0
    """Nothing is known after it: still open, passed on, withdrawn."""
    DONE = 1
    ENTERED = 2
    """So old were they when the period began, which came in before it."""


Ages = Mapping[tuple[str, Side], Mapping[int, int]]
"""(Name of a service, department, ward or assignee, what happened) -> age in hours -> how many."""


class Handed(NamedTuple):
    """Requests handed to one agency within the period."""

    agency: str
    hours: int | None
    """From receipt until handed over; None where only another system knew."""
    is_returned: bool
    is_confirmed: bool
    many: int


class Open(NamedTuple):
    """Requests open at the period's end."""

    days: int
    """Age in whole days."""
    is_overdue: bool
    """Past the promised date, and not with an agency."""
    is_theirs: bool
    """An agency has it."""
    many: int


class Cell(NamedTuple):
    """Reports from one hexagon about one service."""

    column: int
    row: int
    service: str
    many: int


class Noted(NamedTuple):
    """Time noted on requests of one service that were finished within the period."""

    service: str
    person: str
    minutes: int
    vehicle_minutes: int
    materials: int
    card: int = 0
    """Which rate card held when it was noted, see ``figures.rates``."""


@dataclass(frozen=True)
class Calendar:
    """Counts by town day; what lies between two edges of the frame may stand on the first day of it."""

    received: Mapping[int, int]
    duplicates: Mapping[int, int]
    """Of those received that day, how many ended as duplicates."""
    ended: Mapping[tuple[int, int], int]
    """(day, ending) -> how many."""
    due: Mapping[tuple[int, int], int]
    """(day, ``Promise``) -> how many."""
    settled: int = 0
    """Of those received, how many came and went before the frame begins: in ``received`` alone."""


@dataclass(frozen=True)
class Spell:
    """What left the town's hands, and who was waiting for a first word, between two edges."""

    gone: Mapping[tuple[int, int], int] = field(default_factory=dict)
    """(``Way``, age) -> how many."""
    answered: Mapping[tuple[bool, int], int] = field(default_factory=dict)
    """(was answered, hours waited) -> how many, among those received."""


@dataclass(frozen=True)
class Counted:
    """All groups for one period and scope."""

    calendar: Calendar
    stock: Mapping[int, Mapping[int, int]]
    """Edge -> age in hours -> how many were in the town's hands then, without duplicates."""
    duplicates: Mapping[int, int]
    """Edge -> how many were open then that ended as duplicates."""
    spells: Mapping[int, Spell]
    """Edge -> what happened from it up to the next one."""
    stays: Mapping[str, Iterable[Stay]]
    """``service``, ``department``, ``ward``, and ``person`` when asked for -> what was open in the period."""
    ages: Mapping[str, Ages]
    """The same kinds -> everything that the times of their lines need."""
    answers: Mapping[str, Mapping[str, Mapping[tuple[bool, int], int]]]
    """The same kinds but ``person`` -> name -> (was answered, hours waited) -> how many of those received."""
    promised: Mapping[str, Mapping[int, int]]
    """Service -> hours promised -> how many of those received."""
    due: Mapping[str, Mapping[tuple[str, int], int]]
    """``service``, ``department``, ``ward`` -> (name, ``Promise``) -> how many were due in it."""
    overdue: Mapping[str, int]
    """Assignee -> how many are overdue at the period's end; when asked for."""
    received_before: Mapping[str, Mapping[str, int]]
    """``service``, ``department``, ``ward`` -> name -> received in the period before."""
    received_year_ago: Mapping[str, Mapping[str, int]]
    open: Iterable[Open]
    handed: Iterable[Handed]
    redirected: Mapping[str, int]
    """Agency -> ended in the period as its job."""
    tallies: Mapping[tuple[str, str], int]
    """(outcome, target) -> how often residents were shown it instead of sending a request."""
    ratings: Mapping[tuple[int, int], int]
    """(rating or 0, 2 fixed / 1 not / 0 nothing said) -> how many of those finished in the period."""
    reopened: tuple[int, int]
    """First endings from 30 days before the start to 30 days before the end, and those opened again."""
    channels: Mapping[str, int]
    languages: Mapping[str, int]
    widgets: Mapping[str, int]
    pages: Mapping[str, int]
    hours: Mapping[tuple[int, int], int]
    """(weekday from Monday, hour) -> received."""
    cells: Iterable[Cell]
    cells_before: Iterable[Cell]
    finished_with_time: Mapping[str, int]
    """Service -> how many of those finished in the period have a time entry."""
    noted: Iterable[Noted]
    mail: tuple[int, int]
    """Letters that failed and that bounced."""
    quality: Mapping[str, int]
    """spam, held, clock_error, without_place, without_department -> how many among those received."""
    since: int | None
    """The day on which the first request of the whole town came in, imported ones included."""

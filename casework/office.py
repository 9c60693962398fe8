"""What does a verb need to work? The town's rules, layers, keys and folders as one value.

One ``Office`` is one town. Faces get theirs with ``the_office()``; nothing here is global, so that
one process can later serve many towns.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from threading import Lock
from typing import cast
from zoneinfo import ZoneInfo

import holidays
from flask import current_app

from casework.sorting import grid_of, sorting_of
from figures.hexagons import Grid
from lifecycle.deadlines import OfficeCalendar
from mail.composer import Composer
from routing.decision import is_away, stand_in
from routing.gazetteer import Gazetteer
from routing.layers import Layers
from routing.model import Model
from routing.rulebook import WEEKDAYS, Person, Rulebook, Town
from storage.absences import AbsenceBook, Spell
from storage.factbook import Sorting
from storage.learning import ModelFile
from storage.photos import PhotoFolder

EXTENSION = "townline"


def _nothing() -> None:
    """Nobody waits for letters here: the next tick finds them."""


@dataclass(frozen=True)
class Office:
    """One town at work."""

    rulebook: Rulebook
    layers: Layers
    secret: bytes
    base_url: str
    sender: str
    """The town's own address: every letter comes from it."""
    composer: Composer
    photos: PhotoFolder
    learned: ModelFile = field(default_factory=ModelFile, compare=False)
    """What the finder has learned from the town's own requests."""
    absence_book: AbsenceBook = field(default_factory=AbsenceBook, compare=False)
    """Who has said that they are away, beside what the rules say."""
    is_demo: bool = False
    reads_mail: bool = False
    """Whether replies and bounces are read. Until they are, no letter asks for them at its own address."""
    has_plus: bool = True
    """Whether mail to ``<local>+anything@`` arrives too, so that each letter has its own reply address."""
    authserv_id: str = ""
    """Under which name our own mail server reports on a sender; empty where none does."""
    intake_address: str = ""
    """Mail to it becomes a new request."""
    hold: timedelta = timedelta(minutes=5)
    """How long the letter to a resident waits, so that an answer by mail can be undone."""
    is_silent: bool = False
    """Write no letters: for a demonstration past that nobody should be mailed about."""
    nudge: Callable[[], None] = field(default=_nothing, compare=False)
    """Called after a commit that left letters behind, so that the first attempt is at once."""
    nudge_reader: Callable[[], None] = field(default=_nothing, compare=False)
    """Called after a commit that left a mail behind which nobody has read yet."""
    nudge_courier: Callable[[], None] = field(default=_nothing, compare=False)
    """Called after a commit that left a report for an agency's own system."""

    @property
    def zone(self) -> ZoneInfo:
        return self.rulebook.town.zone

    @property
    def finder_model(self) -> Model | None:
        """The newest model; None until there was enough to learn from."""
        return self.learned.model()

    def absences(self, now: datetime) -> tuple[Spell, ...]:
        """Return the absences that people have said themselves: (person, first day, last day)."""
        return self.absence_book.spells(now)

    def is_away(self, person: str, now: datetime) -> bool:
        """Return whether the rules or the person said that they are away on this day."""
        return is_away(self.rulebook.people[person], self.absences(now), now.astimezone(self.zone).date())

    def stand_in(self, person: str, now: datetime) -> Person:
        """Return who does it on this day: the person, or the first deputy who is there."""
        meant = self.rulebook.people[person]
        return stand_in(self.rulebook, meant, self.absences(now), now.astimezone(self.zone).date())

    @cached_property
    def gazetteer(self) -> Gazetteer:
        """Return the town's addresses, corners and landmarks, ready to be found by words."""
        return Gazetteer.of(self.rulebook, self.layers)

    @cached_property
    def calendar(self) -> OfficeCalendar:
        return office_calendar(self.rulebook.town)

    @cached_property
    def sorting(self) -> Sorting:
        """Under which department and ward a request is counted, and by which clock."""
        return sorting_of(self.rulebook, self.layers)

    @cached_property
    def grid(self) -> Grid:
        """The hexagons by which reports tell where requests come from."""
        return grid_of(self.rulebook, self.layers)


def office_calendar(town: Town) -> OfficeCalendar:
    """Return when the town hall is open: weekdays, the country's holidays and the town's own dates."""
    own = frozenset(town.holidays.dates)
    country = (
        holidays.country_holidays(town.holidays.country, subdiv=town.holidays.subdivision)
        if town.holidays.country
        else None
    )

    def is_holiday(day: date) -> bool:
        return day in own or (country is not None and day in country)

    hours = {WEEKDAYS.index(day): (span.opens, span.closes) for day, span in town.office_hours.items()}
    return OfficeCalendar(zone=town.zone, hours=hours, is_holiday=is_holiday)


class Keeper:
    """Opens the office when it is first needed, once, and hands it out.

    Commands that need no town (checking a broken rules file) never open it; ``serve`` opens it before
    it listens, so that a mistake stops the start and not a resident.
    """

    def __init__(self, opening: Callable[[], Office]) -> None:
        self._opening = opening
        self._office: Office | None = None
        self._lock = Lock()
        self.refusal = ""
        """Why the newest rules are not served: every mistake on a line of its own; empty when they are."""
        self.served_since: datetime | None = None
        """Since when the present rules are served; None until somebody with a clock has looked."""

    def office(self) -> Office:
        """Return the office; the first call may raise what opening raises."""
        with self._lock:
            if self._office is None:
                self._office = self._opening()
            return self._office

    def swap(self, office: Office) -> None:
        """Serve another office from now on; what is under way ends with the one it has."""
        with self._lock:
            self._office, self.refusal = office, ""

    def reopen(self) -> Office:
        """Read everything anew and serve it; may raise what opening raises, and then nothing changes.

        It is read outside the lock: nobody's page waits for a map.
        """
        office = self._opening()
        self.swap(office)
        return office

    def refuse(self, why: str) -> None:
        """Remember why changed rules are not served."""
        with self._lock:
            self.refusal = why


def the_office() -> Office:
    """Return the town that the current application serves."""
    return cast(Keeper, current_app.extensions[EXTENSION]).office()

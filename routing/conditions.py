"""Under which condition does which outcome follow? Rules and golden points as values."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import Field, NaiveDatetime, model_validator

from routing.kinds import AnyOf, Id, Text, Value
from routing.moments import Times


class Outcome(StrEnum):
    """What routing decides, in the fixed order of class: the first class with a match wins."""

    STOP = "stop"
    ASK = "ask"
    CARD = "card"
    HANDOFF = "handoff"
    ACCEPT = "accept"


class Asked(NamedTuple):
    """One thing that a condition asks; ``name`` is the question of an answer or the layer of an area."""

    key: str
    name: str
    wanted: Any


class Condition(Value):
    """What must be true for a rule to match; all keys given must hold, a list means any of it."""

    service: AnyOf = ()
    """The request is for one of these services."""
    group: AnyOf = ()
    """The service is in one of these groups."""
    area: Mapping[Id, AnyOf] = {}
    """Area layer -> names (or owner words) of its areas; ``any`` and ``none`` are understood."""
    road_owner: AnyOf = ()
    """Who owns the road at the place: owner words, ``any``, or ``none`` where there is no road."""
    asset_owner: AnyOf = ()
    """Who owns the pole or hydrant at the place; the same words."""
    outside: bool | None = None
    """True: the point is outside the layer marked ``boundary``."""
    answer: Mapping[Id, AnyOf] = {}
    """Question -> the answers that count; ``"yes"`` and ``"no"`` in quotes."""
    words: AnyOf = ()
    """Any of these words or phrases stands in the free text."""
    widget: AnyOf = ()
    """The request came from one of these widgets."""
    page: AnyOf = ()
    """The widget stood on one of the town's pages, or below it: ``/parks`` means ``/parks/falls`` too."""
    language: AnyOf = ()
    """The resident reads one of these languages."""
    time: Times | None = None
    """The moment, in town time: office hours, holidays, season, time of day."""
    all: Annotated[tuple[Condition, ...], Field(min_length=1)] = ()
    """A list of conditions that must all hold."""
    any: Annotated[tuple[Condition, ...], Field(min_length=1)] = ()
    """A list of conditions of which one must hold."""
    not_: Condition | None = Field(default=None, alias="not")
    """A condition that must not hold."""

    @cached_property
    def asked(self) -> tuple[Asked, ...]:
        """What it asks by itself, one by one; its ``all``, ``any`` and ``not`` ask for themselves."""
        found: list[Asked] = []
        for key in PLAIN_KEYS:
            wanted = getattr(self, key)
            if isinstance(wanted, Mapping):
                found += (Asked(key, name, words) for name, words in wanted.items())
            elif wanted is not None and wanted != ():
                found.append(Asked(key, "", wanted))
        return tuple(found)


PLAIN_KEYS = (
    "service", "group", "answer", "words", "widget", "language", "page", "time",
    "area", "outside", "road_owner", "asset_owner",
)  # fmt: skip
"""The keys of a condition that ask something by themselves, in the order in which they are looked at."""


class Stop(Value):
    """What a resident in danger must do."""

    call: str
    """The number to call, in quotes."""
    say: Text
    """What to do until help comes."""


class Rule(Value):
    """``when`` and exactly one outcome; ``say`` is the because that the resident reads."""

    id: Id
    """Kept with every decision that it made."""
    when: Condition
    """What must be true. Empty means always."""
    stop: Stop | None = None
    """Danger: a number to call, and no form."""
    card: Id | None = None
    """The agency whose card is shown."""
    handoff: Id | None = None
    """The agency that gets the report, if the resident consents."""
    accept: Id | None = None
    """A person or department that takes it instead of the service's own assignee."""
    say: Text | None = None
    """May use {road}, {area}, {agency}, {service}, {town}."""
    notice: Text | None = None
    """With ``accept``: one more sentence for the resident, as in "After hours, call …"."""
    staff: Text | None = None
    """One more sentence for those who work on it."""
    note_anyway: bool = False
    """With ``card``: the resident may send the town a note all the same."""

    @model_validator(mode="after")
    def _one_outcome(self) -> Self:
        given = [name for name in ("stop", "card", "handoff", "accept") if getattr(self, name) is not None]
        if len(given) != 1:
            found = " and ".join(given) or "none"
            raise ValueError(f"a rule has exactly one of stop, card, handoff or accept; found {found}")
        if self.note_anyway and self.card is None:
            raise ValueError("note_anyway goes with card only")
        if self.notice is not None and self.accept is None:
            raise ValueError("notice goes with accept only; the other outcomes have say")
        return self

    @cached_property
    def outcome(self) -> Outcome:
        return next(outcome for outcome in Outcome if getattr(self, outcome.value, None) is not None)

    @property
    def target(self) -> str | None:
        """The agency, person or department that the outcome names; None for stop."""
        return self.card or self.handoff or self.accept


class Check(Value):
    """A golden point: what must come out, checked before a changed file goes live."""

    service: Id
    """The service that is asked for."""
    at: tuple[float, float] | None = None
    """Latitude, longitude."""
    place: str = ""
    """The place as a resident types it, read where there is no ``at``: ``12 Mill Rd``."""
    answers: Mapping[Id, str] = {}
    """Question -> answer."""
    text: str = ""
    """The resident's words."""
    page: str = ""
    """The town's page from which it comes."""
    time: NaiveDatetime | None = None
    """When, in town time, as in ``2026-12-24 22:30``; needed where a rule asks for the time."""
    road: str | None = None
    """The resident's answer where two owners' roads are close."""
    expect: Mapping[Literal["stop", "ask", "card", "handoff", "accept"], str]
    """One outcome -> its target (for ``stop`` the number, for ``ask`` the layer)."""

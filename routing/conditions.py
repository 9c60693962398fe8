"""Under which condition does which outcome follow? Layers, rules and golden points as values."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from routing.kinds import AnyOf, Id, Text, Value


class Outcome(StrEnum):
    """What routing decides, in the fixed order of class: the first class with a match wins."""

    STOP = "stop"
    ASK = "ask"
    CARD = "card"
    HANDOFF = "handoff"
    ACCEPT = "accept"


class Layer(Value):
    """A map that rules can ask. ``file`` is relative to the rules file; coordinates are WGS84."""

    id: Id
    """The key of its entry."""
    file: str
    """GeoJSON, or CSV with ``lat`` and ``lon`` for assets; relative to the rules file, in WGS84 degrees."""
    kind: Literal["areas", "roads", "assets"]
    """Areas are polygons, roads are lines, assets are points."""
    name: str | None = None
    """The property that holds a feature's name."""
    owner: str | None = None
    """The property that holds a feature's owner."""
    owners: Mapping[str, Id] = {}
    """Owner property value -> the owner word that rules use (``town``, ``county`` …)."""
    number: str | None = None
    """For assets: the property that holds the number painted on the pole or hydrant."""
    boundary: bool = False
    """For areas: this layer is the town itself; outside it the town is not responsible."""
    tolerance: float = Field(default=15, gt=0, le=200)
    """For roads and assets: how far, in metres, a feature may be and still be the one meant."""
    ask_within: float = Field(default=15, ge=0, le=200)
    """For roads: unsure when another owner's road is at most this many metres farther."""


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
    language: AnyOf = ()
    """The resident reads one of these languages."""
    all: Annotated[tuple[Condition, ...], Field(min_length=1)] = ()
    """A list of conditions that must all hold."""
    any: Annotated[tuple[Condition, ...], Field(min_length=1)] = ()
    """A list of conditions of which one must hold."""
    not_: Condition | None = Field(default=None, alias="not")
    """A condition that must not hold."""


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
    answers: Mapping[Id, str] = {}
    """Question -> answer."""
    text: str = ""
    """The resident's words."""
    expect: Mapping[Literal["stop", "ask", "card", "handoff", "accept"], str]
    """One outcome -> its target (for ``stop`` the number, for ``ask`` the layer)."""

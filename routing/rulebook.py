"""What has the town said about itself? ``rules.yaml`` as frozen values.

The reader (``routing.reader``) builds these from the file and checks what one value alone cannot
see (does that person exist, can that rule ever match). Everything here is immutable: a changed file
becomes a new ``Rulebook`` that is swapped in whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from routing.kinds import AnyOf, ClockTime, Colour, Email, Id, Origin, SendDay, Words, Zone, span
from routing.kinds import Text as Text


class Outcome(StrEnum):
    """What routing decides, in the fixed order of class: the first class with a match wins."""

    STOP = "stop"
    ASK = "ask"
    CARD = "card"
    HANDOFF = "handoff"
    ACCEPT = "accept"


class Value(BaseModel):
    """A frozen part of the rulebook; unknown keys are mistakes."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Hours(Value):
    """Opening hours of one weekday, in town time."""

    opens: ClockTime
    closes: ClockTime

    @model_validator(mode="before")
    @classmethod
    def _from_words(cls, value: Any) -> Any:
        if isinstance(value, str):
            opens, dash, closes = value.partition("-")
            if not dash:
                raise ValueError(f'"{value}" is not a span of hours: write "08:00-16:30"')
            return {"opens": opens.strip().zfill(5), "closes": closes.strip().zfill(5)}
        return value

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.closes <= self.opens:
            raise ValueError("the office closes before it opens")
        return self


WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Holidays(Value):
    """Days on which the office is closed: a country's calendar plus the town's own dates."""

    country: str | None = None
    """The country whose public holidays close the office, in two letters, as in ``US``."""
    subdivision: str | None = None
    """The state or province, where its holidays differ, as in ``VT``."""
    dates: tuple[date, ...] = ()
    """The town's own closing days, as in ``2026-12-24``."""


class Emergency(Value):
    """The line that is shown where life may be in danger, and the words that call for it."""

    call: str
    """The number to call, in quotes: ``"911"``."""
    say: Text
    """The sentence beside the number."""
    words: Words = ()
    """Words or phrases that show the line when a resident writes them. They never stop anybody."""


class Town(Value):
    """The town itself: names, numbers, hours."""

    name: Text
    """As it stands on every page and letter."""
    jurisdiction_id: str
    """The town's own domain name; Open311 calls it so."""
    timezone: Zone
    """As in ``America/New_York``. All times are shown in it."""
    demonstration: bool = False
    """True shows a banner that nothing here is real."""
    languages: Words = ("en",)
    """Language tags of the pages, the first one by default."""
    websites: tuple[Origin, ...] = ()
    """The sites that may show the widget inside their pages, each as ``https://www.example.gov``."""
    phone: str
    """The number that residents may call instead."""
    email: Email
    """The address that residents may write to instead, and the sender of letters."""
    address: Text | None = None
    """Where the town hall is."""
    website: Origin | None = None
    """The town's own site, linked at the foot of pages."""
    residents: int | None = Field(default=None, gt=0)
    """How many people live here; for the figures per thousand in the council's report."""
    accent: Colour = "#1f5f8b"
    """The colour of buttons and headings, six hexadecimal digits in quotes."""
    office_hours: Mapping[
        Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"], Hours
    ]
    """Weekday -> ``"08:00-16:30"``. A weekday that is not named is closed. Targets count these hours."""
    holidays: Holidays = Holidays()
    """Days on which the office is closed."""
    emergency: Emergency
    """What is shown where somebody may be in danger."""

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


class Department(Value):
    """A department, so that somebody hears about what is late."""

    id: Id
    """The key of its entry."""
    name: Text
    """As residents read it."""
    head: Id
    """The person who hears about what is late, and the assignee of last resort."""


class Person(Value):
    """An employee or volunteer: a role with a mailbox."""

    id: Id
    """The key of the entry."""
    name: Text
    """A role, as in "Road foreman"; the product never needs a private name."""
    email: Email
    """Where the requests go."""
    department: Id
    """The department of the person; its head hears about what is late."""
    phone: str | None = None
    """For colleagues and for the letters to residents."""
    deputy: Id | None = None
    """The person who stands in."""
    absent: tuple[tuple[date, date], ...] = ()
    """First and last day away, both included; the deputy gets new requests meanwhile."""


AgencyKind = Literal[
    "county",
    "state",
    "village",
    "utility",
    "district",
    "park",
    "conservation",
    "animal-welfare",
    "neighbour",
    "private",
]


class Agency(Value):
    """A body outside the town that may be responsible."""

    id: Id
    """The key of its entry."""
    name: Text
    """As residents read it, without "the"."""
    kind: AgencyKind
    """What sort of body it is."""
    phone: str | None = None
    """The number on its card."""
    email: Email | None = None
    """The address on its card, and where hand-offs are sent."""
    website: str | None = None
    """The link on its card."""
    hours: Text | None = None
    """When it can be reached."""
    handoff: Literal["none", "mail"] = "none"
    """``mail``: it takes reports from us, with the consent of the resident. ``none``: only its card is shown."""
    note: Text | None = None
    """One more sentence on its card."""

    @model_validator(mode="after")
    def _can_be_reached(self) -> Self:
        if self.handoff == "mail" and not self.email:
            raise ValueError('handoff is "mail" but there is no email to send it to')
        return self


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


class Question(Value):
    """An extra field that a service asks for (Open311 attribute)."""

    code: Id
    """The key of its entry."""
    label: Text
    """The question as the resident reads it."""
    kind: Literal["text", "choice", "choices", "yes-no", "number", "date"] = "text"
    """``choice`` is one of the choices, ``choices`` any number of them."""
    choices: Mapping[Id, Text] = {}
    """Answer -> its words. Rules name the answer."""
    required: bool = False
    """True: the request cannot be sent without it."""
    help: Text | None = None
    """A sentence under the question."""

    @model_validator(mode="after")
    def _choices_fit(self) -> Self:
        if self.kind in ("choice", "choices") and len(self.choices) < 2:
            raise ValueError(f'a question of kind "{self.kind}" needs at least two choices')
        if self.kind not in ("choice", "choices") and self.choices:
            raise ValueError(f'choices are given, but the kind is "{self.kind}": write kind: choice')
        return self


class Span(Value):
    """A promised length of time: office hours, working days or calendar days."""

    count: int = Field(gt=0, le=3660)
    """How many."""
    unit: Literal["office hour", "working day", "day"]
    """Of what."""


TargetSpan = Annotated[Span, BeforeValidator(span)]


class Target(Value):
    """The promised time to acknowledge and to finish."""

    acknowledge: TargetSpan
    """Until a person has said that it was seen."""
    finish: TargetSpan
    """Until it has ended."""


class Group(Value):
    """A heading over services. Its name alone is enough: ``streets: Streets and sidewalks``."""

    id: Id
    """The key of its entry."""
    name: Text
    """The heading over its services."""


class Service(Value):
    """A kind of request that residents can make."""

    code: Id
    """The key of its entry; Open311 calls it ``service_code``."""
    name: Text
    """As residents read it."""
    group: Id
    """The heading under which it stands."""
    description: Text
    """One sentence that tells it from its neighbours."""
    words: Words = ()
    """What residents call it; the finder ranks services by these."""
    questions: tuple[Question, ...] = ()
    """What else must be known: question -> its entry, or a list with ``code``."""
    assignee: Id
    """A person, or a department (then its head)."""
    target: Target
    """What residents are promised."""
    location: Literal["required", "optional", "none"] = "required"
    """Whether a place is asked for. With ``none`` no rule about places ever applies."""
    photos: int = Field(default=3, ge=0, le=10)
    """How many photos may be sent; 0 for none."""
    contact: Literal["optional", "required"] = "optional"
    """Whether the resident must leave a way to be reached."""
    public: bool = True
    """False: never shown to anybody but the resident and the town."""
    urgent: bool = False
    """True: the letter to the assignee says so in its subject."""

    def question(self, code: str) -> Question | None:
        return next((question for question in self.questions if question.code == code), None)


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

    @property
    def outcome(self) -> Outcome:
        return next(outcome for outcome in Outcome if getattr(self, outcome.value, None) is not None)

    @property
    def target(self) -> str | None:
        """The agency, person or department that the outcome names; None for stop."""
        return self.card or self.handoff or self.accept


class Widget(Value):
    """One form that pages can show, with all services or some."""

    id: Id
    """The key of its entry; part of the snippet."""
    title: Text
    """The heading of the form."""
    intro: Text | None = None
    """A sentence under the heading."""
    services: tuple[Id, ...] = ()
    """Which services it offers; none named means all."""


class SendTime(Value):
    """When a report goes out."""

    on: SendDay
    """``business day 3``, ``day 5`` or ``last day``."""
    at: ClockTime
    """Time of day in town time."""


class ReportPlan(Value):
    """A report that the council gets without asking for it."""

    id: Id
    """The key of its entry."""
    title: Text
    """The title on its first page."""
    every: Literal["month"] = "month"
    """How often."""
    send: SendTime
    """When it goes out, in the month after the one it tells about."""
    audience: Literal["council"] = "council"
    """For whom it is written."""
    to: Annotated[tuple[str, ...], Field(min_length=1)]
    """Person ids or e-mail addresses."""
    catch_up: int = Field(default=3, ge=0, le=24)
    """How many missed periods are still made up for after an outage."""


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


KEYED = ("departments", "people", "agencies", "layers", "groups", "widgets", "reports", "services")
"""The sections whose entries take their id from their key."""


class Rulebook(Value):
    """The whole file."""

    town: Town
    """Who the town is."""
    departments: Mapping[Id, Department]
    """Its departments."""
    people: Mapping[Id, Person]
    """Who answers for what."""
    clerk: Id
    """The person who gets what nobody else is responsible for."""
    agencies: Mapping[Id, Agency] = {}
    """Who else may be responsible."""
    layers: Mapping[Id, Layer] = {}
    """Maps that rules can ask."""
    groups: Mapping[Id, Group]
    """Headings over the services: id -> name."""
    services: Mapping[Id, Service]
    """What residents can ask for."""
    rules: tuple[Rule, ...] = ()
    """Whose job it is, in the order in which it is tried."""
    widgets: Mapping[Id, Widget]
    """What the pages of the town offer."""
    reports: Mapping[Id, ReportPlan] = {}
    """What the council gets."""
    checks: tuple[Check, ...] = ()
    """Golden points."""
    version: str = ""
    """The first 12 hex digits of the file's SHA-256; kept with every decision."""

    @model_validator(mode="before")
    @classmethod
    def _ids_from_keys(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        named = {**value}
        for section in KEYED:
            rows = named.get(section)
            key = "code" if section == "services" else "id"
            if isinstance(rows, dict):
                named[section] = {name: _with_key(row, key, name) for name, row in rows.items()}
        return named

    def offered(self, widget: str | None) -> tuple[Service, ...]:
        """The services that a widget offers, in the file's order."""
        chosen = self.widgets[widget].services if widget is not None and widget in self.widgets else ()
        return tuple(self.services[code] for code in chosen) if chosen else tuple(self.services.values())

    def person_for(self, target: str) -> Person:
        """The person meant by a person id or a department id (then its head)."""
        if target in self.people:
            return self.people[target]
        return self.people[self.departments[target].head]


def _with_key(row: Any, key: str, name: Any) -> Any:
    if not isinstance(row, dict):
        return {"name": row, key: name} if isinstance(row, str) else row
    if key == "code" and isinstance(row.get("questions"), dict):
        row = {**row, "questions": [_with_key(q, "code", code) for code, q in row["questions"].items()]}
    return {**row, key: name}

"""What has the town said about itself? ``rules.yaml`` as frozen values.

The reader (``routing.reader``) builds these from the file and checks what one value alone cannot
see (does that person exist, can that rule ever match). Everything here is immutable: a changed file
becomes a new ``Rulebook`` that is swapped in whole.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, time
from enum import StrEnum
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, RootModel, model_validator
from pydantic_core import PydanticCustomError

ID_PATTERN = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
HEX_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


class Outcome(StrEnum):
    """What routing decides, in the fixed order of class: the first class with a match wins."""

    STOP = "stop"
    ASK = "ask"
    CARD = "card"
    HANDOFF = "handoff"
    ACCEPT = "accept"


class Text(RootModel[str | dict[str, str]]):
    """Words of the town's own: one sentence for every language, or one per language tag."""

    model_config = ConfigDict(frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _are_words(cls, value: Any) -> Any:
        # One clear sentence here instead of pydantic's two, one for each half of the union.
        if isinstance(value, dict):
            wrong = [tag for tag, words in value.items() if not isinstance(words, str)]
            if wrong or not value:
                raise ValueError(
                    f"expected words for each language; found none for {', '.join(map(str, wrong)) or 'any'}"
                )
        elif not isinstance(value, (str, cls)):
            raise PydanticCustomError("string_type", "Input should be a valid string")
        return value

    def said(self, language: str = "en") -> str:
        """Return the words in ``language``, else in the first language that the file gives."""
        if isinstance(self.root, str):
            return self.root
        return (
            self.root.get(language) or self.root.get(language.split("-")[0]) or next(iter(self.root.values()))
        )

    def __str__(self) -> str:
        return self.said()


def _as_list(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


def _plain_id(value: str) -> str:
    if not ID_PATTERN.fullmatch(value):
        raise ValueError(
            f'"{value}" is not an id: use small letters, digits and single hyphens, as in "road-foreman"'
        )
    return value


def _origin(value: str) -> str:
    if not re.fullmatch(r"https?://[a-z0-9.-]+(:\d+)?", value):
        raise ValueError(
            f'"{value}" is not a website address: write it as https://www.example.gov, without a path'
        )
    return value


def _colour(value: str) -> str:
    if not HEX_COLOUR.fullmatch(value):
        raise ValueError(f'"{value}" is not a colour: write six hexadecimal digits, as in "#14532d"')
    return value.lower()


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise ValueError(f'no time zone "{value}": write one as in "America/New_York"') from None
    return value


def _email(value: str) -> str:
    if not re.fullmatch(r"[^@\s<>,;\"]+@[^@\s<>,;\"]+\.[^@\s<>,;\".]+", value) or len(value) > 254:
        raise ValueError(f'"{value}" is not an e-mail address')
    return value


def _clock_time(value: Any) -> Any:
    # YAML 1.1 reads an unquoted 16:30 as the base-60 number 990; take it as the time it was meant to be.
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 24 * 60:
        return time(value // 60, value % 60)
    return value


Id = Annotated[str, AfterValidator(_plain_id)]
Origin = Annotated[str, AfterValidator(_origin)]
Colour = Annotated[str, AfterValidator(_colour)]
Zone = Annotated[str, AfterValidator(_zone)]
Email = Annotated[str, AfterValidator(_email)]
ClockTime = Annotated[time, BeforeValidator(_clock_time)]
Words = Annotated[tuple[str, ...], BeforeValidator(_as_list)]
"""One word or a list of words; a scalar in the file is a list of one."""
AnyOf = Annotated[tuple[str, ...], BeforeValidator(_as_list), Field(min_length=1)]
"""Words of which any may hold. An empty list is a mistake: it would match everything."""


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
    subdivision: str | None = None
    dates: tuple[date, ...] = ()


class Emergency(Value):
    """The line that is shown where life may be in danger, and the words that call for it."""

    call: str
    say: Text
    words: Words = ()


class Town(Value):
    name: Text
    jurisdiction_id: str
    timezone: Zone
    demonstration: bool = False
    languages: Words = ("en",)
    websites: tuple[Origin, ...] = ()
    phone: str
    email: Email
    address: Text | None = None
    website: Origin | None = None
    residents: int | None = Field(default=None, gt=0)
    accent: Colour = "#1f5f8b"
    office_hours: Mapping[
        Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"], Hours
    ]
    holidays: Holidays = Holidays()
    emergency: Emergency

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


class Department(Value):
    id: Id
    name: Text
    head: Id
    """The person who hears about what is late, and the assignee of last resort."""


class Person(Value):
    id: Id
    name: Text
    """A role, as in "Road foreman"; the product never needs a private name."""
    email: Email
    department: Id
    phone: str | None = None
    deputy: Id | None = None
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
    id: Id
    name: Text
    kind: AgencyKind
    phone: str | None = None
    email: Email | None = None
    website: str | None = None
    hours: Text | None = None
    handoff: Literal["none", "mail"] = "none"
    note: Text | None = None

    @model_validator(mode="after")
    def _can_be_reached(self) -> Self:
        if self.handoff == "mail" and not self.email:
            raise ValueError('handoff is "mail" but there is no email to send it to')
        return self


class Layer(Value):
    """A map that rules can ask. ``file`` is relative to the rules file; coordinates are WGS84."""

    id: Id
    file: str
    kind: Literal["areas", "roads", "assets"]
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
    label: Text
    kind: Literal["text", "choice", "choices", "yes-no", "number", "date"] = "text"
    choices: Mapping[Id, Text] = {}
    required: bool = False
    help: Text | None = None

    @model_validator(mode="after")
    def _choices_fit(self) -> Self:
        if self.kind in ("choice", "choices") and len(self.choices) < 2:
            raise ValueError(f'a question of kind "{self.kind}" needs at least two choices')
        if self.kind not in ("choice", "choices") and self.choices:
            raise ValueError(f'choices are given, but the kind is "{self.kind}": write kind: choice')
        return self


def _span(value: Any) -> Any:
    if isinstance(value, str):
        found = re.fullmatch(r"(\d+)\s*(office hours?|working days?|days?)", value.strip())
        if not found:
            raise ValueError(
                f'"{value}" is not a span: write "4 office hours", "3 working days" or "10 days"'
            )
        return {"count": int(found[1]), "unit": found[2].rstrip("s")}
    return value


class Span(Value):
    """A promised length of time: office hours, working days or calendar days."""

    count: int = Field(gt=0, le=3660)
    unit: Literal["office hour", "working day", "day"]


TargetSpan = Annotated[Span, BeforeValidator(_span)]


class Target(Value):
    """The promised time to acknowledge and to finish."""

    acknowledge: TargetSpan
    finish: TargetSpan


class Group(Value):
    id: Id
    name: Text


class Service(Value):
    code: Id
    name: Text
    group: Id
    description: Text
    words: Words = ()
    """What residents call it; the finder ranks services by these."""
    questions: tuple[Question, ...] = ()
    assignee: Id
    """A person, or a department (then its head)."""
    target: Target
    location: Literal["required", "optional", "none"] = "required"
    photos: int = Field(default=3, ge=0, le=10)
    contact: Literal["optional", "required"] = "optional"
    public: bool = True
    urgent: bool = False

    def question(self, code: str) -> Question | None:
        return next((question for question in self.questions if question.code == code), None)


class Condition(Value):
    """What must be true for a rule to match; all keys given must hold, a list means any of it."""

    service: AnyOf = ()
    group: AnyOf = ()
    area: Mapping[Id, AnyOf] = {}
    """Area layer -> names (or owner words) of its areas; ``any`` and ``none`` are understood."""
    road_owner: AnyOf = ()
    asset_owner: AnyOf = ()
    outside: bool | None = None
    """True: the point is outside the layer marked ``boundary``."""
    answer: Mapping[Id, AnyOf] = {}
    words: AnyOf = ()
    """Any of these words or phrases stands in the free text."""
    widget: AnyOf = ()
    language: AnyOf = ()
    all: Annotated[tuple[Condition, ...], Field(min_length=1)] = ()
    any: Annotated[tuple[Condition, ...], Field(min_length=1)] = ()
    not_: Condition | None = Field(default=None, alias="not")


class Stop(Value):
    call: str
    say: Text


class Rule(Value):
    """``when`` and exactly one outcome; ``say`` is the because that the resident reads."""

    id: Id
    when: Condition
    stop: Stop | None = None
    card: Id | None = None
    handoff: Id | None = None
    accept: Id | None = None
    """A person or department that takes it instead of the service's own assignee."""
    say: Text | None = None
    """May use {road}, {area}, {agency}, {service}, {town}."""
    staff: Text | None = None
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
    id: Id
    title: Text
    intro: Text | None = None
    services: tuple[Id, ...] = ()
    """Which services it offers; none named means all."""


class SendTime(Value):
    on: Annotated[str, Field(pattern=r"^(business day|day) ([1-9]|1\d|2[0-8])$|^last day$")]
    at: ClockTime


class ReportPlan(Value):
    """A report that the council gets without asking for it."""

    id: Id
    title: Text
    every: Literal["month"] = "month"
    send: SendTime
    audience: Literal["council"] = "council"
    to: Annotated[tuple[str, ...], Field(min_length=1)]
    """Person ids or e-mail addresses."""
    catch_up: int = Field(default=3, ge=0, le=24)
    """How many missed periods are still made up for after an outage."""


class Check(Value):
    """A golden point: what must come out, checked before a changed file goes live."""

    service: Id
    at: tuple[float, float] | None = None
    """Latitude, longitude."""
    answers: Mapping[Id, str] = {}
    text: str = ""
    expect: Mapping[Literal["stop", "ask", "card", "handoff", "accept"], str]
    """One outcome -> its target (for ``stop`` the number, for ``ask`` the layer)."""


class Rulebook(Value):
    town: Town
    departments: Mapping[Id, Department]
    people: Mapping[Id, Person]
    clerk: Id
    """The person who gets what nobody else is responsible for."""
    agencies: Mapping[Id, Agency] = {}
    layers: Mapping[Id, Layer] = {}
    groups: Mapping[Id, Group]
    services: Mapping[Id, Service]
    rules: tuple[Rule, ...] = ()
    widgets: Mapping[Id, Widget]
    reports: Mapping[Id, ReportPlan] = {}
    checks: tuple[Check, ...] = ()
    version: str = ""
    """The first 12 hex digits of the file's SHA-256; kept with every decision."""

    @model_validator(mode="before")
    @classmethod
    def _ids_from_keys(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        named = {**value}
        for section in (
            "departments",
            "people",
            "agencies",
            "layers",
            "groups",
            "widgets",
            "reports",
            "services",
        ):
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

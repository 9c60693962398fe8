"""Who is the town, who works for it, and who else is there?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from routing.kinds import (
    WEEKDAYS,
    ClockTime,
    Colour,
    Email,
    Id,
    Origin,
    ServiceAddress,
    Tags,
    Text,
    Value,
    Words,
    Zone,
)
from routing.services import Ladder, Span, TargetSpan


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


class QuietHours(Value):
    """A span of the day, in town time, that may go over midnight."""

    begins: ClockTime
    """From when on letters to employees wait."""
    ends: ClockTime
    """When they leave."""

    @model_validator(mode="before")
    @classmethod
    def _from_words(cls, value: Any) -> Any:
        if isinstance(value, str):
            begins, dash, ends = value.partition("-")
            if not dash:
                raise ValueError(f'"{value}" is not a span of hours: write "20:00-07:00"')
            return {"begins": begins.strip().zfill(5), "ends": ends.strip().zfill(5)}
        return value

    @model_validator(mode="after")
    def _are_some(self) -> Self:
        if self.begins == self.ends:
            raise ValueError("the quiet hours begin and end at the same time")
        return self


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


class TownMap(Value):
    """Pictures for the map of the form, from somewhere else than the town's own layers."""

    tiles: str = Field(pattern=r"^https://[a-z0-9.-]+(:\d+)?/\S*$")
    """The address of a square, with ``{z}``, ``{x}`` and ``{y}`` in it. Whoever serves it sees which part of
    the town a resident looks at, and from which network."""
    attribution: str = ""
    """What their makers want to read on the map."""

    @model_validator(mode="after")
    def _has_its_parts(self) -> Self:
        missing = [part for part in ("{z}", "{x}", "{y}") if part not in self.tiles]
        if missing:
            raise ValueError(
                f"tiles must say where {' and '.join(missing)} go, as in https://…/{{z}}/{{x}}/{{y}}.png"
            )
        return self

    @property
    def origin(self) -> str:
        """The site that the squares come from."""
        return "/".join(self.tiles.split("/")[:3])


__all__ = ["MONTHS", "WEEKDAYS"]
MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
Month = Literal[
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
]  # fmt: skip


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
    languages: Tags = ("en",)
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
    wards: Id | None = None
    """The layer of kind ``areas`` by whose areas reports count requests: wards, districts or villages."""
    fiscal_year: Month = "january"
    """The month with which the town's fiscal year begins, as in ``july``. Reports name it by the calendar
    year in which it ends."""
    accent: Colour = "#1f5f8b"
    """The colour of buttons and headings, six hexadecimal digits in quotes."""
    office_hours: Mapping[
        Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"], Hours
    ]
    """Weekday -> ``"08:00-16:30"``. A weekday that is not named is closed. Targets count these hours."""
    holidays: Holidays = Holidays()
    """Days on which the office is closed."""
    quiet_hours: QuietHours | None = None
    """As in ``"20:00-07:00"``. Letters to employees wait until they end, except those about urgent
    services and a first reminder. Not said: none."""
    ladder: Ladder = Ladder()
    """Who hears when nobody acts, for every service that does not say it itself."""
    emergency: Emergency
    """What is shown where somebody may be in danger."""
    map: TownMap | None = None
    """Pictures under the map of the form. Not said: the map is drawn from the town's own layers, and nobody
    else sees where a resident looks."""
    most_a_day: int | None = Field(default=None, gt=0)
    """How many requests one day may bring through the form before every further one waits for the clerk to
    look (docs/abuse.md). None is ever refused. Not said: a tenth of the residents, at least 200."""

    @property
    def most_on_a_day(self) -> int:
        """The daily cap, derived where it is not said."""
        return self.most_a_day or max(200, (self.residents or 5000) // 10)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


class Department(Value):
    """A department, so that somebody stands behind each person."""

    id: Id
    """The key of its entry."""
    name: Text
    """As residents read it."""
    head: Id
    """The person who gets what neither the assignee nor the deputy can be sent, and may act on it."""


class Person(Value):
    """An employee or volunteer: a role with a mailbox."""

    id: Id
    """The key of the entry."""
    name: Text
    """A role, as in "Road foreman"; the product never needs a private name."""
    email: Email
    """Where the requests go."""
    department: Id
    """The department of the person; its head may act on the same requests."""
    phone: str | None = None
    """For colleagues and for the letters to residents."""
    deputy: Id | None = None
    """The person who stands in."""
    absent: tuple[tuple[date, date], ...] = ()
    """First and last day away, both included; the deputy gets new requests meanwhile. Employees can say
    the same by the link at the foot of their letters."""
    mail: Literal["at once", "hourly", "daily"] = "at once"
    """``hourly`` and ``daily`` gather letters into one: at the full office hour, or when the office opens.
    What is urgent, and the first reminder, comes at once all the same."""
    morning: bool | None = None
    """``yes``: a summary of what is new, late or to be decided, each working day at opening. Not said: the
    clerk alone gets it."""
    language: str | None = None
    """One of the town's ``languages``: what this person's letters, and the pages behind them, are written in.
    The town's first when missing."""


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


class Open311(Value):
    """Where an agency's own system takes reports: a service that speaks Open311 GeoReport v2.

    Its key, if it wants one, is a setting of the machine (``TOWNLINE_OPEN311_KEY_…``), never a line here.
    """

    endpoint: ServiceAddress
    """Its base address, as in ``https://311.example.gov/open311/v2``; https, except on this very machine."""
    jurisdiction_id: str | None = None
    """What it calls itself, where one service serves several."""
    services: Mapping[Id, str] = {}
    """Our service -> its ``service_code``."""
    default_service: str
    """Its ``service_code`` for every service of ours that is not in ``services``."""
    link: bool = False
    """True: the description also carries the agency's signed link, with photos and contact behind it.
    Only where their system shows descriptions to nobody outside: many publish them."""

    def service_for(self, code: str) -> str:
        return self.services.get(code, self.default_service)


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
    handoff: Literal["none", "mail", "open311"] = "none"
    """``mail``: it takes our reports by mail. ``open311``: its own system takes them. Name and contact go
    along only if the resident consents. ``none``: only its card is shown."""
    open311: Open311 | None = None
    """Where its system is, for ``handoff: open311``."""
    remind: TargetSpan = Span(count=5, unit="working day")
    """How long it may stay silent about a hand-off. Then it is reminded, twice; then the clerk is told."""
    note: Text | None = None
    """One more sentence on its card."""
    words: Words = ()
    """Words or phrases by which residents name what is its job; the finder then offers its card."""

    @model_validator(mode="after")
    def _can_be_reached(self) -> Self:
        if self.handoff == "mail" and not self.email:
            raise ValueError('handoff is "mail" but there is no email to send it to')
        if self.handoff == "open311" and self.open311 is None:
            raise ValueError('handoff is "open311" but there is no open311 that says where its system is')
        if self.handoff != "open311" and self.open311 is not None:
            raise ValueError(f'open311 is given, but handoff is "{self.handoff}": write handoff: open311')
        return self

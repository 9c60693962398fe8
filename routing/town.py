"""Who is the town, who works for it, and who else is there?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from routing.kinds import ClockTime, Colour, Email, Id, Origin, Text, Value, Words, Zone


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
    """``mail``: it takes our reports, if the resident consents. ``none``: only its card is shown."""
    note: Text | None = None
    """One more sentence on its card."""
    words: Words = ()
    """Words or phrases by which residents name what is its job; the finder then offers its card."""

    @model_validator(mode="after")
    def _can_be_reached(self) -> Self:
        if self.handoff == "mail" and not self.email:
            raise ValueError('handoff is "mail" but there is no email to send it to')
        return self

"""What has the town said about itself? ``rules.yaml`` as frozen values.

The reader (``routing.reader``) builds these from the file and checks what one value alone cannot
see (does that person exist, can that rule ever match). Everything here is immutable: a changed file
becomes a new ``Rulebook`` that is swapped in whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, model_validator

from routing.conditions import Check, Condition, Outcome, Rule, Stop
from routing.kinds import Colour, Email, Id, Text, Value, Words
from routing.maps import Layer, Tolerance
from routing.moments import Times
from routing.plans import Approval, Attach, ReportPlan, SendTime, Wait
from routing.rates import Rate, RateCard, Rates
from routing.services import Answer, Duplicates, Group, Ladder, Question, Service, Span, Target, TargetSpan
from routing.town import (
    WEEKDAYS,
    Agency,
    AgencyKind,
    Department,
    Emergency,
    Holidays,
    Hours,
    Person,
    QuietHours,
    Town,
)

__all__ = [
    "WEEKDAYS", "Agency", "AgencyKind", "Answer", "Approval", "Attach", "Check", "Condition", "Department",
    "Duplicates", "Email", "Emergency", "Group", "Holidays", "Hours", "Id", "Intake", "Ladder", "Layer",
    "Outcome", "Person", "Question", "QuietHours", "Rate", "RateCard", "Rates", "ReportPlan", "Rule",
    "Rulebook", "SendTime", "Service", "Span", "Stop", "Target", "Text", "Times", "Tolerance", "Town",
    "Value", "Wait", "Widget", "Words",
]  # fmt: skip


class Widget(Value):
    """Something that pages can show: the form with all services or some, or one of three smaller things."""

    id: Id
    """The key of its entry; part of the snippet."""
    kind: Literal["report", "status", "recent", "whose"] = "report"
    """``report`` is the form, ``status`` leads residents back to their request, ``recent`` is a list and a
    map of what was reported lately, ``whose`` tells only whose job something is."""
    title: Text
    """The heading of the form."""
    intro: Text | None = None
    """A sentence under the heading."""
    services: tuple[Id, ...] = ()
    """Which services it offers; none named means all."""
    accent: Colour | None = None
    """Its color instead of the town's, such as "#803300"; made readable where it is not."""
    button: Text | None = None
    """The words of the link that is pasted, and of the floating button; its title when missing."""


class Intake(Value):
    """What happens to a mail that is a new request and misses something."""

    wait: TargetSpan = Span(count=2, unit="day")
    """How long its sender has to complete it. Then the clerk gets it as it is."""
    letters: int = Field(default=3, ge=0, le=50)
    """How many of our answers one address gets in a day; 0 for none."""


KEYED = ("departments", "people", "agencies", "answers", "layers", "groups", "widgets", "reports", "services")
"""The sections whose entries take their id from their key."""


class Rulebook(Value):
    """The sections of ``rules.yaml``, each explained below."""

    town: Town
    """Who the town is."""
    departments: Mapping[Id, Department]
    """Its departments."""
    people: Mapping[Id, Person]
    """Who answers for what."""
    clerk: Id
    """The person who gets what nobody else is responsible for."""
    operator: Id | None = None
    """The person whose mailbox gets the link to the operator's pages; the clerk where it is not said."""
    agencies: Mapping[Id, Agency] = {}
    """Who else may be responsible."""
    layers: Mapping[Id, Layer] = {}
    """Maps that rules can ask."""
    groups: Mapping[Id, Group]
    """Headings over the services: id -> name."""
    services: Mapping[Id, Service]
    """What residents can ask for."""
    answers: Mapping[Id, Answer] = {}
    """What residents ask again and again."""
    rules: tuple[Rule, ...] = ()
    """Whose job it is, in the order in which it is tried."""
    widgets: Mapping[Id, Widget]
    """What the pages of the town offer."""
    reports: Mapping[Id, ReportPlan] = {}
    """What the council gets."""
    rates: Rates | None = None
    """What an hour of work and of a vehicle costs: for the manager's figures of cost."""
    intake: Intake = Intake()
    """New requests by mail."""
    checks: tuple[Check, ...] = ()
    """Golden points."""
    texts: Mapping[str, str | Mapping[str, str | Words]] = {}
    """Language -> the name of a file beside this one, or a mapping of path -> words (docs/translating.md)."""
    version: str = ""
    """The first 12 hex digits of the file's SHA-256, its texts included; kept with every decision."""

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

    def ladder_of(self, service: str) -> Ladder:
        """Who hears when nobody acts on a request of this service, even one that is offered no more."""
        own = self.services[service].ladder if service in self.services else None
        return own or self.town.ladder

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

"""Which reports are planned: how often, when they go out, who approves them, for whom, with what in them?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal, Self

from cronsim import CronSim, CronSimError
from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from routing.kinds import ClockTime, Id, SendDay, Text, Value, as_list

Rhythm = Literal["week", "month", "quarter", "year", "fiscal_year"]
Audience = Literal["council", "manager", "department", "ward"]
Section = Literal[
    "summary", "demand", "timeliness", "where", "redirected", "experience", "outlook", "methods",
    "contacts", "repeats", "workload", "cost", "changes",
]  # fmt: skip
SECTIONS: tuple[Section, ...] = (
    "summary", "demand", "timeliness", "where", "redirected", "experience", "outlook", "methods",
)  # fmt: skip
INTERNAL: tuple[Section, ...] = ("changes", "contacts", "repeats", "workload", "cost")
"""Sections for the manager alone: they name employees, and pages that may say whom they are about."""
MANAGERS: tuple[Section, ...] = (*SECTIONS[:-1], *INTERNAL, SECTIONS[-1])
"""What a manager's report has when its plan does not say it."""
PUBLIC: frozenset[Audience] = frozenset({"council", "ward"})
"""For whom a report is written that anybody may read."""
HEAD = "head of department"
"""A recipient that stands for another person in each department's part."""


CRON_START = datetime(2026, 1, 1, tzinfo=UTC)
"""From when cron lines are tried out; any day would do."""


def _cron(value: str) -> str:
    try:
        if len(value.split()) != 5:
            raise CronSimError(f"it has {len(value.split())} parts")
        next(CronSim(value, CRON_START))
    except CronSimError as error:
        raise ValueError(
            f'"{value}" is not a cron line ({str(error).lower()}): write five parts, '
            'minute hour day month weekday, as in "0 7 L * *"'
        ) from None
    except StopIteration:
        raise ValueError(f'"{value}" is a cron line that never comes true') from None
    return value


CronLine = Annotated[str, AfterValidator(_cron)]


class SendTime(Value):
    """When a report goes out: a day in words and a time, or a line as for cron; both in town time."""

    on: SendDay | None = None
    """``business day 5``, ``day 10``, ``last business day``, ``last day`` or a weekday. It is counted from
    the day after the period: in the week after a weekly report's, in the first month after all others'. In
    a month without the day 31 it is the last one; a weekday is the first such day after the period."""
    at: ClockTime | None = None
    """Time of day in town time, with ``on``."""
    cron: CronLine | None = None
    """Instead of ``on`` and ``at``: minute, hour, day, month, weekday, as in ``0 7 L * *`` for seven in the
    morning of the last day of the month. An edition goes out at the first such moment after its period."""

    @model_validator(mode="before")
    @classmethod
    def _from_words(cls, value: Any) -> Any:
        return {"cron": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if self.cron is not None and (self.on is not None or self.at is not None):
            raise ValueError("both a day in words and a cron line are given: keep one of them")
        if self.cron is None and self.on is None:
            raise ValueError('it is not said when: write {on: business day 5, at: "07:00"}')
        if self.cron is None and self.at is None:
            raise ValueError('the time of day is missing: write at: "07:00" beside on')
        return self


class Wait(Value):
    """How long a draft waits for a word: plain hours, office hours, working days or days."""

    count: int = Field(gt=0, le=2000)
    """How many."""
    unit: Literal["hour", "office hour", "working day", "day"]
    """Of what."""

    @model_validator(mode="before")
    @classmethod
    def _from_words(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        found = re.fullmatch(r"(\d+)\s*(h|hours?|office hours?|working days?|days?)", value.strip())
        if not found:
            raise ValueError(f'"{value}" is not a span: write "48h", "16 office hours" or "2 working days"')
        unit = "hour" if found[2] == "h" else found[2].rstrip("s")
        return {"count": int(found[1]), "unit": unit}


class Approval(Value):
    """Who looks at a draft before it goes out, and what happens when nobody does."""

    by: Id
    """The person who gets the draft with a link to approve it, to add a note or to skip it."""
    within: Wait = Wait(count=48, unit="hour")
    """How long it waits, as in ``48h`` or ``2 working days``; half-way the person is reminded."""
    then: Literal["send", "skip"] = "send"
    """What happens when nobody has said anything by then."""


class Attach(Value):
    """What comes along with the letter."""

    pdf: bool = True
    """The report as a PDF; without it the letter carries the page."""
    csv: Literal["embedded", "attached", "none"] = "embedded"
    """The figures as a table: inside the PDF, beside it, or not at all. Not said and without a PDF it is
    attached."""
    xlsx: bool = False
    """The figures as a workbook, where the extra for it is installed."""

    @model_validator(mode="before")
    @classmethod
    def _beside_the_page(cls, value: Any) -> Any:
        if isinstance(value, dict) and value.get("pdf") is False and "csv" not in value:
            return {**value, "csv": "attached"}
        return value


def _nobody(value: Any) -> Any:
    return None if value in ("none", False) else value


def _recipients(value: Any) -> Any:
    """One recipient, a list of them, or a mapping of parts to either."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return {part: [row] if isinstance(row, str) else row for part, row in value.items()}
    return value


def _each_once(value: tuple[Section, ...]) -> tuple[Section, ...]:
    twice = next((name for name in value if value.count(name) > 1), None)
    if twice:
        raise ValueError(f'"{twice}" stands there twice: name each section once')
    return value


Several = Annotated[tuple[str, ...], Field(min_length=1)]
Recipients = Annotated[Several | Mapping[str, Several], BeforeValidator(_recipients)]
Sections = Annotated[
    tuple[Section, ...], Field(min_length=1), BeforeValidator(as_list), AfterValidator(_each_once)
]
MaybeApproval = Annotated[Approval | None, BeforeValidator(_nobody)]


class ReportPlan(Value):
    """A report that the council, the manager, the departments or the wards get without asking for it."""

    id: Id
    """The key of its entry."""
    title: Text
    """The title on its first page."""
    every: Rhythm = "month"
    """How often, and about what: the ``week``, ``month``, ``quarter``, ``year`` or ``fiscal_year`` that is
    over. The fiscal year begins as ``town.fiscal_year`` says."""
    send: SendTime
    """When it goes out, after the period it tells about: ``{on: business day 5, at: "07:00"}`` or a cron line
    such as ``"0 7 L * *"``."""
    approve: MaybeApproval = None
    """Who approves the draft first, as in ``{by: clerk, within: 48h, then: send}``; ``none`` when nobody."""
    audience: Audience = "council"
    """For whom it is written. A report for a ``department`` or ``ward`` has one edition for each of them."""
    to: Recipients
    """Person ids or e-mail addresses. In a report for departments, ``head of department`` stands for the head
    of each. Parts with other recipients are written as a mapping, the department's id or the ward's name
    before them: only the parts that are named are made then."""
    sections: Sections = SECTIONS
    """Which pages it has, in this order. ``changes``, ``contacts``, ``repeats``, ``workload`` and ``cost``
    are for the manager alone, whose report has them unless it says otherwise."""
    lead_lag: bool = False
    """True adds a search for services whose weeks go before another's, to the section ``changes`` of a
    manager's report of a ``year`` or ``fiscal_year``; it needs three years of records (docs/analytics.md)."""
    attach: Attach = Attach()
    """What comes along with the letter."""
    publish: bool = False
    """True: what was sent stands on the town's public page of reports, ``/reports/``. Only what is written
    for the ``council`` or a ``ward`` is published."""
    since: date | None = Field(default=None, ge=date(1970, 1, 1), le=date(2200, 1, 1))
    """The first day that it tells of, as in ``2026-10-01``: no period that begins before goes out by itself.
    Not said, a new report begins with the last period that is over, and that one goes out at once."""
    catch_up: int = Field(default=3, ge=0, le=24)
    """How many missed periods are still made up for after an outage; the clerk is told of older ones."""

    @model_validator(mode="before")
    @classmethod
    def _for_the_manager(cls, value: Any) -> Any:
        if isinstance(value, dict) and value.get("audience") == "manager" and value.get("sections") is None:
            return {**value, "sections": list(MANAGERS)}
        return value

    @property
    def has_parts(self) -> bool:
        """Whether each department or ward gets an edition of its own."""
        return self.audience in ("department", "ward")

    @property
    def is_public(self) -> bool:
        """Whether everybody may read what was sent."""
        return self.publish and self.audience in PUBLIC

    def recipients(self, part: str = "") -> tuple[str, ...]:
        """Who gets the edition of a part, as the plan names them; nobody where it names other parts."""
        return self.to if isinstance(self.to, tuple) else self.to.get(part, ())

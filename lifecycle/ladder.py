"""Nobody acts: who hears of it, and when? Pure: a promise and the town's calendar give the next step.

A request that nobody has taken on climbs from its first promise: the assignee is reminded when it
passes, then the deputy hears, the department's head, the clerk. One that is being worked on climbs to
its second promise: a reminder ahead of it, the deputy when it passes, then head and clerk. Each step
waits its own span from the moment at which the step before it was taken, so that after an outage
everybody still has their time. Whoever does something starts it anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from lifecycle.deadlines import OfficeCalendar, SpanOfTime, before, due
from lifecycle.status import WAITING, Status


class Rung(StrEnum):
    """Who hears at a step."""

    ASSIGNEE = "assignee"
    DEPUTY = "deputy"
    HEAD = "head"
    CLERK = "clerk"


STEPS = (Rung.ASSIGNEE, Rung.DEPUTY, Rung.HEAD, Rung.CLERK)
"""The order in which they hear; ``ladder_step`` counts how many of them have been told."""
UNBEGUN = -1
"""``ladder_step`` of a request that was open before there was a ladder."""
UNSEEN = frozenset({Status.RECEIVED, Status.REOPENED})
"""Statuses in which nobody of the town has said that they have it."""
STILL = WAITING | {Status.ENDED}
"""Statuses in which the town's clock stands still."""


class Spans(Protocol):
    """How long each step waits, as ``rules.yaml`` gives it."""

    @property
    def before(self) -> SpanOfTime: ...
    @property
    def deputy(self) -> SpanOfTime: ...
    @property
    def head(self) -> SpanOfTime: ...
    @property
    def clerk(self) -> SpanOfTime: ...
    @property
    def again(self) -> SpanOfTime: ...


@dataclass(frozen=True)
class Promise:
    """What the town has promised, pauses included, and since when nobody has done anything."""

    status: Status
    acknowledge_due: datetime
    finish_due: datetime
    since: datetime
    """When somebody last did something, or it came in or back."""
    answer_within: SpanOfTime
    """How long whoever has it now may take to say so."""


@dataclass(frozen=True)
class Next:
    """``step`` have been taken or are left out; the next one comes ``at`` this instant."""

    step: int
    at: datetime


def first(promise: Promise, spans: Spans, calendar: OfficeCalendar) -> Next | None:
    """Return where the ladder begins; None while the clock stands still."""
    if promise.status in STILL:
        return None
    if promise.status in UNSEEN:
        fair = due(promise.since, promise.answer_within, calendar)
        return Next(0, max(promise.acknowledge_due, fair))
    reminder = before(promise.finish_due, spans.before, calendar)
    if reminder > promise.since:
        return Next(0, reminder)
    if promise.finish_due > promise.since:
        return Next(1, promise.finish_due)
    # It was late already when somebody last did something: they have some days of peace.
    return Next(1, due(promise.since, spans.again, calendar))


def following(
    step: int, promise: Promise, spans: Spans, calendar: OfficeCalendar, *, now: datetime
) -> Next | None:
    """Return what follows when ``step`` steps have been taken by ``now``; None behind the last."""
    if promise.status in STILL or step >= len(STEPS):
        return None
    if step == 1 and promise.status not in UNSEEN and promise.finish_due > now:
        return Next(step, promise.finish_due)
    waits = {Rung.DEPUTY: spans.deputy, Rung.HEAD: spans.head, Rung.CLERK: spans.clerk}
    return Next(step, due(now, waits[STEPS[step]], calendar))

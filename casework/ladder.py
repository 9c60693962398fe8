"""What if nobody acts? The assignee is reminded, then deputy, head and clerk hear, one step at a time.

Decided from ``ladder_step`` and ``ladder_at`` of the row, compared again inside the transaction that
takes the step: a clock that fires twice, two processes or a kill between two requests change nothing
about who hears what. When the next step comes is ``lifecycle.ladder``'s to say.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from casework import promises
from casework.change import Change, changing
from casework.escalating import BY_TOWNLINE, responsible, tell_staff
from casework.office import Office
from lifecycle.deadlines import due, is_late
from lifecycle.journal import Kind
from lifecycle.ladder import STEPS, STILL, UNBEGUN, UNSEEN, Next, Promise, Rung, following
from routing.rulebook import Person
from routing.services import Span
from storage import followers, ladders
from storage.database import reading
from storage.ladders import Climbing

log = logging.getLogger("townline.ladder")
BATCH = 50
"""Steps a minute; after a long outage the rest follows a minute later."""
OLD_A_DAY = 5
"""Requests of one assignee, open before there was a ladder, that step onto it on one working day."""
AGAIN = timedelta(hours=1)
"""When a step is tried again that an unknown error broke off."""


def climb_due(office: Office, *, now: datetime) -> int:
    """Take every step that is due; return how many were found."""
    with reading() as session:
        found = ladders.climbing(session, now, most=BATCH)
    for climbing in found:
        try:
            _step(office, climbing, now)
        except Exception:
            # One request that cannot be told of must not keep the others from being told of.
            log.exception("request %s: nobody could be told that it waits", climbing.number)
            _postpone(office, climbing, now)
    return len(found)


def _postpone(office: Office, seen: Climbing, now: datetime) -> None:
    """Try it again later, behind those that can be told of."""
    with changing(office, seen.request_id, by=BY_TOWNLINE, now=now) as change:
        if (change.request.ladder_step, change.request.ladder_at) == (seen.step, seen.at):
            change.request.ladder_at = now + AGAIN


def _step(office: Office, seen: Climbing, now: datetime) -> None:
    with changing(office, seen.request_id, by=BY_TOWNLINE, now=now) as change:
        request = change.request
        if (request.ladder_step, request.ladder_at) != (seen.step, seen.at):
            return  # somebody acted meanwhile, or another process has taken the step
        if change.status in STILL:
            promises.climb_to(request, None)
            return
        if request.ladder_step == UNBEGUN:
            _begin(change)
            return
        _climb(change)


def _begin(change: Change) -> None:
    """Put a request that is older than the ladder onto it, a few a working day for each assignee.

    A town that upgrades with four hundred open requests would else send as many reminders in one hour.
    """
    office, request = change.office, change.request
    promises.heard(office, request, change.now)
    begun = ladders.count_begun(change.session, request.assignee, before=request.id)
    if request.ladder_at is not None and begun >= OLD_A_DAY:
        later = Span(count=begun // OLD_A_DAY, unit="working day")
        request.ladder_at = max(request.ladder_at, due(request.ladder_at, later, office.calendar))


def _climb(change: Change) -> None:
    """Tell the next person who has not heard yet, and write down who comes after them."""
    office, request, now = change.office, change.request, change.now
    spans, promise = promises.ladder_of(office, request), promises.promise(office, request, now)
    step = request.ladder_step
    told = {hearer.id for rung in STEPS[:step] if (hearer := hears(office, change, rung))}
    person = hears(office, change, STEPS[step])
    while person is None or person.id in told:
        step += 1
        if step == len(STEPS):
            promises.climb_to(request, None, taken=step)
            return
        person = hears(office, change, STEPS[step])
    after = following(step + 1, promise, spans, office.calendar, now=now)
    _tell(change, STEPS[step], person, promise, after)
    promises.climb_to(request, after, taken=step + 1)


def hears(office: Office, change: Change, rung: Rung) -> Person | None:
    """Return who hears at this step; None where there is nobody, or they are away.

    The reminder of an assignee who is away goes to the first of the others who is there. The clerk,
    or who stands in for them, hears in any case: behind them there is nobody.
    """
    rulebook, now = office.rulebook, change.now
    assignee = responsible(change)
    clerk = office.stand_in(rulebook.clerk, now)
    deputy = rulebook.people.get(assignee.deputy or "")
    head = rulebook.people[rulebook.departments[assignee.department].head]
    here = [one for one in (assignee, deputy, head) if one is not None and not office.is_away(one.id, now)]
    if rung is Rung.ASSIGNEE:
        return here[0] if here else assignee
    if rung is Rung.CLERK:
        return clerk
    wanted = deputy if rung is Rung.DEPUTY else head
    return wanted if wanted in here else None


def _tell(change: Change, rung: Rung, person: Person, promise: Promise, after: Next | None) -> None:
    is_seen = promise.status not in UNSEEN
    due_at = promise.finish_due if is_seen else promise.acknowledge_due
    about: dict[str, Any] = {
        "of": "finish" if is_seen else "acknowledge",
        "due_at": due_at,
        "is_late": is_late(due_at, change.now) or due_at == change.now,
        "assignee": responsible(change),
        "next_at": after.at if after else None,
        "next_person": _next(change, after),
        "voices": followers.count(change.request.id),
    }
    if rung is Rung.ASSIGNEE:
        entry = change.write(Kind.REMINDED, to=person.id, of=about["of"])
        tell_staff(change, "reminder", person, entry.id, at_once=True, person=person, **about)
        return
    entry = change.write(Kind.ESCALATED, to=person.id, of=about["of"], rung=rung.value)
    tell_staff(change, "escalation", person, entry.id, person=person, rung=rung.value, **about)
    first_here = hears(change.office, change, Rung.ASSIGNEE)
    if is_seen and STEPS.index(rung) == 1 and first_here is not None and first_here.id != person.id:
        # The time to finish has just passed: whoever is at it hears too.
        tell_staff(change, "reminder", first_here, entry.id, person=first_here, **about)


def _next(change: Change, after: Next | None) -> Person | None:
    return hears(change.office, change, STEPS[after.step]) if after else None

"""What is a promise worth now? It stands still while others have the request.

What was promised at submission is stored and stays. What lateness, the desk and the ladder go by is the
promise plus the office minutes that the request has spent waiting for the resident or an agency. Who
hears next when nobody acts, and when, is written down here too.
"""

from __future__ import annotations

from datetime import datetime

from casework.office import Office
from lifecycle.deadlines import after_pause, office_minutes
from lifecycle.ladder import STILL, Next, Promise, first
from lifecycle.status import WAITING, Status
from routing.services import Ladder, Span
from storage.tables import ServiceRequest

ANSWER_WITHIN = Span(count=8, unit="office hour")
"""For a service that the rules do not know any more."""


def paused_minutes(office: Office, request: ServiceRequest, now: datetime) -> int:
    """Return how many office minutes it has waited for others, the present wait included."""
    if request.waiting_since is None:
        return request.paused_minutes
    return request.paused_minutes + office_minutes(request.waiting_since, now, office.calendar)


def held_until(office: Office, request: ServiceRequest, due_at: datetime, now: datetime) -> datetime:
    """Return until when one of the request's promises holds, its pauses added."""
    return after_pause(due_at, paused_minutes(office, request, now), office.calendar)


def moved(office: Office, request: ServiceRequest, before: Status, now: datetime) -> None:
    """Stop the town's clock when a request begins to wait for others, and start it when it has waited."""
    after = Status(request.status)
    if before in WAITING and after not in WAITING:
        request.paused_minutes = paused_minutes(office, request, now)
        request.waiting_since = None
    elif after in WAITING and before not in WAITING:
        request.waiting_since = now
    heard(office, request, now)


def heard(office: Office, request: ServiceRequest, now: datetime) -> None:
    """Begin the ladder anew: somebody did something, or it has come back."""
    # A past that is made up for a demonstration reminds nobody.
    is_still = office.is_silent or request.held_at is not None or Status(request.status) in STILL
    climb_to(
        request,
        None
        if is_still
        else first(promise(office, request, now), ladder_of(office, request), office.calendar),
    )


def climb_to(request: ServiceRequest, found: Next | None, *, taken: int = 0) -> None:
    """Write down who is next and when; nobody, where ``found`` is None, after ``taken`` steps."""
    request.ladder_step, request.ladder_at = (found.step, found.at) if found else (taken, None)


def promise(office: Office, request: ServiceRequest, now: datetime) -> Promise:
    """Return what the ladder goes by, as if somebody had done something just now."""
    service = office.rulebook.services.get(request.service)
    return Promise(
        status=Status(request.status),
        acknowledge_due=held_until(office, request, request.acknowledge_due_at, now),
        finish_due=held_until(office, request, request.finish_due_at, now),
        since=now,
        answer_within=service.target.acknowledge if service else ANSWER_WITHIN,
    )


def ladder_of(office: Office, request: ServiceRequest) -> Ladder:
    return office.rulebook.ladder_of(request.service)

"""Does an employee get this letter now, after the quiet hours, or as a line of their digest?

What is urgent, and a first reminder, never waits. A line is committed with the fact that caused it, as
a letter would be, so nothing is lost between the two.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from casework.office import Office
from casework.tongues import reads
from lifecycle.quiet import quiet_until
from routing.decision import emergency_words
from routing.rulebook import Person
from storage import digests
from storage.tables import DigestItem, ServiceRequest

GATHERED = frozenset(
    {
        "assigned",
        "resident_wrote",
        "me_too",
        "reminder",
        "escalation",
        "agency_silent",
        "handoff_failed",
        "letter_failed",
    }
)
"""Kinds of letters that a digest may stand for; whatever else is written to an employee goes by itself."""


def line(
    office: Office,
    person: Person,
    request: ServiceRequest,
    *,
    kind: str,
    dedupe_key: str,
    now: datetime,
    at_once: bool = False,
) -> DigestItem | None:
    """Return the line for the person's digest, without the id of its request; None where it is a letter."""
    if person.mail == "at once" or kind not in GATHERED or at_once or is_urgent(office, request):
        return None
    if office.is_silent:
        return None
    said = _said(reads(office, person), kind)
    return DigestItem(person=person.id, dedupe_key=dedupe_key, kind=kind, line=said, created_at=now)


def keep(session: Session, item: DigestItem, request: ServiceRequest) -> None:
    """Put a line into the transaction of the fact that caused it; the same one is not kept twice."""
    if not digests.is_kept(session, item.dedupe_key):
        item.request_id = request.id
        session.add(item)


def quiet(office: Office, request: ServiceRequest, *, now: datetime, at_once: bool = False) -> timedelta:
    """Return how long a letter to an employee waits for the end of the town's quiet hours."""
    hours = office.rulebook.town.quiet_hours
    if hours is None or at_once or is_urgent(office, request):
        return timedelta(0)
    return (quiet_until(now, hours.begins, hours.ends, office.zone) or now) - now


def is_urgent(office: Office, request: ServiceRequest) -> bool:
    """Return whether its service is urgent, or the resident's words call for the emergency line."""
    service = office.rulebook.services.get(request.service)
    if service is not None and service.urgent:
        return True
    return emergency_words(office.rulebook, request.description)


def _said(language: str, kind: str) -> str:
    """Return what happened, as a line of the digest says it."""
    with force_locale(language.replace("-", "_")):
        return {
            "assigned": _("It came to you."),
            "resident_wrote": _("The resident wrote, or took it back."),
            "me_too": _("Another resident says the same."),
            "reminder": _("The promised time has passed."),
            "escalation": _("Nobody has acted in time. You may act."),
            "agency_silent": _("The agency says nothing."),
            "handoff_failed": _("It did not get into the agency's own system."),
            "letter_failed": _("A letter could not be delivered."),
        }[kind]

"""What if the agency says nothing? It is reminded twice by mail, then the clerk is told.

Decided from ``agency_remind_at`` of the row, compared again inside the transaction: a clock that fires
twice, two processes or a kill between two requests change nothing about who hears what.
"""

from __future__ import annotations

import logging
from datetime import datetime

from casework import letters
from casework.agencies import mail_to, noon, remind_at
from casework.change import Change, changing
from casework.escalating import BY_TOWNLINE, tell_staff
from casework.office import Office
from casework.tongues import reads
from lifecycle.journal import Kind
from lifecycle.status import Status
from storage import handovers as rows
from storage import lookups
from storage.database import reading

log = logging.getLogger("townline.following")

REMINDERS = 2
BATCH = 50
"""Requests a minute; after a long outage the rest follows a minute later."""


def remind_due(office: Office, *, now: datetime) -> int:
    """Remind agencies that have been silent for too long, or tell the clerk; return of how many requests."""
    with reading() as session:
        waiting = rows.agencies_reminded(session, now, most=BATCH)
    for request_id, seen in waiting:
        try:
            with changing(office, request_id, by=BY_TOWNLINE, now=now) as change:
                if change.request.agency_remind_at == seen:
                    _follow(change)
        except Exception:
            # Being the longest overdue it comes first every minute, and would keep all others from theirs.
            log.exception("request %d: its agency could not be reminded", request_id)
    return len(waiting)


def _follow(change: Change) -> None:
    request = change.request
    if change.status is not Status.WAITING_AGENCY:
        request.agency_remind_at = None  # it went another way, where nobody thought of this
        return
    agency = change.office.rulebook.agencies.get(request.agency or "")
    if agency is None or not agency.email or request.agency_reminders >= REMINDERS:
        _tell_clerk(change)
        return
    request.agency_reminders += 1
    request.agency_remind_at = remind_at(change.office, agency, change.now)
    change.write(Kind.AGENCY_REMINDED, agency=agency.id, count=request.agency_reminders)
    mail_to(change, agency, "agency_reminder", heard=_last_word(change))


def _tell_clerk(change: Change) -> None:
    office, request = change.office, change.request
    request.agency_remind_at = None
    entry = change.write(Kind.AGENCY_SILENT, agency=request.agency or "", reminders=request.agency_reminders)
    clerk = office.rulebook.people[office.rulebook.clerk]
    tell_staff(
        change,
        "agency_silent",
        clerk,
        entry.id,
        agency=office.rulebook.agencies.get(request.agency or ""),
        agency_name=letters.name_of(office, f"agency:{request.agency}", reads(office, clerk)),
        since=request.handed_off_at or request.created_at,
        heard=_last_word(change),
        reminders=request.agency_reminders,
        expected_on=noon(office, request.expected_on) if request.expected_on else None,
        reference=request.agency_reference,
        person=clerk,
    )


def _last_word(change: Change) -> datetime | None:
    """Return when the agency last said something about this hand-off, or None."""
    found = lookups.case(change.request.id)
    by, since = f"agency:{change.request.agency}", change.request.handed_off_at
    entries = found.in_force if found else ()
    words = [entry.at for entry in entries if entry.by == by and (since is None or entry.at >= since)]
    return max(words, default=None)

"""Who may look at the analytics without the operator's link? Who gets the manager's report, by its letter.

The letter brings a key to what that report covers: the whole town for the manager, one department for its
head. It shows and changes nothing, ends two weeks after the next report is due, and opens nothing once the
rules of the day name somebody else. Only its hash is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex

from sqlalchemy.orm import Session

from casework.errors import LinkRefused
from casework.office import Office
from figures.shapes import TOWN, Scope
from mail.address import looks_like_token, token, token_hash
from reports.order import recipients
from reports.period import fiscal_first
from reports.schedule import Timetable
from routing.rulebook import ReportPlan
from storage import analytics_links

LEEWAY = timedelta(days=14)
"""How long after the next report is due, which brings another link: it may wait for a word, or be late."""


@dataclass(frozen=True)
class Invitation:
    """A link that is not in force until ``grant`` keeps it."""

    report: str
    part: str
    recipient: str
    value: str
    url: str
    expires_at: datetime


@dataclass(frozen=True)
class Guest:
    """Whoever came by such a link."""

    scope: Scope
    until: datetime
    address: str
    """Whose letter brought it."""


def invitation(office: Office, plan: ReportPlan, part: str, to: str, *, now: datetime) -> Invitation | None:
    """Return a link for one recipient of an edition; None where the report gives them none."""
    if not _may_look(office, plan, part, to):
        return None
    value = token(office.secret, "analytics", token_hex(16), plan.id)
    dates = Timetable(plan, office.calendar, fiscal_first(office.rulebook.town))
    following = dates.instant(dates.newest(now).later(1))
    return Invitation(plan.id, part, to, value, f"{office.base_url}/analytics/{value}/", following + LEEWAY)


def grant(session: Session, given: Invitation, *, now: datetime) -> None:
    """Have a link let somebody in; call it in the transaction that posts its letter."""
    analytics_links.add(
        session,
        token_hash=token_hash(given.value),
        report=given.report,
        part=given.part,
        recipient=given.recipient,
        now=now,
        expires_at=given.expires_at,
    )


def admit(office: Office, value: str, *, now: datetime) -> Guest:
    """Return what the token opens; raises ``LinkRefused``, also where the rules name others by now."""
    link = analytics_links.by_hash(token_hash(value)) if looks_like_token(value) else None
    if link is None:
        raise LinkRefused("unknown")
    plan = office.rulebook.reports.get(link.report)
    if link.revoked_at is not None or plan is None or not _may_look(office, plan, link.part, link.recipient):
        raise LinkRefused("revoked")
    if link.expires_at <= now:
        raise LinkRefused("expired")
    scope = Scope("department", link.part) if plan.audience == "department" else TOWN
    return Guest(scope, link.expires_at, link.recipient)


def _may_look(office: Office, plan: ReportPlan, part: str, to: str) -> bool:
    """Return whether a recipient is the manager, or of a department's report its head.

    A department's report leaves out who has how much; so a link goes to nobody else who gets one.
    """
    if plan.audience == "manager":
        return to.lower() in {one.lower() for one in recipients(office, plan, part)}
    department = office.rulebook.departments.get(part) if plan.audience == "department" else None
    if department is None or to.lower() not in {one.lower() for one in recipients(office, plan, part)}:
        return False
    head = office.rulebook.people.get(department.head or "")
    return head is not None and head.email.lower() == to.lower()

"""How does the town stand, in numbers that name nobody? What the operator sees at one look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select

from lifecycle.deadlines import OfficeCalendar, after_pause
from lifecycle.status import WAITING, Status
from storage import handovers
from storage.database import reading
from storage.tables import Edition, ServiceRequest


@dataclass(frozen=True)
class Standing:
    """Counts. A hand-off is late when its agency has been reminded, or should be by now."""

    open_requests: int
    late_requests: int
    open_handoffs: int
    late_handoffs: int
    failed_handovers: int
    """Reports that an agency's own system did not take, about requests that are still open."""


@dataclass(frozen=True)
class Issue:
    """One edition of a report, without its pages."""

    report: str
    period: str
    state: str
    sent_at: datetime | None


def standing(now: datetime, calendar: OfficeCalendar) -> Standing:
    """Return how many requests and hand-offs are open and late; what waits for others is not late."""
    request = ServiceRequest
    is_open = request.status != Status.ENDED
    is_away = request.status == Status.WAITING_AGENCY
    is_silent = or_(request.agency_reminders > 0, request.agency_remind_at <= now)
    return Standing(
        open_requests=_count(is_open),
        late_requests=_late(now, calendar),
        open_handoffs=_count(is_away),
        late_handoffs=_count(is_away, is_silent),
        failed_handovers=len(handovers.not_taken()),
    )


def _late(now: datetime, calendar: OfficeCalendar) -> int:
    """Count the broken promises; where a request has waited for others, that time is added first."""
    request = ServiceRequest
    is_due = (request.status.not_in((Status.ENDED, *WAITING)), request.finish_due_at < now)
    with reading() as session:
        paused = session.execute(
            select(request.finish_due_at, request.paused_minutes).where(*is_due, request.paused_minutes > 0)
        ).all()
    still_late = sum(after_pause(due_at, minutes, calendar) < now for due_at, minutes in paused)
    return _count(*is_due, request.paused_minutes == 0) + still_late


def _count(*conditions: ColumnElement[bool]) -> int:
    """Count requests; those that are held are nobody's work yet."""
    with reading() as session:
        asked = select(func.count()).where(*conditions, ServiceRequest.held_at.is_(None))
        return session.scalar(asked) or 0


def newest_issues(most: int = 3) -> tuple[Issue, ...]:
    """Return the newest editions, the latest period first."""
    with reading() as session:
        rows = session.execute(
            select(Edition.report, Edition.period, Edition.state, Edition.sent_at)
            .order_by(Edition.period.desc(), Edition.id.desc())
            .limit(most)
        ).all()
    return tuple(Issue(*row) for row in rows)

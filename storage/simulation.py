"""What was known and decided when each request came in? Only what routing asks; nobody's contact."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select

from lifecycle.journal import Kind
from routing.facts import Facts
from storage.database import reading
from storage.tables import Entry, ServiceRequest


@dataclass(frozen=True)
class PastDecision:
    """One request's facts, and what the rules of its day said. ``at`` is (latitude, longitude)."""

    number: str
    service: str
    at: tuple[float, float] | None
    answers: dict[str, str]
    text: str
    language: str
    widget: str | None
    page: str
    road: str | None
    """The owner whom the resident picked where two roads were near."""
    created_at: datetime
    outcome: str
    agency: str | None
    assignee: str
    rule: str
    place: str = ""

    def facts(self) -> Facts:
        """Return what routing asks; ``ValueError`` where it cannot be asked."""
        return Facts(
            service=self.service,
            at=self.at,
            answers=self.answers,
            text=self.text,
            language=self.language,
            widget=self.widget,
            road=self.road,
            now=self.created_at,
            page=self.page,
            place=self.place,
        )


def count_past() -> int:
    """Return how many there are."""
    with reading() as session:
        return session.scalar(select(func.count()).select_from(ServiceRequest)) or 0


def past_decisions(*, newest: int | None = None) -> Iterator[PastDecision]:
    """Yield every request's decision by the rules, oldest first; with ``newest`` the last so many.

    What an employee put right counts as put right: the request holds that service and place.

    Agency and assignee come from the journal: the request itself holds who has it now.
    """
    request = ServiceRequest
    decided = (
        select(Entry.request_id, func.max(Entry.id).label("entry_id"))
        .where(Entry.kind.in_((Kind.ROUTED, Kind.REROUTED)))
        .group_by(Entry.request_id)
        .subquery()
    )
    columns = (
        request.number, request.service, request.lat, request.lon, request.answers, request.description,
        request.language, request.widget, request.source_page, request.created_at, request.decided,
        request.agency, request.assignee, request.rule, request.place, Entry.facts,
    )  # fmt: skip
    asked = (
        select(*columns)
        .outerjoin(decided, decided.c.request_id == request.id)
        .outerjoin(Entry, and_(Entry.id == decided.c.entry_id))
        .order_by(request.id)
        .execution_options(yield_per=500)
    )
    if newest is not None:
        last = select(request.id).order_by(request.id.desc()).limit(newest).subquery()
        asked = asked.where(request.id.in_(select(last.c.id)))
    with reading() as session:
        for row in session.execute(asked):
            facts = row.facts or {}
            decision = facts.get("decision") or {}
            is_elsewhere = row.decided in ("card", "handoff")
            yield PastDecision(
                number=row.number,
                service=row.service,
                at=None if row.lat is None or row.lon is None else (row.lat, row.lon),
                answers={str(code): str(answer) for code, answer in row.answers.items()},
                text=row.description,
                language=row.language,
                widget=row.widget,
                page=row.source_page,
                road=decision.get("picked"),
                created_at=row.created_at,
                outcome=row.decided,
                agency=(decision.get("target") or row.agency) if is_elsewhere else None,
                assignee=facts.get("to") or row.assignee,
                rule=row.rule,
                place=row.place,
            )

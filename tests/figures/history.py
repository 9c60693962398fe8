"""A past that is made up: requests with their journals, as the verbs would have left them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from lifecycle.journal import Kind
from lifecycle.status import Ending, Status
from storage.tables import Entry, ServiceRequest

HOUR = timedelta(hours=1)


@dataclass
class Past:
    """One request, written forward: each act changes what is kept of it and adds to its journal."""

    created: datetime
    due: datetime
    service: str = "pothole"
    assignee: str = "foreman"
    place: tuple[float, float] | None = (43.6, -72.3)
    channel: str = "web"
    language: str = "en"
    held: bool = False
    imported: bool = False
    rating: int | None = None
    was_fixed: bool | None = None
    ended: datetime | None = None
    ending: Ending | None = None
    agency: str | None = None
    handed: datetime | None = None
    answered: datetime | None = None
    reopened: int = 0
    journal: list[tuple[datetime, Kind, dict[str, Any]]] = field(default_factory=list)

    def answer(self, at: datetime) -> Past:
        self.answered = self.answered or at
        return self._noted(at, Kind.ANSWERED)

    def finish(self, at: datetime, ending: Ending) -> Past:
        self.ended, self.ending = at, ending
        self.answered = self.answered or at
        return self._noted(at, Kind.FINISHED, ending=ending.value)

    def withdraw(self, at: datetime) -> Past:
        self.ended, self.ending = at, Ending.WITHDRAWN
        return self._noted(at, Kind.WITHDRAWN)

    def reopen(self, at: datetime) -> Past:
        self.ended = self.ending = None
        self.reopened += 1
        return self._noted(at, Kind.REOPENED)

    def redirect(self, at: datetime, agency: str) -> Past:
        self.ended, self.ending, self.agency = at, Ending.REDIRECTED, agency
        self.answered = self.answered or at
        return self._noted(at, Kind.REDIRECTED, agency=agency)

    def hand_off(self, at: datetime, agency: str) -> Past:
        self.handed, self.agency = at, agency
        return self._noted(at, Kind.HANDED_OFF, agency=agency)

    def accept(self, at: datetime) -> Past:
        return self._noted(at, Kind.AGENCY_ACCEPTED)

    def refuse(self, at: datetime) -> Past:
        self.agency = None
        return self._noted(at, Kind.AGENCY_REFUSED)

    def finished_there(self, at: datetime) -> Past:
        self.ended, self.ending = at, Ending.REDIRECTED
        return self._noted(at, Kind.AGENCY_FINISHED)

    def undo(self, at: datetime) -> Past:
        """Take the last act back: a finish that never was."""
        self.ended = self.ending = None
        return self._noted(at, Kind.UNDONE, back=len(self.journal) - 1)

    def _noted(self, at: datetime, kind: Kind, **facts: Any) -> Past:
        self.journal.append((at, kind, facts))
        return self

    def keep(self, session: Session, number: int) -> None:
        """Write it into a database."""
        request = ServiceRequest(
            id=number, number=f"26-{number:04d}", nonce=f"n{number}", service=self.service,
            status=Status.ENDED if self.ending else Status.RECEIVED, ending=self.ending, ended_at=self.ended,
            description="", answers={}, place="", resident_name="", resident_email="", resident_phone="",
            may_share=False, language=self.language, channel=self.channel, source_page="",
            lat=self.place[0] if self.place else None, lon=self.place[1] if self.place else None,
            assignee=self.assignee, agency=self.agency, rule="r", decided="accept", because="",
            because_staff="",
            layer_versions={},
            rules_version="1", created_at=self.created, finish_due_at=self.due, acknowledge_due_at=self.due,
            answered_at=self.answered, handed_off_at=self.handed, reopened=self.reopened,
            rating=self.rating, was_fixed=self.was_fixed, held_at=self.created if self.held else None,
            imported_from="oldtown" if self.imported else None,
        )  # fmt: skip
        session.add(request)
        session.flush()
        ids: list[int] = []
        for at, kind, facts in self.journal:
            told = {"entries": [ids[facts["back"]]]} if kind is Kind.UNDONE else facts
            entry = Entry(
                request_id=number, at=at, kind=kind, is_public=True, by="person:x", text="", facts=told
            )
            session.add(entry)
            session.flush()
            ids.append(entry.id)

"""How does one fact change one request? The transaction that every verb works in.

A verb opens a change, makes its move, writes its entry and posts its letters; everything commits
together or not at all. A form that was already sent once (the same nonce) finds ``is_repeated`` and
leaves the request as it is, so a double click and a retried send give the same result.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import promises, recipients, snapshot
from casework.errors import LONGEST_TEXT, NoSuchRequest, NotPossible, TextMissing, TextTooLong, WrongMove
from casework.office import Office
from lifecycle import status as table
from lifecycle.journal import HUMAN_ANSWERS, Kind, is_public
from lifecycle.status import Ending, Move, Status
from mail.address import without_keys
from storage import factbook, lookups
from storage.database import joining
from storage.tables import Entry, Photo, ServiceRequest


@dataclass
class Change:
    """One request in the middle of one transaction."""

    session: Session
    office: Office
    request: ServiceRequest
    by: str
    now: datetime
    nonce: str | None
    is_repeated: bool = False
    act: int | None = None
    """The id of the first entry that it wrote: the letters that follow from it are known by that."""
    before: snapshot.Standing = field(init=False)

    def __post_init__(self) -> None:
        self.before = snapshot.taken(self.request)

    @property
    def hold(self) -> timedelta:
        """How long letters that go out of the house wait, so that their act can still be undone."""
        return self.office.hold if self.by.startswith("person:") else timedelta(0)

    @property
    def status(self) -> Status:
        return Status(self.request.status)

    def move(self, move: Move) -> None:
        """Change the status by the table; raises ``WrongMove``, and ``NotPossible`` while it is held."""
        if self.request.held_at is not None:
            # Whoever acts on it would tell strangers of it; the two ways out are verbs of their own.
            raise NotPossible(_("This request is held. Release it first, or discard it as spam."))
        if not table.is_allowed(self.status, move):
            raise WrongMove(self.request.number, self.status, move)
        before = self.status
        self.request.status = table.after(before, move)
        promises.moved(self.office, self.request, before, self.now)

    def end(self, ending: Ending, reason: str) -> None:
        """Finish with one outcome; raises ``WrongMove``, and ``NotPossible`` as ``move`` does.

        What is held may end as spam, and its sender may withdraw it.
        """
        if ending in (Ending.SPAM, Ending.WITHDRAWN):
            self.request.held_at = None
        self.move(Move.FINISH)
        self.request.ending = ending
        self.request.ending_reason = reason
        self.request.ended_at = self.now
        self.request.was_fixed = None  # Another end is another question.

    def write(self, kind: Kind, text: str = "", **facts: Any) -> Entry:
        """Append to the journal and return the entry, with its id."""
        entry = Entry(
            request_id=self.request.id,
            at=self.now,
            kind=kind,
            is_public=is_public(kind),
            by=self.by,
            text=text,
            facts=facts | self._for_undoing(kind),
            nonce=self.nonce,
        )
        self.nonce = None  # it marks the first entry of a change, and is unique
        if kind in HUMAN_ANSWERS and self.by.startswith("person:") and self.request.answered_at is None:
            self.request.answered_at = self.now
        if self.by.startswith("person:"):
            promises.heard(self.office, self.request, self.now)
        recipients.acted(self.session, self.office, self.by, now=self.now)
        self.session.add(entry)
        self.session.flush()
        self.act = self.act or entry.id
        return entry

    def _for_undoing(self, kind: Kind) -> dict[str, Any]:
        """Return the facts by which a person's act can be undone; none for what was done by itself."""
        # What was released has been sent to everybody it concerns, so it is put right by what comes next.
        if kind in (Kind.UNDONE, Kind.RELEASED) or not self.by.startswith(("person:", "agency:")):
            return {}
        if self.act is not None:
            return {snapshot.PART_OF: self.act}
        is_given_back_whole = snapshot.taken(self.request).personal == self.before.personal
        return {snapshot.FACT: self.before.plain} if is_given_back_whole else {}

    def recount(self) -> None:
        """Write down what of the request is counted, as it stands at the end of the change."""
        self.session.flush()
        factbook.record(self.session, self.office.sorting, self.request)

    def photos(self) -> tuple[Photo, ...]:
        found = self.session.scalars(
            select(Photo).where(Photo.request_id == self.request.id).order_by(Photo.id)
        )
        return tuple(found)

    def public_photos(self) -> tuple[Photo, ...]:
        """Return those that may leave the house."""
        found = lookups.case(self.request.id)
        return found.public_photos if found else ()


@contextmanager
def changing(
    office: Office, request_id: int, *, by: str, now: datetime, nonce: str | None = None
) -> Iterator[Change]:
    """Open the change of one request; raises ``NoSuchRequest``.

    Inside ``writing()`` it joins that transaction: a mail and what it does commit together.
    """
    with joining() as session:
        # SQLite has one writer anyway; where there are several, the second one waits and then sees the first.
        request = session.get(ServiceRequest, request_id, with_for_update=True)
        if request is None:
            raise NoSuchRequest(request_id)
        is_repeated = (
            nonce is not None and session.scalar(select(Entry.id).where(Entry.nonce == nonce)) is not None
        )
        change = Change(session, office, request, by, now, nonce, is_repeated)
        yield change
        change.recount()


def required(text: str) -> str:
    """Return the text as ``optional`` does; raises ``TextMissing`` or ``TextTooLong``."""
    text = optional(text)
    if not text:
        raise TextMissing
    return text


def optional(text: str) -> str:
    """Return the text without space around it and without keys, possibly empty; raises ``TextTooLong``."""
    # PostgreSQL keeps no NUL, and nobody types one. A key is one person's, and the words go to another.
    text = without_keys(text.replace("\x00", "").replace("\r\n", "\n").strip())
    if len(text) > LONGEST_TEXT:
        raise TextTooLong(len(text))
    return text

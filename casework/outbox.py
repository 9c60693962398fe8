"""Will the letter be sent for certain? It is posted in the transaction of the fact that caused it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from casework.office import Office
from mail.letter import Letter
from storage import outbox as rows
from storage.database import after_commit
from storage.tables import OutgoingLetter

AT_ONCE = timedelta(0)


def post(
    session: Session,
    office: Office,
    letter: Letter,
    *,
    kind: str,
    dedupe_key: str,
    now: datetime,
    request_id: int | None = None,
    edition_id: int | None = None,
    entry_id: int | None = None,
    hold: timedelta = AT_ONCE,
) -> None:
    """Put a letter into the transaction of the fact that caused it; call it inside ``writing()``.

    A letter whose ``dedupe_key`` is already there is not written again. ``entry_id`` is the first entry
    of the act it tells of, ``hold`` how long it waits so that the act can be undone.
    """
    if office.is_silent or rows.is_posted(session, dedupe_key):
        return
    posted = row(
        letter, kind=kind, dedupe_key=dedupe_key, now=now, request_id=request_id, edition_id=edition_id
    )
    posted.entry_id = entry_id
    # What has its patience counted from a moment at which nobody tried would lose it.
    posted.next_at = posted.started_at = now + hold
    session.add(posted)
    if not hold:
        after_commit(session, office.nudge)


def row(
    letter: Letter,
    *,
    kind: str,
    dedupe_key: str,
    now: datetime,
    request_id: int | None = None,
    edition_id: int | None = None,
) -> OutgoingLetter:
    """Return the outbox row of a letter: its finished bytes, dated ``now``."""
    return OutgoingLetter(
        dedupe_key=dedupe_key,
        request_id=request_id,
        edition_id=edition_id,
        kind=kind,
        recipient=letter.to,
        envelope_from=letter.envelope_from,
        subject=letter.subject,
        message_id=letter.message_id,
        state="queued",
        attempts=0,
        next_at=now,
        created_at=now,
        raw=letter.as_bytes(now),
        repeats=0,
        started_at=now,
    )

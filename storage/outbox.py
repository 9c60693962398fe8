"""Which letters wait, and who is carrying them? Claims by compare-and-set, with a lease."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import ColumnElement, CursorResult, and_, case, func, or_, select, update
from sqlalchemy.orm import Session

from mail.delivery import PostClosed
from storage.database import reading
from storage.tables import Moment, OutgoingLetter, ServiceRequest

ON_THE_WAY = ("sent", "uncertain", "sending")
"""States of a letter that may have reached a mail server, and so may come back from it."""


@dataclass(frozen=True)
class Claimed:
    """A letter that this process alone may carry until its lease ends."""

    id: int
    request_id: int | None
    number: str | None
    kind: str
    recipient: str
    envelope_from: str
    subject: str
    state: str
    """The state before it was claimed."""
    attempts: int
    """How often it was tried, or its carrier died with it."""
    created_at: datetime
    repeats: int
    """How often the same bytes went again because nobody could tell whether they had arrived."""
    started_at: datetime
    """Since when it is tried."""
    raw: bytes


def is_posted(session: Session, dedupe_key: str) -> bool:
    return (
        session.scalar(select(OutgoingLetter.id).where(OutgoingLetter.dedupe_key == dedupe_key)) is not None
    )


def _due(now: datetime) -> ColumnElement[bool]:
    return or_(
        and_(OutgoingLetter.state.in_(("queued", "uncertain")), OutgoingLetter.next_at <= now),
        and_(OutgoingLetter.state == "sending", OutgoingLetter.lease_until <= now),
    )


def is_due(session: Session, now: datetime) -> bool:
    """Return whether any letter waits to be carried, without taking the write lock."""
    return session.scalar(select(OutgoingLetter.id).where(_due(now)).limit(1)) is not None


def claim(session: Session, *, lease: str, until: datetime, now: datetime, most: int) -> Sequence[Claimed]:
    """Claim up to ``most`` letters that are due, oldest first, and then those whose carrier died.

    A carrier's death counts as an attempt. Should one letter be what it dies of, the others have gone
    out before it, and the attempts end.
    """
    is_orphan = case((OutgoingLetter.state == "sending", 1), else_=0)
    found = session.execute(
        select(
            OutgoingLetter.id,
            OutgoingLetter.request_id,
            ServiceRequest.number,
            OutgoingLetter.kind,
            OutgoingLetter.recipient,
            OutgoingLetter.envelope_from,
            OutgoingLetter.subject,
            OutgoingLetter.state,
            OutgoingLetter.attempts + is_orphan,
            OutgoingLetter.created_at,
            OutgoingLetter.repeats,
            func.coalesce(OutgoingLetter.started_at, OutgoingLetter.created_at, type_=Moment()),
            OutgoingLetter.raw,
        )
        .outerjoin(ServiceRequest, ServiceRequest.id == OutgoingLetter.request_id)
        .where(_due(now))
        .order_by(is_orphan, OutgoingLetter.next_at, OutgoingLetter.id)
        .limit(most)
        .with_for_update(of=OutgoingLetter, skip_locked=True)
    ).all()
    claimed = [Claimed(*tuple(row)) for row in found]
    if claimed:
        session.execute(
            update(OutgoingLetter)
            .where(OutgoingLetter.id.in_([letter.id for letter in claimed]))
            .values(
                state="sending", attempts=OutgoingLetter.attempts + is_orphan, lease=lease, lease_until=until
            )
            .execution_options(synchronize_session=False)
        )
    return claimed


@dataclass(frozen=True)
class Verdict:
    """What becomes of a letter after an attempt."""

    state: str
    next_at: datetime
    error: str = ""
    is_repeated: bool = False
    """The same bytes went, or will go, once more than is certain to be needed."""
    starts_anew: bool = False
    """It had no chance: from now on its patience counts."""


def settle(session: Session, letter_id: int, verdict: Verdict, *, lease: str, now: datetime) -> bool:
    """Write down what became of a claimed letter; False when it is no longer ours to write."""
    fresh = {"started_at": now} if verdict.starts_anew else {}
    result = session.execute(
        update(OutgoingLetter)
        .where(_is_held_by(lease), OutgoingLetter.id == letter_id, OutgoingLetter.state == "sending")
        .values(
            state=verdict.state,
            attempts=OutgoingLetter.attempts + 1,
            repeats=OutgoingLetter.repeats + int(verdict.is_repeated),
            next_at=verdict.next_at,
            sent_at=now if verdict.state == "sent" else None,
            last_error=verdict.error or None,
            lease=None,
            lease_until=None,
            **fresh,
        )
        # Nobody holds these rows as objects; looking for them costs more than the statement.
        .execution_options(synchronize_session=False)
    )
    if cast("CursorResult[object]", result).rowcount == 1:
        return True
    # Recalled while it was carried: it is not tried again, but if it has left, that is what is written down.
    session.execute(
        update(OutgoingLetter)
        .where(_is_held_by(lease), OutgoingLetter.id == letter_id, OutgoingLetter.state == "cancelled")
        .values(
            state="sent" if verdict.state == "sent" else "cancelled",
            sent_at=now if verdict.state == "sent" else None,
            lease=None,
            lease_until=None,
        )
    )
    return False


def settle_sent(session: Session, letter_ids: Sequence[int], *, lease: str, now: datetime) -> bool:
    """Write down in one statement that claimed letters have left; False when not all were ours to write.

    Those that were are written down; ``settle`` tells what became of the others.
    """
    result = session.execute(
        update(OutgoingLetter)
        .where(_is_held_by(lease), OutgoingLetter.id.in_(letter_ids), OutgoingLetter.state == "sending")
        .values(
            state="sent",
            attempts=OutgoingLetter.attempts + 1,
            next_at=now,
            sent_at=now,
            last_error=None,
            lease=None,
            lease_until=None,
        )
        .execution_options(synchronize_session=False)
    )
    return cast("CursorResult[object]", result).rowcount == len(letter_ids)


def _is_held_by(lease: str) -> ColumnElement[bool]:
    return OutgoingLetter.lease == lease


def release(session: Session, letters: Sequence[Claimed], *, lease: str) -> None:
    """Give back letters that were claimed and not tried, as they were."""
    for letter in letters:
        # Taken over from a carrier that died, a letter was "sending"; without a lease nobody would claim it.
        waiting = "uncertain" if letter.repeats else "queued"
        state = waiting if letter.state == "sending" else letter.state
        session.execute(
            update(OutgoingLetter)
            .where(_is_held_by(lease), OutgoingLetter.id == letter.id, OutgoingLetter.state == "sending")
            .values(state=state, lease=None, lease_until=None)
        )


def queue_again(session: Session, *, now: datetime, letter_ids: Sequence[int] | None = None) -> int:
    """Queue every failed letter (or these) once more, as patiently as a new one; return how many.

    What waits for a closed post is due now too: whoever says this has put it right.
    """
    which = OutgoingLetter.state == "failed"
    if letter_ids is not None:
        which &= OutgoingLetter.id.in_(letter_ids)
    result = session.execute(
        update(OutgoingLetter)
        .where(which)
        .values(state="queued", next_at=now, attempts=0, repeats=0, started_at=now)
    )
    session.execute(update(OutgoingLetter).where(_is_shut_out()).values(next_at=now))
    return cast("CursorResult[object]", result).rowcount


def _is_shut_out() -> ColumnElement[bool]:
    return OutgoingLetter.state.in_(("queued", "uncertain")) & OutgoingLetter.last_error.startswith(
        PostClosed.MARK, autoescape=True
    )


def closed_because() -> str | None:
    """Return why the mail server takes no letter at all; None when it does, or nothing waits."""
    with reading() as session:
        return session.scalar(
            select(OutgoingLetter.last_error).where(_is_shut_out()).order_by(OutgoingLetter.id).limit(1)
        )


def is_closed(session: Session, now: datetime) -> bool:
    """Return whether the post was found closed so lately that asking again would be a nuisance."""
    waits = select(OutgoingLetter.id).where(_is_shut_out(), OutgoingLetter.next_at > now).limit(1)
    return session.scalar(waits) is not None


def dismiss(session: Session, letter_ids: Sequence[int]) -> Sequence[int]:
    """Put failed letters aside, so that nobody is reminded of them; return those that were."""
    failed = session.scalars(
        select(OutgoingLetter.id).where(OutgoingLetter.id.in_(letter_ids), OutgoingLetter.state == "failed")
    ).all()
    session.execute(update(OutgoingLetter).where(OutgoingLetter.id.in_(failed)).values(state="cancelled"))
    return failed


@dataclass(frozen=True)
class Told:
    """A letter that tells of an act."""

    id: int
    kind: str
    recipient: str
    subject: str
    state: str
    next_at: datetime
    sent_at: datetime | None
    raw: bytes

    @property
    def may_have_left(self) -> bool:
        return self.state in ("sending", "uncertain", "sent")


def letters_of_act(request_id: int, entry_id: int) -> Sequence[Told]:
    """Return the letters that an act caused, oldest first; ``entry_id`` is its first entry."""
    with reading() as session:
        return _of_act(session, request_id, entry_id, is_locked=False)


def _of_act(session: Session, request_id: int, entry_id: int, *, is_locked: bool) -> Sequence[Told]:
    letter = OutgoingLetter
    found = (
        select(
            letter.id, letter.kind, letter.recipient, letter.subject, letter.state, letter.next_at,
            letter.sent_at, letter.raw,
        )
        .where(letter.request_id == request_id, letter.entry_id == entry_id)
        .order_by(letter.id)
    )  # fmt: skip
    rows = session.execute(found.with_for_update() if is_locked else found)
    return [Told(*row) for row in rows]


def recall(session: Session, request_id: int, entry_id: int) -> Sequence[Told]:
    """Stop the letters of an act that have not left; return all of them as they were.

    What is just being carried cannot be called back. It is not tried again, though, and its carrier
    writes down whether it has left.
    """
    found = _of_act(session, request_id, entry_id, is_locked=True)
    waiting = [letter.id for letter in found if letter.state in ("queued", "uncertain", "sending")]
    session.execute(update(OutgoingLetter).where(OutgoingLetter.id.in_(waiting)).values(state="cancelled"))
    return found


# -- what came back --


def by_message_id(session: Session, message_id: str) -> OutgoingLetter | None:
    """Return the letter with this Message-ID; None for one that is not ours, or empty."""
    if not message_id:
        return None
    return session.scalar(select(OutgoingLetter).where(OutgoingLetter.message_id == message_id).limit(1))


def sent_about(session: Session, request_id: int) -> Sequence[OutgoingLetter]:
    """Return the letters about a request that may have arrived somewhere, the newest first."""
    return session.scalars(
        select(OutgoingLetter)
        .where(OutgoingLetter.request_id == request_id, OutgoingLetter.state.in_(ON_THE_WAY))
        .order_by(OutgoingLetter.id.desc())
    ).all()


def fail_after_all(session: Session, letter_id: int, error: str, *, now: datetime) -> bool:
    """Have a letter failed that had left; False when that is known, or it never left."""
    result = session.execute(
        update(OutgoingLetter)
        .where(OutgoingLetter.id == letter_id, OutgoingLetter.state.in_(ON_THE_WAY))
        .values(state="failed", last_error=error, next_at=now, lease=None, lease_until=None)
    )
    return cast("CursorResult[object]", result).rowcount == 1


def cancel_waiting(session: Session, request_id: int, kinds: Sequence[str]) -> None:
    """Stop the letters of these kinds about a request that were never tried yet."""
    letter = OutgoingLetter
    session.execute(
        update(letter)
        .where(letter.request_id == request_id, letter.kind.in_(kinds), letter.state == "queued")
        .values(state="cancelled")
    )

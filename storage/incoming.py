"""Which mails have arrived, and what became of each? Kept raw first, claimed with a lease, settled once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, and_, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, undefer

from storage.database import reading, writing
from storage.tables import IncomingMail, Moment, OutgoingLetter

LONGEST_ADDRESS, LONGEST_LINE, LONGEST_TEXT = 254, 1000, 200_000
SETTLED = ("applied", "drafted", "ignored", "unverified", "quarantined")


@dataclass(frozen=True)
class Waiting:
    """A mail that this process alone may work on until its lease ends."""

    id: int
    envelope_to: str
    attempts: int
    """How often it was taken up, this time included: whoever died of it counts."""
    received_at: datetime
    raw: bytes


@dataclass(frozen=True)
class Verdict:
    """What became of a mail. ``state`` is one of ``SETTLED``, ``reason`` one sentence."""

    state: str
    reason: str
    kind: str = ""
    request_id: int | None = None
    recipient: str | None = None
    """Whose mail it is: ``person:<id>``, ``agency:<id>`` or ``resident``."""
    seen: dict[str, Any] = field(default_factory=dict)
    """What the reader found: from_address, subject, message_id, text, full_text."""


def add(
    raw: bytes,
    *,
    envelope_to: str,
    source: str,
    uid: int | None,
    uid_validity: int | None,
    now: datetime,
) -> int | None:
    """Keep a mail as it is, in a commit of its own; None when this one was kept before."""
    try:
        with writing() as session:
            if _is_known(session, source, uid_validity, uid):
                return None
            mail = IncomingMail(
                source=kept(source, 120),
                uid_validity=uid_validity,
                uid=uid,
                sha256=sha256(raw).hexdigest(),
                envelope_to=kept(envelope_to, LONGEST_ADDRESS),
                state="stored",
                attempts=0,
                next_at=now,
                received_at=now,
                raw=raw,
            )
            session.add(mail)
            session.flush()
            return mail.id
    except IntegrityError:
        with reading() as session:
            if _is_known(session, source, uid_validity, uid):
                return None  # another process fetched the very same mail at the same moment
        raise


def _is_known(session: Session, source: str, uid_validity: int | None, uid: int | None) -> bool:
    if uid is None:
        return False
    return (
        session.scalar(
            select(IncomingMail.id).where(
                IncomingMail.source == kept(source, 120),
                IncomingMail.uid_validity == uid_validity,
                IncomingMail.uid == uid,
            )
        )
        is not None
    )


def kept(text: str, longest: int) -> str:
    """Return text as every database takes it: no NUL, no half of a surrogate pair, not too long."""
    return text[:longest].replace("\x00", "").encode("utf-8", "replace").decode()


def _due(now: datetime) -> ColumnElement[bool]:
    return or_(
        and_(IncomingMail.state == "stored", IncomingMail.next_at <= now),
        and_(IncomingMail.state == "working", IncomingMail.lease_until <= now),
    )


def is_due(now: datetime) -> bool:
    """Return whether any mail waits to be read, without taking the write lock."""
    with reading() as session:
        return session.scalar(select(IncomingMail.id).where(_due(now)).limit(1)) is not None


def claim(*, lease: str, until: datetime, now: datetime) -> Waiting | None:
    """Claim the mail that has waited longest; None when none is due."""
    with writing() as session:
        found = session.execute(
            select(
                IncomingMail.id,
                IncomingMail.envelope_to,
                IncomingMail.attempts + 1,
                IncomingMail.received_at,
                IncomingMail.raw,
            )
            .where(_due(now))
            # One of which its readers die must not hold up the others.
            .order_by(IncomingMail.attempts, IncomingMail.next_at, IncomingMail.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        ).first()
        if found is None:
            return None
        session.execute(
            update(IncomingMail)
            .where(IncomingMail.id == found[0])
            .values(state="working", attempts=IncomingMail.attempts + 1, lease=lease, lease_until=until)
        )
        return Waiting(found[0], found[1], found[2], found[3], found[4])


def is_ours(session: Session, mail_id: int, *, lease: str) -> bool:
    """Lock a claimed mail for the rest of the transaction; False when the lease was lost meanwhile."""
    result = session.execute(
        update(IncomingMail)
        .where(IncomingMail.id == mail_id, IncomingMail.lease == lease, IncomingMail.state == "working")
        .values(lease_until=IncomingMail.lease_until)
    )
    return cast("CursorResult[object]", result).rowcount == 1


def settle(session: Session, mail_id: int, verdict: Verdict, *, now: datetime) -> None:
    """Write down what became of a mail."""
    seen = verdict.seen
    known = {
        "from_address": kept(seen.get("from_address", ""), LONGEST_ADDRESS),
        "subject": kept(seen.get("subject", ""), LONGEST_LINE),
        "message_id": kept(seen.get("message_id", ""), LONGEST_LINE),
        "text": kept(seen.get("text", ""), LONGEST_TEXT),
        "full_text": kept(seen.get("full_text", ""), LONGEST_TEXT),
    }
    session.execute(
        update(IncomingMail)
        .where(IncomingMail.id == mail_id)
        .values(
            state=verdict.state,
            reason=kept(verdict.reason, LONGEST_LINE),
            kind=verdict.kind or None,
            request_id=verdict.request_id,
            recipient=verdict.recipient,
            settled_at=now,
            lease=None,
            lease_until=None,
            **(known if seen else {}),
        )
    )


def put_back(mail_id: int, *, lease: str, next_at: datetime, reason: str, is_innocent: bool = False) -> None:
    """Have a claimed mail tried again later; ``is_innocent`` when it had nothing to do with the failure."""
    with writing() as session:
        session.execute(
            update(IncomingMail)
            .where(IncomingMail.id == mail_id, IncomingMail.lease == lease)
            .values(
                state="stored",
                attempts=IncomingMail.attempts - int(is_innocent),
                next_at=next_at,
                reason=kept(reason, LONGEST_LINE),
                lease=None,
                lease_until=None,
            )
        )


def take_effect(session: Session, mail_id: int, effect: str) -> bool:
    """Mark that this mail does what ``effect`` names; False when another one has done exactly that."""
    # The column is unique: of two processes at the same moment the database lets one through.
    if is_done(session, mail_id, effect):
        return False
    session.execute(update(IncomingMail).where(IncomingMail.id == mail_id).values(effect=effect))
    return True


def is_done(session: Session, mail_id: int, effect: str) -> bool:
    """Return whether another mail than this one has this effect."""
    other = select(IncomingMail.id).where(IncomingMail.effect == effect, IncomingMail.id != mail_id)
    return session.scalar(other) is not None


def one(mail_id: int) -> IncomingMail | None:
    """Return a mail with its raw bytes and its whole text."""
    with reading() as session:
        return session.scalar(
            select(IncomingMail)
            .where(IncomingMail.id == mail_id)
            .options(undefer(IncomingMail.raw), undefer(IncomingMail.full_text))
            .execution_options(populate_existing=True)
        )


def raw_since(since: datetime, *, most: int) -> Sequence[bytes]:
    """Return the raw mails of up to ``most`` bytes that arrived since then."""
    with reading() as session:
        found = select(IncomingMail.raw).where(
            IncomingMail.received_at >= since, func.length(IncomingMail.raw) <= most
        )
        return session.scalars(found).all()


def of_request(request_id: int, state: str | None = None) -> Sequence[IncomingMail]:
    """Return the mails about a request, oldest first, without their bytes; of one state or all."""
    wanted = select(IncomingMail).where(IncomingMail.request_id == request_id)
    if state is not None:
        wanted = wanted.where(IncomingMail.state == state)
    with reading() as session:
        return session.scalars(wanted.order_by(IncomingMail.id)).all()


def unverified(since: datetime) -> Sequence[IncomingMail]:
    """Return the mails that nobody vouches for and nobody has taken since, settled after ``since``."""
    return _settled("unverified", since)


def quarantined(since: datetime) -> Sequence[IncomingMail]:
    """Return the mails that could not be read or placed, settled after ``since``."""
    return _settled("quarantined", since)


def _settled(state: str, since: datetime) -> Sequence[IncomingMail]:
    with reading() as session:
        return session.scalars(
            select(IncomingMail)
            .where(IncomingMail.state == state, IncomingMail.settled_at > since)
            .order_by(IncomingMail.id)
        ).all()


def counts() -> dict[str, int]:
    """Return how many mails are in each state."""
    with reading() as session:
        rows = session.execute(select(IncomingMail.state, func.count()).group_by(IncomingMail.state)).all()
    return {row[0]: row[1] for row in rows}


def oldest_unread() -> datetime | None:
    """Return since when the mail waits that has waited longest to be read; None when all are settled."""
    waiting = select(func.min(IncomingMail.received_at)).where(IncomingMail.state.in_(("stored", "working")))
    with reading() as session:
        return session.scalar(waiting)


def newest_letter_id(session: Session) -> int:
    """Return the id of the newest letter, to tell those that a mail causes from those before."""
    return session.scalar(select(func.max(OutgoingLetter.id))) or 0


def letters_caused(session: Session, request_id: int | None, *, after: int) -> Sequence[OutgoingLetter]:
    """Return the letters about a request that were posted in this transaction, behind letter ``after``."""
    session.flush()
    return session.scalars(
        select(OutgoingLetter)
        .where(OutgoingLetter.request_id == request_id, OutgoingLetter.id > after)
        .order_by(OutgoingLetter.id)
    ).all()


@dataclass(frozen=True)
class Caused:
    """A letter that an incoming mail caused, with that mail: how it ended, whose it is, what it says."""

    leaves_at: datetime
    """When it left, or will."""
    kind: str
    mail_id: int
    state: str
    whose: str
    text: str


def caused_lately(
    session: Session, request_id: int | None, recipient: str, *, since: datetime
) -> Sequence[Caused]:
    """Return what incoming mail caused to somebody about a request, as far as it leaves after ``since``."""
    leaves = func.coalesce(OutgoingLetter.sent_at, OutgoingLetter.next_at, type_=Moment())
    mail = IncomingMail
    found = session.execute(
        select(leaves, OutgoingLetter.kind, mail.id, mail.state, mail.recipient, mail.text)
        .join(mail, mail.id == OutgoingLetter.incoming_id)
        .where(
            OutgoingLetter.request_id == request_id,
            OutgoingLetter.recipient == recipient,
            OutgoingLetter.state != "cancelled",
            leaves > since,
        )
    ).all()
    return [Caused(at, kind, number, state, who or "", text) for at, kind, number, state, who, text in found]


def letter_by_message_id(message_ids: Sequence[str]) -> OutgoingLetter | None:
    """Return the letter of ours with the first of these Message-IDs that is one; without its bytes."""
    if not message_ids:
        return None
    with reading() as session:
        found = session.scalars(
            select(OutgoingLetter).where(
                OutgoingLetter.message_id.in_(message_ids), OutgoingLetter.request_id.is_not(None)
            )
        ).all()
    return min(found, key=lambda letter: message_ids.index(letter.message_id), default=None)


def letter_to(request_id: int, recipient: str) -> OutgoingLetter | None:
    """Return the newest letter about a request to an address; without its bytes."""
    with reading() as session:
        return session.scalar(
            select(OutgoingLetter)
            .where(OutgoingLetter.request_id == request_id, func.lower(OutgoingLetter.recipient) == recipient)
            .order_by(OutgoingLetter.id.desc())
            .limit(1)
        )


def letter_bytes(letter_id: int) -> bytes:
    with reading() as session:
        return session.scalar(select(OutgoingLetter.raw).where(OutgoingLetter.id == letter_id)) or b""


def is_still(session: Session, mail_id: int, state: str) -> bool:
    """Lock a mail that is in this state for the rest of the transaction; False when it is not any more."""
    result = session.execute(
        update(IncomingMail)
        .where(IncomingMail.id == mail_id, IncomingMail.state == state)
        .values(state=state)
    )
    return cast("CursorResult[object]", result).rowcount == 1


def put_aside(session: Session, mail_id: int, reason: str, *, now: datetime) -> None:
    """Have a mail count as ignored; what else is known of it stays."""
    session.execute(
        update(IncomingMail)
        .where(IncomingMail.id == mail_id)
        .values(state="ignored", reason=kept(reason, LONGEST_LINE), settled_at=now)
    )

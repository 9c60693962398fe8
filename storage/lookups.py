"""What do we know about a request? The reads; rows come back loaded and let go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy import case as case_of
from sqlalchemy.orm import Session

from lifecycle.journal import Kind
from lifecycle.status import Ending
from mail.delivery import PostClosed
from storage.database import db, reading
from storage.tables import (
    Draft,
    Edition,
    Entry,
    GivenNumber,
    Moment,
    OutgoingLetter,
    Photo,
    ServiceRequest,
    SignedLink,
)
from storage.undone import undone_entries


@dataclass(frozen=True)
class Case:
    """A request with its journal and photos, oldest entry first."""

    request: ServiceRequest
    entries: tuple[Entry, ...]
    photos: tuple[Photo, ...]

    @property
    def undone(self) -> frozenset[int]:
        """Return the ids of entries that were undone: they stay in the journal, and count no more."""
        undoings = (entry for entry in self.entries if entry.kind == Kind.UNDONE)
        return frozenset(gone for undoing in undoings for gone in undoing.facts.get("entries", ()))

    @property
    def in_force(self) -> tuple[Entry, ...]:
        """Return what has happened and was not undone."""
        undone = self.undone
        return tuple(entry for entry in self.entries if entry.id not in undone)

    @property
    def public_entries(self) -> tuple[Entry, ...]:
        return tuple(entry for entry in self.in_force if entry.is_public)

    @property
    def public_photos(self) -> tuple[Photo, ...]:
        """Return the photos without those that came along with what only the town reads, such as a note.

        Of spam there are none: nobody shows pictures to the world by sending them to a town.
        """
        if self.request.ending == Ending.SPAM:
            return ()
        internal = (entry for entry in self.entries if not entry.is_public)
        hidden = {sha256 for entry in internal for sha256 in entry.facts.get("photos", ())}
        return tuple(photo for photo in self.photos if photo.sha256 not in hidden)


def case(request_id: int) -> Case | None:
    """Return the request with this id; three statements, whatever its history."""
    return _case(ServiceRequest.id == request_id)


def case_by_number(number: str) -> Case | None:
    return _case(ServiceRequest.number == number)


def _case(which: ColumnElement[bool]) -> Case | None:
    with reading() as session:
        request = session.scalar(select(ServiceRequest).where(which))
        if request is None:
            return None
        entries = session.scalars(select(Entry).where(Entry.request_id == request.id).order_by(Entry.id))
        photos = session.scalars(select(Photo).where(Photo.request_id == request.id).order_by(Photo.id))
        return Case(request, tuple(entries), tuple(photos))


def request_id(number: str) -> int | None:
    """Return the id of the request with this public number."""
    with reading() as session:
        return session.scalar(select(ServiceRequest.id).where(ServiceRequest.number == number))


def entry_by_nonce(nonce: str) -> Entry | None:
    """Return the entry that a form or a mail with this one-time mark wrote."""
    with reading() as session:
        return session.scalar(select(Entry).where(Entry.nonce == nonce))


def first_decision(request_id: int) -> dict[str, Any]:
    """Return what the rules said when the request came in; empty where that was not written down."""
    with reading() as session:
        facts = session.scalar(
            select(Entry.facts)
            .where(Entry.request_id == request_id, Entry.kind == Kind.ROUTED)
            .order_by(Entry.id)
            .limit(1)
        )
    decision: dict[str, Any] = (facts or {}).get("decision") or {}
    return decision


def said_by_town(session: Session, request_id: int, because: str) -> str:
    """Return a decision's sentence in the town's first language; as it stands where no decision said it."""
    facts = session.scalars(
        select(Entry.facts)
        .where(Entry.request_id == request_id, Entry.kind.in_((Kind.ROUTED, Kind.REROUTED)))
        .order_by(Entry.id.desc())
    )
    decisions = ((one or {}).get("decision") or {} for one in facts)
    said = (one.get("because_town") for one in decisions if one.get("because") == because)
    return next((str(one) for one in said if one), because)


def number_by_nonce(nonce: str) -> str | None:
    """Return the number of the request that a form with this one-time mark has already made."""
    # Asked in every submission, so without a session's bookkeeping.
    with db.engine.connect() as connection:
        return connection.scalar(select(ServiceRequest.number).where(ServiceRequest.nonce == nonce))


def link_by_hash(token_hash: str) -> SignedLink | None:
    with reading() as session:
        return session.scalar(select(SignedLink).where(SignedLink.token_hash == token_hash))


def link_by_mark(reply_hash: str) -> SignedLink | None:
    """Return the link of the recipient whose replies carry the mark with this hash."""
    with reading() as session:
        return session.scalar(select(SignedLink).where(SignedLink.reply_hash == reply_hash))


def links_of(request_id: int, purpose: str, recipient: str) -> Sequence[SignedLink]:
    """Return every token ever made for this recipient of this request, newest first."""
    with reading() as session:
        return session.scalars(
            select(SignedLink)
            .where(
                SignedLink.request_id == request_id,
                SignedLink.purpose == purpose,
                SignedLink.recipient == recipient,
            )
            .order_by(SignedLink.serial.desc())
        ).all()


def highest_number(prefix: str) -> int:
    """Return the highest running number that begins with ``prefix``, also of requests that are gone."""
    with reading() as session:
        # Longer numbers are higher: 26-10000 comes after 26-9999.
        found = session.scalar(
            select(ServiceRequest.number)
            .where(ServiceRequest.number.startswith(prefix, autoescape=True))
            .order_by(func.length(ServiceRequest.number).desc(), ServiceRequest.number.desc())
            .limit(1)
        )
        gone = session.get(GivenNumber, prefix)
        return max(int(found.removeprefix(prefix)) if found else 0, gone.highest if gone else 0)


def letters_of(request_id: int) -> Sequence[OutgoingLetter]:
    """Return the letters about a request, without their bytes, oldest first."""
    with reading() as session:
        return session.scalars(
            select(OutgoingLetter).where(OutgoingLetter.request_id == request_id).order_by(OutgoingLetter.id)
        ).all()


def letters_failed(limit: int = 200, *, since: datetime | None = None) -> Sequence[OutgoingLetter]:
    """Return the newest letters that will never arrive, those alone that were given up after ``since``."""
    asked = select(OutgoingLetter).where(OutgoingLetter.state == "failed")
    if since is not None:
        asked = asked.where(OutgoingLetter.next_at > since)
    with reading() as session:
        return session.scalars(asked.order_by(OutgoingLetter.id.desc()).limit(limit)).all()


def count_failed(*, since: datetime) -> int:
    """Return how many letters were given up after ``since``."""
    letter = OutgoingLetter
    asked = select(func.count()).select_from(letter).where(letter.state == "failed", letter.next_at > since)
    with reading() as session:
        return session.scalar(asked) or 0


def numbers_of(request_ids: Collection[int]) -> dict[int, str]:
    """Return the public number of each of these requests."""
    asked = select(ServiceRequest.id, ServiceRequest.number).where(ServiceRequest.id.in_(request_ids))
    with reading() as session:
        return {row[0]: row[1] for row in session.execute(asked)}


def letter_counts() -> dict[str, int]:
    """Return how many letters are in each state."""
    with reading() as session:
        rows = session.execute(
            select(OutgoingLetter.state, func.count()).group_by(OutgoingLetter.state)
        ).all()
    return {row[0]: row[1] for row in rows}


def oldest_waiting_letter(now: datetime) -> datetime | None:
    """Return since when the letter waits that has waited longest; one that is held until later does not.

    Who is turned away by a closed post waits since it was written, however often it knocked.
    """
    is_shut_out = OutgoingLetter.last_error.startswith(PostClosed.MARK, autoescape=True)
    begun = func.coalesce(OutgoingLetter.started_at, OutgoingLetter.created_at, type_=Moment())
    since = case_of((is_shut_out, OutgoingLetter.created_at), else_=begun)
    with reading() as session:
        oldest: datetime | None = session.scalar(
            select(func.min(since)).where(
                OutgoingLetter.state.in_(("queued", "sending", "uncertain")), begun <= now
            )
        )
        return oldest


def editions_failed() -> Sequence[Edition]:
    with reading() as session:
        return session.scalars(select(Edition).where(Edition.state == "failed").order_by(Edition.id)).all()


def agencies_chosen(service: str, *, besides: int, most: int = 200) -> list[tuple[str, int]]:
    """Return to which agencies employees passed the newest requests of a service, the most frequent first.

    ``besides`` is the id of a request that does not count; ``most`` how many of them are looked at.
    """
    newest = (
        select(ServiceRequest.id)
        .where(
            ServiceRequest.service == service,
            ServiceRequest.agency.is_not(None),
            ServiceRequest.id != besides,
        )
        .order_by(ServiceRequest.id.desc())
        .limit(most)
        .subquery()
    )
    with reading() as session:
        gone = undone_entries(session, select(newest.c.id))
        rows = session.execute(
            select(Entry.id, Entry.facts).where(
                Entry.request_id.in_(select(newest.c.id)),
                Entry.kind.in_((Kind.HANDED_OFF, Kind.REDIRECTED)),
                Entry.by.startswith("person:"),
            )
        )
        chosen = Counter(
            str(facts["agency"]) for id_, facts in rows if id_ not in gone and facts.get("agency")
        )
    return chosen.most_common()


def photo_hashes() -> set[str]:
    """Return the name of every photo file that a request, or a mail on its way to one, still needs."""
    with reading() as session:
        waiting = session.scalars(select(Draft.fields).where(Draft.state == "open"))
        drafted = {str(photo[0]) for fields in waiting for photo in fields.get("photos", ())}
        return drafted | set(session.scalars(select(Photo.sha256).distinct()))


def count_requests() -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(ServiceRequest)) or 0

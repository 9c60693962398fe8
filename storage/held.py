"""Which requests wait for the clerk's word that a person sent them?"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lifecycle.status import Ending
from storage.database import reading
from storage.tables import OutgoingLetter, Photo, ServiceRequest


def waiting(*, most: int) -> Sequence[ServiceRequest]:
    """Return the held requests, the one that waits longest first."""
    with reading() as session:
        return session.scalars(
            select(ServiceRequest)
            .where(ServiceRequest.held_at.is_not(None))
            .order_by(ServiceRequest.held_at, ServiceRequest.id)
            .limit(most)
        ).all()


def count() -> int:
    with reading() as session:
        return session.scalar(select(func.count()).where(ServiceRequest.held_at.is_not(None))) or 0


def oldest() -> datetime | None:
    """Return since when the request waits that has waited longest."""
    with reading() as session:
        return session.scalar(select(func.min(ServiceRequest.held_at)))


def discarded(*, since: datetime, most: int) -> Sequence[ServiceRequest]:
    """Return what was held and ended as spam since then, the last one first."""
    request = ServiceRequest
    with reading() as session:
        found = session.scalars(
            select(request)
            .where(request.ended_at > since, request.ending == Ending.SPAM.value)
            .order_by(request.ended_at.desc())
            .limit(most)
        ).all()
    return [one for one in found if one.held_signs]


def photos_of(request_ids: Collection[int]) -> dict[int, list[Photo]]:
    """Return the photos of these requests."""
    found: dict[int, list[Photo]] = {}
    with reading() as session:
        asked = select(Photo).where(Photo.request_id.in_(request_ids)).order_by(Photo.id)
        for photo in session.scalars(asked):
            found.setdefault(photo.request_id, []).append(photo)
    return found


def last_letter(session: Session, prefix: str) -> OutgoingLetter | None:
    """Return the last letter whose key begins so; keys that end in padded numbers sort as these do."""
    letter = OutgoingLetter
    # ";" is the sign behind ":", so the unique index answers.
    return session.scalar(
        select(letter)
        .where(letter.dedupe_key >= f"{prefix}:", letter.dedupe_key < f"{prefix};")
        .order_by(letter.dedupe_key.desc())
        .limit(1)
    )


def count_letters(session: Session, prefix: str, *, since: datetime) -> int:
    """Return how many letters with such a key were written since then."""
    letter = OutgoingLetter
    asked = select(func.count()).where(
        letter.dedupe_key >= f"{prefix}:", letter.dedupe_key < f"{prefix};", letter.created_at > since
    )
    return session.scalar(asked) or 0


def spam_photos(session: Session, *, ended_before: datetime, most: int = 500) -> Sequence[Photo]:
    """Return photos of requests that ended as spam so long ago that nobody takes it back any more."""
    request = ServiceRequest
    return session.scalars(
        select(Photo)
        .join(request, request.id == Photo.request_id)
        .where(
            request.ending == Ending.SPAM.value,
            request.ended_at < ended_before,
            # The index over the end of requests answers; what is older was looked through before.
            request.ended_at > ended_before - timedelta(days=30),
        )
        .limit(most)
    ).all()

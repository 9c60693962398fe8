"""What does the resident say afterwards? Reply, withdraw, reopen, rate."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import gettext as _

from casework.change import Change, changing, optional, required
from casework.errors import NotPossible
from casework.escalating import send_to_assignee
from casework.follower_letters import tell_followers
from casework.office import Office
from casework.recalling import holder, release
from casework.telling import staff_name, tell_town
from lifecycle.journal import Kind
from lifecycle.status import Ending, Move, Status
from storage import lookups
from storage.tables import Entry

BY_RESIDENT = "resident"
REOPEN_WINDOW = timedelta(days=30)
"""How long after its end a request may be reopened; later it is a new one."""


def reply(
    office: Office,
    request_id: int,
    *,
    text: str,
    now: datetime,
    nonce: str | None = None,
    photo_count: int = 0,
) -> None:
    """Add the resident's words and pass them to the responsible employee; photos may have come along."""
    text = required(text)
    with changing(office, request_id, by=BY_RESIDENT, now=now, nonce=nonce) as change:
        if change.is_repeated:
            return
        asked = _asked(change) if change.status is Status.WAITING_RESIDENT else []
        if change.status is Status.WAITING_RESIDENT:
            change.move(Move.START if _had_begun(asked) else Move.HEAR_RESIDENT)
        facts = {"photo_count": photo_count} if photo_count else {}
        entry = change.write(Kind.RESIDENT_REPLIED, text, **facts)
        tell_town(change, entry, "reply", question=asked[0].text if asked else "")


def _asked(change: Change) -> list[Entry]:
    """Return what the resident was asked, newest first."""
    found = lookups.case(change.request.id)
    entries = reversed(found.in_force) if found else ()
    return [entry for entry in entries if entry.kind == Kind.ASKED_RESIDENT]


def _had_begun(asked: list[Entry]) -> bool:
    """Return whether work was under way when the resident was asked."""
    # Asked twice without a reply, the first question knows.
    before = (entry.facts.get("before") for entry in asked)
    return next((status for status in before if status != Status.WAITING_RESIDENT), "") == Status.IN_PROGRESS


def withdraw(office: Office, request_id: int, *, text: str, now: datetime, nonce: str | None = None) -> None:
    """End the request because the resident no longer needs it."""
    text = optional(text)
    with changing(office, request_id, by=BY_RESIDENT, now=now, nonce=nonce) as change:
        if change.is_repeated:
            return
        was_with = holder(change)
        change.end(Ending.WITHDRAWN, text)
        entry = change.write(Kind.WITHDRAWN, text)
        tell_followers(change, "withdrawn", entry)
        release(change, was_with, entry, because="ended")
        tell_town(change, entry, "withdrawn")


def reopen(
    office: Office,
    request_id: int,
    *,
    text: str,
    now: datetime,
    nonce: str | None = None,
    by: str = BY_RESIDENT,
) -> None:
    """Open an ended request again, the resident or an employee; raises ``NotPossible`` after the window."""
    text = optional(text)
    with changing(office, request_id, by=by, now=now, nonce=nonce) as change:
        if not change.is_repeated:
            _reopen(change, text)


def can_reopen(ended_at: datetime | None, now: datetime) -> bool:
    """Return whether an ended request is still inside its window."""
    return ended_at is not None and now - ended_at <= REOPEN_WINDOW


def _reopen(change: Change, text: str) -> None:
    ended_at = change.request.ended_at
    if ended_at is not None and not can_reopen(ended_at, change.now):
        raise NotPossible(
            _(
                "This request ended more than %(days)d days ago. Please send a new one.",
                days=REOPEN_WINDOW.days,
            )
        )
    was_fixed = change.request.ending == Ending.FIXED
    change.move(Move.REOPEN)
    change.request.ending = change.request.ending_reason = change.request.ended_at = None
    change.request.agency = change.request.duplicate_of = None
    change.request.reopened += 1
    if change.by == BY_RESIDENT:
        change.request.was_fixed = False
    entry = change.write(Kind.REOPENED, text)
    tell_followers(change, "reopened", entry)
    if change.by != BY_RESIDENT:
        send_to_assignee(change, reason="reopened", words=text, by=staff_name(change))
    else:
        send_to_assignee(change, reason="not_fixed" if was_fixed else "wanted_again", words=text)


def rate(
    office: Office,
    request_id: int,
    *,
    was_fixed: bool | None,
    rating: int | None,
    text: str,
    now: datetime,
    nonce: str | None = None,
) -> None:
    """Keep whether it was fixed and how well, 1 to 5; the last word counts.

    Raises ``NotPossible`` while the request is open and for a rating outside 1 to 5.
    """
    text = optional(text)
    if rating is not None and not 1 <= rating <= 5:
        raise NotPossible(_("Choose a rating from 1 to 5."))
    with changing(office, request_id, by=BY_RESIDENT, now=now, nonce=nonce) as change:
        if change.is_repeated:
            return
        if change.status is not Status.ENDED:
            raise NotPossible(_("The request has not ended yet, so there is nothing to rate."))
        if rating is not None:
            change.request.rating = rating
        if was_fixed is not None:
            change.request.was_fixed = was_fixed
        entry = change.write(Kind.RATED, text, rating=rating, was_fixed=was_fixed)
        if text or was_fixed is False:
            tell_town(change, entry, "rated")

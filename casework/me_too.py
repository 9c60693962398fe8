"""What if somebody has the same problem? They follow the request that is there instead of a second one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from casework import access, gathering
from casework.change import Change, changing, optional, required
from casework.errors import NoSuchRequest, NotPossible
from casework.escalating import responsible, tell_staff
from casework.follower_letters import UPDATE, welcome
from casework.in_public import PublicRequest, in_public
from casework.office import Office
from casework.opening import Receipt
from casework.public_words import is_public
from lifecycle.journal import Kind
from lifecycle.status import Status
from mail.address import token
from routing.rulebook import Service
from storage import followers, lookups, nearby
from storage.tables import Entry, Follower

MOST_SHOWN = 5
"""Requests nearby that are shown; who has read five knows."""
MOST_LETTERS = 5
"""Letters about one request that a day of many voices costs the employee; the rest stands on the page."""


@dataclass(frozen=True)
class MeToo:
    """What somebody who has the same problem sent. Words and address may be empty."""

    nonce: str
    """The form's one-time mark."""
    email: str
    words: str
    language: str
    is_doubtful: bool = False
    """It looks like the work of a program: it is counted and kept, and mailed to nobody."""

    def mark(self, number: str) -> str:
        """Return the mark by which it counts once; corrected and sent again it is another."""
        said = sha256(repr((number, self.email.lower(), self.words)).encode("utf-8", "replace"))
        return f"{self.nonce[:40]}.{said.hexdigest()[:16]}"


@dataclass(frozen=True)
class Candidate:
    """An open request that may be the same, and how far it is from the place that was given."""

    request: PublicRequest
    metres: float
    voices: int
    """How many others said "me too" already."""


def candidates(
    office: Office, service: Service, at: tuple[float, float] | None, *, now: datetime
) -> tuple[Candidate, ...]:
    """Return the open requests that may be the same thing, the nearest first.

    None for a service that shows none (``duplicates: no``) or is not public, or without a position.
    """
    shown = service.duplicates
    if at is None or shown is None or not service.public:
        return ()
    since = now - timedelta(weeks=shown.weeks)
    near = nearby.open_near(service.code, at, within=shown.within, since=since, most=MOST_SHOWN)
    if not near:
        return ()
    voices = followers.counts([one.id for one in near])
    found = zip(near, nearby.cases([one.id for one in near]), strict=True)
    seen = ((one, in_public(office, case, now=now)) for one, case in found)
    return tuple(
        Candidate(request, one.metres, voices.get(one.id, 0)) for one, request in seen if request is not None
    )


def candidate(office: Office, number: str, *, now: datetime) -> PublicRequest | None:
    """Return the open request with this number that may be followed, or None."""
    case = lookups.case_by_number(number)
    found = in_public(office, case, now=now) if case else None
    return None if found is None or found.is_ended else found


def follow(office: Office, number: str, one: MeToo, *, now: datetime) -> Receipt:
    """Join a request and return the receipt of one's own page; the same form sent twice counts once.

    Raises ``NoSuchRequest`` for a number that is not there or not public, ``NotPossible`` when it has
    ended, ``TextTooLong``.
    """
    words, mark = optional(one.words), one.mark(number)
    earlier = followers.by_nonce(mark)
    if earlier is not None:
        return _receipt(office, number, earlier.id, is_new=False)
    request_id = lookups.request_id(number)
    if request_id is None:
        raise NoSuchRequest(number)
    try:
        with changing(office, request_id, by="follower", now=now) as change:
            follower_id = _join(change, one, words, mark)
    except IntegrityError:
        earlier = followers.by_nonce(mark)  # it arrived twice at the same moment
        if earlier is None:
            raise
        return _receipt(office, number, earlier.id, is_new=False)
    return _receipt(office, number, follower_id, is_new=True)


def add(
    office: Office, request_id: int, by: str, *, text: str, now: datetime, nonce: str | None = None
) -> None:
    """Add a detail later; ``by`` is ``follower:<id>``. Only the town reads it."""
    text = required(text)
    with changing(office, request_id, by=by, now=now, nonce=nonce) as change:
        if not change.is_repeated:
            count = followers.count(request_id)
            entry = change.write(Kind.FOLLOWED, text, count=count, is_more=True)
            _tell_town(change, entry, count)


def stop_letters(office: Office, request_id: int, follower_id: int, *, now: datetime) -> None:
    """Send this follower no more letters about it, also none that waits to leave."""
    with changing(office, request_id, by=f"follower:{follower_id}", now=now) as change:
        follower = change.session.get(Follower, follower_id)
        if follower is None or follower.stopped_at is not None:
            return
        follower.stopped_at = now
        if follower.email:
            followers.stop(change.session, request_id, follower.email, now=now)
            followers.cancel_waiting(change.session, request_id, UPDATE, follower.email)


def resume_letters(office: Office, request_id: int, follower_id: int, *, now: datetime) -> None:
    """Send letters again, from the next one on."""
    with changing(office, request_id, by=f"follower:{follower_id}", now=now) as change:
        follower = change.session.get(Follower, follower_id)
        if follower is not None:
            follower.stopped_at = None


def _receipt(office: Office, number: str, follower_id: int, *, is_new: bool) -> Receipt:
    return Receipt(number, token(office.secret, "follower", number, str(follower_id)), is_new)


def _join(change: Change, one: MeToo, words: str, mark: str) -> int:
    if not is_public(change.office, change.request):
        raise NoSuchRequest(change.request.number)
    if change.status is Status.ENDED:
        raise NotPossible(_("This request has ended meanwhile. Please send one of your own."))
    is_known = bool(one.email) and followers.is_known(change.session, change.request.id, one.email)
    follower = Follower(
        request_id=change.request.id,
        nonce=mark,
        email=one.email,
        words=words,
        language=one.language,
        created_at=change.now,
    )
    follower_id = followers.add(change.session, follower)
    change.by = f"follower:{follower_id}"
    count = followers.count(change.request.id)
    entry = change.write(Kind.FOLLOWED, words, count=count)
    # Made here, so that whoever left no address has a page too.
    access.grant(change.session, change.office, change.request, "follower", str(follower_id), now=change.now)
    if not one.is_doubtful:
        if words or not is_known:
            _tell_town(change, entry, count)
        if one.email and not is_known:
            welcome(change, follower, entry)
    return follower_id


def _tell_town(change: Change, entry: Entry, count: int) -> None:
    """Tell the employee what was added; a voice without words is a line of their digest, or on the page."""
    office, request, person = change.office, change.request, responsible(change)
    since = change.now - timedelta(days=1)
    told = followers.letters_since(change.session, request.id, "resident_wrote", since)
    if entry.text and told < MOST_LETTERS:
        tell_staff(
            change,
            "resident_wrote",
            person,
            entry.id,
            text=entry.text,
            what="me_too",
            facts={"count": count},
            person=person,
        )
        return
    line = gathering.line(
        office, person, request, kind="me_too", dedupe_key=f"me_too:{entry.id}", now=change.now
    )
    if line is not None:
        gathering.keep(change.session, line, request)

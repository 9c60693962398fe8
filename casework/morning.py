"""What does the clerk have to know this morning? One short letter each working day, exactly once.

It is due from opening time to closing time of the day, so a machine that was down at eight sends it at
nine. The day is part of the letter's key: however many processes look, one letter is written. On a day
with nothing to say the letter is written down and not sent.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from sqlalchemy.orm import Session

from casework import access, letters
from casework.many import of_many
from casework.office import Office
from casework.outbox import row
from casework.recipients import reachable, troubled
from lifecycle.deadlines import after_pause
from lifecycle.ladder import UNSEEN
from lifecycle.quiet import last_gathering
from lifecycle.status import WAITING, Status
from mail.composer import plain
from routing.rulebook import Person
from storage import drafts, incoming, lookups, mornings
from storage import outbox as rows
from storage.database import after_commit, reading, writing
from storage.mornings import Open
from storage.tables import OutgoingLetter, ServiceRequest

log = logging.getLogger("townline.morning")
MOST = 10
"""Lines of one section; how many more there are is said."""
UNVERIFIED_FOR = timedelta(days=30)
"""A mail that nobody vouches for is shown this long."""


@dataclass(frozen=True)
class Line:
    """One request, as the letter names it."""

    number: str
    service: str
    place: str
    who: str
    since: datetime
    link: str


@dataclass(frozen=True)
class Part:
    """A section: at most ``MOST`` lines, and how many there are in all."""

    lines: tuple[Line, ...]
    count: int

    @property
    def more(self) -> int:
        return self.count - len(self.lines)


@dataclass(frozen=True)
class Stand:
    """How somebody stands."""

    name: str
    open: int
    late: int


@dataclass(frozen=True)
class Found:
    """Everything that the letter is made of, before anybody's links."""

    received: int
    to_decide: Sequence[Open]
    new: Sequence[Open]
    late: Sequence[Open]
    silent: Sequence[Open]
    stands: Sequence[Stand]
    failed: Sequence[OutgoingLetter]
    failed_count: int
    mailboxes: Sequence[str]
    unverified: Sequence[str]
    """Numbers of the requests that a mail from nobody certain is about."""
    unread: int
    drafts: int

    @property
    def is_nothing(self) -> bool:
        """Return whether there is nothing at all to say."""
        counts = (self.received, self.failed_count, self.unread, self.drafts)
        return not any((*counts, self.stands, self.mailboxes, self.unverified))


def send_due(office: Office, *, now: datetime) -> int:
    """Write this morning's letters, if that was not done yet; return how many are to leave."""
    today = now.astimezone(office.zone).date()
    span = office.calendar.opening(today)
    if office.is_silent or span is None or not span[0] <= now <= span[1]:
        return 0
    with reading() as session:
        wanting = [
            person for person in readers(office, now) if not rows.is_posted(session, _key(today, person))
        ]
    if not wanting:
        return 0
    since = last_gathering(span[0] - timedelta(minutes=1), "daily", office.calendar)
    found = look(office, since=since, now=now)
    return sum(_write(office, person, found, today, now) for person in wanting)


def readers(office: Office, now: datetime) -> tuple[Person, ...]:
    """Return who gets it: whom the rules say so of, and the clerk unless they say no.

    Of somebody who is away, or whose mailbox gives letters back, whoever stands in.
    """
    rulebook = office.rulebook
    meant = (
        person
        for person in rulebook.people.values()
        if person.morning or (person.morning is None and person.id == rulebook.clerk)
    )
    there = {reachable(office, office.stand_in(person.id, now).id) for person in meant}
    return tuple(person for person in rulebook.people.values() if person.id in there)


def _key(today: date, person: Person) -> str:
    return f"morning:{today.isoformat()}:{person.id}"


def look(office: Office, *, since: datetime, now: datetime) -> Found:
    """Return how the town stands now, and what came since ``since``."""
    held = mornings.open_requests()
    late = [one for one in held if is_late(office, one, now)]
    clerks = (office.rulebook.clerk, office.stand_in(office.rulebook.clerk, now).id)
    undecided = [one for one in held if one.assignee in clerks and Status(one.status) in UNSEEN]
    failed = lookups.letters_failed(limit=5)
    unverified = {mail.request_id for mail in incoming.unverified(now - UNVERIFIED_FOR) if mail.request_id}
    return Found(
        received=mornings.count_received(since, now),
        to_decide=undecided,
        new=[one for one in held if one.created_at > since and one not in undecided],
        late=late,
        silent=[one for one in held if one.status == Status.WAITING_AGENCY and one.agency_remind_at is None],
        stands=_stands(office, held, late),
        failed=failed,
        failed_count=lookups.letter_counts().get("failed", 0),
        mailboxes=[box.address for box in troubled(office, now)],
        unverified=sorted(one.number for one in map(mornings.request, sorted(unverified)) if one),
        unread=len(incoming.quarantined(since)),
        drafts=drafts.count_open(),
    )


def is_late(office: Office, one: Open, now: datetime) -> bool:
    """Return whether the promise to finish is broken, the time added in which it waited for others."""
    if Status(one.status) in WAITING:
        return False
    return after_pause(one.finish_due_at, one.paused_minutes, office.calendar) < now


def _stands(office: Office, held: Iterable[Open], late: Iterable[Open]) -> list[Stand]:
    """Return how many each person has, the most first; what an agency has is not the town's to do."""
    mine = Counter(one.assignee for one in held if one.status != Status.WAITING_AGENCY)
    overdue = Counter(one.assignee for one in late)
    return [Stand(_name(office, who), count, overdue[who]) for who, count in mine.most_common()]


def _name(office: Office, who: str) -> str:
    person = office.rulebook.people.get(who)
    return person.name.said(letters.staff_language(office)) if person else who


def _write(office: Office, person: Person, found: Found, today: date, now: datetime) -> bool:
    with writing() as session:
        key = _key(today, person)
        if rows.is_posted(session, key):
            return False  # another process was faster
        part = partial(_part, session, office, person, now)
        parts = {name: part(getattr(found, name)) for name in ("to_decide", "new", "late", "silent")}
        links = [line.link for one in parts.values() for line in one.lines]
        letter = of_many(
            office,
            "morning",
            person,
            **parts,
            found=found,
            today=now,
            away_link=f"{links[0]}/away" if links else "",
        )
        written = row(letter, kind="morning", dedupe_key=key, now=now)
        if found.is_nothing:
            written.state = "cancelled"
        session.add(written)
        after_commit(session, office.nudge)
    return not found.is_nothing


def _part(session: Session, office: Office, person: Person, now: datetime, held: Sequence[Open]) -> Part:
    return Part(tuple(_line(session, office, person, one, now) for one in held[:MOST]), len(held))


def _line(session: Session, office: Office, person: Person, one: Open, now: datetime) -> Line:
    language = letters.staff_language(office)
    service = office.rulebook.services.get(one.service)
    request = session.get_one(ServiceRequest, one.id)
    value = access.grant(session, office, request, "employee", person.id, now=now)
    agency = office.rulebook.agencies.get(one.agency or "")
    is_away = one.status == Status.WAITING_AGENCY and agency is not None
    return Line(
        number=one.number,
        service=service.name.said(language) if service else one.service,
        place=plain(one.place),
        who=agency.name.said(language) if is_away and agency else _name(office, one.assignee),
        since=one.created_at,
        link=access.desk_url(office, value),
    )

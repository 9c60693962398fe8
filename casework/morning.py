"""What does the clerk have to know this morning? One short letter each working day, exactly once.

It is due from opening time to closing time of the day, so a machine that was down at eight sends it at
nine. The day is part of the letter's key: however many processes look, one letter is written. On a day
with nothing to say the letter is written down and not sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from sqlalchemy.orm import Session

from casework import access, held_letters
from casework.many import of_many
from casework.office import Office
from casework.outbox import row
from casework.overnight import Found, is_late, look, name_of_person
from casework.recipients import reachable
from casework.tongues import reads
from lifecycle.quiet import last_gathering
from lifecycle.status import Status
from mail.composer import plain
from routing.rulebook import Person
from storage import followers, held
from storage import outbox as rows
from storage.database import after_commit, reading, writing
from storage.mornings import Open
from storage.tables import ServiceRequest

MOST = 10
"""Lines of one section; how many more there are is said."""


@dataclass(frozen=True)
class Line:
    """One request, as the letter names it."""

    number: str
    service: str
    place: str
    who: str
    since: datetime
    link: str
    is_late: bool
    voices: int
    """How many others say the same."""


@dataclass(frozen=True)
class Part:
    """A section: at most ``MOST`` lines, and how many there are in all."""

    lines: tuple[Line, ...]
    count: int

    @property
    def more(self) -> int:
        return self.count - len(self.lines)


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


def _write(office: Office, person: Person, found: Found, today: date, now: datetime) -> bool:
    with writing() as session:
        key = _key(today, person)
        if rows.is_posted(session, key):
            return False  # another process was faster
        part = partial(_part, session, office, person, now)
        parts = {name: part(lines) for name, lines in _headings(found).items()}
        links = [line.link for one in parts.values() for line in one.lines]
        letter = of_many(
            office,
            "morning",
            person,
            **parts,
            found=found,
            names={one.who: name_of_person(office, one.who, reads(office, person)) for one in found.stands},
            today=now,
            away_link=f"{links[0]}/away" if links else "",
            held_link=_held_link(session, office, person, found, now),
        )
        written = row(letter, kind="morning", dedupe_key=key, now=now)
        if found.is_nothing:
            written.state = "cancelled"
        session.add(written)
        after_commit(session, office.nudge)
    return not found.is_nothing


def _held_link(session: Session, office: Office, person: Person, found: Found, now: datetime) -> str:
    """Return the way to what is held, for those who decide upon it; "" where there is none."""
    waiting = held.waiting(most=1) if found.held else ()
    if not waiting or not held_letters.may_look(office, person.id, now):
        return ""
    request = session.get_one(ServiceRequest, waiting[0].id)
    value = access.grant(session, office, request, "employee", person.id, now=now)
    return held_letters.held_url(office, value)


def _headings(found: Found) -> dict[str, list[Open]]:
    """Return what stands under each heading: each request once, where there is most to do about it."""
    parts: dict[str, list[Open]] = {}
    told: set[int] = set()
    for name in ("to_decide", "late", "new", "silent"):
        parts[name] = [one for one in getattr(found, name) if one.id not in told]
        told.update(one.id for one in parts[name])
    return parts


def _part(session: Session, office: Office, person: Person, now: datetime, those: Sequence[Open]) -> Part:
    voices = followers.counts([one.id for one in those[:MOST]])
    lines = (_line(session, office, person, one, voices.get(one.id, 0), now) for one in those[:MOST])
    return Part(tuple(lines), len(those))


def _line(session: Session, office: Office, person: Person, one: Open, voices: int, now: datetime) -> Line:
    language = reads(office, person)
    service = office.rulebook.services.get(one.service)
    request = session.get_one(ServiceRequest, one.id)
    value = access.grant(session, office, request, "employee", person.id, now=now)
    agency = office.rulebook.agencies.get(one.agency or "")
    who = name_of_person(office, one.assignee, language)
    if one.status == Status.WAITING_AGENCY and agency is not None:
        who = agency.name.said(language)
    return Line(
        number=one.number,
        service=service.name.said(language) if service else one.service,
        place=plain(one.place),
        who=who,
        since=one.created_at,
        link=access.desk_url(office, value),
        is_late=is_late(office, one, now),
        voices=voices,
    )

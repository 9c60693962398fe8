"""Who hears of a held request, and how soon? The clerk each hour; of possible danger, people at once.

The gathered letter names all that is held. Which requests it has told of stands in its key, so that two
processes write it once. A held request that may speak of danger does not wait for it: its own letter leaves
with the request, to the clerk and to whoever would have been responsible. Six such letters an hour are
enough to wake somebody; a flood of them is gathered again, every ten minutes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import force_locale
from sqlalchemy.orm import Session

from casework import access, letters
from casework.gathering import is_urgent
from casework.held_words import in_words
from casework.many import of_many
from casework.office import Office
from casework.outbox import post, row
from casework.recipients import reachable
from casework.screening import Sign
from casework.tongues import reads
from mail.address import token
from mail.composer import plain
from mail.letter import Letter
from routing.rulebook import Person
from storage import held as rows
from storage.database import reading, writing
from storage.tables import OutgoingLetter, ServiceRequest

GAP = timedelta(hours=1)
URGENT_GAP = timedelta(minutes=10)
REPEATED = timedelta(hours=12)
"""So long what may be danger is told again each hour; then the mornings go on telling."""
MOST_URGENT = 6
"""Letters about single requests an hour, to each of those who get them."""
MOST = 20
"""Requests that one gathered letter names; how many more there are is said."""
GATHERED, URGENT, DAY_FULL = "held", "held-urgent", "day-full"
"""How the keys of the letters begin."""


@dataclass(frozen=True)
class Item:
    """One held request, as the letter names it."""

    number: str
    service: str
    place: str
    description: str
    signs: list[str]
    is_urgent: bool
    since: datetime


def keeper(office: Office, now: datetime) -> Person:
    """Return who looks through what is held: the clerk, or who stands in for them."""
    return office.rulebook.people[reachable(office, office.stand_in(office.rulebook.clerk, now).id)]


def may_look(office: Office, person_id: str, now: datetime) -> bool:
    """Return whether a person may see and decide what is held: the clerk's chain, and who stands in."""
    clerk = office.rulebook.clerk
    return person_id in (*access.chain(office, clerk), keeper(office, now).id)


def held_url(office: Office, value: str) -> str:
    """Return the address of the page with all that is held."""
    return f"{access.desk_url(office, value)}/held"


# -- danger --


def urgent(
    office: Office, request: ServiceRequest, *, now: datetime
) -> tuple[list[tuple[str, access.Purpose, str, str | None]], list[OutgoingLetter]]:
    """Return links and letters that leave with a held request that may speak of danger; none for others."""
    if office.is_silent or not is_urgent(office, request):
        return [], []
    with reading() as session:
        since = now - GAP
        readers = [
            person
            for person in _hearers(office, request, now)
            if rows.count_letters(session, f"{URGENT}:{person.id}", since=since) < MOST_URGENT
        ]
    links: list[tuple[str, access.Purpose, str, str | None]] = []
    found: list[OutgoingLetter] = []
    for person in readers:
        links.append(
            ("employee", "employee", person.id, access.mark_hash(office, request.number, person.email))
        )
        link = access.desk_url(office, token(office.secret, "employee", request.number, person.id))
        found.append(
            row(
                _about_one(office, request, person, link),
                kind="held_urgent",
                dedupe_key=f"{URGENT}:{person.id}:{request.number}",
                now=now,
            )
        )
    return links, found


def _hearers(office: Office, request: ServiceRequest, now: datetime) -> list[Person]:
    """Return whoever would be responsible, and who looks through what is held: each mailbox once."""
    people = office.rulebook.people
    meant = [people[request.assignee]] if request.assignee in people else []
    by_address = {person.email.lower(): person for person in (keeper(office, now), *meant)}
    # Somebody with one address for two roles gets it as whoever is responsible.
    return list(by_address.values())


def _about_one(office: Office, request: ServiceRequest, person: Person, link: str) -> Letter:
    language = reads(office, person)
    contact = " · ".join(part for part in (request.resident_name, request.resident_phone) if part)
    with force_locale(language.replace("-", "_")):
        signs = in_words(request.held_signs)
    return letters.letter(
        office,
        "held_urgent",
        person.email,
        language,
        request,
        person=person,
        link=link,
        signs=signs,
        contact=contact,
        answers=letters.answer_lines(office, request, language),
        map_link=None if request.lat is None else f"geo:{request.lat:.6f},{request.lon:.6f}",
    )


# -- gathered --


def tell_due(office: Office, *, now: datetime) -> int:
    """Write the gathered letter if the clerk has not heard of something that is held; return how many left.

    What may be danger and has not been decided upon for an hour is told again, each hour of half a day, and
    then to the clerk's deputy and head as well.
    """
    waiting = [] if office.is_silent else rows.waiting(most=1000)
    if not waiting:
        return 0
    with reading() as session:
        last = rows.last_letter(session, GATHERED)
    news = [one for one in waiting if one.id > _told(last)]
    if any(Sign.DAY_FULL in one.held_signs for one in news):
        _tell_day_full(office, now)
    dangers = [one for one in waiting if is_urgent(office, one)]
    is_again = any(GAP <= now - _since(one) < REPEATED for one in dangers)
    gap = URGENT_GAP if any(one in dangers for one in news) else GAP
    if not (news or is_again) or (last is not None and now < last.created_at + gap):
        return 0
    with writing() as session:
        faster = rows.last_letter(session, GATHERED)
        if (faster and faster.dedupe_key) != (last and last.dedupe_key):
            return 0  # another process was faster
        return _write(session, office, waiting, now, is_again=is_again)


def _told(last: OutgoingLetter | None) -> int:
    return int(last.dedupe_key.split(":")[1]) if last is not None else 0


def _since(request: ServiceRequest) -> datetime:
    return request.held_at or request.created_at


def _write(
    session: Session, office: Office, waiting: Sequence[ServiceRequest], now: datetime, *, is_again: bool
) -> int:
    first, newest = session.get_one(ServiceRequest, waiting[0].id), max(one.id for one in waiting)
    readers = _readers(office, now, is_again=is_again)
    for person in readers:
        items = _items(office, waiting, reads(office, person))
        link = held_url(office, access.grant(session, office, first, "employee", person.id, now=now))
        letter = of_many(
            office,
            "held",
            person,
            items=items[:MOST],
            count=len(items),
            more=len(items[MOST:]),
            link=link,
            is_again=is_again,
        )
        key = f"{GATHERED}:{newest:012d}:{int(now.timestamp())}:{person.id}"
        post(session, office, letter, kind="held", dedupe_key=key, now=now)
    return len(readers)


def _items(office: Office, waiting: Sequence[ServiceRequest], language: str) -> list[Item]:
    """Return what is held, possible danger first."""
    with force_locale(language.replace("-", "_")):
        items = [_item(office, request, language) for request in waiting]
    return sorted(items, key=lambda item: not item.is_urgent)


def _readers(office: Office, now: datetime, *, is_again: bool) -> list[Person]:
    """Return who looks through it, and who stands behind them where they have not: each mailbox once."""
    people = office.rulebook.people
    behind = access.chain(office, office.rulebook.clerk) if is_again else ()
    found = (keeper(office, now), *(people[reachable(office, one)] for one in behind if one in people))
    return list({person.email.lower(): person for person in found}.values())


def _item(office: Office, request: ServiceRequest, language: str) -> Item:
    service = office.rulebook.services.get(request.service)
    return Item(
        number=request.number,
        service=service.name.said(language) if service else request.service,
        place=plain(request.place),
        description=plain(request.description),
        signs=in_words(request.held_signs),
        is_urgent=is_urgent(office, request),
        since=_since(request),
    )


def _tell_day_full(office: Office, now: datetime) -> None:
    """Tell clerk and operator, once a day, that more came than the town takes without looking."""
    rulebook = office.rulebook
    operator = rulebook.people[reachable(office, rulebook.operator or rulebook.clerk)]
    readers: Sequence[Person] = tuple(
        {one.email.lower(): one for one in (operator, keeper(office, now))}.values()
    )
    day = now.astimezone(office.zone).date()
    for person in readers:
        key = f"{DAY_FULL}:{day.isoformat()}:{person.id}"
        with writing() as session:
            letter = of_many(office, "day_full", person, most=rulebook.town.most_on_a_day, day=now)
            post(session, office, letter, kind="day_full", dedupe_key=key, now=now)

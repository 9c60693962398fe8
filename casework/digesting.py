"""When do the gathered lines leave? One letter a person, by the full office hour or at opening.

The lines are marked in the transaction that posts their letter. Whatever is killed, and however many
processes look, each line leaves exactly once.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from casework import access
from casework.many import of_many
from casework.office import Office
from casework.outbox import post
from casework.recipients import reachable
from casework.tongues import reads
from lifecycle.quiet import last_gathering
from lifecycle.status import Status
from mail.composer import plain
from routing.rulebook import Person
from storage import digests
from storage.database import writing
from storage.digests import Line
from storage.tables import ServiceRequest

log = logging.getLogger("townline.digesting")
MOST = 200
"""Lines in one letter; more follow a minute later."""


@dataclass
class Item:
    """One request in a digest."""

    number: str
    service: str
    place: str
    happened: list[str]
    link: str
    note: str = ""
    """What has become of it meanwhile, where that matters."""


def send_due(office: Office, *, now: datetime) -> int:
    """Post the digests whose moment has come; return how many."""
    sent = 0
    for who, oldest in digests.waiting():
        meant = office.rulebook.people.get(who) or office.rulebook.people[office.rulebook.clerk]
        # A mailbox that gives letters back gets no digest either.
        person = office.rulebook.people[reachable(office, meant.id)]
        until = last_gathering(now, meant.mail, office.calendar)
        if oldest > until:
            continue
        try:
            with writing() as session:
                sent += _send(session, office, who, person, until, now)
        except Exception:
            # The digest of one person must not keep the others' back.
            log.exception("the digest for %s was broken off", who)
    return sent


def _send(session: Session, office: Office, who: str, person: Person, until: datetime, now: datetime) -> bool:
    lines = digests.lines(session, who, until=until, most=MOST)
    if not lines:
        return False  # another process was faster
    items = _items(session, office, person, lines, now)
    letter = of_many(
        office, "digest", person, items=items, count=len(items), away_link=f"{items[0].link}/away", at=now
    )
    last = max(item.id for item, _request in lines)
    post(session, office, letter, kind="digest", dedupe_key=f"digest:{who}:{last}", now=now)
    digests.mark_sent(session, [item.id for item, _request in lines], now=now)
    return True


def _items(
    session: Session, office: Office, person: Person, lines: Sequence[Line], now: datetime
) -> list[Item]:
    """Return one item for each request, in the order in which they were first heard of."""
    found: dict[int, Item] = {}
    for line, request in lines:
        item = found.get(request.id)
        if item is None:
            item = found[request.id] = _item(session, office, person, request, now)
        if line.line not in item.happened:
            item.happened.append(line.line)
    return list(found.values())


def _item(session: Session, office: Office, person: Person, request: ServiceRequest, now: datetime) -> Item:
    language = reads(office, person)
    service = office.rulebook.services.get(request.service)
    link = access.grant(session, office, request, "employee", person.id, now=now)
    note = ""
    with force_locale(language.replace("-", "_")):
        if request.status == Status.ENDED:
            note = _("It has ended meanwhile.")
        elif request.assignee != person.id and request.assignee in office.rulebook.people:
            name = office.rulebook.people[request.assignee].name.said(language)
            note = _("%(name)s has it now.", name=name)
    return Item(
        number=request.number,
        service=service.name.said(language) if service else request.service,
        place=plain(request.place),
        happened=[],
        link=access.desk_url(office, link),
        note=note,
    )

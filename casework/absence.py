"""Who is away, and who does their work meanwhile? Said by themselves or by who stands behind them.

The days rule: on the first one new requests begin to go to the deputy, behind the last one they come
back by themselves. What somebody has open goes along only where that was wanted, on the first day, one
request a transaction, so a kill in between leaves the rest for the clock's next minute.
"""

from __future__ import annotations

import logging
from datetime import date, datetime, timedelta

from flask_babel import gettext as _

from casework import access
from casework.change import changing
from casework.errors import NotPossible
from casework.many import of_many
from casework.office import Office
from casework.outbox import post
from casework.telling import hand_to
from lifecycle.journal import Kind
from lifecycle.status import Move, Status
from routing.rulebook import Person
from storage import absences as rows
from storage.database import after_commit, joining
from storage.tables import Absence

log = logging.getLogger("townline.absence")
LONGEST = timedelta(days=366)


def leave(
    office: Office,
    person: str,
    *,
    first: date,
    last: date,
    passes_on: bool,
    by: str,
    now: datetime,
) -> None:
    """Write down that somebody is away, both days included; the same days said twice are one absence.

    ``passes_on`` gives what they have open to the deputy on the first day. Raises ``NotPossible`` for
    days in the wrong order, over already or more than a year away, and for unknown people.
    """
    check_days(first, last, now.astimezone(office.zone).date())
    if person not in office.rulebook.people:
        raise NotPossible(_("Nobody of that role works for the town."))
    with joining() as session:
        known = rows.same(session, person, first, last)
        if known is None:
            known = Absence(person=person, first=first, last=last, said_by=by, created_at=now)
            session.add(known)
        if passes_on and not known.passes_on:
            known.passes_on, known.passed_at, known.said_by = True, None, by
        after_commit(session, office.absence_book.forget)


def check_days(first: date, last: date, today: date) -> None:
    """Refuse days on which nobody can be away; raises ``NotPossible``."""
    if last < first:
        raise NotPossible(_("The last day is before the first."))
    if last < today:
        raise NotPossible(_("These days are over."))
    if last - today > LONGEST:
        raise NotPossible(_("The last day is more than a year away. Write an earlier one."))


def come_back(office: Office, person: str, absence_id: int, *, now: datetime) -> None:
    """Take an absence back; what was passed on stays where it is. Said twice it changes nothing."""
    with joining() as session:
        absence = session.get(Absence, absence_id)
        if absence is None or absence.person != person:
            raise NotPossible(_("There is no such absence any more."))
        absence.ended_at = absence.ended_at or now
        after_commit(session, office.absence_book.forget)


def may_say(office: Office, reader: str, person: str) -> bool:
    """Return whether the reader may say that somebody is away: they, deputy, head and clerk."""
    return person in office.rulebook.people and reader in access.chain(office, person)


def pass_on_due(office: Office, *, now: datetime) -> int:
    """Give what the absent have open to who stands in, where they wanted it; return of how many requests."""
    moved = 0
    for absence in rows.to_pass_on(now.astimezone(office.zone).date()):
        if absence.person not in office.rulebook.people:
            continue
        to = substitute(office, absence.person, now)
        if to is None:
            continue  # nobody is there to take it; the ladder tells the clerk of what waits
        for request_id in rows.open_of(absence.person):
            try:
                moved += _pass_on(office, absence, request_id, to, now)
            except Exception:
                # One request must not keep the others with somebody who is away; the ladder tells of it.
                log.exception("request %d could not be given to who stands in", request_id)
        with joining() as session:
            session.get_one(Absence, absence.id).passed_at = now
    return moved


def substitute(office: Office, person: str, now: datetime) -> Person | None:
    """Return who does it while somebody is away: a deputy, else head or clerk; None if all are away."""
    deputy = office.stand_in(person, now)
    others = (office.rulebook.people[one] for one in access.chain(office, person) if one != person)
    if deputy.id != person:
        return deputy
    return next((one for one in others if not office.is_away(one.id, now)), None)


def _pass_on(office: Office, absence: Absence, request_id: int, to: Person, now: datetime) -> bool:
    nonce = f"away.{absence.id}.{request_id}"
    with changing(office, request_id, by=absence.said_by, now=now, nonce=nonce) as change:
        is_theirs = change.request.assignee == absence.person and change.status is not Status.ENDED
        if change.is_repeated or not is_theirs:
            return False
        change.move(Move.REASSIGN)
        change.write(Kind.REASSIGNED, "", to=to.id, reason="away")
        hand_to(change, to.id, reason="deputy")
    return True


def offer(office: Office, person: str, until: date, *, now: datetime) -> bool:
    """Ask deputy and head whether somebody is away, of whom an automatic answer says so; change nothing.

    Returns whether anybody was asked: not when it is known already, is over, or is too far away. The
    same day is asked about once. May be called inside ``writing()``.
    """
    today = now.astimezone(office.zone).date()
    if person not in office.rulebook.people or not today <= until <= today + LONGEST:
        return False
    if _is_known(office, person, today, until, now):
        return False
    members = [one for one in access.chain(office, person) if one not in (person, office.rulebook.clerk)]
    asked = members[:2] or [office.rulebook.clerk]
    with joining() as session:
        about = rows.newest_of(session, person)
        if about is None:
            return False  # nobody of the town was written to about anything of theirs
        for colleague in asked:
            value = access.grant(session, office, about, "employee", colleague, now=now)
            link = f"{access.desk_url(office, value)}/away?who={person}&until={until.isoformat()}"
            letter = of_many(
                office,
                "away_offer",
                office.rulebook.people[colleague],
                who=office.rulebook.people[person],
                until=datetime(until.year, until.month, until.day, 12, tzinfo=office.zone),
                link=link,
            )
            key = f"away_offer:{person}:{until.isoformat()}:{colleague}"
            post(session, office, letter, kind="away_offer", dedupe_key=key, now=now)
    return True


def _is_known(office: Office, person: str, today: date, until: date, now: datetime) -> bool:
    said = [(first, last) for who, first, last in office.absences(now) if who == person]
    spells = (*office.rulebook.people[person].absent, *said)
    return any(first <= today and until <= last for first, last in spells)

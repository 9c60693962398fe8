"""Is anybody behind this mailbox, and who gets the letter when nobody is?

Employees and agencies only; a resident's address is looked after with their request. A mailbox that
gave a letter back is suspended: the next in the chain gets what was meant for it, at once, until
somebody puts it right (``mail status --restore``, the operator's page) or its person acts.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from casework import access
from casework.office import Office
from storage import recipients as rows
from storage.database import joining, reading, writing
from storage.tables import Entry, Recipient

log = logging.getLogger("townline.recipients")
A_SIGN_A_DAY = timedelta(days=1)
"""A mailbox that is alive is alive for the day: not every act has to write it down."""
SILENT_AFTER = timedelta(days=30)
"""Letters arrive there and nobody has done anything for so long."""
ANSWER_WITHIN = timedelta(days=14)
"""How long "is this still you?" may stay unanswered."""
LONGEST_WHY = 500
TROUBLED = ("suspended", "bounced", "automatic", "silent", "unanswered")


@dataclass(frozen=True)
class Mailbox:
    """One address of the rules file and how it is doing.

    ``state`` is one of ``TROUBLED``, or ``well``, or ``unused`` where no letter has left for it yet.
    """

    address: str
    people: tuple[str, ...]
    agencies: tuple[str, ...]
    """Their ids: one mailbox may serve several roles."""
    state: str
    row: Recipient | None

    @property
    def is_troubled(self) -> bool:
        return self.state in TROUBLED


# -- signs --


def seen_human(address: str, now: datetime) -> None:
    """Note that a person wrote from this address; a suspended mailbox is tried again from now on.

    Only mailboxes of employees and agencies are known here; any other address leaves no trace. Joins
    an open ``writing()``.
    """
    row = rows.find(address)
    if row is not None and _is_news(row, now):
        with joining() as session:
            _alive(session, address, now)


def seen_automatic(address: str, now: datetime) -> None:
    """Note that a machine answered from this address, which says nothing about a person."""
    row = rows.find(address)
    if row is not None and (row.automatic_at is None or now - row.automatic_at > A_SIGN_A_DAY):
        with joining() as session:
            rows.known(session, address, now=now).automatic_at = now
            session.flush()


def acted(session: Session, office: Office, by: str, *, now: datetime) -> None:
    """Count an act as a sign of life; ``by`` as in the journal. Call it in the act's transaction."""
    address = address_of(office, by)
    if not address:
        return
    row = session.get(Recipient, address)
    if row is None or _is_news(row, now):
        _alive(session, address, now)


def address_of(office: Office, by: str) -> str:
    """Return the mailbox of ``person:<id>`` or ``agency:<id>`` in lower case; "" for anybody else."""
    kind, _colon, who = by.partition(":")
    if kind == "person" and who in office.rulebook.people:
        return office.rulebook.people[who].email.lower()
    if kind == "agency" and who in office.rulebook.agencies:
        return (office.rulebook.agencies[who].email or "").lower()
    return ""


def _is_news(row: Recipient, now: datetime) -> bool:
    is_old = row.human_at is None or now - row.human_at > A_SIGN_A_DAY
    was_troubled = row.bounced_at is not None and row.bounced_at <= now
    is_asked = row.asked_at is not None and (row.human_at is None or row.human_at < row.asked_at <= now)
    return is_old or was_troubled or is_asked or row.unanswered_since is not None


def _alive(session: Session, address: str, now: datetime) -> None:
    row = rows.known(session, address, now=now)
    if row.human_at is None or row.human_at < now:
        row.human_at = now
    row.unanswered_since = None
    if row.bounced_at is not None and row.bounced_at <= now:
        if row.suspended_at is not None:
            log.warning("a mailbox that had given letters back is tried again: its person has acted")
        row.suspended_at = row.bounced_at = row.bounce = None
    session.flush()


def restore(address: str, *, now: datetime) -> bool:
    """Send to a mailbox again that had given letters back; False when there was nothing to undo."""
    row = rows.find(address)
    if row is None or (row.suspended_at is None and row.bounced_at is None):
        return False
    with joining() as session:
        row = rows.known(session, address, now=now)
        row.suspended_at = row.bounced_at = row.bounce = None
        session.flush()
    return True


# -- who gets it instead --


def reachable(office: Office, person_id: str, *, suspended: Collection[str] | None = None) -> str:
    """Return who gets what is meant for a person: they, or the next in the chain with a mailbox that works.

    Where every mailbox of the chain is suspended it stays with the person meant: a letter that may
    come back is better than none.
    """
    dead = rows.suspended() if suspended is None else suspended
    if not dead:
        return person_id
    people = office.rulebook.people
    for member in access.chain(office, person_id):
        if member in people and people[member].email.lower() not in dead:
            return member
    return person_id


def resident_bounce(request_id: int) -> Entry | None:
    """Return the entry that says that the resident's address does not work; None while it may."""
    with reading() as session:
        return rows.last_resident_bounce(session, request_id)


# -- health --


def mailboxes(office: Office) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """Return every address that letters go to -> ids of its people, ids of its agencies."""
    found: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}
    for person in office.rulebook.people.values():
        people, agencies = found.get(person.email.lower(), ((), ()))
        found[person.email.lower()] = ((*people, person.id), agencies)
    for agency in office.rulebook.agencies.values():
        if agency.email and agency.handoff == "mail":
            people, agencies = found.get(agency.email.lower(), ((), ()))
            found[agency.email.lower()] = (people, (*agencies, agency.id))
    return found


def keep_book(office: Office, *, now: datetime) -> None:
    """Know every mailbox of the rules from now on, and forget those that they name no more."""
    known, named = {row.address for row in rows.every()}, mailboxes(office).keys()
    if known == named:
        return
    with writing() as session:
        rows.forget(session, known - named)
        for address in sorted(named - known):
            rows.known(session, address, now=now)


def health(office: Office, *, now: datetime) -> tuple[Mailbox, ...]:
    """Return every mailbox of the rules file, the one in most trouble first."""
    known = rows.by_address(rows.every())
    found = [
        Mailbox(address, people, agencies, _state(known.get(address), now), known.get(address))
        for address, (people, agencies) in mailboxes(office).items()
    ]
    order = {state: place for place, state in enumerate(TROUBLED)}
    return tuple(sorted(found, key=lambda box: (order.get(box.state, len(order)), box.address)))


def troubled(office: Office, now: datetime) -> tuple[Mailbox, ...]:
    """Return the mailboxes that a person should look into, for the clerk's morning."""
    return tuple(box for box in health(office, now=now) if box.is_troubled)


def _state(row: Recipient | None, now: datetime) -> str:
    if row is None:
        return "unused"
    if row.suspended_at is not None:
        return "suspended"
    if row.bounced_at is not None:
        return "bounced"
    last = row.human_at or row.since
    if row.unanswered_since is not None and now - row.unanswered_since > SILENT_AFTER:
        is_machine = row.automatic_at is not None and row.automatic_at >= row.unanswered_since
        return "automatic" if is_machine else "silent"
    if row.asked_at is not None and last < row.asked_at < now - ANSWER_WITHIN:
        return "unanswered"
    return "unused" if row.written_at is None else "well"

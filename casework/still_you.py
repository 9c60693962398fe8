"""Is this mailbox still the one of that role? Asked once a year, answered with one button.

The link's token follows from the address and the day on which it was asked, so nothing more is kept.
A "yes" is a sign of life. A "no" goes to the clerk with its words. Nobody's answer within two weeks
shows among the troubled mailboxes.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import force_locale
from sqlalchemy.orm import Session

from casework import recipients
from casework.change import optional
from casework.errors import LinkRefused
from casework.office import Office
from casework.outbox import post
from casework.recipients import reachable
from casework.tongues import read_at
from mail.address import domain_of, looks_like_token, message_id, token
from mail.letter import LONGEST_NAME, Letter, one_line
from storage import recipients as rows
from storage.database import joining, writing
from storage.tables import Recipient

EVERY = timedelta(days=365)
QUESTION, ANSWER_NO = "still_you", "still_you_no"
AT_ONCE = 10


@dataclass(frozen=True)
class Asked:
    """One mailbox that was asked, and the roles behind it."""

    address: str
    roles: tuple[str, ...]
    """Names, as the town reads them."""
    is_agency: bool
    answered_at: datetime | None
    """When a person has shown a sign since it was asked."""


def ask_due(office: Office, *, now: datetime) -> int:
    """Ask the mailboxes whose year is over, in office hours; return how many."""
    if office.is_silent or not office.calendar.is_open(now):
        return 0
    known, boxes = rows.by_address(rows.every()), recipients.mailboxes(office)
    due = [
        row
        for address, row in known.items()
        if address in boxes and row.suspended_at is None and (row.asked_at or row.since) <= now - EVERY
    ]
    for row in due[:AT_ONCE]:
        with writing() as session:
            if rows.ask(session, row.address, before=now - EVERY, now=now):
                _ask(session, office, row.address, now)
    return len(due[:AT_ONCE])


def asked(office: Office, value: str) -> Asked:
    """Return whom the link of a question belongs to; raises ``LinkRefused``."""
    for row in rows.every() if looks_like_token(value) else ():
        if row.asked_at is None or _token(office, row) != value.lower():
            continue
        people, agencies = recipients.mailboxes(office).get(row.address, ((), ()))
        if people or agencies:
            has_answered = row.human_at is not None and row.human_at >= row.asked_at
            return Asked(row.address, _roles(office, row.address), bool(agencies and not people),
                         row.human_at if has_answered else None)  # fmt: skip
    raise LinkRefused("unknown")


def answer(office: Office, value: str, *, is_still: bool, text: str, now: datetime) -> None:
    """Keep the answer; a "no" goes to the clerk. Said twice it is said once. Raises ``LinkRefused``."""
    box, text = asked(office, value), optional(text)
    with joining() as session:
        row = rows.known(session, box.address, now=now)
        row.human_at, row.unanswered_since = now, None
        session.flush()
        if not is_still:
            said = hashlib.sha256(text.encode()).hexdigest()[:16]
            _post(
                session,
                office,
                ANSWER_NO,
                _clerk_address(office, box.address),
                f"{ANSWER_NO}:{value.lower()}:{said}",
                now,
                address=box.address,
                roles=box.roles,
                text=text,
            )


def still_url(office: Office, value: str) -> str:
    """Return the address of the page on which the question is answered."""
    return f"{office.base_url}/still/{value}"


def _token(office: Office, row: Recipient) -> str:
    assert row.asked_at is not None
    return token(office.secret, "still", row.asked_at.isoformat(timespec="seconds"), row.address)


def _ask(session: Session, office: Office, address: str, now: datetime) -> None:
    row = session.get_one(Recipient, address)
    session.refresh(row)
    value = _token(office, row)
    people, _agencies = recipients.mailboxes(office)[address]
    _post(
        session,
        office,
        QUESTION,
        address,
        f"{QUESTION}:{address}:{now.date()}",
        now,
        roles=_roles(office, address),
        is_agency=not people,
        link=still_url(office, value),
    )


def _clerk_address(office: Office, refused: str) -> str:
    """Return the clerk's mailbox, or who stands in where it is that one which is nobody's any more."""
    rulebook = office.rulebook
    return rulebook.people[reachable(office, rulebook.clerk, suspended=(refused,))].email


def _roles(office: Office, address: str) -> tuple[str, ...]:
    people, agencies = recipients.mailboxes(office).get(address, ((), ()))
    language, book = read_at(office, address), office.rulebook
    names = [book.people[one].name.said(language) for one in people]
    return (*names, *(book.agencies[one].name.said(language) for one in agencies))


def _post(
    session: Session, office: Office, name: str, to: str, key: str, now: datetime, **context: object
) -> None:
    town, language = office.rulebook.town, read_at(office, to)
    with force_locale(language.replace("-", "_")):
        words = office.composer.compose(name, language, town=town, base_url=office.base_url, **context)
    letter = Letter(
        to=to,
        subject=words.subject,
        text=words.text,
        html=words.html,
        sender=office.sender,
        sender_name=one_line(town.name.said(language), LONGEST_NAME),
        message_id=message_id("still", domain_of(office.sender)),
    )
    post(session, office, letter, kind=name, dedupe_key=key[:160], now=now)

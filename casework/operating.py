"""Who may see the operator's pages? A link that a command printed or mailed, without a password.

The token is made of 16 random bytes and the town's secret, and only its hash is kept: neither the
database nor the secret alone gives it back. It ends by itself after some hours.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from secrets import token_hex
from typing import Protocol

from flask_babel import force_locale

from casework.errors import LinkRefused
from casework.office import Office
from casework.outbox import post
from casework.tongues import reads
from mail.address import domain_of, looks_like_token, message_id, token, token_hash
from mail.letter import LONGEST_NAME, Letter, one_line
from routing.rulebook import Person
from storage import analytics_links, operators
from storage.database import writing

HOURS = 12
"""How long a link opens the pages: one working day."""
MOST_HOURS = 24 * 14
BETWEEN_MAILS = timedelta(minutes=10)
LETTER = "operator_link"


class Door(Protocol):
    """What a link is made of. A command has it also where broken rules let no office open."""

    @property
    def secret(self) -> bytes: ...
    @property
    def base_url(self) -> str: ...


def operator(office: Office) -> Person:
    """Return whose mailbox gets the link: the rules' operator, else the clerk."""
    rulebook = office.rulebook
    return rulebook.people[rulebook.operator or rulebook.clerk]


def operator_link(door: Door, *, now: datetime, hours: int = HOURS) -> str:
    """Return a new address of the operator's pages, good for so many hours (1 to 336)."""
    value, expires_at = _new_token(door), now + _span(hours)
    with writing() as session:
        operators.add(session, token_hash=token_hash(value), now=now, expires_at=expires_at)
    return operator_url(door, value)


def mail_operator_link(office: Office, *, now: datetime, hours: int = HOURS) -> bool:
    """Mail a new link to the operator's mailbox and nowhere else; at most one in ten minutes.

    Returns whether a letter was posted. The page that calls this says the same either way.
    """
    value, expires_at = _new_token(office), now + _span(hours)
    letter = _letter(office, operator_url(office, value), hours)
    with writing() as session:
        last = operators.last_mailed(LETTER)
        if last is not None and now - last < BETWEEN_MAILS:
            return False
        operators.add(session, token_hash=token_hash(value), now=now, expires_at=expires_at)
        post(session, office, letter, kind=LETTER, dedupe_key=f"{LETTER}:{token_hash(value)}", now=now)
    return True


def admit_operator(office: Office, value: str, *, now: datetime) -> datetime:
    """Return until when the token opens the operator's pages; raises ``LinkRefused``."""
    link = operators.link_by_hash(token_hash(value)) if looks_like_token(value) else None
    if link is None:
        raise LinkRefused("unknown")
    if link.revoked_at is not None:
        raise LinkRefused("revoked")
    if link.expires_at <= now:
        raise LinkRefused("expired")
    return link.expires_at


def revoke_operator_links(*, now: datetime) -> int:
    """Close every link that is still good, those of managers' reports too; return how many there were."""
    with writing() as session:
        return operators.revoke(session, now=now) + analytics_links.revoke(session, now=now)


def operator_url(door: Door, value: str) -> str:
    """Return the address that a token opens."""
    return f"{door.base_url}/operations/{value}/"


def _new_token(door: Door) -> str:
    return token(door.secret, "operator", token_hex(16), "operator")


def _span(hours: int) -> timedelta:
    if not 1 <= hours <= MOST_HOURS:
        raise ValueError(f"a link is good for 1 to {MOST_HOURS} hours, not {hours}")
    return timedelta(hours=hours)


def _letter(office: Office, link: str, hours: int) -> Letter:
    town = office.rulebook.town
    language = reads(office, operator(office))
    with force_locale(language.replace("-", "_")):
        words = office.composer.compose(
            LETTER, language, town=town, base_url=office.base_url, link=link, hours=hours
        )
    return Letter(
        to=operator(office).email,
        subject=words.subject,
        text=words.text,
        html=words.html,
        sender=office.sender,
        sender_name=one_line(town.name.said(language), LONGEST_NAME),
        message_id=message_id("operator", domain_of(office.sender)),
    )

"""Who may open a request by a link, and may they act or only look?

One token per recipient and purpose. It is derived from the town's secret (``mail.address``), so a
later letter can carry the same one; the database keeps only the hash.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, cast

from sqlalchemy.orm import Session

from casework.errors import LinkRefused
from casework.office import Office
from mail.address import looks_like_token, reply_token, token, token_hash
from storage import followers, lookups
from storage.database import reading
from storage.tables import ServiceRequest, SignedLink

Purpose = Literal["resident", "employee", "agency", "follower"]
RESIDENT = "resident"
LIFETIME = timedelta(days=400)
"""Long enough for a yearly job; every letter about the request renews it."""


@dataclass(frozen=True)
class Admission:
    """What a token opens."""

    request_id: int
    purpose: Purpose
    recipient: str
    may_act: bool
    """False for an employee whose request went to a colleague, or an agency that no longer has it."""


def admit(office: Office, value: str, *, now: datetime) -> Admission:
    """Return what the token opens; raises ``LinkRefused`` with its own sentence."""
    if not looks_like_token(value):
        raise LinkRefused("unknown")
    with reading() as session:
        link = lookups.link_by_hash(token_hash(value))
        if link is None:
            raise LinkRefused("unknown")
        request = session.get_one(ServiceRequest, link.request_id)
    if link.revoked_at is not None:
        raise LinkRefused("revoked")
    if link.expires_at <= now:
        raise LinkRefused("expired")
    purpose = cast(Purpose, link.purpose)
    return Admission(
        link.request_id, purpose, link.recipient, may_act(office, request, purpose, link.recipient)
    )


def may_act(office: Office, request: ServiceRequest, purpose: Purpose, recipient: str) -> bool:
    """Return whether this recipient may still act on the request, and not only look."""
    if purpose in ("resident", "follower"):
        return True
    if purpose == "agency":
        return request.agency == recipient
    # Who has left the town keeps the mails with the links.
    return recipient in office.rulebook.people and recipient in chain(office, request.assignee)


def chain(office: Office, assignee: str) -> tuple[str, ...]:
    """Return the ids of those who may act on an assignee's requests: they, deputy, head, clerk."""
    rulebook = office.rulebook
    person = rulebook.people.get(assignee)
    if person is None:
        return (assignee, rulebook.clerk)
    members = (person.id, person.deputy, rulebook.departments[person.department].head, rulebook.clerk)
    return tuple(dict.fromkeys(member for member in members if member))


def grant(
    session: Session,
    office: Office,
    request: ServiceRequest,
    purpose: Purpose,
    recipient: str,
    *,
    now: datetime,
) -> str:
    """Return the recipient's token, made or renewed; call it inside ``writing()``."""
    links = lookups.links_of(request.id, purpose, recipient)
    newest = links[0] if links else None
    if newest is not None and newest.revoked_at is None:
        value = token(office.secret, purpose, request.number, recipient, newest.serial)
        # Another secret since then gives another token, which needs a row of its own to let anybody in.
        if newest.token_hash == token_hash(value):
            newest.expires_at = now + LIFETIME
            _know_mark(session, office, request, newest)
            return value
    serial = newest.serial + 1 if newest is not None else 0
    value = token(office.secret, purpose, request.number, recipient, serial)
    link = new_link(value, request.id, purpose, recipient, serial=serial, now=now)
    session.add(link)
    _know_mark(session, office, request, link)
    session.flush()
    return value


def address_of(office: Office, request: ServiceRequest, purpose: str, recipient: str) -> str:
    """Return where a recipient gets letters about a request; "" where they have no address."""
    if purpose == "resident":
        return request.resident_email
    if purpose == "follower":
        follower = followers.one(int(recipient))
        return follower.email if follower else ""
    if purpose == "employee":
        person = office.rulebook.people.get(recipient)
        return person.email if person else ""
    agency = office.rulebook.agencies.get(recipient)
    return (agency.email or "") if agency else ""


def mark_hash(office: Office, number: str, address: str) -> str | None:
    """Return what the database keeps of the mark by which replies from this address are known."""
    return token_hash(reply_token(office.secret, number, address)) if address else None


def _know_mark(session: Session, office: Office, request: ServiceRequest, link: SignedLink) -> None:
    """Have replies to the next letter recognised: the address may be another than at the last one."""
    address = address_of(office, request, link.purpose, link.recipient)
    wanted = mark_hash(office, request.number, address)
    if link.reply_hash == wanted:
        return
    holder = lookups.link_by_mark(wanted) if wanted else None
    if holder is not None and holder is not link:
        # Somebody with one address for two roles: the mark goes with the newer link, the older page stays.
        if link.purpose != "employee" and holder.revoked_at is None:
            return  # who works for the town and reported it answers as who works for it
        holder.reply_hash = None
        session.flush()
    link.reply_hash = wanted


def new_link(
    value: str,
    request_id: int,
    purpose: Purpose,
    recipient: str,
    *,
    serial: int = 0,
    now: datetime,
    reply_hash: str | None = None,
) -> SignedLink:
    """Return the row that lets a token in; ``reply_hash`` see ``mark_hash``."""
    return SignedLink(
        token_hash=token_hash(value),
        request_id=request_id,
        purpose=purpose,
        recipient=recipient,
        reply_hash=reply_hash,
        serial=serial,
        created_at=now,
        expires_at=now + LIFETIME,
    )


def tracking_url(office: Office, number: str, value: str) -> str:
    """Return the address of the resident's own page."""
    return f"{office.base_url}/r/{number}?t={value}"


def stop_url(office: Office, number: str, value: str) -> str:
    """Return the address that stops letters about a request with one POST."""
    return f"{office.base_url}/r/{number}/stop?t={value}"


def desk_url(office: Office, value: str) -> str:
    """Return the address of an employee's or agency's page."""
    return f"{office.base_url}/a/{value}"

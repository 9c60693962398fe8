"""How does somebody come back who has lost the link? It is mailed to the address that the request has.

Nothing is told on a page: whoever types a number and an address learns neither whether the number is
there nor whose it is. Only the mailbox that gave the address hears more. Without an address there is the
key that stands on the receipt.
"""

from __future__ import annotations

import re
from datetime import datetime

from casework import access, letters
from casework.change import Change, changing
from casework.errors import LinkRefused
from casework.office import Office
from casework.outbox import post
from storage import followers, lookups
from storage.tables import Follower

LETTER = "resident_link"
NUMBER = re.compile(r"\D*(\d{2})(?:\D{0,3}(\d{4,9})|\D{1,3}(\d{1,3}))\D*")


def plain_number(typed: str) -> str:
    """Return a number as we write it, whatever stands between its parts; "" for what is none.

    The noughts in front of a small one may be missing, as in 26-259.
    """
    found = NUMBER.fullmatch(typed[:60])
    return f"{found[1]}-{(found[2] or found[3]).zfill(4)}" if found else ""


def plain_key(typed: str) -> str:
    """Return a key as we write it, however it is grouped."""
    return re.sub(r"[\s\-.]", "", typed[:80]).lower()


def mail_link(office: Office, number: str, email: str, *, now: datetime) -> bool:
    """Mail the link to whoever sent or follows the request from this address; return whether anybody does.

    One letter an hour, however often it is asked for. Of what is held nobody is written to.
    """
    case = lookups.case_by_number(number) if number and email else None
    if case is None or case.request.held_at is not None:
        return False
    is_theirs = case.request.resident_email.lower() == email.lower()
    with changing(office, case.request.id, by="townline", now=now) as change:
        known = followers.with_address(change.session, case.request.id, email)
        if is_theirs:
            _post(change, "resident", access.RESIDENT, change.request.resident_email, change.request.language)
        elif known:
            _post_follower(change, known[0])
    return is_theirs or bool(known)


def opened_by(office: Office, number: str, key: str, *, now: datetime) -> str:
    """Return the key when it opens the resident's or a follower's page of this number, else ""."""
    try:
        admission = access.admit(office, key, now=now)
    except LinkRefused:
        return ""
    case = lookups.case(admission.request_id)
    fits = case is not None and case.request.number == number
    return key if fits and admission.purpose in ("resident", "follower") else ""


def _post_follower(change: Change, follower: Follower) -> None:
    _post(change, "follower", str(follower.id), follower.email, follower.language)


def _post(change: Change, purpose: access.Purpose, recipient: str, address: str, language: str) -> None:
    office, request, now = change.office, change.request, change.now
    value = access.grant(change.session, office, request, purpose, recipient, now=now)
    letter = letters.letter(
        office, LETTER, address, language, request, link=access.tracking_url(office, request.number, value)
    )
    post(
        change.session,
        office,
        letter,
        kind=LETTER,
        dedupe_key=f"{LETTER}:{request.id}:{recipient}:{now:%Y-%m-%dT%H}",
        now=now,
        request_id=request.id,
    )

"""What becomes of a request that may be the work of a program? It waits, and a person lets it go or ends it.

A held request is there: it has its number, its page, its place in the journal. Nobody else hears of it:
no letter to the resident (or the town would mail strangers at a spammer's word), none to the employee, no
agency. Released, it does what it would have done at once. What was promised counts from the day it was
sent: the doubt was the town's, and the resident pays nothing for it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from casework import answering, opening
from casework.change import Change, changing
from casework.escalating import send_to_assignee
from casework.office import Office
from casework.outbox import post
from casework.redirecting import hand_over
from lifecycle.journal import Kind
from lifecycle.status import Ending
from routing.rulebook import Agency, Outcome
from storage import held as rows
from storage import lookups
from storage.database import reading, writing

KEPT = timedelta(hours=48)
"""So long photos of spam are kept: it may have been a mistake, and be taken back or reopened."""


def release(office: Office, request_id: int, *, by: str, now: datetime, nonce: str | None = None) -> None:
    """Let a held request go its way, once: write its letters, hand it over where the rules said so."""
    with changing(office, request_id, by=by, now=now, nonce=nonce) as change:
        if change.is_repeated or change.request.held_at is None:
            return
        change.request.held_at = None
        change.write(Kind.RELEASED, signs=list(change.request.held_signs))
        if not office.is_silent:
            _send(change)


def discard(office: Office, request_id: int, *, by: str, now: datetime, nonce: str | None = None) -> None:
    """End a held request as spam, once, without a letter to anybody."""
    with changing(office, request_id, by=by, now=now, nonce=nonce) as change:
        if not change.is_repeated and change.request.held_at is not None:
            answering.finish(office, request_id, ending=Ending.SPAM, text="", by=by, now=now, nonce=nonce)


def forget_spam_photos(*, now: datetime) -> int:
    """Take the photos away from what ended as spam two days ago; their files follow as orphans."""
    with reading() as session:
        if not rows.spam_photos(session, ended_before=now - KEPT, most=1):
            return 0
    with writing() as session:
        gone = rows.spam_photos(session, ended_before=now - KEPT)
        for photo in gone:
            session.delete(photo)
        return len(gone)


def _send(change: Change) -> None:
    """Post what opening would have posted, as the rules had decided then."""
    office, request = change.office, change.request
    agency = office.rulebook.agencies.get(request.agency or "")
    handed_to: Agency | None = None
    if request.decided == Outcome.HANDOFF and agency is not None and agency.handoff != "none":
        said = lookups.said_by_town(change.session, request.id, request.because)
        hand_over(change, agency, because=said)
        handed_to = agency
    else:
        is_unsure = lookups.first_decision(request.id).get("unsure")
        send_to_assignee(change, reason="unsure" if is_unsure else "new")
    _send_receipt(change, handed_to)


def _send_receipt(change: Change, handed_to: Agency | None) -> None:
    request = change.request
    if not request.resident_email:
        return
    receipt = opening.receipt_letter(change.office, request, handed_to=handed_to)
    post(
        change.session,
        change.office,
        receipt,
        kind="resident_receipt",
        dedupe_key=f"opened:{request.number}:resident",
        now=change.now,
        request_id=request.id,
        entry_id=change.act,
    )

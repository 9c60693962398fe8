"""What does the responsible employee do? Acknowledge, start, answer, note, ask, finish."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _

from casework import access
from casework.change import Change, changing, optional, required
from casework.errors import NotPossible
from casework.letters import ending_words
from casework.office import Office
from casework.recalling import holder, release, tell_kept
from casework.telling import by_name, tell_resident
from lifecycle.journal import Kind
from lifecycle.status import Ending, Move, Status
from storage import lookups
from storage.tables import Entry

EMPLOYEE_ENDINGS = (Ending.FIXED, Ending.NO_ACTION, Ending.NOT_FOUND, Ending.DUPLICATE, Ending.SPAM)
"""How an employee may end a request; redirecting and withdrawing are verbs of their own."""
NEEDS_A_REASON = frozenset({Ending.NO_ACTION})


def acknowledge(office: Office, request_id: int, *, by: str, now: datetime, nonce: str | None = None) -> None:
    """Say that somebody has seen it; the resident sees it on their page, without a letter."""
    with changing(office, request_id, by=by, now=now, nonce=nonce) as change:
        if change.is_repeated:
            return
        change.move(Move.ACKNOWLEDGE)
        change.write(Kind.ACKNOWLEDGED)


def start(office: Office, request_id: int, *, by: str, now: datetime, nonce: str | None = None) -> None:
    """Say that work has begun; shown on the resident's page, without a letter.

    What waited for an agency is taken from it: it and the resident are told.
    """
    with changing(office, request_id, by=by, now=now, nonce=nonce) as change:
        if change.is_repeated:
            return
        was_with = holder(change)
        change.move(Move.START)
        entry = change.write(Kind.STARTED)
        if was_with:
            release(change, was_with, entry, because="ours")
            tell_kept(change, was_with)


def answer(
    office: Office, request_id: int, *, text: str, by: str, now: datetime, nonce: str | None = None
) -> None:
    """Write to the resident; an answer to a new request also acknowledges it."""
    text = required(text)
    with changing(office, request_id, by=by, now=now, nonce=nonce) as change:
        if change.is_repeated:
            return
        if change.status in (Status.RECEIVED, Status.REOPENED):
            change.move(Move.ACKNOWLEDGE)
        entry = change.write(Kind.ANSWERED, text)
        tell_resident(change, "resident_answer", entry, text=text, by_name=by_name(change))


def note(
    office: Office, request_id: int, *, text: str, by: str, now: datetime, nonce: str | None = None
) -> None:
    """Keep something that only the town reads."""
    text = required(text)
    with changing(office, request_id, by=by, now=now, nonce=nonce) as change:
        if not change.is_repeated:
            change.write(Kind.NOTED, text)


def ask_resident(
    office: Office, request_id: int, *, text: str, by: str, now: datetime, nonce: str | None = None
) -> None:
    """Ask the resident something and wait; raises ``NotPossible`` when they left no address."""
    text = required(text)
    with changing(office, request_id, by=by, now=now, nonce=nonce) as change:
        if change.is_repeated:
            return
        if not change.request.resident_email:
            raise NotPossible(_("The resident left no e-mail address, so nobody would read the question."))
        before = change.status
        change.move(Move.ASK_RESIDENT)
        entry = change.write(Kind.ASKED_RESIDENT, text, before=before)
        tell_resident(change, "resident_question", entry, text=text, by_name=by_name(change))


def finish(
    office: Office,
    request_id: int,
    *,
    ending: Ending,
    text: str,
    by: str,
    now: datetime,
    nonce: str | None = None,
    duplicate_of: str | None = None,
) -> None:
    """End a request with a true outcome, and tell the resident; spam ends without a letter.

    Raises ``TextMissing`` for "no action" without a reason, ``NotPossible`` for a duplicate of
    nothing and for outcomes that are not an employee's to give, ``WrongMove`` when it has ended.
    """
    text = required(text) if ending in NEEDS_A_REASON else optional(text)
    if ending not in EMPLOYEE_ENDINGS:
        raise NotPossible(_("This outcome cannot be chosen here."))
    with changing(office, request_id, by=by, now=now, nonce=nonce) as change:
        if change.is_repeated:
            return
        if ending is Ending.DUPLICATE:
            change.request.duplicate_of = _other_number(change, duplicate_of)
        was_with = holder(change)
        change.end(ending, text)
        entry = change.write(Kind.FINISHED, text, ending=ending.value)
        release(change, was_with, entry, because="ended")
        if ending is not Ending.SPAM:
            tell_ending(change, entry, ending, text)


def tell_ending(change: Change, entry: Entry, ending: Ending, text: str, *, said_by: str = "") -> None:
    """Tell the resident how it ended, and ask whether that is true; ``said_by`` names an agency."""
    office, request = change.office, change.request
    value = access.grant(change.session, office, request, "resident", access.RESIDENT, now=change.now)
    link = access.tracking_url(office, request.number, value)
    tell_resident(
        change,
        "resident_finished",
        entry,
        text=text,
        ending=ending,
        ending_words=ending_words(ending, request.language),
        fixed_link=f"{link}&fixed=yes",
        not_fixed_link=f"{link}&fixed=no",
        duplicate_of=request.duplicate_of,
        said_by=said_by,
    )


def _other_number(change: Change, number: str | None) -> str:
    number = (number or "").strip()
    if not number or number == change.request.number or lookups.case_by_number(number) is None:
        raise NotPossible(_("Write the number of the other request, as in 26-0412."))
    return number

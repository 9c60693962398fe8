"""What became of a mail? Its sender reads what was done, what exactly the resident gets, how to undo it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from casework import access, letters, undoing
from casework.change import Change
from casework.done import done, taken_back
from casework.office import Office
from casework.outbox import post
from casework.tongues import who_reads
from lifecycle.journal import Kind
from lifecycle.status import Status
from mail.shown import Shown, shown
from storage import lookups
from storage import outbox as rows
from storage.tables import Entry, ServiceRequest

WORDS_ALONE = frozenset({Kind.ANSWERED, Kind.NOTED})
"""What ends nothing, though its writer may believe so: "It is finished." is an answer."""


@dataclass(frozen=True)
class Consequence:
    """What follows from an act outside the house: the letter to the resident, and until when it waits."""

    letter: Shown | None
    leaves_at: datetime | None
    """None when it is on its way, or has left."""


def consequence(request: ServiceRequest, entry_id: int, *, now: datetime) -> Consequence:
    """Return what the resident gets because of an act; ``entry_id`` is its first entry."""
    told = rows.letters_of_act(request.id, entry_id) if request.resident_email else ()
    to_them = (one for one in told if one.recipient == request.resident_email)
    own = next((one for one in to_them if one.state != "cancelled"), None)
    if own is None:
        return Consequence(None, None)
    waits = own.state == "queued" and own.next_at > now
    return Consequence(shown(own.raw), own.next_at if waits else None)


def confirm(change: Change, entry: Entry, *, to: str, answers_to: str = "") -> None:
    """Post the letter ``acted`` to the sender of a mail, in the transaction of what it did.

    ``entry`` is the first entry of the act, ``to`` the address that the mail came from, ``answers_to`` its
    Message-ID. Called once for a mail, and never for an automatic answer. Call it after the verb.
    """
    office, request = change.office, change.request
    who = change.by.partition(":")[2]
    purpose: access.Purpose = "agency" if change.by.startswith("agency:") else "employee"
    value = access.grant(change.session, office, request, purpose, who, now=change.now)
    link = access.desk_url(office, value)
    language = who_reads(office, change.by)
    case = lookups.case(request.id)
    act = undoing.act_of(office, case, entry.id, by=change.by, now=change.now) if case else None
    follows = consequence(request, entry.id, now=change.now)
    letter = letters.letter(
        office,
        "acted",
        to,
        language,
        request,
        answers_to=answers_to,
        done=_all_done(office, case, entry, language),
        photo_count=len(entry.facts.get("photos", ())) if entry.kind != Kind.UNDONE else 0,
        resident_gets=follows.letter,
        leaves_at=follows.leaves_at,
        taken_back=taken_back(entry.facts, language) if entry.kind == Kind.UNDONE else "",
        is_on_page=entry.is_public,
        is_still_open=entry.kind in WORDS_ALONE and request.status != Status.ENDED,
        link=link,
        undo_link=f"{link}?undo={entry.id}" if act else "",
        undo_until=act.until if act else None,
    )
    post(
        change.session,
        office,
        letter,
        kind="acted",
        dedupe_key=f"acted:{entry.id}",
        now=change.now,
        request_id=request.id,
    )


def _all_done(office: Office, case: lookups.Case | None, entry: Entry, language: str) -> str:
    """Return what was done, with the hours that the same mail noted above its command."""
    beside = [
        one
        for one in (case.entries if case else ())
        if undoing.TIME in one.facts and (one.at, one.by) == (entry.at, entry.by) and one.id < entry.id
    ]
    return " ".join(done(office, Kind(one.kind), one.facts, language) for one in (*beside[-1:], entry))

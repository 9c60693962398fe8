"""How is the resident told? Each letter to them leaves with the entry that caused it."""

from __future__ import annotations

from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _

from casework import access, letters
from casework.change import Change
from casework.escalating import responsible, send_to_assignee, tell_staff
from casework.follower_letters import SaidIn, tell_followers
from casework.outbox import post
from casework.tongues import reads
from storage.recipients import last_resident_bounce
from storage.tables import Entry

UPDATES = frozenset({"resident_answer", "resident_finished", "resident_redirected", "resident_returned"})
"""Letters that a resident may stop. Not the receipt, and not a question: nobody else can answer it."""


def tell_resident(
    change: Change, name: str, entry: Entry, *, said_in: SaidIn | None = None, **context: Any
) -> bool:
    """Post the letter ``name`` to the resident, and what of it is public to who follows the request.

    ``said_in`` gives a language's own text, where ours is in it; without it followers read ``text``.
    False when they left no address, when it gives letters back, or when they want no updates.
    """
    office, request = change.office, change.request
    tell_followers(change, name, entry, said_in=said_in, **context)
    is_update = name in UPDATES
    if not request.resident_email or (is_update and request.updates_stopped_at):
        return False
    if last_resident_bounce(change.session, request.id) is not None:
        return False  # the employee's page says so; who acts again is tried again
    value = access.grant(change.session, office, request, "resident", access.RESIDENT, now=change.now)
    link = access.tracking_url(office, request.number, value)
    stop_link = access.stop_url(office, request.number, value) if is_update else ""
    letter = letters.to_resident(office, name, request, link=link, stop_link=stop_link, **context)
    post(
        change.session,
        office,
        letter,
        kind=name,
        dedupe_key=f"{name}:{entry.id}",
        now=change.now,
        request_id=request.id,
        entry_id=change.act,
        hold=change.hold,
    )
    return True


def tell_town(change: Change, entry: Entry, what: str, *, question: str = "") -> None:
    """Tell the responsible employee what the resident wrote or did, and to which question of ours."""
    if change.request.held_at is not None:
        return  # nobody has heard of it yet; whoever releases it, or gets it then, reads this on its page
    person = responsible(change)
    tell_staff(
        change,
        "resident_wrote",
        person,
        entry.id,
        text=entry.text,
        what=what,
        question=question,
        facts=entry.facts,
        person=person,
        reads=letters.resident_reads(change.request, reads(change.office, person)),
    )


def hand_to(change: Change, person_id: str, *, reason: str, words: str = "", agency: str = "") -> None:
    """Make somebody responsible and send them everything; ``agency`` as ``send_to_assignee`` has it."""
    change.request.assignee = person_id
    # What the maps said no longer tells why it is where it is.
    change.request.because, change.request.because_staff = "", _passed_on(change, reason)
    send_to_assignee(change, reason=reason, words=words, agency=agency)


def _passed_on(change: Change, reason: str) -> str:
    language = letters.staff_language(change.office)
    by = letters.name_of(change.office, change.by, language)
    with force_locale(language.replace("-", "_")):
        if reason == "returned":
            return _("%(by)s says that it is not theirs.", by=by)
        return _("%(by)s passed it on to you.", by=by)


def staff_name(change: Change) -> str:
    """Return who acts, as the town's staff reads it."""
    return letters.name_of(change.office, change.by, letters.staff_language(change.office))


def by_name(change: Change) -> str:
    """Return who acts, as the resident reads it."""
    return letters.name_of(change.office, change.by, change.request.language)

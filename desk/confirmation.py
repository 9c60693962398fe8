"""What exactly was done by the last click, what does the resident get, and can it be undone?

It is read back from the journal and the outbox by the form's one-time mark (or, behind the link of a
letter, by the entry), so it says what was written, and the second of two clicks sees the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from casework import undoing
from casework.confirming import consequence
from casework.done import done, taken_back
from casework.escalating import BY_TOWNLINE
from casework.office import Office
from desk.words import clock, locale, title
from lifecycle.journal import Kind
from mail.composer import plain
from mail.shown import Shown
from storage.lookups import Case
from storage.tables import Entry


@dataclass(frozen=True)
class Confirmation:
    """``told`` is what reaches the resident, ``letter`` the very letter; ``text`` what was written."""

    done: str
    told: str
    text: str
    letter: Shown | None = None
    undo: int | None = None
    """The entry to undo, while that is possible."""
    until: str = ""
    is_undone: bool = False


def confirmation(
    office: Office, case: Case, nonce: str, by: str, *, now: datetime, entry_id: int | None = None
) -> Confirmation | None:
    """Return what this reader's form with this one-time mark did to this request, or None.

    ``entry_id`` asks for an act by its entry instead, also a colleague's, if this reader may undo it.
    """
    entry = _entry(office, case, nonce, by, now, entry_id)
    if entry is None:
        return None
    said = done(office, Kind(entry.kind), entry.facts, str(locale())) or title(office, entry)
    if entry.id in case.undone:
        return Confirmation(said, _("This was undone."), "", is_undone=True)
    act = undoing.act_of(office, case, entry.id, by=by, now=now)
    told, letter = _told(office, case, entry, now)
    return Confirmation(
        said,
        told,
        "" if letter else plain(entry.text),
        letter,
        act.entry.id if act else None,
        clock(office, act.until) if act else "",
        entry.kind == Kind.UNDONE,
    )


def _entry(
    office: Office, case: Case, nonce: str, by: str, now: datetime, entry_id: int | None
) -> Entry | None:
    own = (entry for entry in case.entries if entry.by == by)
    found = next((entry for entry in own if (nonce and entry.nonce == nonce) or entry.id == entry_id), None)
    if found is None and entry_id is not None:
        act = undoing.act_of(office, case, entry_id, by=by, now=now)
        found = act.entry if act else None
    return found


def _told(office: Office, case: Case, entry: Entry, now: datetime) -> tuple[str, Shown | None]:
    if entry.kind == Kind.UNDONE:
        return taken_back(entry.facts, str(locale())), None
    follows = consequence(case.request, entry.id, now=now)
    if follows.letter is not None:
        if follows.leaves_at is None:
            return _("The resident gets this letter:"), follows.letter
        at = clock(office, follows.leaves_at)
        return _("The resident gets this letter. It leaves at %(time)s:", time=at), follows.letter
    # One click may write several lines: put right, then handed over, or told by us that it is back.
    by = (entry.by, BY_TOWNLINE)
    same = (other for other in case.entries if other.at == entry.at and other.by in by)
    if not any(other.is_public and other.id >= entry.id for other in same):
        return _("The resident was not told."), None
    if not case.request.resident_email:
        return _("The resident left no e-mail address. It shows on their own page."), None
    if case.request.updates_stopped_at:
        return _("The resident wants no letters about it. It shows on their own page."), None
    return _("The resident sees it on their own page. No letter was sent."), None

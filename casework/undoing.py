"""What if it was a mistake? The newest act on a request is taken back, with the letters it caused.

Letters that have not left are cancelled. Who got one already is told to disregard it. The journal keeps
both, the act and that it was undone; the resident's page shows neither.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _

from casework import access, snapshot
from casework.change import Change, changing
from casework.disregarding import tell_readers
from casework.errors import NotPossible
from casework.office import Office
from inbox.time_written import Spent
from lifecycle.journal import Kind
from storage import digests, handovers, lookups, timesheet
from storage import outbox as rows
from storage.lookups import Case
from storage.tables import Entry
from storage.timesheet import Noted

PHOTOS = "photos"
"""Under which name an entry keeps the hashes of the photos that came along with it."""
TIME = "time_entry"
"""Under which name it keeps the number of the time entry that it tells of."""
TIME_PUT_RIGHT = "time_before"
"""Under which name it keeps what a time entry said before this one put it right."""
WINDOW = timedelta(minutes=15)
"""How long an act can be undone; longer only where letters are held longer."""
BESIDES = frozenset(
    {
        Kind.UNDONE, Kind.LETTER_FAILED, Kind.REMINDED, Kind.ESCALATED, Kind.AGENCY_REMINDED,
        Kind.AGENCY_SILENT, Kind.HANDOVER_ARRIVED, Kind.MAIL_BOUNCED, Kind.MAIL_UNVERIFIED,
        Kind.MAIL_ARRIVED, Kind.UPDATES_STOPPED, Kind.FOLLOWED,
    }
)  # fmt: skip
"""What may have happened since without standing in the way: nobody built upon the act."""


@dataclass(frozen=True)
class Act:
    """What somebody did, and until when it can be undone."""

    entry: Entry
    until: datetime


def newest(office: Office, request_id: int, *, by: str, now: datetime) -> Act | None:
    """Return what this actor can undo now, for a reply that says ``#undo``; None when there is nothing."""
    found = lookups.case(request_id)
    own = [entry for entry in found.in_force if snapshot.FACT in entry.facts] if found else []
    if found is None or not own:
        return None
    return act_of(office, found, own[-1].id, by=by, now=now)


def act_of(office: Office, case: Case, entry_id: int, *, by: str, now: datetime) -> Act | None:
    """Return the act behind an entry if this actor can undo it now, or None."""
    entry = next((entry for entry in case.entries if entry.id == entry_id), None)
    if entry is None or entry.id in case.undone or _why_not(office, case, entry, by=by, now=now):
        return None
    return Act(entry, _until(office, entry))


def undo(
    office: Office, request_id: int, *, entry_id: int, by: str, now: datetime, nonce: str | None = None
) -> None:
    """Take back the act that wrote this entry; once it is undone, nothing more happens.

    Raises ``NotPossible`` with the reason: too late, somebody else's, or not the newest any more.
    """
    with changing(office, request_id, by=by, now=now, nonce=nonce) as change:
        case = lookups.case(request_id)
        if change.is_repeated or case is None or entry_id in case.undone:
            return
        entry = next((entry for entry in case.entries if entry.id == entry_id), None)
        if entry is None:
            raise NotPossible(_("There is nothing like this to undo."))
        reason = _why_not(office, case, entry, by=by, now=now)
        if reason:
            raise NotPossible(reason)
        _take_back(change, case, entry)


def _why_not(office: Office, case: Case, entry: Entry, *, by: str, now: datetime) -> str:
    """Return why it cannot be undone, in a sentence; empty when it can."""
    if snapshot.PART_OF in entry.facts or entry.kind == Kind.UNDONE:
        return _("There is nothing like this to undo.")
    if not entry.by.startswith(("person:", "agency:")) or by not in _may(office, entry.by):
        return _("Only who did it can undo it, and those who stand in for them.")
    if now > _until(office, entry):
        minutes = int((_until(office, entry) - entry.at).total_seconds() // 60)
        return _("This was more than %(minutes)d minutes ago. Please put it right by what you do next.",
                 minutes=minutes)  # fmt: skip
    if snapshot.FACT not in entry.facts:
        return _("This changed the place or the answers. Please put it right the same way, on the page.")
    if any(_stands_upon(later, entry, case) for later in case.entries):
        return _("Something else has happened since, so it cannot be undone any more.")
    return ""


def _may(office: Office, by: str) -> Sequence[str]:
    """Return who may undo: whoever did it, and for an employee those who may act for them."""
    kind, _colon, who = by.partition(":")
    return [f"person:{one}" for one in access.chain(office, who)] if kind == "person" else [by]


def _until(office: Office, entry: Entry) -> datetime:
    return entry.at + max(WINDOW, office.hold)


def _stands_upon(later: Entry, entry: Entry, case: Case) -> bool:
    # Hours that are noted afterwards are about what was done, and change nothing of it.
    is_about_hours = TIME in later.facts or TIME_PUT_RIGHT in later.facts
    is_beside = later.facts.get(snapshot.PART_OF) == entry.id or (
        is_about_hours and _hours_of(later) != _hours_of(entry)
    )
    return later.id > entry.id and not is_beside and later.kind not in BESIDES and later.id not in case.undone


def _hours_of(entry: Entry) -> int:
    """Return the number of the time entry that an entry made or put right; 0 where it is about no hours."""
    return int(entry.facts.get(TIME) or entry.facts.get(TIME_PUT_RIGHT, {}).get("number") or 0)


def _take_back(change: Change, case: Case, entry: Entry) -> None:
    parts = [one.id for one in case.entries if entry.id in (one.id, one.facts.get(snapshot.PART_OF))]
    told = rows.recall(change.session, change.request.id, entry.id)
    digests.forget(change.session, change.request.id, written_at=entry.at)
    for photo in change.photos():
        if photo.sha256 in entry.facts.get(PHOTOS, ()):
            change.session.delete(photo)
    timesheet.forget(change.session, change.request.id, entry.facts.get(TIME))
    if TIME_PUT_RIGHT in entry.facts:
        timesheet.put_back(change.session, change.request.id, _noted_before(entry.facts[TIME_PUT_RIGHT]))
    not_recalled = _report_gone(change, case, parts)
    gone = [letter for letter in told if letter.may_have_left]
    undoing = change.write(
        Kind.UNDONE,
        entry=entry.id,
        entries=parts,
        what=entry.kind,
        corrected=sorted({letter.kind for letter in gone}),
        not_recalled=not_recalled,
    )
    # Behind the entry, which as a sign of life has put the next reminder off.
    snapshot.restore(change.request, entry.facts[snapshot.FACT])
    tell_readers(change, entry, undoing, gone)


def _noted_before(said: Mapping[str, Any]) -> Noted:
    spent = Spent(said["minutes"], said["vehicle_minutes"], said["materials"])
    return Noted(said["person"], datetime.fromisoformat(said["at"]), spent, said["number"])


def _report_gone(change: Change, case: Case, parts: Sequence[int]) -> str:
    """Stop the report to an agency's own system; return the agency where it may have got there already."""
    handed = [entry for entry in case.entries if entry.id in parts and entry.kind == Kind.HANDED_OFF]
    for entry in handed:
        agency = str(entry.facts.get("agency") or "")
        if not handovers.recall(change.session, change.request.id, agency, posted_at=entry.at):
            return agency
    return ""

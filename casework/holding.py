"""What does the resident see while an act can still be taken back? What they saw before it.

The letter waits, so the page waits with it: words that were not meant for the resident must not stand there
for the five minutes in which they can be undone.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from casework import snapshot
from casework.office import Office
from casework.undoing import BESIDES, PHOTOS
from lifecycle.journal import Kind
from storage.lookups import Case
from storage.tables import Entry

WITH_WORDS = frozenset(
    {Kind.ANSWERED, Kind.ASKED_RESIDENT, Kind.FINISHED, Kind.REDIRECTED, Kind.HANDED_OFF, Kind.REROUTED}
)
"""Acts whose letter is held. That somebody has seen it, or begun, tells nothing that could be wrong."""


def as_told(office: Office, case: Case, now: datetime) -> Case:
    """Return a case that was read and let go, without the newest acts that are still held."""
    held: set[int] = set()
    was = None
    for entry in reversed(case.in_force):
        if _is_held(office, entry, now):
            held.add(entry.id)
            was = entry.facts.get(snapshot.FACT) or was
        elif entry.is_public and entry.kind not in BESIDES:
            break  # what only the town reads, such as a note, tells nobody of what stands before it
    if was is not None:
        snapshot.restore(case.request, was)
    came_along = {
        photo for entry in case.entries if entry.id in held for photo in entry.facts.get(PHOTOS, ())
    }
    return replace(
        case,
        entries=tuple(entry for entry in case.entries if entry.id not in held),
        photos=tuple(photo for photo in case.photos if photo.sha256 not in came_along),
    )


def _is_held(office: Office, entry: Entry, now: datetime) -> bool:
    is_act = snapshot.FACT in entry.facts or snapshot.PART_OF in entry.facts
    return (
        is_act
        and entry.by.startswith("person:")
        and entry.kind in WITH_WORDS
        and now < entry.at + office.hold
    )

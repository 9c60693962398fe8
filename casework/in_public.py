"""What of a request may everybody read? A copy of it without anybody's name, contact or house.

Every page that others than its sender may see is made from a ``PublicRequest`` and from nothing else:
nearby requests, the list of recent ones, a follower's page and letters.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import floor

from flask_babel import gettext as _

from casework.holding import as_told
from casework.office import Office
from casework.public_place import public_place
from casework.public_words import is_public, words_of
from lifecycle.journal import Kind
from lifecycle.status import Ending, Status
from storage.lookups import Case
from storage.nearby import UNSHOWN
from storage.tables import Entry, ServiceRequest

TOLD = frozenset(
    {
        Kind.RECEIVED, Kind.ACKNOWLEDGED, Kind.STARTED, Kind.ANSWERED, Kind.HANDED_OFF, Kind.AGENCY_ACCEPTED,
        Kind.AGENCY_REFUSED, Kind.AGENCY_FINISHED, Kind.HANDOVER_ARRIVED, Kind.REDIRECTED, Kind.FINISHED,
        Kind.REOPENED,
    }
)  # fmt: skip
"""What everybody may know to have happened. Not what the resident and the town asked each other."""
WITH_WORDS = TOLD - {Kind.RECEIVED, Kind.REOPENED}
"""Of these the words too: they are the town's or an agency's. A resident's reason to reopen stays theirs."""
GRID = 0.0005
"""Degrees, about 50 m: a pin that stands in the middle of its square tells no house."""


@dataclass(frozen=True)
class Step:
    """One thing that happened, in words that everybody may read."""

    entry: Entry
    text: str


@dataclass(frozen=True)
class PublicRequest:
    """A request as everybody may see it."""

    number: str
    service: str
    """Its code."""
    words: str
    place: str
    """A road, or "near" one; never a house."""
    at: tuple[float, float] | None
    """The middle of a square of about 50 m: latitude, longitude."""
    created_at: datetime
    status: Status
    ending: Ending | None
    ending_words: str
    """Why it ended so, as the town says it."""
    duplicate_of: str
    """The number under which it is handled; empty for its own."""
    steps: tuple[Step, ...]
    """The oldest first."""
    photos: tuple[str, ...]
    """Their hashes."""

    @property
    def is_ended(self) -> bool:
        return self.status is Status.ENDED


def in_public(
    office: Office, case: Case, *, now: datetime, is_follower: bool = False
) -> PublicRequest | None:
    """Return what everybody may see of a request that was read and let go; None where that is nothing.

    Who follows it sees it also when it was withdrawn, or ended as a duplicate.
    """
    if not is_public(office, case.request) or (case.request.ending in UNSHOWN and not is_follower):
        return None
    case = as_told(office, case, now)
    request = case.request
    steps = [entry for entry in case.public_entries if entry.kind in TOLD]
    return PublicRequest(
        number=request.number,
        service=request.service,
        # What was written to another system was not written for everybody, and whose name stands in it is
        # not known here.
        words="" if request.imported_from else words_of(office, request, request.description),
        place=public_place(office, request),
        at=_square(request),
        created_at=request.created_at,
        status=Status(request.status),
        ending=Ending(request.ending) if request.ending else None,
        ending_words=words_of(office, request, request.ending_reason or "") if _is_towns(steps) else "",
        duplicate_of=request.duplicate_of or "",
        steps=tuple(
            Step(entry, words_of(office, request, entry.text) if entry.kind in WITH_WORDS else "")
            for entry in steps
        ),
        photos=tuple(dict.fromkeys(photo.sha256 for photo in case.public_photos)),
    )


def _is_towns(steps: list[Entry]) -> bool:
    return bool(steps) and steps[-1].kind in WITH_WORDS


# -- places --


def _square(request: ServiceRequest) -> tuple[float, float] | None:
    if request.lat is None or request.lon is None:
        return None
    lat, lon = ((floor(part / GRID) + 0.5) * GRID for part in (request.lat, request.lon))
    return round(lat, 6), round(lon, 6)


def away(metres: float) -> str:
    """Return a distance as people say it, rounded so that it tells no house."""
    if metres < 30:
        return _("right there")
    if metres < 100:
        return _("about %(metres)d m away", metres=round(metres / 10) * 10)
    if metres < 950:
        return _("about %(metres)d m away", metres=round(metres / 50) * 50)
    return _("about %(km).1f km away", km=metres / 1000)

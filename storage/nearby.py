"""What else was reported near here, or lately? Only what was released; ids and places, quickly.

The box is cut out by ``ix_requests_lat_lon``, the circle in Python: 50,000 requests in one small town
take about a millisecond or two.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import asin, cos, radians, sin, sqrt
from typing import Literal, NamedTuple

from sqlalchemy import ColumnElement, case, func, select

from lifecycle.status import Ending, Status
from storage.database import reading
from storage.lookups import Case
from storage.tables import Entry, Photo, ServiceRequest

EARTH = 6_371_000.0  # metres
METRES_PER_DEGREE = 111_320.0
UNSHOWN = (Ending.SPAM, Ending.WITHDRAWN, Ending.DUPLICATE)
"""What ended so is nobody's news."""


class Near(NamedTuple):
    """One request and how far away it is, in metres."""

    id: int
    metres: float


def metres_between(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the distance of two points (latitude, longitude) in metres."""
    (lat1, lon1), (lat2, lon2) = one, other
    up, across = radians(lat2 - lat1) / 2, radians(lon2 - lon1) / 2
    part = sin(up) ** 2 + cos(radians(lat1)) * cos(radians(lat2)) * sin(across) ** 2
    return 2 * EARTH * asin(min(1.0, sqrt(part)))


def _box(at: tuple[float, float], within: float, *, is_first: bool = True) -> list[ColumnElement[bool]]:
    """Return the conditions for a square; with ``is_first`` the index of places finds what is in it."""
    lat, lon = at
    up = within / METRES_PER_DEGREE * 1.01
    # Near a pole a circle holds every longitude.
    across = min(up / max(cos(radians(lat)), 1e-6), 360.0)
    row, nothing = ServiceRequest, 0.0
    if is_first:
        return [row.lat.between(lat - up, lat + up), row.lon.between(lon - across, lon + across)]
    # Four weeks hold less than the square does after some years: adding nothing leaves its index aside.
    return [
        (row.lat + nothing).between(lat - up, lat + up),
        (row.lon + nothing).between(lon - across, lon + across),
    ]


def _is_released() -> ColumnElement[bool]:
    # Not "held_at IS NULL": SQLite would walk the index of that column, which holds nearly everything.
    return case((ServiceRequest.held_at.is_(None), 1), else_=0) == 1


def open_near(
    service: str, at: tuple[float, float], *, within: float, since: datetime, most: int
) -> list[Near]:
    """Return the open requests of a service within so many metres, the nearest first."""
    row = ServiceRequest
    asked = select(row.id, row.lat, row.lon).where(
        *_box(at, within),
        row.status != Status.ENDED,
        row.service == service,
        row.created_at >= since,
        _is_released(),
    )
    with reading() as session:
        found = [
            Near(one, metres_between(at, (lat, lon)))
            for one, lat, lon in session.execute(asked)
            if lat is not None and lon is not None
        ]
    return sorted((one for one in found if one.metres <= within), key=lambda one: one.metres)[:most]


@dataclass(frozen=True)
class Wanted:
    """Which requests a public list shows. ``at`` is (latitude, longitude); then only the square around it."""

    services: tuple[str, ...]
    since: datetime
    state: Literal["all", "open", "ended"] = "all"
    at: tuple[float, float] | None = None
    within: float = 0.0
    """Metres from the middle of that square to its sides."""


def _wanted(wanted: Wanted) -> list[ColumnElement[bool]]:
    row = ServiceRequest
    asked: list[ColumnElement[bool]] = [
        row.service.in_(wanted.services),
        row.created_at >= wanted.since,
        _is_released(),
        row.ending.is_(None) | row.ending.not_in([ending.value for ending in UNSHOWN]),
    ]
    if wanted.state != "all":
        asked.append(row.ended_at.is_(None) if wanted.state == "open" else row.ended_at.is_not(None))
    if wanted.at is not None:
        asked += _box(wanted.at, wanted.within, is_first=False)
    return asked


def recent(wanted: Wanted, *, first: int, most: int) -> tuple[list[int], int]:
    """Return the ids of one page, the newest first, and how many there are in all."""
    row, asked = ServiceRequest, _wanted(wanted)
    with reading() as session:
        count = session.scalar(select(func.count()).select_from(row).where(*asked)) or 0
        ids = session.scalars(
            select(row.id)
            .where(*asked)
            .order_by(row.created_at.desc(), row.id.desc())
            .offset(first)
            .limit(most)
        )
        return list(ids), count


def cases(request_ids: Sequence[int]) -> list[Case]:
    """Return these requests with their journals and photos, in this order; three statements for all."""
    with reading() as session:
        rows = session.scalars(select(ServiceRequest).where(ServiceRequest.id.in_(request_ids)))
        requests = {request.id: request for request in rows}
        entries: dict[int, list[Entry]] = defaultdict(list)
        for entry in session.scalars(
            select(Entry).where(Entry.request_id.in_(request_ids)).order_by(Entry.id)
        ):
            entries[entry.request_id].append(entry)
        photos: dict[int, list[Photo]] = defaultdict(list)
        for photo in session.scalars(
            select(Photo).where(Photo.request_id.in_(request_ids)).order_by(Photo.id)
        ):
            photos[photo.request_id].append(photo)
    return [
        Case(requests[one], tuple(entries[one]), tuple(photos[one])) for one in request_ids if one in requests
    ]

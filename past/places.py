"""Where was it? Two cells, or one with both, as degrees of WGS84; what cannot be a place here is told."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import isfinite

from past.flaws import Flaw

MARGIN = 0.5
"""Degrees around the town's maps, some 50 km, within which a place is believed."""
POINT = re.compile(r"POINT\s*Z?\s*\(\s*(?P<lon>[-+.\d]+)\s+(?P<lat>[-+.\d]+)[^)]*\)", re.IGNORECASE)
PAIR = re.compile(
    r".*?\(?\s*(?P<lat>[-+]?\d+(?:\.\d+)?)\s*[,; ]\s*(?P<lon>[-+]?\d+(?:\.\d+)?)\s*\)?", re.DOTALL
)


@dataclass(frozen=True)
class Bounds:
    """How far the town's maps reach, in degrees."""

    south: float
    west: float
    north: float
    east: float

    def has(self, lat: float, lon: float) -> bool:
        """Return whether a place is within them, or not far outside."""
        return (
            self.south - MARGIN <= lat <= self.north + MARGIN
            and self.west - MARGIN <= lon <= self.east + MARGIN
        )


Place = tuple[float, float]


def place(lat: str, lon: str, bounds: Bounds | None) -> tuple[Place | None, Flaw | None]:
    """Return (latitude, longitude) and what was wrong; no place where nothing can be made of it."""
    if not lat or not lon:
        return None, Flaw.NO_COORDINATES
    try:
        north, east = _degrees(lat), _degrees(lon)
    except ValueError:
        return None, Flaw.BAD_COORDINATES
    if (north, east) == (0, 0):
        return None, Flaw.NO_COORDINATES  # what systems write for "nowhere"
    if _is_place(north, east) and (bounds is None or bounds.has(north, east)):
        return (north, east), None
    if _is_place(east, north) and (bounds.has(east, north) if bounds else not _is_place(north, east)):
        return (east, north), Flaw.SWAPPED
    return None, Flaw.FAR_AWAY if _is_place(north, east) else Flaw.BAD_COORDINATES


def position(cell: str, bounds: Bounds | None) -> tuple[Place | None, Flaw | None]:
    """Return the place of one cell: ``POINT (-72.3 43.6)`` or ``43.6, -72.3``, words before it allowed."""
    if not cell:
        return None, Flaw.NO_COORDINATES
    found = POINT.fullmatch(cell) or PAIR.fullmatch(cell)
    return place(found["lat"], found["lon"], bounds) if found else (None, Flaw.BAD_COORDINATES)


def _degrees(cell: str) -> float:
    number = float(cell.replace(",", ".") if cell.count(",") == 1 and "." not in cell else cell)
    if not isfinite(number):
        raise ValueError("no number")
    return number


def _is_place(lat: float, lon: float) -> bool:
    return -90 <= lat <= 90 and -180 <= lon <= 180

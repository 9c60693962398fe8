"""Which part of the world is in the picture, and where does a click in it lie?

The picture is ``WIDTH`` x ``HEIGHT`` units, two for each pixel at its full size, and as many metres
wide as ``across`` says. North is up.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 1280, 1120
METRES_PER_DEGREE = 111_320.0
NEAREST, FARTHEST = 120.0, 4_000_000.0
"""Metres from the left edge to the right."""
CLOSE = 500.0
"""Metres across when one place is looked at."""
Numbers = NDArray[Any]


@dataclass(frozen=True)
class Window:
    """The middle in degrees, and how many metres are between the left edge and the right."""

    lat: float
    lon: float
    across: float

    def __post_init__(self) -> None:
        values = (self.lat, self.lon, self.across)
        if not all(map(math.isfinite, values)) or abs(self.lat) > 90 or abs(self.lon) > 180:
            raise ValueError("no such place on earth")
        object.__setattr__(self, "across", min(max(self.across, NEAREST), FARTHEST))

    @property
    def units_per_metre(self) -> float:
        return WIDTH / self.across

    @property
    def _degree(self) -> tuple[float, float]:
        """How many units a degree of longitude and one of latitude are."""
        north = self.units_per_metre * METRES_PER_DEGREE
        return north * max(math.cos(math.radians(self.lat)), 0.01), north

    def units(self, degrees: Numbers) -> Numbers:
        """Return (longitude, latitude) rows as (x, y) rows, rounded to whole units."""
        east, north = self._degree
        x = WIDTH / 2 + (degrees[:, 0] - self.lon) * east
        y = HEIGHT / 2 - (degrees[:, 1] - self.lat) * north
        return np.rint(np.column_stack((x, y))).astype(np.int64)

    def unit(self, lat: float, lon: float) -> tuple[int, int]:
        """Return where one place stands in the picture."""
        x, y = self.units(np.array([[lon, lat]]))[0]
        return int(x), int(y)

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Return (latitude, longitude) of a spot in the picture, to about 10 cm."""
        east, north = self._degree
        lat = self.lat - (y - HEIGHT / 2) / north
        lon = self.lon + (x - WIDTH / 2) / east
        return round(min(max(lat, -90), 90), 6), round(min(max(lon, -180), 180), 6)

    def bounds(self, margin: float = 0) -> tuple[float, float, float, float]:
        """Return west, south, east, north in degrees, with ``margin`` units more on every side."""
        east, north = self._degree
        wide, high = (WIDTH / 2 + margin) / east, (HEIGHT / 2 + margin) / north
        return self.lon - wide, self.lat - high, self.lon + wide, self.lat + high

    def holds(self, lat: float, lon: float) -> bool:
        west, south, east, north = self.bounds()
        return west <= lon <= east and south <= lat <= north

    def unit_in_degrees(self) -> float:
        """Return how many degrees of latitude one unit is; by this much a line may be simplified."""
        return 1 / self._degree[1]

    def zoomed(self, factor: float) -> Window:
        return Window(self.lat, self.lon, self.across * factor)

    def moved(self, right: float, down: float) -> Window:
        """Return the window moved by so many of its own widths and heights."""
        lat, lon = self.place(WIDTH * (0.5 + right), HEIGHT * (0.5 + down))
        return Window(lat, lon, self.across)

    def around(self, lat: float, lon: float) -> Window:
        return Window(lat, lon, min(self.across, CLOSE))

    def written(self) -> str:
        """Return it as it travels in an address; ``window_from`` reads it."""
        return f"{self.lat:.6f},{self.lon:.6f},{self.across:.0f}"


def window_from(words: str) -> Window | None:
    """Return the window that an address names, or None where it names none."""
    parts = words.split(",")
    try:
        return Window(*map(float, parts)) if len(parts) == 3 else None
    except ValueError:
        return None


def window_over(west: float, south: float, east: float, north: float) -> Window:
    """Return the window that shows all of a box, with a little air around it."""
    lat, lon = (south + north) / 2, (west + east) / 2
    wide = (east - west) * METRES_PER_DEGREE * math.cos(math.radians(lat))
    high = (north - south) * METRES_PER_DEGREE * WIDTH / HEIGHT
    return Window(lat, lon, max(wide, high, NEAREST) * 1.06)

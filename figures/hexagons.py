"""In which hexagon does a place lie? By whole numbers only, so that every machine answers the same.

The middles of hexagons are two right-angled grids laid into each other: a place belongs to the nearer
one of the two middles next to it. Coordinates are ten-thousandths of a degree, as facts keep them;
lengths east are scaled by the town's latitude, rounded to a degree, so that cells never move.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians, sqrt

FINE = 10_000
"""Parts of a degree."""
METRES = 11.132
"""One ten-thousandth of a degree, northwards."""
SCALE = 1000
"""Lengths are reckoned in thousandths of that."""
SIZE = 250
"""Metres from the middle to a corner: about four blocks across."""
SQUARE = 10
"""Places are gathered in squares of so many ten-thousandths first, about a hundred metres: the database
counts by squares, and each square belongs to the hexagon in which its middle lies."""
ORIGIN = 180 * FINE
"""Added to both coordinates, so that none is ever negative."""
WIDE = 2 * ORIGIN
"""More squares than there are from west to east."""


def square(lat: int, lon: int) -> int:
    """Return the number of the square in which a place lies: its row times ``WIDE``, and its column."""
    return (lat + ORIGIN) // SQUARE * WIDE + (lon + ORIGIN) // SQUARE


@dataclass(frozen=True)
class Grid:
    """The hexagons of one town."""

    latitude: int = 0
    """Whole degrees; decides how long a degree is eastwards."""
    size: int = SIZE

    @property
    def east(self) -> int:
        """Thousandths by which a step eastwards counts."""
        return round(cos(radians(self.latitude)) * SCALE)

    @property
    def width(self) -> int:
        """From one middle to the next in the same row."""
        return 2 * round(self.size / METRES * SCALE * sqrt(3) / 2)

    @property
    def height(self) -> int:
        """From one row to the next but one."""
        return 2 * round(self.size / METRES * SCALE * 1.5)

    def cell(self, lat: int, lon: int) -> tuple[int, int]:
        """Return the hexagon of a place in ten-thousandths of a degree: twice its column, twice its row."""
        x, y = (lon + ORIGIN) * self.east, (lat + ORIGIN) * SCALE
        width, height = self.width, self.height
        first = ((x + width // 2) // width * 2, (y + height // 2) // height * 2)
        second = (x // width * 2 + 1, y // height * 2 + 1)
        return min((self._far(x, y, one), one) for one in (first, second))[1]

    def cell_of(self, up: int, right: int) -> tuple[int, int]:
        """Return the hexagon in which the middle of a square lies, by its row and column."""
        return self.cell(up * SQUARE - ORIGIN + SQUARE // 2, right * SQUARE - ORIGIN + SQUARE // 2)

    def _far(self, x: int, y: int, cell: tuple[int, int]) -> int:
        return (x - cell[0] * self.width // 2) ** 2 + (y - cell[1] * self.height // 2) ** 2

    def middle(self, cell: tuple[int, int]) -> tuple[float, float]:
        """Return the middle of a hexagon in degrees."""
        x, y = cell[0] * self.width / 2, cell[1] * self.height / 2
        return (y / SCALE - ORIGIN) / FINE, (x / self.east - ORIGIN) / FINE

    def corners(self, cell: tuple[int, int]) -> tuple[tuple[float, float], ...]:
        """Return its six corners as (latitude, longitude) in degrees, from the northern one clockwise."""
        lat, lon = self.middle(cell)
        up, side = self.height / 3 / SCALE / FINE, self.width / 2 / self.east / FINE
        steps = ((up, 0.0), (up / 2, side), (-up / 2, side), (-up, 0.0), (-up / 2, -side), (up / 2, -side))
        return tuple((lat + north, lon + east) for north, east in steps)

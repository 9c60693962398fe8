"""Where on one square of the map does something lie? From degrees to units, clipped, thinned and named.

Squares are those of every web map: Web Mercator, 256 units wide, counted from the north-west.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from html import escape
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry
from shapely.strtree import STRtree

from routing.addresses import Addresses
from routing.features import Feature

SIDE = 256
MARGIN = 12
"""Units drawn beyond the square, so that no line ends at its edge."""
NAME_EVERY = 420
"""Units between two names along one road."""
LETTER = 6.2
"""Units; the width of one letter of a road's name, generously."""
Numbers = NDArray[np.float64]


class Tile(NamedTuple):
    """One square: the zoom, and its column and row from the north-west of the world."""

    zoom: int
    x: int
    y: int


class Sheet(NamedTuple):
    """Shapes of one kind in parts of the world's width, with a tree over them."""

    shapes: NDArray[np.object_]
    features: tuple[Feature, ...]
    tree: STRtree

    def inside(self, box: BaseGeometry) -> list[int]:
        return sorted(int(at) for at in self.tree.query(box))


def mercator(degrees: Numbers) -> Numbers:
    """Return rows of (longitude, latitude) as parts of the world's width, from the north-west."""
    sine = np.clip(np.sin(np.radians(degrees[:, 1])), -0.9999, 0.9999)
    return np.column_stack((degrees[:, 0] / 360 + 0.5, 0.5 - np.log((1 + sine) / (1 - sine)) / (4 * math.pi)))


def bounds_of(tile: Tile) -> tuple[float, float, float, float]:
    """Return west, south, east and north of a square, in degrees."""
    size = 2**tile.zoom

    def latitude(row: float) -> float:
        return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * row / size))))

    return tile.x / size * 360 - 180, latitude(tile.y + 1), (tile.x + 1) / size * 360 - 180, latitude(tile.y)


def sheet_of(features: list[Feature]) -> Sheet:
    """Return the shapes of these features, ready to be asked square by square."""
    shapes = np.array([feature.geometry for feature in features], dtype=object)
    world = shapely.transform(shapes, mercator) if features else shapes
    return Sheet(world, tuple(features), STRtree(world))


class Square:
    """Where things of the world lie on one square."""

    def __init__(self, tile: Tile) -> None:
        self._tile = tile
        self._scale = SIDE * 2.0**tile.zoom
        self._origin = np.array([tile.x * SIDE, tile.y * SIDE], dtype=np.float64)

    def _box(self, margin: float) -> tuple[float, float, float, float]:
        west, north = (self._origin - margin) / self._scale
        east, south = (self._origin + SIDE + margin) / self._scale
        return float(west), float(north), float(east), float(south)

    def _units(self, world: Numbers) -> Numbers:
        return world * self._scale - self._origin

    def unit(self, lon: float, lat: float) -> tuple[float, float]:
        x, y = self._units(mercator(np.array([[lon, lat]])))[0]
        return round(float(x), 1), round(float(y), 1)

    def paths(self, sheet: Sheet) -> Iterator[tuple[Feature, str]]:
        """Yield what of the sheet is on the square, as the data of an SVG path."""
        box = self._box(MARGIN)
        for at in sheet.inside(shapely.box(*box)):
            clipped = shapely.clip_by_rect(sheet.shapes[at], *box)
            plain = shapely.simplify(clipped, 0.4 / self._scale, preserve_topology=False)
            if drawn := "".join(_drawn(self._units(shapely.get_coordinates(line))) for line in _lines(plain)):
                yield sheet.features[at], drawn

    def points(self, sheet: Sheet) -> Iterator[tuple[Feature, float, float]]:
        for at in sheet.inside(shapely.box(*self._box(MARGIN))):
            for x, y in self._units(shapely.get_coordinates(sheet.shapes[at])):
                yield sheet.features[at], round(float(x), 1), round(float(y), 1)

    def houses(self, lists: Iterable[Addresses]) -> Iterator[tuple[str, float, float]]:
        """Yield the house numbers on the square, ready for SVG."""
        west, south, east, north = bounds_of(self._tile)
        wide, high = (east - west) * 0.1, (north - south) * 0.1
        for one in lists:
            for spot in one.within(west - wide, south - high, east + wide, north + high):
                yield escape(spot.words), *self.unit(spot.lon, spot.lat)

    def names(self, sheet: Sheet) -> Iterator[tuple[str, float, float, float]]:
        """Yield names with their places along the roads: the same on every square that they reach into."""
        reach = 130.0
        box = shapely.box(*self._box(reach))
        for at in sheet.inside(box):
            name = sheet.features[at].name
            for line in shapely.get_parts(sheet.shapes[at]) if name else ():
                for x, y, turn in self._along(line, len(name) * LETTER):
                    if -reach < x < SIDE + reach and -reach < y < SIDE + reach:
                        yield name, round(x, 1), round(y, 1), round(turn, 1)

    def _along(self, line: LineString, width: float) -> Iterator[tuple[float, float, float]]:
        length = line.length * self._scale
        if length < width * 1.25:
            return
        count = max(1, round(length / NAME_EVERY))
        for number in range(count):
            middle = (number + 0.5) / count * length
            ends = [line.interpolate((middle + step) / self._scale) for step in (-width / 2, 0.0, width / 2)]
            (ax, ay), (x, y), (bx, by) = self._units(np.array([(end.x, end.y) for end in ends]))
            if math.hypot(bx - ax, by - ay) < width * 0.93:
                continue  # the road bends too much here for a straight name
            turn = math.degrees(math.atan2(by - ay, bx - ax))
            yield (
                (float(ax) + float(bx) + 2 * float(x)) / 4,
                (float(ay) + float(by) + 2 * float(y)) / 4,
                turn - 180 if turn > 90 else turn + 180 if turn < -90 else turn,
            )

    def middles(self, sheet: Sheet) -> Iterator[tuple[str, float, float]]:
        for at in sheet.inside(shapely.box(*self._box(80))):
            inside = sheet.shapes[at].representative_point()
            x, y = self._units(np.array([[inside.x, inside.y]]))[0]
            yield sheet.features[at].name, round(float(x), 1), round(float(y), 1)


def _lines(shape: BaseGeometry) -> Iterator[BaseGeometry]:
    for part in shapely.get_parts(shape):
        if part.geom_type == "Polygon":
            yield from (part.exterior, *part.interiors)
        elif part.geom_type in ("LineString", "LinearRing"):
            yield part


def _drawn(units: Numbers) -> str:
    if len(units) < 2:
        return ""
    said = [f"{x:g} {y:g}" for x, y in np.round(units, 1).tolist()]
    return f"M{'L'.join(said)}"

"""What does one square of the town's map look like? Drawn as SVG from the town's own layers.

Squares are those of every web map (Web Mercator, 256 units wide), so that Leaflet or a town's own
picture tiles can take their place. No third party is asked, and none sees where a resident looks.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry
from shapely.ops import linemerge
from shapely.strtree import STRtree

from routing.addresses import Addresses
from routing.features import Feature
from routing.layers import Layers
from routing.maps import Layer

SIDE = 256
SMALLEST, LARGEST = 8, 19
"""Zooms: a county on one square, and a house."""
NAMES_FROM, ASSETS_FROM, HOUSES_FROM = 15, 17, 18
"""The zooms at which names of roads, poles, and house numbers are drawn."""
MARGIN = 12
"""Units drawn beyond the square, so that no line ends at its edge."""
NAME_EVERY = 420
"""Units between two names along one road."""
LETTER = 6.2
"""Units; the width of one letter of a road's name, generously."""
WIDE = frozenset({"state", "interstate", "us", "federal", "highway", "motorway", "trunk", "primary"})
MEDIUM = frozenset({"county", "collector", "secondary", "arterial", "tertiary"})
NARROW = frozenset({"private", "unknown", "drive", "track", "path", "service", "unmaintained"})
"""Words for a road's class or owner that tell how wide it is drawn."""
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Ink:
    """The colours of one scheme."""

    outside: str
    town: str
    line: str
    green: str
    road: str
    casing: str
    wide: str
    words: str
    halo: str
    soft: str


INKS = {
    "light": Ink("#e6e9e5", "#f8f8f5", "#8b958f", "#dcebd5", "#ffffff", "#b3bcb6", "#ffe3a1", "#2d3732",
                 "#ffffff", "#5d6862"),
    "dark": Ink("#0f1412", "#1b2320", "#66736c", "#20372a", "#46534c", "#111714", "#6b5c2e", "#dbe3de",
                "#141a17", "#98a49d"),
}  # fmt: skip


class Tile(NamedTuple):
    """One square: the zoom, and its column and row from the north-west of the world."""

    zoom: int
    x: int
    y: int


class _Sheet(NamedTuple):
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


class Atlas:
    """The layers of a town, ready to be drawn square by square."""

    def __init__(self, layers: Layers) -> None:
        areas = layers.of_kind("areas")
        self._lists = tuple(layers.addresses.values())
        self._town = _sheet(_all(areas, lambda layer: layer.boundary))
        self._green = _sheet(_all(areas, lambda layer: layer.landmarks))
        self._areas = _sheet(_all(areas, lambda layer: not (layer.boundary or layer.landmarks)))
        self._roads = _sheet(_all(layers.of_kind("roads"), lambda layer: True))
        self._names = _sheet(_joined(self._roads))
        self._assets = _sheet(_all(layers.of_kind("assets"), lambda layer: True))

    @property
    def bounds(self) -> tuple[float, float, float, float] | None:
        """West, south, east and north of the town, in degrees; None where there is nothing to draw."""
        for sheet in (self._town, self._roads, self._areas, self._assets):
            if sheet.features:
                found = shapely.total_bounds(np.array([one.geometry for one in sheet.features], dtype=object))
                west, south, east, north = (float(part) for part in found)
                return west, south, east, north
        boxes = [one.bounds for one in self._lists if len(one)]
        return boxes[0] if boxes else None

    def draw(self, tile: Tile, scheme: str) -> str:
        """Return the square as SVG."""
        ink, frame = INKS[scheme], _Frame(tile)
        parts = [
            f'<rect width="256" height="256" fill="{ink.outside if self._town.features else ink.town}"/>'
        ]
        parts += (f'<path d="{d}" fill="{ink.town}"/>' for _, d in frame.paths(self._town))
        parts += (f'<path d="{d}" fill="{ink.green}"/>' for _, d in frame.paths(self._green))
        dotted = f'fill="none" stroke="{ink.line}" stroke-dasharray="1 5" stroke-linecap="round"'
        parts += (f'<path d="{d}" {dotted}/>' for _, d in frame.paths(self._areas))
        dashed = f'fill="none" stroke="{ink.line}" stroke-width="2" stroke-dasharray="9 4 2 4"'
        parts += (f'<path d="{d}" {dashed}/>' for _, d in frame.paths(self._town))
        parts += _roads(list(frame.paths(self._roads)), tile.zoom, ink)
        parts += self._words(frame, tile, ink)
        return (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 256 256" width="256" height="256">'
            f'<g font-family="system-ui,sans-serif" text-anchor="middle">{"".join(parts)}</g></svg>'
        )

    def _words(self, frame: _Frame, tile: Tile, ink: Ink) -> Iterator[str]:
        halo = f'paint-order="stroke" stroke="{ink.halo}" stroke-width="3" stroke-linejoin="round"'
        if tile.zoom >= ASSETS_FROM:
            for _, x, y in frame.points(self._assets):
                yield f'<circle cx="{x}" cy="{y}" r="3" fill="{ink.town}" stroke="{ink.soft}"/>'
        if tile.zoom >= HOUSES_FROM:
            for number, x, y in frame.houses(self._lists):
                yield f'<text x="{x}" y="{y}" dy="4" font-size="11" fill="{ink.soft}" {halo}>{number}</text>'
        if tile.zoom >= NAMES_FROM:
            for name, x, y, turn in frame.names(self._names):
                yield (
                    f'<text transform="translate({x} {y})rotate({turn})" dy="4" font-size="12" '
                    f'fill="{ink.words}" {halo}>{escape(name)}</text>'
                )
            for name, x, y in frame.middles(self._green):
                yield (
                    f'<text x="{x}" y="{y}" font-size="12" font-style="italic" fill="{ink.soft}" {halo}>'
                    f"{escape(name)}</text>"
                )


class _Frame:
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

    def paths(self, sheet: _Sheet) -> Iterator[tuple[Feature, str]]:
        """Yield what of the sheet is on the square, as the data of an SVG path."""
        box = self._box(MARGIN)
        for at in sheet.inside(shapely.box(*box)):
            clipped = shapely.clip_by_rect(sheet.shapes[at], *box)
            plain = shapely.simplify(clipped, 0.4 / self._scale, preserve_topology=False)
            if drawn := "".join(_drawn(self._units(shapely.get_coordinates(line))) for line in _lines(plain)):
                yield sheet.features[at], drawn

    def points(self, sheet: _Sheet) -> Iterator[tuple[Feature, float, float]]:
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

    def names(self, sheet: _Sheet) -> Iterator[tuple[str, float, float, float]]:
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

    def middles(self, sheet: _Sheet) -> Iterator[tuple[str, float, float]]:
        for at in sheet.inside(shapely.box(*self._box(80))):
            inside = sheet.shapes[at].representative_point()
            x, y = self._units(np.array([[inside.x, inside.y]]))[0]
            yield sheet.features[at].name, round(float(x), 1), round(float(y), 1)


def _all(found: Iterable[tuple[Layer, tuple[Feature, ...]]], wanted: object) -> list[Feature]:
    assert callable(wanted)
    return [feature for layer, features in found if wanted(layer) for feature in features]


def _sheet(features: list[Feature]) -> _Sheet:
    shapes = np.array([feature.geometry for feature in features], dtype=object)
    world = shapely.transform(shapes, mercator) if features else shapes
    return _Sheet(world, tuple(features), STRtree(world))


def _joined(roads: _Sheet) -> list[Feature]:
    """Return one line for each name, so that a road kept in many pieces is not named at each of them."""
    pieces: defaultdict[str, list[LineString]] = defaultdict(list)
    for road in roads.features:
        if road.name:
            pieces[road.name] += [
                part for part in shapely.get_parts(road.geometry) if isinstance(part, LineString)
            ]
    return [Feature(linemerge(parts), name, "") for name, parts in pieces.items()]


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


def _width(road: Feature, zoom: int) -> tuple[float, int]:
    """Return how wide a road is drawn, in units, and its rank: 0 narrow to 3 wide."""
    said = {road.road_class.casefold(), *road.owners}
    rank = 3 if said & WIDE else 2 if said & MEDIUM else 0 if said & NARROW else 1
    return (1.2, 1.9, 2.5, 3.1)[rank] * (1.0, 1.3, 1.9, 2.8, 4.2, 6.0)[min(max(zoom - 13, 0), 5)], rank


def _roads(found: list[tuple[Feature, str]], zoom: int, ink: Ink) -> Iterator[str]:
    """Yield all casings and then all roads, the wide ones last, so that junctions are open."""
    rows = sorted(((*_width(road, zoom), d) for road, d in found), key=lambda row: row[1])
    stroke = 'fill="none" stroke-linejoin="round" stroke-linecap="round"'
    for width, _, d in rows:
        yield f'<path d="{d}" {stroke} stroke="{ink.casing}" stroke-width="{width + 1.6:.1f}"/>'
    for width, rank, d in rows:
        colour = ink.wide if rank == 3 else ink.road
        dashes = ' stroke-dasharray="6 3"' if rank == 0 and zoom >= 14 else ""
        yield f'<path d="{d}" {stroke} stroke="{colour}" stroke-width="{width:.1f}"{dashes}/>'

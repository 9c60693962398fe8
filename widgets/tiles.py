"""What does one square of the town's map look like? Drawn as SVG from the town's own layers.

Squares are those of every web map (Web Mercator, 256 units wide), so that Leaflet or a town's own
picture tiles can take their place. No third party is asked, and none sees where a resident looks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape

import numpy as np
import shapely
from shapely.geometry import LineString
from shapely.ops import linemerge

from routing.features import Feature
from routing.layers import Layers
from routing.maps import Layer
from widgets.squares import Sheet, Square, Tile, sheet_of

SMALLEST, LARGEST = 8, 19
"""Zooms: a county on one square, and a house."""
NAMES_FROM, ASSETS_FROM, HOUSES_FROM = 15, 17, 18
"""The zooms at which names of roads, poles, and house numbers are drawn."""
WIDE = frozenset({"state", "interstate", "us", "federal", "highway", "motorway", "trunk", "primary"})
MEDIUM = frozenset({"county", "collector", "secondary", "arterial", "tertiary"})
NARROW = frozenset({"private", "unknown", "drive", "track", "path", "service", "unmaintained"})
"""Words for a road's class or owner that tell how wide it is drawn."""


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


class Atlas:
    """The layers of a town, ready to be drawn square by square."""

    def __init__(self, layers: Layers) -> None:
        areas = layers.of_kind("areas")
        self._lists = tuple(layers.addresses.values())
        self._town = sheet_of(_all(areas, lambda layer: layer.boundary))
        self._green = sheet_of(_all(areas, lambda layer: layer.landmarks))
        self._areas = sheet_of(_all(areas, lambda layer: not (layer.boundary or layer.landmarks)))
        self._roads = sheet_of(_all(layers.of_kind("roads"), lambda layer: True))
        self._names = sheet_of(_joined(self._roads))
        self._assets = sheet_of(_all(layers.of_kind("assets"), lambda layer: True))

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
        ink, square = INKS[scheme], Square(tile)
        parts = [
            f'<rect width="256" height="256" fill="{ink.outside if self._town.features else ink.town}"/>'
        ]
        parts += (f'<path d="{d}" fill="{ink.town}"/>' for _, d in square.paths(self._town))
        parts += (f'<path d="{d}" fill="{ink.green}"/>' for _, d in square.paths(self._green))
        dotted = f'fill="none" stroke="{ink.line}" stroke-dasharray="1 5" stroke-linecap="round"'
        parts += (f'<path d="{d}" {dotted}/>' for _, d in square.paths(self._areas))
        dashed = f'fill="none" stroke="{ink.line}" stroke-width="2" stroke-dasharray="9 4 2 4"'
        parts += (f'<path d="{d}" {dashed}/>' for _, d in square.paths(self._town))
        parts += _roads(list(square.paths(self._roads)), tile.zoom, ink)
        parts += self._words(square, tile, ink)
        return (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 256 256" width="256" height="256">'
            f'<g font-family="system-ui,sans-serif" text-anchor="middle">{"".join(parts)}</g></svg>'
        )

    def _words(self, square: Square, tile: Tile, ink: Ink) -> Iterator[str]:
        halo = f'paint-order="stroke" stroke="{ink.halo}" stroke-width="3" stroke-linejoin="round"'
        if tile.zoom >= ASSETS_FROM:
            for _, x, y in square.points(self._assets):
                yield f'<circle cx="{x}" cy="{y}" r="3" fill="{ink.town}" stroke="{ink.soft}"/>'
        if tile.zoom >= HOUSES_FROM:
            for number, x, y in square.houses(self._lists):
                yield f'<text x="{x}" y="{y}" dy="4" font-size="11" fill="{ink.soft}" {halo}>{number}</text>'
        if tile.zoom >= NAMES_FROM:
            for name, x, y, turn in square.names(self._names):
                yield (
                    f'<text transform="translate({x} {y})rotate({turn})" dy="4" font-size="12" '
                    f'fill="{ink.words}" {halo}>{escape(name)}</text>'
                )
            for name, x, y in square.middles(self._green):
                yield (
                    f'<text x="{x}" y="{y}" font-size="12" font-style="italic" fill="{ink.soft}" {halo}>'
                    f"{escape(name)}</text>"
                )


def _all(found: Iterable[tuple[Layer, tuple[Feature, ...]]], wanted: object) -> list[Feature]:
    assert callable(wanted)
    return [feature for layer, features in found if wanted(layer) for feature in features]


def _joined(roads: Sheet) -> list[Feature]:
    """Return one line for each name, so that a road kept in many pieces is not named at each of them."""
    pieces: defaultdict[str, list[LineString]] = defaultdict(list)
    for road in roads.features:
        if road.name:
            pieces[road.name] += [
                part for part in shapely.get_parts(road.geometry) if isinstance(part, LineString)
            ]
    return [Feature(linemerge(parts), name, "") for name, parts in pieces.items()]


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

"""What does the town look like from above? Its own boundary, wards and roads as lines for a small map."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import cos, radians
from typing import Any

from casework.office import Office
from figures.shapes import HotSpot
from reports.naming import shown

Line = tuple[tuple[float, float], ...]
"""(longitude, latitude) pairs."""
MOST_POINTS = 9000
"""Of roads: more make the picture heavy, and nothing clearer."""
NEAR = 400.0
"""Metres from the middle of a cell: a crossing farther away does not say where it is."""


@dataclass(frozen=True)
class Ground:
    """What a map of the town is drawn on. Empty where the town has no layers."""

    boundary: tuple[Line, ...] = ()
    wards: tuple[Line, ...] = ()
    roads: tuple[Line, ...] = ()
    crossings: Mapping[tuple[int, int], str] = field(default_factory=dict)
    """Hexagon (column, row) -> the crossing nearest to its middle."""

    def crossing(self, spot: HotSpot) -> str:
        """Return the name of the crossing nearest to a hexagon's middle; empty where none is known."""
        return shown(self.crossings.get((spot.column, spot.row), ""))

    @property
    def box(self) -> tuple[float, float, float, float] | None:
        """West, south, east and north of the town; None where nothing is drawn."""
        spots = [spot for line in self.boundary or self.roads for spot in line]
        if not spots:
            return None
        return (min(x for x, _y in spots), min(y for _x, y in spots),
                max(x for x, _y in spots), max(y for _x, y in spots))  # fmt: skip


def ground_of(office: Office, spots: Iterable[HotSpot]) -> Ground:
    """Return the town's own lines, and the names of crossings near the middles of the fullest cells."""
    layers, wards = office.layers, office.rulebook.town.wards or ""
    boundaries = {layer.id for layer, _ in layers.of_kind("areas") if layer.boundary}
    outlines = layers.outlines()
    gazetteer = office.gazetteer
    crossings = {
        (spot.column, spot.row): near.words
        for spot in spots
        if (near := gazetteer.crossing(spot.lat, spot.lon, NEAR)) is not None
    }
    own = Ground(boundary=tuple(line.coordinates for line in outlines if line.kind == "boundary"))
    return Ground(
        boundary=own.boundary if boundaries else (),
        wards=tuple(line for feature in layers.features(wards) for line in _rings(feature.geometry)),
        roads=_thinned(tuple(line.coordinates for line in outlines if line.kind == "road"), own.box),
        crossings=crossings,
    )


def _rings(geometry: Any) -> list[Line]:
    parts = getattr(geometry, "geoms", (geometry,))
    return [tuple((float(x), float(y)) for x, y, *_ in part.exterior.coords) for part in parts]


def _thinned(lines: tuple[Line, ...], box: tuple[float, float, float, float] | None) -> tuple[Line, ...]:
    """Leave out what lies outside, and points that nobody would see."""
    near = [line for line in lines if box is None or any(_is_in(spot, box) for spot in line)]
    step = 0.0001
    while sum(map(len, near)) > MOST_POINTS and step < 0.01:
        near = [_coarser(line, step) for line in near]
        step *= 2
    return tuple(near)


def _is_in(spot: tuple[float, float], box: tuple[float, float, float, float]) -> bool:
    return box[0] <= spot[0] <= box[2] and box[1] <= spot[1] <= box[3]


def _coarser(line: Line, step: float) -> Line:
    kept = [line[0]]
    wide = cos(radians(line[0][1]))
    for spot in line[1:-1]:
        if abs(spot[0] - kept[-1][0]) * wide + abs(spot[1] - kept[-1][1]) >= step:
            kept.append(spot)
    return (*kept, *line[1:][-1:])

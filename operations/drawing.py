"""How is the part of the town's maps in a window drawn? Paths, dots and names for one SVG.

Only what is in view is touched. Lines are cut at the edge and simplified by one unit; where that is
still too much for a page, streets are joined end to end and the shortest are left out, and the
picture says so.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from operations.atlas import Atlas, Sheet
from operations.window import Numbers, Window
from routing.features import Feature

EDGE = 40  # units drawn beyond the frame, so that a thick line does not end in sight
MOST_BYTES = 200_000  # of roads; with all else a picture stays below 300 kB
BYTES_OF_A_LINE, BYTES_OF_A_POINT = 11, 6
JOIN_FROM = 4_000  # so many streets in view are joined end to end, and then have no names
MOST_STRANDS = 40
MOST_DOTS = 600
MOST_AREA_STYLES = 6


class Line(NamedTuple):
    """``style`` counts from 1; for an area, 0 is the town's boundary."""

    style: int
    path: str


class Strand(NamedTuple):
    """One stretch of road in view: where it runs in units, and whose it is."""

    name: str
    owner: str
    points: Numbers

    @property
    def length(self) -> float:
        return float(np.hypot(*np.diff(self.points, axis=0).T).sum())


class Dot(NamedTuple):
    x: int
    y: int
    name: str


@dataclass(frozen=True)
class Picture:
    """``is_partial``: streets or assets were left out; zooming in brings them back."""

    areas: tuple[Line, ...]
    roads: tuple[Line, ...]
    dots: tuple[Dot, ...]
    strands: tuple[Strand, ...]
    """The streets by name, each as its longest stretch in view."""
    places: tuple[tuple[str, int, int], ...]
    """Areas whose name fits, with the spot for it."""
    is_partial: bool


_lately: WeakKeyDictionary[Atlas, dict[Window, Picture]] = WeakKeyDictionary()
"""The newest pictures of each atlas: the page asks, then its picture, and "whole town" comes again."""
KEPT = 8


def draw(atlas: Atlas, window: Window) -> Picture:
    """Return everything in the window."""
    pictures = _lately.setdefault(atlas, {})
    drawn = pictures.get(window) or _drawn(atlas, window)
    # Threads may both draw the same; that costs time, nothing else.
    _lately[atlas] = dict(
        [*((one, kept) for one, kept in pictures.copy().items() if one != window), (window, drawn)][-KEPT:]
    )
    return drawn


def _drawn(atlas: Atlas, window: Window) -> Picture:
    areas, places = _areas(atlas, window)
    roads, strands, are_all = _roads(atlas, window)
    dots = list(_dots(atlas, window))
    return Picture(
        areas, roads, tuple(dots[:MOST_DOTS]), strands, places, not are_all or len(dots) > MOST_DOTS
    )


# -- areas --


def area_styles(atlas: Atlas) -> dict[str, int]:
    """Return how each layer of areas is drawn; 0 is the boundary."""
    styles, others = {}, 0
    for sheet in atlas.of("areas"):
        others += not sheet.layer.boundary
        styles[sheet.layer.id] = 0 if sheet.layer.boundary else min(others, MOST_AREA_STYLES)
    return styles


def _areas(atlas: Atlas, window: Window) -> tuple[tuple[Line, ...], tuple[tuple[str, int, int], ...]]:
    styles = area_styles(atlas)
    lines: list[Line] = []
    places: list[tuple[str, int, int]] = []
    for sheet in atlas.of("areas"):
        near = sheet.within(*window.bounds(EDGE))
        cut = shapely.clip_by_rect(sheet.shapes[near], *window.bounds(EDGE))
        simple = shapely.simplify(cut, window.unit_in_degrees(), preserve_topology=False)
        rings = shapely.get_rings(shapely.get_parts(simple))
        if path := _path(_stretches(rings, window)):
            lines.append(Line(styles[sheet.layer.id], path))
        if not sheet.layer.boundary:
            places += _names_of_areas(sheet, near, cut, window)
    lines.sort(key=lambda line: line.style == 0)
    return tuple(lines), tuple(places)


def _names_of_areas(
    sheet: Sheet, near: Numbers, cut: Numbers, window: Window
) -> Iterator[tuple[str, int, int]]:
    for place, shape in zip(near, cut, strict=True):
        name = sheet.features[place].name
        if not name or shape.is_empty:
            continue
        west, south, east, north = shape.bounds
        corners = window.units(np.array([[west, south], [east, north]]))
        if abs(corners[1] - corners[0]).min() < 60:
            continue
        spot = shapely.point_on_surface(shape)
        yield (name, *window.unit(spot.y, spot.x))


# -- roads --


def _roads(atlas: Atlas, window: Window) -> tuple[tuple[Line, ...], tuple[Strand, ...], bool]:
    found: list[tuple[int, Numbers]] = []
    strands: list[Strand] = []
    for sheet in atlas.of("roads"):
        near = sheet.within(*window.bounds(EDGE))
        styles = np.array([atlas.owners[sheet.features[i].owners[0]].style for i in near], dtype=int)
        if len(near) > JOIN_FROM:
            for style in np.unique(styles):
                joined = _joined(sheet.shapes[near[styles == style]], window)
                found += ((int(style), points) for points in joined)
            continue
        cut = _cut(sheet.shapes[near], window)
        parts, origin = shapely.get_parts(cut, return_index=True)
        found += (
            (int(styles[origin[number]]), points) for number, points in _numbered_stretches(parts, window)
        )
        strands += _strands([sheet.features[i] for i in near], cut, window)
    kept = _affordable(found)
    lines = [
        Line(style, _path(points for one, points in kept if one == style))
        for style in sorted({style for style, _ in kept}, reverse=True)
    ]
    return tuple(lines), tuple(strands), len(kept) == len(found)


def _strands(features: list[Feature], cut: Numbers, window: Window) -> Iterator[Strand]:
    """Yield the longest stretch of each road with a name; maps cut roads at every crossing."""
    lengths = shapely.length(cut)
    streets: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place, feature in enumerate(features):
        if feature.name and lengths[place]:
            streets[(feature.name, feature.owners[0])].append(place)
    longest = sorted(streets.items(), key=lambda street: -float(lengths[street[1]].sum()))
    for (name, owner), places in longest[:MOST_STRANDS]:
        lines = shapely.get_parts(cut[places])
        joined = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(lines)))
        stretches = (Strand(name, owner, points) for points in _stretches(joined, window))
        if best := max(stretches, key=lambda strand: strand.length, default=None):
            yield best


def _joined(shapes: Numbers, window: Window) -> Iterator[Numbers]:
    cut = shapely.get_parts(shapely.clip_by_rect(shapes, *window.bounds(EDGE)))
    joined = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(cut)))
    simple = shapely.simplify(joined, 2 * window.unit_in_degrees(), preserve_topology=False)
    return _stretches(simple, window)


def _cut(shapes: Numbers, window: Window) -> Numbers:
    cut = shapely.clip_by_rect(shapes, *window.bounds(EDGE))
    simple: Numbers = shapely.simplify(cut, window.unit_in_degrees(), preserve_topology=False)
    return simple


def _affordable(found: list[tuple[int, Numbers]]) -> list[tuple[int, Numbers]]:
    """Return all stretches, or the longest that fit into one picture."""
    cost = [BYTES_OF_A_LINE + BYTES_OF_A_POINT * len(points) for _, points in found]
    if sum(cost) <= MOST_BYTES:
        return found
    reach = np.array([np.abs(points[-1] - points[0]).max() for _, points in found])
    order = np.argsort(-reach, kind="stable")
    last = int(np.searchsorted(np.cumsum(np.array(cost)[order]), MOST_BYTES))
    return [found[i] for i in order[:last]]


def highlighted(lines: Iterable[BaseGeometry], window: Window) -> list[str]:
    """Return the paths of the roads that a decision weighed."""
    return [_path(_stretches(shapely.get_parts(_cut(np.array([line]), window)), window)) for line in lines]


# -- assets --


def _dots(atlas: Atlas, window: Window) -> Iterator[Dot]:
    for sheet in atlas.of("assets"):
        near = sheet.within(*window.bounds())[: MOST_DOTS + 1]
        points = shapely.get_coordinates(shapely.centroid(sheet.shapes[near]))
        for place, (x, y) in zip(near, window.units(points), strict=True):
            yield Dot(int(x), int(y), sheet.features[place].name)


# -- lines in units --


def _stretches(lines: Numbers, window: Window) -> Iterator[Numbers]:
    return (points for _, points in _numbered_stretches(lines, window))


def _numbered_stretches(lines: Numbers, window: Window) -> Iterator[tuple[int, Numbers]]:
    """Yield each line's number and points in units, without repetitions; none for what is a mere point."""
    degrees, index = shapely.get_coordinates(lines, return_index=True)
    if not len(degrees):
        return
    points = window.units(degrees)
    is_new = np.ones(len(points), dtype=bool)
    is_new[1:] = (index[1:] != index[:-1]) | (points[1:] != points[:-1]).any(axis=1)
    points, index = points[is_new], index[is_new]
    starts = np.flatnonzero(np.diff(index, prepend=-1))
    for start, end in zip(starts, [*starts[1:], len(points)], strict=True):
        if end - start > 1:
            yield int(index[start]), points[start:end]


def _path(stretches: Iterable[Numbers]) -> str:
    """Return one SVG path: where each stretch starts, then its steps."""
    said: list[str] = []
    for points in stretches:
        steps = np.diff(points, axis=0).ravel().tolist()
        said.append(f"M{points[0][0]} {points[0][1]}l{' '.join(map(str, steps))}")
    return "".join(said)


def scale(window: Window) -> tuple[int, int]:
    """Return a round number of metres for the scale, and how many units they are."""
    most = window.across / 4
    step = 10 ** math.floor(math.log10(most))
    metres = max(step * factor for factor in (1, 2, 5) if step * factor <= most)
    return round(metres), round(metres * window.units_per_metre)

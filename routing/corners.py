"""Where do two roads of the town meet? Worked out from the lines of the road layers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry
from shapely.ops import nearest_points
from shapely.strtree import STRtree

from routing.addresses import METRES_PER_DEGREE
from routing.features import Feature

TOUCH = 4.0
"""Metres. Lines drawn from a moving car end this close to each other where the roads meet."""
SAME = 60.0
"""Metres. Two crossings of the same two roads this close together are one corner, as at a divided road."""
Corners = Mapping[tuple[str, str], tuple[tuple[float, float], ...]]
"""Two names in the order of the alphabet -> the places where they meet, as (latitude, longitude)."""


def corners(roads: Iterable[Feature]) -> Corners:
    """Return where any two named roads meet."""
    named = [road for road in roads if road.name]
    if not named:
        return {}
    shapes = np.array([road.geometry for road in named], dtype=object)
    _, south, _, north = shapely.total_bounds(shapes)
    # Degrees made even by the town's latitude: good to a few metres here, and undone by a division.
    scale = np.array([np.cos(np.radians((south + north) / 2)), 1.0]) * METRES_PER_DEGREE

    def flatten(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
        return degrees * scale

    flat = shapely.transform(shapes, flatten)
    first, second = STRtree(flat).query(flat, predicate="dwithin", distance=TOUCH)
    found: defaultdict[tuple[str, str], list[Point]] = defaultdict(list)
    for one, other in zip(first.tolist(), second.tolist(), strict=True):
        pair = (named[one].name, named[other].name)
        if pair[0] < pair[1]:
            for point in _meetings(flat[one], flat[other]):
                if not any(point.distance(known) <= SAME for known in found[pair]):
                    found[pair].append(point)
    return {
        pair: tuple((point.y / scale[1], point.x / scale[0]) for point in points)
        for pair, points in found.items()
    }


def _meetings(one: BaseGeometry, other: BaseGeometry) -> Iterator[Point]:
    crossing = shapely.intersection(one, other)
    if crossing.is_empty:
        yield nearest_points(one, other)[0]
        return
    for part in shapely.get_parts(crossing):
        yield part if isinstance(part, Point) else part.representative_point()

"""What would a resident call this position: a corner, a house, a park, or a road?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from routing.addresses import Spot, metres
from routing.layers import Layers

NEAR_HOUSE = 60.0
"""Metres. A house farther away does not tell a resident where they are."""
NEAR_CORNER = 30.0

Corners = Mapping[tuple[str, str], tuple[tuple[float, float], ...]]
"""Where two roads meet, by their names; each point (latitude, longitude)."""


class Near(NamedTuple):
    """What is at a position: ``kind`` as of a place, its words and how far away it is, in metres."""

    kind: str
    words: str
    distance_m: float


def nearest(layers: Layers, corners: Corners, lat: float, lon: float) -> Near | None:
    """Return what a resident would call this position, or None where nothing with a name is near."""
    corner = _nearest_corner(corners, lat, lon)
    if corner and corner.distance_m <= NEAR_CORNER:
        return corner
    for layer, _ in layers.of_kind("areas"):
        if layer.landmarks and (inside := layers.areas_at(layer.id, lat, lon)):
            return Near("landmark", inside[0], 0.0)
    houses = [found for one in layers.addresses.values() if (found := one.nearest(lat, lon))]
    if houses:
        spot, distance = min(houses, key=lambda found: found[1])
        if distance <= NEAR_HOUSE:
            return Near("address", spot.words, distance)
    road = layers.nearest_road(lat, lon)
    if road and road.name and road.distance_m is not None:
        return Near("road", road.name, road.distance_m)
    return None


def crossing(corners: Corners, lat: float, lon: float, within_m: float) -> Near | None:
    """Return the corner of two roads that is nearest, or None where none is within so many metres."""
    near = _nearest_corner(corners, lat, lon, within_m / 100_000)
    return near if near and near.distance_m <= within_m else None


def _nearest_corner(corners: Corners, lat: float, lon: float, degrees: float = 0.001) -> Near | None:
    here = Spot("", lat, lon)
    found = (
        Near("corner", f"{one} & {other}", metres(here, Spot("", *point)))
        for (one, other), points in corners.items()
        for point in points
        if abs(point[0] - lat) < degrees
    )
    return min(found, key=lambda near: near.distance_m, default=None)

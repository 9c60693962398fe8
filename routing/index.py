"""Which features of one layer are here or near here? A spatial tree per layer, built once at its loading."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import shapely
from shapely.geometry import Point
from shapely.strtree import STRtree

from routing.features import Feature
from routing.maps import Layer
from routing.projection import LocalMetres, Numbers

FAR = 1.0
"""Degrees beyond a layer's own extent where nothing of it can be near; also keeps the projection sound."""


class Found(NamedTuple):
    feature: Feature
    distance_m: float


class Index:
    """One layer's features in a spatial tree: in degrees for areas, in local metres otherwise."""

    def __init__(self, layer: Layer, features: list[Feature]) -> None:
        self.layer, self.features = layer, features
        shapes = np.array([feature.geometry for feature in features], dtype=object)
        self.bounds = shapely.total_bounds(shapes)
        self.metres = LocalMetres((self.bounds[0] + self.bounds[2]) / 2)
        is_flat = layer.kind != "areas" or layer.nearest_within > 0
        self.flat = shapely.transform(shapes, self.metres.flatten) if is_flat else shapes
        self.shapes = shapes if layer.kind == "areas" else self.flat
        shapely.prepare(self.shapes)
        self.tree = STRtree(self.shapes)
        self.numbers = _numbers(features) if layer.kind == "assets" else {}

    def is_far(self, lat: float, lon: float) -> bool:
        west, south, east, north = self.bounds
        return not (west - FAR <= lon <= east + FAR and south - FAR <= lat <= north + FAR)

    def around(self, lat: float, lon: float) -> tuple[Feature, ...]:
        """Return the areas that hold the point; their edge belongs to them.

        Where none does, the nearest one counts, as far as the layer's ``nearest_within`` allows.
        """
        point = Point(lon, lat)
        near = np.sort(self.tree.query(point))
        here = near[shapely.intersects(self.shapes[near], point)]
        if not len(here) and self.layer.nearest_within:
            return self._nearest(lat, lon)
        return tuple(self.features[index] for index in here)

    def _nearest(self, lat: float, lon: float) -> tuple[Feature, ...]:
        if self.is_far(lat, lon):
            return ()
        distances = shapely.distance(self.flat, self._flat(lat, lon))
        first = int(distances.argmin())
        return (self.features[first],) if distances[first] <= self.layer.nearest_within else ()

    def near(self, lat: float, lon: float, within_m: float) -> list[Found]:
        """Return the features at most ``within_m`` metres away, the nearest first."""
        if self.is_far(lat, lon):
            return []
        point = self._flat(lat, lon)
        indexes = self.tree.query(point.buffer(within_m, quad_segs=1).envelope)
        distances = shapely.distance(self.shapes[indexes], point)
        rows = sorted((float(d), int(i)) for d, i in zip(distances, indexes, strict=True) if d <= within_m)
        return [Found(self.features[i], d) for d, i in rows]

    def numbered(self, typed: str) -> tuple[Feature, ...]:
        """Return the assets with the number that somebody typed; signs, spaces and case do not matter."""
        return self.numbers.get(plain_number(typed), ())

    def distance(self, feature: Feature, lat: float, lon: float) -> float:
        """Return how many metres the feature is from the point."""
        line = shapely.transform(feature.geometry, self.metres.flatten)
        return float(shapely.distance(line, self._flat(lat, lon)))

    def is_left(self, feature: Feature, lat: float, lon: float) -> bool:
        """Return whether the point lies left of the road, as its line was drawn."""
        point = self._flat(lat, lon)
        parts = shapely.get_parts(shapely.transform(feature.geometry, self.metres.flatten))
        line = min(parts, key=lambda part: float(shapely.distance(part, point)))
        ends = shapely.get_coordinates(line)
        return _is_left(ends, np.array([point.x, point.y]))

    def _flat(self, lat: float, lon: float) -> Point:
        return Point(self.metres.flatten(np.array([[lon, lat]]))[0])


def _is_left(ends: Numbers, point: Numbers) -> bool:
    """Return on which side of the nearest stretch of the line the point lies."""
    begins, along = ends[:-1], np.diff(ends, axis=0)
    length = np.maximum((along**2).sum(axis=1), 1e-12)
    share = np.clip(((point - begins) * along).sum(axis=1) / length, 0, 1)
    away = point - (begins + share[:, None] * along)
    nearest = int((away**2).sum(axis=1).argmin())
    aside = point - begins[nearest]
    return bool(along[nearest, 0] * aside[1] - along[nearest, 1] * aside[0] > 0)


def plain_number(typed: str) -> str:
    """Return a painted number as it is compared: ``E-31 / 22`` and ``e31/22`` are the same pole."""
    return "".join(letter for letter in typed.casefold() if letter.isalnum())


def _numbers(features: list[Feature]) -> Mapping[str, tuple[Feature, ...]]:
    found: dict[str, tuple[Feature, ...]] = defaultdict(tuple)
    for feature in features:
        if number := plain_number(feature.name):
            found[number] += (feature,)
    return dict(found)

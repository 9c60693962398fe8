"""What is at this point, how far away is it, and how sure are we?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import shapely
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.strtree import STRtree

from routing.features import Feature, Flaw, read_layer
from routing.projection import LocalMetres
from routing.rulebook import Layer, Rulebook

FAR = 1.0
"""Degrees beyond a layer's own extent where nothing of it can be near; also keeps the projection sound."""


class RoadNear(NamedTuple):
    """The nearest road of one owner."""

    name: str
    owner: str
    distance_m: float
    layer: str


@dataclass(frozen=True)
class RoadFound:
    """The road at a place. ``unsure``: roads of two owners are too close together to tell.

    ``candidates`` are the nearest road of each owner that it could be, the nearest first; there is
    always at least one. ``other_…`` is the nearest road of another owner in sight, or None.
    """

    name: str
    owner: str
    distance_m: float
    other_name: str | None
    other_owner: str | None
    other_distance_m: float | None
    unsure: bool
    candidates: tuple[RoadNear, ...]
    layer: str


@dataclass(frozen=True)
class AssetFound:
    """The pole, hydrant or other asset at a place; ``name`` is the number painted on it."""

    layer: str
    name: str
    owner: str
    distance_m: float


class Outline(NamedTuple):
    """Something to draw. ``coordinates`` are (longitude, latitude) pairs, so x before y."""

    kind: str
    """boundary, area, road or asset"""
    name: str
    owner: str
    coordinates: tuple[tuple[float, float], ...]


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
        self.shapes = shapes if layer.kind == "areas" else shapely.transform(shapes, self.metres.flatten)
        shapely.prepare(self.shapes)
        self.tree = STRtree(self.shapes)

    def is_far(self, lat: float, lon: float) -> bool:
        west, south, east, north = self.bounds
        return not (west - FAR <= lon <= east + FAR and south - FAR <= lat <= north + FAR)

    def around(self, lat: float, lon: float) -> Iterator[Feature]:
        """Yield the areas that hold the point; their edge belongs to them."""
        point = Point(lon, lat)
        near = np.sort(self.tree.query(point))
        for index in near[shapely.intersects(self.shapes[near], point)]:
            yield self.features[index]

    def near(self, lat: float, lon: float, within_m: float) -> list[Found]:
        """Return the features at most ``within_m`` metres away, the nearest first."""
        if self.is_far(lat, lon):
            return []
        point = Point(self.metres.flatten(np.array([[lon, lat]]))[0])
        indexes = self.tree.query(point.buffer(within_m, quad_segs=1).envelope)
        distances = shapely.distance(self.shapes[indexes], point)
        rows = sorted((float(d), int(i)) for d, i in zip(distances, indexes, strict=True) if d <= within_m)
        return [Found(self.features[i], d) for d, i in rows]


class Layers:
    """All layers of a town, ready to be asked. Immutable: a changed file becomes new ``Layers``."""

    def __init__(self, indexes: Iterable[Index] = (), versions: Mapping[str, str] | None = None) -> None:
        self._indexes = {index.layer.id: index for index in indexes}
        self.versions: Mapping[str, str] = MappingProxyType(dict(versions or {}))
        """Layer id -> the first 12 hex digits of its file's SHA-256."""

    @classmethod
    def read(cls, definitions: Mapping[str, Layer], folder: Path) -> tuple[Layers, tuple[Flaw, ...]]:
        """Read every layer's file beside the rules file; what is wrong comes back, nothing is raised."""
        indexes, versions, flaws = [], {}, []
        for layer in definitions.values():
            file = read_layer(layer, folder)
            flaws.extend(file.flaws)
            if not any(flaw.level == "error" for flaw in file.flaws):
                indexes.append(Index(layer, file.features))
                versions[layer.id] = file.version
        return cls(indexes, versions), tuple(flaws)

    @classmethod
    def of(cls, rulebook: Rulebook, folder: Path) -> Layers:
        """Return the layers of a rulebook; ``ValueError`` names the first that cannot be used."""
        layers, flaws = cls.read(rulebook.layers, folder)
        for flaw in flaws:
            if flaw.level == "error":
                raise ValueError(f"layers.{flaw.layer}.{flaw.key}: {flaw.message} ({flaw.hint})")
        return layers

    def has(self, layer_id: str) -> bool:
        """Return whether the layer was read and can be asked."""
        return layer_id in self._indexes

    def features(self, layer_id: str) -> tuple[Feature, ...]:
        """Return what a layer holds; empty when there is no such layer."""
        return tuple(self._indexes[layer_id].features) if layer_id in self._indexes else ()

    def areas_at(self, layer_id: str, lat: float, lon: float) -> tuple[str, ...]:
        """Return the names of the layer's areas that hold the point."""
        return tuple(feature.name for feature in self.areas(layer_id, lat, lon))

    def areas(self, layer_id: str, lat: float, lon: float) -> tuple[Feature, ...]:
        """Return the layer's areas that hold the point, with their owners."""
        index = self._indexes.get(layer_id)
        return tuple(index.around(lat, lon)) if index and index.layer.kind == "areas" else ()

    def all_areas(self, lat: float, lon: float) -> dict[str, tuple[Feature, ...]]:
        """Return, for every layer of areas, those that hold the point."""
        return {index.layer.id: tuple(index.around(lat, lon)) for index in self._of("areas")}

    def outside(self, lat: float, lon: float) -> bool:
        """Return whether the point lies outside the town; without a boundary layer nothing does."""
        boundaries = [index for index in self._of("areas") if index.layer.boundary]
        return bool(boundaries) and not any(any(index.around(lat, lon)) for index in boundaries)

    def nearest_road(self, lat: float, lon: float) -> RoadFound | None:
        """Return the road at the point and whether it could be another owner's, or None beyond tolerance."""
        owners: dict[str, RoadNear] = {}
        ask_within, is_reached = 0.0, False
        for index in self._of("roads"):
            layer = index.layer
            for feature, distance in index.near(lat, lon, layer.tolerance + layer.ask_within):
                is_reached |= distance <= layer.tolerance
                ask_within = max(ask_within, layer.ask_within)
                known = owners.get(feature.owner)
                if known is None or distance < known.distance_m:
                    owners[feature.owner] = RoadNear(feature.name, feature.owner, distance, layer.id)
        return (
            _road_found(sorted(owners.values(), key=lambda near: near.distance_m), ask_within)
            if is_reached
            else None
        )

    def nearest_asset(self, layer_id: str, lat: float, lon: float) -> AssetFound | None:
        """Return the layer's asset at the point, or None when none is within its tolerance."""
        index = self._indexes.get(layer_id)
        if index is None or index.layer.kind != "assets":
            return None
        near = index.near(lat, lon, index.layer.tolerance)
        return (
            AssetFound(layer_id, near[0].feature.name, near[0].feature.owner, near[0].distance_m)
            if near
            else None
        )

    def assets_at(self, lat: float, lon: float) -> tuple[AssetFound, ...]:
        """Return, for every layer of assets, the one at the point."""
        found = (self.nearest_asset(index.layer.id, lat, lon) for index in self._of("assets"))
        return tuple(asset for asset in found if asset)

    def outlines(self) -> tuple[Outline, ...]:
        """Return everything as lines and points for a small map, areas first and assets last."""
        return self._outlines

    @cached_property
    def _outlines(self) -> tuple[Outline, ...]:
        drawn: list[Outline] = []
        for kind in ("areas", "roads", "assets"):
            for index in self._of(kind):
                name = {"areas": "boundary" if index.layer.boundary else "area", "roads": "road"}.get(
                    kind, "asset"
                )
                for feature in index.features:
                    drawn += (
                        Outline(name, feature.name, feature.owner, line) for line in _lines(feature.geometry)
                    )
        return tuple(drawn)

    def _of(self, kind: str) -> Iterator[Index]:
        return (index for index in self._indexes.values() if index.layer.kind == kind)


def _road_found(near: list[RoadNear], ask_within: float) -> RoadFound:
    first, other = near[0], near[1] if len(near) > 1 else None
    candidates = tuple(road for road in near if road.distance_m - first.distance_m <= ask_within)
    return RoadFound(
        name=first.name,
        owner=first.owner,
        distance_m=first.distance_m,
        other_name=other.name if other else None,
        other_owner=other.owner if other else None,
        other_distance_m=other.distance_m if other else None,
        unsure=len(candidates) > 1,
        candidates=candidates,
        layer=first.layer,
    )


def _lines(geometry: BaseGeometry) -> Iterator[tuple[tuple[float, float], ...]]:
    for part in getattr(geometry, "geoms", (geometry,)):
        rings: tuple[BaseGeometry, ...]
        if isinstance(part, Polygon):
            rings = (part.exterior, *part.interiors)
        elif isinstance(part, LineString | Point):
            rings = (part,)
        else:
            continue
        for ring in rings:
            yield tuple((float(x), float(y)) for x, y, *_ in ring.coords)

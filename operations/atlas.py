"""What of the town's maps lies in a window? Every layer in a tree of its own, in degrees, built once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from weakref import WeakKeyDictionary

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from shapely.strtree import STRtree

from operations.window import Numbers, Window, window_over
from routing.features import OURS, Feature
from routing.layers import Layers
from routing.roads import RoadFound
from routing.rulebook import Layer, Rulebook

STYLES = 8
"""How many ways of drawing a road there are; the owners beyond them share the last."""
REACH = 0.0001
"""Degrees, about 10 m: more than the rounding of a distance."""


class Sheet:
    """One layer, ready to be drawn."""

    def __init__(self, layer: Layer, features: tuple[Feature, ...]) -> None:
        self.layer, self.features = layer, features
        self.shapes = np.array([feature.geometry for feature in features], dtype=object)
        self.tree = STRtree(self.shapes)

    def within(self, west: float, south: float, east: float, north: float) -> Numbers:
        """Return the places (in ``features``) of what touches the box, in the order of the file."""
        return np.sort(self.tree.query(shapely.box(west, south, east, north)))


@dataclass(frozen=True)
class Owner:
    """How the roads of an owner are drawn, and how many there are."""

    word: str
    style: int
    """1 for the town, then by how often they own a road."""
    count: int


class Atlas:
    """All layers of a town, to be looked at through a window."""

    def __init__(self, rulebook: Rulebook, layers: Layers) -> None:
        self.sheets = tuple(
            Sheet(layer, features)
            for layer in rulebook.layers.values()
            if (features := layers.features(layer.id))
        )

    def of(self, kind: str) -> Iterator[Sheet]:
        return (sheet for sheet in self.sheets if sheet.layer.kind == kind)

    @cached_property
    def owners(self) -> dict[str, Owner]:
        """The owners of roads, the town first, then the most frequent."""
        counted = Counter(feature.owners[0] for sheet in self.of("roads") for feature in sheet.features)
        words = sorted(counted, key=lambda word: (word != OURS, -counted[word], word))
        return {
            word: Owner(word, min(place, STYLES), counted[word]) for place, word in enumerate(words, start=1)
        }

    @cached_property
    def whole(self) -> Window | None:
        """The window over the town: its boundary, else its roads, else whatever there is."""
        for sheets in (
            [sheet for sheet in self.of("areas") if sheet.layer.boundary],
            list(self.of("roads")),
            list(self.sheets),
        ):
            if sheets:
                boxes = np.array([shapely.total_bounds(sheet.shapes) for sheet in sheets])
                return window_over(*boxes[:, :2].min(axis=0), *boxes[:, 2:].max(axis=0))
        return None

    def candidates(self, road: RoadFound | None, lat: float, lon: float) -> list[BaseGeometry]:
        """Return the lines of the roads that a decision weighed, the most likely first."""
        found = (
            (self._line(near.layer, near.name, near.owner, lat, lon) for near in road.candidates)
            if road
            else ()
        )
        return [line for line in found if line is not None]

    def _line(self, layer: str, name: str, owner: str, lat: float, lon: float) -> BaseGeometry | None:
        point = shapely.Point(lon, lat)
        for sheet in self.sheets:
            if sheet.layer.id != layer:
                continue
            # A road is at most 400 m from its point: both reaches of a layer at their widest.
            near = sheet.within(lon - 0.01, lat - 0.004, lon + 0.01, lat + 0.004)
            lines = [
                sheet.shapes[i]
                for i in near
                if sheet.features[i].name == name and owner in sheet.features[i].owners
            ]
            return min(lines, key=lambda line: float(shapely.distance(line, point)), default=None)
        return None


_atlases: WeakKeyDictionary[Layers, Atlas] = WeakKeyDictionary()
_lock = Lock()


def atlas_of(rulebook: Rulebook, layers: Layers) -> Atlas:
    """Return the atlas of these layers, made at the first look and forgotten with them."""
    with _lock:
        if layers not in _atlases:
            _atlases[layers] = Atlas(rulebook, layers)
        return _atlases[layers]

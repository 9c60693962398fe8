"""Where in the demonstration town is a road of the county's, or of the town's? Asked of its own maps."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import NamedTuple

from routing.decision import Facts, decide
from routing.reader import load
from settings import ROOT


class Place(NamedTuple):
    road: str
    lat: float
    lon: float


@cache
def on_a_road_of(owner: str, *, service: str = "pothole") -> Place:
    """Return a point in the middle of a named road of this owner, where nobody can take it for another's."""
    rulebook, layers = load(ROOT / "rules.yaml")
    for line in layers.outlines():
        if line.kind != "road" or line.owner != owner or not line.name:
            continue
        for (west, south), (east, north) in pairwise(line.coordinates):
            place = Place(line.name, (south + north) / 2, (west + east) / 2)
            decision = decide(rulebook, layers, Facts(service=service, at=(place.lat, place.lon)))
            road = layers.nearest_road(place.lat, place.lon)
            if road is not None and road.name == line.name and not road.unsure and not decision.options:
                return place
    raise AssertionError(f"the demonstration town has no road of the {owner}'s")

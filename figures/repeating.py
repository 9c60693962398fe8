"""Where does it come back again and again? Places with three requests and more within ninety days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from math import cos, radians
from typing import NamedTuple

from figures.hexagons import FINE, METRES
from figures.shapes import Repeat

DAYS = 90
FEWEST = 3
NEAR = 30.0
"""Metres around the middle of a place: as far as telephones are off beside a house."""
MOST = 15


class Seen(NamedTuple):
    """One request that is no duplicate: where it was, in ten-thousandths of a degree, and about what."""

    lat: int
    lon: int
    service: str
    number: str
    day: int
    is_open: bool


def repeats(seen: Iterable[Seen]) -> tuple[Repeat, ...]:
    """Return the places to which requests come back, the busiest first; each request counts for one place."""
    left: dict[tuple[int, int], list[Seen]] = {}
    for one in seen:
        left.setdefault((one.lat, one.lon), []).append(one)
    places = sorted(left, key=lambda place: (-len(left[place]), place))
    found: list[Repeat] = []
    grown = sorted(
        ((_around(place, left), place) for place in places), key=lambda one: (-len(one[0]), one[1])
    )
    for _first_look, place in grown:
        if place in left and len(group := _around(place, left)) >= FEWEST:
            for spot in {(one.lat, one.lon) for one in group}:
                del left[spot]
            found.append(_repeat(group))
    return tuple(sorted(found, key=lambda one: (-one.count, one.lat, one.lon))[:MOST])


def _around(place: tuple[int, int], left: dict[tuple[int, int], list[Seen]]) -> list[Seen]:
    lat, lon = place
    up = round(NEAR / METRES)
    flat = max(cos(radians(lat / FINE)), 0.01)
    side = round(NEAR / METRES / flat)
    group: list[Seen] = []
    for north in range(-up, up + 1):
        for east in range(-side, side + 1):
            is_near = (north**2 + (east * flat) ** 2) ** 0.5 * METRES <= NEAR
            if is_near and (spot := left.get((lat + north, lon + east))):
                group += spot
    return group


def _repeat(group: Sequence[Seen]) -> Repeat:
    service, count = min(Counter(one.service for one in group).items(), key=lambda one: (-one[1], one[0]))
    ordered = sorted(group, key=lambda one: (one.day, one.number))
    return Repeat(
        lat=round(sum(one.lat for one in group) / len(group) / FINE, 5),
        lon=round(sum(one.lon for one in group) / len(group) / FINE, 5),
        count=len(group),
        service=service,
        count_service=count,
        open=sum(one.is_open for one in group),
        first_day=ordered[0].day,
        last_day=ordered[-1].day,
        numbers=tuple(one.number for one in ordered),
    )

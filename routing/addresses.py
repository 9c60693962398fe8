"""Where does each house of the town stand? The town's own list of addresses, in a few flat arrays."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from routing.features import Feature

METRES_PER_DEGREE = 111_195.0
SAME = 25.0
"""Metres. Two entries of one address this close together are one house, listed twice."""

_FIRST = re.compile(r"(\d{1,6})(\s+\d/\d|\s*[-–]\s*\d+[A-Za-z]?|[A-Za-z]?)\s+(\S.*)")
_LAST = re.compile(r"(.*?\S),?\s+(\d{1,6})([A-Za-z]?)")
_UNIT = re.compile(r",?\s+(?:(?:apt|apartment|unit|suite|ste|lot)\b\.?\s*#?|#)\s*[\w-]+$", re.IGNORECASE)


class House(NamedTuple):
    """An address taken apart: ``12B Mill Road`` is 12, ``b`` and ``Mill Road``."""

    number: int
    suffix: str
    street: str


class Spot(NamedTuple):
    """One address as it is written, and its place in WGS84 degrees."""

    words: str
    lat: float
    lon: float


def taken_apart(address: str) -> House | None:
    """Return number and street of an address, or None where it has no house number."""
    plain = _UNIT.sub("", " ".join(address.split()))
    if first := _FIRST.fullmatch(plain):
        return House(int(first[1]), _suffix(first[2]), first[3])
    if last := _LAST.fullmatch(plain):
        return House(int(last[2]), _suffix(last[3]), last[1])
    return None


def _suffix(written: str) -> str:
    return "".join(written.split()).replace("–", "-").casefold()


class Addresses:
    """All addresses of a town, sorted by street and number. Some 30 bytes each."""

    def __init__(self, features: Iterable[Feature] = ()) -> None:
        self.named: list[Spot] = []
        """Entries without a house number, as ``Town Hall``."""
        rows: list[tuple[str, int, str, float, float]] = []
        last = first = 0
        for feature in features:
            lon, lat = _middle(feature)
            if (house := taken_apart(feature.name)) is None:
                self.named += [Spot(feature.name, lat, lon)] if feature.name else []
                continue
            rows.append((house.street, house.number, house.suffix, lat, lon))
            is_first = feature.name.lstrip()[:1].isdigit()
            first, last = first + is_first, last + (not is_first)
        self._is_number_last = last > first
        self._fill(sorted(rows))

    def _fill(self, rows: list[tuple[str, int, str, float, float]]) -> None:
        self.streets = list(dict.fromkeys(row[0] for row in rows))
        """Every street with a house on it, as the list writes it."""
        suffixes = {name: code for code, name in enumerate(dict.fromkeys(["", *(row[2] for row in rows)]))}
        codes = {name: code for code, name in enumerate(self.streets)}
        self._suffixes = list(suffixes)
        self._street = np.array([codes[row[0]] for row in rows], dtype=np.int32)
        self._number = np.array([row[1] for row in rows], dtype=np.int32)
        self._suffix = np.array([suffixes[row[2]] for row in rows], dtype=np.int32)
        self._lat = np.array([row[3] for row in rows], dtype=np.float64)
        self._lon = np.array([row[4] for row in rows], dtype=np.float64)
        self._starts = np.searchsorted(self._street, np.arange(len(self.streets) + 1))

    def __len__(self) -> int:
        return len(self._street) + len(self.named)

    def _spot(self, row: int) -> Spot:
        number = f"{self._number[row]}{self._said(self._suffixes[self._suffix[row]])}"
        street = self.streets[self._street[row]]
        words = f"{street} {number}" if self._is_number_last else f"{number} {street}"
        return Spot(words, float(self._lat[row]), float(self._lon[row]))

    def _said(self, suffix: str) -> str:
        return f" {suffix}" if "/" in suffix else suffix.upper()

    def _rows(self, street: int) -> range:
        return range(int(self._starts[street]), int(self._starts[street + 1]))

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north of all houses, in degrees."""
        lats = [*self._lat.tolist(), *(spot.lat for spot in self.named)]
        lons = [*self._lon.tolist(), *(spot.lon for spot in self.named)]
        return min(lons), min(lats), max(lons), max(lats)

    def at(self, street: int, number: int, suffix: str = "") -> list[Spot]:
        """Return the houses of this number; several where two of them are far apart."""
        found: list[Spot] = []
        for row in self._rows(street):
            if self._number[row] == number and self._suffixes[self._suffix[row]] == suffix:
                spot = self._spot(row)
                if not any(metres(spot, other) <= SAME for other in found):
                    found.append(spot)
        return found

    def beginning(self, street: int, digits: str, most: int) -> list[Spot]:
        """Return the houses whose number begins with the digits, the shortest number first."""
        rows = [row for row in self._rows(street) if str(self._number[row]).startswith(digits)]
        found: dict[str, Spot] = {}
        for row in sorted(rows, key=lambda row: int(self._number[row])):
            spot = self._spot(row)
            found.setdefault(spot.words, spot)
            if len(found) == most:
                break
        return list(found.values())

    def nearest(self, lat: float, lon: float) -> tuple[Spot, float] | None:
        """Return the nearest house and its distance in metres."""
        if not len(self._street):
            return None
        north = (self._lat - lat) * METRES_PER_DEGREE
        east = (self._lon - lon) * METRES_PER_DEGREE * np.cos(np.radians(lat))
        square = north**2 + east**2
        row = int(square.argmin())
        return self._spot(row), float(np.sqrt(square[row]))

    def around(self, lat: float, lon: float, far: float) -> Iterator[tuple[str, str]]:
        """Yield number and street of every house at most some ``far`` metres away, in a square."""
        north = np.abs(self._lat - lat) * METRES_PER_DEGREE
        east = np.abs(self._lon - lon) * METRES_PER_DEGREE * np.cos(np.radians(lat))
        for row in np.nonzero((north <= far) & (east <= far))[0]:
            number = f"{self._number[row]}{self._said(self._suffixes[self._suffix[row]])}"
            yield number, self.streets[self._street[row]]

    def within(self, west: float, south: float, east: float, north: float) -> Iterator[Spot]:
        """Yield the house numbers (as ``words``) inside a box of degrees, to be drawn."""
        inside = (self._lat >= south) & (self._lat <= north) & (self._lon >= west) & (self._lon <= east)
        for row in np.nonzero(inside)[0]:
            number = f"{self._number[row]}{self._said(self._suffixes[self._suffix[row]])}"
            yield Spot(number, float(self._lat[row]), float(self._lon[row]))


def metres(one: Spot, other: Spot) -> float:
    """Return how far apart two places of one town are, well enough to compare."""
    north = (one.lat - other.lat) * METRES_PER_DEGREE
    east = (one.lon - other.lon) * METRES_PER_DEGREE * float(np.cos(np.radians(one.lat)))
    return float(np.hypot(north, east))


def _middle(feature: Feature) -> tuple[float, float]:
    point = feature.geometry.centroid
    return float(point.x), float(point.y)

"""Where are they all? A picture of the town's own layers with numbered pins, drawn here, without a script.

Only arithmetic: outlines and points come in, paths in picture units come out. The ground is drawn once
for each window and kept; windows come in steps, so that many lists share one.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from threading import Lock
from typing import NamedTuple
from weakref import WeakKeyDictionary

from routing.layers import Layers, Outline

WIDTH, HEIGHT = 800, 500  # picture units; the page scales them to its width
STEPS = tuple(round(1_200 * 1.3**step, -2) for step in range(16))
"""Metres from edge to edge: from 1.2 km in steps of a third to 61 km."""
METRES_PER_DEGREE = 111_320.0
MARGIN = 1.2
"""How much wider than its pins the picture is."""
EDGE = 40
PIN = 34  # picture units from one pin to the next that both can be read
MOST_NAMES = 9
NAME_APART = 70
LETTER = 10.0
MOST_POINTS = 9_000
KEPT = 32

Point = tuple[float, float]


class Line(NamedTuple):
    """``kind`` is area, boundary or road; ``path`` an SVG path."""

    kind: str
    path: str


class Name(NamedTuple):
    text: str
    x: int
    y: int
    turn: int


class Pin(NamedTuple):
    label: str
    x: int
    y: int


@dataclass(frozen=True)
class Ground:
    lines: tuple[Line, ...]
    names: tuple[Name, ...]


@dataclass(frozen=True)
class Pinned:
    """The picture: the ground, then the pins."""

    ground: Ground
    pins: tuple[Pin, ...]
    width: int = WIDTH
    height: int = HEIGHT


class Window(NamedTuple):
    """The part of the world in the picture; ``across`` in metres."""

    lat: float
    lon: float
    across: float

    def pixel(self, lat: float, lon: float) -> Point:
        """Return where a point stands in the picture; north is up."""
        scale = WIDTH / self.across * METRES_PER_DEGREE
        east = (lon - self.lon) * math.cos(math.radians(self.lat))
        return WIDTH / 2 + east * scale, HEIGHT / 2 - (lat - self.lat) * scale


_grounds: WeakKeyDictionary[Layers, OrderedDict[Window, Ground]] = WeakKeyDictionary()
_lock = Lock()


def draw(
    layers: Layers, points: Sequence[tuple[str, Point]], *, around: Point | None = None, within: float = 0.0
) -> Pinned | None:
    """Return the picture of labelled points (latitude, longitude); None where there is nothing to show.

    ``around`` is its middle, and then it shows ``within`` metres on each side.
    """
    if not points and around is None:
        return None
    window = _window([at for _label, at in points], around, within)
    return Pinned(_ground(layers, window), tuple(_pins(points, window)))


def _window(points: Sequence[Point], around: Point | None, within: float) -> Window:
    if around is not None:
        lat, lon, needed = around[0], around[1], 2 * within
    else:
        lats, lons = [lat for lat, _lon in points], [lon for _lat, lon in points]
        lat, lon = (min(lats) + max(lats)) / 2, (min(lons) + max(lons)) / 2
        tall = (max(lats) - min(lats)) * METRES_PER_DEGREE * WIDTH / HEIGHT
        wide = (max(lons) - min(lons)) * METRES_PER_DEGREE * math.cos(math.radians(lat))
        needed = MARGIN * max(tall, wide)
    across = next((step for step in STEPS if step >= needed), needed)
    # A step of the middle is a small part of the picture, and pins near its edge have room.
    grid = across / 16 / METRES_PER_DEGREE
    return Window(round(round(lat / grid) * grid, 6), round(round(lon / grid) * grid, 6), across)


def _ground(layers: Layers, window: Window) -> Ground:
    with _lock:
        kept = _grounds.setdefault(layers, OrderedDict())
        if window in kept:
            kept.move_to_end(window)
            return kept[window]
    drawn = _drawn(layers, window)
    with _lock:
        kept[window] = drawn
        while len(kept) > KEPT:
            kept.popitem(last=False)
    return drawn


def _drawn(layers: Layers, window: Window) -> Ground:
    runs: list[tuple[str, str, list[tuple[int, int]]]] = []
    for outline in layers.outlines():
        if outline.kind != "asset":
            runs += ((outline.kind, outline.name, run) for run in _runs(outline, window))
    order = {"area": 0, "boundary": 1}
    # The longest first: where it would be too much, lanes are left out and roads stay.
    runs.sort(key=lambda one: (order.get(one[0], 2), -_length(one[2])))
    lines, left = [], MOST_POINTS
    for kind, _name, run in runs:
        left -= len(run)
        if left > 0:
            lines.append(Line(kind, "M" + "L".join(f"{x} {y}" for x, y in run)))
    return Ground(tuple(lines), tuple(_names(runs)))


def _runs(outline: Outline, window: Window) -> Iterator[list[tuple[int, int]]]:
    """Yield the stretches of a line that touch the picture, in whole units, no point twice."""
    run: list[tuple[int, int]] = []
    pixels = [window.pixel(lat, lon) for lon, lat in outline.coordinates]
    for start, end in pairwise(pixels):
        if _touches(start, end):
            for x, y in (start, end):
                point = (round(x), round(y))
                if not run or math.dist(run[-1], point) >= 2 or (x, y) == pixels[-1]:
                    run.append(point)
        elif run:
            if len(run) > 1:
                yield run
            run = []
    if len(run) > 1:
        yield run


def _touches(start: Point, end: Point) -> bool:
    (x1, y1), (x2, y2) = start, end
    is_beside = max(x1, x2) < -EDGE or min(x1, x2) > WIDTH + EDGE
    return not (is_beside or max(y1, y2) < -EDGE or min(y1, y2) > HEIGHT + EDGE)


def _length(run: Sequence[tuple[int, int]]) -> float:
    return sum(math.dist(one, other) for one, other in pairwise(run))


def _names(runs: Sequence[tuple[str, str, list[tuple[int, int]]]]) -> Iterator[Name]:
    """Yield one name per road, along its longest straight part, where there is room for it."""
    stretches = [
        (math.dist(start, end), name, start, end)
        for kind, name, run in runs
        if kind == "road" and name
        for start, end in pairwise(run[:: max(1, len(run) // 8)])
    ]
    taken: list[Point] = []
    named: set[str] = set()
    for length, name, (x1, y1), (x2, y2) in sorted(stretches, key=lambda one: -one[0]):
        x, y, half = (x1 + x2) / 2, (y1 + y2) / 2, len(name) * LETTER / 2
        is_inside = half <= x <= WIDTH - half and 30 <= y <= HEIGHT - 30
        is_free = all(math.dist((x, y), spot) > NAME_APART for spot in taken)
        if name in named or length < 40 or not is_inside or not is_free:
            continue
        turn = math.degrees(math.atan2(y2 - y1, x2 - x1))
        turn = turn - 180 if turn > 90 else turn + 180 if turn < -90 else turn
        named.add(name)
        taken.append((x, y))
        yield Name(name, round(x), round(y), round(turn))
        if len(named) == MOST_NAMES:
            return


def _pins(points: Sequence[tuple[str, Point]], window: Window) -> Iterator[Pin]:
    """Yield the pins; what would cover another one steps aside."""
    taken: list[Point] = []
    for label, (lat, lon) in points:
        x, y = window.pixel(lat, lon)
        if not (0 <= x <= WIDTH and 0 <= y <= HEIGHT):
            continue
        spots = ((x + PIN * dx, y + PIN * dy) for dx, dy in _aside())
        spot = next((one for one in spots if all(math.dist(one, other) >= PIN for other in taken)), (x, y))
        taken.append(spot)
        yield Pin(label, round(spot[0]), round(spot[1]))


def _aside() -> Iterator[Point]:
    yield 0.0, 0.0
    for ring in (1, 2, 3):
        for part in range(6 * ring):
            turn = math.tau * part / (6 * ring)
            yield ring * math.cos(turn), ring * math.sin(turn)

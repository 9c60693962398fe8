"""Where is it, drawn from the town's own layers? Values for a small picture that no third party serves.

Only pure arithmetic: outlines and a point come in, paths in picture units come out; the template draws
them. The picture is always the same size and shows ``ACROSS`` metres from its left edge to its right.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import NamedTuple, Protocol

WIDTH, HEIGHT = 640, 400  # picture units; the page scales them to its width
ACROSS = 700.0  # metres: wide enough to hold the next crossing, close enough to tell two houses apart
EDGE = 40  # picture units drawn beyond the frame, so that a thick line does not end in sight
METRES_PER_DEGREE = 111_320.0
MOST_LABELS = 6
LETTER = 11.0  # picture units: about the width of one letter of a road's name, as large as on a phone
SCALE_WIDTH, SCALE_HEIGHT = 300, 44  # the corner at the lower left that belongs to the scale
APART = 46  # picture units between two names
ABOVE = 15  # picture units from a road to the middle of its name's letters
PIN_HEAD, PIN_ROOM = 28, 28  # picture units: how high its head stands, and how far from it letters keep
SPOTS = (0.5, 0.3, 0.7, 0.2, 0.8)  # of a straight part of a road: where its name is tried

Pixel = tuple[float, float]


class Outline(Protocol):
    """Something to draw, as ``routing.layers`` gives it: longitude before latitude."""

    @property
    def kind(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def owner(self) -> str: ...
    @property
    def coordinates(self) -> tuple[tuple[float, float], ...]: ...


class Line(NamedTuple):
    """``kind`` is boundary, area, road or "road other" (not the town's); ``path`` an SVG path."""

    kind: str
    path: str


class Label(NamedTuple):
    """A road's name, turned along the road. Picture units and degrees."""

    text: str
    x: float
    y: float
    turn: float


class Dot(NamedTuple):
    name: str
    x: float
    y: float


@dataclass(frozen=True)
class Drawing:
    """The picture: lines first, then assets and names; the place itself is always its middle."""

    lines: tuple[Line, ...]
    dots: tuple[Dot, ...]
    labels: tuple[Label, ...]
    width: int = WIDTH
    height: int = HEIGHT
    hundred_metres: float = WIDTH / ACROSS * 100
    """How long 100 metres are in picture units, for the scale."""


@dataclass(frozen=True)
class Window:
    """The part of the world in the picture."""

    lat: float
    lon: float

    def pixel(self, lon: float, lat: float) -> Pixel:
        """Return where a point stands in the picture; north is up."""
        scale = WIDTH / ACROSS * METRES_PER_DEGREE
        east = (lon - self.lon) * math.cos(math.radians(self.lat))
        return WIDTH / 2 + east * scale, HEIGHT / 2 - (lat - self.lat) * scale

    def runs(self, coordinates: Sequence[tuple[float, float]]) -> Iterator[list[Pixel]]:
        """Yield the stretches of a line that touch the picture."""
        run: list[Pixel] = []
        pixels = [self.pixel(lon, lat) for lon, lat in coordinates]
        for start, end in pairwise(pixels):
            if _touches(start, end):
                run = run or [start]
                run.append(end)
            elif run:
                yield run
                run = []
        if run:
            yield run


def draw(outlines: Iterable[Outline], lat: float, lon: float, *, town: str = "town") -> Drawing:
    """Return the picture around a point; roads whose owner is not ``town`` are marked as another's."""
    window = Window(lat, lon)
    lines: list[Line] = []
    dots: list[Dot] = []
    stretches: list[tuple[float, str, Pixel, Pixel]] = []
    for outline in outlines:
        if outline.kind == "asset":
            x, y = window.pixel(*outline.coordinates[0])
            if _is_inside(x, y):
                dots.append(Dot(outline.name, round(x), round(y)))
            continue
        for run in window.runs(outline.coordinates):
            lines.append(Line(_kind(outline, town), _path(run)))
            if outline.kind == "road" and outline.name:
                stretches += _stretches(outline.name, run)
    order = {"area": 0, "boundary": 1}
    lines.sort(key=lambda line: order.get(line.kind, 2))
    return Drawing(tuple(lines), tuple(dots), tuple(_labels(stretches)))


def _kind(outline: Outline, town: str) -> str:
    return "road other" if outline.kind == "road" and outline.owner != town else outline.kind


def _touches(start: Pixel, end: Pixel) -> bool:
    (x1, y1), (x2, y2) = start, end
    is_beside = max(x1, x2) < -EDGE or min(x1, x2) > WIDTH + EDGE
    is_above = max(y1, y2) < -EDGE or min(y1, y2) > HEIGHT + EDGE
    return not (is_beside or is_above)


def _is_inside(x: float, y: float) -> bool:
    return 0 <= x <= WIDTH and 0 <= y <= HEIGHT


def _path(run: Sequence[Pixel]) -> str:
    points = [point for point, _same in groupby((round(x), round(y)) for x, y in run)]
    return "M" + "L".join(f"{x} {y}" for x, y in (points if len(points) > 1 else points * 2))


def _stretches(name: str, run: Sequence[Pixel]) -> Iterator[tuple[float, str, Pixel, Pixel]]:
    """Yield the straight parts of a road whose middle is in the picture, with their length."""
    for (x1, y1), (x2, y2) in pairwise(run):
        start, end = _cut(x1, y1, x2, y2), _cut(x2, y2, x1, y1)
        length = math.dist(start, end)
        if length > 0:
            yield length, name, start, end


def _cut(x: float, y: float, towards_x: float, towards_y: float) -> Pixel:
    """Return the point moved along its line until it stands in the picture."""
    share = 0.0
    for at, other, limit in ((x, towards_x, WIDTH), (y, towards_y, HEIGHT)):
        if at < 0 < other - at:
            share = max(share, -at / (other - at))
        elif at > limit and other < at:
            share = max(share, (at - limit) / (at - other))
    share = min(share, 1.0)
    return x + (towards_x - x) * share, y + (towards_y - y) * share


def _labels(stretches: list[tuple[float, str, Pixel, Pixel]]) -> Iterator[Label]:
    """Yield one name per road, along its longest straight part, unless it would cover another or the pin."""
    taken: list[Pixel] = [(WIDTH / 2, HEIGHT / 2)]
    named: set[str] = set()
    for length, name, (x1, y1), (x2, y2) in sorted(stretches, key=lambda part: -part[0]):
        if name in named or length < 30:
            continue
        turn = math.degrees(math.atan2(y2 - y1, x2 - x1))
        turn = turn - 180 if turn > 90 else turn + 180 if turn < -90 else turn
        tried = ((x1 + (x2 - x1) * share, y1 + (y2 - y1) * share) for share in SPOTS)
        spots = (spot for spot in tried if not _is_on_the_pin(name, *spot, turn))
        x, y = next(spots, (WIDTH / 2, HEIGHT / 2))
        if any(math.dist((x, y), spot) < APART for spot in taken) or not _fits(name, x, y, turn):
            continue
        named.add(name)
        taken.append((x, y))
        yield Label(name, round(x), round(y), round(turn))
        if len(named) == MOST_LABELS:
            return


def _is_on_the_pin(name: str, x: float, y: float, turn: float) -> bool:
    """Whether some letter of a name, which stands above its road, would lie under the pin."""
    half, lean = len(name) * LETTER / 2, math.radians(turn)
    steps = range(-len(name), len(name) + 1)
    letters = (
        (
            x + half * step / len(name) * math.cos(lean) + ABOVE * math.sin(lean),
            y + half * step / len(name) * math.sin(lean) - ABOVE * math.cos(lean),
        )
        for step in steps
    )
    # The pin as an upright stroke from its point to its head.
    return any(
        math.hypot(east - WIDTH / 2, south - min(max(south, HEIGHT / 2 - PIN_HEAD), HEIGHT / 2)) < PIN_ROOM
        for east, south in letters
    )


def _fits(name: str, x: float, y: float, turn: float) -> bool:
    half = len(name) * LETTER / 2
    along, across = abs(math.cos(math.radians(turn))) * half, abs(math.sin(math.radians(turn))) * half
    is_on_the_scale = y + across > HEIGHT - SCALE_HEIGHT and x - along < SCALE_WIDTH
    return along <= x <= WIDTH - along and across <= y <= HEIGHT - across and not is_on_the_scale

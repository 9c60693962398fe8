"""Where do requests come from? Hexagons over the town's own boundary and roads, as SVG."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import cos, radians

from markupsafe import Markup

from figures.hexagons import Grid
from figures.shapes import HotSpot
from reports.charts import GRID, INK, MAIN, PALE, label, number, svg
from reports.ground import Ground, Line

WIDTH, TALLEST = 680.0, 300.0
EDGE = 8.0
LETTERS = "ABCDEFGH"
"""Marks in the fullest cells, as they stand in the table."""
SHADES = (0.22, 0.45, 0.72, 1.0)
"""How strong the colour is; each step is seen in grey as well."""

_Place = Callable[[float, float], tuple[float, float]]


def hexagons(spots: Sequence[HotSpot], grid: Grid, ground: Ground, *, title: str) -> Markup:
    """Draw the cells, the fullest ones with their letters; empty where there is nothing to draw on."""
    box = ground.box
    if box is None or not spots:
        return Markup("")
    place, height = _placed(box)
    steps = steps_of(spots)
    parts = [_lines(ground.roads, place, GRID, 1.0), _lines(ground.wards, place, PALE, 1.0, dash="2 3")]
    parts += [_cell(spot, grid, place, SHADES[_shade(spot.count, steps)]) for spot in reversed(spots)]
    parts.append(_lines(ground.boundary, place, INK, 1.6))
    for letter, spot in zip(LETTERS, spots, strict=False):
        x, y = place(spot.lon, spot.lat)
        dark = SHADES[_shade(spot.count, steps)] > 0.5
        parts.append(label(x, y + 4.5, letter, "middle", "#ffffff" if dark else INK, weight=700, size=13))
    return svg(WIDTH, height, title, parts)


def steps_of(spots: Sequence[HotSpot]) -> tuple[int, ...]:
    """Return the smallest count of each shade, at most four of them.

    >>> steps_of([HotSpot(0, 0, count, "") for count in (40, 5)])
    (5, 14, 23, 32)
    """
    low, high = min(spot.count for spot in spots), max(spot.count for spot in spots)
    wide = max(1, -(-(high - low + 1) // len(SHADES)))
    return tuple(low + wide * step for step in range(len(SHADES)) if low + wide * step <= high)


def _shade(count: int, steps: Sequence[int]) -> int:
    at = max(index for index, least in enumerate(steps) if count >= least)
    # Fewer shades than four begin with the strongest.
    return at + len(SHADES) - len(steps)


def swatch(index: int, of: int) -> Markup:
    """Draw one shade for the legend; its words stand beside it."""
    return Markup('<span class="swatch shade-{}"></span>').format(index + len(SHADES) - of)


def _placed(box: tuple[float, float, float, float]) -> tuple[_Place, float]:
    west, south, east, north = box
    flat = cos(radians((south + north) / 2))
    wide, high = max((east - west) * flat, 1e-6), max(north - south, 1e-6)
    scale = min((WIDTH - 2 * EDGE) / wide, (TALLEST - 2 * EDGE) / high)
    left = (WIDTH - wide * scale) / 2

    def place(lon: float, lat: float) -> tuple[float, float]:
        return left + (lon - west) * flat * scale, EDGE + (north - lat) * scale

    return place, high * scale + 2 * EDGE


def _cell(spot: HotSpot, grid: Grid, place: _Place, strength: float) -> Markup:
    corners = (place(lon, lat) for lat, lon in grid.corners((spot.column, spot.row)))
    points = " ".join(f"{number(x)},{number(y)}" for x, y in corners)
    return Markup('<polygon points="{}" fill="{}" fill-opacity="{}" stroke="{}" stroke-width="0.8"/>').format(
        points, MAIN, number(strength), MAIN
    )


def _lines(lines: Sequence[Line], place: _Place, colour: str, thick: float, dash: str = "") -> Markup:
    if not lines:
        return Markup("")
    ways = []
    for line in lines:
        spots = [place(lon, lat) for lon, lat in line]
        ways.append("M" + " ".join(f"{x:.1f} {y:.1f}" for x, y in spots))
    dashed = Markup(' stroke-dasharray="{}"').format(dash) if dash else Markup("")
    return Markup(
        '<path d="{}" fill="none" stroke="{}" stroke-width="{}" stroke-linejoin="round"{}/>'
    ).format("".join(ways), colour, number(thick), dashed)

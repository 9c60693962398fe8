"""How does it look? Values in, SVG out: line with last year, bars, dumbbell, sparkline.

Drawn by ourselves because charting libraries draw wrong in WeasyPrint or weigh a hundred megabytes.
Every chart opens with a ``<title>``: the one sentence that says what is to be seen, made from the same
numbers, which a screen reader reads instead. Nothing is told by colour alone: lines differ in dash and
marks in shape, and the document prints a table of the same numbers beside each chart.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from babel.numbers import format_decimal
from flask_babel import get_locale
from flask_babel import gettext as _
from markupsafe import Markup, escape

INK = "#22303a"
SOFT = "#5c6b76"
GRID = "#dfe5ea"
PALE = "#9aa9b5"
MAIN = "#1f5f8b"
FACE = "Source Sans Pro, Source Sans 3, Segoe UI, Helvetica, Arial, sans-serif"

_Scale = Callable[[float], float]


@dataclass(frozen=True)
class Point:
    """A label under the axis and a value; None where nothing is known."""

    label: str
    value: float | None
    words: str = ""
    """What stands in place of a number that is not told; its length is not drawn either."""


@dataclass(frozen=True)
class Range:
    """A count that is expected, what it lies between, and what came (None where that is not known yet)."""

    label: str
    middle: float
    low: float
    high: float
    actual: float | None = None


@dataclass(frozen=True)
class Dumbbell:
    """Half and nine in ten of a service in days; ``is_open_ended`` when nine in ten is "more than"."""

    label: str
    half: float | None
    ninety: float | None
    promised: float | None
    is_open_ended: bool = False


def line(
    points: Sequence[Point], before: Sequence[float | None], *, title: str, names: tuple[str, str]
) -> Markup:
    """Draw a line over the months and, dashed, the same months one year earlier.

    ``names`` are the words at the end of the two lines.
    """
    width, height, left, right, top, bottom = 680, 205, 34, 96, 10, 28
    highest = max(
        [value for value in (*(point.value for point in points), *before) if value is not None], default=0
    )
    ticks = _ticks(highest)
    across = [left + index * (width - left - right) / max(1, len(points) - 1) for index in range(len(points))]

    def up(value: float) -> float:
        return height - bottom - value / ticks[-1] * (height - top - bottom)

    parts = [
        _rule(left, width - right, up(tick)) + label(left - 6, up(tick) + 3.5, _short(tick), "end")
        for tick in ticks
    ]
    parts += [label(x, height - 8, point.label, "middle") for x, point in zip(across, points, strict=True)]
    earlier = [(x, up(value)) for x, value in zip(across, before, strict=True) if value is not None]
    now = [(x, up(point.value)) for x, point in zip(across, points, strict=True) if point.value is not None]
    ends = _apart([pair[-1][1] for pair in (now, earlier) if pair])
    if earlier:
        parts.append(_path(earlier, PALE, 1.6, dash="5 4"))
        parts.append(label(earlier[-1][0] + 10, ends[-1] + 4, names[1], "start", SOFT, size=12))
    if now:
        parts.append(_path(now, MAIN, 2.4))
        parts += [_dot(x, y, 2.6, MAIN) for x, y in now[:-1]] + [_dot(*now[-1], 4.5, MAIN)]
        parts.append(label(now[-1][0] + 10, ends[0] + 4, names[0], "start", MAIN, weight=700, size=12))
    return svg(width, height, title, parts)


def bars(points: Sequence[Point], *, title: str, marked: Sequence[int] = (), row: int = 24) -> Markup:
    """Draw one horizontal bar per point with its number; ``marked`` ones are hatched as well as darker."""
    width, left, thick = 680, 128, row - 8
    highest = max([point.value or 0 for point in points if not point.words], default=0) or 1
    parts = [_hatch()] if marked else []
    for index, point in enumerate(points):
        y = index * row + 3
        value = 0 if point.words else point.value or 0
        long = max(1.5, value / highest * (width - left - 60))
        parts.append(label(left - 10, y + thick / 2 + 4.5, point.label, "end", INK, size=12.5))
        parts.append(_bar(left, y, long, thick, MAIN))
        if index in marked and value:
            parts.append(_bar(left, y, long, thick, "url(#hatch)"))
        said = point.words or _short(value)
        parts.append(label(left + long + 7, y + thick / 2 + 4.5, said, "start", INK, weight=600, size=12.5))
    return svg(width, row * len(points) + 2, title, parts)


def ranges(rows: Sequence[Range], *, title: str) -> Markup:
    """Draw what was expected (bar, its middle upright) and what came (dot), one line each."""
    width, row, left, right, top = 680, 27, 190, 40, 24
    ticks = _ticks(max([value for one in rows for value in (one.high, one.actual or 0)], default=1))
    height = top + row * len(rows) + 4

    def across(value: float) -> float:
        return left + value / ticks[-1] * (width - left - right)

    parts = [_upright(across(tick), top - 5, height - 4, GRID, 1) for tick in ticks]
    parts += [label(across(tick), 12, _short(tick), "middle") for tick in ticks]
    for index, one in enumerate(rows):
        y = top + index * row + row / 2
        parts.append(label(left - 12, y + 4, one.label, "end", INK, size=12.5))
        parts.append(_bar(across(one.low), y - 7, max(2, across(one.high) - across(one.low)), 14, PALE))
        parts.append(_upright(across(one.middle), y - 11, y + 11, INK, 2.4))
        if one.actual is not None:
            parts.append(_dot(across(one.actual), y, 5.5, MAIN))
    return svg(width, height, title, parts)


def dumbbells(rows: Sequence[Dumbbell], *, title: str) -> Markup:
    """Draw half (dot), nine in ten (ring) and the promise (upright bar) in days, one line a service."""
    width, row, left, right, top = 680, 16, 220, 24, 26
    # A "more than" of two years would squeeze everything else flat; it gets an arrow at the edge instead.
    told = [value for entry in rows for value in (entry.half, _reached(entry), entry.promised) if value]
    ticks = _ticks(max(told, default=1))
    height = top + row * len(rows) + 4

    def across(value: float) -> float:
        return left + min(value / ticks[-1], 1) * (width - left - right)

    parts = [_upright(across(tick), top - 5, height - 4, GRID, 1) for tick in ticks]
    parts += [label(across(tick), 12, _short(tick), "middle") for tick in ticks]
    parts.append(label(left - 12, 12, _("days"), "end"))
    for index, entry in enumerate(rows):
        y = top + index * row + row / 2
        parts.append(label(left - 12, y + 4, _shortened(entry.label, 36), "end", INK, size=12.5))
        parts += _dumbbell(entry, y, across)
    return svg(width, height, title, parts)


def _reached(entry: Dumbbell) -> float | None:
    return None if entry.is_open_ended else entry.ninety


def _dumbbell(entry: Dumbbell, y: float, across: _Scale) -> list[Markup]:
    parts = []
    if entry.half is not None and entry.ninety is not None:
        parts.append(_path([(across(entry.half), y), (across(entry.ninety), y)], PALE, 2.4))
    if entry.promised is not None:
        parts.append(_upright(across(entry.promised), y - 6.5, y + 6.5, INK, 2.4))
    if entry.ninety is not None:
        x = across(entry.ninety)
        parts.append(_arrow(x, y) if entry.is_open_ended else _ring(x, y))
    if entry.half is not None:
        parts.append(_dot(across(entry.half), y, 4.6, MAIN))
    return parts


def sparkline(values: Sequence[float | None], *, title: str) -> Markup:
    """Draw months as a small line without axis or words; nothing for fewer than two known months."""
    width, height, edge = 170, 30, 4
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return Markup("")
    low, high = min(known), max(known)
    spread = (high - low) or 1
    spots = [
        (
            edge + index * (width - 2 * edge) / (len(values) - 1),
            height - edge - (value - low) / spread * (height - 2 * edge),
        )
        for index, value in enumerate(values)
        if value is not None
    ]
    return svg(width, height, title, [_path(spots, PALE, 1.5), _dot(*spots[-1], 3, MAIN)])


def _ticks(highest: float) -> list[float]:
    """Return round numbers from nought to at least the highest, four or five of them."""
    step = max(highest, 1) / 4
    magnitude = 10 ** floor(log10(step))
    step = next(size * magnitude for size in (1, 2, 2.5, 5, 10) if size * magnitude >= step)
    step = max(1.0, float(step))
    return [index * step for index in range(ceil(max(highest, 1) / step) + 1)]


def _apart(heights: Sequence[float], gap: float = 14) -> list[float]:
    """Move two labels away from each other where their lines end close together."""
    if len(heights) < 2 or abs(heights[0] - heights[1]) >= gap:
        return list(heights)
    middle = sum(heights) / 2
    sign = -1 if heights[0] <= heights[1] else 1
    return [middle + sign * gap / 2, middle - sign * gap / 2]


def _short(value: float) -> str:
    pattern = "#,##0" if float(value).is_integer() else "#,##0.0"
    return str(format_decimal(value, format=pattern, locale=get_locale() or "en"))


def _shortened(words: str, longest: int) -> str:
    return words if len(words) <= longest else words[: longest - 1].rstrip() + "…"


def svg(width: float, height: float, title: str, parts: Sequence[Markup]) -> Markup:
    # In a PDF the <title> becomes the picture's alternative text; "aria-label" would be ignored.
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}" width="{}" height="{}" role="img">'
        "<title>{}</title>{}</svg>"
    ).format(number(width), number(height), number(width), number(height), title, Markup("").join(parts))


def number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def label(
    x: float, y: float, words: str, anchor: str, colour: str = SOFT, *, weight: int = 400, size: float = 11.5
) -> Markup:
    return Markup(
        '<text x="{}" y="{}" text-anchor="{}" fill="{}" '
        'font-family="{}" font-size="{}" font-weight="{}">{}</text>'
    ).format(number(x), number(y), anchor, colour, FACE, number(size), weight, escape(words))


def _path(spots: Sequence[tuple[float, float]], colour: str, thick: float, dash: str = "") -> Markup:
    way = "M" + " L".join(f"{number(x)} {number(y)}" for x, y in spots)
    dashed = Markup(' stroke-dasharray="{}"').format(dash) if dash else Markup("")
    return Markup(
        '<path d="{}" fill="none" stroke="{}" stroke-width="{}" '
        'stroke-linejoin="round" stroke-linecap="round"{}/>'
    ).format(way, colour, number(thick), dashed)


def _rule(start: float, end: float, y: float) -> Markup:
    return Markup('<path d="M{} {}H{}" stroke="{}" stroke-width="1"/>').format(
        number(start), number(y), number(end), GRID
    )


def _upright(x: float, start: float, end: float, colour: str, thick: float) -> Markup:
    return Markup('<path d="M{} {}V{}" stroke="{}" stroke-width="{}"/>').format(
        number(x), number(start), number(end), colour, number(thick)
    )


def _dot(x: float, y: float, radius: float, colour: str) -> Markup:
    return Markup('<circle cx="{}" cy="{}" r="{}" fill="{}" stroke="#ffffff" stroke-width="1"/>').format(
        number(x), number(y), number(radius), colour
    )


def _ring(x: float, y: float) -> Markup:
    return Markup('<circle cx="{}" cy="{}" r="4.2" fill="#ffffff" stroke="{}" stroke-width="2"/>').format(
        number(x), number(y), MAIN
    )


def _arrow(x: float, y: float) -> Markup:
    return Markup('<path d="M{} {}l8 5l-8 5z" fill="#ffffff" stroke="{}" stroke-width="2"/>').format(
        number(x), number(y - 5), MAIN
    )


def _bar(x: float, y: float, long: float, high: float, fill: str) -> Markup:
    return Markup('<rect x="{}" y="{}" width="{}" height="{}" fill="{}"/>').format(
        number(x), number(y), number(long), number(high), fill
    )


def _hatch() -> Markup:
    return Markup(
        '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse">'
        '<path d="M0 6L6 0" stroke="#ffffff" stroke-width="1.2"/></pattern></defs>'
    )

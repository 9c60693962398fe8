"""Which further charts does the manager see? Weekdays by hours, long labels with bars, years of cost."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from reports.charts import INK, MAIN, PALE, SOFT, label, number, svg

SHADES = (0.16, 0.36, 0.62, 1.0)
"""How strong a cell is; the number stands in it as well."""
SHORT = 14
"""Letters of a weekday's name that fit beside the grid."""


def heat(rows: Sequence[tuple[str, Sequence[int]]], hours: Sequence[str], *, title: str) -> Markup:
    """Draw a row of 24 cells for each weekday, darker and with a larger number where more came in."""
    width, left, top, high = 680.0, 92.0, 22.0, 27.0
    wide = (width - left) / 24
    highest = max((count for _name, counts in rows for count in counts), default=0) or 1
    parts = [
        label(left + wide * (hour + 0.5), 13, words, "middle", SOFT, size=10.5)
        for hour, words in enumerate(hours)
        if words
    ]
    for at, (name, counts) in enumerate(rows):
        y = top + at * high
        parts.append(label(left - 10, y + high / 2 + 4, name[:SHORT], "end", INK, size=12.5))
        for hour, count in enumerate(counts):
            parts.append(_cell(left + hour * wide, y, wide - 1.5, high - 1.5, _shade(count, highest)))
            if count:
                # White on the full shade alone: on a middling one it reads neither by day nor by night.
                ink = "#ffffff" if _shade(count, highest) > 0.8 else INK
                size = 10.5 if count < 1000 else 8.5
                parts.append(
                    label(
                        left + (hour + 0.5) * wide - 0.75,
                        y + high / 2 + 3,
                        str(count),
                        "middle",
                        ink,
                        size=size,
                    )
                )
    return svg(width, top + high * len(rows) + 1, title, parts)


def _shade(count: int, highest: int) -> float:
    return SHADES[min(len(SHADES) - 1, (count - 1) * len(SHADES) // highest)] if count else 0.0


def _cell(x: float, y: float, wide: float, high: float, strength: float) -> Markup:
    if not strength:
        return Markup(
            '<rect x="{}" y="{}" width="{}" height="{}" fill="none" stroke="#dfe5ea" stroke-width="1"/>'
        ).format(number(x + 0.5), number(y + 0.5), number(wide - 1), number(high - 1))
    return Markup('<rect x="{}" y="{}" width="{}" height="{}" fill="{}" fill-opacity="{}"/>').format(
        number(x), number(y), number(wide), number(high), MAIN, number(strength)
    )


def long_bars(rows: Sequence[tuple[str, int, str]], *, title: str, left: float = 250) -> Markup:
    """Draw a bar for each (label, value, words behind it), with room for long labels."""
    width, row, thick = 680.0, 26.0, 16.0
    highest = max((value for _label, value, _words in rows), default=0) or 1
    fits = int((left - 12) / 6.9)
    parts: list[Markup] = []
    for at, (name, value, words) in enumerate(rows):
        y = at * row + 4
        long = max(1.5, value / highest * (width - left - 90))
        said = name if len(name) <= fits else name[: fits - 1].rstrip() + "…"
        parts.append(label(left - 10, y + thick / 2 + 4.5, said, "end", INK, size=12.5))
        parts.append(
            Markup('<rect x="{}" y="{}" width="{}" height="{}" fill="{}"/>').format(
                number(left), number(y), number(long), number(thick), MAIN
            )
        )
        parts.append(label(left + long + 7, y + thick / 2 + 4.5, words, "start", INK, weight=600, size=12.5))
    return svg(width, row * len(rows) + 4, title, parts)


def pairs(
    rows: Sequence[tuple[str, int, int]], names: tuple[str, str], *, title: str, left: float = 200
) -> Markup:
    """Draw two bars a row, the second one outlined; ``names`` say what they are."""
    width, row, top = 680.0, 38.0, 24.0
    highest = max((value for _name, *values in rows for value in values), default=0) or 1
    parts = [
        _bar(left, 4, 12, MAIN),
        label(left + 18, 14, names[0], "start", SOFT, size=12),
        _outline(left + 150, 4, 12),
        label(left + 168, 14, names[1], "start", SOFT, size=12),
    ]
    for at, (name, first, second) in enumerate(rows):
        y = top + at * row
        said = name if len(name) <= 30 else name[:29].rstrip() + "…"
        parts.append(label(left - 10, y + 19, said, "end", INK, size=12.5))
        for place, value in enumerate((first, second)):
            long = max(1.5, value / highest * (width - left - 60))
            draw = _outline if place else _bar_of
            parts.append(draw(left, y + place * 15 + 2, long))
            parts.append(
                label(left + long + 7, y + place * 15 + 12, str(value), "start", INK, weight=600, size=11.5)
            )
    return svg(width, top + row * len(rows), title, parts)


def _bar_of(x: float, y: float, long: float) -> Markup:
    return _bar(x, y, long, MAIN)


def _bar(x: float, y: float, long: float, fill: str) -> Markup:
    return Markup('<rect x="{}" y="{}" width="{}" height="12" fill="{}"/>').format(
        number(x), number(y), number(long), fill
    )


def _outline(x: float, y: float, long: float) -> Markup:
    return Markup(
        '<rect x="{}" y="{}" width="{}" height="11" fill="none" stroke="{}" stroke-width="1.4"/>'
    ).format(number(x + 0.7), number(y + 0.5), number(max(1.0, long - 1.4)), PALE)

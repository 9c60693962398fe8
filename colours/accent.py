"""Which shades of the town's colour can be read, by day and by night?

The town gives one colour. It is darkened (by day) or lightened (by night) until every pair that the
stylesheet uses reaches WCAG's 4.5:1, so no town can choose itself an unreadable page.
"""

from __future__ import annotations

import re
from colorsys import hls_to_rgb, rgb_to_hls
from functools import lru_cache

Colour = tuple[int, int, int]

WHITE: Colour = (255, 255, 255)
BLACK: Colour = (0, 0, 0)
DAY_GROUNDS: tuple[Colour, ...] = (
    WHITE,
    (0xF4, 0xF5, 0xF2),  # the page
    (0xF7, 0xF8, 0xF6),  # sunk
    (0xEE, 0xF7, 0xF1),  # a notice of good news
    (0xFD, 0xF5, 0xE4),  # a warning
)
"""What a link can stand on by day; the stylesheet's tokens, which a test compares."""
NIGHT_GROUNDS: tuple[Colour, ...] = (
    (0x18, 0x1F, 0x1C),
    (0x10, 0x15, 0x13),
    (0x1E, 0x26, 0x22),
    (0x16, 0x28, 0x1E),
    (0x2D, 0x24, 0x14),
)
NIGHT_INK: Colour = (0x0D, 0x13, 0x16)
READABLE = 4.5
_HEX = re.compile(r"#?([0-9a-fA-F]{6})")


def is_colour(text: str) -> bool:
    return _HEX.fullmatch(text) is not None


def parse(text: str) -> Colour:
    """Return ``#1f5f8b`` as three numbers of 0 to 255; ``ValueError`` when it is no colour."""
    found = _HEX.fullmatch(text)
    if found is None:
        raise ValueError(f'"{text}" is not a colour: write six hexadecimal digits, as in "#14532d"')
    return int(found[1][:2], 16), int(found[1][2:4], 16), int(found[1][4:], 16)


def written(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


def written_hex(text: str) -> str:
    """Return any spelling of a colour as ``#1f5f8b``; raises ``ValueError``."""
    return written(parse(text))


def luminance(colour: Colour) -> float:
    """WCAG's relative luminance, 0 (black) to 1 (white)."""
    red, green, blue = (_linear(part / 255) for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def contrast(one: Colour, other: Colour) -> float:
    """WCAG's contrast ratio, 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def mixed(colour: Colour, other: Colour, share: float) -> Colour:
    """``share`` (0 to 1) of ``other`` in ``colour``."""
    red, green, blue = (
        round(mine * (1 - share) + theirs * share) for mine, theirs in zip(colour, other, strict=True)
    )
    return red, green, blue


def _until_readable(colour: Colour, towards: Colour, grounds: tuple[Colour, ...], tint: Colour) -> Colour:
    """Go towards black or white until it reads on every ground and on its own soft tint."""
    # The lightness alone moves, so that the hue stays the town's own and does not fade to grey.
    hue, light, strength = rgb_to_hls(*(part / 255 for part in colour))
    goal = towards[0] / 255
    for step in range(101):
        parts = hls_to_rgb(hue, light + (goal - light) * step / 100, strength)
        shade = (round(parts[0] * 255), round(parts[1] * 255), round(parts[2] * 255))
        if all(contrast(shade, ground) >= READABLE for ground in (*grounds, _soft(shade, tint))):
            return shade
    return towards


def _soft(shade: Colour, ground: Colour) -> Colour:
    return mixed(ground, shade, 0.08)


def readable(text: str) -> tuple[str, str]:
    """Return the shades that stand for a colour by day and by night, as ``#1f5f8b``."""
    day, night = _shades(parse(text))
    return written(day), written(night)


@lru_cache(maxsize=64)  # every letter asks
def _shades(colour: Colour) -> tuple[Colour, Colour]:
    return (
        _until_readable(colour, BLACK, DAY_GROUNDS, WHITE),
        _until_readable(colour, WHITE, (*NIGHT_GROUNDS, NIGHT_INK), NIGHT_GROUNDS[0]),
    )


@lru_cache(maxsize=64)
def shades(text: str) -> dict[str, Colour]:
    """Return every token that follows from the town's colour (``#rrggbb``), by its name."""
    day, night = _shades(parse(text))
    return {
        "brand": day,
        "accent": day,
        "accent-strong": mixed(day, BLACK, 0.25),
        "accent-soft": _soft(day, WHITE),
        "on-accent": WHITE,
        "night-accent": night,
        "night-strong": mixed(night, WHITE, 0.3),
        "night-soft": _soft(night, NIGHT_GROUNDS[0]),
        "night-on": NIGHT_INK,
    }


def block(text: str) -> str:
    """Return the first block of the stylesheet for the town's colour."""
    tokens = ";".join(f"--{name}:{written(shade)}" for name, shade in shades(text).items())
    return ':root,[data-theme="light"]{' + tokens + "}"

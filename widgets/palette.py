"""Which colours of the stylesheet stand on which, and can each pair be read, by day and by night?

The pairs are written down here once: the design page shows them with their contrast, and a test
holds them against the stylesheet itself, for the product's own accent and for any other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from colours import accent
from colours.accent import Colour, contrast

TEXT = 4.5
"""WCAG 1.4.3: words against what they stand on."""
PARTS = 3.0
"""WCAG 1.4.11: borders, rings and signs against what they stand on."""
SCHEMES = ("light", "dark")

_GROUNDS = ("surface", "page", "sunk")
_SOFTS = ("accent-soft", "good-soft", "warn-soft", "danger-soft")
WORDS: dict[str, tuple[str, ...]] = {
    "ink": (*_GROUNDS, *_SOFTS),
    "soft": (*_GROUNDS, *_SOFTS),
    "accent": (*_GROUNDS, "accent-soft", "good-soft", "warn-soft"),
    "accent-strong": (*_GROUNDS, "accent-soft", "good-soft", "warn-soft"),
    "on-accent": ("accent", "accent-strong"),
    "danger": (*_GROUNDS, "danger-soft"),
    "good": (*_GROUNDS, "good-soft"),
    "warn": (*_GROUNDS, "warn-soft"),
    "surface": ("danger", "accent"),
    "white": ("brand", "alarm"),
}
"""Colour of words -> what they may stand on."""
SIGNS: dict[str, tuple[str, ...]] = {
    "edge": (*_GROUNDS, "accent-soft"),
    "accent": (*_GROUNDS, "accent-soft"),
    "alarm": ("surface",),
    "danger": (*_GROUNDS, "danger-soft"),
    "good": (*_GROUNDS, "good-soft"),
    "warn": (*_GROUNDS, "warn-soft"),
    "white": ("brand",),
}
"""Colour of borders, focus rings and signs -> what they stand on."""
_BLOCK = re.compile(r"color-scheme: (light|dark);([^}]*)\}")
_TOKEN = re.compile(r"--([a-z-]+): (#[0-9a-f]{6}|#[0-9a-f]{3});")


@dataclass(frozen=True)
class Pair:
    """One colour on another. ``least`` is the contrast WCAG asks for, ``has`` what there is (1 to 21)."""

    front: str
    ground: str
    least: float
    has: float

    @property
    def is_readable(self) -> bool:
        return self.has >= self.least


@lru_cache(maxsize=4)
def own_colours(sheet: Path) -> tuple[tuple[str, dict[str, Colour]], ...]:
    """Return each block of colours in the stylesheet: (light or dark, token -> colour)."""
    blocks = _BLOCK.findall(sheet.read_text(encoding="utf-8"))
    found = (
        (scheme, {name: _full(value) for name, value in _TOKEN.findall(body)}) for scheme, body in blocks
    )
    return tuple((scheme, tokens) for scheme, tokens in found if tokens)


def _full(value: str) -> Colour:
    return accent.parse(value if len(value) == 7 else "#" + "".join(digit * 2 for digit in value[1:]))


def colours(sheet: Path, scheme: str, town: str) -> dict[str, Colour]:
    """Return every colour of the scheme for the town's accent (``#rrggbb``), by the token's name."""
    own = next(tokens for name, tokens in own_colours(sheet) if name == scheme)
    shades = accent.shades(town)
    night = {"accent": "night-accent", "accent-strong": "night-strong"}
    night |= {"accent-soft": "night-soft", "on-accent": "night-on"}
    names = night if scheme == "dark" else {name: name for name in night}
    mine = {name: shades[source] for name, source in names.items()}
    return {"white": accent.WHITE, "brand": shades["brand"]} | own | mine


def pairs(sheet: Path, scheme: str, town: str) -> list[Pair]:
    """Return every pair that the stylesheet may use, with its contrast."""
    known = colours(sheet, scheme, town)
    return [
        Pair(front, ground, least, contrast(known[front], known[ground]))
        for kind, least in ((WORDS, TEXT), (SIGNS, PARTS))
        for front, grounds in kind.items()
        for ground in grounds
    ]

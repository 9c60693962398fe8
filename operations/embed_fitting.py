"""How large may the words of a sheet be so that all of them stand on it, in every language?

Estimated before printing, on the generous side: a line too many leaves a little white, a line too few
would cut off the telephone. The heading shrinks first, then all words together; nothing is left out.
"""

from __future__ import annotations

from dataclasses import dataclass

HEIGHTS = {"letter": 279.4, "a4": 297.0}
"""Millimetres of a page. Widths are those of A4, the narrower one."""
POINTS = 72 / 25.4
"""In a millimetre."""
HEADINGS = {"poster": 50.0, "card": 36.0, "stickers": 10.5}
"""Points of a heading that is short enough."""
SHARES = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3)
FINE = tuple(share / 50 for share in range(50, 14, -1))
"""A heading shrinks in small steps: it is the largest that there is room for, as nearly as can be told."""


@dataclass(frozen=True)
class Said:
    """The words of one sheet, card or sticker."""

    town: str
    heading: str
    call: str
    number: str
    address: str
    contacts: tuple[str, ...]


@dataclass(frozen=True)
class Fit:
    """``heading`` in points; ``words`` is what all other sizes are multiplied with."""

    heading: float
    words: float


def fit(kind: str, size: str, said: Said) -> Fit:
    """Return the largest type with which everything stands there, else the smallest."""
    full, needed = HEADINGS[kind], {"poster": _poster, "card": _card, "stickers": _sticker}[kind]
    room = {"poster": HEIGHTS[size], "card": HEIGHTS[size] / 2, "stickers": 63.0}[kind] - 1
    for words in SHARES:
        for share in FINE:
            if needed(said, full * share, words) <= room:
                return Fit(round(full * share, 1), words)
    return Fit(round(full * FINE[-1], 1), SHARES[-1])


def _poster(said: Said, heading: float, words: float) -> float:
    return (
        26 + _tall(said.town, 21 * words, 170)
        + 14 + _tall(said.heading, heading, 174, 1.08)
        + 5 + _tall(said.call, 19 * words, 162)
        + 118 + _tall(said.number, 18 * words, 210)
        + 8 + _tall(said.address, 20 * words, 174)
        + 8 + sum(_tall(one, 17 * words, 160) for one in said.contacts)
    )  # fmt: skip


def _card(said: Said, heading: float, words: float) -> float:
    beside = (
        _tall(said.heading, heading, 102, 1.08) + 4
        + _tall(said.call, 16 * words, 102) + 3
        + _tall(said.number, 14.5 * words, 102)
    )  # fmt: skip
    below = _tall(said.address, 14.5 * words, 182) + sum(
        _tall(one, 14 * words, 182, 1.4) for one in said.contacts
    )
    return 9 + _tall(said.town, 16 * words, 182) + 13 + max(beside, 72) + 4 + below


def _sticker(said: Said, heading: float, words: float) -> float:
    return (
        6 + 36 + _tall(said.heading, heading, 57, 1.15)
        + _tall(said.number, 11 * words, 57)
        + _tall(said.address, 7 * words, 57, 1.2)
        + _tall(f"{said.town} · {said.contacts[0]}", 7.5 * words, 57)
    )  # fmt: skip


def _tall(text: str, size: float, width: float, leading: float = 1.35) -> float:
    """Return the millimetres that a text takes: ``size`` in points, lines of ``width`` millimetres."""
    return _lines(text, width * POINTS / size) * size * leading / POINTS


def _lines(text: str, width: float) -> int:
    """Return how many lines of ``width`` times the type's size a text takes; a long word is broken."""
    lines, left = 0, 0.0
    for word in text.split():
        wide = sum(_wide(letter) for letter in word)
        if wide + 0.3 <= left:
            left -= wide + 0.3
            continue
        more = max(1, -int(-wide // width))
        lines, left = lines + more, more * width - wide
    return lines


def _wide(letter: str) -> float:
    if letter in "MW@%mw" or ord(letter) > 0x2E80:
        return 1.0
    return 0.7 if letter.isupper() else 0.57

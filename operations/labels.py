"""Which names fit on the map? Each stands along its road and covers no other.

The first few are chosen so that they also fit in letters as large as a phone needs; the rest show on
wide screens only.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from operations.drawing import Picture, Strand
from operations.window import HEIGHT, WIDTH

LARGE, SMALL = 25.0, 13.0
"""Units: the width of a letter on a phone and on a wide screen."""
MOST_LARGE, MOST = 6, 18
SCALE = (0, HEIGHT - 110, 520, HEIGHT)
"""The corner at the lower left that belongs to the scale."""
Box = tuple[float, float, float, float]


class Label(NamedTuple):
    """A name in units and degrees; ``kind`` is road or area, ``is_small`` for wide screens only."""

    text: str
    kind: str
    x: int
    y: int
    turn: int
    is_small: bool


@dataclass
class _Sky:
    """What is covered already: spots with the room they need."""

    spots: list[tuple[float, float, float]] = field(default_factory=list)

    def take(self, text: str, x: float, y: float, turn: float, letter: float) -> bool:
        """Take the room of a label, unless it is taken or out of the picture."""
        half = len(text) * letter / 2
        dx, dy = math.cos(math.radians(turn)), math.sin(math.radians(turn))
        count = max(2, round(half / letter))
        along = [half * (2 * step / count - 1) for step in range(count + 1)]
        wanted = [(x + dx * way, y + dy * way, letter * 1.3) for way in along]
        if not all(self._is_free(*spot) for spot in wanted):
            return False
        self.spots += wanted
        return True

    def _is_free(self, x: float, y: float, room: float) -> bool:
        if not (room < x < WIDTH - room and room < y < HEIGHT - room):
            return False
        left, top, right, bottom = SCALE
        if left <= x <= right and top - room <= y <= bottom:
            return False
        return all(math.hypot(x - one, y - other) > room + taken for one, other, taken in self.spots)


def labels(
    picture: Picture, said: Callable[[Strand], str], pin: tuple[int, int] | None = None
) -> tuple[Label, ...]:
    """Return the names that fit; ``said`` gives the words for a road."""
    sky = _Sky()
    if pin is not None:
        sky.spots.append((pin[0], pin[1] - 40, 70))
    found: list[Label] = []
    longest = sorted(picture.strands, key=lambda strand: -strand.length)[:80]
    for letter, most in ((LARGE, MOST_LARGE), (SMALL, MOST)):
        is_small = letter == SMALL
        for name, left, top in picture.places:
            if len(found) < most and _is_new(found, name) and sky.take(name, left, top, 0, letter):
                found.append(Label(name, "area", left, top, 0, is_small))
        for strand in longest:
            text = said(strand)
            if len(found) >= most or not _is_new(found, text):
                continue
            for x, y, turn in _spots(strand):
                if strand.length > len(text) * letter * 0.7 and sky.take(text, x, y, turn, letter):
                    found.append(Label(text, "road", round(x), round(y), round(turn), is_small))
                    break
    return tuple(found)


def _is_new(found: list[Label], text: str) -> bool:
    return all(label.text != text for label in found)


def _spots(strand: Strand) -> Iterator[tuple[float, float, float]]:
    """Yield spots along a road, its middle first, each with the road's direction there."""
    steps = np.hypot(*np.diff(strand.points, axis=0).T)
    ends = np.concatenate(([0.0], np.cumsum(steps)))
    for share in (0.5, 0.35, 0.65, 0.2, 0.8):
        behind, ahead = (np.clip(share + way, 0, 1) * ends[-1] for way in (-0.08, 0.08))
        x1, y1, x2, y2 = (
            float(np.interp(way, ends, strand.points[:, axis])) for way in (behind, ahead) for axis in (0, 1)
        )
        turn = math.degrees(math.atan2(y2 - y1, x2 - x1))
        turn = turn - 180 if turn > 90 else turn + 180 if turn < -90 else turn
        yield (x1 + x2) / 2, (y1 + y2) / 2, turn

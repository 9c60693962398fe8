"""Which services and wards have left their usual range? Eight weeks beside what they would usually bring.

What is usual comes from the same weeks a year ago where they are known, moved by how much the half year
before has grown since, so that autumn leaves are no news; else from the half year before. Weeks that vary
more than chance alone make the range wider, and many lines looked at together raise the bar for all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import sqrt
from typing import NamedTuple

from figures.discovery import chance_of, discoveries
from figures.shapes import Shift

RECENT = 8
"""Weeks that are looked at."""
BASE = 26
"""Weeks before them that say what is usual."""
YEAR = 52
LONGEST = YEAR + RECENT + BASE
"""Weeks that are asked for."""
FEWEST_WEEKS = 13
"""Of the base, before anything is called unusual."""
FEWEST = 10
"""Below so many, both in the eight weeks and usually, nothing is said."""
GROWTH = (0.5, 2.0)
"""How much the year may have grown; beyond that a year ago says nothing."""
WIDE = 2.0
"""Standard deviations to either side that are called usual."""
WEEK = 7


class Usual(NamedTuple):
    """What the eight weeks would bring, how sure that is, and whether the season is in it."""

    weeks: tuple[float, ...]
    variance: float
    is_season: bool

    @property
    def sum(self) -> float:
        return sum(self.weeks)


def shifts(weeks: Mapping[tuple[str, str], Sequence[int]], next_day: int) -> tuple[Shift, ...]:
    """Return every line that can be judged, those out of their range first, then the most striking.

    ``weeks`` is (``service`` or ``ward``, name) -> counts by week, the oldest first, all of one length and
    none from before records began; the last one ends before ``next_day``.
    """
    judged = [
        (key, counts, usual, (sum(counts[-RECENT:]) - usual.sum) / sqrt(usual.variance))
        for key, counts in sorted(weeks.items())
        if (usual := usual_of(counts)) is not None and max(sum(counts[-RECENT:]), usual.sum) >= FEWEST
    ]
    found = discoveries([chance_of(z) for *_line, z in judged])
    told = [
        (abs(z), _shift(key, counts, usual, is_unusual=place in found and abs(z) > WIDE, next_day=next_day))
        for place, (key, counts, usual, z) in enumerate(judged)
    ]
    ranked = sorted(told, key=lambda one: (not one[1].is_unusual, -one[0], one[1].kind, one[1].name))
    return tuple(shift for _z, shift in ranked)


def usual_of(counts: Sequence[int]) -> Usual | None:
    """Return what the last eight weeks would usually bring; None with too few weeks before them."""
    base = counts[-RECENT - BASE : -RECENT]
    if len(base) < FEWEST_WEEKS:
        return None
    level = sum(base) / len(base)
    spread = _overdispersion(base, level)
    growth = _growth(counts)
    if growth is not None:
        then = counts[-RECENT - YEAR : -YEAR]
        expected = tuple(growth * count for count in then)
        variance = sum(expected) + growth * growth * sum(then)
        return Usual(expected, max(1.0, spread * variance), is_season=True)
    variance = RECENT * level + RECENT * RECENT * level / len(base)
    return Usual((level,) * RECENT, max(1.0, spread * variance), is_season=False)


def _growth(counts: Sequence[int]) -> float | None:
    """Return by how much the half year before has grown in a year; None where a year ago says nothing.

    Where too little is known of it a year ago, the season alone is taken from there: 1.
    """
    known = min(BASE, len(counts) - YEAR - RECENT)
    if known < 0 or sum(counts[-RECENT - YEAR : -YEAR]) < FEWEST:
        return None
    then = sum(counts[-YEAR - RECENT - known : -YEAR - RECENT]) if known else 0
    if known < FEWEST_WEEKS or then < FEWEST:
        return 1.0
    growth = sum(counts[-RECENT - known : -RECENT]) / then
    return growth if GROWTH[0] <= growth <= GROWTH[1] else None


def _overdispersion(base: Sequence[int], level: float) -> float:
    """Return how many times more the weeks vary than chance alone would have it, at least once."""
    if not level:
        return 1.0
    # From week to week, so that a slow season does not count as restlessness.
    steps = sum((after - before) ** 2 for before, after in pairwise(base))
    return max(1.0, steps / (2 * (len(base) - 1)) / level)


def _shift(
    key: tuple[str, str], counts: Sequence[int], usual: Usual, *, is_unusual: bool, next_day: int
) -> Shift:
    recent = counts[-RECENT:]
    reach = WIDE * sqrt(usual.variance)
    return Shift(
        kind=key[0],
        name=key[1],
        now=sum(recent),
        usual=round(usual.sum),
        low=max(0, round(usual.sum - reach)),
        high=round(usual.sum + reach),
        since_day=next_day - WEEK * (RECENT - began(recent, usual.sum / RECENT)),
        is_season=usual.is_season,
        is_unusual=is_unusual,
    )


def began(recent: Sequence[int], usual: float) -> int:
    """Return with which week it began: from there on the differences, summed up (CUSUM), weigh most."""
    sign = 1 if sum(recent) >= usual * len(recent) else -1

    def weight(first: int) -> float:
        tail = recent[first:]
        return sign * (sum(tail) - usual * len(tail)) / sqrt(len(tail))

    return max(range(len(recent)), key=weight)

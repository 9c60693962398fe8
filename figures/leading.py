"""Does one service go before another? A search that finds nothing in noise, with what it found tried again.

"Garbage predicts rats" is easily found: two things that rise every summer go together at every delay. So
season, trend and each service's own inertia are taken out of the weeks first; of all pairs and delays looked
at together only those count that stand out by the rule of Benjamini and Hochberg; and each of these must
hold once more in the last third of the weeks, of which nothing was looked at before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import cos, pi, sin, sqrt
from typing import NamedTuple

from figures.discovery import chance_of, discoveries
from figures.shapes import Lead

FEWEST_WEEKS = 156
"""Three years: two to look at, one to try it on."""
LONGEST = 312
DELAYS = range(1, 9)
"""Weeks by which one may go before the other."""
RATE = 0.01
ONE_SIDED = 1.645
"""Standard deviations that one in twenty exceeds by chance, in the direction that was seen before."""
FEWEST = 2.0
"""Requests a week; with fewer a week tells nothing."""
YEAR = 52.1775
HARMONICS = 3
OWN = 2
"""Weeks of its own past that a service is freed of."""


class Pair(NamedTuple):
    """One service, another one, and by how many weeks the first may go before."""

    first: str
    then: str
    delay: int


def leads(weeks: Mapping[str, Sequence[int]]) -> tuple[Lead, ...] | None:
    """Return what went before what and held when tried again; None with under three years of weeks.

    ``weeks`` is service -> counts by week, the oldest first, all of one length.
    """
    length = min(map(len, weeks.values()), default=0)
    if length < FEWEST_WEEKS:
        return None
    cut = length * 2 // 3
    busy = {name: counts for name, counts in weeks.items() if sum(counts[:cut]) >= FEWEST * cut}
    bare = {name: without_past(counts, cut) for name, counts in sorted(busy.items())}
    pairs = [Pair(one, two, delay) for one in bare for two in bare if one != two for delay in DELAYS]
    seen = [together(bare[one], bare[two], delay, 0, cut) for one, two, delay in pairs]
    found = discoveries([chance_of(z) for _r, z in seen], RATE)
    told = []
    for place in sorted(found):
        pair, (r, _z) = pairs[place], seen[place]
        again, z = together(bare[pair.first], bare[pair.then], pair.delay, cut, length)
        if again * r > 0 and abs(z) > ONE_SIDED:
            told.append(Lead(pair.first, pair.then, pair.delay, round(r, 3), round(again, 3), len(pairs)))
    return tuple(sorted(told, key=lambda one: (-abs(one.again), one.first, one.then, one.weeks)))


def together(
    one: Sequence[float], two: Sequence[float], delay: int, start: int, end: int
) -> tuple[float, float]:
    """Return the correlation of one with the other so many weeks later, and in standard deviations."""
    first, then = one[start : end - delay], two[start + delay : end]
    count = len(first)
    mean_one, mean_two = sum(first) / count, sum(then) / count
    shared = sum((a - mean_one) * (b - mean_two) for a, b in zip(first, then, strict=True))
    spread = sqrt(sum((a - mean_one) ** 2 for a in first) * sum((b - mean_two) ** 2 for b in then))
    r = shared / spread if spread else 0.0
    return r, r * sqrt(count)


def without_past(counts: Sequence[int], cut: int) -> list[float]:
    """Return the weeks without trend, season and inertia, all three as the weeks before ``cut`` have them."""
    # Square roots of counts vary by chance alike, whether they are large or small.
    roots = [2 * sqrt(count + 3 / 8) for count in counts]
    terms = [_terms(week) for week in range(len(roots))]
    shares = solved(terms[:cut], roots[:cut])
    calm = [root - sum(map(float.__mul__, shares, row)) for root, row in zip(roots, terms, strict=True)]
    own = solved([calm[at - OWN : at] for at in range(OWN, cut)], calm[OWN:cut])
    past = [[0.0] * OWN] * OWN + [calm[at - OWN : at] for at in range(OWN, len(calm))]
    return [value - sum(map(float.__mul__, own, row)) for value, row in zip(calm, past, strict=True)]


def _terms(week: int) -> list[float]:
    turns = [2 * pi * week * times / YEAR for times in range(1, HARMONICS + 1)]
    return [1.0, week / YEAR, *map(sin, turns), *map(cos, turns)]


def solved(rows: Sequence[Sequence[float]], values: Sequence[float]) -> list[float]:
    """Return by how much each column counts, so that the rows come nearest to the values (least squares).

    >>> [round(share, 6) for share in solved([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]], [1.0, 3.0, 5.0])]
    [1.0, 2.0]
    """
    wide = len(rows[0])
    # A whisker on the diagonal, so that a column of noughts is no division by nought.
    left = [
        [sum(row[a] * row[b] for row in rows) + (1e-9 if a == b else 0.0) for b in range(wide)]
        for a in range(wide)
    ]
    right = [sum(row[a] * value for row, value in zip(rows, values, strict=True)) for a in range(wide)]
    for at in range(wide):
        best = max(range(at, wide), key=lambda row: abs(left[row][at]))
        left[at], left[best], right[at], right[best] = left[best], left[at], right[best], right[at]
        for row in range(at + 1, wide):
            share = left[row][at] / left[at][at]
            left[row] = [value - share * above for value, above in zip(left[row], left[at], strict=True)]
            right[row] -= share * right[at]
    found = [0.0] * wide
    for at in reversed(range(wide)):
        known = sum(left[at][later] * found[later] for later in range(at + 1, wide))
        found[at] = (right[at] - known) / left[at][at]
    return found

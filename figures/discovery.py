"""Of many things looked at, which ones are more than chance? The rule of Benjamini and Hochberg."""

from __future__ import annotations

from collections.abc import Sequence
from math import erfc, sqrt

RATE = 0.1
"""Of what is told as found, at most this share is false on average."""


def discoveries(chances: Sequence[float], rate: float = RATE) -> frozenset[int]:
    """Return the places of those that stand out, given how often chance alone does as much for each.

    Whoever looks at forty things finds two by chance at one in twenty; here the bar rises with the number
    of things looked at.

    >>> sorted(discoveries([0.001, 0.9, 0.04, 0.5]))
    [0]
    """
    ranked = sorted(range(len(chances)), key=lambda place: chances[place])
    kept = 0
    for rank, place in enumerate(ranked, 1):
        if chances[place] <= rate * rank / len(chances):
            kept = rank
    return frozenset(ranked[:kept])


def chance_of(z: float) -> float:
    """Return how often chance alone is at least so many standard deviations away, to either side."""
    return erfc(abs(z) / sqrt(2))

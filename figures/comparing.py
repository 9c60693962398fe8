"""Is one number really more than another? Rules that do not take chance for news."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

FEWEST = 10
"""Below this many, a share or a typical time says more about chance than about the town."""
BASE = 20
"""Below this many before, a change is told as a number, never as a percentage."""


@dataclass(frozen=True)
class Change:
    """One count beside an earlier one."""

    now: int
    before: int

    @property
    def difference(self) -> int:
        return self.now - self.before

    @property
    def is_usual(self) -> bool:
        """Whether chance alone often makes a difference as large."""
        return is_usual(self.now, self.before)

    @property
    def share(self) -> float | None:
        """The change as a fraction of what was before; None where that was under 20."""
        return self.difference / self.before if self.before >= BASE else None

    @property
    def weight(self) -> float:
        """How much it stands out, in units of chance: by this, never by percentages, changes are ranked."""
        return self.difference / sqrt(self.now + self.before) if self.now + self.before else 0.0


def is_usual(now: int, before: int) -> bool:
    """Return whether two counts differ no more than chance alone often makes them differ."""
    return abs(now - before) <= 2 * sqrt(now + before)


def increases(pairs: Iterable[tuple[str, int, int]], most: int = 5) -> tuple[tuple[str, Change], ...]:
    """Return of (name, now, before) those that grew beyond the usual, the most striking first."""
    grown = [(name, Change(now, before)) for name, now, before in pairs if now > before]
    unusual = [(name, change) for name, change in grown if not change.is_usual]
    return tuple(sorted(unusual, key=lambda one: (-one[1].weight, one[0]))[:most])


def likely_range(good: int, asked: int) -> tuple[float, float]:
    """Return the 95 % range of a share by Wilson's method, as two fractions of one."""
    z = 1.959963984540054
    share = good / asked
    middle = (share + z * z / (2 * asked)) / (1 + z * z / asked)
    reach = z * sqrt(share * (1 - share) / asked + z * z / (4 * asked * asked)) / (1 + z * z / asked)
    return max(0.0, middle - reach), min(1.0, middle + reach)

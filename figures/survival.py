"""How long until half of them, nine in ten of them, were done, when many are not done yet?

Averaging only what was finished flatters: the slow ones are still open and do not count yet (on real
data a median of 4.2 days and nine in ten within 12.5 against a true 6.2 and 30.0). So every request
open at any time in the period counts from the age it had when the period began, and leaves at its
ending or at the period's end: the Kaplan–Meier estimate with delayed entry. Ages are whole hours,
begun ones counted as full, so "within 24 hours" is never said of one that took a minute longer.

The curve is read only as far as enough are behind it. With many still open, one or two are left under watch
at an age, and one ending among them would move the curve from hardly anything to all. So those under watch
are set against the share that is not yet done: when all are seen from beginning to end, this is how many
there are, whatever the age; who is still open, passed on or was old already makes it fewer. Where it is
under ten, the curve ends, and of what it has not reached it is said alone that it takes longer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from figures.comparing import FEWEST

HOUR = 3600
ROUNDING = 1e-9


@dataclass(frozen=True)
class Wait:
    """A length of time; when not ``is_reached`` the truth is longer than ``seconds``."""

    seconds: int
    is_reached: bool = True


@dataclass
class Watch:
    """How many came under watch, and left it, at which age: everything the estimate needs."""

    entries: dict[int, int] = field(default_factory=dict)
    """Age in hours -> how many were watched from then on."""
    done: dict[int, int] = field(default_factory=dict)
    """Age in hours -> how many were finished then."""
    lost: dict[int, int] = field(default_factory=dict)
    """Age in hours -> of how many nothing is known after it: still open, passed on, withdrawn."""

    def enter(self, age: int, count: int = 1) -> None:
        self.entries[age] = self.entries.get(age, 0) + count

    def leave(self, age: int, count: int = 1, *, is_done: bool) -> None:
        side = self.done if is_done else self.lost
        side[age] = side.get(age, 0) + count

    @property
    def watched(self) -> int:
        """How many requests it is made of."""
        return sum(self.entries.values())

    def waits(self, shares: Sequence[float] = (0.5, 0.9)) -> tuple[Wait, ...] | None:
        """Return for each share how long until that share was done; None for fewer than ten.

        A share that the curve does not reach takes longer than the age up to which it could be read.

        >>> watch = Watch({0: 10}, {age: 1 for age in range(1, 11)})
        >>> [wait.seconds // 3600 for wait in watch.waits()]
        [5, 9]
        """
        if self.watched < FEWEST:
            return None
        found: dict[float, Wait] = {}
        seen, left = 0, 1.0
        for age, done, at_risk in self._ages():
            if at_risk >= (FEWEST - ROUNDING) * left:
                seen = age
            elif done:
                break  # too few to say what share of all this is
            left *= 1 - done / at_risk if done else 1
            found |= {
                share: Wait(age * HOUR)
                for share in shares
                if share not in found and left <= 1 - share + ROUNDING
            }
            if left < ROUNDING:
                break
        if not seen and len(found) < len(shares):
            return None  # "longer than nothing" says nothing
        return tuple(found.get(share, Wait(seen * HOUR, is_reached=False)) for share in shares)

    def curve(self) -> Iterator[tuple[int, float]]:
        """Yield (age in hours, share not yet done) at every age at which something was finished."""
        left = 1.0
        for age, done, at_risk in self.steps():
            left *= 1 - done / at_risk
            yield age, left

    def steps(self) -> Iterator[tuple[int, int, int]]:
        """Yield (age in hours, finished then, under watch then): the arithmetic itself, to be shown."""
        return (step for step in self._ages() if step[1])

    def _ages(self) -> Iterator[tuple[int, int, int]]:
        """Yield the same for every age at which anything happened."""
        at_risk = 0
        for age in sorted({*self.entries, *self.done, *self.lost}):
            # Who enters at this age is watched at it; who leaves at it, too, but not after.
            at_risk += self.entries.get(age, 0)
            done = self.done.get(age, 0)
            yield age, done, at_risk
            at_risk -= done + self.lost.get(age, 0)


def hours(seconds: int) -> int:
    """Return a length in hours, a begun one counted as full."""
    return -(-seconds // HOUR)


def middle(counted: Mapping[int, int]) -> float | None:
    """Return the median of value -> how many; None when there is none.

    >>> middle({1: 1, 2: 1})
    1.5
    """
    total = sum(counted.values())
    if not total:
        return None
    low, high = (_ranked(counted, place) for place in ((total - 1) // 2, total // 2))
    return (low + high) / 2


def _ranked(counted: Mapping[int, int], place: int) -> int:
    seen = 0
    for value in sorted(counted):
        seen += counted[value]
        if seen > place:
            return value
    raise IndexError(place)

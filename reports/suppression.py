"""Which numbers of a public table stay hidden, so that nobody is recognised and no sum gives them away?

A number under five could point at one household, so it is told as ``< 5``. Whoever knows the sum of a
column could still work out a single hidden number; so the smallest other one is hidden beside it, and more
where each hidden one would not be at least two numbers. Whoever knows this rule learns nothing from what it
hides: it asks for nothing but what they see. Nought tells of nobody and stays. Pure: one column at a time,
and the same column always gives the same answer, whichever edition it stands in.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

FEWEST = 5
"""The smallest number that is told to the public."""
Part = TypeVar("Part", str, tuple[str, str, str])


class Mask(Enum):
    """What stands in place of a number; the value is the word in CSV and JSON."""

    FEW = "<5"
    """It is under five."""
    HIDDEN = "hidden"
    """Told, it would give away one that is under five."""


def masks(column: Mapping[Part, int]) -> dict[Part, Mask]:
    """Return what is hidden of the parts of a sum that is told.

    >>> masks({"a": 40, "b": 12, "c": 2})
    {'c': <Mask.FEW: '<5'>, 'b': <Mask.HIDDEN: 'hidden'>}
    """
    few = {name for name, value in column.items() if 0 < value < FEWEST}
    if not few:
        return {}
    large = sorted((value, name) for name, value in column.items() if value >= FEWEST)
    if not large:
        return _among_few(column, few)
    # Always the smallest of the others, and never by how small the few are: that would tell of them.
    (beside, name), told = large[0], large[1:]
    together = sum(column[one] for one in few) + beside
    if _is_open(len(few), together, told[0][0] if told else None):
        return {one: Mask.FEW for one in column if one in few} | {name: Mask.HIDDEN}
    # The sum leaves one way alone: then not even which of them is under five is told, nor any as large.
    alike = {one for value, one in large if value == beside}
    return {one: Mask.HIDDEN for one in column if one in few | alike}


def _among_few(column: Mapping[Part, int], few: set[Part]) -> dict[Part, Mask]:
    """Return what is hidden where no number is told: the sum of the small ones is known, and nothing else."""
    together = sum(column[name] for name in few)
    most = (FEWEST - 1) * len(few)
    if len(few) > 1 and len(few) < together < most:
        return {name: Mask.FEW for name in column if name in few}
    noughts = {name for name, value in column.items() if value == 0}
    # Nothing is left to hide behind but the noughts: then a hidden number may be nought as well.
    is_covered = noughts or (len(few) > 1 and together < most)
    return dict.fromkeys(column, Mask.FEW if is_covered else Mask.HIDDEN)


def within(
    column: Mapping[Part, int], hidden: Mapping[Part, Mask], most: Mapping[Part, int]
) -> dict[Part, Mask]:
    """Return what is hidden of a column beside another one that is told and that it never exceeds.

    ``most`` is what is told of that, such as what was due beside what was on time.

    >>> within({"a": 4, "b": 12, "c": 20}, {"a": Mask.FEW, "b": Mask.HIDDEN}, {"b": 12, "c": 25})
    {'a': <Mask.FEW: '<5'>, 'b': <Mask.HIDDEN: 'hidden'>, 'c': <Mask.HIDDEN: 'hidden'>}
    """
    found = dict(hidden)
    told = sorted((value, name) for name, value in column.items() if name not in hidden)
    while found and _follows(column, found, most):
        if not told:
            return dict.fromkeys(found, Mask.HIDDEN)
        found[told.pop(0)[1]] = Mask.HIDDEN
    return found


def _follows(column: Mapping[Part, int], hidden: Mapping[Part, Mask], most: Mapping[Part, int]) -> bool:
    """Return whether a hidden number follows from the sum of all, and from what none of them exceeds."""
    together = sum(column[name] for name in hidden)
    few = {name for name, mask in hidden.items() if mask is Mask.FEW}
    lowest = min((column[name] for name in few), default=0) and 1
    least = {name: lowest if name in few else 0 for name in hidden}
    largest = {
        name: min(most.get(name, together), FEWEST - 1 if name in few else together) for name in hidden
    }
    low, high = sum(least.values()), sum(largest.values())
    return any(
        min(largest[name], together - low + least[name]) <= max(least[name], together - high + largest[name])
        for name in hidden
    )


def _is_open(few: int, together: int, told: int | None) -> bool:
    """Return whether each number under five could be at least two, for one who knows all that is asked here.

    ``few`` of them and one that is hidden beside, of at least five and less than the smallest that is told,
    make up the sum.
    """
    most = min(FEWEST - 1, together - (few - 1) - FEWEST)
    largest = together if told is None else told - 1
    least = max(1, together - (FEWEST - 1) * (few - 1) - largest)
    return least < most

"""Which numbers of a public table stay hidden, so that nobody is recognised and no sum gives them away?

A number under five could point at one household, so it is told as ``< 5``. Whoever knows the sum of a
column could still work out a single hidden number; so others are hidden beside it until every hidden
one could be at least two numbers. Nought tells of nobody and stays. Pure: one column at a time, and the
same column always gives the same answer, whichever edition it stands in.
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
    hidden = {name: Mask.FEW for name, value in column.items() if 0 < value < FEWEST}
    if not hidden:
        return {}
    large = sorted((value, name) for name, value in column.items() if value >= FEWEST)
    while large and not _is_safe(column, hidden, large[0][0]):
        hidden[large.pop(0)[1]] = Mask.HIDDEN
    if _is_safe(column, hidden, large[0][0] if large else None):
        return hidden
    # Nothing is left to hide behind but the noughts: then a hidden number may be nought as well.
    noughts = {name: Mask.FEW for name, value in column.items() if value == 0}
    if noughts and _is_safe(column, hidden | noughts, None, lowest=0):
        return hidden | noughts
    # Even that gives one away: then not even which of them is under five is told.
    return dict.fromkeys(column, Mask.HIDDEN)


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


def _is_safe(
    column: Mapping[Part, int], hidden: Mapping[Part, Mask], smallest_told: int | None, lowest: int = 1
) -> bool:
    """Return whether each hidden number under five could be at least two numbers.

    Asked for one who knows the sum, and also how this is decided: that those hidden beside are the smallest.
    """
    few = sum(mask is Mask.FEW for mask in hidden.values())
    others = len(hidden) - few
    together = sum(column[name] for name in hidden)
    most = min(FEWEST - 1, together - lowest * (few - 1) - FEWEST * others)
    least = lowest
    if smallest_told is not None or not others:
        largest = (smallest_told or 1) - 1  # one as large as the smallest that is told might be told instead
        least = max(lowest, together - (FEWEST - 1) * (few - 1) - others * largest)
    return least < most

"""Which figures differ between two issues of one edition, and what were they before? Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

NOT_FIGURES = frozenset(
    {"as_of", "period", "form", "span", "before_span", "year_ago_span", "zone", "scope", "grid"}
)
NAMES = ("id", "code", "key", "name", "service", "agency", "department", "ward", "word", "label")
"""By which of its keys a row of a list is known."""

Change = dict[str, Any]
"""``figure``: where it stands, as in ``this.received``; ``then`` and ``now``: its two values."""


def changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[Change, ...]:
    """Return every figure that is another one, in the order of the newer issue; rows are known by name.

    A row that came or went has None on its other side.
    """
    old, new = dict(_leaves(before)), dict(_leaves(now))
    places = dict.fromkeys((*new, *old))
    return tuple(
        {"figure": place, "then": old.get(place), "now": new.get(place)}
        for place in places
        if old.get(place) != new.get(place)
    )


def _leaves(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every single figure with its place; lists of bare numbers (a curve) count as one."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if place or key not in NOT_FIGURES:
                yield from _leaves(inner, f"{place}.{key}".lstrip("."))
    elif isinstance(value, list | tuple) and any(isinstance(row, Mapping) for row in value):
        for number, row in enumerate(value):
            yield from _leaves(row, f"{place}.{_name(row) or number}")
    else:
        yield place, list(value) if isinstance(value, tuple) else value


def _name(row: Any) -> str:
    if not isinstance(row, Mapping):
        return ""
    return next((str(row[key]) for key in NAMES if isinstance(row.get(key), str) and row[key]), "")

"""Which figures differ between two issues of one edition, and what were they before? Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

COMPARED = (
    "this", "backlog", "services", "departments", "wards", "agencies", "satisfaction", "reopened", "stops",
    "channels", "languages", "cost", "mail", "quality",
)  # fmt: skip
"""What a figure that was corrected stands in; the lines through the year and the outlook only follow."""
NAMES = ("name", "agency", "service")
"""By which of its keys a row of a list is known."""
WAIT = frozenset({"seconds", "is_reached"})

Change = dict[str, Any]
"""``figure``: where it stands, as in ``this.received`` or ``services.pothole.snapshot.received``. ``then``,
``now``: its two values as they are kept, None where it was not told. A wait stays whole."""


def changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[Change, ...]:
    """Return every figure that is another one, in the order of the report; rows are known by name.

    Figures that an earlier version kept in another form are not compared: what would differ is the form.
    """
    if before.get("form") != now.get("form"):
        return ()
    old, new = (dict(_told(figures)) for figures in (before, now))
    places = dict.fromkeys((*new, *old))
    return tuple(
        {"figure": place, "then": old.get(place), "now": new.get(place)}
        for place in places
        if old.get(place) != new.get(place)
    )


def _told(figures: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for section in COMPARED:
        yield from _leaves(figures.get(section), section)


def _leaves(value: Any, place: str) -> Iterator[tuple[str, Any]]:
    """Yield every single figure with its place; lists of bare numbers (ages, scores) count as one."""
    if isinstance(value, Mapping) and value.keys() != WAIT:
        for key, inner in value.items():
            if key not in NAMES:
                yield from _leaves(inner, f"{place}.{key}")
    elif isinstance(value, list) and any(isinstance(row, Mapping) for row in value):
        for row in value:
            yield from _leaves(row, f"{place}.{_name(row)}")
    else:
        yield place, value


def _name(row: Mapping[str, Any]) -> str:
    return next((str(row[key]) for key in NAMES if key in row), "")

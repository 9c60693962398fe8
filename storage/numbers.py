"""Which public number comes next? ``26-0412``: the year in town time and a running number.

The number stands in the letters, and the letters are rendered before the write lock is taken, so it
is reserved in memory first. Whoever was given one keeps it, also when an import is taken back. A failed
submission leaves a gap, which harms nobody; two processes that reserve the same number are caught by the
unique constraint and try again.
"""

from __future__ import annotations

from threading import Lock
from weakref import WeakKeyDictionary

from sqlalchemy import Engine

from storage import lookups
from storage.database import db

_guard = Lock()
_last: WeakKeyDictionary[Engine, dict[str, int]] = WeakKeyDictionary()


def reserve(year: int) -> str:
    """Return the next free number of the year."""
    prefix = f"{year % 100:02d}-"
    with _guard:
        known = _last.setdefault(db.engine, {})
        if prefix not in known:
            known[prefix] = lookups.highest_number(prefix)
        known[prefix] += 1
        return f"{prefix}{known[prefix]:04d}"


def forget() -> None:
    """Read the highest number from the database again, since another process wrote meanwhile."""
    with _guard:
        _last.pop(db.engine, None)

"""What if an import was a mistake? What nobody has touched here goes as it came; the rest stays and is told.

It goes for good, in batches of one transaction each: broken off half-way, the next call takes the rest.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from casework.importing import BY
from storage import imported
from storage.database import reading, writing

BATCH = 500


@dataclass
class Undone:
    """What becomes of the requests of a source."""

    gone: int = 0
    kept: list[str] = field(default_factory=list)
    """Numbers of those that stay: somebody has worked on them here, was written to, or points at them."""


def look(source: str) -> Undone:
    """Return what ``undo`` would do; nothing is written."""
    found, last, others = Undone(), 0, _pointed_at()
    while True:
        with reading() as session:
            batch = imported.of_source(session, source, after=last, most=BATCH)
            touched = imported.touched(session, batch, by=BY, others=others)
        if not batch:
            return found
        last = batch[-1]
        found.kept += touched.values()
        found.gone += len(batch) - len(touched)


def undo(source: str) -> Undone:
    """Take every request of a source out again that nobody has touched here."""
    done, last, others = Undone(), 0, _pointed_at()
    while True:
        with writing() as session:
            batch = imported.of_source(session, source, after=last, most=BATCH)
            touched = imported.touched(session, batch, by=BY, others=others)
            imported.remove(session, [one for one in batch if one not in touched])
        if not batch:
            return done
        last = batch[-1]
        done.kept += touched.values()
        done.gone += len(batch) - len(touched)


def _pointed_at() -> set[str]:
    with reading() as session:
        return imported.pointed_at(session)

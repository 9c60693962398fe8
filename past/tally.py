"""What was wrong with a file? Every kind of problem with how many, where first, and what was done."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TextIO

from past.flaws import ABOUT, Flaw, Found
from past.reading import Understood

FIRST = 5
"""Line numbers that are named of each kind."""
MOST_VALUES = 500
"""Different values that are counted of each kind; a file may hold millions."""
SHOWN_VALUES = 8
LONGEST_SHOWN = 200
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet program would take for a formula when it begins a cell."""


@dataclass
class Kind:
    """One kind of problem."""

    many: int = 0
    lines: list[int] = field(default_factory=list)
    values: Counter[str] = field(default_factory=Counter)


@dataclass
class Tally:
    """Counts problems, and writes every one of them where a report is wanted."""

    report: TextIO | None = None
    kinds: dict[Flaw, Kind] = field(default_factory=dict)
    _writer: Any = None

    def __post_init__(self) -> None:
        if self.report is not None:
            self._writer = csv.writer(self.report)
            self._writer.writerow(("line", "problem", "what was done", "column", "value", "in words"))

    def note(self, done: Understood) -> None:
        """Count the flaws of one row."""
        for found in done.flaws:
            self.add(done.row.line, found)

    def add(self, line: int, found: Found) -> None:
        """Count one flaw."""
        kind = self.kinds.setdefault(found.flaw, Kind())
        kind.many += 1
        if len(kind.lines) < FIRST:
            kind.lines.append(line)
        if found.column and (found.value in kind.values or len(kind.values) < MOST_VALUES):
            kind.values[found.value] += 1
        if self._writer is not None:
            about = ABOUT[found.flaw]
            shown = (found.column, found.value[:LONGEST_SHOWN])
            self._writer.writerow((line, found.flaw, about.deed, *map(_plain, shown), about.said))

    def lines(self) -> Iterator[str]:
        """Yield the kinds as a person reads them, the most frequent first."""
        for flaw, kind in sorted(self.kinds.items(), key=lambda pair: -pair[1].many):
            about = ABOUT[flaw]
            where = ", ".join(map(str, kind.lines)) + (", ..." if kind.many > len(kind.lines) else "")
            word = "line" if kind.many == 1 else "lines"
            yield f"{kind.many:>9,}  {flaw}: {about.deed}; {about.said} ({word} {where})"
            for value, many in kind.values.most_common(SHOWN_VALUES) if flaw in TOLD_BY_VALUE else ():
                yield f'{many:>19,} x "{value[:60]}"'


TOLD_BY_VALUE = frozenset({Flaw.NO_SERVICE, Flaw.NO_STATUS, Flaw.NO_AGENCY, Flaw.NO_ASSIGNEE})
"""Kinds that a line more in the map puts right."""


def _plain(cell: str) -> str:
    """Return a cell that no spreadsheet program runs; numbers stay numbers."""
    is_number = cell.lstrip("+-").replace(".", "").replace(",", "").replace(" ", "").isdigit()
    return f"'{cell}" if cell.startswith(FORMULA) and not is_number else cell

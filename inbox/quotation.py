"""What did the writer of a reply newly write, without what is quoted and what is signed?

First our own marker line decides, then our own letter where it is found again, then what mail programs do
in general. Linear in the length of the text. The full original is kept elsewhere; here nothing is thrown
away either, what was cut is given back as ``quoted``.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from inbox.line_kinds import Sorted, sort_lines

LONGEST, MOST_LINES = 1_000_000, 50_000
"""Characters and lines that are looked at; what lies behind is counted as quoted."""

_PATIENCE = 20
"""So many lines behind a delimiter are no signature any more, but the second half of an answer."""

_ENDS = re.compile(r"\r\n|[\r\n\u2028\u2029\x0b\x0c\x85]")


@dataclass(frozen=True)
class Reply:
    """What was written, and what was cut.

    ``how``: "marker" (cut at our line), "ours" (our letter was found), "quotation" (what programs do in
    general), "whole" (nothing was cut), "longer" (everything would have been cut, so more was kept).
    """

    text: str
    quoted: str
    how: str


@dataclass
class _Part:
    """Neighbouring lines of one kind: "t" written, "q" quoted, "o" our own letter."""

    kind: str
    places: list[int] = field(default_factory=list)
    is_announced: bool = False
    """An attribution stood before it."""


def reply_text(text: str, *, markers: Collection[str] = (), ours: str = "") -> Reply:
    """Return what was newly written in ``text``, a whole mail as plain text.

    ``markers``: our own "write above this line" in all languages. ``ours``: the letter that is answered,
    as text.
    """
    lines = _ENDS.split(text[:LONGEST].replace("\0", ""), MOST_LINES)
    rest = (lines.pop() if len(lines) > MOST_LINES else "") + text[LONGEST:]
    found = sort_lines(lines, markers=markers, ours=ours)
    kept, is_longer = _Cut(found).decide()
    written = "\n".join(found.lines[place] for place in sorted(kept)).strip()
    left = "\n".join(line for place, line in enumerate(found.lines) if place not in kept).strip("\n")
    return Reply(written, left + rest, _how(found, left, is_longer=is_longer))


def _how(found: Sorted, left: str, *, is_longer: bool) -> str:
    if is_longer:
        return "longer"
    if "m" in found.kinds:
        return "marker"
    if "o" in found.kinds:
        return "ours"
    return "quotation" if left.strip() else "whole"


class _Cut:
    """Walks over the kinds of the lines once and decides which lines are the writer's."""

    def __init__(self, found: Sorted) -> None:
        self.lines, self.kinds = found.lines, found.kinds
        self.next_kind = self._next_kinds()
        self.last_own = max((place for place, kind in enumerate(self.kinds) if kind == "o"), default=-1)
        self.parts: list[_Part] = []
        self.is_hiding = self.is_announced = self.was_announced = self.is_ours = False

    def _next_kinds(self) -> list[str]:
        """Return for each line the kind of the next one that is neither empty nor announces."""
        result, following = [""] * len(self.kinds), ""
        for place in range(len(self.kinds) - 1, -1, -1):
            result[place] = following
            if self.kinds[place] not in "ebhfr":
                following = self.kinds[place]
        return result

    @property
    def is_written(self) -> bool:
        return any(part.kind == "t" for part in self.parts)

    def decide(self) -> tuple[set[int], bool]:
        """Return the numbers of the lines to keep, and whether more was kept than the rules say."""
        for place, kind in enumerate(self.kinds):
            if not self._take(place, kind):
                break
        if self.is_written:
            return self._written(), False
        if self.was_announced or any(part.kind == "o" for part in self.parts):
            return set(), False
        kept = {place for place, kind in enumerate(self.kinds) if kind not in "dsm"}
        return kept, any(self.kinds[place] != "e" for place in kept)

    def _take(self, place: int, kind: str) -> bool:
        """Take one line; return whether to go on."""
        if kind == "e":
            if self.parts and not self.is_hiding:
                self.parts[-1].places.append(place)
        elif kind == "t":
            if not self.is_hiding:
                self._append("t", place)
        elif kind in "qo":
            self._append("o" if self.is_ours or kind == "o" else "q", place)
            self.is_hiding = False
        elif kind == "m":
            return self._at_marker(place)
        elif kind in "bhfr":
            return self._announce(place)
        elif self.is_written and not self.is_hiding:
            self.is_hiding = True
            return kind != "d" or self._is_answer_below(place)
        return True

    def _append(self, kind: str, place: int) -> None:
        if not self.parts or self.parts[-1].kind != kind:
            self.parts.append(_Part(kind, is_announced=self.is_announced))
        self.parts[-1].places.append(place)
        self.is_announced = False

    def _announce(self, place: int) -> bool:
        self.is_announced = self.was_announced = True
        self.is_hiding = False
        return self.next_kind[place] in {"q", "o", "m"} or not self.is_written

    def _at_marker(self, place: int) -> bool:
        self.is_ours = self.was_announced = self.is_announced = True
        self.is_hiding = False
        is_followed = self.next_kind[place] in {"q", "o", "m"} or place < self.last_own
        return is_followed or not self.is_written

    def _is_answer_below(self, place: int) -> bool:
        """Return whether what follows a delimiter is too much for a signature."""
        count = 0
        for kind in self.kinds[place + 1 :]:
            if kind in "bhfrqom":
                return False
            count += kind == "t"
            if count > _PATIENCE:
                self.is_hiding = False
                return True
        return False

    def _written(self) -> set[int]:
        """Return the written lines, with quotations between them where they are answered one by one."""
        parts = self.parts
        while parts and parts[-1].kind != "t":
            parts = parts[:-1]
        quotes = [part for part in self.parts if part.kind == "q"]
        kept: set[int] = set()
        for number, part in enumerate(parts):
            is_answered = part.kind == "q" and (len(quotes) > 1 or (number > 0 and not part.is_announced))
            if part.kind == "t" or is_answered:
                kept.update(part.places)
        return kept

"""What is each line of a mail: its writer's words, a quotation, or what programs put around them?

t  text                 e  empty                    q  quoted with ">" (or "|" below an attribution)
b  "On ... wrote:"      h  field of a quoted mail   f  "-----Original Message-----"
r  "reply above"        d  delimiter                s  line of a telephone
x  legal paragraph      m  our marker line          o  our own letter
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from inbox.attribution import (
    ADDRESS,
    COLON,
    FIXED,
    LONGEST,
    MOST_LINES,
    VERB,
    is_attribution,
    signs_of,
    spanned,
    split_glued,
)
from inbox.headers_quoted import block_length, field_of
from inbox.own_letter import marker_lines, own_lines
from inbox.signatures import asks_above, is_delimiter, is_forward, is_legal, is_sent_line, is_underline

_QUOTED = re.compile(r"[ \t\u00a0]{0,8}(?:[A-Z]{1,3})?[>＞]")
_BARRED = re.compile(r"[ \t]{0,4}\|")
_CLOSING = VERB | ADDRESS | COLON | FIXED
_OVERFLOWN = 60
"""A quoted line of so many characters may have lost its end to the next line."""


@dataclass
class Sorted:
    """The lines of a mail and the kind of each."""

    lines: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)

    def add(self, kind: str, *lines: str) -> None:
        self.lines.extend(lines)
        self.kinds.extend(kind * len(lines))


def is_quoted(line: str) -> bool:
    """Return whether a quotation mark begins the line."""
    return _QUOTED.match(line) is not None


def sort_lines(lines: list[str], *, markers: Collection[str] = (), ours: str = "") -> Sorted:
    """Return the lines with their kinds; a line glued together of reply and attribution becomes two."""
    marked = marker_lines(lines, markers)
    found = _Sorter(lines, marked).sort()
    _mend(found)
    if marked:
        marked = marker_lines(found.lines, markers)
    if ours:
        for place in own_lines(found.lines, found.kinds, ours):
            found.kinds[place] = "o" if place not in marked else "m"
        _announce(found)
    return found


def _announce(found: Sorted) -> None:
    """Recognise the attribution over our letter in a language that no table knows."""
    place = next((place for place, kind in enumerate(found.kinds) if kind in "om"), 0) - 1
    while place > 0 and found.kinds[place] == "e":
        place -= 1
    for count in (1, 2):
        above = found.kinds[max(0, place - count + 1) : place + 1]
        joined = " ".join(line.strip() for line in found.lines[place - count + 1 : place + 1])
        if above == ["t"] * count and len(joined) <= LONGEST and is_attribution(joined, is_quoted_after=True):
            found.kinds[place - count + 1 : place + 1] = ["b"] * count
            return


class _Sorter:
    """Goes through the lines once, looking a few lines ahead."""

    def __init__(self, lines: list[str], marked: frozenset[int]) -> None:
        self.lines, self.marked = lines, marked
        self.cut = [line[: LONGEST + 1] for line in lines]
        self.signs = [signs_of(line) for line in self.cut]
        self.fields = [field_of(line) for line in self.cut]
        self.quoted = [is_quoted(line) for line in lines]
        self.before_quote = self._before_quote()
        self.found = Sorted()

    def _before_quote(self) -> list[bool]:
        """Return for each line whether the next one with text is a quotation or our marker."""
        result, is_next = [False] * len(self.lines), False
        for place in range(len(self.lines) - 1, -1, -1):
            result[place] = is_next
            if self.lines[place].strip():
                is_next = (
                    self.quoted[place] or place in self.marked or _BARRED.match(self.lines[place]) is not None
                )
        return result

    def sort(self) -> Sorted:
        place = 0
        while place < len(self.lines):
            kind, count = self._kind(place)
            if kind == "glued":
                at = split_glued(self.cut[place])
                self.found.add("t", self.lines[place][:at].rstrip(" -–—"))
                self.found.add("b", self.lines[place][at:], *self.lines[place + 1 : place + count])
            else:
                self.found.add(kind, *self.lines[place : place + count])
            place += count
        return self.found

    def _kind(self, place: int) -> tuple[str, int]:
        """Return the kind of the line, and for how many lines it holds."""
        line = self.cut[place]
        if place in self.marked:
            return "m", 1
        if not line.strip(" \t\u00a0\u200b\ufeff"):
            return "e", 1
        if self.quoted[place] or (_BARRED.match(line) and self._continues_bars()):
            return "q", 1
        if asks_above(line):
            return "r", 1
        if is_forward(line):
            return "f", 1
        return self._spanning(place) or (self._ending(place, line), 1)

    def _spanning(self, place: int) -> tuple[str, int] | None:
        """Return what may take several lines."""
        if self.fields[place]:
            length = block_length(self.cut, self.fields, place)
            if length:
                return "h", length
        if not any(signs & _CLOSING for signs in self.signs[place : place + MOST_LINES]):
            return None
        glued = self._glued(place)
        if glued:
            return "glued", glued
        count = self._attribution(place, self.cut[place : place + MOST_LINES])
        return ("b", count) if count else None

    def _attribution(self, place: int, lines: list[str]) -> int:
        end = place + MOST_LINES
        return spanned(lines, self.signs[place:end], self.before_quote[place:end])

    def _glued(self, place: int) -> int:
        """Return how many lines the attribution takes that was glued to this one; 0 without one."""
        at = split_glued(self.cut[place])
        if not at or self._whole(place):
            return 0
        return self._attribution(place, [self.cut[place][at:], *self.cut[place + 1 : place + MOST_LINES]])

    def _whole(self, place: int) -> bool:
        """Return whether the line is an attribution from its first word on ("On ... at ... wrote:")."""
        first = re.match(r"[\s>-]*(?:On|Am|Le|El|Em|Il|Op|Den|Dnia|W dniu)\s.{0,20}\d", self.cut[place])
        return first is not None and is_attribution(self.cut[place], is_quoted_after=True)

    def _ending(self, place: int, line: str) -> str:
        before = self.lines[place - 1] if place else ""
        after = self.lines[place + 1] if place + 1 < len(self.lines) else ""
        if is_delimiter(line):
            return "t" if is_underline(line, before) and after.strip() else "d"
        is_alone = (not before.strip() or is_delimiter(before)) and (not after.strip() or is_quoted(after))
        if is_sent_line(line, stands_alone=is_alone):
            return "s"
        return "x" if is_legal(line) and not before.strip() else "t"

    def _continues_bars(self) -> bool:
        """Return whether the last line with text was an attribution or a quotation."""
        return next((kind for kind in reversed(self.found.kinds) if kind != "e"), "t") in "bqhfm"


def _mend(found: Sorted) -> None:
    """Give lines back to the quotation from which a program broke them off."""
    kinds, lines = found.kinds, found.lines
    for place in range(1, len(kinds) - 1):
        if kinds[place] != "t" or kinds[place - 1] != "q" or kinds[place + 1] != "q":
            continue
        said = lines[place].strip()
        is_rest = len(lines[place - 1]) >= _OVERFLOWN and said[:1].islower()
        if is_rest or said.startswith(("(http", "<http", "http")):
            kinds[place] = "q"

"""Where do the headers end, and where does each part begin? Bytes become a tree, nothing is decoded.

The standard library's parser is not used here: on bytes from strangers it takes quadratic time for
some parameters, hands each line through every level of nesting, and stops with an error at depths
that a sender chooses. This one looks at each byte at most once a level, and at 20 levels.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .header_lines import BLANK, ORDINARY, Header, Problems, headers_of
from .message import Unreadable
from .parameters import parameter, parse
from .words import unfolded

MOST_PARTS, DEEPEST = 200, 20
GUESSED = re.compile(rb"\n--([^\r\n]{1,200}?)[ \t]*\r?\n[Cc]ontent-")


@dataclass
class Part:
    """One part of a mail: raw headers, and either children or a body that is still encoded."""

    headers: list[Header]
    body: bytes
    depth: int = 0
    type: str = "text/plain"
    parameters: list[tuple[str, str]] = field(default_factory=list)
    children: list[Part] = field(default_factory=list)

    def header(self, name: str) -> bytes:
        return next((value for key, value in self.headers if key == name), b"")


def split(raw: bytes) -> tuple[Part, Problems]:
    """Return the tree of a mail and what was wrong with it; raises ``Unreadable`` when it is none."""
    problems = Problems()
    if b"\n" not in raw:
        raw = raw.replace(b"\r", b"\n")
    start = len(raw) - len(raw.lstrip(b"\r\n\xef\xbb\xbf"))
    headers, body = headers_of(raw, start, len(raw), problems)
    if not any(ORDINARY.match(name.encode() + b":") for name, _ in headers):
        raise Unreadable("these bytes are no mail: they begin with no header that a mail has")
    root = _part(headers, raw, body, len(raw), 0, problems)
    return root, problems


def _part(
    headers: list[Header], raw: bytes, start: int, end: int, depth: int, problems: Problems, default: str = ""
) -> Part:
    problems.parts += 1
    part = Part(headers, b"", depth, default or "text/plain")
    if declared := part.header("content-type"):
        kind, part.parameters = parse(unfolded(declared))
        part.type = kind if "/" in kind else "text/plain"
    if part.type.startswith("multipart/"):
        if depth >= DEEPEST:
            problems.add("its parts are nested deeper than 20 levels; what lies deeper is kept unopened")
        elif _children(part, raw, start, end, problems):
            return part
    part.body = raw[start:end]
    return part


def _children(part: Part, raw: bytes, start: int, end: int, problems: Problems) -> bool:
    """Open a multipart; return whether there was anything to open."""
    ranges = _ranges(part, raw, start, end, problems)
    default = "message/rfc822" if part.type == "multipart/digest" else ""
    for first, last in ranges:
        if problems.parts >= MOST_PARTS:
            problems.add("it has more than 200 parts; the others were not opened")
            break
        headers, body = headers_of(raw, first, last, problems)
        if not headers and body == last and first < last:
            body = first  # no empty line: all of it is text
        part.children.append(_part(headers, raw, body, last, part.depth + 1, problems, default))
    return bool(ranges)


def _ranges(part: Part, raw: bytes, start: int, end: int, problems: Problems) -> list[tuple[int, int]]:
    declared = [said for name, said in part.parameters if name == "boundary" and said]
    if not declared and (continued := parameter(part.parameters, "boundary")):
        declared = [continued]
    for boundary in declared[:3]:
        if found := _between(boundary.encode("utf-8", "replace"), raw, start, end):
            return found
    guessed = GUESSED.search(raw, max(0, start - 1), end)
    if guessed and (found := _between(guessed[1], raw, start, end)):
        problems.add("the boundary between its parts is not the declared one; it was guessed")
        return found
    if declared or raw[start:end].strip(BLANK):
        problems.add("it says that it has several parts, but no boundary between them was found")
    return []


def _between(boundary: bytes, raw: bytes, start: int, end: int) -> list[tuple[int, int]]:
    """Return the ranges between the boundary's lines; the last may have lost its end."""
    mark = b"--" + boundary
    ranges: list[tuple[int, int]] = []
    first = -1
    place = (
        start if raw.startswith(mark, start) and start + len(mark) <= end else _next(raw, mark, start, end)
    )
    while place >= 0 and len(ranges) <= MOST_PARTS:
        behind = place + len(mark)
        line_end = raw.find(b"\n", behind, end) + 1 or end
        rest = raw[behind : min(line_end, behind + 80)].strip(BLANK)
        if rest in (b"", b"--"):
            if first >= 0:
                ranges.append((first, _before(raw, first, place)))
            first = -1 if rest else line_end
            if rest:
                break
        place = _next(raw, mark, line_end - 1, end)
    if first >= 0 and len(ranges) <= MOST_PARTS:
        ranges.append((first, end))
    return ranges


def _next(raw: bytes, mark: bytes, start: int, end: int) -> int:
    found = raw.find(b"\n" + mark, max(0, start), end)
    return found + 1 if found >= 0 else -1


def _before(raw: bytes, first: int, place: int) -> int:
    """The line end before a boundary belongs to the boundary."""
    last = place - 1
    if last > first and raw[last - 1] == 13:
        last -= 1
    return max(first, last)

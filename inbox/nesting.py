"""How deep is this HTML nested, and how does it become shallow enough to be read?

Parsers take quadratic time on tens of thousands of open tags, or silently stop at a few hundred and lose
the text. Tags beyond a depth are left out, what they hold stays. One pass, linear.
"""

from __future__ import annotations

import re

DEEPEST = 100
LONGEST_ROW = 40
LONGEST_TAG = 4_000
"""A longer tag loses its attributes: pictures written into the mail."""

_TAG = re.compile(r"<(?P<close>/?)(?P<name>[A-Za-z][A-Za-z0-9:]{0,30})(?P<rest>[^<>]*)>")
_VOID = frozenset(
    (
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "param",
        "source",
        "wbr",
        "o:p",
    )
)


def flattened(html: str) -> str:
    """Return the HTML without the tags that are nested deeper than ``DEEPEST``."""
    stack: list[tuple[str, bool]] = []
    row = _Row()

    def keep(match: re.Match[str]) -> str:
        name = match["name"].lower()
        if name in _VOID or match["rest"].endswith("/"):
            return "" if row.is_too_long(match) else _shortened(match)
        if not match["close"]:
            is_kept = len(stack) < DEEPEST
            stack.append((name, is_kept))
            return _shortened(match) if is_kept else ""
        if stack and stack[-1][0] == name:
            return match[0] if stack.pop()[1] else ""
        return _closed(match, stack)

    return _TAG.sub(keep, html)


class _Row:
    """Counts empty tags that follow each other: line breaks by the thousand only take time."""

    def __init__(self) -> None:
        self.end, self.count = -1, 0

    def is_too_long(self, match: re.Match[str]) -> bool:
        self.count = self.count + 1 if match.start() == self.end else 0
        self.end = match.end()
        return self.count > LONGEST_ROW


def _shortened(match: re.Match[str]) -> str:
    return match[0] if len(match[0]) <= LONGEST_TAG else f"<{match['name']}>"


def _closed(match: re.Match[str], stack: list[tuple[str, bool]]) -> str:
    """Close over tags that nobody closed (paragraphs, list items), a few at most."""
    name = match["name"].lower()
    for back in range(2, min(8, len(stack)) + 1):
        if stack[-back][0] == name:
            is_kept = stack[-back][1]
            del stack[-back:]
            return match[0] if is_kept else ""
    return match[0] if len(stack) < DEEPEST else ""

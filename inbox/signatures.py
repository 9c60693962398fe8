"""Where does a mail stop being its writer's words: delimiters, telephone lines, legal paragraphs?"""

from __future__ import annotations

import re

from inbox.phrases_closing import LEGAL, SENT, SENT_LENGTH, SENT_PAIRS
from inbox.phrases_quoting import ABOVE, BEGINNINGS, ORIGINALS

_DELIMITER = re.compile(r"\s*(?:[-–—_=+~#*ᐧ•]\s?){1,200}\s*$")
_LONE = "-–—ᐧ"
"""What delimits although it is a single sign; a lone asterisk or number sign is a list that was begun."""
_LINK = re.compile(r"\[([^\]\[]{1,120})\]\(([^()]{1,400})\)|<https?://[^>\s]{1,600}>|<mailto:[^>\s]{1,200}>")
_SHORTEST = 8
"""Characters of the shortest of these lines; most lines of a hostile mail are shorter."""
_ABOVE = re.compile("|".join(map(re.escape, ABOVE)))
_SENT_WAYS = re.compile(r"(?:sent (?:from|via|with|by|using|on)|from my) \S")
_EDGE = " \t\u00a0<>()[]*_-–—=+~#.…"
_DASHES = re.compile(
    r"[\s>*_]{0,8}[-–—_=*]{2,}[\s*]{0,4}(?P<words>[^\W\d_].{2,80}?)[\s*]{0,4}[-–—_=*]{1,}[\s*_]*$"
)
_UNDERLINE = re.compile(r"[-=~]{3,}$")


def is_delimiter(line: str) -> bool:
    """Return whether the line holds nothing but dashes, underscores and the like."""
    if len(line) > 400 or not _DELIMITER.match(line):
        return False
    return len(line.strip()) > 1 or line.strip() in _LONE


def is_underline(line: str, before: str) -> bool:
    """Return whether the line of dashes underlines the heading before it."""
    rule, heading = line.strip(), before.strip()
    return bool(heading and _UNDERLINE.match(rule)) and len(rule) > 3 and abs(len(rule) - len(heading)) <= 2


def is_sent_line(line: str, *, stands_alone: bool) -> bool:
    """Return whether a telephone or a mail program wrote it. ``stands_alone``: no text directly around it."""
    said = _LINK.sub(r"\1", line[:400]).replace("\u00a0", " ").replace("’", "'").strip(_EDGE).casefold()
    if not _SHORTEST <= len(said) <= SENT_LENGTH:
        return False
    if said.startswith(SENT):
        return True
    if any(said.startswith(first) and said.endswith(last) for first, last in SENT_PAIRS):
        return len(said) < 80
    return stands_alone and len(said) < 60 and bool(_SENT_WAYS.match(said))


def is_legal(line: str) -> bool:
    """Return whether a legal paragraph of an organisation begins here."""
    return line[:120].replace("’", "'").lstrip(" \t*_>").casefold().startswith(LEGAL)


def is_forward(line: str) -> bool:
    """Return whether the line announces the original mail: its words between dashes, or with a colon."""
    if len(line) > 200:
        return False
    said = line.replace("’", "'").replace("\u00a0", " ")
    match = _DASHES.match(said)
    if match and _words(match["words"]).startswith(ORIGINALS):
        return True
    bare = said.strip(" \t>*_")
    return bare[-1:] in {":", "："} and _words(bare[:-1]) in BEGINNINGS


def asks_above(line: str) -> bool:
    """Return whether a ticket system asks here for the answer above the line."""
    if not _SHORTEST <= len(line) <= 240:
        return False
    said = _words(line.replace("’", "'").strip(" \t>*_#=-–—~.!+|[]()"))
    return _SHORTEST <= len(said) < 120 and _ABOVE.search(said) is not None


def _words(text: str) -> str:
    return " ".join(text.casefold().split())

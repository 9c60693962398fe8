"""Is this line, alone or with the next ones, the "On <date>, <somebody> wrote:" of a mail program?

No pattern per program or language: an attribution is recognised by what it is made of, a verb of writing,
a date, an address, an opening word, a colon, and by what follows it. Every look is at a bounded piece of
text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from inbox.phrases_quoting import OPENERS, QUOTING, SPLITTING_OPENERS, WROTE, WROTE_ANYWHERE

LONGEST, MOST_LINES = 400, 4
"""Characters of an attribution, and lines over which it may be wrapped."""

VERB, DATE, ADDRESS, COLON, FIXED = 1, 2, 4, 8, 16
"""What a line can hold of an attribution; FIXED is a form that needs no verb."""

_EARLY = 32
"""A date is early when it begins within so many characters."""

_EDGE = " \t\u00a0*_>|-–—\u200b\u200e\u200f\u202a\u202c\ufeff"
_WORD = re.compile(r"[^\W\d_]+'?")
_FIRST = re.compile(r"(?P<word>[^\W\d_]+)[.,]?\s")
_DATE = re.compile(
    r"\b(?:19|20)\d\d\b|\b\d{1,2}[./-]\s?\d{1,2}[./-]\s?\d{2,4}\b|\b(?:19|20)\d\d[./-]\d{1,2}"
    r"|\d{1,2}[:.h]\d\d\b|(?:19|20)\d\d\s?[年년]"
)
_ADDRESS = re.compile(r"[\w.+=-]{1,80}@[\w-]{1,60}(?:\.|\b)")
_ADDRESS_LAST = re.compile(r"@[\w.-]{1,120}(?:\s?<mailto:[^<>\s]{1,160}>)?[>)\]\s\"']*[:：]?$")
_TIME = re.compile(r"\d{1,2}[:.h]\d\d\b")
_ISO_NAME = re.compile(r"(?:19|20)\d\d-\d\d-\d\d \d\d:\d\d (?:GMT|UTC)[+-]?[\d:]* ?[^<>@:]{1,80}$")
_GLUED = re.compile(
    r"(?<![^\s>\-–—.!?)\]:,;])[-–—]*\s?(?P<opener>"
    + "|".join(SPLITTING_OPENERS)
    + r")\s(?:[^\W\d]{2,12}\.?,?\s){0,3}\d"
)
_POSTED = re.compile(r"posted by [^\n]{1,80} on \d{1,2}/\d{1,2}/\d{4}$", re.IGNORECASE)


def signs_of(line: str) -> int:
    """Return what the line holds of an attribution, as flags; cheap, for few lines are worth a close look."""
    said = line.rstrip(_EDGE)
    return (
        (VERB if _has_verb(said) else 0)
        | (DATE if _DATE.search(said) else 0)
        | (ADDRESS if "@" in said else 0)
        | (COLON if said[-1:] in {":", "："} else 0)
        | (FIXED if _is_fixed(said) else 0)
    )


def _is_fixed(said: str) -> bool:
    bare = said.lstrip(_EDGE)
    return bool(_ISO_NAME.match(bare) or _POSTED.match(bare)) or _first_word(bare) in QUOTING


def may_end(held: int, last: int) -> bool:
    """Return whether lines holding ``held`` together can end as an attribution in one holding ``last``."""
    if held & VERB and last & (COLON | VERB):
        return True
    return bool(held & (DATE | FIXED) and last & (ADDRESS | COLON | FIXED))


def spanned(lines: Sequence[str], signs: Sequence[int], is_quoted_after: Sequence[bool]) -> int:
    """Return over how many lines the attribution that begins in the first line reaches; 0 when none does.

    ``signs``: what ``signs_of`` said of each line. ``is_quoted_after``: whether the next line with text is a
    quotation. Lines must be without quotation marks; no more than ``MOST_LINES`` are looked at.
    """
    joined, held = "", 0
    for place, line in enumerate(lines[:MOST_LINES]):
        if not line.strip():
            return 0
        if place == 1 and not _may_begin(lines[0], signs[0]):
            return 0
        joined = f"{joined} {line.strip()}" if joined else line.strip(_EDGE)
        held |= signs[place]
        if len(joined) > LONGEST:
            return 0
        if may_end(held, signs[place]) and is_attribution(
            joined, is_quoted_after=is_quoted_after[place], is_wrapped=place > 0
        ):
            return 0 if _begins_later(lines[: place + 1], is_quoted_after[place]) else place + 1
    return 0


def _may_begin(line: str, signs: int) -> bool:
    """Return whether the first of several lines looks as if an attribution began there."""
    said = line.strip(_EDGE)
    return bool(signs & (DATE | ADDRESS)) or said[-1:] in set("<([,") or _opens(said)


def _begins_later(lines: Sequence[str], is_quoted_after: bool) -> bool:
    """Return whether the attribution is complete without the first line, which then is the writer's."""
    if any(split_glued(line) for line in lines[1:]):
        return True
    for skipped in range(1, len(lines)):
        joined = " ".join(line.strip() for line in lines[skipped:]).strip(_EDGE)
        if _opens(joined) and is_attribution(joined, is_quoted_after=is_quoted_after, is_wrapped=True):
            return True
    return False


def is_attribution(text: str, *, is_quoted_after: bool, is_wrapped: bool = False) -> bool:
    """Return whether this one line of text (unwrapped) announces a quotation."""
    said = text.strip(_EDGE)
    if not said or said[-1] in "<([,":
        return False
    date, address = _DATE.search(said), _ADDRESS.search(said)
    has_colon = said[-1] in ":："
    verb = _has_verb(said)
    if has_colon and (address or is_quoted_after) and _first_word(said) in QUOTING:
        return True
    if verb and (
        has_colon or (_ends_with_verb(said) and (address or is_quoted_after or _is_framed(text, said)))
    ):
        return bool(
            (address and not _is_sentence(said, address.start()))
            or (date and (_opens(said) or date.start() < _EARLY))
            or (is_quoted_after and not is_wrapped)
            or (" via " in said and not is_wrapped)
        )
    if _ISO_NAME.match(said) or _POSTED.match(said):
        return True
    if date is None or (date.start() >= _EARLY and not _opens(said)):
        return False
    if address and _ADDRESS_LAST.search(said, max(0, len(said) - 300)):
        return has_colon or ((is_quoted_after or said[-1] in ">)]") and date.start() < _EARLY)
    return has_colon and is_quoted_after


def split_glued(line: str) -> int:
    """Return where an attribution begins that was glued to the reply's last line; 0 when none is."""
    found = 0
    for match in _GLUED.finditer(line[:LONGEST]):
        if line[: match.start()].strip(_EDGE):
            found = match.start()
    return found


def _opens(said: str) -> bool:
    return _first_word(said) in OPENERS or said[:1] in {"在", "於", "于"}


def _first_word(said: str) -> str:
    first = _FIRST.match(said)
    return first["word"].casefold() if first else ""


def _is_framed(text: str, said: str) -> bool:
    """Return whether dashes or a time of day make a line without colon more than a sentence."""
    return text.rstrip().endswith("--") or _TIME.search(said) is not None


def _has_verb(said: str) -> bool:
    if not WROTE.isdisjoint(_WORD.findall(said.casefold())):
        return True
    return not said.isascii() and any(word in said for word in WROTE_ANYWHERE)


def _ends_with_verb(said: str) -> bool:
    last = _WORD.findall(said[-40:].casefold())[-3:]
    return not WROTE.isdisjoint(last[-1:]) or (said[-1] == ")" and not WROTE.isdisjoint(last))


def _is_sentence(said: str, address: int) -> bool:
    """Return whether the piece before the address reads as a sentence of its own, not as a name or a date."""
    before = said[:address]
    return len(_WORD.findall(before)) > 14 and not _opens(said)

"""Is this a numbered road, however it is written: ``NH Route 11``, ``State Rt 11``, ``US-202``?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from routing.street_words import Token, several

STATES = frozenset(
    re.findall(
        r"\w\w",
        """al ak az ar ca co ct de fl ga hi id il in ia ks ky la me md ma mi mn ms mo mt ne nv nh nj nm ny nc
        nd oh ok or pa ri sc sd tn tx ut vt va wa wv wi wy""",
    )
)
"""The states' codes, as they are written: some are short for other words as well."""
STATE_WORDS = several(
    """alabama alaska arizona arkansas california colorado connecticut delaware florida georgia hawaii
    idaho illinois indiana iowa kansas kentucky louisiana maine maryland massachusetts michigan minnesota
    mississippi missouri montana nebraska nevada hampshire jersey mexico york carolina dakota ohio
    oklahoma oregon pennsylvania rhode island tennessee texas utah vermont virginia washington wisconsin
    wyoming new"""
)
"""The words of the states' names, as they are compared."""
COMMON = frozenset(("al", "co", "ct", "de", "hi", "id", "in", "la", "me", "oh", "ok", "or", "pa"))
"""Codes of states that are words or suffixes as well: alone before a number they tell nothing."""
_KINDS = {"us": "us", "usa": "us", "state": "state", "sr": "state", "county": "county", "cr": "county",
          "i": "interstate", "interstate": "interstate"}  # fmt: skip
_ALONE = {"us", "sr", "cr", "i", "interstate"}
"""These need no "route" behind them."""
_NUMBER = re.compile(r"\d{1,4}[a-z]?")
_GLUED = re.compile(r"(rt|rte|route|hwy|highway|i|us|sr|cr|[a-z]{2})(\d{1,4}[a-z]?)")


class Route(NamedTuple):
    """A numbered road. ``kind``: us, state, county, interstate, or nothing where it is not said."""

    number: str
    kind: str
    length: int
    """How many words it takes."""

    def fits(self, other: Route) -> bool:
        """Return whether the two may be the same road."""
        return self.number == other.number and (not self.kind or not other.kind or self.kind == other.kind)


def route_at(words: Sequence[Token], at: int) -> Route | None:
    """Return the numbered road that begins with the word, or None."""
    glued = _GLUED.fullmatch(words[at].word)
    if glued and (kind := _glued_kind(glued[1], words[at].written)) is not None:
        return Route(glued[2], kind, 1)
    kind, end, is_enough = _designation(words, at)
    if end < len(words) and words[end].word in _keywords(kind):
        end, is_enough = end + 1, True
    if end < len(words) and words[end].word in ("n", "number", "numero") and is_enough:
        end += 1
    if not is_enough or end >= len(words) or not _NUMBER.fullmatch(words[end].word):
        return None
    return Route(words[end].word, kind, end + 1 - at)


def _keywords(kind: str) -> tuple[str, ...]:
    return ("route", "highway", "road") if kind in ("state", "county") else ("route", "highway")


def _glued_kind(letters: str, written: str) -> str | None:
    if letters in _KINDS:
        return _KINDS[letters]
    if letters in ("rt", "rte", "route", "hwy", "highway"):
        return ""
    return "state" if letters in STATES - COMMON and written[:2].isupper() else None


def _designation(words: Sequence[Token], at: int) -> tuple[str, int, bool]:
    """Return the kind that stands before, where it ends, and whether a number alone may follow it."""
    kind, is_enough, end = "", False, at
    while end < len(words) and end < at + 3:
        token = words[end]
        if token.word in _KINDS:
            kind, is_enough = _KINDS[token.word], token.word in _ALONE
        elif token.word == "u" and end + 1 < len(words) and words[end + 1].word == "s":
            kind, is_enough, end = "us", True, end + 1
        elif (code := token.written.casefold()) in STATES:
            kind, is_enough = "state", code not in COMMON and token.written.isupper()
        elif token.word in STATE_WORDS:
            kind, is_enough = "state", False
        else:
            break
        end += 1
    return kind, end, is_enough

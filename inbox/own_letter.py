"""Which lines of a reply are our own letter again, however it was quoted, wrapped or encoded on its way?

Words are compared, not lines: runs of four words of the letter. Only ASCII letters and digits count where
there are enough of them, so that a letter whose accents were broken on the way is still found. Linear in
both texts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass

RUN = 4
"""Words in a row that have to be the letter's."""
_ENOUGH, _FAMILIAR = 0.7, 0.6
"""The share of a line's runs, and of its words, that makes it the letter's."""
_LONGEST_LETTER, _LONGEST_LINE = 60_000, 2_000

_URL = re.compile(r"<?(?:https?|mailto):[^\s>]{0,2000}>?")
_PLAIN = re.compile(r"[a-z0-9]+")
_ANY = re.compile(r"\w+")


def words(text: str) -> list[str]:
    """Return the words to compare by: without links, case, punctuation and, where possible, accents."""
    said = unicodedata.normalize("NFC", _URL.sub(" ", text)).lower()
    plain = _PLAIN.findall(said)
    if said.isascii() or 2 * sum(map(len, plain)) >= sum(map(str.isalnum, said)):
        return plain
    return _ANY.findall(said)


@dataclass(frozen=True)
class Letter:
    """What is known of our letter: its runs of words, its pairs and its words."""

    runs: frozenset[tuple[str, ...]]
    pairs: frozenset[tuple[str, ...]]
    vocabulary: frozenset[str]

    @classmethod
    def of(cls, text: str) -> Letter:
        said = words(text[:_LONGEST_LETTER])
        return cls(frozenset(_grams(said, RUN)), frozenset(_grams(said, 2)), frozenset(said))

    def has(self, said: Sequence[str]) -> bool:
        """Return whether these are surely words of the letter: long enough, and in its order."""
        runs = _grams(said, RUN)
        return bool(runs) and sum(run in self.runs for run in runs) >= _ENOUGH * len(runs)

    def may_have(self, said: Sequence[str]) -> bool:
        """Return whether these may be words of the letter, were its other lines around them."""
        if not said:
            return False
        if len(said) == 1:
            return said[0] in self.vocabulary
        pairs = _grams(said, 2)
        return sum(pair in self.pairs for pair in pairs) >= _ENOUGH * len(pairs)

    def is_familiar(self, said: Sequence[str]) -> bool:
        """Return whether most words occur in the letter: an altered line of it, not a new sentence."""
        return sum(word in self.vocabulary for word in said) >= _FAMILIAR * len(said)


def _grams(said: Sequence[str], length: int) -> list[tuple[str, ...]]:
    return list(zip(*(said[start:] for start in range(length)), strict=False))


def marker_lines(lines: Sequence[str], markers: Collection[str]) -> frozenset[int]:
    """Return the numbers of the lines in which one of our marker lines stands, alone or wrapped over two."""
    sought = [" ".join(found) for found in map(words, markers) if found]
    if not sought:
        return frozenset()
    said = [" ".join(words(line[:_LONGEST_LINE])) for line in lines]
    found: set[int] = set()
    for place, line in enumerate(said):
        if not line:
            continue
        after = said[place + 1] if place + 1 < len(said) else ""
        for marker in sought:
            if f" {marker} " in f" {line} ":
                found.add(place)
            elif (
                after
                and marker.startswith(line)
                and marker == f"{line} {after[: len(marker) - len(line) - 1]}"
            ):
                found.update((place, place + 1))
    return frozenset(found)


def own_lines(lines: Sequence[str], kinds: Sequence[str], ours: str) -> frozenset[int]:
    """Return the numbers of the lines that are our letter again.

    ``kinds``: the kind of each line as inbox.line_kinds says it. Our letter begins behind the place where
    quoting begins, if there is one: a person may well repeat one of our sentences before it.
    """
    letter = Letter.of(ours)
    said = [words(line[:_LONGEST_LINE]) for line in lines]
    sure = [place for place, one in enumerate(said) if letter.has(one)]
    if not sure:
        return frozenset()
    first, last = _region(sure, kinds)
    while last + 1 < len(lines) and (not said[last + 1] or letter.may_have(said[last + 1])):
        last += 1
    while first and kinds[first - 1] in "tqd" and letter.may_have(said[first - 1]):
        first -= 1
    is_marked = 2 * sum(kinds[place] == "q" for place in sure) > len(sure)
    return frozenset(
        place
        for place in range(first, last + 1)
        if kinds[place] != "t"
        or _is_own(letter, said[place], is_marked=is_marked, is_below_mark=kinds[place - 1 : place] == ["q"])
    )


def _is_own(letter: Letter, said: Sequence[str], *, is_marked: bool, is_below_mark: bool) -> bool:
    """Return whether a bare line between the letter's is the letter's too, not an answer to them.

    ``is_marked``: the others have quotation marks, so this one is its writer's, unless it broke off a
    marked line.
    """
    if is_marked:
        return letter.has(said) or (is_below_mark and letter.may_have(said))
    return not said or letter.may_have(said) or (len(said) >= RUN and letter.is_familiar(said))


def _region(sure: list[int], kinds: Sequence[str]) -> tuple[int, int]:
    """Return the first and the last line between which the letter stands.

    Where quoting begins, it begins before most of the letter; a quotation in the middle is one of the
    letter's own.
    """
    most = sure[len(sure) // 5]
    border = next((place for place in range(most + 1) if kinds[place] in "bhfqm"), 0)
    return next(place for place in sure if place >= border), sure[-1]

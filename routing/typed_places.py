"""How may a typed place be read: which house of which street, which two roads that meet?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from routing.street_places import Span, is_break
from routing.street_words import Token, several

HOUSE = re.compile(r"\d{1,6}[a-z]?")
LONGEST_LAST = 4
"""Letters. A longer number behind a street is a postal code."""
_AND = several("and y e et und at con")
CORNER = _AND | several(
    "corner of the intersection junction crossing where meets crosses on in esquina de coin du angle"
)
"""What may stand around two roads without making another place of their corner."""


def house_at(words: Sequence[Token], span: Span) -> tuple[int, int, str, int] | None:
    """Return (its first word, number, suffix, the end) of the house whose street stands at the span."""
    at = span.begin - 1
    if at >= 0 and HOUSE.fullmatch(words[at].word) and not is_break(words, span.begin):
        joint = words[at].gap.strip() if at else ""
        if joint == "/" and at >= 2 and words[at - 2].word.isdigit():
            return at - 2, int(words[at - 2].word[:6]), f"{words[at - 1].word}/{words[at].word}", span.end
        if joint in ("-", "–") and words[at - 1].word.isdigit():
            return at - 1, int(words[at - 1].word[:6]), f"-{words[at].word}", span.end
        return at, *_number(words[at].word), span.end
    after = span.end
    is_last = after < len(words) and HOUSE.fullmatch(words[after].word) and "\n" not in words[after].gap
    if is_last and len(words[after].word) <= LONGEST_LAST:
        return span.begin, *_number(words[after].word), after + 1
    return None


def _number(word: str) -> tuple[int, str]:
    digits = word.rstrip("abcdefghijklmnopqrstuvwxyz")
    return int(digits), word[len(digits) :]


def readings(words: list[Token]) -> Iterator[tuple[int, str, list[Token]]]:
    """Yield (number, suffix, the words of the street) as the text may be read."""
    end = next((at for at in range(2, len(words)) if is_break(words, at)), len(words))
    said = words[:end]
    if len(said) > 1 and HOUSE.fullmatch(said[0].word):
        yield *_number(said[0].word), said[1:]
    if len(said) > 1 and HOUSE.fullmatch(said[-1].word) and len(said[-1].word) <= LONGEST_LAST:
        yield *_number(said[-1].word), said[:-1]


def sides(words: list[Token]) -> Iterator[tuple[list[Token], list[Token]]]:
    """Yield the words on both sides of what joins two roads."""
    begin = 0
    while begin < len(words) and words[begin].word in CORNER - _AND:
        begin += 1
    for at in range(begin + 1, len(words)):
        if re.search(r"[&/+@]", words[at].gap):
            yield words[begin:at], words[at:]
        elif words[at].word in _AND:
            yield words[begin:at], words[at + 1 :]

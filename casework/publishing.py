"""What of a resident's words may others read? Finds what leads to a person: e-mail addresses and phones.

House numbers, pole numbers, dates, prices and numbers of roads stay: a report is useless without
them. So a number is a phone only in one of the forms in which people in the United States, Spain and
France write theirs, or with a plus and a country in front; where it may be either, it stands behind a
word such as "call". Full-width letters and digits are read as plain ones, and soft hyphens are not read.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, order=True)
class Span:
    """A part of a text: ``text[start:end]`` is an e-mail address or a phone number."""

    start: int
    end: int
    kind: Literal["email", "phone"]


_EMAIL = re.compile(r"(?<![\w.+%-])[\w.+%'-]{1,254}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}(?![\w-])")
_GAP = r"[ .\-\u00a0\u2009\u2011\u202f/]"
_LOOSE = r"[ .\-\u00a0\u2009\u2011\u202f]{0,2}"
_SHAPES = (
    # With a country in front, however it is grouped: +1 603 555 0100, 0034 612 345 678, +33 (0)6 12 …
    rf"(?:\+|00)[1-9]\d{{0,2}}{_LOOSE}(?:\(0\))?{_LOOSE}\(?\d{{1,4}}\)?(?:{_LOOSE}\d{{2,4}}){{2,5}}",
    # United States: (603) 555-0100, 1-603-555-0100, 603.555.0100, 6035550100
    rf"(?:1{_GAP}?)?\(\d{{3}}\){_LOOSE}\d{{3}}{_GAP}?\d{{4}}",
    rf"(?:1{_GAP}?)?\d{{3}}{_GAP}\d{{3}}{_GAP}?\d{{4}}",
    r"1?[2-9]\d{9}",
    # France: 06 12 34 56 78, 06.12.34.56.78, 0612345678
    rf"0[1-9](?:{_GAP}?\d\d){{4}}",
    # Spain: 612 345 678, 612 34 56 78, 91 234 56 78, 612345678
    rf"[6-9]\d\d{_GAP}?\d{{3}}{_GAP}?\d{{3}}",
    rf"[6-9]\d\d(?:{_GAP}\d\d){{3}}",
    rf"[89]\d{_GAP}\d{{3}}{_GAP}\d\d{_GAP}\d\d",
)
_EXTENSION = r"(?:[ ,]{0,2}(?:ext|extension|ext\.|x)[ .]?\d{1,5})?"
_ALONE = r"(?<![\w$€£+])(?<!\d[.,/:\-])"
_ENDED = r"(?!\d)(?![.,/:\-]\d)(?!\s?(?:[€$£%°]|euros?\b|dollars?\b))"
_PHONE = re.compile(
    rf"{_ALONE}(?:{'|'.join(f'(?:{shape}){_ENDED}' for shape in _SHAPES)}){_EXTENSION}", re.IGNORECASE
)
_GROUPED = re.compile(
    # A date and a position are none, whatever stands before them.
    rf"{_ALONE}(?!\d{{4}}-\d\d-\d\d|\d{{1,2}}[./-]\d{{1,2}}[./-]\d{{4}}|\d{{1,3}}\.\d{{5}})"
    rf"\(?\d(?:[ .\-()\u00a0\u2009\u2011\u202f/]{{0,2}}\d){{6,14}}{_ENDED}{_EXTENSION}",
    re.IGNORECASE,
)
"""555-0100, 603 555 01 00, 6 0 3 5 5 5 0 1 0 0: a phone behind a word such as "call", else as well a pole."""
_CALLS = re.compile(
    r"\b(?:call|phone|telephone|tel|cell|mobile|text|ring|contact|fax|reach|whatsapp|"
    r"ll[áa]m\w+|tel[ée]fono|tfno|m[óo]vil|appel\w+|t[ée]l[ée]phone|t[ée]l|portable|joindre)\b[^\d\n]{0,24}$",
    re.IGNORECASE,
)
_THING = re.compile(
    r"(?:#|\b(?:pole|hydrant|meter|light|lamp|tag|plate|permit|account|serial|asset|"
    r"poste|farola|hidrante|contador|matr[íi]cula|poteau|lampadaire|borne|compteur|plaque)s?"
    r"(?:\s+(?:number|no\.?|n[ºo°.]|nr\.?|n[úu]mero|num[ée]ro|id))?)[\s#:№]{0,3}$",
    re.IGNORECASE,
)
SOFT_HYPHEN = "\u00ad"
DASHES = "\u2010\u2011\u2012\u2013\u2212"
KEPT = "\u00ba\u00aa"
"""They stand in "nº" and are no letters of it."""
_BEFORE = 48
"""Characters read before a number for what it is the number of."""


def contacts(text: str) -> tuple[Span, ...]:
    """Return the e-mail addresses and phone numbers in ``text``, in order, none inside another.

    Takes time in proportion to the text's length, whatever stands in it.
    """
    if text.isascii():
        return _contacts(text)
    read = [(at, char) for at, char in enumerate(text) if char != SOFT_HYPHEN]
    spans = _contacts("".join(_unfolded(char) for _at, char in read))
    return tuple(Span(read[one.start][0], read[one.end - 1][0] + 1, one.kind) for one in spans)


def _unfolded(char: str) -> str:
    """Return a full-width letter or digit, or a dash, as everybody types it; nothing grows longer by it."""
    same = "-" if char in DASHES else unicodedata.normalize("NFKC", char)
    return same if len(same) == 1 and char not in KEPT else char


def _contacts(text: str) -> tuple[Span, ...]:
    found = [Span(*one.span(), "email") for one in _EMAIL.finditer(text)]
    found += (Span(*one.span(), "phone") for one in _PHONE.finditer(text) if not _behind(_THING, text, one))
    found += (
        Span(*one.span(), "phone")
        for one in _GROUPED.finditer(text)
        if _behind(_CALLS, text, one) and not _behind(_THING, text, one)
    )
    apart: list[Span] = []
    for span in sorted(found, key=lambda one: (one.start, -one.end)):
        if not apart or span.start >= apart[-1].end:
            apart.append(span)
    return tuple(apart)


def _behind(words: re.Pattern[str], text: str, number: re.Match[str]) -> bool:
    """Whether the number stands right behind one of these words."""
    return words.search(text[max(0, number.start() - _BEFORE) : number.start()]) is not None

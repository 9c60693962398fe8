"""Which words on a page are in another language than the page? Whatever the town has not said in its own.

A screen reader reads them with the right voice only where they say so (WCAG 2.2, 3.1.2). Words that the
product knows the language of carry it along as ``Said``; the filters of pages and letters mark them.
"""

from __future__ import annotations

from babel import Locale, UnknownLocaleError
from markupsafe import Markup

FIRST = ""
"""The tongue of words that stand in the rules once for all: the town's first language."""


class Said(str):
    """Words, and the tag of the language that they are in (``FIRST`` for the town's first)."""

    tongue: str

    def __new__(cls, words: str, tongue: str) -> Said:
        made = super().__new__(cls, words)
        made.tongue = tongue
        return made

    def __getnewargs__(self) -> tuple[str, str]:  # type: ignore[override]  # for copies and other processes
        return str(self), self.tongue


def without(words: str, tail: str) -> str:
    """Return the words without what they end with, in the language that they are in."""
    left = words.removesuffix(tail).rstrip()
    return Said(left, words.tongue) if isinstance(words, Said) else left


def tongue(words: object, page: str, first: str) -> str:
    """Return the tag to mark ``words`` with on a page in the language ``page``; "" where there is none."""
    if not isinstance(words, Said):
        return ""
    own = words.tongue or first
    return "" if _stem(own) == _stem(page) or not words else own


def spoken(words: object, page: str, first: str) -> object:
    """Return the words, marked where they are in another language than the page."""
    own = tongue(words, page, first)
    if not own:
        return words
    turned = _direction(own)
    if turned == _direction(page):
        return Markup('<span lang="{}">{}</span>').format(own, str(words))
    return Markup('<span lang="{}" dir="{}">{}</span>').format(own, turned, str(words))


def _stem(tag: str) -> str:
    return tag.replace("_", "-").partition("-")[0].casefold()


def _direction(tag: str) -> str:
    try:
        return Locale.parse(tag.replace("-", "_")).text_direction
    except (ValueError, UnknownLocaleError):
        return "ltr"  # rules under check may name a language that is none; that is told elsewhere

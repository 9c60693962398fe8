"""Is anything on this page, or in this letter, still English? Read as somebody reads who knows no English."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import html5lib
from babel.messages.pofile import read_po
from pydantic import BaseModel

from languages.catalogues import FILE
from routing.kinds import Text
from settings import ROOT

READ_OUT = ("alt", "title", "aria-label", "placeholder")
UNSEEN = {"script", "style", "template", "textarea"}
NAME = re.compile(r"%\(\w+\)[\d.]*[a-z]|\{\w*\}|%%")
ENGLISH = re.compile(
    r"\b(the|and|you|your|with|this|that|is|are|was|were|it|its|of|we|our|they|them|their|to|from|by|has|have|"
    r"who|what|when|where|not yet|please|thank|send|sent|open|request|town|letter|day|days|away)\b",
    re.IGNORECASE,
)
"""Words that no Spanish or French sentence has."""


def texts_of(page: str) -> Iterator[str]:
    """Yield everything that is seen or read out of a page."""
    for element in html5lib.parse(page, namespaceHTMLElements=False).iter():
        if not isinstance(element.tag, str):
            continue
        seen = [element.get(name, "") for name in READ_OUT]
        seen += [value for name, value in element.attrib.items() if name.startswith("data-") and " " in value]
        if element.tag not in UNSEEN:
            seen.append(element.text or "")
        for words in (*seen, element.tail or ""):
            if words.strip():
                yield " ".join(words.split())


def english_left(texts: Iterable[str], language: str, known: Iterable[str]) -> list[str]:
    """Return what should have been translated; ``known`` is what the town and the residents wrote."""
    pieces = {" ".join(piece.split()) for one in known for piece in re.split(r"\{\w+\}", one)}
    own = sorted((one for one in pieces if len(one) > 2), key=len, reverse=True)
    left = []
    for text in (" ".join(one.split()) for one in texts):
        rest = "" if text in pieces else text
        for one in own:
            rest = rest.replace(one, "·")
        rest = re.sub(r"https?://\S+", "·", rest)
        if ENGLISH.search(rest) or rest in _alone(language) or any(one in rest for one in _long(language)):
            left.append(text)
    return left


@cache
def _messages(language: str) -> tuple[str, ...]:
    with (ROOT / "translations" / language / FILE).open("rb") as file:
        catalogue = read_po(file, locale=language)
    pairs = [
        (one.id, one.string) if isinstance(one.id, str) else (one.id[0], one.string[0])
        for one in catalogue
        if one.id and one.string
    ]
    same = {id for id, said in pairs if id == said}
    return tuple(id for id, _said in pairs if id not in same)


@cache
def _alone(language: str) -> frozenset[str]:
    """Short words are wrong where they stand alone: "No" is Spanish as well inside of a sentence."""
    return frozenset(_messages(language))


@cache
def _long(language: str) -> tuple[str, ...]:
    pieces = (piece.strip() for one in _messages(language) for piece in NAME.split(one))
    return tuple({piece for piece in pieces if len(piece) > 14 and piece.count(" ") > 1})


def words_of_the_town(thing: Any, *languages: str) -> Iterator[str]:
    """Yield every word that the rules say to somebody, in these languages."""
    if isinstance(thing, Text):
        yield from (thing.said(language) for language in languages or ("en", "es", "fr"))
    elif isinstance(thing, BaseModel):
        for name in type(thing).model_fields:
            yield from words_of_the_town(getattr(thing, name), *languages)
    elif hasattr(thing, "__dataclass_fields__"):
        for name in thing.__dataclass_fields__:
            yield from words_of_the_town(getattr(thing, name), *languages)
    elif hasattr(thing, "items"):
        for value in thing.values():
            yield from words_of_the_town(value, *languages)
    elif isinstance(thing, (list, tuple, set, frozenset)):
        for value in thing:
            yield from words_of_the_town(value, *languages)

"""Which service do the town's own words mean, before it has any history?

Each service is a small document: its name, what residents call it, its description. A text is compared
with it term by term; a rare term weighs more than one that every service uses, and a long document is
held back by the root of its length only, so that a service which lists many words is not punished.

A word that the town only wrote inside a phrase is weak without it: "stop" from "stop sign" says little
in "bus stop", and everything in "the sign that says stop".
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from routing.rulebook import Service, Text
from routing.terms import terms

NAME_WEIGHT, WORDS_WEIGHT, DESCRIPTION_WEIGHT = 2.0, 1.5, 0.7
LETTERS_WEIGHT = 0.3
ALONE = 0.5
"""What a word of a phrase is worth when no other word of that phrase is in the text."""


@dataclass(frozen=True)
class Document:
    """The words of one service, by where they stand: (weight, words)."""

    code: str
    parts: tuple[tuple[float, str], ...]


def documents(services: Iterable[Service]) -> tuple[Document, ...]:
    """Return what each service says of itself, in every language it says it."""
    return tuple(_document(service) for service in services)


def _document(service: Service) -> Document:
    parts = [(NAME_WEIGHT, words) for words in _spoken(service.name)]
    parts += [(WORDS_WEIGHT, word) for word in service.words]
    parts += [(DESCRIPTION_WEIGHT, words) for words in _spoken(service.description)]
    return Document(service.code, tuple(parts))


def _spoken(text: Text) -> Iterable[str]:
    return (text.root,) if isinstance(text.root, str) else tuple(text.root.values())


class Words:
    """The documents of all services, ready to be compared with a text."""

    def __init__(self, found: tuple[Document, ...]) -> None:
        self.codes = tuple(document.code for document in found)
        self.terms = {document.code: _weigh(document) for document in found}
        spread = Counter(term for one in self.terms.values() for term in one)
        self.rarity = {
            term: math.log((len(found) + 1) / (number + 0.5)) * _share(term)
            for term, number in spread.items()
        }
        self._values = {code: self._value(one) for code, one in self.terms.items()}
        self._bound = {document.code: _bound(document) for document in found}

    def _value(self, weights: Mapping[str, float]) -> dict[str, float]:
        raw = {term: weight * self.rarity[term] for term, weight in weights.items()}
        held_back = math.sqrt(_length(raw.values())) or 1.0
        return {term: value / held_back for term, value in raw.items()}

    def shares(self, said: Iterable[str]) -> dict[str, dict[str, float]]:
        """Return service -> term -> what the term adds to its score (0 and more, seldom above 4)."""
        asked = {term: self.rarity[term] for term in said if term in self.rarity}
        length = _length(asked.values()) or 1.0
        found = {}
        for code, own in self._values.items():
            bound = self._bound[code]
            found[code] = {
                term: value * own[term] / length * (ALONE if _stands_alone(bound.get(term), asked) else 1.0)
                for term, value in asked.items()
                if term in own
            }
        return found

    def scores(self, said: Iterable[str]) -> dict[str, float]:
        """Return service -> score; 0 where there is nothing in common."""
        return {code: sum(parts.values()) for code, parts in self.shares(said).items()}


@lru_cache(maxsize=8)
def words_of(found: tuple[Document, ...]) -> Words:
    """Return the documents made ready, once per rules file."""
    return Words(found)


def _weigh(document: Document) -> dict[str, float]:
    weights: dict[str, float] = {}
    for weight, words in document.parts:
        for term in terms(words):
            weights[term] = max(weights.get(term, 0.0), weight)
    return weights


def _bound(document: Document) -> dict[str, frozenset[str]]:
    """Return the words that stand only inside phrases of the document, each with its companions."""
    companions: dict[str, frozenset[str]] = {}
    free: set[str] = set()
    for _weight, words in document.parts:
        whole = frozenset(term for term in terms(words) if term.startswith("w:"))
        # A description is a sentence and no phrase: its words stand for themselves, and weigh less.
        if len(whole) == 1 or _weight == DESCRIPTION_WEIGHT:
            free |= whole
        for term in whole:
            companions[term] = companions.get(term, frozenset()) | (whole - {term})
    return {term: others for term, others in companions.items() if term not in free}


def _stands_alone(companions: frozenset[str] | None, asked: Mapping[str, float]) -> bool:
    return companions is not None and companions.isdisjoint(asked)


def _share(term: str) -> float:
    return LETTERS_WEIGHT if term.startswith("l:") else 1.0


def _length(values: Iterable[float]) -> float:
    return math.sqrt(sum(value * value for value in values))

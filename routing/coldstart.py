"""Which service do the town's own words mean, before it has any history?

Each service is a small document: its name, what residents call it, its description. A text is compared
with it term by term; a rare term weighs more than one that every service uses, and a long document is
held back by the root of its length only, so that a service which lists many words is not punished.

A word that the town only wrote inside a phrase is weak without it: "stop" from "stop sign" says little
in "bus stop", and everything in "the sign that says stop".

Each language of the town is a world of its own: "chat" is a cat in one and talk in the other, and a service
does not get harder to find because it is described three times. A text is compared with one of them.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from routing.rulebook import Rulebook, Service, Text
from routing.terms import terms

NAME_WEIGHT, WORDS_WEIGHT, DESCRIPTION_WEIGHT = 2.0, 1.5, 0.7
LETTERS_WEIGHT = 0.3
ALONE = 0.5
"""What a word of a phrase is worth when no other word of that phrase is in the text."""


@dataclass(frozen=True)
class Document:
    """The words of one service, by where they stand: (weight, words, language)."""

    code: str
    parts: tuple[tuple[float, str, str], ...]


def documents(rulebook: Rulebook) -> tuple[Document, ...]:
    """Return what each service says of itself, in every language it says it."""
    first = rulebook.town.languages[0]
    return tuple(_document(service, first) for service in rulebook.services.values())


def _document(service: Service, first: str) -> Document:
    parts = [(NAME_WEIGHT, words, language) for language, words in _spoken(service.name, first)]
    parts += [(WORDS_WEIGHT, word, first) for word in service.words]
    parts += [(WORDS_WEIGHT, word, language) for language, own in service.words_in.items() for word in own]
    parts += [
        (DESCRIPTION_WEIGHT, words, language) for language, words in _spoken(service.description, first)
    ]
    return Document(service.code, tuple(parts))


def _spoken(text: Text, first: str) -> Iterable[tuple[str, str]]:
    if isinstance(text.root, str):
        return ((first, text.root),)
    return sorted(text.root.items(), key=lambda said: said[0] != first)


class Words:
    """The documents of all services, ready to be compared with a text, each language on its own."""

    def __init__(self, found: tuple[Document, ...]) -> None:
        self.codes = tuple(document.code for document in found)
        tags = dict.fromkeys(language for document in found for _weight, _words, language in document.parts)
        self.languages = tuple(Spoken(_in_language(found, tag)) for tag in tags) or (Spoken(found),)

    def vocabulary(self) -> Iterable[str]:
        """Yield every term of every service; some more than once."""
        return (term for spoken in self.languages for own in spoken.terms.values() for term in own)

    def shares(self, said: Collection[str]) -> dict[str, dict[str, float]]:
        """Return service -> term -> what the term adds to its score (0 and more, seldom above 4)."""
        return self._language_of(said).shares(said)

    def _language_of(self, said: Collection[str]) -> Spoken:
        """Return the language that knows most of the words; the town's first where none knows more."""
        whole = [term for term in said if term.startswith("w:")]
        return max(self.languages, key=lambda spoken: sum(term in spoken.rarity for term in whole))

    def scores(self, said: Collection[str]) -> dict[str, float]:
        """Return service -> score; 0 where there is nothing in common."""
        return {code: sum(parts.values()) for code, parts in self.shares(said).items()}


class Spoken:
    """The documents of all services in one language."""

    def __init__(self, found: tuple[Document, ...]) -> None:
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

    def shares(self, said: Collection[str]) -> dict[str, dict[str, float]]:
        """Return service -> term -> what the term adds to its score."""
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


class _Same:
    """A rulebook that equals only itself: what it holds is far too much to compare for each text."""

    def __init__(self, rulebook: Rulebook) -> None:
        self.rulebook = rulebook

    def __hash__(self) -> int:
        return id(self.rulebook)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.rulebook is other.rulebook


def words_for(rulebook: Rulebook) -> Words:
    """Return the documents of the rules made ready, once per rules file."""
    return _words_for(_Same(rulebook))


@lru_cache(maxsize=4)
def _words_for(same: _Same) -> Words:
    return words_of(documents(same.rulebook))


@lru_cache(maxsize=8)
def words_of(found: tuple[Document, ...]) -> Words:
    """Return the documents made ready; the same ones for the same words."""
    return Words(found)


def _in_language(found: tuple[Document, ...], tag: str) -> tuple[Document, ...]:
    return tuple(
        Document(document.code, tuple(part for part in document.parts if part[2] == tag))
        for document in found
    )


def _weigh(document: Document) -> dict[str, float]:
    weights: dict[str, float] = {}
    for weight, words, _language in document.parts:
        for term in terms(words):
            weights[term] = max(weights.get(term, 0.0), weight)
    return weights


def _bound(document: Document) -> dict[str, frozenset[str]]:
    """Return the words that stand only inside phrases of the document, each with its companions."""
    companions: dict[str, frozenset[str]] = {}
    free: set[str] = set()
    for _weight, words, _language in document.parts:
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

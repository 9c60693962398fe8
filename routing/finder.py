"""Which service do these words mean, and are we sure enough to say so?

Before a town has any history there are only its own words: names, what residents call a service,
descriptions. Each service is a small document; a text is compared with it by the cosine of weighted
terms: words cut to their stem, and the letter groups inside them, which forgive spelling. A rare
term weighs more than one that every service uses.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from routing.rulebook import Rulebook, Service, Text

SURE_SCORE = 0.18
SURE_LEAD = 1.25
"""Sure only when the best score is high and well ahead of the second; otherwise the list is shown."""
LONGEST_TEXT = 5000

NAME_WEIGHT, WORDS_WEIGHT, DESCRIPTION_WEIGHT = 2.0, 1.5, 0.7
LETTERS_WEIGHT = 0.3

STOP_WORDS = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "been",
        "but",
        "by",
        "can",
        "cannot",
        "could",
        "did",
        "do",
        "does",
        "for",
        "from",
        "get",
        "had",
        "has",
        "have",
        "he",
        "her",
        "his",
        "how",
        "i",
        "if",
        "in",
        "into",
        "is",
        "it",
        "its",
        "just",
        "like",
        "me",
        "my",
        "near",
        "no",
        "not",
        "of",
        "off",
        "on",
        "or",
        "our",
        "out",
        "over",
        "please",
        "she",
        "so",
        "some",
        "somebody",
        "someone",
        "something",
        "that",
        "the",
        "their",
        "them",
        "then",
        "there",
        "these",
        "they",
        "this",
        "to",
        "up",
        "us",
        "very",
        "was",
        "we",
        "were",
        "what",
        "when",
        "where",
        "which",
        "who",
        "will",
        "with",
        "would",
        "you",
        "your",
    ]
)
_SUFFIXES = (
    "ingly",
    "edly",
    "ings",
    "ing",
    "ies",
    "ied",
    "est",
    "ers",
    "ed",
    "es",
    "er",
    "ly",
    "s",
    "y",
    "e",
)


@dataclass(frozen=True)
class Found:
    """Services with their scores (0 to 1), the best first. ``sure`` False: offer the whole list."""

    services: tuple[tuple[str, float], ...]
    sure: bool
    agencies: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()


def find(rulebook: Rulebook, text: str) -> Found:
    """Rank the services that the words may mean; services with nothing in common are left out."""
    index = _index(tuple(_document(service) for service in rulebook.services.values()))
    scores = index.scores(text[:LONGEST_TEXT])
    ranked = tuple(sorted(scores.items(), key=lambda row: -row[1]))
    return Found(ranked, _is_sure(ranked))


def _is_sure(ranked: tuple[tuple[str, float], ...]) -> bool:
    if not ranked or ranked[0][1] < SURE_SCORE:
        return False
    return len(ranked) == 1 or ranked[0][1] >= ranked[1][1] * SURE_LEAD


@dataclass(frozen=True)
class Document:
    """The words of one service, by where they stand."""

    code: str
    parts: tuple[tuple[float, str], ...]


def _document(service: Service) -> Document:
    parts = [(NAME_WEIGHT, words) for words in _spoken(service.name)]
    parts += [(WORDS_WEIGHT, word) for word in service.words]
    parts += [(DESCRIPTION_WEIGHT, words) for words in _spoken(service.description)]
    return Document(service.code, tuple(parts))


def _spoken(text: Text) -> Iterable[str]:
    return (text.root,) if isinstance(text.root, str) else tuple(text.root.values())


class _Index:
    def __init__(self, documents: tuple[Document, ...]) -> None:
        counts = {document.code: _weigh(document) for document in documents}
        spread = Counter(term for terms in counts.values() for term in terms)
        size = len(documents)
        self.rarity = {term: math.log((size + 1) / (number + 0.5)) for term, number in spread.items()}
        self.vectors = {code: self._vector(terms) for code, terms in counts.items()}

    def _vector(self, terms: Mapping[str, float]) -> dict[str, float]:
        raw = {
            term: (1 + math.log1p(weight)) * self.rarity[term] for term, weight in terms.items() if weight > 0
        }
        length = math.sqrt(sum(value * value for value in raw.values())) or 1.0
        return {term: value / length for term, value in raw.items()}

    def scores(self, text: str) -> dict[str, float]:
        known = {term: weight for term, weight in _terms(text, 1.0) if term in self.rarity}
        asked = self._vector(known)
        found = {
            code: sum(value * vector.get(term, 0.0) for term, value in asked.items())
            for code, vector in self.vectors.items()
        }
        return {code: round(score, 4) for code, score in found.items() if score > 0.01}


@lru_cache(maxsize=8)
def _index(documents: tuple[Document, ...]) -> _Index:
    return _Index(documents)


def _weigh(document: Document) -> dict[str, float]:
    weights: dict[str, float] = {}
    for weight, words in document.parts:
        for term, value in _terms(words, weight):
            weights[term] = max(weights.get(term, 0.0), value)
    return weights


def _terms(text: str, weight: float) -> Iterator[tuple[str, float]]:
    """Yield stems, pairs of neighbouring stems, and the letter groups inside longer words."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    words = re.findall(r"[^\W_]+", "".join(c for c in plain if not unicodedata.combining(c)))
    kept = [_stem(word) for word in words if word not in STOP_WORDS]
    for stem in kept:
        yield f"w:{stem}", weight
        padded = f"<{stem}>"
        if len(stem) > 3:
            yield from (
                (f"l:{padded[at : at + 4]}", weight * LETTERS_WEIGHT) for at in range(len(padded) - 3)
            )
    for first, second in pairwise(kept):
        yield f"p:{first} {second}", weight


def _stem(word: str) -> str:
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 3:
            return word.removesuffix(suffix)
    return word

"""What can be learned from requests whose right service is known?

Learning is counting: how many texts of each service use a term. A term that fewer than two texts use
is not kept, so that nobody's name, written once, stays. How far the counts can be trusted is measured
on texts that were left out of the counting, never on those that were counted.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from routing.coldstart import Document, documents, words_of
from routing.learned import Counts, Floats, Learned, probabilities
from routing.model import NEVER, Model, Trust
from routing.rulebook import Rulebook
from routing.terms import terms

FEWEST_TEXTS = 2
MOST_TERMS = 20_000
PARTS = 5
MOST_MEASURED = 1000
FEWEST_MEASURED = 20
PRECISE = 0.94
"""Of the left-out texts that were called sure, at least this share must have been right. A little above
the nine in ten that are promised, because the threshold is chosen where it looks best."""
SHRUNK_BY = 20
"""A service's own record counts fully only beside this many imagined texts of the usual record: what
residents call by one name and file under another is sure less often."""
SHARPNESS = (0.5, 0.7, 1.0, 1.4, 2.0, 2.8)
WORDS_WEIGHTS = (0.25, 0.5, 1.0, 2.0)

SURE_ENOUGH = 0.9
"""Ask for no more than this where every left-out text happened to be found beyond any doubt."""


@dataclass(frozen=True)
class Example:
    """The terms of one text, and the service that it was about."""

    terms: tuple[str, ...]
    service: str


def learn(rulebook: Rulebook, examples: Iterable[tuple[str, str]]) -> Model:
    """Learn from (text, service code); services that the rules do not offer are left out.

    Pure: the same rules and examples in the same order give the same model. About half a millisecond
    a text.
    """
    return learn_from(documents(rulebook), rulebook.version, examples)


def learn_from(
    services: tuple[Document, ...], rules_version: str, examples: Iterable[tuple[str, str]]
) -> Model:
    """Learn as ``learn`` does, from what the services say of themselves and not the whole rulebook."""
    digest = hashlib.sha256(rules_version.encode())
    offered = {service.code for service in services}
    # The same term in a thousand texts is kept in memory once.
    once: dict[str, str] = {}
    read = []
    for text, service in examples:
        if service in offered:
            digest.update(f"{service}\0{text}\0".encode("utf-8", "surrogatepass"))
            read.append(Example(tuple(once.setdefault(term, term) for term in terms(text)), service))
    return Model(
        version=digest.hexdigest()[:12],
        rules_version=rules_version,
        texts=len(read),
        counts=_counted(read),
        trust=_measured(services, read),
    )


def _counted(examples: Sequence[Example]) -> Counts:
    texts = Counter(term for example in examples for term in example.terms)
    often = sorted(
        (term for term, count in texts.items() if count >= FEWEST_TEXTS),
        key=lambda term: (-texts[term], term),
    )
    shares: dict[str, dict[str, float]] = {term: {} for term in often[:MOST_TERMS]}
    for example in examples:
        share = 1 / math.sqrt(len(example.terms) or 1)
        for term in example.terms:
            if term in shares:
                shares[term][example.service] = shares[term].get(example.service, 0.0) + share
    return {term: (texts[term], _rounded(by_service)) for term, by_service in shares.items()}


def _rounded(shares: dict[str, float]) -> dict[str, float]:
    return {service: round(shares[service], 3) for service in sorted(shares)}


def _measured(services: tuple[Document, ...], examples: Sequence[Example]) -> Trust:
    """Leave out a fifth of the texts at a time, and see what the others say about them."""
    sample = examples[-MOST_MEASURED:]
    if len(sample) < FEWEST_MEASURED:
        return Trust()
    words = words_of(services)
    column = {code: at for at, code in enumerate(words.codes)}
    right = np.array([column[example.service] for example in sample])
    learned, own = np.zeros((2, len(sample), len(words.codes)))
    for part in range(PARTS):
        others = [example for at, example in enumerate(sample) if at % PARTS != part]
        ready = Learned(_counted(others), len(others), words)
        for at in range(part, len(sample), PARTS):
            learned[at] = ready.scores(sample[at].terms)
            scores = words.scores(sample[at].terms)
            own[at] = [scores[code] for code in words.codes]
    return _fitted(words.codes, learned, own, right)


def _fitted(codes: Sequence[str], learned: Floats, own: Floats, right: np.ndarray) -> Trust:
    """Choose the mix under which the left-out texts were the least surprising."""
    learned_unit, words_unit = (float(scores.std(axis=1).mean()) or 1.0 for scores in (learned, own))
    choices = []
    for words_weight in WORDS_WEIGHTS:
        mixed = learned / learned_unit + words_weight * own / words_unit
        for sharpness in SHARPNESS:
            chances = probabilities(mixed * sharpness)
            surprise = -float(np.log(chances[np.arange(len(right)), right] + 1e-9).mean())
            choices.append((surprise, words_weight, sharpness, chances))
    _surprise, words_weight, sharpness, chances = min(choices, key=lambda choice: choice[0])
    first = chances.argmax(axis=1)
    reliable = _reliable(first, first == right, len(codes))
    return Trust(
        learned_unit=round(learned_unit, 6),
        words_unit=round(words_unit, 6),
        words_weight=words_weight,
        sharpness=sharpness,
        sure_from=_sure_from(chances.max(axis=1) * reliable[first], first == right),
        measured_on=len(right),
        reliable={code: float(share) for code, share in zip(codes, reliable, strict=True)},
    )


def _reliable(first: np.ndarray, is_right: np.ndarray, services: int) -> Floats:
    """Return for each service how often it was right where it came first, drawn towards the mean."""
    times = np.bincount(first, minlength=services)
    rights = np.bincount(first, weights=is_right, minlength=services)
    found: Floats = (rights + SHRUNK_BY * is_right.mean()) / (times + SHRUNK_BY)
    return found


def _sure_from(best: Floats, is_right: np.ndarray) -> float:
    """Return the lowest confidence from which on enough of the answers were right."""
    order = np.argsort(-best, kind="stable")
    # One imagined right and one imagined wrong answer, so that three lucky ones prove nothing.
    precision = (np.cumsum(is_right[order]) + 1) / (np.arange(len(order)) + 3)
    enough = np.flatnonzero(precision >= PRECISE)
    if not len(enough):
        return NEVER
    lowest = float(best[order][enough[-1]])
    # Where even the least probable answers were precise enough, nothing was seen that lies below them.
    return min(lowest, SURE_ENOUGH) if enough[-1] == len(order) - 1 else lowest

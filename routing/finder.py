"""Which service do these words mean, which agency or answer, and are we sure enough to say so?

Two kinds of evidence speak: the town's own words (``routing.coldstart``), there from the first day, and
what was learned from requests that ended (``routing.learned``). Where there is a model, the two are
mixed as they did best on texts that were left out of learning.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from routing.coldstart import Words, words_for
from routing.learned import Floats, Learned, probabilities
from routing.model import Model
from routing.phrases import agencies_said, answers_said
from routing.rulebook import Rulebook
from routing.terms import terms

SURE_WORDS = 3
SURE_LEAD = 3.0
"""Without a model: sure only when so many words spoke for the best, which has so many times the second's
score. On 366 real texts nine in ten such answers were right (benchmarks/finder.py measures it)."""
SMALLEST_RIVAL = 0.05
"""A second that has next to nothing counts as this much."""
SMALLEST = 0.01
MOST_REASONS = 5


@dataclass(frozen=True)
class Found:
    """Services with their scores (0 to 1), the best first. ``sure`` False: offer the whole list."""

    services: tuple[tuple[str, float], ...]
    sure: bool
    agencies: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reason:
    """A word or pair of words as the text has it, and how strongly it spoke for the service."""

    word: str
    weight: float


def find(rulebook: Rulebook, text: str, model: Model | None = None) -> Found:
    """Rank the services that the words may mean; services with nothing in common are left out.

    With a model the scores are probabilities; without one they only tell more from less. Well under
    3 ms, however long the text: only its first 5,000 characters are looked at.
    """
    words, said = words_for(rulebook), terms(text)
    if model is None or not model.texts:
        ranked, sure = _by_words(words, said)
    else:
        ranked, sure = _by_both(words, _learned(words, model), said, model)
    return Found(ranked, sure, agencies_said(rulebook, text), answers_said(rulebook, text))


def explain(
    rulebook: Rulebook, text: str, service: str, model: Model | None = None, *, most: int = MOST_REASONS
) -> tuple[Reason, ...]:
    """Return the words of the text that spoke for the service rather than for others, strongest first."""
    words, said = words_for(rulebook), terms(text)
    weights: defaultdict[str, float] = defaultdict(float)
    parts = words.shares(said)
    own_unit = 1.0
    if model is not None and model.texts:
        own_unit = model.trust.words_weight / model.trust.words_unit
        learned = _learned(words, model)
        known, shares = learned.shares(said)
        above = shares[:, words.codes.index(service)] - shares.mean(axis=1)
        for term, weight in zip(known, above, strict=True):
            weights[said[term]] += float(weight) / model.trust.learned_unit
    for code, own in parts.items():
        for term, value in own.items():
            weights[said[term]] += own_unit * value * ((code == service) - 1 / len(parts))
    best = sorted((word for word in weights if weights[word] > SMALLEST), key=lambda word: -weights[word])
    return tuple(Reason(word, round(weights[word], 3)) for word in best[:most])


def _by_words(words: Words, said: Mapping[str, str]) -> tuple[tuple[tuple[str, float], ...], bool]:
    shares = words.shares(said)
    raw = {code: score for code, parts in shares.items() if (score := sum(parts.values())) > SMALLEST}
    ranked = sorted(raw, key=lambda code: -raw[code])
    scored = tuple((code, round(raw[code] / (1 + raw[code]), 4)) for code in ranked)
    if not ranked:
        return scored, False
    spoke = sum(term.startswith("w:") for term in shares[ranked[0]])
    second = raw[ranked[1]] if len(ranked) > 1 else 0.0
    return scored, spoke >= SURE_WORDS and raw[ranked[0]] >= SURE_LEAD * max(second, SMALLEST_RIVAL)


def _by_both(
    words: Words, learned: Learned, said: Mapping[str, str], model: Model
) -> tuple[tuple[tuple[str, float], ...], bool]:
    own = words.scores(said)
    scores = learned.scores(said)
    if not scores.any() and not any(own.values()):
        return (), False
    trust = model.trust
    mixed: Floats = scores / trust.learned_unit + trust.words_weight * (
        np.array([own[code] for code in words.codes]) / trust.words_unit
    )
    chances = probabilities(mixed * trust.sharpness)
    order = np.argsort(-chances, kind="stable")
    # A hair above nought, so that rounding never makes a score of 0.
    ranked = tuple((words.codes[at], max(round(float(chances[at]), 4), 0.0001)) for at in order)
    first, chance = words.codes[order[0]], float(chances[order[0]])
    return ranked, trust.confidence(first, chance) >= trust.sure_from


@lru_cache(maxsize=4)
def _learned(words: Words, model: Model) -> Learned:
    return Learned(model.counts, model.texts, words)

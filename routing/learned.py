"""What do the learned terms say about a text? Complement naive Bayes, made ready for many questions.

For each service it is counted how often a term stands in the requests of all the *other* services; a
term that is rare there speaks for the service. That is steadier than counting within the service when
some services have had three requests and others three hundred (Rennie and others, "Tackling the poor
assumptions of naive Bayes text classifiers", 2003).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from routing.coldstart import Words

Floats = NDArray[np.float64]
Counts = Mapping[str, tuple[int, Mapping[str, float]]]

SMOOTHING = 1.0
WORDS_COUNT_AS = 2.0
"""A service's own words weigh as much as this many requests."""
LETTERS_WEIGHT = 0.5


class Learned:
    """The weight of every term for every service, in the order of ``words.codes``."""

    def __init__(self, counts: Counts, texts: int, words: Words) -> None:
        self.codes = words.codes
        vocabulary = list(dict.fromkeys([*counts, *words.vocabulary()]))
        self._row = {term: at for at, term in enumerate(vocabulary)}
        seen, shares = self._counted(counts, words)
        rarity = np.log((texts + len(self.codes) + 1) / (seen + 0.5))
        letters = np.array([term.startswith("l:") for term in vocabulary], dtype=bool)
        self._rarity: Floats = rarity * np.where(letters, LETTERS_WEIGHT, 1.0)
        self._weights: Floats = _complement(shares * self._rarity[:, None])

    def _counted(self, counts: Counts, words: Words) -> tuple[Floats, Floats]:
        column = {code: at for at, code in enumerate(self.codes)}
        seen = np.zeros(len(self._row))
        shares = np.zeros((len(self._row), len(self.codes)))
        for term, (texts, by_service) in counts.items():
            row = self._row[term]
            seen[row] += texts
            for code, share in by_service.items():
                if code in column:  # a service that is offered no longer
                    shares[row, column[code]] += share
        for spoken in words.languages:
            for code, own in spoken.terms.items():
                share = WORDS_COUNT_AS / math.sqrt(len(own) or 1)
                for term in own:
                    seen[self._row[term]] += 1
                    shares[self._row[term], column[code]] += share
        return seen, shares

    def shares(self, said: Iterable[str]) -> tuple[list[str], Floats]:
        """Return the known terms, and what each adds to each service: one row per term."""
        known = [term for term in said if term in self._row]
        rows = np.array([self._row[term] for term in known], dtype=np.intp)
        asked = self._rarity[rows]
        length = float(np.sqrt(asked @ asked)) or 1.0
        parts: Floats = self._weights[rows] * (asked / length)[:, None]
        return known, parts

    def scores(self, said: Iterable[str]) -> Floats:
        """Return one score per service, comparable among them only."""
        known, parts = self.shares(said)
        total: Floats = parts.sum(axis=0) if known else np.zeros(len(self.codes))
        return total


def _complement(shares: Floats) -> Floats:
    """Return terms x services: minus the log of how common a term is elsewhere, each service to one scale."""
    elsewhere = shares.sum(axis=1, keepdims=True) - shares + SMOOTHING
    weights: Floats = -np.log(elsewhere / elsewhere.sum(axis=0, keepdims=True))
    scale = np.abs(weights).mean(axis=0, keepdims=True)
    weights /= np.where(scale > 0, scale, 1.0)
    return weights


def probabilities(scores: Floats) -> Floats:
    """Return scores (the last axis is services) as shares of one."""
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    found: Floats = raised / raised.sum(axis=-1, keepdims=True)
    return found

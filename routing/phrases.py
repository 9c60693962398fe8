"""Whose card, and which answer of the town's own, do these words call for?

Agencies and answers are found by phrases that the town has written down, and never learned: a card that
comes up by mistake sends somebody to the wrong door. A phrase is found when all its words are in the
text, in any form and order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from routing.rulebook import Answer, Rulebook
from routing.terms import stems

MOST = 3
FILLERS = frozenset([
    "a", "an", "are", "at", "in", "is", "my", "of", "on", "our", "the",
    "al", "de", "del", "el", "en", "es", "esta", "la", "las", "lo", "los", "mi", "se", "un", "una",
    "au", "aux", "d", "dans", "des", "du", "est", "l", "le", "les", "ma", "mes", "mon", "notre", "une",
])  # fmt: skip
"""Little words that a phrase may do without, in each language, without accents. "Out", "no", "sin" and "pas"
are not among them."""
QUESTION_SHARE = 0.75
"""So much of a question's own words must be in the text; at least two of them."""


@dataclass(frozen=True)
class Phrase:
    """The stems of one phrase, all of which must be there, or ``needed`` of them."""

    stems: frozenset[str]
    needed: int


def agencies_said(rulebook: Rulebook, text: str) -> tuple[str, ...]:
    """Return the agencies whose words are in the text, the most words in common first, three at most."""
    return _best({agency.id: _phrases(agency.words) for agency in rulebook.agencies.values()}, text)


def answers_said(rulebook: Rulebook, text: str) -> tuple[str, ...]:
    """Return the town's own answers that the text may be asking for, three at most."""
    return _best({answer.id: _phrases_of(answer) for answer in rulebook.answers.values()}, text)


def _best(entries: Mapping[str, tuple[Phrase, ...]], text: str) -> tuple[str, ...]:
    if not any(entries.values()):
        return ()
    said = {stem for stem, _word in stems(text, FILLERS)}
    found = {
        key: max((_common(phrase, said) for phrase in phrases), default=0) for key, phrases in entries.items()
    }
    ranked = sorted((key for key, common in found.items() if common), key=lambda key: -found[key])
    return tuple(ranked[:MOST])


def _common(phrase: Phrase, said: set[str]) -> int:
    common = len(phrase.stems & said)
    return common if common >= phrase.needed else 0


def _phrases_of(answer: Answer) -> tuple[Phrase, ...]:
    asked = answer.question.root
    questions = (asked,) if isinstance(asked, str) else tuple(asked.values())
    return _phrases(answer.words) + _questions(questions)


@lru_cache(maxsize=2000)
def _phrases(words: tuple[str, ...]) -> tuple[Phrase, ...]:
    cut = (frozenset(stem for stem, _word in stems(phrase, FILLERS)) for phrase in words)
    return tuple(Phrase(one, len(one)) for one in cut if one)


@lru_cache(maxsize=2000)
def _questions(questions: tuple[str, ...]) -> tuple[Phrase, ...]:
    cut: Iterable[frozenset[str]] = (frozenset(stem for stem, _word in stems(one)) for one in questions)
    return tuple(Phrase(one, max(2, round(QUESTION_SHARE * len(one)))) for one in cut if len(one) > 1)

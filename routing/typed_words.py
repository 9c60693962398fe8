"""Which names are most like these words, whatever was mistyped in them?

Every name is compared with the words, by RapidFuzz: two thousand streets take a fraction of a
millisecond, so that no index has to be built, kept or explained.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from rapidfuzz import process
from rapidfuzz.distance import OSA

from routing.street_words import DIRECTIONS, SUFFIXES, Token, tokens

LEAST = 0.74
"""One wrong letter in four is a slip of the finger, or the hand of somebody who heard the name."""
SHORTEST = 3
"""Letters. With fewer, everything looks alike."""
MOST_ALIKE = 12


def key_of(name: str) -> str:
    """Return a name as it is compared: ``N. Main St`` -> ``n main street``."""
    return " ".join(token.word for token in tokens(name))


class Names:
    """Names, ready to be found by what somebody typed."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = list(dict.fromkeys(names))
        self._keys = [key_of(name) for name in self.names]
        self._exact: defaultdict[str, list[int]] = defaultdict(list)
        for at, key in enumerate(self._keys):
            self._exact[key].append(at)
        # "North" is compared as "n", and "noth" is like nothing then: so also each name as it is written.
        rows = [(form, at) for at, name in enumerate(self.names) for form in _forms(tokens(name))]
        self._forms, self._owners = [form for form, _ in rows], [at for _, at in rows]
        self._bare = [bare_of(form) for form in self._forms]

    def __len__(self) -> int:
        return len(self.names)

    def exact(self, said: Sequence[str]) -> list[int]:
        """Return the names that these words are."""
        return self._exact.get(" ".join(said), [])

    def like(self, words: Sequence[Token], *, is_typing: bool = False, most: int = 8) -> list[int]:
        """Return the names most like the words, the best first; ``is_typing``: the end is still missing."""
        ranks: dict[int, float] = dict.fromkeys(self.exact([token.word for token in words]), 2.0)
        for typed in _forms(words):
            self._add_beginning(ranks, typed, is_typing=is_typing)
        for typed in _forms(words) if len(ranks) < most else ():
            self._add_alike(ranks, typed, self._cut(len(typed)) if is_typing else self._forms)
            # "Elm Raod" is nearer to Oak Road than to Elm Street by its letters: so also the name alone.
            if not is_typing:
                self._add_alike(ranks, bare_of(typed), self._bare, share=0.95)
        # Letters are mistyped, numbers are other roads: Route 88 is not nearly Route 41.
        wanted = _numbers([token.word for token in words])
        ranks = {
            at: rank for at, rank in ranks.items() if rank > 1 or _numbers(self._keys[at].split()) == wanted
        }
        return sorted(ranks, key=lambda at: (-ranks[at], self._keys[at]))[:most]

    def _cut(self, letters: int) -> list[str]:
        return [form[:letters] for form in self._forms]

    def _add_beginning(self, ranks: dict[int, float], typed: str, *, is_typing: bool) -> None:
        if len(typed) < SHORTEST and not is_typing:
            return
        for form, at in zip(self._forms, self._owners, strict=True):
            if form.startswith(typed) and (is_typing or form[len(typed) :].startswith(" ")):
                rank = 1.9
            elif f" {typed}" in form and (is_typing or form.endswith(f" {typed}")):
                rank = 1.5
            else:
                continue
            ranks[at] = max(ranks.get(at, 0.0), rank - len(form) / 1000)

    def _add_alike(
        self, ranks: dict[int, float], typed: str, forms: Sequence[str], share: float = 1.0
    ) -> None:
        if len(typed) < SHORTEST:
            return
        alike = process.extract(
            typed, forms, scorer=OSA.normalized_similarity, score_cutoff=LEAST, limit=MOST_ALIKE
        )
        for _, score, row in alike:
            at = self._owners[row]
            ranks[at] = max(ranks.get(at, 0.0), min(score, 0.999) * share)


def _forms(words: Sequence[Token]) -> list[str]:
    """Return the words as they are compared and as they are written; one where these are the same."""
    compared = " ".join(token.word for token in words)
    written = " ".join(token.written for token in words).casefold()
    return [form for form in dict.fromkeys((compared, written)) if form]


def bare_of(key: str) -> str:
    """Return a name without what makes a road of it: ``n elm street`` -> ``elm``."""
    said = [word for word in key.split() if word not in SUFFIXES and word not in DIRECTIONS]
    return " ".join(said)


def _numbers(said: Sequence[str]) -> list[str]:
    return [word for word in said if any(letter.isdigit() for letter in word)]

"""Which names are most like these words, whatever was mistyped in them?

Every name is compared with the words, by RapidFuzz: two thousand streets take a fraction of a
millisecond, so that no index has to be built, kept or explained.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from rapidfuzz import process
from rapidfuzz.distance import OSA

from routing.street_words import DIRECTIONS, SUFFIXES, tokens

LEAST = 0.74
"""One wrong letter in four is a slip of the finger, or the hand of somebody who heard the name."""
SHORTEST = 3
"""Letters. With fewer, everything looks alike."""


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

    def __len__(self) -> int:
        return len(self.names)

    def exact(self, said: Sequence[str]) -> list[int]:
        """Return the names that these words are."""
        return self._exact.get(" ".join(said), [])

    def like(self, said: Sequence[str], *, is_typing: bool = False, most: int = 8) -> list[int]:
        """Return the names most like the words, the best first; ``is_typing``: the end is still missing."""
        typed = " ".join(said)
        if not typed or (len(typed) < SHORTEST and not is_typing):
            return []
        ranks: dict[int, float] = dict.fromkeys(self.exact(said), 2.0)
        for at, key in enumerate(self._keys):
            if key.startswith(typed + " ") or (is_typing and key.startswith(typed)):
                ranks.setdefault(at, 1.9 - len(key) / 1000)
            elif (is_typing and f" {typed}" in key) or key.endswith(f" {typed}"):
                ranks.setdefault(at, 1.5 - len(key) / 1000)
        if len(typed) >= SHORTEST and len(ranks) < most:
            self._add_alike(ranks, typed, is_typing=is_typing, most=most)
        # Letters are mistyped, numbers are other roads: Route 88 is not nearly Route 41.
        wanted = _numbers(typed)
        ranks = {at: rank for at, rank in ranks.items() if rank > 1 or _numbers(self._keys[at]) == wanted}
        return sorted(ranks, key=lambda at: (-ranks[at], self._keys[at]))[:most]

    def _add_alike(self, ranks: dict[int, float], typed: str, *, is_typing: bool, most: int) -> None:
        choices = [key[: len(typed)] for key in self._keys] if is_typing else self._keys
        for _, score, at in process.extract(
            typed, choices, scorer=OSA.normalized_similarity, score_cutoff=LEAST, limit=most
        ):
            ranks.setdefault(at, score)
        # "Elm Raod" is nearer to Oak Road than to Elm Street, if one counts letters: so also the name alone.
        bare = bare_of(typed)
        if len(bare) >= SHORTEST and not is_typing:
            names = [bare_of(key) for key in self._keys]
            for _, score, at in process.extract(
                bare, names, scorer=OSA.normalized_similarity, score_cutoff=LEAST, limit=most
            ):
                ranks[at] = max(ranks.get(at, 0.0), score * 0.95)


def bare_of(key: str) -> str:
    """Return a name without what makes a road of it: ``n elm street`` -> ``elm``."""
    said = [word for word in key.split() if word not in SUFFIXES and word not in DIRECTIONS]
    return " ".join(said)


def _numbers(key: str) -> list[str]:
    return [word for word in key.split() if any(letter.isdigit() for letter in word)]

"""Which of these roads does a text name?

Names and texts are compared word by word after ``routing.street_words``; the longest name wins, so
that Old Mill Road is not Mill Road. Nothing is guessed: a name that may mean something else comes back
as one that is not sure.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from routing.street_places import Span, has_stranger, is_away, is_break, is_place, says
from routing.street_routes import Route, route_at
from routing.street_words import DIRECTIONS, GENERIC, NAMELESS, Token, tokens

LONGEST_TEXT = 2000
"""Characters. A longer text is no place; nothing is read out of it."""
MOST_WORDS = 12
START = 3
"""Letters. Most words of a text begin no name; so many of them tell it without a further look."""
_PARTS = re.compile(r"[/;()|]")


class Mention(NamedTuple):
    """One name in a text. ``names`` are the roads that it may mean, as they were given.

    ``is_sure`` False: the words around it may make another thing of it.
    """

    names: tuple[str, ...]
    is_sure: bool


class StreetNames:
    """The names of a town's roads, ready to be looked for in texts."""

    def __init__(self, names: Iterable[str]) -> None:
        self._exact: defaultdict[str, list[str]] = defaultdict(list)
        self._loose: defaultdict[str, list[str]] = defaultdict(list)
        self._routes: defaultdict[str, list[tuple[Route, str]]] = defaultdict(list)
        self._starts: set[str] = set()
        for name in dict.fromkeys(names):
            for part in dict.fromkeys((name, *_PARTS.split(name))):
                self._add(name, tokens(part))

    def _add(self, name: str, words: list[Token]) -> None:
        said = [token.word for token in words]
        if not said or len(said) > MOST_WORDS or is_generic(said):
            return
        route = route_at(words, 0)
        if route and all(word in DIRECTIONS for word in said[route.length :]):
            self._routes[route.number].append((route, name))
            return
        for form in _forms(said):
            self._put(self._exact, form, name)
        for rest in _without_direction(said):
            self._put(self._loose, rest, name)

    def _put(self, index: defaultdict[str, list[str]], said: Sequence[str], name: str) -> None:
        key = "".join(said)
        self._starts.add(key[:START])
        known = index[key]
        if name not in known:
            known.append(name)

    def named_in(
        self, text: str, beside: Iterable[str] = (), elsewhere: Iterable[str] = ()
    ) -> tuple[Mention, ...]:
        """Return the roads that the text names, in its order.

        ``beside`` are names that may follow a road's without making another thing of it, as the
        town's own does. ``elsewhere`` are other towns: a road in one of them is not this town's, so
        nothing is sure where one is named. Any text is taken; in one of more than ``LONGEST_TEXT``
        nothing is found.
        """
        if not text or len(text) > LONGEST_TEXT or not (self._exact or self._routes):
            return ()
        words = tokens(text)
        known = frozenset(token.word for name in beside for token in tokens(name))
        found = list(self.found_in(words))
        spans = [span for span, _ in found]
        others = [[token.word for token in tokens(name)] for name in elsewhere]
        is_strange = (
            has_stranger(words, spans)
            or is_away(words, spans, known)
            or any(says(words, spans, name) for name in others)
        )
        return tuple(
            Mention(names, not is_strange and is_place(words, spans, at, known))
            for at, (_, names) in enumerate(found)
            if not (spans[at].is_bare and words[spans[at].begin].word in known)
        )

    def found_in(self, words: list[Token]) -> Iterable[tuple[Span, tuple[str, ...]]]:
        """Yield every name among the words, whatever stands around it, with the roads it may mean."""
        at = 0
        while at < len(words):
            span, names = self._longest(words, at)
            if names:
                yield span, names
            at = span.end if names else at + 1

    def _longest(self, words: list[Token], at: int) -> tuple[Span, tuple[str, ...]]:
        """Return the longest name that begins with the word; an exact one before one without direction."""
        least, numbered = at, tuple[str, ...]()
        if route := route_at(words[at : at + MOST_WORDS], 0):
            least = at + route.length
            numbered = tuple(name for known, name in self._routes.get(route.number, ()) if known.fits(route))
        ends = range(at + 1, min(at + MOST_WORDS, len(words)) + 1)
        most = next((end for end in ends if is_break(words, end)), ends[-1])
        if "".join(token.word for token in words[at : at + START])[:START] in self._starts:
            for end in range(most, least if numbered else at, -1):
                key = "".join(token.word for token in words[at:end])
                if names := self._exact.get(key) or self._loose.get(key):
                    return Span(at, end, end == at + 1), tuple(names)
        return Span(at, least, False), numbered


def is_generic(said: Sequence[str]) -> bool:
    """Return whether the words of a name name no road: ``Private Road``, ``Unnamed 4``, ``the road``."""
    numbers = [word for word in said if word.isdigit()]
    # "No Name" is compared as "n name", for "No." is North as well: North Road is a name.
    rest = [word for word in said if not word.isdigit() and not (word == "n" and "name" in said)]
    if not rest or not all(word in GENERIC for word in rest):
        return not rest
    return not numbers or any(word in NAMELESS for word in rest)


def _forms(said: list[str]) -> Iterable[list[str]]:
    """Yield the name, and with its direction at the other end: ``N Main Street``, ``Main Street N``."""
    yield said
    if len(said) > 2 and said[0] in DIRECTIONS:
        yield [*said[1:], said[0]]
    if len(said) > 2 and said[-1] in DIRECTIONS:
        yield [said[-1], *said[:-1]]


def _without_direction(said: list[str]) -> Iterable[list[str]]:
    rest = said[1:] if said[0] in DIRECTIONS else said[:-1] if said[-1] in DIRECTIONS else []
    if len(rest) > 1 and not is_generic(rest):
        yield rest

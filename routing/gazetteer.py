"""Which place of the town do these words mean, and what is at this position?

Addresses from the town's own list, corners of its roads, landmarks (areas) and the numbers painted on
poles and hydrants. Nothing is guessed: only words that are a place's own, however abbreviated, are
``sure``; what is merely like them comes back as choices for the resident.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from routing.addresses import Addresses, Spot
from routing.corners import corners
from routing.index import plain_number
from routing.layers import Layers
from routing.positions import Near, crossing, nearest
from routing.rulebook import Rulebook
from routing.street_names import LONGEST_TEXT, StreetNames
from routing.street_places import Span, says
from routing.street_words import Token, several, tokens
from routing.survey import neighbours, said_names
from routing.typed_places import CORNER, house_at, readings, sides
from routing.typed_words import Names, key_of

MOST_CHOICES = 6
_HERE = several("at on in front of outside house number numero no n the")
_PAINTED = several("pole poles light lamp street hydrant number no n post sign asset nr numero")


class Place(NamedTuple):
    """A place of the town. ``at`` is (latitude, longitude); None for a whole road."""

    kind: str
    """address, corner, landmark, asset or road"""
    words: str
    at: tuple[float, float] | None


class Found(NamedTuple):
    """What words mean: one place that is sure, or some that it could be."""

    sure: Place | None = None
    choices: tuple[Place, ...] = ()


class Gazetteer:
    """Everything in a town that has a name and a position."""

    def __init__(self, layers: Layers, beside: Iterable[str] = (), elsewhere: Iterable[str] = ()) -> None:
        """``beside`` are names that may follow a street's; ``elsewhere`` are other towns."""
        self._layers, self._beside = layers, tuple(beside)
        self._elsewhere = [[token.word for token in tokens(name)] for name in elsewhere]
        self._elsewhere_names = tuple(elsewhere)
        self._lists = tuple(layers.addresses.values())
        roads = [road for _, found in layers.of_kind("roads") for road in found]
        self._corners = corners(roads)
        streets = (street for one in self._lists for street in one.streets)
        self._names = Names((*streets, *(road.name for road in roads if road.name)))
        self._streets = StreetNames(self._names.names)
        self._houses = self._by_street()
        self._meeting = self._by_corner()
        self._landmarks = tuple(self._all_landmarks())
        self._landmark_names = Names(place.words for place in self._landmarks)
        self._assets = tuple(self._all_assets())
        self._asset_names = Names(place.words for place in self._assets if not _has_digit(place.words))
        self._numbers = self._by_number()

    @classmethod
    def of(cls, rulebook: Rulebook, layers: Layers) -> Gazetteer:
        """Return the gazetteer of a town."""
        return cls(layers, said_names(rulebook, rulebook.town.name), neighbours(rulebook))

    # -- made ready --

    def _by_street(self) -> dict[int, list[tuple[Addresses, int]]]:
        found: defaultdict[int, list[tuple[Addresses, int]]] = defaultdict(list)
        known: defaultdict[str, list[int]] = defaultdict(list)
        for at, name in enumerate(self._names.names):
            known[key_of(name)].append(at)
        for one in self._lists:
            for street, name in enumerate(one.streets):
                for at in known[key_of(name)]:
                    found[at].append((one, street))
        return dict(found)

    def _by_corner(self) -> dict[str, dict[str, tuple[tuple[float, float], ...]]]:
        found: defaultdict[str, dict[str, tuple[tuple[float, float], ...]]] = defaultdict(dict)
        for (one, other), points in self._corners.items():
            found[one][other] = found[other][one] = points
        return dict(found)

    def _all_landmarks(self) -> Iterator[Place]:
        for layer, areas in self._layers.of_kind("areas"):
            for area in areas if layer.landmarks else ():
                if area.name:
                    inside = area.geometry.representative_point()
                    yield Place("landmark", area.name, (inside.y, inside.x))
        for one in self._lists:
            yield from (Place("landmark", spot.words, (spot.lat, spot.lon)) for spot in one.named)

    def _all_assets(self) -> Iterator[Place]:
        for _, assets in self._layers.of_kind("assets"):
            for asset in assets:
                if asset.name:
                    point = asset.geometry.centroid
                    yield Place("asset", asset.name, (point.y, point.x))

    def _by_number(self) -> dict[str, list[Place]]:
        found: defaultdict[str, list[Place]] = defaultdict(list)
        for place in self._assets:
            found[plain_number(place.words)].append(place)
        return dict(found)

    def has_number(self, typed: str) -> bool:
        """Return whether a pole or hydrant has this number; signs, spaces and case do not matter."""
        return plain_number(typed) in self._numbers

    # -- words that were typed and sent --

    def find(self, text: str) -> Found:
        """Return the one place that the words are, or those that they may be. Any text is taken."""
        if not text.strip() or len(text) > LONGEST_TEXT:
            return Found()
        words = tokens(text)
        spans = list(self._streets.found_in(words))
        if any(says(words, [span for span, _ in spans], name) for name in self._elsewhere):
            return Found()
        exact = [
            *self._exact_houses(text, words, spans),
            *self._exact_corners(words, spans),
            *self._exact_names(words),
            *self._exact_numbers(text, words, bool(spans)),
        ]
        places = _distinct(place for place, _ in exact)
        if len(places) == 1 and exact[0][1]:
            return Found(sure=places[0])
        if not places:
            places = _distinct(
                [*self._like_corners(words), *self._like_houses(words), *self._like_names(words)]
            )
        return Found(choices=tuple(places[:MOST_CHOICES]))

    def _exact_houses(
        self, text: str, words: list[Token], spans: list[tuple[Span, tuple[str, ...]]]
    ) -> Iterator[tuple[Place, bool]]:
        numbered = [(span, names, house) for span, names in spans if (house := house_at(words, span))]
        for _, names, (first, number, suffix, after) in numbered:
            is_led = all(token.word in _HERE for token in words[:first])
            is_whole = len(words) == after - first or self._is_told(text, names)
            for place in self._numbered(self._ids(names), number, suffix):
                yield place, is_led and is_whole and len(numbered) == 1

    def _is_told(self, text: str, names: tuple[str, ...]) -> bool:
        """Whether, with all the words around it, the text surely tells this street and no other."""
        told = self._streets.named_in(text, self._beside, self._elsewhere_names)
        return len(told) == 1 and told[0].is_sure and set(told[0].names) == set(names)

    def _ids(self, names: Iterable[str]) -> list[int]:
        return list(dict.fromkeys(at for name in names for at in self._names.exact(key_of(name).split())))

    def _numbered(self, streets: Iterable[int], number: int, suffix: str) -> Iterator[Place]:
        for street in streets:
            for one, at in self._houses.get(street, ()):
                yield from map(_address, one.at(at, number, suffix))

    def _exact_corners(
        self, words: list[Token], spans: list[tuple[Span, tuple[str, ...]]]
    ) -> Iterator[tuple[Place, bool]]:
        if len(spans) != 2 or any(house_at(words, span) for span, _ in spans):
            return
        (one, ones), (other, others) = spans
        around = [*words[: one.begin], *words[one.end : other.begin], *words[other.end :]]
        is_sure = all(token.word in CORNER for token in around)
        for first in ones:
            for second in others:
                for place in self._corner(first, second):
                    yield place, is_sure

    def _corner(self, one: str, other: str) -> Iterator[Place]:
        for point in self._meeting.get(one, {}).get(other, ()):
            yield Place("corner", f"{one} & {other}", point)

    def _exact_names(self, words: list[Token]) -> Iterator[tuple[Place, bool]]:
        said = [token.word for token in words]
        for at in self._landmark_names.exact(said):
            same = [one for one in self._landmarks if one.words == self._landmark_names.names[at]]
            yield from ((place, True) for place in same)

    def _exact_numbers(self, text: str, words: list[Token], has_street: bool) -> Iterator[tuple[Place, bool]]:
        if has_street:
            return
        painted = text.split()
        while painted and key_of(painted[0]) in _PAINTED and len(painted) > 1:
            painted = painted[1:]
        # A bare "17" may be a house as well as a pole.
        is_sure = len(painted) < len(text.split()) or not "".join(painted).isdigit()
        for place in self._numbers.get(plain_number("".join(painted)), ()):
            yield place, is_sure

    def _like_houses(self, words: list[Token]) -> Iterator[Place]:
        for number, suffix, said in readings(words):
            yield from self._numbered(self._names.like(self._without_town(said)), number, suffix)

    def _without_town(self, said: list[Token]) -> list[Token]:
        known = {token.word for name in self._beside for token in tokens(name)}
        while len(said) > 1 and (said[-1].word in known or re.fullmatch(r"\d{5}", said[-1].word)):
            said = said[:-1]
        return said

    def _like_corners(self, words: list[Token]) -> Iterator[Place]:
        for one, other in sides(words):
            firsts = [self._names.names[at] for at in self._names.like(one)]
            seconds = {self._names.names[at]: rank for rank, at in enumerate(self._names.like(other))}
            for first in firsts:
                meeting = self._meeting.get(first, {})
                for second in sorted(meeting.keys() & seconds.keys(), key=lambda name: seconds[name]):
                    yield from self._corner(first, second)

    def _like_names(self, words: list[Token]) -> Iterator[Place]:
        names = {self._landmark_names.names[at] for at in self._landmark_names.like(words)}
        yield from (place for place in self._landmarks if place.words in names)
        names = {self._asset_names.names[at] for at in self._asset_names.like(words)}
        yield from (place for place in self._assets if place.words in names)

    # -- words that are still being typed --

    def suggest(self, text: str, most: int = MOST_CHOICES) -> tuple[Place, ...]:
        """Return what the words may become, the likeliest first."""
        if not text.strip() or len(text) > LONGEST_TEXT:
            return ()
        words = tokens(text)
        found = self.find(text)
        places = [found.sure] if found.sure else []
        places += [*self._begun_corners(words), *self._begun_houses(words), *self._begun_names(text, words)]
        return tuple(_distinct([*places, *found.choices])[:most])

    def _begun_houses(self, words: list[Token]) -> Iterator[Place]:
        for number, suffix, said in readings(words):
            streets = self._names.like(self._without_town(said), is_typing=True)
            yield from self._numbered(streets, number, suffix)
            for street in streets[:2] if not suffix else ():
                for one, at in self._houses.get(street, ()):
                    yield from map(_address, one.beginning(at, str(number), 3))

    def _begun_corners(self, words: list[Token]) -> Iterator[Place]:
        for one, other in sides(words):
            for at in self._names.like(one, is_typing=True):
                first = self._names.names[at]
                partners = Names(self._meeting.get(first, {}))
                chosen = partners.like(other, is_typing=True) if other else range(len(partners))
                for second in chosen:
                    yield from self._corner(first, partners.names[second])

    def _begun_names(self, text: str, words: list[Token]) -> Iterator[Place]:
        if len(number := plain_number(text)) > 1:
            for key, places in self._numbers.items():
                if key.startswith(number):
                    yield from places
        named = ((self._landmark_names, self._landmarks), (self._asset_names, self._assets))
        for names, known in named:
            wanted = [names.names[at] for at in names.like(words, is_typing=True)]
            yield from (place for name in wanted for place in known if place.words == name)
        for at in self._names.like(words, is_typing=True, most=3):
            yield Place("road", self._names.names[at], None)

    # -- a position --

    def nearest(self, lat: float, lon: float) -> Near | None:
        """Return what a resident would call this position, or None where nothing with a name is near."""
        return nearest(self._layers, self._corners, lat, lon)

    def crossing(self, lat: float, lon: float, within_m: float) -> Near | None:
        """Return the corner of two roads that is nearest, or None where none is within so many metres."""
        return crossing(self._corners, lat, lon, within_m)


def _address(spot: Spot) -> Place:
    return Place("address", spot.words, (spot.lat, spot.lon))


def _has_digit(words: str) -> bool:
    return any(letter.isdigit() for letter in words)


def _distinct(places: Iterable[Place]) -> list[Place]:
    return list(dict.fromkeys(places))

"""Which of somebody's words may everybody read? None that names them, reaches them or tells their house."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from flask_babel import gettext as _

from casework.office import Office
from casework.publishing import SOFT_HYPHEN, contacts
from lifecycle.status import Ending
from mail.composer import plain
from routing.positions import NEAR_HOUSE
from storage.tables import ServiceRequest

HIDDEN = "…"
SHORTEST_NAME = 3
"""Letters of a part of a name that is looked for; "A" and "Li" stand in too many other words."""
_ROUTE = re.compile(
    r"\b(?:(?:county|state|town|forest)\s+(?:road|rd)|route|rte|rt|highway|hwy|interstate|i|us|sr|cr|exit|mile|km)"
    r"[\s.#-]*$",
    re.I,
)
_NUMBER = re.compile(r"(?<!\w)(\d+)(?:\s?[-/\u2013]\s?\d+)?(?:\s?[a-z](?!\w))?", re.I)
_ORDINAL = re.compile(r"(?:st|nd|rd|th)\b", re.I)


def is_public(office: Office, request: ServiceRequest) -> bool:
    """Return whether anybody but its sender and the town may see this request at all."""
    service = office.rulebook.services.get(request.service)
    is_real = request.held_at is None and request.ending != Ending.SPAM
    return service is not None and service.public and is_real


def public_words(text: str, *, private: Iterable[str] = (), house: Iterable[str] = ()) -> str:
    """Return words without phone numbers and e-mail addresses, and without what ``private`` names.

    ``private`` are a resident's own name, address and phone as they gave them; ``house`` are the numbers
    in the place they gave. Whatever is hidden leaves a mark, so that the sentence is not another one.
    """
    text = unicodedata.normalize("NFC", plain(text)).replace(SOFT_HYPHEN, "")
    spans = [
        (one.start, one.end, _("[phone number hidden]") if one.kind == "phone" else _("[e-mail hidden]"))
        for one in contacts(text)
    ]
    folded = _folded(text)
    for pattern in _patterns(private, house):
        spans += [(*found.span(), HIDDEN) for found in pattern.finditer(folded)]
    return _without(text, spans)


def words_of(office: Office, request: ServiceRequest, text: str) -> str:
    """Return words about a request, the resident's or the town's, as everybody may read them."""
    given = (request.resident_name, request.resident_email, request.resident_phone)
    house = (*house_numbers(request.place), *_houses_at_pin(office, request, text))
    return public_words(text, private=given, house=house)


def _houses_at_pin(office: Office, request: ServiceRequest, text: str) -> Iterator[str]:
    """Yield the numbers of the houses around the pin whose street the words name.

    Who says "the white barn" for a place still says "I am Maria at 31 Mill Road" in the text.
    """
    folded = _folded(text)
    if request.lat is None or request.lon is None or not any(char.isdigit() for char in folded):
        return
    for layer in office.layers.addresses.values():
        for number, street in layer.around(request.lat, request.lon, NEAR_HOUSE):
            named = re.findall(r"\w+", _folded(street))
            # "Mill Rd", and "Mill" alone, are Mill Road to everybody who lives there.
            shortest = named[:-1] or named
            said = r"\W+".join(map(re.escape, shortest))
            if re.search(rf"(?<!\w){said}(?!\w)", folded):
                yield number


def _without(text: str, spans: list[tuple[int, int, str]]) -> str:
    parts, end = [], 0
    # Of two that begin together the longer one; what lies inside another is hidden with it.
    for start, stop, mark in sorted(spans, key=lambda span: (span[0], -span[1])):
        if start >= end:
            parts += [text[end:start], mark]
        end = max(end, stop)
    return "".join([*parts, text[end:]])


def _folded(text: str) -> str:
    """Return the text in plain small letters and digits without accents, each character where it was."""
    return "".join((unicodedata.normalize("NFKD", char.lower()) or char)[0] for char in text)


def _patterns(private: Iterable[str], house: Iterable[str]) -> list[re.Pattern[str]]:
    found: list[str] = []
    for given in private:
        folded = _folded(unicodedata.normalize("NFC", plain(given))).strip()
        digits = [char for char in folded if char.isdigit()]
        if "@" in folded:
            found.append(re.escape(folded))
        elif len(digits) >= 5 and len(digits) * 2 > len(folded.replace(" ", "")):
            # However it is grouped, with the country in front or without.
            found += [r"[\s().\-/]*".join(part) for part in (digits, digits[-7:]) if len(part) >= 5]
        elif folded:
            words = re.findall(r"\w+", folded)
            whole = r"\W+".join(map(re.escape, words)) if words else re.escape(folded)
            parts = [re.escape(word) for word in words if len(word) >= SHORTEST_NAME]
            found += [rf"(?<!\w){name}(?:s(?!\w)|(?!\w))" for name in (whole, *parts)]
    found += [rf"(?<!\w){re.escape(_folded(number))}(?!\w)" for number in house]
    return [re.compile(pattern) for pattern in found]


def house_numbers(place: str) -> tuple[str, ...]:
    """Return the numbers in a place that may be a house's: not "Route 88", not "5th Avenue"."""
    place = unicodedata.normalize("NFC", plain(place))
    found = [match for match in _NUMBER.finditer(place) if _may_be_house(place, match)]
    return tuple(dict.fromkeys(part for match in found for part in (match[0].strip(), match[1])))


def _may_be_house(place: str, match: re.Match[str]) -> bool:
    is_route = _ROUTE.search(place[: match.start()]) is not None
    return not is_route and _ORDINAL.match(place[match.end(1) :]) is None


def without_houses(place: str) -> str:
    """Return the words for a place without the numbers that may be a house's."""
    return _NUMBER.sub(lambda match: "" if _may_be_house(match.string, match) else match[0], place)

"""What of a request may everybody read? A copy of it without anybody's name, contact or house.

Every page that others than its sender may see is made from a ``PublicRequest`` and from nothing else:
nearby requests, the list of recent ones, a follower's page and letters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from math import floor

from flask_babel import gettext as _

from casework.holding import as_told
from casework.office import Office
from casework.publishing import contacts
from lifecycle.journal import Kind
from lifecycle.status import Ending, Status
from mail.composer import plain
from storage.lookups import Case
from storage.nearby import UNSHOWN
from storage.tables import Entry, ServiceRequest

TOLD = frozenset(
    {
        Kind.RECEIVED, Kind.ACKNOWLEDGED, Kind.STARTED, Kind.ANSWERED, Kind.HANDED_OFF, Kind.AGENCY_ACCEPTED,
        Kind.AGENCY_REFUSED, Kind.AGENCY_FINISHED, Kind.HANDOVER_ARRIVED, Kind.REDIRECTED, Kind.FINISHED,
        Kind.REOPENED,
    }
)  # fmt: skip
"""What everybody may know to have happened. Not what the resident and the town asked each other."""
WITH_WORDS = TOLD - {Kind.RECEIVED, Kind.REOPENED}
"""Of these the words too: they are the town's or an agency's. A resident's reason to reopen stays theirs."""
GRID = 0.0005
"""Degrees, about 50 m: a pin that stands in the middle of its square tells no house."""
ON_IT = 40.0
"""Metres from a road's middle within which a place is "on" it."""
HIDDEN = "…"
SHORTEST_NAME = 3
"""Letters of a part of a name that is looked for; "A" and "Li" stand in too many other words."""


@dataclass(frozen=True)
class Step:
    """One thing that happened, in words that everybody may read."""

    entry: Entry
    text: str


@dataclass(frozen=True)
class PublicRequest:
    """A request as everybody may see it."""

    number: str
    service: str
    """Its code."""
    words: str
    place: str
    """A road, or "near" one; never a house."""
    at: tuple[float, float] | None
    """The middle of a square of about 50 m: latitude, longitude."""
    created_at: datetime
    status: Status
    ending: Ending | None
    ending_words: str
    """Why it ended so, as the town says it."""
    steps: tuple[Step, ...]
    """The oldest first."""
    photos: tuple[str, ...]
    """Their hashes."""

    @property
    def is_ended(self) -> bool:
        return self.status is Status.ENDED


def may_show(office: Office, request: ServiceRequest) -> bool:
    """Return whether anybody but its sender and the town may see this request at all."""
    service = office.rulebook.services.get(request.service)
    is_news = request.ending is None or Ending(request.ending) not in UNSHOWN
    return service is not None and service.public and request.held_at is None and is_news


def in_public(office: Office, case: Case, *, now: datetime) -> PublicRequest | None:
    """Return what everybody may see of a request that was read and let go; None where that is nothing."""
    if not may_show(office, case.request):
        return None
    case = as_told(office, case, now)
    request = case.request
    steps = [entry for entry in case.public_entries if entry.kind in TOLD]
    return PublicRequest(
        number=request.number,
        service=request.service,
        words=words_of(request, request.description),
        place=public_place(office, request),
        at=_square(request),
        created_at=request.created_at,
        status=Status(request.status),
        ending=Ending(request.ending) if request.ending else None,
        ending_words=words_of(request, request.ending_reason or "") if _is_towns(steps) else "",
        steps=tuple(
            Step(entry, words_of(request, entry.text) if entry.kind in WITH_WORDS else "") for entry in steps
        ),
        photos=tuple(dict.fromkeys(photo.sha256 for photo in case.public_photos)),
    )


def _is_towns(steps: list[Entry]) -> bool:
    return bool(steps) and steps[-1].kind in WITH_WORDS


# -- words --


def public_words(text: str, *, private: Iterable[str] = (), house: Iterable[str] = ()) -> str:
    """Return words without phone numbers and e-mail addresses, and without what ``private`` names.

    ``private`` are a resident's own name, address and phone as they gave them; ``house`` are the numbers
    in the place they gave. Whatever is hidden leaves a mark, so that the sentence is not another one.
    """
    text = unicodedata.normalize("NFC", plain(text))
    spans = [
        (one.start, one.end, _("[phone number hidden]") if one.kind == "phone" else _("[e-mail hidden]"))
        for one in contacts(text)
    ]
    folded = _folded(text)
    for pattern in _patterns(private, house):
        spans += [(*found.span(), HIDDEN) for found in pattern.finditer(folded)]
    return _without(text, spans)


def words_of(request: ServiceRequest, text: str) -> str:
    """Return words about a request, the resident's or the town's, as everybody may read them."""
    given = (request.resident_name, request.resident_email, request.resident_phone)
    return public_words(text, private=given, house=house_numbers(request.place))


def _without(text: str, spans: list[tuple[int, int, str]]) -> str:
    parts, end = [], 0
    # Of two that begin together the longer one; what lies inside another is hidden with it.
    for start, stop, mark in sorted(spans, key=lambda span: (span[0], -span[1])):
        if start >= end:
            parts += [text[end:start], mark]
        end = max(end, stop)
    return "".join([*parts, text[end:]])


def _folded(text: str) -> str:
    """Return the text in small letters without accents, each character where it was."""
    return "".join((unicodedata.normalize("NFD", char.lower()) or char)[0] for char in text)


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


# -- places --

_ROUTE = re.compile(
    r"\b(?:(?:county|state|town|forest)\s+(?:road|rd)|route|rte|rt|highway|hwy|interstate|i|us|sr|cr|exit|mile|km)"
    r"[\s.#-]*$",
    re.I,
)
_NUMBER = re.compile(r"(?<!\w)(\d+)(?:\s?[-/\u2013]\s?\d+)?(?:\s?[a-z](?!\w))?", re.I)
_ORDINAL = re.compile(r"(?:st|nd|rd|th)\b", re.I)


def house_numbers(place: str) -> tuple[str, ...]:
    """Return the numbers in a place that may be a house's: not "Route 88", not "5th Avenue"."""
    place = unicodedata.normalize("NFC", plain(place))
    found = [match for match in _NUMBER.finditer(place) if _may_be_house(place, match)]
    return tuple(dict.fromkeys(part for match in found for part in (match[0].strip(), match[1])))


def _may_be_house(place: str, match: re.Match[str]) -> bool:
    is_route = _ROUTE.search(place[: match.start()]) is not None
    return not is_route and _ORDINAL.match(place[match.end(1) :]) is None


def public_place(office: Office, request: ServiceRequest) -> str:
    """Return where it is, to the road: "Mill Road", "near Mill Road", or the words without numbers."""
    if request.lat is not None and request.lon is not None:
        road = office.layers.nearest_road(request.lat, request.lon)
        if road is not None and road.name:
            is_on = road.distance_m is not None and road.distance_m <= ON_IT
            return road.name if is_on else _("near %(road)s", road=road.name)
    named = office.layers.named_road(request.place) if request.place else None
    if named is not None and named.name:
        return named.name
    words = _NUMBER.sub(lambda match: "" if _may_be_house(match.string, match) else match[0], request.place)
    return " ".join(words_of(request, words).split()).strip(" ,;-")


def _square(request: ServiceRequest) -> tuple[float, float] | None:
    if request.lat is None or request.lon is None:
        return None
    lat, lon = ((floor(part / GRID) + 0.5) * GRID for part in (request.lat, request.lon))
    return round(lat, 6), round(lon, 6)


def away(metres: float) -> str:
    """Return a distance as people say it, rounded so that it tells no house."""
    if metres < 30:
        return _("right there")
    if metres < 100:
        return _("about %(metres)d m away", metres=round(metres / 10) * 10)
    if metres < 950:
        return _("about %(metres)d m away", metres=round(metres / 50) * 50)
    return _("about %(km).1f km away", km=metres / 1000)

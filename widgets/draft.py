"""What has the resident said so far? Everything travels in the form itself, nothing is kept here.

There is no session and no cookie: each step carries the earlier answers in hidden fields, and the
last one checks them all again. Values stay as they were typed, also wrong ones, so that nobody has
to write a thing twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import isfinite
from urllib.parse import urlsplit

from werkzeug.datastructures import MultiDict

from routing.rulebook import Question, Service

ANSWER = "q-"
"""Before the code of a service's question, in the name of its field."""
OWNED: Mapping[str, frozenset[str]] = {
    "what": frozenset({"description", "service"}),
    "pick": frozenset({"service"}),
    "where": frozenset({"place", "lat", "lon", "spot", "spot_of", "which", "road"}),
    # The question which road it is stands there only while no road was picked, so "road" is carried.
    "whose": frozenset({"told"}),
    "near": frozenset({"near"}),
    "details": frozenset({"description"}),
    "contact": frozenset({"name", "email", "phone", "may_share"}),
    "check": frozenset(),
}
"""Which fields a step shows itself; all the others are hidden in it."""
CARRIED = frozenset().union(*OWNED.values()) | {"photo", "taken", "asked", "counted", "came", "draft"}
MOST_VALUES = 40
"""Values of one name that are carried on; more were typed by no person."""
MOST_NAMES = 200
"""Fields that are carried on; a hundred thousand would come back as a page of five times their size."""
LONGEST_SOURCE = 300
UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
"""Characters that no person types and no page may hold."""


@dataclass(frozen=True)
class Draft:
    """The answers so far, as typed."""

    values: MultiDict[str, str]

    @classmethod
    def read(cls, form: Mapping[str, str] | MultiDict[str, str]) -> Draft:
        """Take from a sent form what is ours, and leave the rest."""
        sent: MultiDict[str, str] = form if isinstance(form, MultiDict) else MultiDict(form)
        kept: MultiDict[str, str] = MultiDict()
        for name in sent:
            if len(kept) == MOST_NAMES:
                break
            # A part of a multipart form may come without a name.
            if name and (name in CARRIED or name.startswith(ANSWER)):
                kept.setlist(name, [UNSEEN.sub("", value) for value in sent.getlist(name)[:MOST_VALUES]])
        return cls(kept)

    def text(self, name: str) -> str:
        """Return one value without the blanks around it, with plain line ends."""
        return self.values.get(name, "").replace("\r\n", "\n").strip()

    def all(self, name: str) -> list[str]:
        return [value for value in self.values.getlist(name) if value]

    @property
    def at(self) -> tuple[float, float] | None:
        """Latitude and longitude, or None where there are none that can be read."""
        try:
            lat, lon = float(self.values.get("lat", "")), float(self.values.get("lon", ""))
        except ValueError:
            return None
        return (lat, lon) if isfinite(lat) and isfinite(lon) and abs(lat) <= 90 and abs(lon) <= 180 else None

    def answers(self, service: Service) -> dict[str, str]:
        """Return the answers to the service's own questions; several choices joined by commas."""
        given = {question.code: self._answer(question) for question in service.questions}
        return {code: text for code, text in given.items() if text}

    def _answer(self, question: Question) -> str:
        if question.kind == "choices":
            return ",".join(value.strip() for value in self.all(ANSWER + question.code) if value.strip())
        # The first is the one that was checked; what a forged form sends behind it is nobody's answer.
        return self.text(ANSWER + question.code)

    def carried(self, step: str, service: Service | None) -> list[tuple[str, str]]:
        """Return the hidden fields of ``step``: all it does not show itself."""
        shown = set(OWNED[step])
        if step == "details" and service is not None:
            shown |= {ANSWER + question.code for question in service.questions}
        if step == "where":
            # Moving the place makes an earlier "which road?" meaningless.
            shown.add("road")
        return [(name, value) for name, value in self._pairs() if name not in shown and value]

    def _pairs(self) -> Iterable[tuple[str, str]]:
        for name in self.values:
            for value in self.values.getlist(name):
                yield name, value

    def changed(self, **values: str | list[str]) -> Draft:
        """Return a draft with these values set; an empty one is taken out."""
        copy: MultiDict[str, str] = MultiDict(self.values)
        for name, value in values.items():
            copy.setlist(name, [part for part in ([value] if isinstance(value, str) else value) if part])
        return Draft(copy)


def source_page(address: str) -> str:
    """Return origin and path of the page the form stands on; never its query, and nothing else."""
    try:
        parts = urlsplit(UNSEEN.sub("", address).strip())
    except ValueError:
        return ""  # "http://[" and the like: whoever made it up, the report counts all the same
    if parts.scheme not in ("http", "https") or not parts.netloc or "@" in parts.netloc:
        return ""
    return f"{parts.scheme}://{parts.netloc}{parts.path}"[:LONGEST_SOURCE]

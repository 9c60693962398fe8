"""Did a person send this? Signs in, points added up, one of three results out; nobody is ever refused.

``accept``: the request goes its way. ``prove``: the sender's browser is asked for a small sum first, which
costs a person a second or two and a program that sends thousands a great deal. ``hold``: the request is
taken in, has its number, and waits for the clerk to look.

Pure: what the signs are made of is looked up by the faces. ``docs/abuse.md`` explains the table to a clerk.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256


class Sign(StrEnum):
    """What may look like the work of a program. The names are kept with a held request."""

    TRAP = "trap"
    FAST = "fast"
    STRANGE_PAGE = "strange_page"
    NO_PAGE = "no_page"
    SAME_FORM = "same_form"
    SAME_FORM_OFTEN = "same_form_often"
    LINK = "link"
    LINKS = "links"
    MARKUP = "markup"
    SAME_TEXT = "same_text"
    SAME_TEXT_OFTEN = "same_text_often"
    BUSY = "busy"
    FLOOD = "flood"
    DAY_FULL = "day_full"


class Result(StrEnum):
    """In the order of how much is asked of whom."""

    ACCEPT = "accept"
    PROVE = "prove"
    HOLD = "hold"


PROVE_AT = 3
"""Points from which a proof of work is asked for. No sign below it does anything alone."""
HOLD_AT = 6
"""Points from which no proof helps, and the clerk looks."""
POINTS: Mapping[Sign, int] = {
    # A field that no person sees. Some browsers fill in everything they find, so it is no verdict.
    Sign.TRAP: 3,
    # Between the first step and the last. Who lets the browser fill in the form is as fast as a program.
    Sign.FAST: 1,
    # Sent from a page that is not ours. A proxy that hides our own name looks like that, too.
    Sign.STRANGE_PAGE: 2,
    # Old browsers do not say from which page they send; neither do most simple programs.
    Sign.NO_PAGE: 1,
    # One form becomes one request. Who goes back and corrects makes a second one of it.
    Sign.SAME_FORM: 2,
    Sign.SAME_FORM_OFTEN: 4,
    # A link to a map is help. Three links are the usual advertisement.
    Sign.LINK: 1,
    Sign.LINKS: 3,
    # Tags and forum links are typed by nobody who reports a pothole.
    Sign.MARKUP: 2,
    # Neighbours may agree upon a text; a program sends one from many networks.
    Sign.SAME_TEXT: 1,
    Sign.SAME_TEXT_OFTEN: 3,
    # A town hall, a school or a mobile carrier shares one network among many people.
    Sign.BUSY: 1,
    Sign.FLOOD: 3,
    # More than the town could ever have on one day. It alone holds, and it alone is nobody's fault.
    Sign.DAY_FULL: 6,
}
WEAK = frozenset(sign for sign, points in POINTS.items() if points < PROVE_AT)
"""Signs that never do anything alone."""

SHORTEST_WALK = 3.0
"""Seconds from the first step to the last, below which a sender counts as fast."""
FEW_FORMS, MANY_FORMS = 2, 5
"""So many other requests from the very same form."""
MANY_LINKS = 3
FEW_ALIKE, MANY_ALIKE = 1, 3
"""From so many other networks the same text came within a day."""
BUSY_AT, FLOOD_AT = 10, 30
"""So many requests from one network within ten minutes."""
SHORTEST_TEXT = 40
"""Shorter texts ("Pothole", "Lamp is out") are alike by chance."""

_LINK = re.compile(r"(?:https?://|\bwww\.)[^\s<>\"']", re.I)
_MARKUP = re.compile(r"<\s*/?\s*(?:a|script|img|iframe|b|h1|font|style)\b|\[/?(?:url|link|img)\b", re.I)


@dataclass(frozen=True)
class Sending:
    """What is known of one sending. The defaults are those of an honest sender."""

    text: str = ""
    """All that was typed: a name may hold an advertisement too."""
    is_trapped: bool = False
    seconds: float | None = None
    """From when the form was given out; None where nobody knows."""
    is_own_page: bool = True
    has_page: bool = True
    """Whether the browser said from which page it sends."""
    same_form: int = 0
    same_text: int = 0
    """Other networks from which this text came within the last day."""
    from_network: int = 0
    """Requests from this network within the last ten minutes."""
    today: int = 0
    """Requests of this day, in town time."""
    most_a_day: int | None = None


@dataclass(frozen=True)
class Verdict:
    """The result, and the signs that led to it, the heaviest first."""

    result: Result
    signs: tuple[Sign, ...]
    points: int

    def settled(self, *, is_proved: bool, is_urgent: bool) -> Result:
        """Return what is done when the proof was given, or cannot be.

        Where there may be danger nobody is kept waiting for a proof: it is held, and held requests of
        that kind reach people at once (see ``casework.held``).
        """
        if self.result is not Result.PROVE:
            return self.result
        if is_proved:
            return Result.ACCEPT
        return Result.HOLD if is_urgent else Result.PROVE


def score(sending: Sending) -> Verdict:
    """Return the verdict upon one sending; more signs never give a milder one."""
    signs = tuple(sorted(_signs(sending), key=lambda sign: -POINTS[sign]))
    points = sum(POINTS[sign] for sign in signs)
    if points >= HOLD_AT:
        return Verdict(Result.HOLD, signs, points)
    return Verdict(Result.PROVE if points >= PROVE_AT else Result.ACCEPT, signs, points)


def _signs(sending: Sending) -> set[Sign]:
    links = len(_LINK.findall(sending.text))
    found: Mapping[Sign, bool] = {
        Sign.TRAP: sending.is_trapped,
        Sign.FAST: sending.seconds is not None and sending.seconds < SHORTEST_WALK,
        Sign.STRANGE_PAGE: sending.has_page and not sending.is_own_page,
        Sign.NO_PAGE: not sending.has_page,
        Sign.SAME_FORM: FEW_FORMS <= sending.same_form < MANY_FORMS,
        Sign.SAME_FORM_OFTEN: sending.same_form >= MANY_FORMS,
        Sign.LINK: 0 < links < MANY_LINKS,
        Sign.LINKS: links >= MANY_LINKS,
        Sign.MARKUP: _MARKUP.search(sending.text) is not None,
        Sign.SAME_TEXT: FEW_ALIKE <= sending.same_text < MANY_ALIKE,
        Sign.SAME_TEXT_OFTEN: sending.same_text >= MANY_ALIKE,
        Sign.BUSY: BUSY_AT <= sending.from_network < FLOOD_AT,
        Sign.FLOOD: sending.from_network >= FLOOD_AT,
        Sign.DAY_FULL: sending.most_a_day is not None and sending.today >= sending.most_a_day,
    }
    return {sign for sign, is_there in found.items() if is_there}


def mark_of(text: str) -> str:
    """Return by what a text is known again, without the text; "" where it is too short to say anything."""
    words = " ".join(text.casefold().split())
    return sha256(words.encode("utf-8", "replace")).hexdigest()[:20] if len(words) >= SHORTEST_TEXT else ""

"""The same figures, slowly: one request after the other, from its journal, by the words of the definitions.

It shares nothing with ``figures`` and ``storage`` but the names of endings and kinds of entry. Fractions
instead of floats, every age looked at, everybody looked at at every age.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from tests.figures.history import Past

OWN_WORK = ("fixed", "no_action", "not_found")
CLOSED = (*OWN_WORK, "duplicate", "withdrawn")
MONTH = timedelta(days=30)


def second(at: datetime) -> int:
    return int(at.timestamp())


def midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


@dataclass
class HandOver:
    """One time that it went to an agency, and what that agency said before it went on."""

    at: datetime
    agency: str
    hours: int | None
    gave_back: bool = False
    said_yes: bool = False


class Told:
    """What one journal tells, read from its beginning; an act that was undone never happened."""

    def __init__(self, past: Past) -> None:
        self.past = past
        undone = {facts["back"] for _at, kind, facts in past.journal if kind == "undone"}
        self.ended: datetime | None = None
        self.ending = ""
        self.has: str | None = None
        self.first_end: datetime | None = None
        self.again: datetime | None = None
        self.handed: list[HandOver] = []
        for place, (at, kind, facts) in enumerate(past.journal):
            if place in undone or kind == "undone":
                continue
            if kind in ("finished", "withdrawn", "redirected", "agency_finished"):
                self.ended = at
                self.ending = facts.get("ending") or {"withdrawn": "withdrawn"}.get(kind, "redirected")
                self.first_end = self.first_end or at
                self.has = facts.get("agency", self.has)
                if kind == "agency_finished" and self.handed:
                    self.handed[-1].said_yes = True
            elif kind == "reopened":
                self.ended, self.ending = None, ""
                self.again = self.again or at
            elif kind == "handed_off":
                self.has = facts["agency"]
                self.handed.append(HandOver(at, facts["agency"], self._hours_until(at)))
            elif kind == "agency_accepted":
                self.handed[-1].said_yes = True
            elif kind == "agency_refused":
                self.has, self.handed[-1].gave_back = None, True
        self.created = past.created
        self.is_backwards = self.ended is not None and self.ended < self.created
        if self.is_backwards:
            self.ended = self.created
        self.theirs_since = self._theirs_since()

    def _hours_until(self, at: datetime) -> int | None:
        if self.past.imported and at == self.past.created:
            return None
        return hours(self.past.created, max(at, self.past.created))

    def _theirs_since(self) -> datetime | None:
        handed = self.past.handed
        if self.has and handed and self.ending in ("", "redirected"):
            found = min(handed, self.ended) if self.ended else handed
            return max(found, self.created)
        return self.ended if self.ending == "redirected" else None

    @property
    def is_excused(self) -> bool:
        """Whether it stopped being the town's to finish while there still was time to finish it."""
        stops = [self.theirs_since]
        if self.ending in ("duplicate", "withdrawn"):
            stops.append(self.ended)
        return any(second(at) <= second(self.past.due) for at in stops if at)

    def is_open(self, instant: datetime) -> bool:
        return self.created < instant and (self.ended is None or self.ended >= instant)

    def is_back_within(self, length: timedelta) -> bool:
        if self.first_end is None or self.again is None:
            return False
        return self.again - max(self.first_end, self.created) <= length

    @property
    def is_left_out(self) -> bool:
        return self.ending == "spam" or self.past.held


def slow_wait(stays: Sequence[tuple[int, int, bool]], share: Fraction) -> tuple[int, bool] | None:
    """Kaplan–Meier with delayed entry, looking at everybody at every age of anybody.

    It stops at the first age at which somebody was done while those watched, had all been seen from beginning
    to end, would be the rest of fewer than ten.
    """
    if len(stays) < 10:
        return None
    left, read = Fraction(1), 0
    for age in sorted({age for entry, leave, _ in stays for age in (entry, leave)}):
        watched = sum(1 for entry, leave, _ in stays if entry <= age <= leave)
        done = sum(1 for _entry, leave, is_done in stays if is_done and leave == age)
        is_enough = Fraction(watched) / left >= 10
        if done and not is_enough:
            break
        read = age if is_enough else read
        left *= 1 - Fraction(done, watched)
        if left <= 1 - share:
            return age * 3600, True
    return (read * 3600, False) if read else None


def hours(start: datetime, end: datetime) -> int:
    """Begun hours: looked for, not divided."""
    found, seconds = 0, second(end) - second(start)
    while found * 3600 < seconds:
        found += 1
    return found


def headline(town: Sequence[Told], start: datetime, end: datetime, as_of: datetime) -> dict[str, Any]:
    """The headline figures of [start, end)."""
    own = [one for one in town if not one.is_left_out]
    came = [one for one in own if start <= one.created < end]
    ended = [one for one in own if one.ended and start <= one.ended < end]
    promised = [one for one in own if start <= one.past.due < end and not one.is_excused]
    stays = [stay for one in own if (stay := _stay(one, start, end))]
    answers = [_answer(one, as_of) for one in came if one.theirs_since is None]
    return {
        "received": len(came),
        "issues": sum(1 for one in came if one.ending != "duplicate"),
        "outcomes": {name: sum(1 for one in ended if one.ending == name) for name in CLOSED},
        "redirected": sum(1 for one in ended if one.ending == "redirected"),
        "passed_on": sum(1 for one in own if one.theirs_since and start <= one.theirs_since < end),
        "open_before": sum(1 for one in own if one.is_open(start)),
        "open_after": sum(1 for one in own if one.is_open(end)),
        "with_agency": sum(
            1 for one in own if one.is_open(end) and one.theirs_since and one.theirs_since < end
        ),
        "due": len(promised),
        "on_time": sum(1 for one in promised if one.ended and second(one.ended) <= second(one.past.due)),
        "half": slow_wait(stays, Fraction(1, 2)),
        "ninety": slow_wait(stays, Fraction(9, 10)),
        "watched": len(stays),
        "first_answer": slow_wait(answers, Fraction(1, 2)),
        "asked": len(answers),
        "answered": sum(1 for _entry, _leave, is_done in answers if is_done),
    }


def _stay(one: Told, start: datetime, end: datetime) -> tuple[int, int, bool] | None:
    gone = min((at for at in (one.ended, one.theirs_since) if at), default=None)
    if one.ending == "duplicate" or one.created >= end or (gone is not None and gone < start):
        return None
    is_done = one.ending in OWN_WORK and gone is not None and gone < end
    leave = gone if gone is not None and gone < end else end
    return hours(one.created, max(start, one.created)), hours(one.created, leave), is_done


def _answer(one: Told, as_of: datetime) -> tuple[int, int, bool]:
    if one.past.answered:
        return 0, hours(one.created, max(one.created, one.past.answered)), True
    return 0, hours(one.created, one.ended or as_of), False


def others(town: Sequence[Told], start: datetime, end: datetime, zone: ZoneInfo) -> dict[str, Any]:
    """What else is told of the period."""
    own = [one for one in town if not one.is_left_out]
    came = [one for one in own if start <= one.created < end]
    waiting = [one for one in own if one.is_open(end)]
    ages = [(end - one.created).days for one in waiting]
    first = [
        one for one in own if one.first_end and start - MONTH <= max(one.first_end, one.created) < end - MONTH
    ]
    worked = [one for one in own if one.ending in OWN_WORK and one.ended and start <= one.ended < end]
    rated = [one.past.rating for one in worked if one.past.rating]
    handed = [turn for one in own for turn in one.handed if start <= turn.at < end]
    at_all = [one for one in town if start <= one.created < end]
    return {
        "bands": tuple(
            sum(1 for age in ages if low <= age < high)
            for low, high in ((0, 7), (7, 30), (30, 90), (90, 180), (180, 10**6))
        ),
        "median": int(median(ages)) if ages else None,
        "oldest": max(ages, default=None),
        "overdue": sum(
            1 for one in waiting if one.past.due < end and not (one.theirs_since and one.theirs_since < end)
        ),
        "reopened": (
            len(first),
            sum(1 for one in first if one.is_back_within(MONTH)),
        ),
        "rated": len(rated),
        "good": sum(1 for rating in rated if rating >= 4),
        "asked": len(worked),
        "handed": Counter(turn.agency for turn in handed),
        "until_handed": _hours_until_handed(handed),
        "returned": Counter(turn.agency for turn in handed if turn.gave_back),
        "confirmed": Counter(turn.agency for turn in handed if turn.said_yes),
        "channels": Counter(one.past.channel for one in came),
        "hours": Counter((at.weekday(), at.hour) for one in came for at in [one.created.astimezone(zone)]),
        "spam": sum(1 for one in at_all if one.ending == "spam"),
        "held": sum(1 for one in at_all if one.past.held and one.ending != "spam"),
        "backwards": sum(1 for one in came if one.is_backwards),
        "placeless": sum(1 for one in came if one.past.place is None),
    }


def _hours_until_handed(handed: Sequence[HandOver]) -> dict[str, int]:
    """The middle wait for each agency, of those of which it is known: ten at least."""
    waits: dict[str, list[int]] = {}
    for turn in handed:
        if turn.hours is not None:
            waits.setdefault(turn.agency, []).append(turn.hours)
    return {agency: round(median(known)) for agency, known in waits.items() if len(known) >= 10}


def by(town: Sequence[Told], name: Callable[[Past], str]) -> dict[str, list[Told]]:
    """Sort the town's requests by a name."""
    found: dict[str, list[Told]] = {}
    for one in town:
        found.setdefault(name(one.past), []).append(one)
    return found

"""How much time and money does a line name? ``1h30 vehicle 1h materials 42.50`` as whole numbers.

Strict, because it becomes part of what the town says a request has cost: every part must be understood,
and a bare number is neither hours nor minutes.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

MOST_MINUTES = 100 * 60
"""One line tells of at most a hundred hours: more is a slip of the hand."""
MOST_MATERIALS = 100_000_000
"""In hundredths."""
EXAMPLE = "1h30 vehicle 1h materials 42.50"

_VEHICLE = frozenset({"vehicle", "truck", "vehiculo", "camion", "vehicule", "fahrzeug", "lkw"})
_MATERIALS = frozenset({"material", "materials", "materiales", "materiel", "materiaux", "fournitures"})
_FILLER = frozenset({"and", "of", "y", "de", "et", "und", "mit", "with", "for", "por", "pour"})
_HOURS = r"h|hr|hrs|hour|hours|hora|horas|heure|heures|std|stunde|stunden"
_MINUTES = r"m|min|mins|minute|minutes|minuto|minutos|minuten"
_TIME = re.compile(
    rf"(?:(?P<clock>\d{{1,3}}):(?P<rest>[0-5]\d)(?:\s?(?:{_HOURS})\b)?"
    rf"|(?P<hours>\d{{1,4}}(?:[.,]\d{{1,3}})?)\s?(?:{_HOURS})(?![^\W\d_])\s?"
    rf"(?:(?:and |y |et |und )?(?P<after>[0-5]?\d)(?:\s?(?:{_MINUTES})\b|(?![\d.,:])))?"
    rf"|(?P<minutes>\d{{1,4}})\s?(?:{_MINUTES})\b)"
)
_WORD = re.compile(r"[^\W\d_]+")
_AMOUNT = re.compile(
    r"[$€£]?\s?(\d{1,3}(?:([., '\u00a0])\d{3}(?:\2\d{3})*)?|\d+)(?:[.,](\d{1,2}))?(?![\d])\s?[$€£]?"
)
_BETWEEN = re.compile(r"[\s,;+&:]+")
Part = Literal["work", "vehicle", "materials"]


@dataclass(frozen=True)
class Spent:
    """What a visit took: minutes of work and of a vehicle, materials in hundredths of the currency."""

    minutes: int = 0
    vehicle_minutes: int = 0
    materials: int = 0

    def __bool__(self) -> bool:
        return bool(self.minutes or self.vehicle_minutes or self.materials)

    def __add__(self, other: Spent) -> Spent:
        return Spent(
            self.minutes + other.minutes,
            self.vehicle_minutes + other.vehicle_minutes,
            self.materials + other.materials,
        )


def spent(line: str) -> Spent | None:
    """Return what the line names; None when any part of it is not understood, too much or nothing.

    >>> spent("1h30 vehicle 1h materials 42.50")
    Spent(minutes=90, vehicle_minutes=60, materials=4250)
    """
    found, left = _read(line)
    return found if not left and found and _is_likely(found) else None


def not_understood(line: str) -> str:
    """Return the words from which on a line was not understood; all of it where no one part is to blame."""
    _found, left = _read(line)
    words = line.split()
    return " ".join(words[-len(left.split()) :]) if left.split() else line


def _read(line: str) -> tuple[Spent, str]:
    """Return what was understood, and the rest from which on nothing was."""
    left, found, part = _folded(line).strip(" .!"), Spent(), None
    given: set[Part] = set()
    while left:
        left = left[between.end() :] if (between := _BETWEEN.match(left)) else left
        read = _next(left, part)
        if read is None:
            return (found, left) if left else (Spent(), "")
        taken, part, new = read
        if new is not None:
            kind: Part = part or "work"
            if kind in given:
                return found, left
            given.add(kind)
            found, part = found + new, None
        left = left[taken:]
    return (found, "") if part is None else (Spent(), "")


def minutes_of(said: str) -> int | None:
    """Return a length of time alone in minutes, as in ``1h30``, ``1:30``, ``90 min``; None for all else."""
    match = _TIME.fullmatch(_folded(said).strip())
    return _minutes(match) if match else None


def hundredths_of(said: str) -> int | None:
    """Return an amount alone in hundredths, as in ``42.50`` or ``1,200``; None for all else."""
    match = _AMOUNT.fullmatch(_folded(said).strip())
    return _hundredths(match) if match else None


def _next(left: str, part: Part | None) -> tuple[int, Part | None, Spent | None] | None:
    """Return how much of the rest is understood, what the next number is of, and what was read."""
    word = _WORD.match(left)
    if word:
        named: Part | None = (
            "vehicle" if word[0] in _VEHICLE else "materials" if word[0] in _MATERIALS else None
        )
        if named is None and word[0] in _FILLER:
            return word.end(), part, None
        return (word.end(), named, None) if named and part is None else None
    if part == "materials":
        amount = _AMOUNT.match(left)
        return (amount.end(), part, Spent(materials=_hundredths(amount))) if amount else None
    time = _TIME.match(left)
    if time is None:
        return None
    minutes = _minutes(time)
    return time.end(), part, Spent(vehicle_minutes=minutes) if part == "vehicle" else Spent(minutes)


def _minutes(time: re.Match[str]) -> int:
    if time["clock"]:
        return int(time["clock"]) * 60 + int(time["rest"])
    if time["minutes"]:
        return int(time["minutes"])
    return round(float(time["hours"].replace(",", ".")) * 60) + int(time["after"] or 0)


def _hundredths(amount: re.Match[str]) -> int:
    whole = "".join(letter for letter in amount[1] if letter.isdigit())
    return int(whole) * 100 + int((amount[3] or "").ljust(2, "0"))


def _is_likely(found: Spent) -> bool:
    return (
        found.minutes <= MOST_MINUTES
        and found.vehicle_minutes <= MOST_MINUTES
        and found.materials <= MOST_MATERIALS
    )


def _folded(line: str) -> str:
    decomposed = unicodedata.normalize("NFKD", line.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))

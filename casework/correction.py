"""What is put right on a request, and what would follow? Values to show, to compare and then to do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any

from routing.decision import Decision
from routing.rulebook import Outcome


class Effect(StrEnum):
    """What a decision means for a request that is already somewhere."""

    STAYS = "stays"
    COLLEAGUE = "colleague"
    AGENCY = "agency"
    CARD = "card"
    ASK = "ask"


LEAVES_TOWN = frozenset({Effect.AGENCY, Effect.CARD})


@dataclass(frozen=True)
class Correction:
    """What it really is and where. ``at`` is (latitude, longitude) in degrees.

    ``road`` is the owner of the road that is meant, where two are near. ``answers`` are put over those
    that the resident gave.
    """

    service: str
    at: tuple[float, float] | None
    place: str
    road: str | None = None
    answers: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Standing:
    """How a request stands now. ``agency`` only while it waits for one."""

    service: str
    at: tuple[float, float] | None
    place: str
    assignee: str
    agency: str | None
    rule: str
    status: str


@dataclass(frozen=True)
class Preview:
    """What would be done. ``to`` is a person id, an agency id, or empty where a question is open."""

    correction: Correction
    before: Standing
    after: Decision
    effect: Effect
    to: str
    taken_from: str | None
    """The agency that would lose it."""
    corrected: tuple[str, ...] = ()
    """What is put right, in sentences in the reader's language."""
    followed: tuple[str, ...] = ()
    """What follows from it: who has it then, and who hears of it."""

    @property
    def changes(self) -> tuple[str, ...]:
        return self.corrected + self.followed

    @property
    def seen(self) -> str:
        """A mark of exactly this outcome: who applies it proves that they saw it."""
        parts: list[Any] = [self.after.record(), self.after.because, self.effect, self.to, self.taken_from]
        parts += [asdict(self.before), self.correction.service, self.correction.at, self.correction.place]
        parts.append(dict(self.correction.answers or {}))
        return sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:32]

    @property
    def is_stop(self) -> bool:
        return self.after.outcome is Outcome.STOP

    @property
    def is_told(self) -> bool:
        """Return whether the resident hears of it: when responsibility leaves the town."""
        return self.effect in LEAVES_TOWN

    @property
    def is_returned(self) -> bool:
        """Return whether the town has it again, so that the resident hears that it is not an agency's."""
        return self.taken_from is not None and self.effect not in LEAVES_TOWN

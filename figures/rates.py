"""What did noted hours cost? Each by the rates of its own day, in hundredths of the town's currency."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from figures.counted import Noted

HOUR = 60  # minutes


class Rate(NamedTuple):
    """What an hour of a person and of a vehicle costs, in hundredths."""

    hour: int = 0
    vehicle: int = 0


NOTHING = Rate()


@dataclass(frozen=True)
class Card:
    """The rates from ``start`` (seconds since 1970) until the next card begins."""

    start: int = 0
    usual: Rate = NOTHING
    people: Mapping[str, Rate] = field(default_factory=dict)
    """Those whose rate is another one."""

    def rate(self, person: str) -> Rate:
        return self.people.get(person, self.usual)


@dataclass(frozen=True)
class Rates:
    """The cards of a town, oldest first; what was noted before the first counts by it.

    Without any card hours cost nothing.
    """

    cards: tuple[Card, ...] = ()

    @property
    def edges(self) -> tuple[int, ...]:
        """From when on another card holds; the first one holds from the beginning."""
        return tuple(card.start for card in self.cards[1:])

    def at(self, instant: int) -> int:
        """Return the place of the card that holds at an instant."""
        return bisect_right(self.edges, instant)

    def cost(self, noted: Iterable[Noted]) -> Cost:
        """Return what hours, vehicles and materials cost together."""
        work = vehicle = materials = 0
        for one in noted:
            rate = self.cards[one.card].rate(one.person) if self.cards else Rate()
            work += one.minutes * rate.hour
            vehicle += one.vehicle_minutes * rate.vehicle
            materials += one.materials
        return Cost(round(work / HOUR), round(vehicle / HOUR), materials)


class Cost(NamedTuple):
    """An amount by what it was spent on, in hundredths."""

    work: int = 0
    vehicle: int = 0
    materials: int = 0

    @property
    def together(self) -> int:
        return sum(self)


NO_RATES = Rates()

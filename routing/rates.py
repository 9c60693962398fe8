"""What does an hour cost the town? Rate cards with the day from which each holds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from routing.kinds import Id, Value

Amount = Annotated[float, Field(ge=0, le=100_000)]


class Rate(Value):
    """What an hour costs, of a person and of a vehicle."""

    hour: Amount | None = None
    """An hour of work with everything that the town pays for it, as in ``48.50``. Not said: the card's."""
    vehicle: Amount | None = None
    """An hour of a vehicle or machine. Not said: the card's."""

    @model_validator(mode="before")
    @classmethod
    def _from_number(cls, value: Any) -> Any:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return {"hour": value} if is_number else value


class RateCard(Value):
    """The rates from one day on, until the next card begins. Hours noted before keep theirs."""

    since: date
    """The first day on which it holds, as in ``2026-07-01``. What was noted before the first card counts by
    the first one."""
    hour: Amount
    """What an hour of work costs where nothing else is said."""
    vehicle: Amount = 0
    """What an hour of a vehicle or machine costs where nothing else is said."""
    departments: Mapping[Id, Rate] = {}
    """Department -> its own rates."""
    people: Mapping[Id, Rate] = {}
    """Person -> their own rates, before those of the department."""


Cards = Annotated[tuple[RateCard, ...], Field(min_length=1)]


class Rates(Value):
    """What requests cost: hours that employees note times these rates, and materials."""

    currency: str = Field(default="USD", pattern="^[A-Z]{3}$")
    """The town's currency in three letters, as in ``USD``."""
    cards: Cards
    """The rate cards, oldest first. Keep old ones: past months count by them."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        days = [card.since for card in self.cards]
        if days != sorted(set(days)):
            raise ValueError("the cards are not in order: write the oldest first, each with a later day")
        return self

"""What did a request cost? Noted hours at the town's rates of their day, and materials."""

from __future__ import annotations

from datetime import UTC, datetime, time

from casework.office import Office
from figures import rates
from figures.counted import Noted
from inbox.time_written import Spent
from routing.rates import RateCard
from routing.rulebook import Rulebook
from storage import timesheet


def rates_of(rulebook: Rulebook) -> rates.Rates:
    """Return the town's rate cards, ready to reckon with; none where it has written none."""
    if rulebook.rates is None:
        return rates.NO_RATES
    return rates.Rates(tuple(_card(rulebook, card) for card in rulebook.rates.cards))


def spent_on(request_id: int) -> Spent:
    """Return all that was noted on one request."""
    return sum((one.spent for one in timesheet.of_request(request_id)), Spent())


def cost_of(office: Office, request_id: int) -> int | None:
    """Return what one request cost so far, in hundredths; None where nothing is noted or no rate is known."""
    noted, known = timesheet.of_request(request_id), rates_of(office.rulebook)
    if not noted or not known.cards:
        return None
    rows = (
        Noted("", one.person, one.spent.minutes, one.spent.vehicle_minutes, one.spent.materials,
              known.at(int(one.at.timestamp())))
        for one in noted
    )  # fmt: skip
    return known.cost(rows).together


def _card(rulebook: Rulebook, card: RateCard) -> rates.Card:
    midnight = datetime.combine(card.since, time(), tzinfo=rulebook.town.zone).astimezone(UTC)
    usual = _rate(card.hour, card.vehicle)
    people = {}
    for person in rulebook.people.values():
        hour, vehicle = card.hour, card.vehicle
        for said in (card.departments.get(person.department), card.people.get(person.id)):
            if said is not None:
                hour = hour if said.hour is None else said.hour
                vehicle = vehicle if said.vehicle is None else said.vehicle
        people[person.id] = _rate(hour, vehicle)
    return rates.Card(int(midnight.timestamp()), usual, people)


def _rate(hour: float, vehicle: float) -> rates.Rate:
    return rates.Rate(round(hour * 100), round(vehicle * 100))

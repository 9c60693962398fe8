"""How is time and money that was noted said? ``1 h 30 min, vehicle 1 h, materials 42.50``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from babel.numbers import format_decimal
from flask_babel import gettext as _

from inbox.time_written import Spent


def spent_of(facts: Mapping[str, Any]) -> Spent:
    """Return what an entry of the journal says was spent."""
    return Spent(
        minutes=int(facts.get("minutes") or 0),
        vehicle_minutes=int(facts.get("vehicle_minutes") or 0),
        materials=int(facts.get("materials") or 0),
    )


def spent_words(spent: Spent, language: str) -> str:
    """Return it in the language that is spoken at the moment, with numbers as ``language`` writes them."""
    parts = [hours_words(spent.minutes)] if spent.minutes else []
    if spent.vehicle_minutes:
        parts.append(_("vehicle %(length)s", length=hours_words(spent.vehicle_minutes)))
    if spent.materials:
        parts.append(_("materials %(amount)s", amount=amount_words(spent.materials, language)))
    return ", ".join(parts)


def hours_words(minutes: int) -> str:
    """Return a length of work: ``45 min``, ``2 h``, ``1 h 30 min``; never rounded to days."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return _("%(minutes)d min", minutes=rest)
    if not rest:
        return _("%(hours)d h", hours=hours)
    return _("%(hours)d h %(minutes)d min", hours=hours, minutes=rest)


def amount_words(hundredths: int, language: str) -> str:
    """Return an amount of money without a sign: in the town itself it needs none."""
    return str(format_decimal(hundredths / 100, format="#,##0.00", locale=language.replace("-", "_")))

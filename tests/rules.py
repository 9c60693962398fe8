"""How would the demonstration town be with another line in its rules? A changed office, the same rows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from casework.office import Office


def changed(office: Office, section: str, key: str, **lines: Any) -> Office:
    """Return the office with one entry of a section (``people``, ``services``) changed."""
    rulebook = office.rulebook
    rows = getattr(rulebook, section)
    row = rows[key].model_copy(update=lines)
    return replace(office, rulebook=rulebook.model_copy(update={section: {**rows, key: row}}))


def of_town(office: Office, **lines: Any) -> Office:
    """Return the office whose town says something else about itself."""
    town = office.rulebook.town
    town = town.model_copy(update=lines)
    return replace(office, rulebook=office.rulebook.model_copy(update={"town": town}))

"""How did a request stand before an act? What acts change, written down so that it can be given back.

It is kept in the journal, whose facts name nobody. What is the resident's own (words, place, answers)
is therefore left out, and an act that changed it is not given back by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date

from storage.tables import Moment, ServiceRequest

FACT = "was"
"""Under which name the first entry of an act keeps it."""
PART_OF = "part_of"
"""Where an act writes more than one entry, the others name the first."""
COLUMNS = (
    "service", "status", "ending", "ending_reason", "duplicate_of", "assignee", "agency", "agency_remind_at",
    "agency_reminders", "agency_reference", "expected_on", "rule", "decided", "because", "because_staff",
    "rules_version", "layer_versions", "waiting_since", "paused_minutes", "ladder_step", "ladder_at",
    "answered_at", "handed_off_at", "ended_at", "reopened", "rating", "was_fixed", "held_at",
)  # fmt: skip
PERSONAL = ("description", "answers", "place", "lat", "lon")


@dataclass(frozen=True)
class Standing:
    """A request at one moment: what may be written into the journal, and what may not."""

    plain: dict[str, Any]
    """Column -> value fit for JSON, without those that are empty."""
    personal: tuple[Any, ...]


def taken(request: ServiceRequest) -> Standing:
    """Return how it stands now."""
    values = {name: getattr(request, name) for name in COLUMNS}
    plain = {name: _written(value) for name, value in values.items() if value is not None}
    return Standing(plain, tuple(getattr(request, name) for name in PERSONAL))


def restore(request: ServiceRequest, was: dict[str, Any]) -> None:
    """Give back what ``Standing.plain`` says."""
    for name in COLUMNS:
        setattr(request, name, _read(name, was.get(name)))


def _written(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _read(name: str, value: Any) -> Any:
    kind = ServiceRequest.__table__.columns[name].type
    if value is not None and isinstance(kind, Moment):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if value is not None and isinstance(kind, Date) else value

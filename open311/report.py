"""What is posted to a GeoReport v2 server? One report as form fields, without the key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LONGEST_DESCRIPTION = 4000
"""Characters; what the specification of GeoReport v2 allows."""


@dataclass(frozen=True)
class Contact:
    """Who sent it; given only where they agreed."""

    name: str
    email: str
    phone: str


@dataclass(frozen=True)
class Report:
    """One report as the agency's system is to get it."""

    service_code: str
    """Theirs, not ours."""
    jurisdiction_id: str
    at: tuple[float, float] | None
    """Latitude, longitude (WGS84)."""
    place: str
    words: str
    """What the resident wrote."""
    before: str
    """The line above it: our reference, by which a report that came twice is recognised."""
    after: Sequence[str]
    """The lines below it: answers, who passes it on."""
    contact: Contact | None


def fields(report: Report) -> dict[str, str]:
    """Return name -> value of what is posted; what is empty is left out."""
    found = {
        "jurisdiction_id": report.jurisdiction_id,
        "service_code": report.service_code,
        "description": _description(report),
        # Where there is a point it is the place; with both, servers look up the words and move the point.
        "address_string": "" if report.at else report.place,
    }
    if report.at is not None:
        found["lat"], found["long"] = (f"{degrees:.6f}" for degrees in report.at)
    if report.contact is not None:
        first, _space, last = report.contact.name.strip().rpartition(" ")
        found |= {
            "first_name": first or last,
            "last_name": last if first else "",
            "email": report.contact.email,
            "phone": report.contact.phone,
        }
    return {name: value for name, value in found.items() if value}


def _description(report: Report) -> str:
    tail = "\n".join(report.after)
    # Our reference and the answers are never cut; of very long words the end is.
    room = LONGEST_DESCRIPTION - len(report.before) - len(tail) - 4
    words = report.words if len(report.words) <= room else report.words[: max(room - 1, 0)].rstrip() + "…"
    return "\n\n".join(part for part in (report.before, words, tail) if part)[:LONGEST_DESCRIPTION]

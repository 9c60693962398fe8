"""May an agency have the resident's name and contact? They agree to one agency, by its name."""

from __future__ import annotations

from routing.rulebook import Outcome
from storage import lookups
from storage.tables import ServiceRequest


def shares_with(request: ServiceRequest, agency_id: str | None) -> bool:
    """Return whether the resident agreed that this agency gets to know who they are.

    The form asks for the agency that the rules chose. Who agreed to the county has not agreed to
    whomever an employee, or the county, finds afterwards. Consent without an agency counts for all.
    """
    if not request.may_share:
        return False
    # What is not written down yet has no decision, and goes to exactly the agency that the form named.
    named = agreed_agency(request)
    return named is None or named == agency_id


def agreed_agency(request: ServiceRequest) -> str | None:
    """Return the one agency that the resident agreed to; None where they were not asked about one."""
    decision = lookups.first_decision(request.id)
    is_asked = request.may_share and decision.get("outcome") == Outcome.HANDOFF
    return decision.get("target") if is_asked else None

"""What does the manager see by the link in their report's letter? The analytics, and no page of others."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from casework.errors import LinkRefused
from casework.office import the_office
from casework.tongues import read_at, speak
from reports import analytics, inviting, operator

bp = Blueprint("guest", __name__, url_prefix="/analytics")
bp.after_request(operator.keep_private)
FRAME = "reports/guest_frame.html"


@bp.get("/<token>/")
def start(token: str) -> ResponseReturnValue:
    """Show what has changed: what one wants to know first."""
    return part(token, "changes")


@bp.get("/<token>/<name>")
def part(token: str, name: str) -> ResponseReturnValue:
    """Show one page of figures, of the town or of the one department that the report is about."""
    now = datetime.now(UTC)
    office = the_office()
    guest = inviting.admit(office, token, now=now)
    speak(read_at(office, guest.address))
    visitor = analytics.Visitor(token, guest.until, "guest.part", guest.scope, FRAME)
    return analytics.shown(visitor, name, now=now)


@bp.errorhandler(LinkRefused)
def refused(error: LinkRefused) -> ResponseReturnValue:
    """A link that opens nothing says so, and where the next one comes from."""
    page = render_template("reports/guest_closed.html", sentence=str(error), reason=error.reason)
    return page, error.status

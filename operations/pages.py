"""Who gets in at the operator's pages, and what have they all in common?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from casework.errors import LinkRefused
from casework.office import the_office
from casework.operating import admit_operator
from operations import words

bp = Blueprint("operations", __name__, url_prefix="/operations")


@bp.errorhandler(LinkRefused)
def refused(error: LinkRefused) -> ResponseReturnValue:
    """A link that opens nothing says so, and how to get another."""
    return render_template("operations/closed.html", sentence=str(error), reason=error.reason), error.status


@bp.after_request
def keep_private(response: Response) -> Response:
    """A signed link is a key: nobody indexes it, frames it, keeps it or hears of it from the browser."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response.headers.setdefault("X-Frame-Options", "DENY")
    response.headers["Cache-Control"] = "no-store"
    return response


def page(name: str, token: str, until: datetime, *, status: int = 200, **context: Any) -> tuple[str, int]:
    """Return one of the operator's pages, with what its frame needs."""
    office = the_office()
    shown = render_template(
        f"operations/{name}.html",
        token=token,
        here=name,
        until=words.moment(office, until),
        say=words,
        office=office,
        **context,
    )
    return shown, status


def admitted(token: str) -> datetime:
    """Return until when the link works; raises ``LinkRefused``."""
    return admit_operator(the_office(), token, now=datetime.now(UTC))

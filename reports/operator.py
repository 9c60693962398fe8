"""What does the operator see of the reports, and what can they set right? Behind the operator's link.

The page stands among the operator's others (``operations/``), and here because it acts by the reports' own
verbs. GET shows; POST does what the console's commands do.
"""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus

from babel import Locale
from babel.dates import format_skeleton, format_time
from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from casework.errors import LinkRefused
from casework.office import Office, the_office
from casework.operating import admit_operator
from paper.pdf import RenderFailed
from reports import acting, runs
from reports.as_made import policy
from reports.edition import NothingToSend
from reports.making import NotYet
from reports.order import name_of
from reports.period import NoSuchPeriod
from reports.publishing import LONGEST_REASON
from storage import editions

bp = Blueprint("report_runs", __name__, url_prefix="/operations")
REFUSALS = (NothingToSend, NoSuchPeriod, NotYet, RenderFailed)


@bp.get("/<token>/reports")
def overview(token: str) -> ResponseReturnValue:
    """Show the runs of every report, of one that is named all of them."""
    done = request.args.get("done", "")
    return _page(token, done=done if done in acting.DONE else "")


@bp.post("/<token>/reports")
def act(token: str) -> ResponseReturnValue:
    """Make, send again, publish or take back; what cannot be done is told in a sentence."""
    office, now = the_office(), datetime.now(UTC)
    admit_operator(office, token, now=now)
    try:
        done = acting.act(office, request.form, now=now)
    except REFUSALS as refused:
        return _page(token, mistake=str(refused), status=HTTPStatus.CONFLICT)
    return redirect(url_for("report_runs.overview", token=token, done=done), HTTPStatus.SEE_OTHER)


@bp.get("/<token>/reports/<int(max=2147483647):edition_id>.<kind>")
def look(token: str, edition_id: int, kind: str) -> ResponseReturnValue:
    """Show a draft or an edition as it is stored."""
    admit_operator(the_office(), token, now=datetime.now(UTC))
    edition = editions.one(edition_id)
    content = {"pdf": edition.pdf, "html": edition.html}.get(kind) if edition else None
    if edition is None or content is None:
        abort(HTTPStatus.NOT_FOUND)
    response = Response(content, mimetype="application/pdf" if kind == "pdf" else "text/html")
    name = name_of(edition.report, edition.part, edition.period, edition.issue)
    mark = "" if edition.state == "sent" else "-draft"
    response.headers["Content-Disposition"] = f'inline; filename="{name}{mark}.{kind}"'
    if kind == "html":
        response.headers["Content-Security-Policy"] = policy(content)
    return response


@bp.errorhandler(LinkRefused)
def refused(error: LinkRefused) -> ResponseReturnValue:
    """A link that opens nothing says so, and how to get another."""
    return render_template("operations/closed.html", sentence=str(error), reason=error.reason), error.status


@bp.after_request
def keep_private(response: Response) -> Response:
    """A signed link is a key: nobody indexes it, frames it, keeps it or hears of it from the browser."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response.headers["X-Frame-Options"] = "DENY"
    response.headers["Cache-Control"] = "no-store"
    return response


def _page(
    token: str, *, done: str = "", mistake: str = "", status: int = HTTPStatus.OK
) -> ResponseReturnValue:
    office, now = the_office(), datetime.now(UTC)
    until = admit_operator(office, token, now=now)
    shown = render_template(
        "operations/reports.html",
        token=token,
        here="reports",
        until=moment(office, until),
        office=office,
        reports=runs.of_reports(office, now=now, only=request.args.get("report", "")),
        counts=runs.watched(office, now=now, late=runs.late_here()),
        done=done,
        mistake=mistake,
        written=request.form,
        longest=LONGEST_REASON,
        moment=lambda at: moment(office, at),
    )
    return shown, status


def moment(office: Office, at: datetime) -> str:
    """Return an instant in town time, as in "Mon, Nov 23, 4:30 PM"; with the year where it is another."""
    local, locale = at.astimezone(office.zone), get_locale() or Locale("en")
    is_now = local.year == datetime.now(office.zone).year
    day = format_skeleton("MMMEd" if is_now else "yMMMd", local, locale=locale)
    return f"{day}, {format_time(local, 'short', locale=locale)}"


def language() -> str:
    """Return the language of the page as a tag."""
    return str(get_locale() or "en").replace("_", "-")

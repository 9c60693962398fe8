"""May this draft go out? The page behind the link in the approver's letter: GET shows, POST acts."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus

from babel.dates import format_date, format_time
from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _

from casework.errors import CaseworkError, LinkRefused, NotPossible
from casework.office import Office, the_office
from casework.tongues import reads, speak
from reports import operator
from reports.approving import LONGEST_NOTE, Desk, Remade, admit, decide
from reports.order import Order, file_name
from storage.editions import BY_ITSELF

bp = Blueprint("approval", __name__)
bp.after_request(operator.keep_private)
STYLED = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; sandbox"


@bp.get("/approve/<token>/<int:edition_id>")
def show(token: str, edition_id: int) -> ResponseReturnValue:
    """Show the draft and what can be said about it; opening it changes nothing."""
    return _page(token, _admitted(token, edition_id))


@bp.post("/approve/<token>/<int:edition_id>")
def act(token: str, edition_id: int) -> ResponseReturnValue:
    """Approve it, perhaps with a note, or skip it; the same button twice is the same answer."""
    desk = _admitted(token, edition_id)
    said, note = request.form.get("do", ""), request.form.get("note", "")
    if said not in ("approve", "skip"):
        return _page(
            token, desk, note=note, mistakes=[("do-approve", _("Press one of the two buttons."))], status=400
        )
    try:
        shown = request.form.get("draft", "")
        decide(
            the_office(), desk, is_skipped=said == "skip", note=note, looked_at=shown, now=datetime.now(UTC)
        )
    except Remade as remade:
        return _page(token, desk, note=note, mistakes=[("do-approve", str(remade))], status=409)
    except NotPossible as refused:
        return _page(token, desk, note=note, mistakes=[("note", str(refused))], status=422)
    return redirect(url_for("approval.show", token=token, edition_id=edition_id), HTTPStatus.SEE_OTHER)


@bp.get("/approve/<token>/<int:edition_id>/draft.<kind>")
def draft(token: str, edition_id: int, kind: str) -> ResponseReturnValue:
    """The draft itself, as PDF or as the page that it is made from."""
    desk = _admitted(token, edition_id)
    edition = desk.edition
    content = {"pdf": edition.pdf, "html": edition.html}.get(kind)
    if content is None:
        raise NotPossible(_("This draft is being made anew. Try again in a minute."))
    response = Response(content, mimetype="application/pdf" if kind == "pdf" else "text/html")
    name = file_name(desk.plan, desk.period, Order(edition.part, edition.issue))
    response.headers["Content-Disposition"] = f'inline; filename="{name}-draft.{kind}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    if kind == "html":
        response.headers["Content-Security-Policy"] = STYLED
    return response


@bp.errorhandler(CaseworkError)
def refused(error: CaseworkError) -> ResponseReturnValue:
    reason = error.reason if isinstance(error, LinkRefused) else ""
    return render_template("reports/approve_closed.html", sentence=str(error), reason=reason), error.status


def _admitted(token: str, edition_id: int) -> Desk:
    desk = admit(the_office(), token, edition_id, now=datetime.now(UTC))
    speak(reads(the_office(), desk.reader))
    return desk


def _page(
    token: str,
    desk: Desk,
    *,
    note: str = "",
    mistakes: list[tuple[str, str]] | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    office, edition = the_office(), desk.edition
    language = str(get_locale())
    page = render_template(
        "reports/approve.html",
        token=token,
        edition=edition,
        saying=(edition.facts or {}).get("letter", {}),
        desk=desk,
        reader=desk.reader.name.said(language),
        until=_moment(office, edition.approve_until),
        what_then=desk.plan.approve.then if desk.plan.approve else "send",
        outcome="" if desk.is_open else _outcome(office, desk),
        note=note,
        longest=LONGEST_NOTE,
        mistakes=mistakes or [],
    )
    return page, status


def _outcome(office: Office, desk: Desk) -> str:
    """Return what has become of an edition that waits no longer, in a sentence or two."""
    edition = desk.edition
    who, day = _who(office, desk), _moment(office, edition.decided_at)
    if edition.state == "skipped":
        if not who:
            return _("Nobody said anything in time, so it was skipped on %(day)s. It was not sent.", day=day)
        return _("%(who)s skipped it on %(day)s. It was not sent.", who=who, day=day)
    if edition.state == "failed":
        return _("It could not be made. The town clerk has been told why.")
    if edition.state == "sent":
        sent = _moment(office, edition.sent_at)
        if not who:
            return _("Nobody said anything in time, so it went out on %(day)s.", day=sent)
        return _("%(who)s approved it. It went out on %(day)s.", who=who, day=sent)
    if not who:
        return _("Nobody said anything in time. It goes out within a few minutes.")
    return _("%(who)s approved it on %(day)s. It goes out within a few minutes.", who=who, day=day)


def _who(office: Office, desk: Desk) -> str:
    """Return who decided, as people call them; empty where nobody did."""
    by = desk.edition.decided_by
    if by in ("", BY_ITSELF):
        return ""
    person = office.rulebook.people.get(by.removeprefix("person:"))
    return person.name.said(str(get_locale())) if person else _("Somebody")


def _moment(office: Office, at: datetime | None) -> str:
    if at is None:
        return ""
    local, locale = at.astimezone(office.zone), get_locale()
    return f"{format_date(local, 'full', locale=locale)}, {format_time(local, 'short', locale=locale)}"

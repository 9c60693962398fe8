"""Is this mailbox still theirs? The page behind the yearly question: GET shows, POST acts."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casework.errors import LinkRefused, TextTooLong
from casework.office import the_office
from casework.still_you import answer, asked
from casework.tongues import read_at, speak
from desk import views

bp = Blueprint("still", __name__)
bp.after_request(views.keep_private)


@bp.get("/still/<token>")
def show(token: str) -> ResponseReturnValue:
    return _page(token, done=request.args.get("done", ""))


@bp.post("/still/<token>")
def say(token: str) -> ResponseReturnValue:
    """Keep what was answered; the same button twice is the same answer."""
    said, text = request.form.get("do", ""), request.form.get("text", "")
    if said not in ("yes", "no"):
        return _page(token, mistakes=[("do-yes", _("Press one of the two buttons."))], status=400)
    try:
        answer(the_office(), token, is_still=said == "yes", text=text, now=datetime.now(UTC))
    except TextTooLong as refused:
        return _page(token, mistakes=[("text", str(refused))], text=text, status=refused.status)
    return redirect(url_for("still.show", token=token, done=said), HTTPStatus.SEE_OTHER)


@bp.errorhandler(LinkRefused)
def refused(error: LinkRefused) -> ResponseReturnValue:
    return render_template("desk/closed.html", sentence=str(error), reason=error.reason), error.status


def _page(
    token: str,
    *,
    done: str = "",
    text: str = "",
    mistakes: list[tuple[str, str]] | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    office = the_office()
    box = asked(office, token)
    speak(read_at(office, box.address))
    page = render_template(
        "desk/still.html",
        token=token,
        box=box,
        done=done if box.answered_at and done in ("yes", "no") else "",
        text=text,
        mistakes=mistakes or [],
    )
    return page, status

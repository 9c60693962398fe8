"""How does a resident stop the letters about their request? One POST (RFC 8058), from a mail program or here.

Opening the address changes nothing: mail scanners open every link. The POST needs no cookie, no mark and
no body, because the mail provider sends it; the key in the address says whose it is, and twice is once.
"""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from casework.errors import LinkRefused
from casework.office import the_office
from casework.unsubscribing import resume_updates, stop_updates
from widgets import follower
from widgets.rooms import here
from widgets.tracking import keep_private, own_case, refused

bp = Blueprint("stopping", __name__)
bp.after_request(keep_private)
bp.register_error_handler(LinkRefused, refused)


@bp.get("/r/<number>/stop")
def show(number: str) -> ResponseReturnValue:
    return _page(number)


@bp.post("/r/<number>/stop")
def act(number: str) -> ResponseReturnValue:
    """Stop; or start again, which only our own form asks for."""
    is_resumed = request.form.get("do") == "resume"
    if following := follower.admission(number):
        follower.change_letters(number, following, is_resumed=is_resumed)
        return _page(number, is_done=True)
    change = resume_updates if is_resumed else stop_updates
    change(the_office(), own_case(number).request.id, now=datetime.now(UTC))
    return _page(number, is_done=True)


def _page(number: str, *, is_done: bool = False) -> ResponseReturnValue:
    following = follower.admission(number)
    if following:
        is_stopped = follower.is_stopped(following)
    else:
        is_stopped = own_case(number).request.updates_stopped_at is not None
    return render_template(
        "widgets/stopping.html",
        number=number,
        is_follower=following is not None,
        is_stopped=is_stopped,
        is_done=is_done,
        here=here(number, "/stop"),
        back=here(number),
    )

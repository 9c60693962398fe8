"""What does somebody who follows a request see, and what may they do? Its public part; add a detail; stop."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from http import HTTPStatus

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casework import me_too
from casework.access import Admission, admit
from casework.errors import CaseworkError, LinkRefused
from casework.in_public import in_public
from casework.office import the_office
from casework.tongues import speak
from storage import followers, lookups
from storage.lookups import Case
from widgets.languages import links
from widgets.limits import allows
from widgets.rooms import here
from widgets.seen import seen
from widgets.words import Reply


def admission(number: str) -> Admission | None:
    """Return what the key in the address opens, when it is a follower's; ``LinkRefused`` for a bad one."""
    found = admit(the_office(), request.args.get("t", ""), now=datetime.now(UTC))
    if found.purpose != "follower":
        return None
    if follower := followers.one(int(found.recipient)):
        speak(follower.language)
    return found


def _case(number: str, found: Admission) -> Case:
    case = lookups.case(found.request_id)
    if case is None or case.request.number != number:
        raise LinkRefused("unknown")
    return case


def show(number: str, found: Admission) -> ResponseReturnValue:
    """Show the page."""
    return _page(_case(number, found), found)


def act(number: str, found: Admission) -> ResponseReturnValue:
    """Add a detail; nothing else is a follower's to do here."""
    case, form = _case(number, found), Reply(request.form, prefix="reply")
    if request.form.get("do") != "reply":
        return _page(case, found, mistakes=[("main", _("Choose one of the buttons below."))], status=400)
    if not allows("sends"):
        sentence = _("Very much was sent from your network just now. Please send it again in ten minutes.")
        return _page(case, found, form=form, mistakes=[("main", sentence)], status=429)
    if not form.validate():
        mistakes = [(field.id, str(field.errors[0])) for field in form if field.errors]
        return _page(case, found, form=form, mistakes=mistakes, status=422)
    nonce = str(form.nonce.data)
    try:
        me_too.add(
            the_office(),
            found.request_id,
            f"follower:{found.recipient}",
            text=form.words,
            now=datetime.now(UTC),
            nonce=nonce,
        )
    except CaseworkError as refused:
        return _page(case, found, form=form, mistakes=[("main", str(refused))], status=refused.status)
    return redirect(here(number, done=nonce), HTTPStatus.SEE_OTHER)


def _besides(request_id: int) -> int:
    """Return how many say the same besides who reports it and who looks at the page."""
    return max(followers.count(request_id) - 1, 0)


def change_letters(number: str, found: Admission, *, is_resumed: bool) -> None:
    """Stop the letters, or start them again."""
    change = me_too.resume_letters if is_resumed else me_too.stop_letters
    _case(number, found)
    change(the_office(), found.request_id, int(found.recipient), now=datetime.now(UTC))


def is_stopped(found: Admission) -> bool:
    """Return whether this follower wants no letters."""
    follower = followers.one(int(found.recipient))
    return follower is not None and follower.stopped_at is not None


def _page(
    case: Case,
    found: Admission,
    *,
    form: Reply | None = None,
    mistakes: list[tuple[str, str]] | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    office, now = the_office(), datetime.now(UTC)
    number = case.request.number
    one = in_public(office, case, now=now, is_follower=True)
    follower = followers.one(int(found.recipient))
    if form is None:
        form = Reply(prefix="reply")
        form.nonce.data = secrets.token_urlsafe(18)
    finished = request.args.get("done", "")
    return (
        render_template(
            "widgets/follower.html",
            number=number,
            one=seen(office, one, voices=_besides(case.request.id)) if one else None,
            form=form,
            mistakes=mistakes or [],
            is_done=bool(finished) and any(entry.nonce == finished for entry in case.entries),
            is_new=request.args.get("new") == "1" and not finished and not mistakes,
            has_email=bool(follower and follower.email),
            is_quiet=is_stopped(found),
            here=here(number),
            alone=f"/r/{number}?t={request.args.get('t', '')}",
            stop=here(number, "/stop"),
            languages=links("t"),
        ),
        status,
    )

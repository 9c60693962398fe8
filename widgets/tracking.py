"""How does the resident follow their request, and answer? One page: GET shows, POST acts.

The address is the key; there is no account and no cookie. An unknown number and a wrong key get
the same answer, so that nobody can find out which numbers exist.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from textwrap import wrap
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, render_template, request, send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import Field, StringField, ValidationError
from wtforms.validators import AnyOf

from casework import receiving
from casework.access import admit
from casework.errors import CaseworkError, LinkRefused
from casework.holding import as_told
from casework.office import Office, the_office
from casework.tongues import speak
from lifecycle.journal import Kind
from lifecycle.status import Ending
from storage import lookups
from storage.lookups import Case
from widgets import follower
from widgets.embedding import is_framed, show_as
from widgets.history import done
from widgets.languages import links
from widgets.limits import allows
from widgets.progress import progress
from widgets.rooms import here
from widgets.tokens import Seal
from widgets.words import Reply, Words

bp = Blueprint("tracking", __name__)

SMALL_SIDE = 640  # pixels of a photo on the page; a click opens the whole one
ENDS = (Kind.FINISHED, Kind.REDIRECTED, Kind.AGENCY_FINISHED)
RATINGS = ("5", "4", "3", "2", "1")


class Rating(Words):
    fixed = StringField(validators=[AnyOf(["yes", "no", "", None])])
    rating = StringField(validators=[AnyOf([*RATINGS, "", None])])

    def validate_fixed(self, field: Field) -> None:
        if not field.data and not self.rating.data:
            raise ValidationError(_("Choose yes or not yet, or a number from 1 to 5."))

    @property
    def was_fixed(self) -> bool | None:
        return {"yes": True, "no": False}.get(self.fixed.data or "")

    @property
    def stars(self) -> int | None:
        return int(self.rating.data) if self.rating.data else None


@dataclass(frozen=True)
class Action:
    form: type[Words]
    run: Callable[[Office, int, Any, datetime, str], None]


def _rate(office: Office, request_id: int, form: Rating, now: datetime, nonce: str) -> None:
    receiving.rate(
        office,
        request_id,
        was_fixed=form.was_fixed,
        rating=form.stars,
        text=form.words,
        now=now,
        nonce=nonce,
    )


ACTIONS: dict[str, Action] = {
    "reply": Action(
        Reply,
        lambda office, key, form, now, nonce: receiving.reply(
            office, key, text=form.words, now=now, nonce=nonce
        ),
    ),
    "rate": Action(Rating, _rate),
    "reopen": Action(
        Words,
        lambda office, key, form, now, nonce: receiving.reopen(
            office, key, text=form.words, now=now, nonce=nonce
        ),
    ),
    "withdraw": Action(
        Words,
        lambda office, key, form, now, nonce: receiving.withdraw(
            office, key, text=form.words, now=now, nonce=nonce
        ),
    ),
}


@bp.get("/r/<number>")
def show(number: str) -> ResponseReturnValue:
    if following := follower.admission(number):
        return follower.show(number, following)
    return _page(own_case(number), finished=request.args.get("done", ""))


@bp.post("/r/<number>")
def act(number: str) -> ResponseReturnValue:
    if following := follower.admission(number):
        return follower.act(number, following)
    case = own_case(number)
    name = request.form.get("do", "")
    action = ACTIONS.get(name)
    if action is None:
        return _page(case, mistakes=[("main", _("Choose one of the buttons below."))], status=400)
    form = action.form(request.form, prefix=name)
    if not allows("sends"):
        sentence = _("Very much was sent from your network just now. Please send it again in ten minutes.")
        return _page(case, sent=(name, form), mistakes=[("main", sentence)], status=429)
    if not form.validate():
        mistakes = [(field.id, str(field.errors[0])) for field in form if field.errors]
        return _page(case, sent=(name, form), mistakes=mistakes, status=422)
    nonce = str(form.nonce.data)
    try:
        action.run(the_office(), case.request.id, form, datetime.now(UTC), nonce)
    except CaseworkError as refused:
        return _page(case, sent=(name, form), mistakes=[(f"do-{name}", str(refused))], status=refused.status)
    return redirect(here(number, done=nonce), HTTPStatus.SEE_OTHER)


@bp.get("/r/<number>/photo/<sha256>")
def photo(number: str, sha256: str) -> ResponseReturnValue:
    """A photo of this very request; ``small=1`` for the page."""
    case = own_case(number)
    if sha256 not in {known.sha256 for known in case.public_photos}:
        raise LinkRefused("unknown")
    photos = the_office().photos
    if request.args.get("small"):
        response = Response(photos.small(sha256, SMALL_SIDE), mimetype="image/jpeg")
    else:
        response = send_file(photos.open(sha256), mimetype="image/jpeg")
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, max-age=86400"
    return response


@bp.errorhandler(LinkRefused)
@bp.errorhandler(FileNotFoundError)
def refused(error: LinkRefused | FileNotFoundError) -> ResponseReturnValue:
    """Whatever is wrong with the address: where to find the right one, and whom to call."""
    status = error.status if isinstance(error, LinkRefused) else 404
    return render_template("widgets/tracking_closed.html", is_old=status == HTTPStatus.GONE), status


@bp.after_request
def keep_private(response: Response) -> Response:
    """The address is a key: nobody indexes it or hears of it from the browser."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response


def own_case(number: str) -> Case:
    """Return the request that the key in the address opens; ``LinkRefused`` for everything else."""
    office, now = the_office(), datetime.now(UTC)
    admission = admit(office, request.args.get("t", ""), now=now)
    case = lookups.case(admission.request_id) if admission.purpose == "resident" else None
    if case is None or case.request.number != number:
        raise LinkRefused("unknown")
    speak(case.request.language)
    show_as(case.request.widget)
    return as_told(office, case, now)


def _page(
    case: Case,
    *,
    finished: str = "",
    sent: tuple[str, Words] | None = None,
    mistakes: list[tuple[str, str]] | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    office, now = the_office(), datetime.now(UTC)
    forms = {name: _empty(name, case) for name in _possible(case, now)}
    if sent is not None and sent[0] in forms:
        forms[sent[0]] = sent[1]
    number = case.request.number
    key = urlencode({"t": request.args.get("t", "")})
    return (
        render_template(
            "widgets/tracking.html",
            case=progress(office, case, now=now),
            forms=forms,
            wrong=sent[0] if sent else "",
            kept_words=sent[1].words if sent and sent[0] not in forms else "",
            mistakes=[
                (target if target.removeprefix("do-").partition("-")[0] in forms else "main", sentence)
                for target, sentence in mistakes or []
            ],
            done=done(case, finished),
            is_new=request.args.get("new") == "1" and not finished and sent is None,
            is_not_fixed=_is_not_fixed(case),
            fixed_after_all=here(number) + "&fixed=yes",
            again=Seal(office.secret).name_receipt(number, now=now) if is_framed() else "",
            here=here(number),
            alone=f"/r/{number}?{key}",
            key=key,
            own_key=" ".join(wrap(request.args.get("t", ""), 5)),
            stop=here(number, "/stop"),
            languages=links("t", "fixed"),
            ratings=RATINGS,
        ),
        status,
    )


def _is_not_fixed(case: Case) -> bool:
    """Whether the resident comes by "not yet", or said it about the last ending, not about an earlier one."""
    if (wished := request.args.get("fixed")) in ("yes", "no"):
        return wished == "no"
    about = (Kind.RATED, Kind.FINISHED, Kind.AGENCY_FINISHED)
    last = next((entry for entry in reversed(case.public_entries) if entry.kind in about), None)
    return last is not None and last.kind == Kind.RATED and last.facts.get("was_fixed") is False


def _is_said_done(case: Case) -> bool:
    """Whether somebody claims to have done the work: what was only sent elsewhere was fixed by nobody yet."""
    last = next((entry for entry in reversed(case.public_entries) if entry.kind in ENDS), None)
    return last is None or last.kind != Kind.REDIRECTED


def _possible(case: Case, now: datetime) -> list[str]:
    """Return what the resident may do now, in the page's order."""
    ended_at = case.request.ended_at
    if ended_at is None:
        return ["reply", "withdraw"]
    has_verdict = case.request.ending not in (Ending.WITHDRAWN, Ending.SPAM)
    names = ["rate"] if has_verdict and _is_said_done(case) else []
    if receiving.can_reopen(ended_at, now):
        names.append("reopen")
    return [*names, "reply"]


def _empty(name: str, case: Case) -> Words:
    form = ACTIONS[name].form(prefix=name)
    form.nonce.data = secrets.token_urlsafe(18)
    if isinstance(form, Rating):
        wished, kept = request.args.get("fixed"), case.request
        # What was said before is shown, so that nobody wonders whether it arrived; it may be changed.
        form.fixed.data = wished if wished in ("yes", "no") else _SAID[kept.was_fixed]
        form.rating.data = str(kept.rating or "")
    return form


_SAID = {True: "yes", False: "no", None: ""}

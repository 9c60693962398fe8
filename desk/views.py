"""What does the responsible employee or agency see and do? Signed pages: GET shows, POST acts.

The address is the key. Opening it, once or three times, by a person or by a mail scanner, changes
nothing; every button is a form that can be sent twice with the same result.
"""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casework import undoing
from casework.access import Admission, admit
from casework.errors import CaseworkError, LinkRefused, NoSuchRequest, NotPossible
from casework.foreseeing import standing
from casework.office import the_office
from casework.rerouting import NotAsSeen, preview
from casework.timing import own_times
from casework.tongues import speak, who_reads
from desk import choices, page, responsible
from desk.actions import BY_PURPOSE, Action, Doing, possible
from desk.asking import open_questions
from desk.confirmation import confirmation
from desk.forms import CorrectionForm, PlainForm, RetimeForm, UndoForm, fill
from desk.letterbox import mails
from desk.previewing import foresight
from storage import lookups
from storage.lookups import Case

bp = Blueprint("desk", __name__)

SMALL_SIDE = 640  # pixels of a photo on the page; a click opens the whole one
UNDO = "undo"
TEMPLATES = {"employee": "desk/request.html", "agency": "desk/handoff.html"}
Mistakes = list[tuple[str, str]]


@bp.get("/a/<token>")
def show(token: str) -> ResponseReturnValue:
    done, undo = request.args.get("done", ""), request.args.get("undo", type=int)
    return _page(token, _admitted(token), done=done, entry_id=undo)


@bp.post("/a/<token>")
def act(token: str) -> ResponseReturnValue:
    admission = _admitted(token)
    name = request.form.get("do", "")
    if name == UNDO:
        return _undo(token, admission)
    action = BY_PURPOSE[admission.purpose].get(name)
    if action is None:
        return _page(
            token, admission, mistakes=[("actions", _("Choose one of the buttons below."))], status=400
        )
    form = fill(action.form, name, request.form)
    try:
        mistakes = _do(admission, action, form)
    except NotAsSeen as unseen:
        return _preview(token, admission, form, unseen)
    except CaseworkError as refused:
        mistakes = [(f"do-{name}", str(refused))]
        return _page(token, admission, sent=(name, form), mistakes=mistakes, status=refused.status)
    if mistakes:
        return _page(token, admission, sent=(name, form), mistakes=mistakes, status=422)
    return redirect(url_for("desk.show", token=token, done=form.nonce.data), HTTPStatus.SEE_OTHER)


def _undo(token: str, admission: Admission) -> ResponseReturnValue:
    """Take the last act back. Who gave the request away may do that too, so the verb asks who it is."""
    form = fill(UndoForm, UNDO, request.form)
    assert isinstance(form, UndoForm)
    mistakes, status = form.mistakes if not form.validate() else [], 422
    if not mistakes:
        doing = Doing(by=_actor(admission), now=datetime.now(UTC), nonce=str(form.nonce.data))
        try:
            undoing.undo(the_office(), admission.request_id, entry_id=form.entry_id, **doing)
        except CaseworkError as refused:
            mistakes, status = [("main", str(refused))], refused.status
    if mistakes:
        return _page(token, admission, mistakes=mistakes, status=status)
    return redirect(url_for("desk.show", token=token, done=form.nonce.data), HTTPStatus.SEE_OTHER)


def _do(admission: Admission, action: Action, form: PlainForm) -> Mistakes:
    """Call the verb; returns what is wrong with the form, raises ``CaseworkError``."""
    office, by, nonce, now = the_office(), _actor(admission), str(form.nonce.data), datetime.now(UTC)
    if confirmation(office, _case(admission), nonce, by, now=now) is not None:
        return []  # a second click, perhaps after giving the request away: the first one's result
    if not admission.may_act and admission.purpose == "agency":
        raise NotPossible(_("The town has taken this request back."))
    if not admission.may_act:
        raise LinkRefused("read_only")
    if not form.validate():
        return form.mistakes
    action.run(office, admission.request_id, form, Doing(by=by, now=now, nonce=nonce))
    return []


def _preview(token: str, admission: Admission, form: PlainForm, unseen: NotAsSeen) -> ResponseReturnValue:
    """Show what would be done, and change nothing; again when it is no longer what was looked at."""
    assert isinstance(form, CorrectionForm)
    office, now, case = the_office(), datetime.now(UTC), _case(admission)
    is_first = not form.seen.data
    if form.at:
        form.begin(str(form.service.data), str(form.place.data), form.at)
    plan = preview(
        office,
        case.request,
        service=str(form.service.data),
        at=form.at,
        place=str(form.place.data),
        road=form.road.data or None,
        answers=form.answers,
        now=now,
    )
    context: dict[str, Any] = {
        "token": token,
        "sheet_of": page.sheet(office, case, admission.purpose, may_act=True, now=now),
        "foresight": foresight(office, case.request, plan),
        "form": form,
        "services": choices.services(office),
        "open_questions": open_questions(office, case.request, plan.correction),
        "is_unanswered": bool(request.form.get("reroute-asked")),
        "changed": "" if is_first else str(unseen),
    }
    return render_template("desk/preview.html", **context), 200 if is_first else unseen.status


@bp.get("/a/<token>/photo/<sha256>")
def photo(token: str, sha256: str) -> ResponseReturnValue:
    """A photo of this very request; ``?small=1`` for the page."""
    admission = _admitted(token)
    case = _case(admission)
    shown = case.photos if admission.purpose == "employee" else case.public_photos
    if sha256 not in {known.sha256 for known in shown}:
        raise NoSuchRequest(case.request.id)
    photos = the_office().photos
    if request.args.get("small"):
        return picture(Response(photos.small(sha256, SMALL_SIDE), mimetype="image/jpeg"))
    return picture(send_file(photos.open(sha256), mimetype="image/jpeg"))


@bp.errorhandler(CaseworkError)
@bp.errorhandler(FileNotFoundError)
def refused(error: CaseworkError | FileNotFoundError) -> ResponseReturnValue:
    """A link that opens nothing says so, and whom to call instead."""
    sentence = str(error) if isinstance(error, CaseworkError) else _("This photo is no longer here.")
    status = error.status if isinstance(error, CaseworkError) else 404
    reason = getattr(error, "reason", "")
    return render_template("desk/closed.html", sentence=sentence, reason=reason), status


@bp.after_request
def keep_private(response: Response) -> Response:
    """A signed link is a key: nobody indexes it, frames it, keeps it or hears of it from the browser."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response.headers["X-Frame-Options"] = "DENY"
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _admitted(token: str) -> Admission:
    admission = admit(the_office(), token, now=datetime.now(UTC))
    if admission.purpose not in BY_PURPOSE:
        raise LinkRefused("unknown")  # a resident's key does not open the desk
    speak(who_reads(the_office(), _actor(admission)))
    return admission


def _actor(admission: Admission) -> str:
    return f"{'person' if admission.purpose == 'employee' else 'agency'}:{admission.recipient}"


def _case(admission: Admission) -> Case:
    case = lookups.case(admission.request_id)
    if case is None:
        raise NoSuchRequest(admission.request_id)
    return case


def _page(
    token: str,
    admission: Admission,
    *,
    done: str = "",
    entry_id: int | None = None,
    sent: tuple[str, PlainForm] | None = None,
    mistakes: Mistakes | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    office, now, case = the_office(), datetime.now(UTC), _case(admission)
    actions = possible(admission.purpose, case.request, now=now) if admission.may_act else {}
    forms = {name: fill(action.form, name) for name, action in actions.items()}
    if sent is not None and sent[0] in forms:
        forms[sent[0]] = sent[1]
    correction = forms.get("reroute")
    if isinstance(correction, CorrectionForm) and not (sent and sent[0] == "reroute"):
        now_at = standing(case.request)
        correction.begin(now_at.service, now_at.place, now_at.at)
    context: dict[str, Any] = {
        "token": token,
        "sheet_of": page.sheet(office, case, admission.purpose, may_act=admission.may_act, now=now),
        "forms": forms,
        "wrong": sent[0] if sent else "",
        "kept_words": getattr(sent[1], "words", "") if sent and sent[0] not in forms else "",
        "mistakes": [_reachable(mistake, forms) for mistake in mistakes or []],
        "confirmed": confirmation(office, case, done, _actor(admission), now=now, entry_id=entry_id),
        "undo_form": fill(UndoForm, UNDO),
        "may_act": admission.may_act,
    }
    if admission.purpose == "employee":
        context["waiting"], context["mails"] = mails(office, case)
        context["colleagues"] = choices.colleagues(office, case.request, admission.recipient)
        context["services"] = choices.services(office)
        own, retime = own_times(case.request.id, by=_actor(admission)), forms.get("retime")
        if len(own) == 1 and isinstance(retime, RetimeForm) and not (sent and sent[0] == "retime"):
            retime.begin(own[0].number, own[0].spent)
        context["times"] = choices.times(office, own)
        context["agencies"] = responsible.agencies(office, case, now=now) if "redirect" in forms else ([], [])
    else:
        context["agency"] = office.rulebook.agencies.get(admission.recipient)
    return render_template(TEMPLATES[admission.purpose], **context), status


def _reachable(mistake: tuple[str, str], forms: dict[str, PlainForm]) -> tuple[str, str]:
    """Point at the page itself where the form of a mistake is no longer on it."""
    target, sentence = mistake
    name = target.removeprefix("do-").partition("-")[0]
    return (target if name in forms else "main", sentence)


def picture(response: Response) -> Response:
    """Return a photo with the headers that keep it a photo, and private."""
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, max-age=86400"
    return response

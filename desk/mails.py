"""What did the mail really say, and is it genuine? The original to keep, and the button that takes it."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casework import vouching
from casework.access import Admission, admit
from casework.errors import CaseworkError, LinkRefused, NotPossible
from casework.office import the_office
from casework.tongues import speak, who_reads
from desk import views

bp = Blueprint("mails", __name__)
bp.after_request(views.keep_private)
bp.register_error_handler(CaseworkError, views.refused)


@bp.get("/a/<token>/mail/<int:mail_id>")
def original(token: str, mail_id: int) -> ResponseReturnValue:
    """The mail as it came, as a file: no browser ever shows what is in it."""
    admission = _admitted(token)
    mail = vouching.original(admission.request_id, mail_id)
    response = Response(mail.raw, mimetype="message/rfc822")
    response.headers["Content-Disposition"] = f'attachment; filename="mail-{mail.id}.eml"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@bp.post("/a/<token>/mail/<int:mail_id>")
def decide(token: str, mail_id: int) -> ResponseReturnValue:
    """Take a mail as genuine, or put it aside."""
    admission = _admitted(token)
    if not admission.may_act:
        raise LinkRefused("read_only")
    office, now = the_office(), datetime.now(UTC)
    decision = request.form.get("do", "")
    done = ""
    if decision == "take":
        by = f"person:{admission.recipient}"
        done = vouching.take(office, admission.request_id, mail_id, by=by, now=now)
    elif decision == "aside":
        vouching.put_aside(admission.request_id, mail_id, now=now)
    else:
        raise NotPossible(_("Choose one of the buttons below."))
    return redirect(url_for("desk.show", token=token, done=done), HTTPStatus.SEE_OTHER)


def _admitted(token: str) -> Admission:
    admission = admit(the_office(), token, now=datetime.now(UTC))
    if admission.purpose != "employee":
        raise LinkRefused("unknown")  # what others wrote to the town is the town's
    speak(who_reads(the_office(), f"person:{admission.recipient}"))
    return admission

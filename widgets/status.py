"""How far is my request? Number and address, or number and key; and nobody can find out which exist.

Every answer is the same page, after the same time, whether the number is there or not. With an address
the link goes to the mailbox; with the key of the receipt the page opens at once.
"""

from __future__ import annotations

from datetime import UTC, datetime
from time import monotonic, sleep
from urllib.parse import urlencode

from email_validator import EmailNotValidError
from flask import Response, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from casework.looking_up import mail_link, opened_by, plain_key, plain_number
from casework.office import Office
from routing.rulebook import Widget
from widgets.draft import UNSEEN
from widgets.embedding import looks
from widgets.forms import Errors
from widgets.journey import mailable
from widgets.limits import allows

SAME_TIME = 0.25
"""Seconds that every answer takes at least: finding a request must not be told by the clock."""


def page(office: Office, widget: Widget) -> Answer:
    """Show the form, or answer it."""
    if request.method != "POST":
        return _shown(widget)
    if not allows("lookups"):
        sentence = _("Very many were asked for from your network just now. Please try again in ten minutes.")
        return _shown(widget, errors=[("number", sentence)], status=429)
    typed, sent = _typed("number"), _typed("contact")
    errors, email = _errors(typed, sent)
    if errors:
        return _shown(widget, errors=errors, status=422)
    began, number = monotonic(), plain_number(typed)
    if email:
        mail_link(office, number, email, now=datetime.now(UTC))
        _wait(began)
        return _shown(widget, asked=email, status=200)
    key = opened_by(office, number, plain_key(sent), now=datetime.now(UTC))
    _wait(began)
    if not key:
        sentence = _("This number and this key do not belong together. Look at them once more, please.")
        return _shown(widget, errors=[("contact", sentence)], status=422)
    return redirect(f"/r/{number}?" + urlencode({"t": key, **looks()}), 303)


def _wait(began: float) -> None:
    sleep(max(0.0, SAME_TIME - (monotonic() - began)))


def _typed(name: str) -> str:
    return UNSEEN.sub("", request.form.get(name, "")).strip()[:300]


def _errors(number: str, contact: str) -> tuple[Errors, str]:
    """Return what is to be put right, and the address where one was typed."""
    errors: Errors = []
    if not plain_number(number):
        errors.append(("number", _("Write the number as it stands in our letter, as in 26-0412.")))
    if not contact:
        errors.append(("contact", _("Write your e-mail address, or the key from your receipt.")))
    if "@" not in contact:
        return errors, ""
    try:
        return errors, mailable(contact)
    except EmailNotValidError:
        sentence = _("This e-mail address does not look right. Write it as in name@example.com.")
        return [*errors, ("contact", sentence)], ""


def _shown(widget: Widget, *, errors: Errors | None = None, asked: str = "", status: int = 200) -> Response:
    query = urlencode(looks())
    html = render_template(
        "widgets/status.html",
        widget=widget,
        errors=errors or [],
        wrong=dict(reversed(errors or [])),
        asked=asked,
        number=_typed("number") if request.method == "POST" else "",
        contact=_typed("contact") if errors else "",
        here=request.path + (f"?{query}" if query else ""),
    )
    response = Response(html, status, mimetype="text/html")
    response.headers["Cache-Control"] = "no-store"
    return response

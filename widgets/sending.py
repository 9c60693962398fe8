"""Is everything said, is it from our own form, and may it be sent now? Then it becomes a request."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import current_app, redirect, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from casework.drafting import complete
from casework.errors import CaseworkError
from casework.opening import open_request
from widgets import forms, uploads
from widgets.draft import source_page
from widgets.embedding import looks
from widgets.forms import Errors
from widgets.limits import allows
from widgets.tokens import FIELD, guarded
from widgets.turn import Turn, shown

TRAP = "website"
"""A field that no person sees."""


def send(turn: Turn) -> Answer:
    """Check everything once more, open the request and lead to its receipt (303)."""
    journey = turn.journey
    unfinished = journey.first_open()
    if unfinished != "check":
        return shown(turn, unfinished, errors=journey.errors(unfinished))
    if faults := _faults(turn):
        return shown(turn, "check", errors=faults)
    if not allows("sends"):
        sentence = _(
            "Many reports came from your network just now. Nothing is lost: please send again in ten minutes."
        )
        return shown(turn, "check", errors=[("send", sentence)], status=429)
    token = turn.seal.read(turn.form_name, turn.sent.get(FIELD, ""))
    assert token is not None
    photos = uploads.stored(turn.office, turn.seal, journey.draft.all("photo"))
    submission = journey.submission(token.nonce, photos, source_page(request.args.get("from", "")))
    try:
        if begun := journey.draft.text("draft"):
            receipt = complete(turn.office, begun, submission, now=journey.now)
        else:
            receipt = open_request(turn.office, submission, now=journey.now)
    except CaseworkError as refused:
        return shown(turn, "check", errors=[("send", str(refused))], status=refused.status)
    current_app.logger.info("request %s received", receipt.number)
    way = urlencode({"t": receipt.token, "new": "1", **looks()})
    return redirect(f"/r/{receipt.number}?{way}", 303)


def _faults(turn: Turn) -> Errors:
    """Return what speaks against sending now, though every answer is good."""
    sentences = {
        "forged": _(
            "This form was not recognised as ours and was made ready anew. Please press Send once more."
        ),
        "expired": _(
            "This form was open for more than a day and was made ready anew. Please press Send once more."
        ),
    }
    meta = guarded(turn.seal, turn.form_name, now=turn.journey.now, sentences=sentences)
    if errors := forms.sending(turn.sent, meta):
        return [("send", sentence) for _field, sentence in errors]
    if turn.sent.get(TRAP, ""):
        # A program filled it in, or a browser that fills in everything. An honest sender just presses again.
        return [
            (
                "send",
                _("A hidden field was filled in, as programs do. If you are a person, press Send once more."),
            )
        ]
    return []

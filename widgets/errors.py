"""What does somebody read when a page cannot be shown? One calm sentence, and the town's phone."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, make_response, render_template
from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException, ServiceUnavailable

from storage.photos import PhotosBusy

SOON = 5
"""Seconds after which a picture that could not be made just now is worth another try."""


@dataclass(frozen=True)
class Said:
    title: str
    sentence: str
    is_to_begin: bool
    """Whether a new form is a help; who is asked to go back would lose what they wrote."""


def said(code: int) -> Said:
    """Return the words for a status code."""
    words = {
        400: (_("That did not arrive whole"), _("Please go back and try once more.")),
        403: (_("This page is not open to you"), _("The link may be meant for somebody else.")),
        404: (
            _("There is no such page"),
            _("The address may be mistyped, or a part of it was lost. Nothing you sent before is lost."),
        ),
        405: (_("This page cannot be used that way"), _("Please open it from a link.")),
        410: (_("This page has expired"), _("Its link is no longer valid.")),
        413: (
            _("That was too large to send"),
            _("Please go back and send fewer or smaller photos, or a shorter text."),
        ),
        422: (_("Something in the form is not right"), _("Please go back and look at what you wrote.")),
        429: (_("That was a great deal at once"), _("Please wait some minutes and send it again.")),
    }
    fault = (
        _("Something went wrong on our side"),
        _("It has been noted. Please try again in a little while."),
    )
    title, sentence = words.get(code, words[400] if code < 500 else fault)
    return Said(title, sentence, is_to_begin=code in (403, 404, 405, 410) or code >= 500)


def page(error: HTTPException) -> Response:
    """Answer with the page for this error. Redirects and finished answers pass as they are."""
    if error.response is not None or error.code is None or error.code < 400:
        return make_response(error.get_response())
    response = make_response(
        render_template("errors/error.html", code=error.code, said=said(error.code)), error.code
    )
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def busy(_error: PhotosBusy) -> Response:
    """Answer for a picture that cannot be made just now: its place stays empty, and the page is there."""
    return page(ServiceUnavailable(retry_after=SOON))

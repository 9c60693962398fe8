"""How does one photo come in by itself, and how is it shown to whoever added it?

The form's script sends each photo as soon as it is picked, with the form's own fields beside it. Without
scripts photos come with the step, and nothing here is asked but the small pictures.
"""

from __future__ import annotations

from datetime import UTC, datetime
from http.client import SERVICE_UNAVAILABLE
from io import BytesIO

from flask import Blueprint, Response, abort, jsonify, request
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.exceptions import RequestEntityTooLarge

from casework.office import the_office
from storage.photos import MOST_BYTES
from widgets import uploads
from widgets.draft import Draft
from widgets.errors import SOON
from widgets.journey import Journey
from widgets.limits import allows, may
from widgets.tokens import FIELD, Seal

bp = Blueprint("photos", __name__)

PREVIEW_SIDE = 480


@bp.route("/report/photos", methods=["POST", "OPTIONS"])
def add() -> Response:
    """Store one photo; answer with its signed name and address, or with the sentence why not.

    200 ``{name}``, and where the photo says that it was taken elsewhere ``taken``, both for hidden fields:
    the step asks about the place when it is sent. Else 413, 422, 429 or 503 with ``{say}``, and with
    ``token``, the form's new one, where only its age was wrong. After 503 the script tries again by itself.
    """
    answer = Response(status=204) if request.method == "OPTIONS" else _added()
    # A form in a sandbox is of no origin. Its token says that it is ours; no cookie is asked for.
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _added() -> Response:
    if not (may("photos") and allows("tries")):
        return _refusal(429, _("Very many photos came from your network just now. Please wait ten minutes."))
    answer = _read()
    if answer.status_code != SERVICE_UNAVAILABLE:
        # One that waits its turn comes again every few seconds, and is counted once.
        allows("photos")
    return answer


def _read() -> Response:
    try:
        sent = request.form
    except RequestEntityTooLarge:
        most = MOST_BYTES // 1024 // 1024
        return _refusal(413, _("This photo is larger than %(most)d MB.", most=most))
    office, now, draft = the_office(), datetime.now(UTC), Draft.read(sent)
    journey = Journey(office, draft, now, str(get_locale()).replace("_", "-"))
    if journey.service is None:
        return _refusal(422, _("Please pick first what the photo is about."))
    seal, before = Seal(office.secret), draft.all("photo")
    if fresh := seal.renewed(sent.get(FIELD, ""), now=now):
        return _refusal(
            422,
            _("This form was open for more than a day and was made ready anew. Please try again."),
            token=fresh,
        )
    kept = uploads.keep(
        office, seal, journey.service, before, request.files, now=now, token=sent.get(FIELD, "")
    )
    new = [name for name in kept.names if name not in before]
    if kept.is_busy:
        answer = _refusal(SERVICE_UNAVAILABLE, kept.refused[0])
        answer.headers["Retry-After"] = str(SOON)
        return answer
    if kept.refused:
        return _refusal(422, kept.refused[0])
    if not new:
        return _refusal(422, _("This photo was added already."))
    return jsonify(name=new[0]) if not kept.taken else jsonify(name=new[0], taken=kept.taken[-1])


def _refusal(status: int, sentence: str, **more: str) -> Response:
    answer = jsonify({"say": sentence, **more})
    answer.status_code = status
    return answer


@bp.get("/report/photo/<path:name>")
def photo(name: str) -> Response:
    """Show a photo that this form has stored, to whoever holds its signed name."""
    office = the_office()
    found = Seal(office.secret).photo(name)
    if found is None or not office.photos.has(found.sha256):
        abort(404)
    response = Response(BytesIO(office.photos.small(found.sha256, PREVIEW_SIDE)), mimetype="image/jpeg")
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response

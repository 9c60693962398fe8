"""How does another program hand in a raw mail? ``POST /mail/incoming``, signed, kept, then answered."""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import UTC, datetime

from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import RequestEntityTooLarge

from casework.arriving import store
from casework.office import the_office

bp = Blueprint("inlet", __name__)
KEY = "townline_mail_hook_key"
SOURCE = "http"
LARGEST = 50 * 1024 * 1024  # bytes of one mail
PATIENCE = 300  # seconds that a signature is good for
SIGNATURE = re.compile(r"sha256=([0-9a-f]{64})")
MOMENT = re.compile(r"[0-9]{10}")
ADDRESS = re.compile(r"[^\s<>@]{1,64}@[^\s<>@]{1,189}")


class _NotSigned(Exception):
    """Nobody we know sent this; ``str()`` is what the other side's programmer reads."""


@bp.post("/mail/incoming")
def incoming() -> Response:
    """Take in one raw mail: 202 when it is kept, 401 when it is not signed, 413 when it is too large."""
    request.max_content_length = LARGEST
    recipient = request.headers.get("X-Townline-Recipient", "")
    now = datetime.now(UTC)
    try:
        moment, signed = _claimed(now)  # before anything is read into memory
        raw = request.get_data(cache=False)
        _prove(signed, signature(current_app.extensions[KEY], moment, raw, recipient))
    except RequestEntityTooLarge:
        return _say(413, f"A mail may have {LARGEST // 2**20} MB at most.")
    except _NotSigned as why:
        return _say(401, str(why))
    if recipient and not ADDRESS.fullmatch(recipient):
        return _say(400, "X-Townline-Recipient is one address, such as 311@example.gov.")
    if not raw:
        return _say(400, "The body is the raw mail, and it is empty.")
    store(the_office(), raw, envelope_to=recipient.lower(), source=SOURCE, now=now)
    return _say(202, "Kept.")


def signature(key: bytes, moment: str, raw: bytes, recipient: str = "") -> str:
    """Return what stands behind ``sha256=``: the HMAC of moment, recipient (with a line end) and mail."""
    about = f"{moment}{recipient}\n" if recipient else moment
    return hmac.new(key, about.encode() + raw, hashlib.sha256).hexdigest()


def _claimed(now: datetime) -> tuple[str, str]:
    """Return the moment and the signature that the headers claim."""
    moment = request.headers.get("X-Townline-Timestamp", "")
    if not MOMENT.fullmatch(moment):
        raise _NotSigned("X-Townline-Timestamp is missing: write the seconds since 1970, ten digits.")
    if abs(now.timestamp() - int(moment)) > PATIENCE:
        raise _NotSigned("X-Townline-Timestamp is more than five minutes from now; check the clock.")
    found = SIGNATURE.fullmatch(request.headers.get("X-Townline-Signature", ""))
    if found is None:
        raise _NotSigned("X-Townline-Signature is missing: write sha256= and 64 hexadecimal digits.")
    return moment, found[1]


def _prove(claimed: str, right: str) -> None:
    if not hmac.compare_digest(claimed, right):
        raise _NotSigned(
            "X-Townline-Signature does not fit: it is the HMAC-SHA256 of the timestamp and the body, "
            "by the key in TOWNLINE_MAIL_HOOK_KEY."
        )


def _say(status: int, sentence: str) -> Response:
    response = Response(sentence + "\n", status=status, mimetype="text/plain")
    response.headers["Cache-Control"] = "no-store"
    return response

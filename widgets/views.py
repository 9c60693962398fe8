"""How does a report travel from the first word to the receipt?

``GET`` shows the first step; every ``POST`` takes one step and answers with the next (200), with the
same one and what to put right (422), or, at the end, with the way to the receipt (303).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from time import monotonic
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, current_app, redirect, request
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound, RequestEntityTooLarge
from werkzeug.wrappers import Response as Answer

from casework.errors import CaseworkError
from casework.office import Office, the_office
from casework.opening import count_told, open_request
from routing.rulebook import Outcome
from widgets import forms, pages, uploads
from widgets.draft import Draft, source_page
from widgets.embedding import looks
from widgets.first_view import FirstViews
from widgets.forms import Errors
from widgets.journey import STEPS, Journey
from widgets.limits import Limits
from widgets.tokens import FIELD, Seal, guarded

bp = Blueprint("widgets", __name__)

PREFILL = {"service": "service", "address": "place", "lat": "lat", "lng": "lon", "asset": "asset"}
"""Query of the first address -> field of the form."""
LONGEST_PREFILL = 300
TRAP = "website"
"""A field that no person sees."""
PREVIEW_SIDE = 480


# -- the first step --


@bp.get("/report")
@bp.get("/report/")
@bp.get("/report/<name>")
def first(name: str = "") -> Response:
    """Show the first step; ``name`` is a widget or a service."""
    office = the_office()
    widget, service = _named(office, name)
    wished = {field: request.args.get(key, "")[:LONGEST_PREFILL] for key, field in PREFILL.items()}
    wished["service"] = service or wished["service"]
    key = (office.rulebook.version, str(get_locale()), name, *wished.values(), *looks().items())

    def render() -> str:
        return pages.render(
            _journey(office, widget, _prefilled(wished)), _opening_step(office, widget, wished), token=""
        )

    views: FirstViews = current_app.extensions.setdefault("townline_first_views", FirstViews())
    return views.answer(key, render)


def _named(office: Office, name: str) -> tuple[str | None, str]:
    """Return the widget and the service that the last part of the address means."""
    if not name:
        # The address that stands on posters: the first widget that offers everything gives its words.
        return next(
            (widget.id for widget in office.rulebook.widgets.values() if not widget.services), None
        ), ""
    if name in office.rulebook.widgets:
        return name, ""
    if name in office.rulebook.services:
        return None, name
    raise NotFound


def _prefilled(wished: Mapping[str, str]) -> Draft:
    values = {name: value for name, value in wished.items() if value}
    asset = values.pop("asset", "")
    if asset and "place" not in values:
        values["place"] = _("Number %(asset)s", asset=asset)
    return Draft.read(values)


def _opening_step(office: Office, widget: str | None, wished: Mapping[str, str]) -> str:
    journey = _journey(office, widget, Draft.read({"service": wished["service"]}))
    if journey.service is None:
        return "what"
    return "where" if journey.applies("where") else "details"


def _journey(office: Office, widget: str | None, draft: Draft) -> Journey:
    return Journey(office, draft, datetime.now(UTC), str(get_locale()).replace("_", "-"), widget)


# -- every other step --


@bp.post("/report")
@bp.post("/report/")
@bp.post("/report/<name>")
def step(name: str = "") -> Answer:
    """Take one step."""
    office = the_office()
    if not _limits().steps.allows(request.remote_addr or "", now=monotonic()):
        abort(429)
    widget, _service = _named(office, name)
    try:
        sent: MultiDict[str, str] = request.form
    except RequestEntityTooLarge:
        return _too_large(office, widget, name)
    asked = sent.get("step", "what")
    if asked not in STEPS:
        abort(400)
    journey = _journey(office, widget, Draft.read(sent))
    if asked == "details" and journey.service is not None:
        return _details(journey, sent, name)
    return _onward(journey, asked, sent, name)


def _details(journey: Journey, sent: MultiDict[str, str], name: str) -> Answer:
    """Keep the photos of this step first, whatever else is wrong with it, and then go on."""
    assert journey.service is not None
    seal, removed = Seal(journey.office.secret), sent.get("remove", "")
    names = [one for one in journey.draft.all("photo") if one != removed]
    kept = uploads.keep(journey.office, seal, journey.service, names, request.files.getlist(uploads.FILES))
    journey = replace(journey, draft=journey.draft.changed(photo=kept.names))
    refused = [(uploads.FILES, sentence) for sentence in kept.refused]
    if removed:
        return _shown(journey, "details", sent, name, errors=refused)
    return _onward(journey, "details", sent, name, more=refused)


def _onward(
    journey: Journey, asked: str, sent: MultiDict[str, str], name: str, more: Errors | None = None
) -> Answer:
    """Go where the button leads: to another step, to the next one, or to the receipt."""
    wanted = sent.get("to", "")
    if wanted in STEPS:
        came = "check" if asked == "check" else ""
        draft = journey.draft.changed(came=came) if came or wanted == "check" else journey.draft
        return _shown(replace(journey, draft=draft), wanted, sent, name, errors=more)
    errors = journey.errors(asked) + (more or [])
    if errors:
        return _shown(journey, asked, sent, name, errors=errors)
    if asked == "check":
        return _sent(journey, sent, name)
    return _shown(journey, journey.after(asked), sent, name)


def _shown(
    journey: Journey,
    wanted: str,
    sent: MultiDict[str, str],
    name: str,
    *,
    errors: Errors | None = None,
    status: int = 0,
) -> Response:
    """Answer with a step. The token keeps its nonce, so that going back never makes a second request."""
    if journey.service is None and wanted not in ("what", "pick"):
        # Without a service nothing else can be asked.
        wanted = journey.first_open()
        errors = journey.errors(wanted)
    if wanted == "whose" and journey.applies("whose"):
        journey = _counted(journey)
    elif wanted in ("pick", "whose") and not journey.applies(wanted):
        wanted = journey.first_open()
    if wanted == "check":
        journey = replace(journey, draft=journey.draft.changed(came=""))
    html = pages.render(journey, wanted, token=_fresh(journey, sent, name), errors=errors or [])
    response = Response(html, status or (422 if errors else 200), mimetype="text/html")
    # Back must work in a frame too, so steps without a name or a contact may be kept by the browser.
    is_personal = any(journey.draft.text(field) for field in ("name", "email", "phone"))
    response.headers["Cache-Control"] = "no-store" if is_personal else "private, no-cache"
    return response


def _counted(journey: Journey) -> Journey:
    """Count once that this resident was told to call, or that it is not the town's."""
    decision = journey.decision
    assert journey.service is not None
    if decision.outcome not in (Outcome.STOP, Outcome.CARD) or journey.draft.text("counted") == journey.told:
        return journey
    count_told(journey.office, decision, journey.service.code, now=journey.now)
    return replace(journey, draft=journey.draft.changed(counted=journey.told))


def _fresh(journey: Journey, sent: MultiDict[str, str], name: str) -> str:
    seal = Seal(journey.office.secret)
    value = sent.get(FIELD, "")
    token = seal.read(_form_name(name), value)
    if token is not None and not token.is_old(journey.now):
        return value
    return seal.issue(_form_name(name), now=journey.now, nonce=token.nonce if token else "")


def _form_name(name: str) -> str:
    return f"report/{name}"


def _limits() -> Limits:
    limits: Limits = current_app.extensions.setdefault("townline_limits", Limits())
    return limits


# -- the end --


def _sent(journey: Journey, sent: MultiDict[str, str], name: str) -> Answer:
    """Check everything once more, open the request and lead to its receipt."""
    unfinished = journey.first_open()
    if unfinished != "check":
        return _shown(journey, unfinished, sent, name, errors=journey.errors(unfinished))
    faults = _faults(journey, sent, name)
    if faults:
        return _shown(journey, "check", sent, name, errors=faults)
    if not _limits().sends.allows(request.remote_addr or "", now=monotonic()):
        sentence = _(
            "Many reports came from your network just now. Nothing is lost: please send again in ten minutes."
        )
        return _shown(journey, "check", sent, name, errors=[("send", sentence)], status=429)
    office, seal = journey.office, Seal(journey.office.secret)
    token = seal.read(_form_name(name), sent.get(FIELD, ""))
    assert token is not None
    photos = uploads.stored(office, seal, journey.draft.all("photo"))
    submission = journey.submission(token.nonce, photos, source_page(request.args.get("from", "")))
    try:
        receipt = open_request(office, submission, now=journey.now)
    except CaseworkError as refused:
        return _shown(journey, "check", sent, name, errors=[("send", str(refused))], status=refused.status)
    current_app.logger.info("request %s received", receipt.number)
    way = urlencode({"t": receipt.token, "new": "1", **looks()})
    return redirect(f"/r/{receipt.number}?{way}", 303)


def _faults(journey: Journey, sent: MultiDict[str, str], name: str) -> Errors:
    """Return what speaks against sending now, though every answer is good."""
    sentences = {
        "forged": _(
            "This form was not recognised as ours and was made ready anew. Please press Send once more."
        ),
        "expired": _(
            "This form was open for more than a day and was made ready anew. Please press Send once more."
        ),
    }
    meta = guarded(Seal(journey.office.secret), _form_name(name), now=journey.now, sentences=sentences)
    if errors := forms.sending(sent, meta):
        return [("send", sentence) for _field, sentence in errors]
    if sent.get(TRAP, ""):
        # A program filled it in, or a browser that fills in everything. An honest sender just presses again.
        return [
            (
                "send",
                _("A hidden field was filled in, as programs do. If you are a person, press Send once more."),
            )
        ]
    return []


def _too_large(office: Office, widget: str | None, name: str) -> Answer:
    """Show the photos' step again with the answers that stood before the photos."""
    sent = uploads.salvage(request)
    journey = _journey(office, widget, Draft.read(sent))
    if journey.service is None or sent.get("step") != "details":
        abort(413)
    sentence = _(
        "The photos were too large to send together: at most %(most)d MB. Please send fewer or smaller ones.",
        most=uploads.LARGEST_STEP // 1024 // 1024,
    )
    return _shown(journey, "details", sent, name, errors=[(uploads.FILES, sentence)], status=413)


# -- photos on their way --


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

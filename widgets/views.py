"""How does a report travel from the first word to the receipt?

``GET`` shows the first step; every ``POST`` takes one step and answers with the next (200), with the
same one and what to put right (422), or, at the end, with the way to the receipt (303).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote, urlencode

from flask import Blueprint, abort, current_app, redirect, request
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound, RequestEntityTooLarge
from werkzeug.wrappers import Response as Answer

from casework.office import Office, the_office
from routing.rulebook import Outcome
from widgets import following, pages, receipts, recent, sending, status, taken, uploads, where
from widgets.begun import begun_by_mail
from widgets.draft import Draft, source_page
from widgets.embedding import looks, show_as
from widgets.first_view import FirstViews
from widgets.forms import Errors
from widgets.journey import STEPS, Journey
from widgets.limits import allows
from widgets.tokens import FIELD
from widgets.turn import Turn, shown

bp = Blueprint("widgets", __name__)

PREFILL = {"service": "service", "address": "place", "lat": "lat", "lng": "lon", "asset": "asset"}
"""Query of the first address -> field of the form."""
LONGEST_PREFILL = 300
OTHERS = {"status": status.page, "recent": recent.page}
"""Kinds of widgets that are pages of their own; ``whose`` is a part of the form's way."""


# -- the first step --


@bp.get("/")
def home() -> Answer:
    """Lead whoever typed only the name of the machine to the form."""
    return redirect("/report", 302)


@bp.get("/report")
@bp.get("/report/")
@bp.get("/report/<name>")
def first(name: str = "") -> Answer:
    """Show the first step; ``name`` is a widget or a service."""
    if not name and (asked := request.args.get("widget")):
        # Where an editor leaves nothing but an address, the widget may stand behind the question mark.
        return redirect(f"/report/{quote(asked, safe='')}?" + urlencode(_besides("widget")), 302)
    office = the_office()
    widget, service = _named(office, name)
    show_as(widget)
    if other := _other(office, widget):
        return other
    if mark := request.args.get("receipt"):
        page = receipts.again(office, mark, now=datetime.now(UTC))
        if page is not None:
            return page
    if begun := request.args.get("d"):
        return begun_by_mail(office, begun, _journey(office, widget, Draft.read({})))
    wished = {field: request.args.get(key, "")[:LONGEST_PREFILL] for key, field in PREFILL.items()}
    wished["service"] = service or wished["service"]
    if _opening_step(office, widget, wished) == "details":
        # Photos are taken only with a token, and a page that is kept for everybody has none.
        return shown(Turn(_journey(office, widget, _prefilled(wished)), MultiDict(), name), "details")
    key = (office.rulebook.version, str(get_locale()), name, *wished.values(), *looks().items())

    def render() -> str:
        return pages.render(
            _journey(office, widget, _prefilled(wished)), _opening_step(office, widget, wished), token=""
        )

    views: FirstViews = current_app.extensions.setdefault("townline_first_views", FirstViews())
    return views.answer(key, render)


def _besides(name: str) -> list[tuple[str, str]]:
    return [(key, value) for key, value in request.args.items(multi=True) if key != name]


def _named(office: Office, name: str) -> tuple[str | None, str]:
    """Return the widget and the service that the last part of the address means."""
    if not name:
        # The address that stands on posters: the first widget that offers everything gives its words.
        return next(
            (one.id for one in office.rulebook.widgets.values() if one.kind == "report" and not one.services),
            None,
        ), ""
    if name in office.rulebook.widgets:
        return name, ""
    if name in office.rulebook.services:
        return None, name
    raise NotFound


def _other(office: Office, widget: str | None) -> Answer | None:
    """Return the page of a widget that is no form."""
    found = office.rulebook.widgets.get(widget or "")
    page = OTHERS.get(found.kind) if found else None
    return page(office, found) if page and found else None


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
    page = source_page(request.args.get("from", ""))
    return Journey(office, draft, datetime.now(UTC), str(get_locale()).replace("_", "-"), widget, page)


# -- every other step --


@bp.post("/report")
@bp.post("/report/")
@bp.post("/report/<name>")
def step(name: str = "") -> Answer:
    """Take one step."""
    office = the_office()
    widget, _service = _named(office, name)
    show_as(widget)
    if other := _other(office, widget):
        return other
    try:
        sent: MultiDict[str, str] = request.form
    except RequestEntityTooLarge:
        return _too_large(office, widget, name)
    asked = sent.get("step", "what")
    if asked not in STEPS:
        abort(400)
    turn = Turn(_journey(office, widget, Draft.read(sent)), sent, name)
    if not allows("steps"):
        return _too_often(turn, asked)
    if asked not in turn.journey.steps:
        abort(400)
    if asked == "near" and sent.get("follow"):
        return following.follow(turn)
    if asked == "details" and turn.journey.service is not None:
        return _details(turn)
    if asked == "where" and turn.journey.service is not None:
        return _where(turn)
    return _onward(turn, asked, [])


def _where(turn: Turn) -> Answer:
    """Look the words up on the town's map; several places that they may mean are asked about."""
    draft = turn.journey.draft
    if turn.sent.get("unplace"):
        return shown(turn.with_draft(where.unplaced(draft)), "where")
    if turn.sent.get("to") or turn.sent.get("back"):
        return _onward(turn, "where", [])
    draft, errors = where.settle(turn.office, draft)
    turn = turn.with_draft(draft)
    return shown(turn, "where", errors=errors) if where.is_asking(draft) else _onward(turn, "where", [])


def _details(turn: Turn) -> Answer:
    """Keep the photos of this step first, whatever else is wrong with it, and then go on."""
    journey, removed, use = turn.journey, turn.sent.get("remove", ""), turn.sent.get("use", "")
    assert journey.service is not None
    wished = [one for one in journey.draft.all("photo") if one != removed]
    names, gone = uploads.still_there(turn.office, turn.seal, wished)
    kept = uploads.keep(
        turn.office,
        turn.seal,
        journey.service,
        names,
        request.files,
        now=journey.now,
        token=turn.sent.get(FIELD, ""),
    )
    turn = turn.with_draft(taken.pruned(journey.draft.changed(photo=kept.names), kept.taken))
    refused = [(uploads.FILES, sentence) for sentence in (*gone, *kept.refused)]
    if use:
        turn = turn.with_draft(taken.accepted(turn.journey.draft, turn.office, use))
        # Another place may be another's job, and that is told before more is typed.
        return shown(turn, "whose" if turn.journey.applies("whose") else "details", errors=refused)
    if removed or (not refused and _is_place_open(turn)):
        return shown(turn, "details", errors=refused)
    return _onward(turn, "details", refused)


def _is_place_open(turn: Turn) -> bool:
    """Whether all is well, and only a photo's own place was not asked about yet."""
    journey = turn.journey
    if turn.sent.get("to") or turn.sent.get("back") or journey.errors("details") or journey.applies("whose"):
        return False
    return taken.offered(journey) is not None


def _onward(turn: Turn, asked: str, refused: Errors) -> Answer:
    """Go where the button leads: to another step, to the next one, or to the receipt."""
    change, draft = turn.sent.get("to", ""), turn.journey.draft
    wanted = change or turn.sent.get("back", "")
    if wanted in turn.journey.steps:
        # Who changes one answer comes back to the check at once; who goes back may go back further.
        came = draft.changed(came="check") if change and asked == "check" else draft
        if asked == "whose" and change == "where":
            came = where.forgotten(came)  # The place was wrong, so the position was too.
        return shown(turn.with_draft(came), wanted, errors=refused)
    errors = turn.journey.errors(asked) + refused
    if errors and not _is_danger(turn):
        return shown(turn, asked, errors=errors)
    if errors:
        return shown(turn, "whose")
    return sending.send(turn) if asked == "check" else shown(turn, turn.journey.after(asked))


def _too_often(turn: Turn, asked: str) -> Answer:
    """Show the same step again with all that was typed: who shares a network with many has done nothing."""
    sentence = _(
        "Very many pages were asked for from your network just now. Nothing is lost: please go on in ten "
        "minutes."
    )
    return shown(turn, asked, errors=[("main", sentence)], status=429)


def _is_danger(turn: Turn) -> bool:
    """Whether an answer calls for the telephone: nobody completes a form before that."""
    return turn.journey.service is not None and turn.journey.decision.outcome is Outcome.STOP


def _too_large(office: Office, widget: str | None, name: str) -> Answer:
    """Show the photos' step again with the answers that stood before the photos."""
    sent = uploads.salvage(request)
    turn = Turn(_journey(office, widget, Draft.read(sent)), sent, name)
    if turn.journey.service is None or sent.get("step") != "details":
        abort(413)
    sentence = _(
        "The photos were too large to send together: at most %(most)d MB. Please send fewer or smaller ones.",
        most=uploads.LARGEST_STEP // 1024 // 1024,
    )
    return shown(turn, "details", errors=[(uploads.FILES, sentence)], status=413)

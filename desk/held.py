"""What is held, and did a person send it? The clerk's page: GET shows, POST releases or discards.

It hangs on the clerk's key to any request, as "I am away" does. Nothing is written when it is opened.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from casework import held, undoing
from casework.access import admit
from casework.errors import CaseworkError, LinkRefused, NoSuchRequest
from casework.gathering import is_urgent
from casework.held_letters import may_look
from casework.held_words import in_words
from casework.letters import answer_lines
from casework.office import Office, the_office
from casework.tongues import reads, speak
from desk import views, words
from desk.forms import PlainForm, fresh_nonce
from lifecycle.journal import Kind
from mail.composer import plain
from routing.rulebook import Person
from storage import held as rows
from storage import lookups
from storage.tables import Photo, ServiceRequest

bp = Blueprint("held", __name__)
bp.after_request(views.keep_private)
bp.register_error_handler(CaseworkError, views.refused)
bp.register_error_handler(FileNotFoundError, views.refused)

MOST = 50
"""Requests on one page; how many more there are is said."""
LONGEST_NONCE = 40


@dataclass(frozen=True)
class Card:
    """One held request, as the page shows it."""

    number: str
    service: str
    since: str
    is_urgent: bool
    description: str
    place: str
    answers: list[tuple[str, str]]
    sender: list[str]
    signs: list[str]
    photos: tuple[str, ...]


@bp.get("/a/<token>/held")
def show(token: str) -> ResponseReturnValue:
    return _page(token, _reader(token))


@bp.post("/a/<token>/held")
def decide(token: str) -> ResponseReturnValue:
    """Release or discard one request by its own button, or those that are ticked; or take a discard back."""
    reader, form = _reader(token), PlainForm(request.form)
    if not form.validate():
        return _page(token, reader, mistakes=form.mistakes, status=422)
    what, numbers = _asked()
    if not what or not numbers:
        mistake = ("main", _("Tick the requests that you mean, or press the button of one of them."))
        return _page(token, reader, mistakes=[mistake], status=422)
    try:
        done = _each(what, numbers, by=f"person:{reader.id}", nonce=str(form.nonce.data))
    except CaseworkError as refused:
        return _page(token, reader, mistakes=[("main", str(refused))], status=refused.status)
    return redirect(url_for("held.show", token=token, done=what, count=done), HTTPStatus.SEE_OTHER)


@bp.get("/a/<token>/held/<number>/photo/<sha256>")
def photo(token: str, number: str, sha256: str) -> ResponseReturnValue:
    """A photo of a held request."""
    _reader(token)
    case = lookups.case_by_number(number)
    is_held = case is not None and case.request.held_at is not None
    if case is None or not is_held or sha256 not in {known.sha256 for known in case.photos}:
        raise NoSuchRequest(number)
    photos = the_office().photos
    if request.args.get("small"):
        return views.picture(Response(photos.small(sha256, views.SMALL_SIDE), mimetype="image/jpeg"))
    return views.picture(send_file(photos.open(sha256), mimetype="image/jpeg"))


def _reader(token: str) -> Person:
    """Return who reads this; raises ``LinkRefused`` for everybody who does not decide upon it."""
    office, now = the_office(), datetime.now(UTC)
    admission = admit(office, token, now=now)
    is_staff = admission.purpose == "employee" and admission.recipient in office.rulebook.people
    if not is_staff or not may_look(office, admission.recipient, now):
        raise LinkRefused("unknown")
    reader = office.rulebook.people[admission.recipient]
    speak(reads(office, reader))
    return reader


def _asked() -> tuple[str, list[str]]:
    """Return what is to be done and with which numbers: a button of one goes before what is ticked."""
    for what in ("release", "discard", "undo"):
        if number := request.form.get(what):
            return what, [number]
    what = request.form.get("do", "")
    return (what if what in ("release", "discard") else ""), request.form.getlist("number")[:MOST]


def _each(what: str, numbers: Iterable[str], *, by: str, nonce: str) -> int:
    """Do it to each, in a transaction of its own; return to how many."""
    office, now, done = the_office(), datetime.now(UTC), 0
    for number in dict.fromkeys(numbers):
        request_id = lookups.request_id(number)
        if request_id is None:
            continue
        mark = f"{nonce[:LONGEST_NONCE]}.{request_id}"
        if what == "undo":
            _undo(office, request_id, by=by, now=now, nonce=mark)
        else:
            verb = held.release if what == "release" else held.discard
            verb(office, request_id, by=by, now=now, nonce=mark)
        done += 1
    return done


def _undo(office: Office, request_id: int, *, by: str, now: datetime, nonce: str) -> None:
    case = lookups.case(request_id)
    ends = [entry for entry in case.in_force if entry.kind == Kind.FINISHED] if case else []
    if ends:
        undoing.undo(office, request_id, entry_id=ends[-1].id, by=by, now=now, nonce=nonce)


def _page(
    token: str, reader: Person, *, mistakes: Sequence[tuple[str, str]] = (), status: int = 200
) -> ResponseReturnValue:
    office, now = the_office(), datetime.now(UTC)
    waiting = rows.waiting(most=MOST)
    photos = rows.photos_of([one.id for one in waiting])
    cards = [_card(office, one, photos.get(one.id, [])) for one in waiting]
    ticked = set(request.form.getlist("number"))
    context: dict[str, Any] = {
        "token": token,
        "cards": sorted(cards, key=lambda card: not card.is_urgent),
        "ticked": {card.number for card in cards} if request.args.get("all") else ticked,
        "more": max(0, rows.count() - len(cards)),
        "gone": [one.number for one in rows.discarded(since=now - undoing.WINDOW, most=MOST)],
        "nonce": fresh_nonce(),
        "mistakes": list(mistakes),
        "done": _done(request.args.get("done", ""), request.args.get("count", 0, type=int)),
        "reader": reader.name.said(str(words.locale())),
    }
    return render_template("desk/held.html", **context), status


def _done(what: str, count: int) -> str:
    if what == "release":
        return ngettext("%(num)d request was released.", "%(num)d requests were released.", count)
    if what == "discard":
        return ngettext("%(num)d request was discarded.", "%(num)d requests were discarded.", count)
    return _("It is held again.") if what == "undo" else ""


def _card(office: Office, one: ServiceRequest, photos: Sequence[Photo]) -> Card:
    language = str(words.locale())
    service = office.rulebook.services.get(one.service)
    sender = (one.resident_name, one.resident_email, one.resident_phone)
    return Card(
        number=one.number,
        service=service.name.said(language) if service else one.service,
        since=words.when(office, one.held_at or one.created_at),
        is_urgent=is_urgent(office, one),
        description=plain(one.description),
        place=plain(one.place),
        answers=[(label, plain(value)) for label, value in answer_lines(office, one, language)],
        sender=[plain(part) for part in sender if part],
        signs=in_words(one.held_signs),
        photos=tuple(dict.fromkeys(photo.sha256 for photo in photos)),
    )

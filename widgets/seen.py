"""How does everybody else read about a request? Only from its public copy, and in the third person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, abort
from flask_babel import gettext as _
from flask_babel import pgettext

from casework.in_public import PublicRequest, away, in_public
from casework.letters import ending_words, name_of
from casework.me_too import Candidate
from casework.office import Office, the_office
from lifecycle.journal import Kind
from lifecycle.status import Status
from storage import lookups
from widgets.embedding import looks
from widgets.history import in_words, reader_locale, title, when

bp = Blueprint("seen", __name__)

PHOTO_SIDE = 640
MOST_PHOTOS = 3


@dataclass(frozen=True)
class Seen:
    """A request in words, for the macro in ``templates/widgets/seen.html``."""

    number: str
    service: str
    words: str
    place: str
    day: str
    iso: str
    status: str
    status_kind: str
    is_ended: bool
    ending_words: str
    duplicate_of: str
    voices: int
    away: str
    """How far it is from the reader's place, where that is known."""
    photos: tuple[str, ...]
    """Their addresses."""
    steps: tuple[dict[str, Any], ...]
    """What was done, the latest first, as the ``timeline`` macro takes it."""


def seen(office: Office, one: PublicRequest, *, voices: int = 0, metres: float | None = None) -> Seen:
    """Return a public request in the words of its page; ``metres`` is how far away it is."""
    service = office.rulebook.services.get(one.service)
    return Seen(
        number=one.number,
        service=service.name.said(str(reader_locale())) if service else one.service,
        words=one.words,
        place=one.place,
        day=in_words(one.created_at.astimezone(office.zone).date()),
        iso=one.created_at.isoformat(timespec="minutes"),
        status=_status(one),
        status_kind="soft" if one.is_ended else "",
        is_ended=one.is_ended,
        ending_words=one.ending_words,
        duplicate_of=one.duplicate_of,
        voices=voices,
        away=away(metres) if metres is not None else "",
        photos=tuple(f"/report/seen/{one.number}/{sha256}" for sha256 in one.photos[:MOST_PHOTOS]),
        steps=tuple(_steps(office, one)),
    )


def seen_near(office: Office, found: Sequence[Candidate]) -> tuple[Seen, ...]:
    """Return what is near a place, each with how far it is."""
    return tuple(seen(office, one.request, voices=one.voices, metres=one.metres) for one in found)


def report_address() -> str:
    """Return where the form of the whole town is, in the look of this page."""
    query = urlencode(looks())
    return "/report" + (f"?{query}" if query else "")


def _status(one: PublicRequest) -> str:
    if one.ending is not None:
        return ending_words(one.ending, str(reader_locale()))
    return {
        Status.RECEIVED: pgettext("how a request stands", "Received"),
        Status.ACKNOWLEDGED: _("Somebody has it"),
        Status.IN_PROGRESS: _("Work has begun"),
        Status.WAITING_RESIDENT: _("The town has asked something"),
        Status.WAITING_AGENCY: pgettext("how a request stands", "Handed over"),
        Status.REOPENED: _("Open again"),
    }[one.status]


def _steps(office: Office, one: PublicRequest) -> list[dict[str, Any]]:
    said = {Kind.RECEIVED: _("Reported"), Kind.ANSWERED: _("An answer of the town")}
    language = str(reader_locale())
    return [
        {
            "title": said.get(Kind(step.entry.kind)) or title(office, step.entry),
            "when": when(office, step.entry.at),
            "iso": step.entry.at.isoformat(timespec="minutes"),
            "by": ""
            if step.entry.by in ("resident", "townline")
            else name_of(office, step.entry.by, language),
            "text": step.text,
        }
        for step in reversed(one.steps)
    ]


@bp.get("/report/seen/<number>/<sha256>")
def photo(number: str, sha256: str) -> Response:
    """Show a photo that everybody may see, as long as they may."""
    office = the_office()
    case = lookups.case_by_number(number)
    one = in_public(office, case, now=datetime.now(UTC), is_follower=True) if case else None
    if one is None or sha256 not in one.photos:
        abort(404)
    try:
        response = Response(office.photos.small(sha256, PHOTO_SIDE), mimetype="image/jpeg")
    except FileNotFoundError:
        abort(404)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, max-age=3600"
    response.headers["X-Robots-Tag"] = "noindex"
    return response

"""What does the web clerk see? One page for putting the form on the town's website, and checking it there.

Choosing is a GET, so a choice can be kept as a bookmark and needs no script. Nothing here changes a request.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock

from babel import Locale
from flask import Response, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from itsdangerous import BadData, URLSafeTimedSerializer
from markupsafe import Markup

from casework.office import Office, the_office
from colours.accent import contrast, parse, readable
from operations.embed_check import Checked, check_page
from operations.embed_choice import Choice, chosen, everything_of
from operations.embed_doubts import doubts
from operations.embed_ladder import ladder, snippet
from operations.embed_poster import SHEETS, SIZES, code_svg, poster, sheet_of
from operations.pages import admitted, bp, page
from paper.pdf import NoRenderer, RenderFailed
from websites.hosts import demo_site, hosts, own_origins

PREVIEW_SECONDS = 24 * 3600
PREVIEW_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)
EMBED_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; frame-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
LOOKING = Lock()
"""One page is looked at at a time: each takes a process and up to fifteen seconds."""


# -- the page --


@bp.get("/<token>/embed")
def embed(token: str) -> ResponseReturnValue:
    return _shown(token, admitted(token))


@bp.post("/<token>/embed")
def check_town_page(token: str) -> ResponseReturnValue:
    """Look at a page of the town's website."""
    until, office = admitted(token), the_office()
    url = request.form.get("page", "").strip()
    if not url:
        return _shown(
            token, until, checked=Checked("", mistake=_("Write the address of the page.")), status=422
        )
    if not LOOKING.acquire(blocking=False):
        busy = _("Another page is being looked at. Please press the button again in a few seconds.")
        return _shown(token, until, checked=Checked(url, mistake=busy), status=503)
    try:
        websites = hosts(office.rulebook.town.websites, office.base_url, is_demo=office.is_demo)
        own = own_origins(office.base_url) if office.is_demo else ()
        checked = check_page(url, ours=office.base_url, websites=websites, own=own)
    finally:
        LOOKING.release()
    return _shown(token, until, checked=checked, status=422 if checked.mistake else 200)


def _shown(
    token: str, until: datetime, *, checked: Checked | None = None, status: int = 200
) -> ResponseReturnValue:
    office = the_office()
    choice = chosen(office, request.values)
    shown, code = page(
        "embed",
        token,
        until,
        status=422 if choice.mistakes and status == 200 else status,
        choice=choice,
        forms=_forms(office),
        services=_services(office),
        languages_named=_languages(office),
        rungs=ladder(choice, office),
        preview=url_for("operations.embed_preview", sealed=_seal(office).dumps(choice.kept)),
        sheets=[(kind, size) for kind in SHEETS for size in SIZES],
        accent=_accent(choice, office),
        doubts=doubts(choice, office),
        everything=everything_of(office.rulebook),
        websites=hosts(office.rulebook.town.websites, office.base_url, is_demo=office.is_demo),
        demo_page=f"{demo_site(office.base_url)}/demo/public-works" if office.is_demo else "",
        checked=checked,
    )
    response = Response(shown, status=code)
    response.headers["Content-Security-Policy"] = EMBED_POLICY
    return response


def _forms(office: Office) -> list[tuple[str, str]]:
    language = office.rulebook.town.languages[0]
    everything = everything_of(office.rulebook)
    widgets = (one for one in office.rulebook.widgets.values() if one is not everything)
    return [(one.id, one.title.said(language)) for one in widgets]


def _services(office: Office) -> list[tuple[str, str]]:
    language = office.rulebook.town.languages[0]
    named = ((one.code, one.name.said(language)) for one in office.rulebook.services.values())
    # A widget of the same name wins; a service that only agencies get cannot be told apart here.
    return [one for one in named if one[0] not in office.rulebook.widgets]


def _languages(office: Office) -> list[tuple[str, str]]:
    """Each language of the town in its own words."""
    found = []
    for one in office.rulebook.town.languages:
        name = Locale.parse(one, sep="-").get_display_name()
        found.append((one, name[:1].upper() + name[1:] if name else one))
    return found


@dataclass(frozen=True)
class Accent:
    """The colour that was asked for, and what it becomes where it could not be read."""

    asked: str
    day: str
    night: str
    ratio: str
    """Its contrast on white, as in 2.1."""


def _accent(choice: Choice, office: Office) -> Accent:
    own = choice.widget.accent if choice.widget else None
    asked = choice.accent or own or office.rulebook.town.accent
    day, night = readable(asked)
    return Accent(asked, day, night, f"{contrast(parse(asked), parse('#ffffff')):.1f}")


# -- the preview --


def _seal(office: Office) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(office.secret, salt="operations.embed")


@bp.get("/preview/<sealed>")
def embed_preview(sealed: str) -> ResponseReturnValue:
    """Show the very snippet on a page of its own. Signed: nobody else puts words on our address.

    It has no operator's key in its address, because the form is told on which page it stands.
    """
    office = the_office()
    try:
        kept = _seal(office).loads(sealed, max_age=PREVIEW_SECONDS)
    except BadData:
        abort(404)
    choice = chosen(office, kept)
    # From the address that this page was asked under, so that it also shows on a machine's other name.
    code = Markup(snippet(choice, office, request.url_root.rstrip("/")))  # noqa: S704 - escaped where it is made
    shown = render_template("operations/embed_preview.html", snippet=code, choice=choice)
    response = Response(shown)
    response.headers["Content-Security-Policy"] = PREVIEW_POLICY
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


# -- on paper --


@bp.get("/<token>/embed/poster.pdf")
def embed_poster(token: str) -> ResponseReturnValue:
    until, office = admitted(token), the_office()
    choice, sheet = chosen(office, request.args), sheet_of(request.args)
    try:
        name, pdf = poster(choice, office, sheet, now=datetime.now(UTC))
    except NoRenderer as missing:
        return page("poster_missing", token, until, status=503, because=str(missing), kept=choice.kept)
    except RenderFailed as failed:
        return page("poster_missing", token, until, status=500, because=str(failed), kept=choice.kept)
    response = Response(pdf, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return response


@bp.get("/<token>/embed/code.svg")
def embed_code(token: str) -> ResponseReturnValue:
    """The QR code alone, for a leaflet of the town's own; needs no renderer."""
    admitted(token)
    office = the_office()
    choice = chosen(office, request.args)
    asset = choice.prefill().get("asset", "")
    response = Response(code_svg(choice.bare_url(office.base_url, asset)), mimetype="image/svg+xml")
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    response.headers["Content-Disposition"] = 'attachment; filename="code.svg"'
    return response

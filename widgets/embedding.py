"""Who may frame our pages, what may they load, and which look do they take?

One place sets the security headers of every page (``secure``) and gives every template the town,
the language and the addresses of styles and scripts.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, abort, current_app, g, request
from flask_babel import get_locale
from werkzeug.exceptions import HTTPException

from casework.office import Office, the_office
from colours.accent import is_colour
from storage.photos import PhotosBusy
from websites import hosts as websites
from widgets import assets, dialog, errors, languages

bp = Blueprint("embedding", __name__)

FOR_EVER = "public, max-age=31536000, immutable"
LOADER = "public, max-age=600, stale-while-revalidate=86400"
PERMISSIONS = "geolocation=(self), camera=(), microphone=()"
THEMES = ("light", "dark")
LOOKS = ("lang", "embed", "theme", "accent", "from")
"""What travels in the address of every step and page, so that even a refused upload keeps its look."""


# -- styles and scripts --


def _static() -> Path:
    return Path(current_app.root_path) / "static"


def asset_url(name: str) -> str:
    """Return the address of a file in ``static/``, good for ever."""
    return f"/assets/{assets.asset(_static(), name).mark}/{name}"


def sheet_url() -> str:
    """Return the address of the stylesheet in the town's colour, or the one the host page asked for."""
    colour = _colour()
    return f"/assets/{assets.asset(_static(), 'townline.css', colour).mark}/{colour[1:]}/townline.css"


def _colour() -> str:
    wished = request.args.get("accent", "")
    if is_colour(wished):
        return "#" + wished.removeprefix("#").lower()
    return _own_colour() or the_office().rulebook.town.accent


def _own_colour() -> str | None:
    """Return the colour that this page's widget has for itself."""
    name = g.get("townline_widget") or (request.view_args or {}).get("name", "")
    widget = the_office().rulebook.widgets.get(name)
    return widget.accent if widget else None


def show_as(widget: str | None) -> None:
    """Have the page of this request take the own colour of a widget: of the one it was reported by."""
    g.townline_widget = widget


@bp.get("/assets/<mark>/<name>")
@bp.get("/assets/<mark>/<colour>/<name>")
def asset(mark: str, name: str, colour: str = "") -> Response:
    if colour and not (is_colour(colour) and name == "townline.css"):
        abort(404)
    try:
        found = assets.asset(_static(), name, f"#{colour.lower()}" if colour else "")
    except assets.NoSuchAsset:
        abort(404)
    # An old address (a page kept since the last upgrade) gets today's file, but is not kept for ever.
    return _open(assets.send(found, caching=FOR_EVER if mark == found.mark else "no-cache"))


@bp.get("/static/embed.js")
def loader() -> Response:
    """The script that towns paste; with what it asks for itself the only files with a fixed address."""
    origins = websites.own_origins(the_office().base_url)
    return _open(assets.send(assets.loader(_static(), origins), caching=LOADER))


@bp.get("/static/dialog.js")
def dialog_script() -> Response:
    """What the pasted script asks for where a link wants a dialog or a floating button, ``of`` this form."""
    show_as(request.args.get("of", "").rpartition("/")[2])
    words = dialog.words(the_office().rulebook.town.languages)
    return _open(assets.send(dialog.script(_static(), _colour(), words), caching=LOADER))


def _open(response: Response) -> Response:
    """Let every page load it: the towns' own, and ours in a sandbox, where it is of no origin."""
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


# -- what every template may use --


def is_framed() -> bool:
    """Whether this page stands inside a page of the town's website."""
    return request.args.get("embed") == "1"


def looks() -> dict[str, str]:
    """Return the part of the address that goes along to the next page."""
    return {name: request.args[name][:300] for name in LOOKS if request.args.get(name)}


def dial(phone: str) -> str:
    """Return a phone number as ``tel:`` wants it: digits, and a plus in front."""
    return "".join(char for char in phone if char.isdigit() or char in "+*#,;")


@bp.app_context_processor
def _for_templates() -> dict[str, Any]:
    office = the_office()
    locale = get_locale()
    theme = request.args.get("theme", "")
    return {
        "town": office.rulebook.town,
        "language": str(locale).replace("_", "-") if locale else "en",
        "direction": locale.text_direction if locale else "ltr",
        "theme": theme if theme in THEMES else "",
        "is_framed": is_framed(),
        "is_demo": office.is_demo,
        "has_archive": any(plan.is_public for plan in office.rulebook.reports.values()),
        "asset": asset_url,
        "sheet": sheet_url,
    }


# -- headers --


def hosts(office: Office) -> tuple[str, ...]:
    """Return the origins whose pages may frame ours, besides ourselves."""
    return websites.hosts(office.rulebook.town.websites, office.base_url, is_demo=office.is_demo)


def _may_be_framed() -> bool:
    path = request.path
    return path == "/report" or path.startswith("/report/") or (path.startswith("/r/") and is_framed())


def _policy(ancestors: str) -> str:
    # Who draws the map by somebody else's pictures has said so in the rules; nobody else is asked.
    own = the_office().rulebook.town.map
    pictures = f" {own.origin}" if own and request.path.startswith("/report") else ""
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:{pictures}; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors " + ancestors
    )


def _add_headers(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("X-Content-Type-Options", "nosniff")
    framable = _may_be_framed()
    if framable:
        # A form in a sandbox sends by fetch() and reads the answer, as of no origin. Anybody may: no cookie
        # goes along, so nobody reads what they could not have asked for themselves.
        headers.setdefault("Access-Control-Allow-Origin", "*")
    if response.mimetype != "text/html":
        return response
    ancestors = " ".join(("'self'", *hosts(the_office()))) if framable else "'none'"
    headers.setdefault("Content-Security-Policy", _policy(ancestors))
    # A signed link is a key: it must not travel on in the address of the page before.
    headers.setdefault(
        "Referrer-Policy",
        "strict-origin-when-cross-origin" if request.path.startswith("/report") else "no-referrer",
    )
    headers.setdefault("Permissions-Policy", PERMISSIONS)
    headers.setdefault("Cache-Control", "no-store")
    if not framable:
        headers.setdefault("X-Frame-Options", "DENY")
    return response


def secure(app: Flask) -> None:
    """Have every answer of ``app`` carry the headers of its kind of page; what a view set itself stays."""
    app.after_request(_add_headers)
    app.add_template_filter(dial)
    app.add_template_filter(languages.spoken)
    app.add_template_filter(languages.tongue)
    app.register_error_handler(HTTPException, errors.page)
    app.register_error_handler(PhotosBusy, errors.busy)

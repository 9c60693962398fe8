"""Who may frame our pages, what may they load, and which look do they take?

One place sets the security headers of every page (``secure``) and gives every template the town,
the language and the addresses of styles and scripts.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, abort, current_app, request
from flask_babel import get_locale
from werkzeug.exceptions import HTTPException

from casework.office import Office, the_office
from widgets import assets, errors
from widgets.accent import is_colour

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
    return the_office().rulebook.town.accent


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
    return assets.send(found, caching=FOR_EVER if mark == found.mark else "no-cache")


@bp.get("/static/embed.js")
def loader() -> Response:
    """The script that towns paste; the only file of ours with a fixed address."""
    response = assets.send(assets.asset(_static(), "embed.js"), caching=LOADER)
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
        "asset": asset_url,
        "sheet": sheet_url,
    }


# -- headers --


def demo_site(base_url: str) -> str:
    """Return the demonstration site's origin: ``localhost`` and ``127.0.0.1`` are different sites.

    On a machine with a name of its own there is no second one to take: the same origin serves both.
    """
    parts = urlsplit(base_url)
    if parts.hostname not in ("localhost", "127.0.0.1"):
        return base_url
    name = "127.0.0.1" if parts.hostname == "localhost" else "localhost"
    return f"{parts.scheme}://{name}" + (f":{parts.port}" if parts.port else "")


def hosts(office: Office) -> tuple[str, ...]:
    """Return the origins whose pages may frame ours, besides ourselves."""
    return office.rulebook.town.websites + ((demo_site(office.base_url),) if office.is_demo else ())


def _may_be_framed() -> bool:
    path = request.path
    return path == "/report" or path.startswith("/report/") or (path.startswith("/r/") and is_framed())


def _policy(ancestors: str) -> str:
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors " + ancestors
    )


def _add_headers(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("X-Content-Type-Options", "nosniff")
    if response.mimetype != "text/html":
        return response
    framable = _may_be_framed()
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
    app.register_error_handler(HTTPException, errors.page)

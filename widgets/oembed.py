"""What does a website get that turns a bare address into the form? oEmbed 1.0, as WordPress reads it.

WordPress asks the page for the way here (``<link rel="alternate">``), and keeps of the answer a blockquote
and an iframe. The blockquote is what readers see until the frame has told its height, and for good where
the frame may not stand or no script runs: so it is our link. https://oembed.com
"""

from __future__ import annotations

from html import escape
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Blueprint, Response, jsonify, request
from flask_babel import force_locale
from flask_babel import gettext as _

from casework.office import Office, the_office
from widgets.embedding import is_framed

bp = Blueprint("oembed", __name__)

WIDTH, HEIGHT = 640, 900
"""Pixels where the website asks for no less; WordPress makes no frame higher than 1000."""
LEAST = 200
CARRIED = ("service", "address", "lat", "lng", "asset", "lang", "theme", "accent")
"""What of the address goes into the frame."""
LONGEST = 2000


@bp.get("/oembed")
def answer() -> Response:
    """Answer with the frame for one address of ours."""
    office = the_office()
    if request.args.get("format", "json") != "json":
        return _refused(501, "This provider answers in JSON only: ask with format=json.")
    wanted = request.args.get("url", "")
    if not wanted:
        return _refused(400, "Say with url= which address is meant.")
    found = _ours(office, wanted)
    if found is None:
        return _refused(404, "That is not the address of a form of this system.")
    return _public(jsonify(_facts(office, *found)))


def _refused(status: int, sentence: str) -> Response:
    response = _public(jsonify({"error": sentence}))
    response.status_code = status
    return response


def _public(response: Response) -> Response:
    # The same for everybody, and nothing in it that a website may not read.
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cache-Control"] = "public, max-age=600"
    return response


def _ours(office: Office, url: str) -> tuple[str, dict[str, str]] | None:
    """Return path and queries of an address of a form, or None."""
    try:
        parts, base = urlsplit(url[:LONGEST]), urlsplit(office.base_url)
        is_ours = (parts.scheme, parts.hostname, parts.port) == (base.scheme, base.hostname, base.port)
    except ValueError:
        return None
    _root, _slash, name = parts.path.rstrip("/").removeprefix(base.path).partition("/report")
    name = name.removeprefix("/")
    known = office.rulebook.widgets.keys() | office.rulebook.services.keys()
    if not is_ours or _root or not _slash or (name and name not in known):
        return None
    query = {key: value for key, value in parse_qsl(parts.query) if key in CARRIED and value}
    return f"/report/{name}" if name else "/report", query


def _facts(office: Office, path: str, query: dict[str, str]) -> dict[str, Any]:
    town = office.rulebook.town
    language = query.get("lang", "")
    if language not in town.languages:
        language = town.languages[0]
    title = _title(office, path, language)
    width, height = _size("maxwidth", WIDTH), _size("maxheight", HEIGHT)
    link = _address(office, path, query)
    frame = _address(office, path, query | {"embed": "1"})
    return {
        "version": "1.0",
        "type": "rich",
        "provider_name": town.name.said(language),
        "provider_url": office.base_url,
        "title": title,
        "width": width,
        "height": height,
        "cache_age": "600",
        "html": (
            f'<blockquote><a href="{escape(link)}">{escape(title, quote=False)}</a></blockquote>'
            f'<iframe src="{escape(frame)}" title="{escape(title)}" '
            f'width="{width}" height="{height}"></iframe>'
        ),
    }


def _title(office: Office, path: str, language: str) -> str:
    book, name = office.rulebook, path.removeprefix("/report").removeprefix("/")
    if name in book.widgets:
        widget = book.widgets[name]
        return (widget.button or widget.title).said(language)
    if name:
        return book.services[name].name.said(language)
    with force_locale(language.replace("-", "_")):
        return _("Report a problem")


def _size(name: str, usual: int) -> int:
    """Return a size no larger than asked for: a website knows its column."""
    try:
        return max(LEAST, min(usual, int(request.args.get(name, usual))))
    except ValueError:
        return usual


def _address(office: Office, path: str, query: dict[str, str]) -> str:
    return office.base_url + path + (f"?{urlencode(query)}" if query else "")


@bp.app_context_processor
def _for_templates() -> dict[str, Any]:
    return {"oembed": discovery()}


def discovery() -> str:
    """Return where this page says how to frame it; nothing for pages that stand in a frame or lead on."""
    path = request.path.rstrip("/")
    is_form = path == "/report" or path.startswith("/report/")
    # What a HEAD is answered with is kept, and given to whoever asks with GET next.
    if request.method not in ("GET", "HEAD") or is_framed() or not is_form:
        return ""
    office = the_office()
    query = {name: request.args[name][:300] for name in CARRIED if request.args.get(name)}
    return f"{office.base_url}/oembed?" + urlencode({"url": _address(office, path, query), "format": "json"})

"""What does every part of a page look like in every state? The design system, shown by itself.

Built from the very macros and the very stylesheet that all pages use, so it cannot show anything else
than what a resident gets. It holds nothing personal and exists only in the demonstration.
"""

from __future__ import annotations

import re
from pathlib import Path

from flask import Blueprint, Response, current_app, render_template, request
from flask_babel import force_locale

from casework.office import the_office
from colours.accent import is_colour, written
from widgets import assets, palette

bp = Blueprint("design", __name__, url_prefix="/design")

SCALE = ("s", "n", "m", "l", "h2", "h1")
GAPS = ("1", "2", "3", "4", "5", "6")
STATES = {":hover": ".is-hover", ":focus-visible": ".is-focus", ":focus": ".is-focus"}
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_AT_RULE = re.compile(r"@[^{}]+\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}")


def _sheet() -> Path:
    return Path(current_app.root_path) / "static" / "townline.css"


def _colour() -> str:
    wished = request.args.get("accent", "")
    return f"#{wished.removeprefix('#').lower()}" if is_colour(wished) else the_office().rulebook.town.accent


@bp.get("")
def page() -> str:
    """Every token and every part, by day and by night."""
    sheet, colour = _sheet(), _colour()
    tokens = {
        scheme: {name: written(value) for name, value in palette.colours(sheet, scheme, colour).items()}
        for scheme in palette.SCHEMES
    }
    pairs = {scheme: palette.pairs(sheet, scheme, colour) for scheme in palette.SCHEMES}
    # Its words are for whoever builds on it, as the documents are: in English.
    with force_locale("en"):
        return render_template("demo/design.html", tokens=tokens, pairs=pairs, scale=SCALE, gaps=GAPS)


@bp.get("/states.css")
def states() -> Response:
    """The rules for the mouse and the focus once more, for parts that carry the state as a class."""
    body = assets.asset(_sheet().parent, "townline.css").body.decode()
    return Response(as_classes(body), mimetype="text/css")


def as_classes(sheet: str) -> str:
    """Return the rules of a stylesheet that need a mouse or a focus, with classes in their place."""
    found = []
    for selectors, rules in _RULE.findall(_AT_RULE.sub("", sheet)):
        wanted = [one for one in selectors.split(",") if any(state in one for state in STATES)]
        for state, name in STATES.items():
            wanted = [one.replace(state, name) for one in wanted]
        if wanted:
            found.append(f"{','.join(wanted)}{{{rules}}}")
    return "\n".join(found)

"""What does a town's page get for a dialog or a floating button: script, look and words in one file?

The readable sources are ``static/dialog.js`` and ``static/dialog.css``. The script is served with the sheet
inside, in the town's colour, so that the page around needs to allow nothing but the script; and with the
word for Close in each of the town's languages.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import rcssmin
import rjsmin
from flask_babel import force_locale
from flask_babel import gettext as _

from colours.accent import shades, written
from widgets.assets import Asset, packed_up

NAME = "dialog.js"
TOKENS = {
    "accent": "accent",
    "strong": "accent-strong",
    "on-accent": "on-accent",
    "night-accent": "night-accent",
    "night-strong": "night-strong",
    "night-on": "night-on",
}
"""Colour in the dialog's sheet -> the token of the form's own."""


def words(languages: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Return the word for Close in each language; under no name, in the town's first."""
    found = []
    for language in languages:
        with force_locale(language.replace("-", "_")):
            found.append((language, str(_("Close"))))
    return (("", found[0][1]), *found)


@lru_cache(maxsize=32)
def script(folder: Path, colour: str, close: tuple[tuple[str, str], ...]) -> Asset:
    """Return the script as it is sent, in the ``colour`` (``#rrggbb``) and with these ``words``."""
    all_shades = shades(colour)
    tokens = ";".join(f"--{name}:{written(all_shades[token])}" for name, token in TOKENS.items())
    sheet = f".room{{{tokens}}}" + rcssmin.cssmin((folder / "dialog.css").read_text(encoding="utf-8"))
    source = (folder / NAME).read_text(encoding="utf-8")
    for place, value in (("@sheet", sheet), ("@close", dict(close))):
        source = source.replace(json.dumps(place), json.dumps(value, ensure_ascii=False))
    return packed_up(NAME, str(rjsmin.jsmin(source)).encode(), "text/javascript")

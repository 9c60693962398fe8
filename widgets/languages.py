"""Which language does this page speak, and which others does the town offer?

What the address asks for wins (``lang``, which embed.js takes from the page around), then what the browser
prefers, then the town's first language. ``es-MX`` is served by ``es``.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import flask_babel
from babel.support import NullTranslations
from flask import Response, has_request_context, request

from casework.office import the_office
from languages.catalogues import words


class Catalogues(flask_babel.Domain):  # type: ignore[misc, unused-ignore]
    """The messages as they stand in ``translations/``, without compiled files beside them."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def get_translations(self) -> NullTranslations:
        return words(self._folder, str(flask_babel.get_locale() or "en"))


def offered(asked: str, languages: Sequence[str]) -> str:
    """Return the one of ``languages`` that serves the tag ``asked``; "" where none does."""
    tag = asked.replace("_", "-").casefold()
    stem = tag.partition("-")[0]
    exact = (one for one in languages if one.casefold() == tag)
    near = (one for one in languages if stem and one.casefold().partition("-")[0] == stem)
    return next(exact, "") or next(near, "")


def choose() -> str:
    """Choose the language of a page: what was asked for, else what the browser prefers."""
    languages = the_office().rulebook.town.languages
    if not has_request_context():
        return languages[0].replace("-", "_")
    asked = offered(request.args.get("lang", ""), languages)
    chosen = asked or request.accept_languages.best_match(languages) or languages[0]
    return chosen.replace("-", "_")


def declare(response: Response) -> Response:
    """Say in the headers of a page which language it speaks, and that readers may get another."""
    if response.mimetype == "text/html" and (locale := flask_babel.get_locale()):
        response.headers.setdefault("Content-Language", str(locale).replace("_", "-"))
        response.vary.add("Accept-Language")
    return response

"""Which language does this page speak, and which others does the town offer?

What the address asks for wins (``lang``, which embed.js takes from the page around). A page that somebody
opens from a letter goes on in the letter's language, on whosever telephone; the town's own staff read what
the rules say of them, or their town's first. Every other page follows the browser, then the town.
``es-MX`` is served by ``es``.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlencode

import flask_babel
from babel import Locale
from babel.support import NullTranslations
from flask import Response, g, has_request_context, request
from markupsafe import Markup

from casework.office import the_office
from casework.operating import operator
from casework.tongues import reads
from languages import said
from languages.catalogues import words

KEPT = ("embed", "theme", "accent", "from", "service", "address", "lat", "lng", "asset")
"""What of the query goes along when another language is chosen."""

OPERATORS = frozenset({"operations", "report_runs", "analytics"})
"""The pages behind the operator's link."""
STAFF = frozenset({"desk", "away", "held", "mails", "still", *OPERATORS})
"""Whose letters and pages speak one language, however a telephone in a truck is set: the one that the rules
give their reader, or the town's first."""


class Catalogues(flask_babel.Domain):
    """The messages as they stand in ``translations/``, without compiled files beside them."""

    def __init__(self, folder: Path) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._folder = folder

    def get_translations(self) -> NullTranslations:
        language = str(flask_babel.get_locale() or "en")
        # A page asks dozens of times: whether the file has changed is looked up once for each.
        known: dict[tuple[Path, str], NullTranslations] = g.setdefault("catalogues", {})
        if (self._folder, language) not in known:
            known[self._folder, language] = words(self._folder, language)
        return known[self._folder, language]


def offered(asked: str, languages: Sequence[str]) -> str:
    """Return the one of ``languages`` that serves the tag ``asked``; "" where none does."""
    tag = asked.replace("_", "-").casefold()
    stem = tag.partition("-")[0]
    exact = (one for one in languages if one.casefold() == tag)
    near = (one for one in languages if stem and one.casefold().partition("-")[0] == stem)
    return next(exact, "") or next(near, "")


def choose() -> str:
    """Choose the language of a page: what was asked for, its letter's, or what the browser prefers."""
    languages = the_office().rulebook.town.languages
    if not has_request_context():
        return languages[0].replace("-", "_")
    if request.blueprint in STAFF:
        return (offered(request.args.get("lang", ""), languages) or _staffs()).replace("-", "_")
    # Not best_match(): of "fr-CA, en;q=0.5" it would take English, the only exact name.
    preferred = (tag for tag, quality in request.accept_languages if quality > 0)
    wishes = (
        offered(tag, languages)
        for tag in (request.args.get("lang", ""), g.get("letter_language", ""), *preferred)
    )
    return (next(filter(None, wishes), "") or languages[0]).replace("-", "_")


def _staffs() -> str:
    office = the_office()
    if spoken := g.get("letter_language", ""):
        return str(spoken)
    return reads(office, operator(office) if request.blueprint in OPERATORS else None)


def spoken(words: object) -> object:
    """Mark words of the town that are in another language than the page; a filter of every template."""
    return said.spoken(words, *_page()) if isinstance(words, said.Said) else words


def tongue(words: object) -> Markup:
    """Return the ``lang`` of an element that can hold text alone, such as ``option``."""
    own = said.tongue(words, *_page()) if isinstance(words, said.Said) else ""
    return Markup(' lang="{}"').format(own) if own else Markup()


def _page() -> tuple[str, str]:
    first = the_office().rulebook.town.languages[0]
    return str(flask_babel.get_locale() or first), first


def links(*also: str) -> tuple[tuple[str, str, str], ...]:
    """Return this page in each of the town's languages as (tag, the language's own name, address).

    The part of the query that we know, and ``also`` what is named, goes along: the page is kept for the next
    one who asks, and nobody must get another's marks. Empty where the town has one language.
    """
    languages = the_office().rulebook.town.languages
    if len(languages) < 2:
        return ()
    others = [(name, request.args[name][:300]) for name in (*KEPT, *also) if request.args.get(name)]
    return tuple(
        (one, _own_name(one), f"{request.path}?{urlencode([*others, ('lang', one)])}") for one in languages
    )


def _own_name(tag: str) -> str:
    locale = Locale.parse(tag, sep="-")
    name = locale.get_display_name(locale) or tag
    return name[:1].upper() + name[1:]


def declare(response: Response) -> Response:
    """Say in the headers of a page which language it speaks, and that readers may get another."""
    if response.mimetype == "text/html" and (locale := flask_babel.get_locale()):
        response.headers.setdefault("Content-Language", str(locale).replace("_", "-"))
        response.vary.add("Accept-Language")
    return response

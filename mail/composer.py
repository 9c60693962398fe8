"""What do the three files of a letter say in this language? ``subject.txt``, ``body.txt``, ``body.html``.

The templates have an environment of their own: an undefined name is an error, HTML is escaped, and
gettext speaks the reader's language, which need not be that of whoever caused the letter.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context, select_autoescape
from jinja2.runtime import Context

from colours.accent import readable
from languages.catalogues import words
from languages.moments import moment as with_time
from languages.said import Said, spoken
from mail.letter import one_line

# Marks that turn the reading direction or hide letters: a resident's words must not rearrange ours.
INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
ISOLATE, END_ISOLATE = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"
ISOLATES = str.maketrans("", "", ISOLATE + END_ISOLATE)

MARKERS = {
    "en": "Write your answer above this line",
    "es": "Escriba su respuesta por encima de esta línea",
    "fr": "Écrivez votre réponse au-dessus de cette ligne",
    "de": "Schreiben Sie Ihre Antwort über diese Zeile",
}
"""The first line of letters that may be answered. Replies are cut there, also to letters of years ago, so
these are not left to a translation that may be bettered: a line that was ever sent stays in this table."""


@dataclass(frozen=True)
class Words:
    """What a letter says, in one language."""

    subject: str
    text: str
    html: str


def plain(value: object) -> str:
    """Return text without characters that could rearrange or hide the words around it."""
    words = INVISIBLE.sub("", str(value).replace("\r\n", "\n").replace("\r", "\n"))
    return Said(words, value.tongue) if isinstance(value, Said) else words


def single(value: object) -> str:
    """Return text in one line: a line of somebody's own would pass for a part of our letter."""
    return " ".join(str(value).split())


def apart(value: object) -> str:
    """Return ``plain`` text for a letter that runs from right to left: each line in its own direction."""
    return "\n".join(f"{ISOLATE}{line}{END_ISOLATE}" if line else "" for line in plain(value).split("\n"))


def quoted(value: object) -> str:
    """Return text as a quotation: every line behind ``> ``."""
    return "\n".join(f"> {line}".rstrip() for line in plain(value).splitlines() or [""])


@pass_context
def _spoken(context: Context, words: object) -> object:
    """Mark what the town has not said in the language of the letter."""
    return spoken(words, context["language"], context["town"].languages[0])


class Composer:
    """Fills ``templates/mail/<name>/`` for one town; holds no state but its compiled templates."""

    def __init__(self, templates: Path, translations: Path, zone: ZoneInfo) -> None:
        self._templates = templates
        self._translations = translations
        self._zone = zone
        self._environment: Callable[[str], Environment] = lru_cache(maxsize=32)(self._make_environment)

    def compose(self, name: str, language: str, **context: Any) -> Words:
        """Return the words of the letter ``name``; a missing template or name is an error."""
        environment = self._environment(language)
        subject, text, html = (
            environment.get_template(f"mail/{name}/{file}").render(context, language=language)
            for file in ("subject.txt", "body.txt", "body.html")
        )
        return Words(
            one_line(subject.translate(ISOLATES)), re.sub(r"\n{3,}", "\n\n", text).strip() + "\n", html
        )

    def _make_environment(self, language: str) -> Environment:
        environment = Environment(
            loader=FileSystemLoader(self._templates),
            autoescape=select_autoescape(("html",)),
            undefined=StrictUndefined,
            auto_reload=False,
            extensions=["jinja2.ext.i18n"],
            trim_blocks=True,
            lstrip_blocks=True,
        )
        spoken = words(self._translations, language)
        environment.install_gettext_translations(spoken, newstyle=True)  # type: ignore[attr-defined]
        direction = Locale.parse(language, sep="-").text_direction
        environment.globals.update(
            marker=MARKERS.get(language[:2], MARKERS["en"]),
            colon=spoken.pgettext("between a label and what it names", ":"),
            direction=direction,
            before="right" if direction == "rtl" else "left",
            behind="left" if direction == "rtl" else "right",
        )
        environment.filters.update(
            plain=apart if direction == "rtl" else plain,
            single=lambda value: (apart if direction == "rtl" else plain)(single(value)),
            quoted=quoted,
            spoken=_spoken,
            # The town's colour where it can be read, under white words too; mail programs know no variables.
            by_day=lambda accent: readable(accent)[0],
            by_night=lambda accent: readable(accent)[1],
            day=self._day(language),
            moment=self._moment(language),
        )
        return environment

    # Promises fall due at closing time, so the same few instants come up again and again; Babel takes
    # a tenth of a millisecond for each.
    def _day(self, language: str) -> Callable[[datetime], str]:
        @lru_cache(maxsize=512)
        def day(at: datetime) -> str:
            return format_date(at.astimezone(self._zone), "full", locale=language.replace("-", "_"))

        return day

    def _moment(self, language: str) -> Callable[[datetime], str]:
        day, locale = self._day(language), language.replace("-", "_")

        @lru_cache(maxsize=512)
        def moment(at: datetime) -> str:
            return with_time(day(at), at.astimezone(self._zone), locale)

        return moment

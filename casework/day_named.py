"""Which day does somebody mean who writes one in a mail? A date, or the name of a weekday."""

from __future__ import annotations

import unicodedata
from datetime import date, timedelta

from babel.dates import get_day_names, parse_date
from flask_babel import gettext as _

from casework.errors import NotPossible


def day_named(said: str, language: str, *, today: date) -> date:
    """Return the day: as 2026-11-30, as the language writes days, or the next weekday of that name.

    ``language`` as in "en" or "pt-BR"; English names count too. ``today`` itself is never meant by a
    weekday. Raises ``NotPossible`` with a sentence for whoever wrote it.
    """
    try:
        return date.fromisoformat(said)
    except ValueError:
        pass
    weekday = _weekday(said, language)
    if weekday is not None:
        return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)
    try:
        return parse_date(said, locale=language.replace("-", "_"))
    except (ValueError, IndexError, AttributeError):
        raise NotPossible(_("%(said)s is no day. Write it as 2026-11-30.", said=said)) from None


def _weekday(said: str, language: str) -> int | None:
    """Return 0 for Monday to 6 for Sunday."""
    for spoken in dict.fromkeys((language, "en")):
        for number, name in get_day_names("wide", locale=spoken.replace("-", "_")).items():
            if _folded(name) == _folded(said):
                return int(number)
    return None


def _folded(word: str) -> str:
    """Return the word without case and accents, as telephones write it."""
    decomposed = unicodedata.normalize("NFKD", word.strip(" .,").casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))

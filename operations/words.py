"""How do the operator's pages say it? Owners, outcomes, kinds of layers and instants in plain words."""

from __future__ import annotations

from datetime import datetime

from babel import Locale
from babel.dates import format_skeleton
from flask_babel import get_locale
from flask_babel import gettext as _

from casework.office import Office
from languages.moments import moment as with_time
from operations.drawing import Strand
from routing.features import UNKNOWN
from routing.rulebook import Outcome, Rulebook


def language() -> str:
    return str(get_locale() or "en").replace("_", "-")


def moment(office: Office, at: datetime) -> str:
    """Return an instant in town time, as in "Mon, Nov 23, 4:30 PM"."""
    local, locale = at.astimezone(office.zone), get_locale() or Locale("en")
    return with_time(format_skeleton("MMMEd", local, locale=locale), local, locale)


def day(office: Office, at: datetime) -> str:
    """Return a day in town time, as in "Nov 23, 2026"."""
    return format_skeleton("yMMMd", at.astimezone(office.zone), locale=get_locale() or Locale("en"))


def owner(rulebook: Rulebook, word: str) -> str:
    """Return an owner word of the rules as a person says it."""
    known = {
        "town": _("the town"),
        "village": _("the village"),
        "county": _("the county"),
        "state": _("the state"),
        "private": _("private"),
        "utility": _("a utility"),
        "federal": _("federal"),
        "railroad": _("the railroad"),
        "neighbour": _("a neighboring town"),
        UNKNOWN: _("owner not known"),
    }
    if word in known:
        return known[word]
    agency = rulebook.agencies.get(word)
    return agency.name.said(language()) if agency else word.replace("-", " ")


def on_the_map(rulebook: Rulebook, strand: Strand) -> str:
    """Return the name of a road with its owner, unless that is the town."""
    if strand.owner == "town":
        return strand.name
    return f"{strand.name} ({owner(rulebook, strand.owner).removeprefix('the ')})"


def outcome(word: str) -> str:
    """Return what the rules do, in words that stand alone."""
    return {
        Outcome.STOP: _("Stop: call at once"),
        Outcome.ASK: _("Ask which road is meant"),
        Outcome.CARD: _("Not the town's: show whose it is"),
        Outcome.HANDOFF: _("Not the town's: pass it on"),
        Outcome.ACCEPT: _("The town's"),
        "no-service": _("No such service"),
    }.get(word, word)


def target(office: Office, word: str | None) -> str:
    """Return who or what a decision names: a person, department or agency, else the word itself."""
    book, word = office.rulebook, word or ""
    for known in (book.people, book.departments, book.agencies, book.services):
        if word in known:
            return known[word].name.said(language())
    return word


def layer_kind(kind: str, *, is_boundary: bool) -> str:
    if is_boundary:
        return _("the town's boundary")
    return {
        "areas": _("areas"),
        "roads": _("roads"),
        "assets": _("poles and other assets"),
        "addresses": _("addresses"),
    }[kind]

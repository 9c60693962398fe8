"""What has happened to a request, line by line, as the resident reads it? Only what is public."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from babel import Locale
from babel.dates import format_date, format_skeleton
from flask_babel import get_locale
from flask_babel import gettext as _
from markupsafe import Markup, escape

from casework.letters import ending_words, name_of
from casework.office import Office
from languages.moments import moment
from lifecycle.journal import Kind
from lifecycle.status import Ending
from mail.composer import plain
from storage.lookups import Case
from storage.tables import Entry


def reader_locale() -> Locale:
    """Return the language of whoever reads the page."""
    return get_locale() or Locale("en")


def in_words(day: date) -> str:
    """Return a day as the page says it."""
    return format_date(day, "full", locale=reader_locale())


def _when(office: Office, at: datetime) -> str:
    local = at.astimezone(office.zone)
    return moment(format_skeleton("yMMMEd", local, locale=reader_locale()), local, reader_locale())


def unbroken(number: str) -> Markup:
    """Return a number that is never broken at its hyphen."""
    return Markup('<span class="number">{}</span>').format(number)


def history(office: Office, case: Case, told: set[str]) -> list[dict[str, Any]]:
    """Return what is public for the timeline, the latest first; words in ``told`` are not said again."""
    lines = [_line(office, entry) for entry in reversed(case.public_entries) if Kind(entry.kind) in _SAID]
    for line in lines:
        if line["text"] in told:
            told.discard(line["text"])
            line["text"] = ""
    return lines


def _line(office: Office, entry: Entry) -> dict[str, Any]:
    title = _SAID.get(Kind(entry.kind))
    by = "" if entry.by in ("resident", "townline") else name_of(office, entry.by, str(reader_locale()))
    return {
        "title": title(office, entry.facts) if title else "",
        "when": _when(office, entry.at),
        "iso": entry.at.isoformat(timespec="minutes"),
        "by": by,
        "text": plain(entry.text),
    }


def title(office: Office, entry: Entry) -> str:
    """Return what happened, as the resident reads it; empty for what only the town sees."""
    said = _SAID.get(Kind(entry.kind))
    return said(office, entry.facts) if said else ""


def when(office: Office, at: datetime) -> str:
    """Return day and time in town time."""
    return _when(office, at)


def _agency_of(office: Office, facts: dict[str, Any]) -> str:
    agency = office.rulebook.agencies.get(facts.get("agency") or "")
    return agency.name.said(str(reader_locale())) if agency else _("another office")


def _outcome(office: Office, facts: dict[str, Any]) -> str:
    ending = ending_words(Ending(facts["ending"]), str(reader_locale())) if facts.get("ending") else ""
    return _("Ended: %(outcome)s", outcome=ending)


def _arrived(office: Office, facts: dict[str, Any]) -> str:
    agency, reference = _agency_of(office, facts), str(facts.get("reference") or "")
    if not reference:
        return _("%(agency)s has it in its own system", agency=agency)
    said = escape(_("%(agency)s has it in its own system, as number %(number)s"))
    return said % {"agency": agency, "number": unbroken(plain(reference))}


def _accepted(office: Office, facts: dict[str, Any]) -> str:
    try:
        day = date.fromisoformat(str(facts.get("expected") or ""))
    except ValueError:
        return _("They take care of it")
    return _("They take care of it, by %(day)s", day=in_words(day))


def _verdict(office: Office, facts: dict[str, Any]) -> str:
    parts = []
    if facts.get("was_fixed") is not None:
        parts.append(_("fixed") if facts["was_fixed"] else _("not fixed yet"))
    if facts.get("rating"):
        parts.append(_("%(rating)d of 5", rating=facts["rating"]))
    return _("You told us: %(verdict)s", verdict=", ".join(parts))


_SAID: dict[Kind, Callable[[Office, dict[str, Any]], str]] = {
    Kind.RECEIVED: lambda office, facts: _("You sent the request"),
    Kind.ACKNOWLEDGED: lambda office, facts: _("Somebody has seen it"),
    Kind.STARTED: lambda office, facts: _("Work has begun"),
    Kind.ANSWERED: lambda office, facts: _("An answer for you"),
    Kind.ASKED_RESIDENT: lambda office, facts: _("A question for you"),
    Kind.RESIDENT_REPLIED: lambda office, facts: _("You wrote"),
    Kind.HANDED_OFF: lambda office, facts: _("Handed over to %(agency)s", agency=_agency_of(office, facts)),
    Kind.AGENCY_ACCEPTED: _accepted,
    Kind.AGENCY_REMINDED: lambda office, facts: _("We reminded %(agency)s", agency=_agency_of(office, facts)),
    Kind.HANDOVER_ARRIVED: _arrived,
    Kind.AGENCY_REFUSED: lambda office, facts: _("They say it is not theirs. The town has it again"),
    Kind.AGENCY_FINISHED: lambda office, facts: _("They say it is done"),
    Kind.REDIRECTED: lambda office, facts: _("It belongs to %(agency)s", agency=_agency_of(office, facts)),
    Kind.FINISHED: _outcome,
    Kind.REOPENED: lambda office, facts: _("Opened again"),
    Kind.WITHDRAWN: lambda office, facts: _("You took it back"),
    Kind.RATED: _verdict,
}

_DONE: dict[Kind, Callable[[], str]] = {
    Kind.RESIDENT_REPLIED: lambda: _("Thank you. We have your words and passed them on."),
    Kind.WITHDRAWN: lambda: _("You took the request back. It has ended."),
    Kind.REOPENED: lambda: _("The request is open again. A person looks at it."),
    Kind.RATED: lambda: _("Thank you for telling us."),
}


def done(case: Case, nonce: str) -> str:
    """Return what the form with this one-time mark did, or nothing."""
    entry = next((entry for entry in case.public_entries if nonce and entry.nonce == nonce), None)
    said = _DONE.get(Kind(entry.kind)) if entry else None
    return said() if said else ""

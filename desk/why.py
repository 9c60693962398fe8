"""Why is it here? What the rules said, or who passed it on and with which words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask_babel import gettext as _

from casework.office import Office
from desk import words
from languages.said import FIRST, Said
from lifecycle.journal import Kind
from mail.composer import plain
from storage.lookups import Case
from storage.tables import Entry

BROUGHT = (Kind.ROUTED, Kind.REASSIGNED, Kind.AGENCY_REFUSED, Kind.REROUTED)
"""What brings a request to somebody."""


@dataclass(frozen=True)
class Why:
    """``said`` are the words of whoever passed it on.

    ``is_unsure``: no rule and no map could tell; ``is_returned``: an agency says that it is not theirs.
    """

    reason: str
    said: str = ""
    is_unsure: bool = False
    is_returned: bool = False


def why(office: Office, case: Case) -> Why:
    """Return why the request is where it is now; the newest reason counts."""
    entry = next((entry for entry in reversed(case.in_force) if entry.kind in BROUGHT), None)
    if entry is None:
        return Why(plain(Said(case.request.because_staff, FIRST)))
    return _BY_KIND[Kind(entry.kind)](office, case, entry)


def _by_rules(office: Office, case: Case, entry: Entry) -> Why:
    is_unsure = bool(entry.facts.get("decision", {}).get("unsure"))
    return Why(plain(Said(entry.text, FIRST)), is_unsure=is_unsure)


def _by_colleague(office: Office, case: Case, entry: Entry) -> Why:
    name = words.person_name(office, entry.facts)
    if entry.facts.get("reason") == "letter_failed":
        return Why(_("No letter reached whoever had it before, so it came to %(name)s.", name=name))
    by = words.actor(office, entry.by)
    when = words.when(office, entry.at)
    return Why(
        _("%(by)s passed it on to %(name)s on %(when)s.", by=by, name=name, when=when), plain(entry.text)
    )


def _by_agency(office: Office, case: Case, entry: Entry) -> Why:
    agency = words.agency_name(office, entry.facts)
    return Why(
        _("%(agency)s says that it is not theirs, so the town has it again.", agency=agency),
        plain(entry.text),
        is_returned=True,
    )


def _by_correction(office: Office, case: Case, entry: Entry) -> Why:
    reason = _(
        "%(by)s put right what or where it is. %(rules)s",
        by=words.actor(office, entry.by),
        rules=plain(case.request.because_staff),
    )
    return Why(reason, plain(entry.text), bool(entry.facts.get("decision", {}).get("unsure")))


_BY_KIND: dict[Kind, Callable[[Office, Case, Entry], Why]] = {
    Kind.ROUTED: _by_rules,
    Kind.REASSIGNED: _by_colleague,
    Kind.AGENCY_REFUSED: _by_agency,
    Kind.REROUTED: _by_correction,
}

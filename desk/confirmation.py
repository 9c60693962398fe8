"""What exactly was done by the last click, and what did the resident get?

It is read back from the journal and the outbox by the form's one-time mark, so it says what was
written, and the second of two clicks sees the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.dates import format_date
from flask_babel import gettext as _

from casework.escalating import BY_TOWNLINE
from casework.office import Office
from desk.words import agency_name, locale, person_name, title
from lifecycle.journal import Kind
from storage import lookups
from storage.lookups import Case
from storage.tables import Entry


@dataclass(frozen=True)
class Confirmation:
    """``told`` is what reached the resident; ``text`` the very words."""

    done: str
    told: str
    text: str


def confirmation(office: Office, case: Case, nonce: str, by: str) -> Confirmation | None:
    """Return what this reader's form with this one-time mark did to this request, or None."""
    own = (entry for entry in case.entries if entry.by == by)
    entry = next((entry for entry in own if nonce and entry.nonce == nonce), None)
    if entry is None:
        return None
    said = _DONE.get(Kind(entry.kind))
    done = said(office, entry.facts) if said else title(office, entry)
    return Confirmation(done, _told(case, entry), entry.text)


def _told(case: Case, entry: Entry) -> str:
    # One click may write several lines: put right, then handed over, or told by us that it is back.
    own = [
        f":{other.id}"
        for other in case.entries
        if other.is_public
        and other.id >= entry.id
        and other.at == entry.at
        and other.by in (entry.by, BY_TOWNLINE)
    ]
    if not own:
        return _("The resident was not told.")
    for letter in lookups.letters_of(case.request.id):
        if letter.recipient == case.request.resident_email and letter.dedupe_key.endswith(tuple(own)):
            return _("The resident gets a letter: “%(subject)s”.", subject=letter.subject)
    if not case.request.resident_email:
        return _("The resident left no e-mail address. It shows on their own page.")
    return _("The resident sees it on their own page. No letter was sent.")


def _rerouted(office: Office, facts: dict[str, Any]) -> str:
    if facts.get("effect") == "stays":
        return _("Done: it is put right, and stays where it is.")
    if facts.get("effect") == "colleague":
        name = person_name(office, facts)
        return _("Done: it is put right. %(name)s has it now and gets everything by mail.", name=name)
    agency = agency_name(office, facts)
    if facts.get("effect") == "agency":
        return _("Done: it is put right. %(agency)s gets it, and it waits for their answer.", agency=agency)
    return _(
        "Done: it is put right and has ended. The resident is told to turn to %(agency)s.", agency=agency
    )


def _accepted(office: Office, facts: dict[str, Any]) -> str:
    if not facts.get("expected"):
        return _("Thank you. We have noted that you take it.")
    day = format_date(date.fromisoformat(facts["expected"]), "full", locale=locale())
    return _("Thank you. We have noted that you take it, and expect to be done by %(day)s.", day=day)


_DONE: dict[Kind, Callable[[Office, dict[str, Any]], str]] = {
    Kind.ACKNOWLEDGED: lambda office, facts: _("Done: you have said that you have it."),
    Kind.STARTED: lambda office, facts: _("Done: the work has begun."),
    Kind.ANSWERED: lambda office, facts: _("Done: your answer is on its way."),
    Kind.NOTED: lambda office, facts: _("Done: your note is kept. Only the town sees it."),
    Kind.ASKED_RESIDENT: lambda office, facts: _(
        "Done: your question is on its way. The request waits for the answer."
    ),
    Kind.REROUTED: _rerouted,
    Kind.REASSIGNED: lambda office, facts: _(
        "Done: %(name)s has the request now and gets everything by mail.", name=person_name(office, facts)
    ),
    Kind.HANDED_OFF: lambda office, facts: _(
        "Done: %(agency)s gets the whole request. It waits for their answer.",
        agency=agency_name(office, facts),
    ),
    Kind.REDIRECTED: lambda office, facts: _(
        "Done: the request has ended. The resident is told to turn to %(agency)s.",
        agency=agency_name(office, facts),
    ),
    Kind.FINISHED: lambda office, facts: _("Done: the request has ended."),
    Kind.REOPENED: lambda office, facts: _("Done: the request is open again."),
    Kind.AGENCY_ACCEPTED: _accepted,
    Kind.AGENCY_REFUSED: lambda office, facts: _("Thank you. The town has the request again."),
    Kind.AGENCY_FINISHED: lambda office, facts: _("Thank you. We have noted that it is done."),
}

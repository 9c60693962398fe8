"""What was done, in the words of who reads it? For the page after a click and the letter after a mail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from babel.dates import format_date
from flask_babel import force_locale
from flask_babel import gettext as _

from casework.letters import name_of
from casework.office import Office
from casework.spent_words import spent_of, spent_words
from casework.undoing import TIME_PUT_RIGHT
from lifecycle.journal import Kind

Facts = Mapping[str, Any]


def done(office: Office, kind: Kind, facts: Facts, language: str) -> str:
    """Return one sentence, to whoever did it; empty for kinds that nobody does by hand."""
    said = _DONE.get(kind)
    if said is None:
        return ""
    with force_locale(language.replace("-", "_")):
        return said(_Reader(office, language), facts)


def taken_back(facts: Facts, language: str) -> str:
    """Return what became of the letters of an act that was undone; ``facts`` are of the undoing."""
    kinds = facts.get("corrected") or []
    with force_locale(language.replace("-", "_")):
        if any(kind.startswith("resident_") for kind in kinds):
            return _(
                "The letter to the resident had left already. They get a short one: please disregard it."
            )
        if kinds:
            return _("Whoever had a letter about it already is told.")
        return _("No letter had left, so nobody hears of it.")


class _Reader:
    """Names as one reader knows them."""

    def __init__(self, office: Office, language: str) -> None:
        self._office, self.language = office, language

    def agency(self, facts: Facts) -> str:
        known = facts.get("agency") in self._office.rulebook.agencies
        name = name_of(self._office, f"agency:{facts['agency']}", self.language) if known else ""
        return name or _("the agency")

    def person(self, facts: Facts) -> str:
        to = str(facts.get("to") or "")
        return (
            name_of(self._office, f"person:{to}", self.language) if to in self._office.rulebook.people else to
        )


def _rerouted(reader: _Reader, facts: Facts) -> str:
    if facts.get("effect") == "stays":
        return _("Done: it is put right, and stays where it is.")
    if facts.get("effect") == "colleague":
        name = reader.person(facts)
        return _("Done: it is put right. %(name)s has it now and gets everything by mail.", name=name)
    agency = reader.agency(facts)
    if facts.get("effect") == "agency":
        return _("Done: it is put right. %(agency)s gets it, and it waits for their answer.", agency=agency)
    return _(
        "Done: it is put right and has ended. The resident is told to turn to %(agency)s.", agency=agency
    )


def _accepted(reader: _Reader, facts: Facts) -> str:
    if not facts.get("expected"):
        return _("Thank you. We have noted that you take it.")
    locale = reader.language.replace("-", "_")
    day = format_date(date.fromisoformat(facts["expected"]), "full", locale=locale)
    return _("Thank you. We have noted that you take it, and expect to be done by %(day)s.", day=day)


def _undone(reader: _Reader, facts: Facts) -> str:
    if facts.get("not_recalled"):
        agency = reader.agency({"agency": facts["not_recalled"]})
        return _(
            "Undone here. But %(agency)s has the report in its own system already, and nothing takes it out "
            "of there. Please call them.",
            agency=agency,
        )
    return _("Undone: the request is as it was before.")


def _noted(reader: _Reader, facts: Facts) -> str:
    spent = spent_of(facts)
    if TIME_PUT_RIGHT in facts:
        if not spent:
            return _("Done: the noted time is removed.")
        return _("Done: the noted time now says %(spent)s.", spent=spent_words(spent, reader.language))
    if not spent:
        return _("Done: your note is kept. Only the town sees it.")
    said = spent_words(spent, reader.language)
    return _("Done: %(spent)s noted. Only the town sees it.", spent=said)


_DONE: dict[Kind, Callable[[_Reader, Facts], str]] = {
    Kind.ACKNOWLEDGED: lambda reader, facts: _("Done: you have said that you have it."),
    Kind.STARTED: lambda reader, facts: _("Done: the work has begun."),
    Kind.ANSWERED: lambda reader, facts: _("Done: your answer is on its way."),
    Kind.NOTED: _noted,
    Kind.ASKED_RESIDENT: lambda reader, facts: _(
        "Done: your question is on its way. The request waits for the answer."
    ),
    Kind.REROUTED: _rerouted,
    Kind.REASSIGNED: lambda reader, facts: _(
        "Done: %(name)s has the request now and gets everything by mail.", name=reader.person(facts)
    ),
    Kind.HANDED_OFF: lambda reader, facts: _(
        "Done: %(agency)s gets the whole request. It waits for their answer.",
        agency=reader.agency(facts),
    ),
    Kind.REDIRECTED: lambda reader, facts: _(
        "Done: the request has ended. The resident is told to turn to %(agency)s.",
        agency=reader.agency(facts),
    ),
    Kind.FINISHED: lambda reader, facts: _("Done: the request has ended."),
    Kind.REOPENED: lambda reader, facts: _("Done: the request is open again."),
    Kind.AGENCY_ACCEPTED: _accepted,
    Kind.AGENCY_REFUSED: lambda reader, facts: _("Thank you. The town has the request again."),
    Kind.AGENCY_FINISHED: lambda reader, facts: _("Thank you. We have noted that it is done."),
    Kind.UNDONE: _undone,
    Kind.RELEASED: lambda reader, facts: _(
        "Done: it is released, and everybody hears of it who would have heard at once."
    ),
}

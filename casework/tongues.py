"""Which language does somebody of the town read? Their own where the rules say so, else the town's first."""

from __future__ import annotations

import flask_babel
from flask import g

from casework.office import Office
from routing.rulebook import Person


def reads(office: Office, person: Person | None) -> str:
    """Return the language of letters to a person and of pages that they open from them, as a tag."""
    return (person.language if person else None) or office.rulebook.town.languages[0]


def who_reads(office: Office, by: str) -> str:
    """Return the language of ``person:<id>``; of an agency, or somebody unknown, the town's first."""
    kind, _colon, who = by.partition(":")
    return reads(office, office.rulebook.people.get(who) if kind == "person" else None)


def read_at(office: Office, address: str) -> str:
    """Return the language read at a mailbox: of the first person with it, else the town's first."""
    people = office.rulebook.people.values()
    return reads(office, next((one for one in people if one.email.lower() == address.lower()), None))


def speak(language: str) -> None:
    """Go on in the language of the letter that led to this page, unless its address asks for another."""
    g.letter_language = language
    flask_babel.refresh()

"""How is an employee written to about more than one request? A letter of the town's own thread."""

from __future__ import annotations

from typing import Any

from flask_babel import force_locale

from casework.office import Office
from casework.tongues import reads
from mail.address import domain_of, message_id
from mail.letter import LONGEST_NAME, Letter, one_line
from routing.rulebook import Person


def of_many(office: Office, name: str, person: Person, **context: Any) -> Letter:
    """Return the finished letter ``name``, which is about no single request."""
    town, language = office.rulebook.town, reads(office, person)
    with force_locale(language.replace("-", "_")):
        words = office.composer.compose(
            name, language, town=town, base_url=office.base_url, person=person, **context
        )
    return Letter(
        to=person.email,
        subject=words.subject,
        text=words.text,
        html=words.html,
        sender=office.sender,
        sender_name=one_line(town.name.said(language), LONGEST_NAME),
        message_id=message_id(name, domain_of(office.sender)),
    )

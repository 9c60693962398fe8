"""Among whom and what may the reader choose? Colleagues, services and own times, the likely ones first."""

from __future__ import annotations

from collections.abc import Sequence

from babel.dates import format_skeleton

from casework.office import Office
from casework.spent_words import spent_words
from desk import words
from storage.tables import ServiceRequest
from storage.timesheet import Noted

Option = tuple[str, str, str]
"""Value, label, hint."""


def colleagues(office: Office, request: ServiceRequest, me: str) -> tuple[list[Option], list[Option]]:
    """Return the town's people without the assignee: the likely ones, then the rest."""
    language, people = str(words.locale()), office.rulebook.people
    service = office.rulebook.services.get(request.service)
    meant = office.rulebook.person_for(service.assignee) if service else None
    mine = people.get(request.assignee) or people.get(me)
    likely: list[Option] = []
    others: list[Option] = []
    for person in people.values():
        if person.id == request.assignee:
            continue
        department = office.rulebook.departments[person.department].name.said(language)
        near = [mine, meant]
        is_near = any(
            one and (person.department == one.department or person.id in (one.id, one.deputy)) for one in near
        )
        (likely if is_near else others).append((person.id, person.name.said(language), department))
    # Whose service it is comes before everybody who merely sits nearby.
    likely.sort(key=lambda option: meant is None or option[0] != meant.id)
    return likely, others


def services(office: Office) -> list[tuple[str, list[Option]]]:
    """Return the town's services under their headings."""
    language, rulebook = str(words.locale()), office.rulebook
    return [
        (
            group.name.said(language),
            [
                (service.code, service.name.said(language), "")
                for service in rulebook.services.values()
                if service.group == group.id
            ],
        )
        for group in rulebook.groups.values()
    ]


def times(office: Office, own: Sequence[Noted]) -> list[Option]:
    """Return what the reader has noted on a request, newest first, to choose from."""
    return [
        (
            str(one.number),
            spent_words(one.spent, str(words.locale())),
            format_skeleton("yMMMd", one.at.astimezone(office.zone), locale=words.locale()),
        )
        for one in own
    ]

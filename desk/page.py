"""What stands on a signed page? Everything about one request, in words, ready for the template."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from casework.errors import status_words
from casework.letters import answer_lines, ending_words
from casework.office import Office
from desk import words
from desk.map import Drawing, draw
from lifecycle.status import Ending, Status
from mail.composer import plain
from routing.rulebook import Agency, Person
from storage.lookups import Case
from storage.tables import ServiceRequest

ON_THE_ROAD = 8  # metres from the middle of a road: a position is hardly more precise
Option = tuple[str, str, str]
"""Value, label, hint."""


@dataclass(frozen=True)
class Sheet:
    """One request as its reader sees it."""

    number: str
    service: str
    department: str
    assignee: str
    status: str
    status_kind: str
    is_ended: bool
    description: str
    place: str
    answers: list[tuple[str, str]]
    position: tuple[float, float] | None
    map: Drawing | None
    map_words: str
    photos: tuple[str, ...]
    contact: dict[str, str] | None
    dues: list[words.Due]
    history: list[dict[str, Any]]
    may_share: bool
    has_email: bool


def sheet(office: Office, case: Case, purpose: str, *, may_act: bool, now: datetime) -> Sheet:
    """Return the page of a request; an agency sees what is public, and the contact only with consent."""
    request, language = case.request, str(words.locale())
    is_staff = purpose == "employee"
    status = Status(request.status)
    person = office.rulebook.people.get(request.assignee)
    service = office.rulebook.services.get(request.service)
    position = None if request.lat is None or request.lon is None else (request.lat, request.lon)
    sees_contact = is_staff or (request.may_share and may_act)
    return Sheet(
        number=request.number,
        service=service.name.said(language) if service else request.service,
        department=_department(office, person, language),
        assignee=person.name.said(language) if person else request.assignee,
        status=_status(request, status, language),
        status_kind=words.TAGS.get(status, ""),
        is_ended=status is Status.ENDED,
        description=plain(request.description),
        place=plain(request.place),
        answers=[(label, plain(value)) for label, value in answer_lines(office, request, language)],
        position=position,
        map=draw(office.layers.outlines(), *position) if position else None,
        map_words=_map_words(office, position) if position else "",
        photos=tuple(dict.fromkeys(photo.sha256 for photo in case.photos)),
        contact=_contact(request) if sees_contact else None,
        dues=_dues(office, request, now) if is_staff else [],
        history=words.history(office, case.entries if is_staff else case.public_entries),
        may_share=request.may_share,
        has_email=bool(request.resident_email),
    )


def colleagues(office: Office, request: ServiceRequest, me: str) -> tuple[list[Option], list[Option]]:
    """Return the town's people without the assignee: the likely ones, then the rest."""
    language, people = str(words.locale()), office.rulebook.people
    mine = people.get(request.assignee) or people.get(me)
    likely: list[Option] = []
    others: list[Option] = []
    for person in people.values():
        if person.id == request.assignee:
            continue
        department = office.rulebook.departments[person.department].name.said(language)
        is_near = mine is not None and (person.department == mine.department or person.id == mine.deputy)
        (likely if is_near else others).append((person.id, person.name.said(language), department))
    return likely, others


def agencies(office: Office, request: ServiceRequest) -> list[Option]:
    """Return every agency, those that the rules know for this service first, with what will happen."""
    known = list(dict.fromkeys((request.agency, *_agencies_in_rules(office, request.service))))
    listed = sorted(
        office.rulebook.agencies.values(),
        key=lambda agency: known.index(agency.id) if agency.id in known else len(known),
    )
    return [_option(agency) for agency in listed]


def kind_words(agency: Agency) -> str:
    return {
        "county": _("County"),
        "state": _("State"),
        "village": _("Village"),
        "utility": _("Utility"),
        "district": _("District"),
        "park": _("Parks"),
        "conservation": _("Conservation"),
        "animal-welfare": _("Animal welfare"),
        "neighbour": _("Neighboring town"),
        "private": _("Private"),
    }[agency.kind]


def _option(agency: Agency) -> Option:
    language = str(words.locale())
    if agency.handoff == "mail":
        happens = _("We hand it over by mail and tell the resident.")
    elif agency.phone:
        happens = _("The request ends. The resident is told to call %(phone)s.", phone=agency.phone)
    else:
        happens = _("The request ends. The resident is told whom to contact.")
    return agency.id, agency.name.said(language), f"{kind_words(agency)}. {happens}"


def _agencies_in_rules(office: Office, code: str) -> Iterator[str]:
    service = office.rulebook.services.get(code)
    for rule in office.rulebook.rules:
        target = rule.card or rule.handoff
        is_meant = code in rule.when.service or (service is not None and service.group in rule.when.group)
        if target and is_meant:
            yield target


def _department(office: Office, person: Person | None, language: str) -> str:
    return office.rulebook.departments[person.department].name.said(language) if person else ""


def _status(request: ServiceRequest, status: Status, language: str) -> str:
    if status is Status.ENDED and request.ending:
        return _("ended: %(outcome)s", outcome=ending_words(Ending(request.ending), language))
    return status_words(status)


def _contact(request: ServiceRequest) -> dict[str, str] | None:
    contact = {
        "name": plain(request.resident_name),
        "phone": plain(request.resident_phone),
        "email": plain(request.resident_email),
    }
    return contact if any(contact.values()) else None


def _dues(office: Office, request: ServiceRequest, now: datetime) -> list[words.Due]:
    is_over = request.ended_at is not None
    first_at = request.answered_at or request.ended_at
    dues = [
        words.due(office, _("Finish by"), request.finish_due_at, kept_at=request.ended_at, now=now),
    ]
    if not is_over or request.answered_at:
        first = words.due(office, _("First answer by"), request.acknowledge_due_at, kept_at=first_at, now=now)
        dues.insert(0, first)
    return dues


def _map_words(office: Office, position: tuple[float, float]) -> str:
    lat, lon = position
    road = office.layers.nearest_road(lat, lon)
    where = _("Map: the place is at %(lat).5f, %(lon).5f.", lat=lat, lon=lon)
    if road is None or not road.name:
        return where
    metres = round(road.distance_m)
    near = _("The nearest road is %(road)s, %(metres)d m away.", road=road.name, metres=metres)
    return f"{where} {near if metres > ON_THE_ROAD else _('It is on %(road)s.', road=road.name)}"

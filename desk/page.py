"""What stands on a signed page? Everything about one request, in words, ready for the template."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from babel.numbers import format_currency
from flask_babel import gettext as _
from flask_babel import pgettext

from casework.consent import agreed_agency, shares_with
from casework.costing import cost_of, spent_on
from casework.errors import status_words
from casework.held_words import in_words
from casework.letters import answer_lines, ending_words, resident_reads
from casework.office import Office
from casework.promises import held_until
from casework.recipients import resident_bounce
from casework.spent_words import spent_words
from desk import words
from desk.map import Drawing, draw
from desk.why import Why, why
from lifecycle.journal import Kind
from lifecycle.status import WAITING, Ending, Status
from mail.composer import plain
from routing.rulebook import Person
from storage import followers
from storage.lookups import Case
from storage.tables import ServiceRequest

ON_THE_ROAD = 8  # metres from the middle of a road: a position is hardly more precise


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
    is_open_here: bool
    """It has not ended and waits for nobody outside."""
    description: str
    place: str
    answers: list[tuple[str, str]]
    position: tuple[float, float] | None
    has_place: bool
    """Whether the service is about a place at all."""
    map: Drawing | None
    map_words: str
    photos: tuple[str, ...]
    contact: dict[str, str] | None
    dues: list[words.Due]
    history: list[dict[str, Any]]
    sharing: str
    """Only for the town: whether name and contact would go along to an agency."""
    has_email: bool
    bounce: str
    """What a mail server said when a letter to the resident came back; empty while the address works."""
    why: Why | None
    """Only for the town: why it is with whoever has it."""
    spent: str = ""
    """Only for the town: the hours, vehicle and materials noted so far, and what they cost."""
    reads: str = ""
    """The resident's language, where it is not the staff's; empty otherwise."""
    voices: int = 0
    """How many other residents say the same."""
    have_added: bool = False
    """Whether any of them wrote something."""
    held: tuple[str, ...] = ()
    """Why it is held, in sentences; empty when it is not."""

    @property
    def is_homeless(self) -> bool:
        """Return whether somebody must find out first whose job it is."""
        return self.is_open_here and self.why is not None and (self.why.is_unsure or self.why.is_returned)


def sheet(office: Office, case: Case, purpose: str, *, may_act: bool, now: datetime) -> Sheet:
    """Return the page of a request; an agency sees what is public, and the contact only with consent."""
    request, language = case.request, str(words.locale())
    is_staff = purpose == "employee"
    status = Status(request.status)
    person = office.rulebook.people.get(request.assignee)
    service = office.rulebook.services.get(request.service)
    reason = why(office, case) if is_staff and status is not Status.ENDED else None
    position = None if request.lat is None or request.lon is None else (request.lat, request.lon)
    sees_contact = is_staff or (may_act and shares_with(request, request.agency))
    return Sheet(
        number=request.number,
        service=service.name.said(language) if service else request.service,
        department=_department(office, person, language),
        assignee=person.name.said(language) if person else request.assignee,
        status=_status(request, status, language),
        status_kind=words.TAGS.get(status, ""),
        is_ended=status is Status.ENDED,
        is_open_here=status not in (Status.ENDED, Status.WAITING_AGENCY),
        description=plain(request.description),
        place=plain(request.place),
        answers=[(label, plain(value)) for label, value in answer_lines(office, request, language)],
        position=position,
        has_place=service is None or service.location != "none",
        map=draw(office.layers.outlines(), *position) if position else None,
        map_words=map_words(office, position) if position else "",
        photos=tuple(dict.fromkeys(one.sha256 for one in (case.photos if is_staff else case.public_photos))),
        contact=_contact(request) if sees_contact else None,
        dues=_dues(office, request, now) if is_staff else [],
        history=_history(office, case, reason) if is_staff else words.history(office, case.public_entries),
        sharing=_sharing(office, request) if is_staff else "",
        has_email=bool(request.resident_email),
        bounce=_bounce(case) if is_staff else "",
        why=reason,
        spent=_spent(office, request) if is_staff else "",
        reads=resident_reads(request, language.replace("_", "-")),
        voices=followers.count(request.id) if is_staff else 0,
        have_added=any(entry.text and entry.kind == Kind.FOLLOWED for entry in case.entries),
        held=tuple(in_words(request.held_signs)) if request.held_at is not None else (),
    )


def _bounce(case: Case) -> str:
    entry = resident_bounce(case.request.id)
    return (plain(entry.text) or _("It gave no reason.")) if entry else ""


def _history(office: Office, case: Case, reason: Why | None) -> list[dict[str, Any]]:
    """Return what has happened; what already stands at the top of the page is not said twice."""
    lines = words.history(office, case.entries, case.undone)
    for line in lines:
        if reason and line["text"] in (reason.reason, reason.said):
            line["text"] = ""
    last = case.entries[-1] if case.entries else None
    if last is not None and last.kind == Kind.FINISHED and case.request.ending:
        lines[0]["title"] = pgettext("how a request stands", "Finished")
    return lines


def _department(office: Office, person: Person | None, language: str) -> str:
    return office.rulebook.departments[person.department].name.said(language) if person else ""


def _status(request: ServiceRequest, status: Status, language: str) -> str:
    if request.held_at is not None:
        return _("held")
    if status is Status.ENDED and request.ending:
        return _("ended: %(outcome)s", outcome=ending_words(Ending(request.ending), language))
    return status_words(status)


def _spent(office: Office, request: ServiceRequest) -> str:
    language, spent = str(words.locale()), spent_on(request.id)
    if not spent:
        return ""
    cost, rates = cost_of(office, request.id), office.rulebook.rates
    said = spent_words(spent, language)
    if cost is None or rates is None:
        return said
    amount = format_currency(cost / 100, rates.currency, locale=words.locale())
    return _("%(spent)s: %(amount)s by the town's rates", spent=said, amount=amount)


def _sharing(office: Office, request: ServiceRequest) -> str:
    agreed = agreed_agency(request)
    if agreed is not None:
        return _(
            "With a hand-over to %(agency)s, the resident's name and contact go along: they agreed to that. "
            "To nobody else.",
            agency=words.agency_name(office, {"agency": agreed}),
        )
    if request.may_share:
        return _("With a hand-over, the resident's name and contact go along: they agreed.")
    return _(
        "With a hand-over, the resident's name and contact stay here: they did not agree to pass them on."
    )


def _contact(request: ServiceRequest) -> dict[str, str] | None:
    contact = {
        "name": plain(request.resident_name),
        "phone": plain(request.resident_phone),
        "email": plain(request.resident_email),
    }
    return contact if any(contact.values()) else None


def _dues(office: Office, request: ServiceRequest, now: datetime) -> list[words.Due]:
    """Return what was promised, with the time added in which it waited for others."""
    is_over = request.ended_at is not None
    first_at = request.answered_at or request.ended_at
    dues = [_due(office, request, _("Finish by"), request.finish_due_at, request.ended_at, now)]
    if not is_over or request.answered_at:
        label = _("First answer by")
        dues.insert(0, _due(office, request, label, request.acknowledge_due_at, first_at, now))
    return dues


def _due(
    office: Office,
    request: ServiceRequest,
    label: str,
    promised: datetime,
    kept_at: datetime | None,
    now: datetime,
) -> words.Due:
    if kept_at is not None and kept_at <= promised:
        return words.due(office, label, promised, kept_at=kept_at, now=now)
    at, status = held_until(office, request, promised, now), Status(request.status)
    if kept_at is None and status in WAITING:
        return words.paused(office, label, at, is_agency=status is Status.WAITING_AGENCY)
    return words.due(office, label, at, kept_at=kept_at, now=now)


def map_words(office: Office, position: tuple[float, float]) -> str:
    """Return the map for those who do not see it."""
    lat, lon = position
    road = office.layers.nearest_road(lat, lon)
    where = _("Map: the place is at %(lat).5f, %(lon).5f.", lat=lat, lon=lon)
    if road is None or not road.name:
        return where
    metres = round(road.distance_m or 0)
    near = _("The nearest road is %(road)s, %(metres)d m away.", road=road.name, metres=metres)
    on = _("It is on %(road)s.", road=road.name)
    return f"{where} {near if metres > ON_THE_ROAD else on}"

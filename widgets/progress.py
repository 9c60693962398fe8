"""What does the resident read about their request? Status, what happens next and by when, in plain words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time
from flask_babel import get_locale
from flask_babel import gettext as _

from casework.letters import answer_lines, ending_words, name_of
from casework.office import Office
from lifecycle.journal import Kind
from lifecycle.status import Ending, Status
from mail.composer import plain
from routing.rulebook import Agency
from storage.lookups import Case
from storage.tables import Entry, ServiceRequest


@dataclass(frozen=True)
class Progress:
    """One request as the person who sent it sees it."""

    number: str
    service: str
    status: str
    status_kind: str
    sentences: list[str]
    """What happens next, by when, or how it ended."""
    ending_reason: str
    said_by: str
    """Whose words the reason is: an agency, or empty for the town."""
    agency: Agency | None
    """Whom the resident may call instead of the town."""
    because: str
    description: str
    place: str
    answers: list[tuple[str, str]]
    photos: tuple[str, ...]
    history: list[dict[str, Any]]
    is_ended: bool
    is_asked: bool
    """The town waits for the resident's answer."""
    question: str
    has_email: bool


def progress(office: Office, case: Case, *, now: datetime) -> Progress:
    """Return the page of a request; only what is public goes in."""
    request, language = case.request, str(_locale())
    status = Status(request.status)
    service = office.rulebook.services.get(request.service)
    asked = [entry for entry in case.public_entries if entry.kind == Kind.ASKED_RESIDENT]
    agency_end = _ended_by_agency(case) if status is Status.ENDED else None
    said_by = name_of(office, agency_end.by, language) if agency_end else ""
    ended = [_("%(agency)s says that it is done.", agency=said_by)] if said_by else []
    return Progress(
        number=request.number,
        service=service.name.said(language) if service else request.service,
        status=_status(request, status, language),
        status_kind=_KINDS.get(status, ""),
        sentences=ended or _sentences(office, request, status, now),
        ending_reason=plain(request.ending_reason or ""),
        said_by=said_by,
        agency=_agency(office, request),
        because=request.because,
        description=plain(request.description),
        place=plain(request.place),
        answers=[(label, plain(value)) for label, value in answer_lines(office, request, language)],
        photos=tuple(dict.fromkeys(photo.sha256 for photo in case.photos)),
        history=[_line(office, entry) for entry in reversed(case.public_entries)],
        is_ended=status is Status.ENDED,
        is_asked=status is Status.WAITING_RESIDENT,
        question=plain(asked[-1].text) if asked else "",
        has_email=bool(request.resident_email),
    )


_KINDS = {Status.WAITING_RESIDENT: "warn", Status.ENDED: "soft"}


def _ended_by_agency(case: Case) -> Entry | None:
    ends = [Kind.FINISHED, Kind.REDIRECTED, Kind.WITHDRAWN, Kind.AGENCY_FINISHED]
    last = next((entry for entry in reversed(case.public_entries) if entry.kind in ends), None)
    return last if last is not None and last.kind == Kind.AGENCY_FINISHED else None


def _locale() -> Locale:
    return get_locale() or Locale("en")


def _day(office: Office, at: datetime) -> str:
    return format_date(at.astimezone(office.zone), "full", locale=_locale())


def _when(office: Office, at: datetime) -> str:
    local = at.astimezone(office.zone)
    day = format_skeleton("yMMMEd", local, locale=_locale())
    return f"{day}, {format_time(local, 'short', locale=_locale())}"


def _status(request: ServiceRequest, status: Status, language: str) -> str:
    if status is Status.ENDED and request.ending:
        return _("Ended: %(outcome)s", outcome=ending_words(Ending(request.ending), language))
    return {
        Status.RECEIVED: _("Received"),
        Status.ACKNOWLEDGED: _("Somebody has it"),
        Status.IN_PROGRESS: _("Work has begun"),
        Status.WAITING_RESIDENT: _("Waiting for your answer"),
        Status.WAITING_AGENCY: _("Handed over"),
        Status.REOPENED: _("Open again"),
    }[status]


def _agency(office: Office, request: ServiceRequest) -> Agency | None:
    is_theirs = request.status == Status.WAITING_AGENCY or request.ending == Ending.REDIRECTED
    return office.rulebook.agencies.get(request.agency or "") if is_theirs else None


def _department(office: Office, request: ServiceRequest) -> str:
    language = str(_locale())
    person = office.rulebook.people.get(request.assignee)
    if person is None:
        return office.rulebook.town.name.said(language)
    return office.rulebook.departments[person.department].name.said(language)


def _sentences(office: Office, request: ServiceRequest, status: Status, now: datetime) -> list[str]:
    if status is Status.ENDED:
        return [_ended(office, request)]
    if status is Status.WAITING_AGENCY:
        agency = _agency(office, request)
        name = agency.name.said(str(_locale())) if agency else _("the agency")
        return [_("%(agency)s has your request. They decide what is done and when.", agency=name)]
    if status is Status.WAITING_RESIDENT:
        return [_("We need your answer to go on.")]
    team = _department(office, request)
    return [*_who(office, request, status, team, now), _by_when(office, request, now)]


def _who(office: Office, request: ServiceRequest, status: Status, team: str, now: datetime) -> list[str]:
    if status is Status.IN_PROGRESS:
        return [_("%(team)s is working on it.", team=team)]
    if status is Status.ACKNOWLEDGED:
        return [_("%(team)s has seen it and takes care of it.", team=team)]
    if now > request.acknowledge_due_at:
        return [_("It is with %(team)s. Nobody has answered yet.", team=team)]
    day = _day(office, request.acknowledge_due_at)
    return [_("It is with %(team)s. A person there looks at it by %(day)s.", team=team, day=day)]


def _by_when(office: Office, request: ServiceRequest, now: datetime) -> str:
    day = _day(office, request.finish_due_at)
    if now > request.finish_due_at:
        phone = office.rulebook.town.phone
        return _(
            "We wanted to finish by %(day)s. We are late. You can call us: %(phone)s.", day=day, phone=phone
        )
    return _("We aim to finish by %(day)s.", day=day)


def _ended(office: Office, request: ServiceRequest) -> str:
    ending = Ending(request.ending) if request.ending else Ending.NO_ACTION
    agency = _agency(office, request)
    name = agency.name.said(str(_locale())) if agency else _("another office")
    return {
        Ending.FIXED: _("The town says that it is fixed."),
        Ending.NO_ACTION: _("The town does not act on this."),
        Ending.REDIRECTED: _("This belongs to %(agency)s.", agency=name),
        Ending.DUPLICATE: _(
            "Somebody had told us already. We handle it under number %(number)s.",
            number=request.duplicate_of or "",
        ),
        Ending.NOT_FOUND: _("We looked and could not find it."),
        Ending.WITHDRAWN: _("You took it back."),
        Ending.SPAM: _("It was not treated as a request."),
    }[ending]


def _line(office: Office, entry: Entry) -> dict[str, Any]:
    title = _SAID.get(Kind(entry.kind))
    by = "" if entry.by in ("resident", "townline") else name_of(office, entry.by, str(_locale()))
    return {
        "title": title(office, entry.facts) if title else "",
        "when": _when(office, entry.at),
        "iso": entry.at.isoformat(timespec="minutes"),
        "by": by,
        "text": plain(entry.text),
    }


def _agency_of(office: Office, facts: dict[str, Any]) -> str:
    agency = office.rulebook.agencies.get(facts.get("agency") or "")
    return agency.name.said(str(_locale())) if agency else _("another office")


def _outcome(office: Office, facts: dict[str, Any]) -> str:
    ending = ending_words(Ending(facts["ending"]), str(_locale())) if facts.get("ending") else ""
    return _("Ended: %(outcome)s", outcome=ending)


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
    Kind.AGENCY_ACCEPTED: lambda office, facts: _("They take care of it"),
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

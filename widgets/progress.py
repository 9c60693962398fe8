"""What does the resident read about their request? Status, what happens next and by when, in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import pgettext
from markupsafe import escape

from casework.letters import answer_lines, name_of
from casework.office import Office
from casework.promises import held_until
from languages.said import Said, without
from lifecycle.journal import Kind
from lifecycle.status import Ending, Status
from mail.composer import plain
from routing.rulebook import Agency, Rule
from storage.lookups import Case
from storage.tables import Entry, ServiceRequest
from widgets.history import history, in_words, reader_locale, unbroken


@dataclass(frozen=True)
class Progress:
    """One request as the person who sent it sees it."""

    number: str
    service: str
    status: str
    status_kind: str
    sentences: list[str]
    """What happens next, by when, or how it ended."""
    notice: str
    """The town's one more sentence, where its rule has one."""
    ending_reason: str
    said_by: str
    """Whose words the reason is: an agency, or empty for the town."""
    agency: Agency | None
    """Whom the resident may call instead of the town."""
    agency_reference: str
    """The number that the agency's own system gave it."""
    expected: str
    """The day on which the agency wants to be done."""
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
    is_quiet: bool
    """The resident wants no letters about it."""
    is_held: bool = False
    """Somebody looks at it before it goes its way, and until then no letter leaves."""


def progress(office: Office, case: Case, *, now: datetime) -> Progress:
    """Return the page of a request; only what is public goes in."""
    request, language = case.request, str(reader_locale())
    status = Status(request.status)
    service = office.rulebook.services.get(request.service)
    asked = [entry for entry in case.public_entries if entry.kind == Kind.ASKED_RESIDENT]
    agency_end = _ended_by_agency(case) if status is Status.ENDED else None
    said_by = name_of(office, agency_end.by, language) if agency_end else ""
    ended = [_("%(agency)s says that it is done.", agency=said_by)] if said_by else []
    notice = _notice(office, request)
    question = asked[-1] if asked and status is Status.WAITING_RESIDENT else None
    reason = plain(request.ending_reason or "") if status is Status.ENDED else ""
    because = _because(office, request, status, notice)
    told = {plain(question.text) if question else "", reason, because} - {""}
    is_theirs = _agency(office, request) is not None
    return Progress(
        number=request.number,
        service=service.name.said(language) if service else request.service,
        status=_status(request, status),
        status_kind=_KINDS.get(status, ""),
        sentences=ended or _sentences(office, request, status, now),
        notice=notice if status is not Status.ENDED else "",
        ending_reason=reason,
        said_by=said_by,
        agency=_agency(office, request),
        agency_reference=(request.agency_reference or "") if is_theirs else "",
        expected=in_words(request.expected_on) if request.expected_on and status is not Status.ENDED else "",
        because=because,
        description=plain(request.description),
        place=plain(request.place),
        answers=[(label, plain(value)) for label, value in answer_lines(office, request, language)],
        photos=tuple(dict.fromkeys(photo.sha256 for photo in case.public_photos)),
        history=history(office, case, told),
        is_ended=status is Status.ENDED,
        is_asked=status is Status.WAITING_RESIDENT,
        question=plain(question.text) if question else "",
        has_email=bool(request.resident_email),
        is_quiet=request.updates_stopped_at is not None,
        is_held=request.held_at is not None,
    )


_KINDS = {Status.WAITING_RESIDENT: "warn", Status.ENDED: "soft"}


def _ended_by_agency(case: Case) -> Entry | None:
    ends = [Kind.FINISHED, Kind.REDIRECTED, Kind.WITHDRAWN, Kind.AGENCY_FINISHED]
    last = next((entry for entry in reversed(case.public_entries) if entry.kind in ends), None)
    return last if last is not None and last.kind == Kind.AGENCY_FINISHED else None


def _notice(office: Office, request: ServiceRequest) -> str:
    """Return the notice of the rule that decided, where the request was told it."""
    rule = _rule(office, request)
    notice = rule.notice.said(request.language) if rule and rule.notice else ""
    return notice if notice and request.because.endswith(notice) else ""


def _rule(office: Office, request: ServiceRequest) -> Rule | None:
    return next((rule for rule in office.rulebook.rules if rule.id == request.rule), None)


def _because(office: Office, request: ServiceRequest, status: Status, notice: str) -> str:
    """Return why it is whose it is, while that still tells anything."""
    # Without a rule it only names the department, which "what happens next" does as well.
    if status is Status.ENDED or request.rule == "service":
        return ""
    rule = _rule(office, request)
    # It was said when the request was made: in its language, or in the one that the town has words in.
    tongue = rule.say.said(request.language).tongue if rule and rule.say else request.language
    return without(Said(request.because, tongue), notice)


def _day(office: Office, at: datetime) -> str:
    return in_words(at.astimezone(office.zone).date())


def _status(request: ServiceRequest, status: Status) -> str:
    if status is Status.ENDED and request.ending:
        return pgettext("how a request stands", "Ended")
    return {
        Status.RECEIVED: pgettext("how a request stands", "Received"),
        Status.ACKNOWLEDGED: _("Somebody has it"),
        Status.IN_PROGRESS: _("Work has begun"),
        Status.WAITING_RESIDENT: _("Waiting for your answer"),
        Status.WAITING_AGENCY: pgettext("how a request stands", "Handed over"),
        Status.REOPENED: _("Open again"),
    }[status]


def _agency(office: Office, request: ServiceRequest) -> Agency | None:
    is_theirs = request.status == Status.WAITING_AGENCY or request.ending == Ending.REDIRECTED
    return office.rulebook.agencies.get(request.agency or "") if is_theirs else None


def _department(office: Office, request: ServiceRequest) -> str:
    language = str(reader_locale())
    person = office.rulebook.people.get(request.assignee)
    if person is None:
        return office.rulebook.town.name.said(language)
    return office.rulebook.departments[person.department].name.said(language)


def _sentences(office: Office, request: ServiceRequest, status: Status, now: datetime) -> list[str]:
    if status is Status.ENDED:
        return [_ended(office, request)]
    if status is Status.WAITING_AGENCY:
        agency = _agency(office, request)
        name = agency.name.said(str(reader_locale())) if agency else _("the agency")
        passed = _handed_on(office, request, name)
        if agency and request.expected_on:
            return [passed, _("They have answered: see below. We tell you when it is done.")]
        return [passed, _("They decide what is done and when. We tell you what they answer.")]
    if status is Status.WAITING_RESIDENT:
        return [_("We need your answer to go on.")]
    team = _department(office, request)
    return [*_who(office, request, status, team, now), _by_when(office, request, now)]


def _handed_on(office: Office, request: ServiceRequest, name: str) -> str:
    if request.handed_off_at is None:
        return _("%(agency)s has your request.", agency=name)
    day = _day(office, request.handed_off_at)
    return _("%(agency)s has your request since %(day)s.", agency=name, day=day)


def _who(office: Office, request: ServiceRequest, status: Status, team: str, now: datetime) -> list[str]:
    if request.held_at is not None:
        return [_("We have your report. A person in the town office looks at it first.")]
    if status is Status.IN_PROGRESS:
        return [_("%(team)s is working on it.", team=team)]
    if status is Status.ACKNOWLEDGED:
        return [_("%(team)s has seen it and takes care of it.", team=team)]
    first_word_by = held_until(office, request, request.acknowledge_due_at, now)
    if now > first_word_by:
        return [_("It is with %(team)s. Nobody has answered yet.", team=team)]
    day = _day(office, first_word_by)
    return [_("It is with %(team)s. A person there looks at it by %(day)s.", team=team, day=day)]


def _by_when(office: Office, request: ServiceRequest, now: datetime) -> str:
    finish_by = held_until(office, request, request.finish_due_at, now)
    day = _day(office, finish_by)
    if now > finish_by:
        phone = office.rulebook.town.phone
        return _(
            "We wanted to finish by %(day)s. We are late. You can call us: %(phone)s.", day=day, phone=phone
        )
    return _("We aim to finish by %(day)s.", day=day)


def _ended(office: Office, request: ServiceRequest) -> str:
    ending = Ending(request.ending) if request.ending else Ending.NO_ACTION
    agency = _agency(office, request)
    name = agency.name.said(str(reader_locale())) if agency else _("another office")
    return {
        Ending.FIXED: _("The town says that it is fixed."),
        Ending.NO_ACTION: _("The town does not act on this."),
        Ending.REDIRECTED: _("This belongs to %(agency)s.", agency=name),
        Ending.DUPLICATE: escape(_("Somebody had told us already. We handle it under number %(number)s."))
        % {"number": unbroken(request.duplicate_of or "")},
        Ending.NOT_FOUND: _("We looked and could not find it."),
        Ending.WITHDRAWN: _("You took it back."),
        Ending.SPAM: _("It was not treated as a request."),
    }[ending]

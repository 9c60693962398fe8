"""How does a report reach an agency, and when is it asked again? By mail, or into its own system."""

from __future__ import annotations

from datetime import date, datetime, time

from flask_babel import force_locale
from flask_babel import gettext as _

from casework import access, letters
from casework.change import Change
from casework.consent import shares_with
from casework.office import Office
from casework.outbox import post
from lifecycle.deadlines import due
from open311.report import Contact, Report, fields
from routing.rulebook import Agency, Span
from storage import handovers, lookups
from storage.database import after_commit
from storage.tables import Handover, ServiceRequest

AFTER_THE_DAY = Span(count=1, unit="working day")
"""How long after the day that an agency named it is asked what became of it."""


def pass_on(change: Change, agency: Agency) -> None:
    """Put the report on its way to the agency, in the transaction of the hand-off."""
    if change.office.is_silent:
        return
    handovers.cancel(change.session, change.request.id)
    expect_word(change, agency)
    if agency.handoff == "open311":
        link = access.grant(
            change.session, change.office, change.request, "agency", agency.id, now=change.now
        )
        row = handover_row(
            change.office,
            change.request,
            agency,
            photos=len(change.public_photos()),
            link=access.desk_url(change.office, link),
            now=change.now,
        )
        row.request_id = change.request.id
        row.next_at = change.now + change.hold
        change.session.add(row)
        if not change.hold:
            after_commit(change.session, change.office.nudge_courier)
    else:
        mail_to(change, agency, "agency_handoff")


def mail_to(change: Change, agency: Agency, name: str, *, heard: datetime | None = None) -> None:
    """Post the letter ``name`` (the hand-off or a reminder of it) with everything in it.

    ``heard`` is when the agency last said something about it.
    """
    office, request = change.office, change.request
    value = access.grant(change.session, office, request, "agency", agency.id, now=change.now)
    link = access.desk_url(office, value)
    letter = letters.to_agency(
        office,
        request,
        change.public_photos(),
        agency=agency,
        link=link,
        because=lookups.said_by_town(change.session, request.id, request.because),
        name=name,
        heard=heard,
    )
    key = f"{name}:{request.number}:{agency.id}:{change.now.isoformat()}"
    post(
        change.session,
        office,
        letter,
        kind=name,
        dedupe_key=key,
        now=change.now,
        request_id=request.id,
        entry_id=change.act,
        hold=change.hold,
    )


def handover_row(
    office: Office, request: ServiceRequest, agency: Agency, *, photos: int, link: str, now: datetime
) -> Handover:
    """Return what is to be posted, as a row without the id of its request; no session is needed."""
    theirs = agency.open311
    assert theirs is not None, "the reader refuses open311 without an endpoint"
    language = letters.staff_language(office)
    report = Report(
        service_code=theirs.service_for(request.service),
        jurisdiction_id=theirs.jurisdiction_id or "",
        at=None if request.lat is None or request.lon is None else (request.lat, request.lon),
        place=request.place,
        words=request.description,
        before=f"Ref {request.number}",
        after=_lines(office, request, language, photos, link if theirs.link else ""),
        contact=Contact(request.resident_name, request.resident_email, request.resident_phone)
        if shares_with(request, agency.id)
        else None,
    )
    return Handover(
        dedupe_key=f"{request.number}:{agency.id}:{now.isoformat()}",
        agency=agency.id,
        endpoint=theirs.endpoint,
        fields=fields(report),
        state="queued",
        attempts=0,
        repeats=0,
        next_at=now,
        created_at=now,
    )


def _lines(office: Office, request: ServiceRequest, language: str, photos: int, link: str) -> list[str]:
    with force_locale(language.replace("-", "_")):
        town = office.rulebook.town
        lines = [
            f"{label}{'' if label.endswith('?') else ':'} {value}"
            for label, value in letters.answer_lines(office, request, language)
        ]
        if request.place:
            lines.append(_("Where: %(place)s", place=request.place))
        if photos and not link:
            # Their system may show descriptions to everybody, and our link would let anybody act.
            lines.append(_("There are photos. Ask %(email)s for them.", email=town.email))
        if link:
            lines.append(_("Photos and your answer: %(link)s", link=link))
        lines.append(_("Passed on by %(town)s.", town=town.name.said(language)))
        return lines


def remind_at(office: Office, agency: Agency, now: datetime) -> datetime:
    """Return when an agency that says nothing from ``now`` on hears from us again."""
    return due(now, agency.remind, office.calendar)


def noon(office: Office, day: date) -> datetime:
    """Return the middle of a day in town time."""
    return datetime.combine(day, time(12), tzinfo=office.zone)


def expect_word(change: Change, agency: Agency | None, *, expected_on: date | None = None) -> None:
    """Begin to wait for the agency anew: after its own day, if it named one."""
    request, office = change.request, change.office
    request.agency_reminders = 0
    request.expected_on = expected_on
    if agency is None or office.is_silent:
        request.agency_remind_at = None
    elif expected_on is None:
        request.agency_remind_at = remind_at(office, agency, change.now)
    else:
        request.agency_remind_at = due(noon(office, expected_on), AFTER_THE_DAY, office.calendar)


def expect_nothing(change: Change) -> None:
    """Stop waiting: the town has it again, or it has ended."""
    handovers.cancel(change.session, change.request.id)
    change.request.agency_remind_at = change.request.expected_on = change.request.agency_reference = None
    change.request.agency_reminders = 0

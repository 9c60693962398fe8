"""Which sentences tell beforehand what a correction leads to?"""

from __future__ import annotations

from collections.abc import Iterator

from flask_babel import get_locale
from flask_babel import gettext as _

from casework.consent import shares_with
from casework.correction import Effect, Preview
from casework.office import Office
from routing.rulebook import Agency
from storage.tables import ServiceRequest


def corrected(office: Office, plan: Preview) -> tuple[str, ...]:
    """Return what is put right, in the reader's language."""
    return tuple(_corrected(office, plan))


def followed(office: Office, plan: Preview, request: ServiceRequest) -> tuple[str, ...]:
    """Return who has it afterwards and who hears of it, in the reader's language."""
    return tuple(_followed(office, plan, request))


def _corrected(office: Office, plan: Preview) -> Iterator[str]:
    before, after = plan.before, plan.correction
    if before.service != after.service:
        was, is_now = (_service_name(office, code) for code in (before.service, after.service))
        yield _("The service changes from “%(before)s” to “%(after)s”.", before=was, after=is_now)
    if before.place != after.place:
        yield _("The place in words changes.")
    if before.at != after.at:
        if after.at is None:
            yield _("The position on the map is removed.")
        elif before.at is None:
            yield _("The request gets a position on the map.")
        else:
            yield _("The position on the map changes.")
    elif before.place != after.place and after.at is not None:
        yield _(
            "The position on the map stays where it is. The rules look at the position, not at the words."
        )


def _followed(office: Office, plan: Preview, request: ServiceRequest) -> Iterator[str]:
    if plan.effect is Effect.ASK:
        return
    if plan.before.place != plan.correction.place and plan.before.at == plan.correction.at is not None:
        yield _(
            "The position on the map stays where it is. The rules look at the position, not at the words."
        )
    agency = office.rulebook.agencies.get(plan.to)
    if plan.taken_from:
        yield _lost(office, plan.taken_from)
    if agency is None:
        yield from _kept(office, plan)
    elif plan.effect is Effect.STAYS:
        yield _("It stays with %(agency)s.", agency=_agency_name(agency))
        if agency.handoff == "mail":
            yield _("They get the corrected request by mail.")
        else:
            yield _("Please tell them yourself what has changed.")
    elif plan.effect is Effect.AGENCY:
        yield _(
            "%(agency)s gets the whole request, and it waits for their answer.", agency=_agency_name(agency)
        )
        yield _contact_goes(request, agency)
    else:
        yield _(
            "The request ends as passed on to %(agency)s; it never counts as fixed.",
            agency=_agency_name(agency),
        )
    yield _told(plan, request)
    if plan.effect is not Effect.CARD:
        yield _("The promised dates stay as they are.")


def _kept(office: Office, plan: Preview) -> Iterator[str]:
    name = _person_name(office, plan.to)
    if plan.effect is Effect.STAYS:
        yield _("It stays with %(name)s.", name=name)
    elif plan.before.agency:
        yield _("%(name)s has it then, and gets everything by mail.", name=name)
    else:
        before = _person_name(office, plan.before.assignee)
        yield _("It goes from %(before)s to %(name)s, who gets everything by mail.", before=before, name=name)


def _lost(office: Office, agency_id: str) -> str:
    agency = office.rulebook.agencies.get(agency_id)
    if agency is None:
        return _("The town takes it back.")
    if agency.email:
        return _(
            "The town takes it back. %(agency)s hears of it by mail; their page only shows it from then on.",
            agency=_agency_name(agency),
        )
    return _(
        "The town takes it back. %(agency)s has no address for mail: please call them on %(phone)s.",
        agency=_agency_name(agency),
        phone=agency.phone or _("their number"),
    )


def _contact_goes(request: ServiceRequest, agency: Agency) -> str:
    if shares_with(request, agency.id):
        return _("The resident's name and contact go along: they agreed.")
    if request.may_share:
        return _("The resident's name and contact stay here: they agreed to another agency, not to this one.")
    return _("The resident's name and contact stay here: they did not agree to pass them on.")


def _told(plan: Preview, request: ServiceRequest) -> str:
    if plan.is_returned and request.resident_email:
        return _("The resident is told by mail that the town has it again.")
    if plan.is_returned:
        return _("The resident left no e-mail address. Their own page says that the town has it again.")
    if not plan.is_told:
        return _("The resident is not written to.")
    if request.resident_email:
        return _("The resident is told who is responsible and why, by mail.")
    return _("The resident left no e-mail address. Their own page says who is responsible and why.")


def _service_name(office: Office, code: str) -> str:
    service = office.rulebook.services.get(code)
    return service.name.said(_language()) if service else code


def _person_name(office: Office, person_id: str) -> str:
    person = office.rulebook.people.get(person_id)
    return person.name.said(_language()) if person else person_id


def _agency_name(agency: Agency) -> str:
    return agency.name.said(_language())


def _language() -> str:
    return str(get_locale() or "en")

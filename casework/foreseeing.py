"""What would the rules say if service or place were put right, and what would follow? Nothing is changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from flask_babel import force_locale
from flask_babel import gettext as _

from casework import letters
from casework.correction import Correction, Effect, Preview, Standing
from casework.errors import NotPossible, WrongMove
from casework.foretelling import corrected, followed
from casework.office import Office
from lifecycle.journal import Kind
from lifecycle.status import Move, Status, is_allowed
from mail.composer import plain
from routing.decision import Decision, Facts, decide, settle, told
from routing.rulebook import Outcome
from storage import lookups
from storage.tables import ServiceRequest

A_HAND = 1e-6
"""Degrees, about the width of a hand: what a field with six decimals shows is the same place."""


def preview(
    office: Office,
    request: ServiceRequest,
    *,
    service: str,
    at: tuple[float, float] | None,
    place: str,
    road: str | None = None,
    answers: Mapping[str, str] | None = None,
    now: datetime,
) -> Preview:
    """Return what would follow.

    Raises ``WrongMove`` when it has ended, ``NotPossible`` for a service or a place that does not exist.
    """
    if not is_allowed(Status(request.status), Move.REASSIGN):
        raise WrongMove(request.number, Status(request.status), Move.REASSIGN)
    correction = exact(request, Correction(service, at, place, road, answers))
    return foresee(office, request, correction, decide_again(office, request, correction, now=now))


def decide_again(
    office: Office, request: ServiceRequest, correction: Correction, *, now: datetime
) -> Decision:
    """Return what the rules say to the corrected request; its sentences are in the resident's language."""
    facts = _facts(office, request, correction, now)
    with force_locale(request.language.replace("-", "_")):
        return decide(office.rulebook, office.layers, facts, translate=_, say=letters.staff_says(office))


def because_in(
    office: Office, request: ServiceRequest, correction: Correction, *, now: datetime
) -> Callable[[str], str]:
    """Return what says, in a language, why the corrected request is whose it is.

    Call it while the request stands as it was: others than the resident may read of it later.
    """
    facts = _facts(office, request, correction, now)

    def said(language: str) -> str:
        # A rule may ask for the resident's language: what was decided is told in another, not decided in it.
        settled = settle(office.rulebook, office.layers, facts)
        theirs, say = replace(facts, language=language), letters.staff_says(office)
        with force_locale(language.replace("-", "_")):
            return told(office.rulebook, office.layers, theirs, settled, _, say).because

    return said


def foresee(office: Office, request: ServiceRequest, correction: Correction, decision: Decision) -> Preview:
    """Return what a decision means for the request as it stands."""
    before = standing(request)
    effect, to = _effect(office, before, decision)
    leaves = effect is not Effect.ASK and before.agency is not None
    taken_from = before.agency if leaves and effect is not Effect.STAYS else None
    plan = Preview(correction, before, decision, effect, to, taken_from)
    return replace(plan, corrected=corrected(office, plan), followed=followed(office, plan, request))


def standing(request: ServiceRequest) -> Standing:
    at = None if request.lat is None or request.lon is None else (request.lat, request.lon)
    agency = request.agency if request.status == Status.WAITING_AGENCY else None
    return Standing(
        request.service, at, request.place, request.assignee, agency, request.rule, request.status
    )


def exact(request: ServiceRequest, correction: Correction) -> Correction:
    """Return the correction with what is stored where a field showed the same, only shorter or cleaner."""
    now_at = standing(request).at
    if (
        correction.at
        and now_at
        and all(abs(a - b) < A_HAND for a, b in zip(correction.at, now_at, strict=True))
    ):
        correction = replace(correction, at=now_at)
    if correction.place == plain(request.place).strip():
        correction = replace(correction, place=request.place)
    return correction


def kept_answers(office: Office, request: ServiceRequest, correction: Correction) -> dict[str, str]:
    """Return the answers that mean something to the corrected service: the rules may ask about those."""
    given = {**request.answers, **(correction.answers or {})}
    questions = {
        question.code: question for question in office.rulebook.services[correction.service].questions
    }
    return {
        code: value for code, value in given.items() if code in questions and questions[code].can_be(value)
    }


def _facts(office: Office, request: ServiceRequest, correction: Correction, now: datetime) -> Facts:
    if correction.service not in office.rulebook.services:
        raise NotPossible(_("There is no such service. Choose one from the list."))
    # Who put only the service right is not asked again what the resident has answered for this place.
    road = correction.road or (_picked(request) if correction.at == standing(request).at else None)
    try:
        return Facts(
            service=correction.service,
            at=correction.at,
            place=correction.place,
            answers=kept_answers(office, request, correction),
            text=request.description,
            language=request.language,
            widget=request.widget,
            road=road,
            now=now,
            page=request.source_page,
            absences=office.absences(now),
        )
    except ValueError as no_such_place:
        raise NotPossible(
            _("There is no such place. Latitude is -90 to 90, longitude -180 to 180.")
        ) from no_such_place


def _picked(request: ServiceRequest) -> str | None:
    found = lookups.case(request.id)
    for entry in reversed(found.in_force if found else ()):
        if entry.kind in (Kind.ROUTED, Kind.REROUTED) and "decision" in entry.facts:
            picked: str | None = entry.facts["decision"].get("picked")
            return picked
    return None


def _effect(office: Office, before: Standing, decision: Decision) -> tuple[Effect, str]:
    if decision.outcome is Outcome.ASK:
        return Effect.ASK, ""
    if decision.outcome is Outcome.HANDOFF:
        to = decision.target or ""
        return (Effect.STAYS if to == before.agency else Effect.AGENCY), to
    if decision.outcome is Outcome.CARD:
        return Effect.CARD, decision.target or ""
    to = decision.services_assignee
    if decision.outcome is Outcome.STOP:
        to = office.rulebook.clerk  # Nobody can be stopped any more; a person must look at it now.
    is_there = to == before.assignee and before.agency is None
    return (Effect.STAYS if is_there else Effect.COLLEAGUE), to

"""What if it is something else, or somewhere else? The rules are asked again, and what they said is done.

Never silently: ``preview`` shows what would follow, and ``reroute`` does exactly that. Its ``seen`` is
the mark of the preview that was looked at; when the rules, the maps or the request have changed since,
nothing is done and the preview is shown again. What was promised at submission stays promised.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _

from casework.agencies import mail_to
from casework.change import Change, changing, optional
from casework.consent import shares_with
from casework.correction import LEAVES_TOWN, Correction, Effect, Preview
from casework.errors import NoSuchRequest, NotPossible
from casework.escalating import send_to_assignee
from casework.follower_letters import SaidIn
from casework.foreseeing import because_in, decide_again, exact, foresee, kept_answers, preview
from casework.letters import staff_language
from casework.office import Office
from casework.recalling import release, tell_kept
from casework.redirecting import hand_over
from casework.telling import tell_resident
from lifecycle.journal import Kind
from lifecycle.status import Ending, Move
from routing.rulebook import Agency
from storage import lookups

__all__ = ["Correction", "Effect", "NotAsSeen", "Preview", "preview", "reroute"]


class NotAsSeen(NotPossible):
    """What was looked at would no longer be what is done."""

    def __init__(self) -> None:
        super().__init__(_("Something has changed meanwhile, so nothing was done yet. Please look again."))


def reroute(
    office: Office,
    request_id: int,
    *,
    service: str,
    at: tuple[float, float] | None,
    place: str,
    road: str | None = None,
    answers: Mapping[str, str] | None = None,
    text: str = "",
    by: str,
    now: datetime,
    seen: str | None = None,
    nonce: str | None = None,
) -> None:
    """Put service and place right and do what the rules say to it.

    ``seen`` is ``Preview.seen``; without it the rules' word of this moment is done. Raises ``WrongMove``
    when it has ended, ``NotPossible`` while the rules still ask which road is meant, ``NotAsSeen`` when
    another outcome was looked at.
    """
    text, place = optional(text), optional(place)
    found = lookups.case(request_id)
    if found is None:
        raise NoSuchRequest(request_id)
    correction = exact(found.request, Correction(service, at, place, road, answers))
    # Asked before the lock is taken: what the rules look at does not change under it.
    decision = decide_again(office, found.request, correction, now=now)
    why_in = because_in(office, found.request, correction, now=now)
    with changing(office, request_id, by=by, now=now, nonce=nonce) as change:
        if change.is_repeated:
            return
        change.move(Move.REASSIGN)
        plan = foresee(office, change.request, correction, decision)
        if seen is not None and seen != plan.seen:
            raise NotAsSeen
        if plan.effect is Effect.ASK:
            raise NotPossible(_("Two owners' roads are near. Say which of them is meant."))
        _apply(change, plan, text, why_in)


def _apply(change: Change, plan: Preview, text: str, why_in: SaidIn) -> None:
    _correct(change, plan)
    entry = change.write(Kind.REROUTED, _journal_words(change.office, plan, text), **_journal_facts(plan))
    if plan.taken_from:
        change.move(Move.TAKE_BACK)
        release(change, plan.taken_from, entry, because="not_theirs")
    agency = change.office.rulebook.agencies.get(plan.to)
    if agency is None:
        _give(change, plan, text)
    elif plan.effect is Effect.STAYS:
        _tell_again(change, agency)
    else:
        _leave(change, plan, agency, text, why_in)


def _correct(change: Change, plan: Preview) -> None:
    request, decision = change.request, plan.after
    request.service, request.place = plan.correction.service, plan.correction.place
    request.lat, request.lon = plan.correction.at or (None, None)
    given = kept_answers(change.office, request, plan.correction) if plan.correction.answers else {}
    request.answers = {**request.answers, **given}
    request.rule, request.decided = decision.rule, decision.outcome
    request.because, request.because_staff = decision.because, decision.because_staff
    request.rules_version = decision.rules_version
    request.layer_versions = dict(decision.layer_versions)


def _journal_words(office: Office, plan: Preview, text: str) -> str:
    """Return what was put right and why; places are the resident's matter and so stand in the text alone.

    All of the town's staff read it, so it is in their language, whatever whoever corrects it reads.
    """
    before, after = plan.before, plan.correction
    is_moved = (before.place, before.at) != (after.place, after.at)
    with force_locale(staff_language(office).replace("-", "_")):
        was = _("The place was: %(place)s", place=_place_words(before.place, before.at)) if is_moved else ""
    return "\n".join(part for part in (was, text) if part)


def _place_words(place: str, at: tuple[float, float] | None) -> str:
    position = "{:.5f}, {:.5f}".format(*at) if at else ""
    return ", ".join(part for part in (place, position) if part) or _("not given")


def _journal_facts(plan: Preview) -> dict[str, Any]:
    """Return what was before and is after; ``target`` is who has it, a person or an agency."""
    before, is_agencys = plan.before, plan.after.target == plan.to and plan.effect in LEAVES_TOWN
    return {
        "before": {
            "service": before.service,
            "rule": before.rule,
            "target": before.agency or before.assignee,
        },
        "after": {"service": plan.correction.service, "rule": plan.after.rule, "target": plan.to},
        "is_moved": before.at != plan.correction.at,
        "effect": plan.effect.value,
        "to": before.assignee if is_agencys or before.agency == plan.to else plan.to,
        "agency": plan.to if is_agencys else None,
        "decision": plan.after.record(),
    }


def _give(change: Change, plan: Preview, text: str) -> None:
    change.request.agency = None
    if plan.effect is Effect.COLLEAGUE:
        change.request.assignee = plan.to
        send_to_assignee(change, reason="rerouted", words=text)
    if plan.taken_from:
        tell_kept(change, plan.taken_from)


def _tell_again(change: Change, agency: Agency) -> None:
    """The agency keeps it, and reads what is right now."""
    if agency.handoff == "mail":
        mail_to(change, agency, "agency_handoff")


def _leave(change: Change, plan: Preview, agency: Agency, text: str, why_in: SaidIn) -> None:
    """The town passes it on or ends it, and the resident hears who and why."""
    request = change.request

    def with_words(because: str) -> str:
        return "\n\n".join(part for part in (because, text) if part)

    said = with_words(plan.after.because)
    is_handed_off = plan.effect is Effect.AGENCY
    if is_handed_off:
        entry = hand_over(change, agency, text=text, because=plan.after.because_town)
    else:
        request.agency = agency.id
        change.end(Ending.REDIRECTED, said)
        entry = change.write(Kind.REDIRECTED, said, agency=agency.id)
    tell_resident(
        change,
        "resident_redirected",
        entry,
        agency=agency,
        text=said,
        said_in=lambda language: with_words(why_in(language)),
        handed_off=is_handed_off,
        shared=is_handed_off and shares_with(request, agency.id),
    )

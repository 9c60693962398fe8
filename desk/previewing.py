"""What would change if this were put right? A page that shows it and changes nothing."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from casework.correction import Correction, Effect, Preview, Standing
from casework.errors import status_words
from casework.office import Office
from desk import words
from desk.map import Drawing, draw
from desk.page import map_words
from lifecycle.status import Status
from mail.composer import plain
from storage.tables import ServiceRequest

UNKNOWN_ROAD = "unknown"


@dataclass(frozen=True)
class Row:
    """One thing before and after; equal where it stays."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Foresight:
    """A preview in words, ready for the template."""

    rows: list[Row]
    changes: tuple[str, ...]
    """What follows; what is put right stands in the rows."""
    because: str
    because_staff: str
    call: str
    """The number that the rules say to call now; empty when nobody is in danger."""
    is_question: bool
    is_unsure: bool
    """No rule and no map could tell."""
    is_told: bool
    is_passed_on: bool
    """Whether a colleague will read the words that are added."""
    is_quiet: bool
    """Whether applying it would change nothing at all."""
    options: list[tuple[str, str]]
    map: Drawing | None
    map_words: str
    seen: str


def foresight(office: Office, request: ServiceRequest, plan: Preview) -> Foresight:
    """Return what the page shows of a preview."""
    at, decision = plan.correction.at, plan.after
    rows = _rows(office, request, plan)
    return Foresight(
        rows=rows,
        changes=plan.followed,
        because=plain(decision.because),
        because_staff=plain(decision.because_staff),
        call=decision.target or "" if plan.is_stop else "",
        is_question=plan.effect is Effect.ASK,
        is_unsure=decision.unsure,
        is_told=plan.is_told,
        is_passed_on=plan.effect is Effect.COLLEAGUE,
        is_quiet=plan.effect is Effect.STAYS and all(row.before == row.after for row in rows),
        options=_options(plan),
        map=draw(office.layers.outlines(), *at) if at else None,
        map_words=map_words(office, at) if at else "",
        seen=plan.seen,
    )


def _rows(office: Office, request: ServiceRequest, plan: Preview) -> list[Row]:
    before, after = plan.before, plan.correction
    return [
        Row(_("What"), _service(office, before.service), _service(office, after.service)),
        Row(_("Where"), plain(before.place) or _("not given"), plain(after.place) or _("not given")),
        Row(_("Position"), _position(before), _position(after)),
        Row(_("Who has it"), _holder(office, before), _next_holder(office, plan)),
        Row(_("Status"), status_words(Status(before.status)), _next_status(plan)),
    ]


def _service(office: Office, code: str) -> str:
    service = office.rulebook.services.get(code)
    return service.name.said(str(words.locale())) if service else code


def _position(of: Standing | Correction) -> str:
    return "{:.5f}, {:.5f}".format(*of.at) if of.at else _("none")


def _holder(office: Office, before: Standing) -> str:
    if before.agency:
        return words.agency_name(office, {"agency": before.agency})
    return words.person_name(office, {"to": before.assignee})


def _next_holder(office: Office, plan: Preview) -> str:
    if plan.effect is Effect.ASK:
        return _("depends on the road")
    if plan.to in office.rulebook.agencies:
        return words.agency_name(office, {"agency": plan.to})
    return words.person_name(office, {"to": plan.to})


def _next_status(plan: Preview) -> str:
    after = {Effect.AGENCY: Status.WAITING_AGENCY, Effect.CARD: Status.ENDED}.get(plan.effect)
    if after is None:
        after = Status.RECEIVED if plan.taken_from else Status(plan.before.status)
    return status_words(after)


def _options(plan: Preview) -> list[tuple[str, str]]:
    """Return the roads to choose from, and the way out when nobody can tell."""
    if plan.effect is not Effect.ASK:
        return []
    roads = [(option.value, option.label) for option in plan.after.options]
    return [*roads, (UNKNOWN_ROAD, _("Nobody can tell: the town clerk finds out"))]

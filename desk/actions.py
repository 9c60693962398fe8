"""Which buttons does a signed page have, and which verb does each call?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict

from casework import answering, held, receiving, redirecting, rerouting, timing
from casework.office import Office
from desk.forms import (
    AcceptForm,
    AgencyForm,
    ColleagueForm,
    CorrectionForm,
    FinishForm,
    MaySay,
    MustSay,
    PlainForm,
    RefuseForm,
    RetimeForm,
    TimeForm,
)
from lifecycle.status import Ending, Move, Status, is_allowed
from storage.tables import ServiceRequest


class Doing(TypedDict):
    """Who does it, when, and the one-time mark of the form."""

    by: str
    now: datetime
    nonce: str


@dataclass(frozen=True)
class Action:
    """One button. ``move`` is None where nothing moves and it is always allowed."""

    form: type[PlainForm]
    run: Callable[[Office, int, Any, Doing], None]
    move: Move | None = None


def _answer(office: Office, request_id: int, form: MustSay, doing: Doing) -> None:
    answering.answer(office, request_id, text=form.words, **doing)


def _note(office: Office, request_id: int, form: MustSay, doing: Doing) -> None:
    answering.note(office, request_id, text=form.words, **doing)


def _time(office: Office, request_id: int, form: TimeForm, doing: Doing) -> None:
    timing.note_time(office, request_id, spent=form.spent, text=form.words, **doing)


def _retime(office: Office, request_id: int, form: RetimeForm, doing: Doing) -> None:
    timing.put_right(office, request_id, number=form.number, spent=form.spent, text=form.words, **doing)


def _ask(office: Office, request_id: int, form: MustSay, doing: Doing) -> None:
    answering.ask_resident(office, request_id, text=form.words, **doing)


def _finish(office: Office, request_id: int, form: FinishForm, doing: Doing) -> None:
    ending = Ending(str(form.ending.data))
    other = form.duplicate_of.data if ending is Ending.DUPLICATE else None
    answering.finish(office, request_id, ending=ending, text=form.words, duplicate_of=other, **doing)


def _give(office: Office, request_id: int, form: ColleagueForm, doing: Doing) -> None:
    redirecting.reassign(office, request_id, to=str(form.to.data), text=form.words, **doing)


def _redirect(office: Office, request_id: int, form: AgencyForm, doing: Doing) -> None:
    redirecting.redirect(office, request_id, agency=str(form.agency.data), text=form.words, **doing)


def _reroute(office: Office, request_id: int, form: CorrectionForm, doing: Doing) -> None:
    rerouting.reroute(
        office,
        request_id,
        service=str(form.service.data),
        at=form.at,
        place=str(form.place.data),
        road=form.road.data or None,
        answers=form.answers,
        text=form.words,
        seen=str(form.seen.data or ""),  # nothing was looked at yet: it is shown first
        **doing,
    )


def _reopen(office: Office, request_id: int, form: MaySay, doing: Doing) -> None:
    receiving.reopen(office, request_id, text=form.words, **doing)


def _accept(office: Office, request_id: int, form: AcceptForm, doing: Doing) -> None:
    redirecting.agency_accept(office, request_id, text=form.words, expected_on=form.day, **doing)


def _refuse(office: Office, request_id: int, form: RefuseForm, doing: Doing) -> None:
    redirecting.agency_refuse(office, request_id, text=form.words, whose=form.whose.data or None, **doing)


def _done(office: Office, request_id: int, form: MaySay, doing: Doing) -> None:
    redirecting.agency_finish(office, request_id, text=form.words, **doing)


EMPLOYEE: dict[str, Action] = {
    "release": Action(
        PlainForm, lambda office, request_id, form, doing: held.release(office, request_id, **doing)
    ),
    "discard": Action(
        PlainForm, lambda office, request_id, form, doing: held.discard(office, request_id, **doing)
    ),
    "acknowledge": Action(
        PlainForm,
        lambda office, request_id, form, doing: answering.acknowledge(office, request_id, **doing),
        Move.ACKNOWLEDGE,
    ),
    "start": Action(
        PlainForm,
        lambda office, request_id, form, doing: answering.start(office, request_id, **doing),
        Move.START,
    ),
    "answer": Action(MustSay, _answer),
    "finish": Action(FinishForm, _finish, Move.FINISH),
    "ask": Action(MustSay, _ask, Move.ASK_RESIDENT),
    "note": Action(MustSay, _note),
    "time": Action(TimeForm, _time),
    "retime": Action(RetimeForm, _retime),
    "give": Action(ColleagueForm, _give, Move.REASSIGN),
    "redirect": Action(AgencyForm, _redirect, Move.HAND_OFF),
    "reroute": Action(CorrectionForm, _reroute, Move.REASSIGN),
    "reopen": Action(MaySay, _reopen, Move.REOPEN),
}
AGENCY: dict[str, Action] = {
    "accept": Action(AcceptForm, _accept, Move.TAKE_BACK),
    "done": Action(MaySay, _done, Move.TAKE_BACK),
    "refuse": Action(RefuseForm, _refuse, Move.TAKE_BACK),
}
BY_PURPOSE = {"employee": EMPLOYEE, "agency": AGENCY}
WHILE_HELD = frozenset({"release", "discard", "note"})
WAYS_OUT = WHILE_HELD - {"note"}
"""Buttons of a held request alone."""


def possible(purpose: str, request: ServiceRequest, *, now: datetime) -> dict[str, Action]:
    """Return the actions that the table of moves allows this request now, in the page's order."""
    status = Status(request.status)
    found = {
        name: action
        for name, action in BY_PURPOSE[purpose].items()
        if action.move is None or is_allowed(status, action.move)
    }
    if request.held_at is not None:
        return {name: action for name, action in found.items() if name in WHILE_HELD}
    for name in WAYS_OUT:
        found.pop(name, None)
    if not request.resident_email:
        found.pop("ask", None)
    if not receiving.can_reopen(request.ended_at, now):
        found.pop("reopen", None)
    return found

"""Somebody pressed a button: with which page do we answer, and what travels on in it?"""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask import Response
from werkzeug.datastructures import MultiDict

from casework.office import Office
from casework.opening import count_told
from routing.rulebook import Outcome
from widgets import pages
from widgets.draft import Draft
from widgets.forms import Errors
from widgets.journey import Journey
from widgets.limits import allows, sender
from widgets.tokens import FIELD, Seal
from widgets.traffic import traffic


@dataclass(frozen=True)
class Turn:
    """One sent step: where the resident stands, what came, and the form's address it came to."""

    journey: Journey
    sent: MultiDict[str, str]
    name: str
    """The last part of the form's address: a widget, a service or nothing."""

    @property
    def office(self) -> Office:
        return self.journey.office

    @property
    def seal(self) -> Seal:
        return Seal(self.office.secret)

    @property
    def form_name(self) -> str:
        return f"report/{self.name}"

    def with_draft(self, draft: Draft) -> Turn:
        return replace(self, journey=replace(self.journey, draft=draft))

    def token(self) -> str:
        """Return the form's token, or a fresh one with the same nonce where the old one will not do."""
        value = self.sent.get(FIELD, "")
        token = self.seal.read(self.form_name, value)
        if token is not None and not token.is_old(self.journey.now):
            return value
        return self.seal.issue(self.form_name, now=self.journey.now, nonce=token.nonce if token else "")


def shown(turn: Turn, step: str, *, errors: Errors | None = None, status: int = 0) -> Response:
    """Answer with a step: 422 when something is to be put right, else 200, unless ``status`` says more."""
    turn, step, errors = _settled(turn, step, errors or [])
    html = pages.render(turn.journey, step, token=turn.token(), errors=errors)
    response = Response(html, status or (422 if errors else 200), mimetype="text/html")
    # Back must work in a frame too, so steps without a name or a contact may be kept by the browser.
    is_personal = any(turn.journey.draft.text(field) for field in ("name", "email", "phone"))
    response.headers["Cache-Control"] = "no-store" if is_personal else "private, no-cache"
    return response


def _settled(turn: Turn, step: str, errors: Errors) -> tuple[Turn, str, Errors]:
    """Return the step that can really be shown; without a service nothing later can be asked."""
    journey = turn.journey
    if journey.service is None and step not in ("what", "pick"):
        step = journey.first_open()
        errors = journey.errors(step)
    elif step in ("pick", "whose") and not journey.applies(step):
        step = journey.first_open()
    elif step == "near" and not journey.applies(step):
        step = journey.after(step)
    if step == "whose":
        turn = _counted(turn)
    if step == "details" and journey.service is not None and not journey.applies("near"):
        # Nothing is near, or it was seen: what comes in while they type does not interrupt them.
        turn = turn.with_draft(turn.journey.draft.changed(near=journey.passed))
    if step == "check":
        turn = turn.with_draft(journey.draft.changed(came=""))
    return turn, step, errors


def _counted(turn: Turn) -> Turn:
    """Count once that this resident was told to call, or that it is not the town's."""
    journey = turn.journey
    decision = journey.decision
    assert journey.service is not None
    if decision.outcome not in (Outcome.STOP, Outcome.CARD) or journey.draft.text("counted") == journey.told:
        return turn
    if _counts(turn):
        count_told(turn.office, decision, journey.service.code, now=journey.now)
    return turn.with_draft(journey.draft.changed(counted=journey.told))


def _counts(turn: Turn) -> bool:
    """Whether the council's figures take this in: once for each form, and few from one network.

    The first page is kept for everybody and holds no token. Who is told at once is known by their
    network, until their form has a token of its own.
    """
    token = turn.seal.read(turn.form_name, turn.sent.get(FIELD, ""))
    if token is not None and token.is_old(turn.journey.now):
        return False
    whose = f"form {token.nonce}" if token is not None else f"network {sender()}"
    moment = turn.journey.now.timestamp()
    return traffic().tells(whose, turn.journey.told, now=moment) and allows("told")

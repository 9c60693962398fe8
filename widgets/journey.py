"""Which step comes next, and is everything said that this service needs?

what -> (pick) -> where -> (whose) -> (near) -> details -> contact -> check. A step that has nothing to ask is
left out. Whose job it is is told before more typing is asked; it is decided again when an answer
changes it, and then told again. A widget of kind ``whose`` is the same way, and ends there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from email_validator import validate_email
from flask_babel import gettext as _

from casework.me_too import Candidate, candidates
from casework.office import Office
from casework.opening import Submission
from mail.composer import single
from routing.decision import Decision, Facts, decide
from routing.rulebook import Outcome, Service
from storage.photos import StoredPhoto
from widgets import forms
from widgets.draft import Draft
from widgets.forms import Errors

STEPS = ("what", "pick", "where", "whose", "near", "details", "contact", "check")
FINDER = STEPS[: STEPS.index("whose") + 1]
"""The steps of the finder alone."""
PROGRESS: Mapping[str, int] = {
    "what": 1,
    "pick": 1,
    "where": 2,
    "whose": 2,
    "near": 2,
    "details": 3,
    "contact": 4,
    "check": 5,
}
LAST = 5
NO_IDEA = "unknown"
"""The resident's answer when two roads are near and they cannot tell which one is meant."""


def mailable(address: str) -> str:
    """Return a checked address as mail servers write it: a domain such as ``bücher.example`` in ASCII."""
    if not address:
        return ""
    return validate_email(address, check_deliverability=False, allow_smtputf8=False).ascii_email or ""


@dataclass(frozen=True)
class Journey:
    """One resident's way through the form: what they said, seen through the town's rules."""

    office: Office
    draft: Draft
    now: datetime
    language: str
    widget: str | None = None
    page: str = ""
    """The town's page on which the form stands, for rules that ask."""

    @cached_property
    def service(self) -> Service | None:
        """The service that was picked, if this widget offers it."""
        code = self.draft.text("service")
        return next((one for one in self.office.rulebook.offered(self.widget) if one.code == code), None)

    @cached_property
    def decision(self) -> Decision:
        """Whose job it is; asked only once there is a service."""
        assert self.service is not None
        draft = self.draft
        facts = Facts(
            service=self.service.code,
            at=self.at,
            answers=draft.answers(self.service),
            text=draft.text("description"),
            language=self.language,
            widget=self.widget,
            road=draft.text("road") or None,
            now=self.now,
            page=self.page,
            place=draft.text("place"),
            absences=self.office.absences(self.now),
        )
        return decide(self.office.rulebook, self.office.layers, facts, translate=_)

    @property
    def at(self) -> tuple[float, float] | None:
        return self.draft.at if self.service is not None and self.service.location != "none" else None

    @property
    def told(self) -> str:
        """A mark of the present decision: the resident who went on from it carries the same."""
        decision = self.decision
        return f"{decision.outcome}:{decision.rule}:{decision.target or ''}"

    @property
    def is_finder(self) -> bool:
        """Whether it only tells whose job it is, and sends nothing."""
        widget = self.office.rulebook.widgets.get(self.widget or "")
        return widget is not None and widget.kind == "whose"

    @property
    def steps(self) -> tuple[str, ...]:
        """The steps of this form, in order."""
        return FINDER if self.is_finder else STEPS

    @cached_property
    def near(self) -> tuple[Candidate, ...]:
        """The open requests that may be the same thing."""
        assert self.service is not None
        return candidates(self.office, self.service, self.at, now=self.now)

    @property
    def passed(self) -> str:
        """A mark of the service and the place: whoever saw what is near there is not shown it again."""
        lat, lon = self.at or (0.0, 0.0)
        return f"{self.service.code if self.service else ''}:{lat:.4f}:{lon:.4f}"

    # -- which step --

    def applies(self, step: str) -> bool:
        """Whether the step has anything to ask."""
        if step == "what":
            return True
        if self.service is None or step == "pick":
            return step == "pick" and self.service is None
        if step == "where":
            return self.service.location != "none"
        if step == "whose":
            return self.is_finder or self._must_tell()
        if step == "near":
            return self.draft.text("near") != self.passed and bool(self.near)
        return True

    def _must_tell(self) -> bool:
        outcome = self.decision.outcome
        if outcome is Outcome.ACCEPT:
            return False
        may_go_on = outcome is Outcome.HANDOFF or (outcome is Outcome.CARD and self.decision.note_anyway)
        return not (may_go_on and self.draft.text("told") == self.told)

    def errors(self, step: str) -> Errors:
        """What keeps the resident from leaving ``step``."""
        draft, service = self.draft, self.service
        if step == "what":
            return forms.what(draft)
        if service is None:
            return [("service", _("Pick what fits best."))]
        checks: Mapping[str, Callable[[], Errors]] = {
            "where": lambda: forms.where(draft, service),
            "whose": self._road_errors,
            "details": lambda: forms.details(draft, service),
            "contact": lambda: forms.contact(draft, is_required=service.contact == "required"),
        }
        return checks[step]() if step in checks else []

    def _road_errors(self) -> Errors:
        if self.decision.outcome is not Outcome.ASK:
            return []
        return forms.road(self.draft, [option.value for option in self.decision.options] + [NO_IDEA])

    def is_open(self, step: str) -> bool:
        """Whether the step must still be shown before anything can be sent."""
        return self.applies(step) and (step in ("pick", "whose", "near") or bool(self.errors(step)))

    def first_open(self, besides: tuple[str, ...] = ()) -> str:
        """Return the first step that is not done, or the last of all."""
        steps = (step for step in self.steps[:-1] if step not in besides)
        return next((step for step in steps if self.is_open(step)), self.steps[-1])

    def after(self, step: str) -> str:
        """Return the step that follows a finished one. Back from a change, that is the check."""
        reached = STEPS.index(self.first_open())
        if self.draft.text("came"):
            return STEPS[reached]
        if step == self.steps[-1]:
            return step
        ahead = next(at for at in range(STEPS.index(step) + 1, len(STEPS)) if self.applies(STEPS[at]))
        return STEPS[min(reached, ahead)]

    def before(self, step: str) -> str | None:
        """Return the step that Back leads to."""
        if self.draft.text("came"):
            return "check"
        if step == "pick":
            return "what"
        if step == "whose" and self.service and self.draft.answers(self.service):
            return "details"  # It was an answer that changed whose job it is.
        earlier = STEPS[: STEPS.index(step)]
        return next(
            (one for one in reversed(earlier) if one not in ("pick", "whose", "near") and self.applies(one)),
            None,
        )

    # -- sending --

    def _may_share(self) -> bool:
        # The tick names the agency that stood beside it: who moves the place afterwards has not agreed
        # to the next one. A plain "yes" is of a page from before the upgrade.
        agreed = self.draft.text("may_share")
        return self.decision.outcome is Outcome.HANDOFF and agreed in ("yes", self.decision.target)

    def submission(self, nonce: str, photos: tuple[StoredPhoto, ...], source_page: str) -> Submission:
        """Return what casework needs, once every step is done.

        A page sends no line break in a field of one line; what a program writes behind one would stand in
        the letters to employees and agencies as if the town had said it.
        """
        draft, service = self.draft, self.service
        assert service is not None
        return Submission(
            nonce=nonce,
            service=service.code,
            description=draft.text("description"),
            answers={code: single(answer) for code, answer in draft.answers(service).items()},
            place=single(draft.text("place")) if service.location != "none" else "",
            at=self.at,
            road=draft.text("road") or None,
            photos=photos,
            name=single(draft.text("name")),
            email=mailable(draft.text("email")),
            phone=single(draft.text("phone")),
            may_share=self._may_share(),
            language=self.language,
            channel="widget",
            widget=self.widget,
            source_page=source_page,
        )

"""What stands on the page of a step? The words and values that its template needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import render_template, request
from flask_babel import format_decimal
from flask_babel import gettext as _

from languages.said import without
from routing.decision import emergency_words
from routing.finder import Found, find
from routing.rulebook import Group, Outcome, Question, Service
from widgets import languages, private, taken, townmap, uploads, where
from widgets.draft import ANSWER, Draft
from widgets.embedding import looks
from widgets.forms import Errors
from widgets.journey import LAST, PROGRESS, Journey
from widgets.seen import report_address, seen_near

MOST_GUESSES = 3
MOST_REPLIES = 2
MOST_APART = 500.0
"""Metres that a pin may lie from the house that the words name, before that is pointed out at the check."""
ANYTHING = "other"
"""The code of the service that stands apart in every list."""


@dataclass(frozen=True)
class Reply:
    """Something that may answer a resident without a request."""

    title: str
    text: str
    website: str | None
    phone: str | None


def render(
    journey: Journey,
    step: str,
    *,
    token: str,
    errors: Errors | None = None,
    template: str = "",
    **more: object,
) -> str:
    """Return the page of ``step`` as HTML, with what is to be put right first.

    ``template`` stands in its place, with the same hidden fields and ``more`` of its own.
    """
    errors = errors or []
    words: dict[str, object] = dict(
        step=step,
        step_number=PROGRESS[step],
        step_count=LAST,
        here=_here(),
        token=token,
        errors=errors,
        wrong=dict(reversed(errors)),
        draft=journey.draft,
        journey=journey,
        service=journey.service,
        widget=journey.office.rulebook.widgets.get(journey.widget or ""),
        back=journey.before(step) if token else None,
        hidden=journey.draft.carried(step, journey.service),
        emergency=journey.office.rulebook.town.emergency,
        is_urgent=_is_urgent(journey, step),
        **_own(journey, step),
    )
    return render_template(f"widgets/{template or step}.html", **(words | more))


def _is_urgent(journey: Journey, step: str) -> bool:
    """Whether the line to call is shown above the step: never instead of it, and not where it is one."""
    is_stop = step == "whose" and journey.decision.outcome is Outcome.STOP
    return not is_stop and emergency_words(journey.office.rulebook, journey.draft.text("description"))


def _here() -> str:
    query = urlencode(looks())
    return request.path + (f"?{query}" if query else "")


def _own(journey: Journey, step: str) -> dict[str, object]:
    """Return what only this step's template asks for."""
    own: dict[str, Callable[[Journey], dict[str, object]]] = {
        "what": _what,
        "pick": _pick,
        "near": lambda one: {"near": seen_near(one.office, one.near if one.service else ())},
        "where": _where,
        "whose": _whose,
        "details": _details,
        "contact": lambda one: {"agency": _handoff_agency(one)},
        "check": _check,
    }
    return own[step](journey)


def _what(journey: Journey) -> dict[str, object]:
    return {"languages": languages.links(), **_choice(journey), "private": private.sentences()}


def _choice(journey: Journey) -> dict[str, object]:
    return {"groups": _grouped(journey), "anything": _anything(journey)}


def _pick(journey: Journey) -> dict[str, object]:
    found = _found(journey)
    guesses, replies = _guesses(journey, found), _replies(journey, found)
    return {**_choice(journey), "guesses": guesses, "replies": replies, "is_sure": found.sure}


def _where(journey: Journey) -> dict[str, object]:
    office, draft = journey.office, journey.draft
    choices, told = where.choices(office, draft), where.told(office, draft)
    return {"choices": choices, "told": told, "none": where.NONE, **townmap.for_page(office)}


def _whose(journey: Journey) -> dict[str, object]:
    rulebook, decision = journey.office.rulebook, journey.decision
    return {
        "decision": decision,
        "agency": rulebook.agencies.get(decision.target or ""),
        "department": _department(journey),
        "Outcome": Outcome,
        "report_at": report_address(),
        "has_answers": bool(journey.service and journey.draft.answers(journey.service)),
        **_told(journey),
    }


def _details(journey: Journey) -> dict[str, object]:
    # Where it is another's job that was told already, on a page of its own.
    is_told = journey.decision.outcome is Outcome.ACCEPT and not _may_still_tell(journey)
    return {
        "files": uploads.FILES,
        "prefix": ANSWER,
        "offer": taken.offered(journey),
        "private": private.sentences(),
        **(_told(journey) if is_told else {}),
    }


def _check(journey: Journey) -> dict[str, object]:
    hint = private.hint(journey.draft.text("description"))
    return {"rows": rows(journey), "hint": hint, "agency": _handoff_agency(journey), **_told(journey)}


def _department(journey: Journey) -> str:
    """The department of whoever would get it, as residents know it."""
    rulebook = journey.office.rulebook
    person = rulebook.people.get(journey.decision.target or "")
    place = rulebook.departments.get(person.department) if person else None
    return (place or rulebook.town).name.said(journey.language)


def _may_still_tell(journey: Journey) -> bool:
    """Whether nobody knows yet whose job it is, and a number that is asked just here may tell."""
    service, layers = journey.service, journey.office.rulebook.layers.values()
    if service is None or not journey.decision.unsure:
        return False
    answers, typed = journey.draft.answers(service), {layer.typed_in for layer in layers}
    return any(one.code in typed and not answers.get(one.code) for one in service.questions)


def _grouped(journey: Journey) -> list[tuple[Group, list[Service]]]:
    """The services on offer under the names of their groups, in the order of the rules file."""
    offered = journey.office.rulebook.offered(journey.widget)
    groups = journey.office.rulebook.groups.values()
    sorted_in = [(group, [one for one in offered if one.group == group.id]) for group in groups]
    return [(group, services) for group, services in sorted_in if services]


def _anything(journey: Journey) -> Service | None:
    """The service for whatever fits nowhere else, which must never have to be searched for."""
    offered = journey.office.rulebook.offered(journey.widget)
    return next((one for one in offered if one.code == ANYTHING), None)


def _found(journey: Journey) -> Found:
    office = journey.office
    return find(office.rulebook, journey.draft.text("description"), office.finder_model)


def _guesses(journey: Journey, found: Found) -> list[Service]:
    """What the words most likely mean, best first; nothing rather than a guess out of the air."""
    offered = {one.code: one for one in journey.office.rulebook.offered(journey.widget)}
    return [offered[code] for code, _score in found.services if code in offered][:MOST_GUESSES]


def _replies(journey: Journey, found: Found) -> list[Reply]:
    """What may answer it without a request: the town's own answers, then whose card it is."""
    rulebook, language = journey.office.rulebook, journey.language
    replies = [
        Reply(one.question.said(language), one.answer.said(language), one.website, None)
        for one in (rulebook.answers[name] for name in found.answers)
    ]
    for one in (rulebook.agencies[name] for name in found.agencies):
        said = one.hours.said(language) if one.hours else ""
        replies.append(Reply(one.name.said(language), said, one.website, one.phone))
    return replies[:MOST_REPLIES]


def _told(journey: Journey) -> dict[str, str]:
    """Whose job it is and why, and the town's one more sentence apart from it."""
    decision = journey.decision
    return {
        "because": without(decision.because, decision.notice),
        "notice": decision.notice,
    }


def _handoff_agency(journey: Journey) -> object:
    decision = journey.decision
    if decision.outcome is not Outcome.HANDOFF:
        return None
    return journey.office.rulebook.agencies.get(decision.target or "")


# -- check your answers --


def rows(journey: Journey) -> list[tuple[str, str, str]]:
    """Every answer as (question, answer in words, step that changes it)."""
    draft, service = journey.draft, journey.service
    assert service is not None
    language = journey.language
    found: list[tuple[str, str, str]] = [(_("Kind of problem"), service.name.said(language), "what")]
    if service.location != "none":
        found.append((_("Where"), _place(journey), "where"))
    found.append((_("What is wrong"), draft.text("description"), "details"))
    for question in service.questions:
        found.append((question.label.said(language), answer_words(question, draft, language), "details"))
    found.append((_("Your name"), draft.text("name") or _("Not given"), "contact"))
    found.append((_("E-mail"), draft.text("email") or _("Not given"), "contact"))
    found.append((_("Phone"), draft.text("phone") or _("Not given"), "contact"))
    return found


def _place(journey: Journey) -> str:
    words = journey.draft.text("place")
    if journey.at is None:
        return words or _("Not given")
    if found := where.spot(journey.draft):
        said = _("%(place)s (found on the town's map)", place=found)
        return said if found.casefold() == words.casefold() else f"{words}\n{said}"
    lat, lon = (f"{part:.5f}" for part in journey.at)
    lines = [words, _("Position: %(lat)s, %(lon)s", lat=lat, lon=lon), _apart(journey)]
    return "\n".join(part for part in lines if part)


def _apart(journey: Journey) -> str:
    """Return the sentence that the pin and the words mean two places, where that is sure."""
    metres = where.apart(journey.office, journey.draft)
    if metres < MOST_APART:
        return ""
    far = format_decimal(metres / 1000, "0.0")
    return _("That is %(distance)s km from the place in your words. The position counts.", distance=far)


def answer_words(question: Question, draft: Draft, language: str) -> str:
    """Return an answer as a person reads it."""
    given = draft.all(ANSWER + question.code)
    if not given:
        return _("Not answered")
    if question.kind == "yes-no":
        return _("Yes") if given[0] == "yes" else _("No")
    return ", ".join(
        question.choices[code].said(language) if code in question.choices else code for code in given
    )

"""What do the rules still ask about a corrected request, that nobody has answered?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask_babel import gettext as _

from casework.correction import Correction
from casework.foreseeing import kept_answers
from casework.office import Office
from desk import words
from routing.rulebook import Condition, Question
from storage.tables import ServiceRequest

ANSWER = "answer-"
"""Before the code of a question, in the name of its field."""
LONGEST_ANSWER = 500


@dataclass(frozen=True)
class Open:
    """A question of the service that a rule asks. No options: it is answered in words."""

    code: str
    label: str
    options: list[tuple[str, str]]
    value: str


def open_questions(office: Office, request: ServiceRequest, correction: Correction) -> list[Open]:
    """Return what the employee may answer in the resident's place; not what the resident has said."""
    said = kept_answers(office, request, Correction(correction.service, None, ""))
    given = correction.answers or {}
    asked = _asked(office)
    return [
        Open(
            question.code,
            question.label.said(str(words.locale())),
            _options(question),
            given.get(question.code, ""),
        )
        for question in office.rulebook.services[correction.service].questions
        if question.code in asked and not said.get(question.code)
    ]


def _asked(office: Office) -> set[str]:
    """Return every question that some rule, or the number of a map's asset, depends on."""
    by_maps = {layer.typed_in for layer in office.rulebook.layers.values() if layer.typed_in}
    return by_maps.union(*(_codes(rule.when) for rule in office.rulebook.rules))


def _codes(condition: Condition) -> Iterator[str]:
    yield from condition.answer
    inside = (*condition.all, *condition.any, *((condition.not_,) if condition.not_ else ()))
    for part in inside:
        yield from _codes(part)


def _options(question: Question) -> list[tuple[str, str]]:
    if question.kind == "yes-no":
        return [("yes", _("Yes")), ("no", _("No"))]
    return [(code, label.said(str(words.locale()))) for code, label in question.choices.items()]

"""What can residents ask for, what must be known, and what are they promised?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from routing.kinds import Id, Origin, Text, Value, Words, span


class Question(Value):
    """An extra field that a service asks for (Open311 attribute)."""

    code: Id
    """The key of its entry."""
    label: Text
    """The question as the resident reads it."""
    kind: Literal["text", "choice", "choices", "yes-no", "number", "date"] = "text"
    """``choice`` is one of the choices, ``choices`` any number of them."""
    choices: Mapping[Id, Text] = {}
    """Answer -> its words. Rules name the answer."""
    required: bool = False
    """True: the request cannot be sent without it."""
    help: Text | None = None
    """A sentence under the question."""

    @model_validator(mode="after")
    def _choices_fit(self) -> Self:
        if self.kind in ("choice", "choices") and len(self.choices) < 2:
            raise ValueError(f'a question of kind "{self.kind}" needs at least two choices')
        if self.kind not in ("choice", "choices") and self.choices:
            raise ValueError(f'choices are given, but the kind is "{self.kind}": write kind: choice')
        return self

    def can_be(self, value: str) -> bool:
        """Return whether the value is one of the answers that may be picked; typed words always are."""
        if self.kind == "yes-no":
            return value in ("yes", "no")
        return not self.choices or all(code in self.choices for code in value.split(","))


class Span(Value):
    """A promised length of time: office hours, working days or calendar days."""

    count: int = Field(gt=0, le=3660)
    """How many."""
    unit: Literal["office hour", "working day", "day"]
    """Of what."""


TargetSpan = Annotated[Span, BeforeValidator(span)]


class Duplicates(Value):
    """Which open requests a resident is shown before they send the same thing again."""

    within: int = Field(default=250, ge=10, le=5000)
    """How far from their place, in metres."""
    weeks: int = Field(default=10, ge=1, le=104)
    """How old at most."""


def _duplicates(value: Any) -> Any:
    return None if value in (False, "no") else {} if value in (True, "yes") else value


ShownDuplicates = Annotated[Duplicates | None, BeforeValidator(_duplicates)]


class Target(Value):
    """The promised time to acknowledge and to finish."""

    acknowledge: TargetSpan
    """Until a person has said that it was seen."""
    finish: TargetSpan
    """Until it has ended."""


class Ladder(Value):
    """Who hears of it when nobody acts, and how long each step waits. A step without anybody new is left out.

    Nobody has said "I have it" by the promised time: the assignee is reminded, then deputy, head, clerk.
    It is being worked on: a reminder, the deputy when the promised time to finish passes, head, clerk.
    Whoever does anything with the request starts it anew; while it waits for others it stands still.
    """

    before: TargetSpan = Span(count=1, unit="working day")
    """How long ahead of the promised time to finish the assignee is reminded."""
    deputy: TargetSpan = Span(count=1, unit="working day")
    """How long after the reminder the deputy hears and may act."""
    head: TargetSpan = Span(count=1, unit="working day")
    """How long after the deputy the department's head hears."""
    clerk: TargetSpan = Span(count=1, unit="working day")
    """How long after the head the clerk hears."""
    again: TargetSpan = Span(count=3, unit="working day")
    """How long somebody who did something with a request that is late already is left in peace."""


class Group(Value):
    """A heading over services. Its name alone is enough: ``streets: Streets and sidewalks``."""

    id: Id
    """The key of its entry."""
    name: Text
    """The heading over its services."""


class Service(Value):
    """A kind of request that residents can make."""

    code: Id
    """The key of its entry; Open311 calls it ``service_code``."""
    name: Text
    """As residents read it."""
    group: Id
    """The heading under which it stands."""
    description: Text
    """One sentence that tells it from its neighbours."""
    words: Words = ()
    """What residents call it; the finder ranks services by these."""
    words_in: Mapping[str, Words] = {}
    """Language -> what residents call it there. Filled from ``texts``; write them there."""
    questions: tuple[Question, ...] = ()
    """What else must be known: question -> its entry, or a list with ``code``."""
    assignee: Id
    """A person, or a department (then its head)."""
    target: Target
    """What residents are promised."""
    ladder: Ladder | None = None
    """Who hears when nobody acts; the town's own ladder where it is not said."""
    location: Literal["required", "optional", "none"] = "required"
    """Whether a place is asked for. With ``none`` no rule about places ever applies."""
    photos: int = Field(default=3, ge=0, le=10)
    """How many photos may be sent; 0 for none."""
    contact: Literal["optional", "required"] = "optional"
    """Whether the resident must leave a way to be reached."""
    public: bool = True
    """False: never shown to anybody but the resident and the town."""
    duplicates: ShownDuplicates = Duplicates()
    """Open requests nearby are shown to whoever is about to send the same, with "me too". ``no`` for none,
    else how near and how old. What is not ``public`` is never shown."""
    urgent: bool = False
    """True: the letter to the assignee says so in its subject, and waits neither for a digest nor for
    the end of the quiet hours."""
    reply: Literal["public", "internal"] = "public"
    """Where the words go of an employee who answers by mail: to the resident, or with ``internal`` only
    onto the record. A first line ``#public`` or ``#note`` decides otherwise for one mail."""

    def question(self, code: str) -> Question | None:
        return next((question for question in self.questions if question.code == code), None)


class Answer(Value):
    """Something that residents ask again and again, and what the town says to it."""

    id: Id
    """The key of its entry."""
    question: Text
    """As residents ask it; the finder offers the answer where they write most of its words."""
    answer: Text
    """What the town says, in a sentence or two."""
    words: Words = ()
    """Words or phrases that call for the answer as well."""
    website: Origin | None = None
    """The page of the town that says more."""

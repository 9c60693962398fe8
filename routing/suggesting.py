"""Which rule would have spared people from putting requests right by hand?

Wrong turns are grouped by what rules can see (``routing.seen``) and each rule is tried on the past
before it is suggested (``routing.trial``). Here they get their words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from routing.layers import Layers
from routing.rulebook import Rulebook
from routing.seen import where
from routing.sentences import N_, Translate, fill
from routing.trial import Draft, Trial
from routing.turns import Turns, WrongTurn

SENTENCE = N_(
    "{service}: reports {where} went to {to} instead of {from}, {count} of {of} in the last {days} days."
)
SENTENCE_ALL = N_(
    "{service}: reports went to {to} instead of {from}, {count} of {of} in the last {days} days."
)


@dataclass(frozen=True)
class Suggestion:
    """A rule for a clerk to judge. ``yaml`` is one item for ``rules:``, indented by two spaces.

    ``before`` is the rule that it must stand before; None when it may stand at the end.
    """

    count: int
    service: str
    from_: str
    to: str
    sentence: str
    yaml: str
    numbers: tuple[str, ...]
    before: str | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "count": self.count,
            "service": self.service,
            "from": self.from_,
            "to": self.to,
            "sentence": self.sentence,
            "yaml": self.yaml,
            "before": self.before,
            "numbers": list(self.numbers),
        }


def suggest(
    rulebook: Rulebook,
    layers: Layers,
    turns: Sequence[WrongTurn],
    *,
    days: int = 90,
    translate: Translate = str,
) -> tuple[Suggestion, ...]:
    """Return a rule for each group of wrong turns that one can put right, the most frequent first.

    ``turns`` as ``storage.turns.wrong_turns`` gives them, with the requests that stayed beside them.
    ``days`` is how far they go back, for the sentence. Nothing that a resident wrote comes out.
    """
    stayed = turns.stayed if isinstance(turns, Turns) else ()
    trial = Trial(rulebook, layers, tuple(turns), tuple(stayed))
    found = []
    for group in trial.groups():
        for draft in trial.drafts(group):
            found.append(_told(rulebook, draft, days, translate))
    return tuple(sorted(found, key=lambda one: (-one.count, one.service, one.to)))


def _told(rulebook: Rulebook, draft: Draft, days: int, translate: Translate) -> Suggestion:
    wanted = draft.pasts[0].wanted
    assert wanted is not None
    service = rulebook.services[draft.pasts[0].held.service]
    came_from = Counter(past.held.decided_to for past in draft.pasts).most_common(1)[0][0]
    language = rulebook.town.languages[0]
    numbers = tuple(past.held.number for past in draft.pasts)
    place = where(rulebook, service, draft.parts, translate)
    values = {
        "service": service.name.said(language),
        "where": place,
        "to": _name(rulebook, wanted.target),
        "from": _name(rulebook, came_from),
        "count": str(len(numbers)),
        "of": str(len(numbers)),
        "days": str(days),
    }
    sentence = fill(translate(SENTENCE if place else SENTENCE_ALL), values)
    return Suggestion(
        len(numbers), service.code, came_from, wanted.target, sentence, draft.yaml, numbers, draft.before
    )


def _name(rulebook: Rulebook, who: str) -> str:
    found = rulebook.people.get(who) or rulebook.agencies.get(who)
    return found.name.said(rulebook.town.languages[0]) if found else who

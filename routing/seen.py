"""What could rules see in a past request, and how is that said: to the rules, and to a clerk?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import Any, NamedTuple

from routing.decision import Decision
from routing.facts import Facts
from routing.features import UNKNOWN
from routing.rulebook import Outcome, Rulebook, Service
from routing.sentences import N_, Translate, fill
from routing.simulation import Choice

ROADS = {
    "town": N_("on the town's roads"),
    "village": N_("on village streets"),
    "county": N_("on county roads"),
    "state": N_("on state roads"),
    "private": N_("on private roads"),
}
ROAD = N_('on roads of the owner "{owner}"')
ASSET = N_('at poles or hydrants of the owner "{owner}"')
AREA = N_("in {area}")
OUTSIDE = N_("outside {town}")
ANSWER = N_('with the answer "{answer}" to "{question}"')


class Part(NamedTuple):
    """One thing that a condition can ask. ``key`` is a layer or a question where the kind has several."""

    kind: str
    key: str
    value: str

    @property
    def is_answer(self) -> bool:
        return self.kind == "answer"


def parts_of(rulebook: Rulebook, decision: Decision, facts: Facts) -> Iterator[Part]:
    """Yield what rules could ask of this request: owners, areas, and answers that are chosen, not typed."""
    road = decision.road
    owner = (decision.picked if road.unsure else road.owner) if road else None
    if owner and owner != UNKNOWN:
        yield Part("road_owner", "", owner)
    for owner in {asset.owner for asset in decision.assets} - {UNKNOWN}:
        yield Part("asset_owner", "", owner)
    for layer, names in decision.areas.items():
        # That a place lies in the town says nothing; that it does not, "outside" says.
        if not rulebook.layers[layer].boundary:
            yield from (Part("area", layer, name) for name in names)
    if decision.outside:
        yield Part("outside", "", "true")
    for question in rulebook.services[facts.service].questions:
        given = facts.answers.get(question.code, "").strip()
        chosen = ("yes", "no") if question.kind == "yes-no" else tuple(question.choices)
        if given in chosen:
            yield Part("answer", question.code, given)


def tiers(parts: Sequence[Part]) -> Iterator[list[tuple[Part, ...]]]:
    """Yield conditions by how plain they are: one place, two, a place with an answer, an answer, none."""
    places = [part for part in parts if not part.is_answer]
    answers = [part for part in parts if part.is_answer]
    yield [(place,) for place in places]
    # Two owners of one road at once is nothing that a condition could mean.
    yield [pair for pair in combinations(places, 2) if pair[0][:2] != pair[1][:2]]
    yield [(place, answer) for place in places for answer in answers]
    yield [(answer,) for answer in answers]
    yield [()]


def condition(service: str, parts: Iterable[Part]) -> dict[str, Any]:
    """Return the parts as ``when`` has them in the file."""
    when: dict[str, Any] = {"service": service}
    for part in parts:
        if part.kind == "outside":
            when["outside"] = True
        elif part.key:
            when.setdefault(part.kind, {})[part.key] = part.value
        else:
            when[part.kind] = part.value
    return when


def where(rulebook: Rulebook, service: Service, parts: Iterable[Part], translate: Translate) -> str:
    """Return the parts as a clerk says them; empty when there are none."""
    language = rulebook.town.languages[0]
    said = []
    for part in parts:
        if part.kind == "road_owner":
            said.append(fill(translate(ROADS.get(part.value, ROAD)), {"owner": part.value}))
        elif part.kind == "asset_owner":
            said.append(fill(translate(ASSET), {"owner": part.value}))
        elif part.kind == "area":
            said.append(fill(translate(AREA), {"area": part.value}))
        elif part.kind == "outside":
            said.append(fill(translate(OUTSIDE), {"town": rulebook.town.name.said(language)}))
        else:
            said.append(_answer(service, part, language, translate))
    return " ".join(said)


def _answer(service: Service, part: Part, language: str, translate: Translate) -> str:
    question = service.question(part.key)
    label = question.label.said(language) if question else part.key
    choice = question.choices.get(part.value) if question else None
    values = {"question": label, "answer": choice.said(language) if choice else part.value}
    return fill(translate(ANSWER), values)


def gives(decision: Decision, wanted: Choice) -> bool:
    """Return whether a decision sends a request to whom people sent it; deputies stand for theirs."""
    if decision.outcome != wanted.outcome:
        return False
    meant = (decision.target, decision.services_assignee if decision.outcome is Outcome.ACCEPT else None)
    return wanted.target in meant

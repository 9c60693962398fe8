"""Would a rule have done what people did by hand, and nothing else? It is tried on the past.

A group of wrong turns becomes a draft when at least two requests share it, all of them went to the same
hands, and no request that stayed where it was contradicts it. With the rule in its place the past
decisions of the group come out as people made them, every other one as it was, the golden points too,
and no rule is cut off.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import yaml

from routing.decision import Decision, decide
from routing.golden import check_points
from routing.layers import Layers
from routing.nodes import Tree, read_tree
from routing.problems import Findings
from routing.reach import CLASSES, check_reach
from routing.rulebook import Outcome, Rule, Rulebook
from routing.seen import Part, condition, gives, parts_of, tiers
from routing.simulation import Choice, choose
from routing.turns import Held, WrongTurn

FEWEST = 2
"""One request that went elsewhere is a case; two are a pattern that a person may look at."""
LONGEST_ID = 60


class Past(NamedTuple):
    """One past request under the rules of today."""

    held: Held
    decision: Decision
    parts: frozenset[Part]
    wanted: Choice | None
    """Whose job people found it to be; None where it stayed, or nobody knows yet."""


class Draft(NamedTuple):
    """A rule that stood its trial, and the requests that it would have spared."""

    yaml: str
    before: str | None
    parts: tuple[Part, ...]
    pasts: tuple[Past, ...]


@dataclass(frozen=True)
class Trial:
    """The rules of today, and all that is known of the past."""

    rulebook: Rulebook
    layers: Layers
    wrong: tuple[WrongTurn, ...]
    held: tuple[Held, ...]

    @cached_property
    def pasts(self) -> Mapping[str, tuple[Past, ...]]:
        """Service code -> its requests that still can be decided."""
        found: dict[str, list[Past]] = defaultdict(list)
        for held in (*self.wrong, *self.held):
            # A service that was put right is for the words to learn, not for the rules.
            if held.service in self.rulebook.services and not _is_rerouted(held):
                past = self._past(held)
                found[held.service].append(past)
        return {service: tuple(pasts) for service, pasts in found.items()}

    def _past(self, held: Held) -> Past:
        decision = decide(self.rulebook, self.layers, held.facts)
        wanted = self._wanted(held) if isinstance(held, WrongTurn) else None
        parts = parts_of(self.rulebook, decision, held.facts)
        return Past(held, decision, frozenset(parts), wanted)

    def _wanted(self, turn: WrongTurn) -> Choice | None:
        agency = self.rulebook.agencies.get(turn.went_to) if turn.to_agency else None
        if agency is not None:
            return Choice("card" if agency.handoff == "none" else "handoff", agency.id)
        # Refused and back with the clerk, it is still on its way.
        is_unsettled = turn.kind == "refused" and turn.went_to == self.rulebook.clerk
        if turn.to_agency or is_unsettled or turn.went_to not in self.rulebook.people:
            return None
        return Choice("accept", turn.went_to)

    def groups(self) -> Iterator[tuple[Past, ...]]:
        """Yield the wrong turns of one service that went to the same hands, and still would go wrong."""
        for pasts in self.pasts.values():
            groups: dict[Choice, list[Past]] = defaultdict(list)
            for past in pasts:
                if past.wanted is not None and not gives(past.decision, past.wanted):
                    groups[past.wanted].append(past)
            yield from (tuple(group) for group in groups.values() if len(group) >= FEWEST)

    def drafts(self, group: tuple[Past, ...]) -> Iterator[Draft]:
        """Yield rules for a group until none of the rest can be put right by one."""
        left = list(group)
        while len(left) >= FEWEST:
            draft = next(filter(None, map(self._try, self._candidates(left))), None)
            if draft is None:
                return
            yield draft
            numbers = {past.held.number for past in draft.pasts}
            left = [past for past in left if past.held.number not in numbers]

    def _candidates(self, left: Sequence[Past]) -> Iterator[tuple[tuple[Part, ...], Choice, str]]:
        """Yield conditions that at least two share: the plainest first, then the most frequent.

        Of two that are shared alike, the one that fewer of all requests have says more.
        """
        first = left[0]
        assert first.wanted is not None
        counted = Counter(part for past in left for part in past.parts)
        shared = sorted(part for part, count in counted.items() if count >= FEWEST)
        for tier in tiers(shared):
            sized = [(parts, sum(past.parts.issuperset(parts) for past in left)) for parts in tier]
            sized.sort(key=lambda row: (-row[1], sum(self._everywhere[part] for part in row[0]), row[0]))
            for parts, count in sized:
                if count >= FEWEST:
                    yield parts, first.wanted, first.held.service

    @cached_property
    def _everywhere(self) -> Counter[Part]:
        return Counter(part for pasts in self.pasts.values() for past in pasts for part in past.parts)

    def _try(self, candidate: tuple[tuple[Part, ...], Choice, str]) -> Draft | None:
        """Return the rule when every past decision comes out as it should; None otherwise."""
        parts, wanted, service = candidate
        seen = [past for past in self.pasts[service] if past.parts.issuperset(parts)]
        if any(past.wanted != wanted and not gives(past.decision, wanted) for past in seen):
            return None
        claimed = tuple(past for past in seen if not gives(past.decision, wanted))
        text = _yaml(_row(self.rulebook, service, parts, wanted))
        # Tried is what stands in the text, not what was meant by it.
        rule = Rule.model_validate(read_tree(text).data[0])
        before = _before(self.rulebook, rule, claimed)
        changed = _with(self.rulebook, rule, before)
        is_right = len(claimed) >= FEWEST and self._is_accepted(changed) and self._holds(changed, claimed)
        return Draft(text, before, parts, claimed) if is_right else None

    def _holds(self, changed: Rulebook, claimed: tuple[Past, ...]) -> bool:
        spared = {id(past) for past in claimed}
        for past in self.pasts[claimed[0].held.service]:
            facts = past.held.facts
            if id(past) in spared:
                if not past.wanted or not gives(decide(changed, self.layers, facts), past.wanted):
                    return False
            elif choose(changed, self.layers, facts).whom != choose(self.rulebook, self.layers, facts).whom:
                return False
        return True

    def _is_accepted(self, changed: Rulebook) -> bool:
        """Return whether the reader would take it: no rule cut off, every golden point as expected."""
        services = {
            code: {"group": service.group, "location": service.location}
            for code, service in changed.services.items()
        }
        findings = Findings("", Tree({"services": services, "rules": list(changed.rules)}, {}))
        check_reach(findings)
        if not findings.has_errors:
            check_points(changed, self.layers, findings)
        return not findings.has_errors


def _is_rerouted(held: Held) -> bool:
    return isinstance(held, WrongTurn) and held.kind == "rerouted"


def _row(rulebook: Rulebook, service: str, parts: Iterable[Part], wanted: Choice) -> dict[str, Any]:
    parts = tuple(parts)
    words = "-".join((service, *(part.value for part in parts), "to", wanted.target))
    plain = "-".join("".join(c if c.isascii() and c.isalnum() else " " for c in words.casefold()).split())
    taken = {rule.id for rule in rulebook.rules}
    name, number = plain[:LONGEST_ID].rstrip("-"), 1
    while name in taken:
        number += 1
        name = f"{plain[:LONGEST_ID].rstrip('-')}-{number}"
    return {"id": name, "when": condition(service, parts), wanted.outcome: wanted.target}


def _before(rulebook: Rulebook, rule: Rule, claimed: Sequence[Past]) -> str | None:
    """Return the first rule of the same class that has these requests today."""
    deciding = {past.decision.rule for past in claimed}
    for other in rulebook.rules:
        if other.id in deciding and CLASSES[other.outcome] == CLASSES[rule.outcome]:
            return other.id
    return None


def _with(rulebook: Rulebook, rule: Rule, before: str | None) -> Rulebook:
    rules = list(rulebook.rules)
    place = next((number for number, other in enumerate(rules) if other.id == before), len(rules))
    rules.insert(place, rule)
    return rulebook.model_copy(update={"rules": tuple(rules)})


def _yaml(rule: Mapping[str, Any]) -> str:
    outcome = next(key for key in Outcome if key in rule)
    rows = ((key, _plain(rule[key])) for key in ("id", "when", outcome))
    return "  - " + "\n    ".join(f"{key}: {value}" for key, value in rows) + "\n"


def _plain(value: Any) -> str:
    """Return a value on one line, in quotes where YAML would take it for something else."""
    said = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, allow_unicode=True, width=10_000)
    return said.removesuffix("...\n").strip()

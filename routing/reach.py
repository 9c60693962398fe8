"""Is there a rule that can never match?

A rule is dead when an earlier one of its class, or any of a class that is tried before, takes
everything that it could take; or when its own conditions cannot hold together. Only certain cases
are called dead: a condition with ``any`` or ``not`` is never said to cover another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from routing.matching import ANY, NONE
from routing.nodes import each
from routing.problems import Findings
from routing.references import section_keys
from routing.rulebook import Condition, Outcome, Rule

CLASSES = {Outcome.STOP: 0, Outcome.CARD: 1, Outcome.HANDOFF: 1, Outcome.ACCEPT: 2}
PLACE_KEYS = ("area", "outside", "road_owner", "asset_owner")


@dataclass(frozen=True)
class Services:
    """Service code -> its group, and the codes that need no place."""

    groups: Mapping[str, str]
    placeless: frozenset[str]


def check_reach(findings: Findings) -> None:
    """Add a problem for every rule that can never match."""
    services = _services(findings.tree.data)
    rules: list[tuple[int, Rule]] = []
    for number, row in enumerate(_rows(findings.tree.data)):
        try:
            rules.append((number, Rule.model_validate(row)))
        except ValidationError:
            continue  # told already
    for number, rule in rules:
        reason, hint = _dead(number, rule, rules, services)
        if reason:
            findings.error(
                ("rules", number), "unreachable", f'rule "{rule.id}" can never match: {reason}', hint
            )


def _rows(data: Any) -> list[Any]:
    rows = data.get("rules")
    return rows if isinstance(rows, list) else []


def _services(data: Any) -> Services:
    groups = {str(path[1]): str(value) for path, value in each(data, ("services", "*", "group"))}
    placeless = {str(path[1]) for path, value in each(data, ("services", "*", "location")) if value == "none"}
    return Services(
        {code: groups.get(code, "") for code in section_keys(data, "services")}, frozenset(placeless)
    )


def _dead(number: int, rule: Rule, rules: list[tuple[int, Rule]], services: Services) -> tuple[str, str]:
    taken = _taken(rule.when, services)
    if not taken and services.groups:
        return "no service is in all of the services and groups that it names", "correct service or group"
    if taken <= services.placeless and any(getattr(rule.when, key) for key in PLACE_KEYS) and services.groups:
        return (
            "it asks about the place, but its services have none",
            "drop the place, or give the service a location",
        )
    for other_number, other in rules:
        earlier = CLASSES[other.outcome] < CLASSES[rule.outcome] or (
            CLASSES[other.outcome] == CLASSES[rule.outcome] and other_number < number
        )
        if earlier and covers(other.when, rule.when, services):
            return (
                f'rule "{other.id}" takes everything first',
                "put the narrower rule first, or narrow the other",
            )
    return "", ""


def _taken(condition: Condition, services: Services) -> frozenset[str]:
    """Return the services that a condition can be about."""
    taken = {
        code
        for code, group in services.groups.items()
        if (not condition.service or code in condition.service)
        and (not condition.group or group in condition.group)
    }
    for part in condition.all:
        taken &= _taken(part, services)
    return frozenset(taken)


def covers(wide: Condition, narrow: Condition, services: Services) -> bool:
    """Return whether it is certain that ``wide`` holds wherever ``narrow`` does."""
    if wide.any or wide.not_ is not None:
        return False
    if not _taken(narrow, services) <= _taken(wide, services):
        return False
    if any(getattr(wide, key) for key in PLACE_KEYS) and _taken(narrow, services) & services.placeless:
        return False
    return all(covers(part, narrow, services) for part in wide.all) and _covers_keys(wide, narrow)


def _covers_keys(wide: Condition, narrow: Condition) -> bool:
    plain = ("road_owner", "asset_owner", "words", "widget", "language")
    return (
        all(_covers_words(getattr(wide, key), getattr(narrow, key)) for key in plain)
        and _covers_map(wide.area, narrow.area)
        and _covers_map(wide.answer, narrow.answer)
        and (wide.outside is None or wide.outside is narrow.outside)
        and (wide.time is None or wide.time == narrow.time)
        and (not wide.page or (set(narrow.page) <= set(wide.page) and bool(narrow.page)))
    )


def _covers_map(wide: Mapping[str, tuple[str, ...]], narrow: Mapping[str, tuple[str, ...]]) -> bool:
    return all(_covers_words(words, narrow.get(key, ())) for key, words in wide.items())


def _covers_words(wide: tuple[str, ...], narrow: tuple[str, ...]) -> bool:
    if not wide:
        return True
    if not narrow:
        return False
    return set(narrow) <= set(wide) or (ANY in wide and NONE not in narrow)

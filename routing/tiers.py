"""A village in a township in a county: whose area counts for this service?

In a layer marked ``innermost`` it is the innermost of those areas that the rules for the service
name at all: potholes are the village's where a rule says so, and dog licences still the township's.
So the order of such rules does not matter.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from routing.features import Feature
from routing.rulebook import Condition, Rulebook, Service

ANY = "any"


def innermost(
    rulebook: Rulebook, service: Service, areas: Mapping[str, tuple[Feature, ...]]
) -> dict[str, tuple[Feature, ...]]:
    """Return the areas that count: of each layer marked ``innermost`` one at most."""
    return {
        layer: _one(here, _named(rulebook, service, layer))
        if rulebook.layers[layer].innermost and len(here) > 1
        else here
        for layer, here in areas.items()
    }


def _one(here: tuple[Feature, ...], named: frozenset[str]) -> tuple[Feature, ...]:
    asked = [area for area in here if ANY in named or {area.name.casefold(), area.owner.casefold()} & named]
    return (min(asked or here, key=_depth),)


def _depth(area: Feature) -> tuple[float, float]:
    return (math.inf if area.tier is None else area.tier, area.geometry.area)


def _named(rulebook: Rulebook, service: Service, layer: str) -> frozenset[str]:
    """Return the names and owner words of the layer that the rules for the service ask for."""
    return frozenset(
        word.casefold()
        for rule in rulebook.rules
        for condition in _about(rule.when, service)
        for word in condition.area.get(layer, ())
    )


def _about(condition: Condition, service: Service) -> Iterator[Condition]:
    """Yield the condition and its parts, as far as they can be about the service."""
    if (condition.service and service.code not in condition.service) or (
        condition.group and service.group not in condition.group
    ):
        return
    yield condition
    for part in (*condition.all, *condition.any, *((condition.not_,) if condition.not_ else ())):
        yield from _about(part, service)

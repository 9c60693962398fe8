"""Which service, owner or agency has nobody thought of? Warnings about what the rules leave open."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from routing.features import OURS, UNKNOWN
from routing.layers import Layers
from routing.matching import ANY
from routing.nodes import each
from routing.problems import Findings
from routing.references import scope_of, section_keys

OWNED = (("road_owner", "roads"), ("asset_owner", "assets"))


def check_coverage(findings: Findings, layers: Layers) -> None:
    """Add a warning for every owner without a rule, agency without a use and service nobody can choose."""
    for key, kind in OWNED:
        for layer in _of_kind(findings.tree.data, kind):
            _check_owners(findings, layers, layer, key)
    _check_agencies(findings)
    _check_offered(findings)


def _of_kind(data: Any, kind: str) -> list[str]:
    return [str(path[1]) for path, value in each(data, ("layers", "*", "kind")) if value == kind]


def _check_owners(findings: Findings, layers: Layers, layer: str, key: str) -> None:
    named = _named(findings.tree.data, key)
    used = {owner for owners in named.values() for owner in owners}
    features = layers.features(layer)
    for owner in sorted({owner for feature in features for owner in feature.owners} - {OURS, UNKNOWN}):
        count = sum(owner in feature.owners for feature in features)
        hint = "the town answers for them until a rule says otherwise"
        if not {owner, ANY} & used:
            said = f'no rule says what happens where the owner is "{owner}" ({count} in the layer)'
            findings.warning(("layers", layer), "owner-without-rule", said, hint)
            continue
        open_for = [code for code, owners in named.items() if owners and not {owner, ANY} & owners]
        if open_for:
            said = (
                f"for {', '.join(open_for)} the rules ask who the owner is, but none says what happens "
                f'where it is "{owner}" ({count} in the layer)'
            )
            findings.warning(("layers", layer), "owner-without-rule", said, hint)


def _named(data: Any, key: str) -> dict[str, set[str]]:
    """Return for every service the owner words that the rules about it name."""
    services = section_keys(data, "services")
    placeless = {path[1] for path, value in each(data, ("services", "*", "location")) if value == "none"}
    found: dict[str, set[str]] = {code: set() for code in services if code not in placeless}
    for _path, condition in each(data, ("rules", "*", "when")):
        for scope, words in _words(data, condition, key, None, 0):
            for code in services if scope is None else scope:
                found.get(code, set()).update(words)
    return found


def _words(
    data: Any, condition: Any, key: str, outer: list[str] | None, depth: int
) -> Iterator[tuple[list[str] | None, set[str]]]:
    """Yield (services, owner words) of a condition and of everything in it."""
    if not isinstance(condition, dict) or depth > 20:
        return
    scope = scope_of(data, condition, outer)
    yield scope, {value for _, value in each(condition, (key, "*")) if isinstance(value, str)}
    for part in (("all", "*"), ("any", "*")):
        for _, child in each(condition, part):
            yield from _words(data, child, key, scope, depth + 1)
    for _, child in each(condition, ("not",)):
        # "Not the town's" is a word about every other owner.
        for inner, words in _words(data, child, key, scope, depth + 1):
            yield inner, ({ANY} if words else set())


def _check_agencies(findings: Findings) -> None:
    data = findings.tree.data
    for path, agency in each(data, ("agencies", "*")):
        if isinstance(agency, dict) and not any(agency.get(key) for key in ("phone", "email", "website")):
            findings.warning(
                path, "no-contact", "residents cannot reach this agency", "add phone, email or website"
            )


def _check_offered(findings: Findings) -> None:
    data = findings.tree.data
    widgets = section_keys(data, "widgets")
    kinds = {path[1]: kind for path, kind in each(data, ("widgets", "*", "kind"))}
    offers = {
        name: {value for _, value in each(data, ("widgets", name, "services", "*"))}
        for name in widgets
        if kinds.get(name, "report") == "report"
    }
    if not offers or not all(offers.values()):
        return  # a widget that names no services offers all of them
    offered = {value for found in offers.values() for value in found}
    for code in section_keys(data, "services"):
        if code not in offered:
            said = "no widget offers this service, so no resident can choose it"
            findings.warning(
                ("services", code), "service-not-offered", said, "name it in a widget, or remove it"
            )

"""What is allowed but probably forgotten? Warnings, and the words that only the layers know."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import holidays

from routing.features import UNKNOWN
from routing.layers import Layers
from routing.matching import ANY, NONE
from routing.nodes import each
from routing.problems import Findings, nearest
from routing.references import conditions, section_keys


def check_layer_words(findings: Findings, layers: Layers) -> None:
    """Names of areas and owners in conditions must stand in the layers; owners should have a rule."""
    data = findings.tree.data
    for path, condition in conditions(data):
        for tail, value in each(condition, ("area", "*", "*")):
            _check_area(findings, path + tail, str(tail[1]), value, layers)
    for key, kind in (("road_owner", "roads"), ("asset_owner", "assets")):
        _check_owners(findings, layers, key, kind)


def _check_area(findings: Findings, path: Any, layer: str, value: Any, layers: Layers) -> None:
    names = {feature.name for feature in layers.features(layer)} | {f.owner for f in layers.features(layer)}
    known = {name.casefold(): name for name in names if name and name != UNKNOWN}
    if layers.has(layer) and isinstance(value, str) and value.casefold() not in {*known, ANY, NONE}:
        findings.error(
            path, "unknown-area", f'the layer "{layer}" has no area "{value}"', nearest(value, known.values())
        )


def _check_owners(findings: Findings, layers: Layers, key: str, kind: str) -> None:
    data = findings.tree.data
    of_kind = [str(path[1]) for path, value in each(data, ("layers", "*", "kind")) if value == kind]
    known: set[str] = {ANY, NONE, UNKNOWN}
    is_complete = bool(of_kind)
    for layer in of_kind:
        named = [value for _, value in each(data, ("layers", layer, "owners", "*")) if isinstance(value, str)]
        known |= {owner for feature in layers.features(layer) for owner in feature.owners} | set(named)
        # A broken layer whose entry names its owners still tells which words are right.
        is_complete &= layers.has(layer) or bool(named)
    for path, condition in conditions(data):
        for tail, value in each(condition, (key, "*")):
            if is_complete and isinstance(value, str) and value not in known:
                said = f'no {kind[:-1]} belongs to "{value}"'
                findings.error(path + tail, "unknown-owner", said, nearest(value, known))


def check_calendar(findings: Findings) -> None:
    """The country and subdivision of the public holidays must be known to the calendar."""
    for path, value in each(findings.tree.data, ("town", "holidays")):
        country = value.get("country") if isinstance(value, dict) else None
        subdivision = value.get("subdivision") if isinstance(value, dict) else None
        if not isinstance(country, str):
            continue
        if not _has_holidays(country):
            hint = 'write the two letters of the country, as in "US"'
            findings.error((*path, "country"), "unknown-calendar", f'no holidays for "{country}"', hint)
        elif isinstance(subdivision, str) and not _has_holidays(country, subdivision):
            said = f'no holidays for "{subdivision}" in {country}'
            findings.error((*path, "subdivision"), "unknown-calendar", said, 'write it as in "VT"')


def _has_holidays(country: str, subdivision: str | None = None) -> bool:
    try:
        holidays.country_holidays(country, subdiv=subdivision)
    except NotImplementedError:
        return False
    return True


def check_age(findings: Findings, folder: Path, today: date) -> None:
    """Warn of layers whose file was last changed longer ago than their entry allows."""
    for path, layer in each(findings.tree.data, ("layers", "*")):
        days = layer.get("max_age_days") if isinstance(layer, dict) else None
        if not isinstance(days, int) or not isinstance(layer.get("file"), str):
            continue
        try:
            changed = datetime.fromtimestamp((folder / layer["file"]).stat().st_mtime, UTC).date()
        except OSError:
            continue  # told as missing
        if (today - changed).days > days:
            said = f'"{layer["file"]}" was last changed on {changed}, more than {days} days ago'
            findings.warning((*path, "max_age_days"), "layer-old", said, "export it again from its source")


def check_upkeep(findings: Findings) -> None:
    """People who never hear of anything, groups without a service."""
    data = findings.tree.data
    busy = _in_a_chain(data)
    for name in section_keys(data, "people"):
        if name not in busy:
            said = f'nothing ever reaches "{name}"'
            findings.warning(
                ("people", name), "idle-person", said, "make it an assignee, a head, a deputy, or remove it"
            )
    used = [value for _, value in each(data, ("services", "*", "group"))]
    for name in section_keys(data, "groups"):
        if name not in used:
            findings.warning(("groups", name), "empty-group", f'no service is in the group "{name}"')


CHAIN = (
    ("clerk",),
    ("operator",),
    ("departments", "*", "head"),
    ("people", "*", "deputy"),
    ("services", "*", "assignee"),
    ("rules", "*", "accept"),
    ("reports", "*", "to"),
    ("reports", "*", "to", "*"),
    ("reports", "*", "to", "*", "*"),
    ("reports", "*", "approve", "by"),
)


def _in_a_chain(data: Any) -> set[str]:
    return {value for pattern in CHAIN for _, value in each(data, pattern) if isinstance(value, str)}

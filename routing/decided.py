"""What was decided, and on the ground of which facts? A value to show, to store and to compare."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from routing.layers import AssetFound
from routing.roads import RoadFound
from routing.rulebook import Outcome

UNASKED = "came-by-mail"
"""Stands where a rule would: the request came by mail, nobody completed it, and no rule was asked."""


@dataclass(frozen=True)
class Option:
    """One answer to an ``ask``: the owner word, and the road as the resident reads it."""

    value: str
    label: str


@dataclass(frozen=True)
class Decision:
    """Whose job it is. ``target``: an agency, person or department id; the number to call for
    ``stop``; the layer that is unsure for ``ask``.

    ``services_assignee`` is the person id who answers for it in town, with the deputy standing in.
    ``unsure``: the place was missing or no map could tell, so the clerk has it. ``notice`` is the
    last part of ``because``, for whoever wants to set it apart.
    """

    outcome: Outcome
    target: str | None
    rule: str
    because: str
    because_staff: str
    road: RoadFound | None
    areas: Mapping[str, tuple[str, ...]]
    outside: bool
    options: tuple[Option, ...]
    layer_versions: Mapping[str, str]
    rules_version: str
    note_anyway: bool
    services_assignee: str
    unsure: bool
    assets: tuple[AssetFound, ...] = ()
    notice: str = ""
    picked: str | None = None
    """The owner that the resident named where the road was in doubt."""
    because_town: str = ""
    """What ``because`` says, in the town's first language: for agencies and for the journal."""

    def as_json(self) -> dict[str, Any]:
        """Return the shape that ``rules explain --json`` prints."""
        shown: dict[str, Any] = {
            "outcome": str(self.outcome),
            "target": self.target,
            "rule": self.rule,
            "because": self.because,
            "road": _road_json(self.road) if self.road else None,
        }
        if self.outcome is Outcome.ASK:
            shown["options"] = [asdict(option) for option in self.options]
        return shown | {
            "because_staff": self.because_staff,
            "notice": self.notice,
            "picked": self.picked,
            "areas": {layer: list(names) for layer, names in self.areas.items()},
            "assets": [_asset_json(asset) for asset in self.assets],
            "outside": self.outside,
            "unsure": self.unsure,
            "note_anyway": self.note_anyway,
            "assignee": self.services_assignee,
            "rules_version": self.rules_version,
            "layer_versions": dict(self.layer_versions),
        }

    def record(self) -> dict[str, Any]:
        """Return what is kept with the request: rule, versions, distances. Nothing personal is in it.

        The two sentences stand there together, so that the town's is known as long as the other holds.
        """
        kept = ("outcome", "target", "rule", "road", "picked", "areas", "assets", "outside", "unsure")
        shown = self.as_json()
        said = {"because": self.because, "because_town": self.because_town}
        return said | {key: shown[key] for key in (*kept, "rules_version", "layer_versions")}


def _road_json(road: RoadFound) -> dict[str, Any]:
    return {
        "name": road.name,
        "owner": road.owner,
        "distance_m": _metres(road.distance_m),
        "other_name": road.other_name,
        "other_owner": road.other_owner,
        "other_distance_m": _metres(road.other_distance_m),
        "unsure": road.unsure,
        "by_name": road.by_name,
    }


def _asset_json(asset: AssetFound) -> dict[str, Any]:
    return asdict(asset) | {"distance_m": _metres(asset.distance_m)}


def _metres(distance: float | None) -> float | None:
    return None if distance is None else round(distance, 1)

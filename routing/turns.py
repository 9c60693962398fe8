"""Which decisions turned out wrong, and which held? The past as values that rules can be tried on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal, overload

from routing.facts import Facts

TurnKind = Literal["not ours", "refused", "reassigned", "rerouted"]
NOWHERE: Mapping[str, tuple[str, ...]] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class Held:
    """A request, and whose job the rules of its day said it was.

    ``at`` is (latitude, longitude); ``areas`` are names by layer. ``decided_to`` is a person or, where
    ``from_agency`` says so, an agency. ``known`` is all that routing may ask, and never printed.
    """

    number: str
    service: str
    at: tuple[float, float] | None = field(default=None, repr=False)
    road_owner: str | None = None
    areas: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: NOWHERE)
    asset_owners: tuple[str, ...] = ()
    rule: str = ""
    decided_to: str = ""
    from_agency: bool = False
    known: Facts | None = field(default=None, repr=False)

    @property
    def facts(self) -> Facts:
        return self.known or Facts(service=self.service, at=self.at)


@dataclass(frozen=True, kw_only=True)
class WrongTurn(Held):
    """A request that went to somebody else than the rules had said: the last who got it, and when."""

    went_to: str
    to_agency: bool = False
    kind: TurnKind
    when: datetime
    to_service: str = ""
    """What it was put right to, where it was another service."""

    def as_json(self) -> dict[str, Any]:
        """Return what may be shown to anybody who may read the rules: nothing of the resident."""
        return {
            "number": self.number,
            "service": self.service,
            "to_service": self.to_service or None,
            "road_owner": self.road_owner,
            "areas": {layer: list(names) for layer, names in self.areas.items()},
            "asset_owners": list(self.asset_owners),
            "rule": self.rule,
            "from": self.decided_to,
            "to": self.went_to,
            "kind": self.kind,
            "when": self.when.isoformat(),
        }


@dataclass(frozen=True)
class Turns(Sequence[WrongTurn]):
    """The wrong turns of a time, oldest first, with the requests that ended where they were decided to."""

    wrong: tuple[WrongTurn, ...] = ()
    stayed: tuple[Held, ...] = ()

    @overload
    def __getitem__(self, index: int) -> WrongTurn: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[WrongTurn, ...]: ...
    def __getitem__(self, index: int | slice) -> WrongTurn | tuple[WrongTurn, ...]:
        return self.wrong[index]

    def __len__(self) -> int:
        return len(self.wrong)

"""Which maps may rules ask, and how exactly does each answer?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from routing.kinds import Id, Value

Metres = Annotated[float, Field(gt=0, le=200)]


class Tolerance(Value):
    """How far away a feature may be and still be the one meant, in metres from its middle line."""

    default: Metres = 15
    """For every class that is not named."""
    by_class: Mapping[str, Metres] = {}
    """Class -> metres: a motorway is wide, a footpath is not."""

    def of(self, road_class: str) -> float:
        """Return the metres for a class of road; upper and lower case count the same."""
        folded = road_class.casefold()
        return next((far for name, far in self.by_class.items() if name.casefold() == folded), self.default)

    @property
    def widest(self) -> float:
        return max(self.default, *self.by_class.values()) if self.by_class else self.default


def _tolerance(value: Any) -> Any:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return {"default": value} if is_number else value


AnyTolerance = Annotated[Tolerance, BeforeValidator(_tolerance)]


class Layer(Value):
    """A map that rules can ask. ``file`` is relative to the rules file; coordinates are WGS84."""

    id: Id
    """The key of its entry."""
    file: str
    """GeoJSON, or CSV with ``lat`` and ``lon`` for points; relative to the rules file, in WGS84 degrees."""
    kind: Literal["areas", "roads", "assets", "addresses"]
    """Areas are polygons, roads are lines, assets and addresses are points."""
    name: str | None = None
    """The property that holds a feature's name; for addresses the whole one, as in ``12 Mill Road``."""
    owner: str | None = None
    """The property that holds a feature's owner."""
    owners: Mapping[str, Id] = {}
    """Owner property value -> the owner word that rules use (``town``, ``county`` …)."""
    boundary: bool = False
    """For areas: this layer is the town itself; outside it the town is not responsible."""
    innermost: bool = False
    """For areas inside areas: of those that the rules for a service name, only the innermost counts."""
    tier: str | None = None
    """For ``innermost``: the property that holds a number, 1 for the innermost; without it the smallest."""
    nearest_within: float = Field(default=0, ge=0, le=100_000)
    """For areas: where none holds the place, the nearest one counts, if at most this many metres away."""
    landmarks: bool = False
    """For areas: residents may write a name of this layer as the place (parks, school grounds); the
    middle of the area is then the position. Not for districts that cover half the town."""
    residents: str | None = None
    """For areas: the property that holds how many people live there; reports tell requests per thousand."""
    road_class: str | None = None
    """For roads: the property that holds the class, for ``tolerance`` by class."""
    tolerance: AnyTolerance = Tolerance()
    """For roads and assets: how far, in metres, a feature may be and still be the one meant."""
    ask_within: float = Field(default=15, ge=0, le=200)
    """For roads: unsure when another owner's road is at most this many metres farther."""
    left: str | None = None
    """For roads: the property that holds the owner of the left side, as the line was drawn."""
    right: str | None = None
    """For roads: the same of the right side. Where the two differ it is a border street."""
    number: str | None = None
    """For assets: the property that holds the number painted on the pole or hydrant. For addresses: the
    one that holds the house number, where the street stands in a property of its own."""
    street: str | None = None
    """For addresses: the property that holds the street, where the number stands in one of its own."""
    typed_in: Id | None = None
    """For assets: the question in which residents type that number; it then counts more than the place."""
    max_age_days: int | None = Field(default=None, gt=0, le=36_600)
    """Warn when the file has not been renewed for so many days."""

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        for key, kinds in KINDS_OF_KEY.items():
            if self.kind not in kinds and key in self.model_fields_set and getattr(self, key):
                raise ValueError(
                    f"{key} can only be said of {' and '.join(kinds)}, but the kind is {self.kind}"
                )
        if bool(self.left) != bool(self.right):
            raise ValueError("left and right go together: a street has two sides")
        if self.boundary and self.nearest_within:
            raise ValueError("nearest_within would draw places outside into the town; leave it out here")
        if self.tier and not self.innermost:
            raise ValueError("tier tells which area is the innermost: write innermost: true as well")
        if self.kind == "addresses" and not (self.name or (self.number and self.street)):
            raise ValueError(
                "name the property that holds the address as name, or its two as number and street"
            )
        if self.typed_in and not self.number:
            raise ValueError("typed_in looks a number up: name the property that holds it as number")
        if self.tolerance.by_class and not self.road_class:
            raise ValueError("by_class needs road_class, the property that holds the class")
        return self


KINDS_OF_KEY: Mapping[str, tuple[str, ...]] = {
    "boundary": ("areas",),
    "innermost": ("areas",),
    "tier": ("areas",),
    "nearest_within": ("areas",),
    "landmarks": ("areas",),
    "residents": ("areas",),
    "road_class": ("roads",),
    "left": ("roads",),
    "right": ("roads",),
    "number": ("assets", "addresses"),
    "typed_in": ("assets",),
    "street": ("addresses",),
}
"""Which keys mean something only for some kinds of layers."""

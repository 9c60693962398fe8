"""What is known of a submission before anybody decides?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType

NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Facts:
    """What is known of a submission. ``at`` is (latitude, longitude) in degrees.

    ``road`` is the resident's answer to an ``ask``: one of the options' values, or ``"unknown"``,
    which sends the request to the clerk (on a border street: to the owner of the point's side).
    ``now`` (aware) decides who is absent and what ``time`` conditions say. ``page`` is the address
    or path of the town's page it came from. ``place`` is what the resident typed under "Where"; it is
    read only when there is no ``at``, for the names of roads. ``absences`` are those that people have
    said themselves, as (person, first day, last day), beside what the rules say.
    """

    service: str
    at: tuple[float, float] | None
    answers: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    text: str = ""
    language: str = "en"
    widget: str | None = None
    road: str | None = None
    now: datetime | None = None
    page: str = ""
    place: str = ""
    absences: tuple[tuple[str, date, date], ...] = ()

    def __post_init__(self) -> None:
        if self.at is not None and not _on_earth(*self.at):
            raise ValueError(f"no such place: latitude {self.at[0]}, longitude {self.at[1]}")
        if self.now is not None and self.now.tzinfo is None:
            raise ValueError("the moment has no time zone; give an aware one")


def _on_earth(lat: float, lon: float) -> bool:
    return math.isfinite(lat) and math.isfinite(lon) and abs(lat) <= 90 and abs(lon) <= 180

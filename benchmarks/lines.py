"""What is said of one measurement? One line a person reads, and the same as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Any


class MeasurementWrong(RuntimeError):
    """The measurement itself went wrong, so its figures say nothing; ``str()`` says what was found."""


class Skipped(RuntimeError):
    """This machine cannot measure it; ``str()`` says why and what to do."""


@dataclass(frozen=True)
class Plan:
    """How long to measure, and where to leave what is thrown away."""

    folder: Path
    pairs: int
    seconds: float


@dataclass(frozen=True)
class Line:
    """One measured thing. ``ratio`` is ours to the reference's in the same run."""

    what: str
    ours: str
    reference: str = ""
    ratio: float | None = None
    spread: tuple[float, float] | None = None
    """The lowest and the highest ratio of the pairs."""
    goal: str = ""
    is_met: bool | None = None
    """None where there is no goal."""
    figures: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        if self.spread:
            ratio += f" ({self.spread[0]:.2f} to {self.spread[1]:.2f})"
        verdict = {None: "", True: "met", False: "NOT MET"}[self.is_met]
        columns = (self.what.ljust(52), self.ours.ljust(38), self.reference.ljust(38), ratio.ljust(19))
        return " ".join((*columns, self.goal.ljust(10), verdict)).rstrip()

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


HEADING = " ".join(
    ("what".ljust(52), "ours".ljust(38), "reference".ljust(38), "ratio (spread)".ljust(19), "goal")
)


def at(values: list[float], percent: int) -> float:
    """Return the percentile of the values; the largest where there are too few to tell."""
    if len(values) < 2:
        return values[0]
    return quantiles(values, n=100, method="inclusive")[percent - 1]


def middle(values: list[float]) -> float:
    return median(values)

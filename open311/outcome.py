"""What became of a report that was posted, and how does it stand there? Answers as values.

Every sentence is for the clerk who reads it in the journal; none contains the key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Arrived:
    """Their system took it: by its number, or by a receipt for which the number comes later."""

    reference: str = ""
    receipt: str = ""


@dataclass(frozen=True)
class Refused:
    """Their system said no; asking again would not change that."""

    sentence: str


@dataclass(frozen=True)
class Later:
    """It has certainly not arrived, and may be sent again."""

    sentence: str
    is_away: bool = False
    """Nobody answered at all: nothing else for this address need be tried now."""


@dataclass(frozen=True)
class Unclear:
    """It may or may not have arrived: the answer was cut off, or made no sense."""

    sentence: str


Outcome = Arrived | Refused | Later | Unclear


@dataclass(frozen=True)
class Standing:
    """How a report stands in their system."""

    status: str
    """``open``, ``closed`` or empty."""
    words: str
    """``status_notes``."""
    expected: str
    """``expected_datetime`` as it came, or empty."""


class Door(Protocol):
    """Where reports are carried to. ``agency`` finds the key, the rest stands in the row."""

    def post(self, agency: str, endpoint: str, fields: Mapping[str, str]) -> Outcome: ...

    def number_for(self, endpoint: str, receipt: str, jurisdiction_id: str) -> str:
        """Return the number that a receipt has become, or nothing yet."""
        ...

    def standing(self, endpoint: str, reference: str, jurisdiction_id: str) -> Standing | None:
        """Return how a report stands there, or None when that cannot be learned now."""
        ...

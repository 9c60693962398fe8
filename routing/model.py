"""What has been learned from requests that ended: counts of terms, and how far they can be trusted.

A model holds no text and no word that only one request used. It is plain JSON, so that anybody can
read what is kept.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

FORMAT = 2
NEVER = 2.0
"""A threshold that no probability reaches."""


class ModelUnreadable(Exception):
    """The file of a model cannot be used; ``str()`` says why."""


@dataclass(frozen=True)
class Trust:
    """How the two kinds of evidence are mixed, and from where on the result may be called sure.

    ``learned_unit`` and ``words_unit`` make the scores of learned terms and of the town's own words
    comparable; ``words_weight`` is the share of the latter; ``sharpness`` turns the mix into
    probabilities. ``reliable`` says of each service how often it was right where it came first (0 to 1);
    the result is sure when its probability times that reaches ``sure_from``. ``measured_on`` says on how
    many texts.
    """

    learned_unit: float = 0.04
    words_unit: float = 0.4
    words_weight: float = 2.0
    sharpness: float = 1.0
    sure_from: float = NEVER
    measured_on: int = 0
    reliable: Mapping[str, float] = field(default_factory=dict)

    def confidence(self, service: str, chance: float) -> float:
        """Return how far the service may be believed that came first with this probability."""
        # A service that the rules did not have when it was measured is never sure.
        return chance * self.reliable.get(service, 0.0)


@dataclass(frozen=True, eq=False)
class Model:
    """Counts per term: ``(texts, {service: share})``; made by ``routing.learning.learn``.

    A text gives each of its terms one share, smaller the more terms the text has.
    """

    version: str
    """The first 12 hex digits of a hash over the rules' version and the examples."""
    rules_version: str
    texts: int
    counts: Mapping[str, tuple[int, Mapping[str, float]]] = field(repr=False)
    trust: Trust = Trust()

    def to_json(self) -> str:
        """Return the whole model as JSON."""
        return json.dumps(
            {
                "format": FORMAT,
                "version": self.version,
                "rules_version": self.rules_version,
                "texts": self.texts,
                "trust": asdict(self.trust),
                "terms": {term: [texts, shares] for term, (texts, shares) in self.counts.items()},
            },
            ensure_ascii=False,
            separators=(",", ":"),
        )

    @classmethod
    def from_json(cls, text: str) -> Model:
        """Read what ``to_json`` wrote; raises ``ModelUnreadable``."""
        try:
            found: Any = json.loads(text)
            if found["format"] != FORMAT:
                raise ModelUnreadable(f"its format is {found['format']!r}, and {FORMAT} is understood")
            return cls(
                version=str(found["version"]),
                rules_version=str(found["rules_version"]),
                texts=int(found["texts"]),
                counts={str(term): _count(row) for term, row in found["terms"].items()},
                trust=_trust(found["trust"]),
            )
        except (ValueError, KeyError, TypeError, AttributeError) as wrong:
            raise ModelUnreadable(f"it is not a model ({type(wrong).__name__}: {wrong})") from wrong


def _count(row: Any) -> tuple[int, dict[str, float]]:
    texts, shares = row
    return int(texts), {str(service): float(share) for service, share in shares.items()}


def _trust(row: Any) -> Trust:
    apart = ("measured_on", "reliable")
    numbers = {key: float(value) for key, value in row.items() if key not in apart}
    reliable = {str(service): float(share) for service, share in row["reliable"].items()}
    return Trust(measured_on=int(row["measured_on"]), reliable=reliable, **numbers)

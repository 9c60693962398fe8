"""Has the sender's browser done the small sum that makes a flood expensive? Given out, and looked at again.

Sixteen small sums instead of one large one: together they take about the same time for everybody, and the
browser can show how far it is. The challenge holds the mark of this very report, so its answer is good for
nothing else: sent twice it gives the first receipt again, and nothing has to be remembered.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from itsdangerous import BadData, URLSafeSerializer

CHALLENGE, ANSWER = "challenge", "proof"
"""Fields of the form."""
SUMS = 16
BITS = 10
"""Each sum takes 2 ** BITS tries on average: together 16,000, a second or two on a telephone."""
LIFETIME = timedelta(hours=1)
LONGEST = 400


@dataclass(frozen=True)
class Challenge:
    """What the page of the step gives to ``static/proof.js``."""

    text: str
    sums: int = SUMS
    bits: int = BITS


def give(secret: bytes, mark: str, *, now: datetime) -> Challenge:
    """Return a challenge for the report with this mark."""
    return Challenge(_signer(secret).dumps([mark, BITS, int(now.timestamp())]))


def is_done(secret: bytes, challenge: str, answer: str, *, mark: str, now: datetime) -> bool:
    """Return whether the answer fits a challenge of ours that was given for this report within the hour."""
    try:
        meant, bits, issued = _signer(secret).loads(challenge)
    except (BadData, ValueError, TypeError):
        return False
    if meant != mark or not 0 <= now.timestamp() - issued + 60 <= LIFETIME.total_seconds() + 60:
        return False
    parts = answer[:LONGEST].split()
    return len(parts) == SUMS and all(
        _fits(f"{challenge}.{place}.{part}", bits) for place, part in enumerate(parts)
    )


def _fits(text: str, bits: int) -> bool:
    digest = sha256(text.encode("utf-8", "replace")).digest()
    return int.from_bytes(digest[:4], "big") >> (32 - bits) == 0


def _signer(secret: bytes) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt="widgets.proof")

"""What does a raw mail mean for us? Read, judged, and its own words cut out; nothing acts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from .away import Away, read_away
from .bounces import Bounce, read_bounce
from .kinds import classify
from .message import Mail, Unreadable
from .quotation import Reply, reply_text
from .reading import read

KINDS = (
    "reply",
    "bounce",
    "auto_reply",
    "complaint",
    "receipt",
    "calendar",
    "loop",
    "ignored",
    "quarantined",
)


@dataclass(frozen=True)
class Understood:
    """One mail, as far as it can be told without knowing any request.

    ``kind`` is one of ``KINDS``; ``reason`` a sentence for the clerk. A quarantined mail has no
    ``mail``; a reply has a ``reply``, also an empty one; a bounce its ``bounce``; an automatic answer
    that speaks of an absence its ``away``.
    """

    kind: str
    reason: str
    mail: Mail | None = None
    reply: Reply | None = None
    bounce: Bounce | None = None
    away: Away | None = None


def understand(
    raw: bytes, *, loop_signs: Collection[str] = (), markers: Collection[str] = (), ours: str = ""
) -> Understood:
    """Return what a raw mail means; quarantined where it is no mail.

    ``loop_signs`` see ``kinds.classify``; ``markers`` are the lines of our letters below which
    nothing is read, ``ours`` the text of the letter that may be quoted. In this process: bytes from
    strangers go through ``apart.read_apart``.
    """
    try:
        mail = read(raw)
    except Unreadable as why:
        return Understood("quarantined", str(why))
    kind, reason = classify(mail, loop_signs=loop_signs)
    return Understood(
        kind,
        reason,
        mail,
        reply_text(mail.text, markers=markers, ours=ours) if kind == "reply" else None,
        read_bounce(mail) if kind in ("bounce", "ignored", "receipt") else None,
        read_away(mail) if kind == "auto_reply" else None,
    )


def quarantined(reason: str) -> Understood:
    """Return the answer for a mail that could not be read."""
    return Understood("quarantined", reason)

"""Which moves may a request make, and how may it end?

::

    received ──► acknowledged ──► in progress ──► ended ──► reopened ─┐
        │             │            ▲       │        ▲                 │
        └──── any ────┴────────────┘       ▼        │                 │
                            waiting for resident / agency ◄───────────┘

The table below is the only place that knows. Open311's ``open`` and ``closed`` are derived.
"""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    RECEIVED = "received"
    ACKNOWLEDGED = "acknowledged"
    IN_PROGRESS = "in_progress"
    WAITING_RESIDENT = "waiting_resident"
    WAITING_AGENCY = "waiting_agency"
    ENDED = "ended"
    REOPENED = "reopened"


class Ending(StrEnum):
    """The outcome of an ended request: exactly one, and a true one."""

    FIXED = "fixed"
    NO_ACTION = "no_action"
    REDIRECTED = "redirected"
    DUPLICATE = "duplicate"
    NOT_FOUND = "not_found"
    WITHDRAWN = "withdrawn"
    SPAM = "spam"


class Move(StrEnum):
    """What somebody does to a request. Answering and noting move nothing and are always allowed."""

    ACKNOWLEDGE = "acknowledge"
    START = "start"
    ASK_RESIDENT = "ask_resident"
    HEAR_RESIDENT = "hear_resident"
    HAND_OFF = "hand_off"
    TAKE_BACK = "take_back"
    REASSIGN = "reassign"
    FINISH = "finish"
    REOPEN = "reopen"


LIVE = frozenset(Status) - {Status.ENDED}
WAITING = frozenset({Status.WAITING_RESIDENT, Status.WAITING_AGENCY})

# move -> (from which statuses, to which status; None keeps the status it has)
MOVES: dict[Move, tuple[frozenset[Status], Status | None]] = {
    Move.ACKNOWLEDGE: (frozenset({Status.RECEIVED, Status.REOPENED}), Status.ACKNOWLEDGED),
    Move.START: (LIVE - {Status.IN_PROGRESS}, Status.IN_PROGRESS),
    # While an agency has it, a wait for somebody else would take it away from them unnoticed.
    Move.ASK_RESIDENT: (LIVE - {Status.WAITING_AGENCY}, Status.WAITING_RESIDENT),
    # A resident's words never move a request by themselves, except out of waiting for exactly them.
    # Whoever was asked by the town knows that it has seen the request; whether work had begun, the
    # journal tells (see casework.receiving.reply).
    Move.HEAR_RESIDENT: (frozenset({Status.WAITING_RESIDENT}), Status.ACKNOWLEDGED),
    Move.HAND_OFF: (LIVE - {Status.WAITING_AGENCY}, Status.WAITING_AGENCY),
    Move.TAKE_BACK: (frozenset({Status.WAITING_AGENCY}), Status.RECEIVED),
    Move.REASSIGN: (LIVE, None),
    Move.FINISH: (LIVE, Status.ENDED),
    Move.REOPEN: (frozenset({Status.ENDED}), Status.REOPENED),
}


def is_allowed(status: Status, move: Move) -> bool:
    """Return whether a request of this status may make this move."""
    return status in MOVES[move][0]


def after(status: Status, move: Move) -> Status:
    """Return the status after the move; ``ValueError`` when the table does not allow it."""
    sources, target = MOVES[move]
    if status not in sources:
        raise ValueError(f"a request that is {status} cannot {move}")
    return status if target is None else target


def is_open(status: Status) -> bool:
    """Open311's view: everything that has not ended is open."""
    return status is not Status.ENDED

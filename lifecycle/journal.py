"""What has happened to a request? The kinds of journal entry, in the past tense."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    RECEIVED = "received"
    ROUTED = "routed"
    ACKNOWLEDGED = "acknowledged"
    STARTED = "started"
    ANSWERED = "answered"
    NOTED = "noted"
    ASKED_RESIDENT = "asked_resident"
    RESIDENT_REPLIED = "resident_replied"
    REASSIGNED = "reassigned"
    HANDED_OFF = "handed_off"
    AGENCY_ACCEPTED = "agency_accepted"
    AGENCY_REFUSED = "agency_refused"
    AGENCY_FINISHED = "agency_finished"
    AGENCY_REMINDED = "agency_reminded"
    AGENCY_SILENT = "agency_silent"
    """It was reminded and said nothing: the clerk has been told."""
    HANDOVER_ARRIVED = "handover_arrived"
    """The agency's own system took the report and gave it a number."""
    HANDOVER_FAILED = "handover_failed"
    REROUTED = "rerouted"
    """Service or place were put right, and the rules were asked again."""
    REDIRECTED = "redirected"
    FINISHED = "finished"
    REOPENED = "reopened"
    WITHDRAWN = "withdrawn"
    RATED = "rated"
    LETTER_FAILED = "letter_failed"
    MAIL_BOUNCED = "mail_bounced"
    """A letter came back from beyond the mail server that had taken it."""
    MAIL_UNVERIFIED = "mail_unverified"
    """A mail about this request whose sender nobody vouches for; it changed nothing."""
    MAIL_ARRIVED = "mail_arrived"
    """A mail that joined the record without an act: an automatic answer, an attachment alone."""
    UNDONE = "undone"
    REMINDED = "reminded"
    """Whoever has it was reminded of a promise."""
    ESCALATED = "escalated"
    """A promise was broken, and the next person of the ladder has heard of it."""
    UPDATES_STOPPED = "updates_stopped"
    UPDATES_RESUMED = "updates_resumed"
    """The resident wants letters about it again."""
    HELD = "held"
    """It looked like the work of a program: nobody hears of it before the clerk has looked."""
    RELEASED = "released"
    """The clerk let a held request go its way."""
    FOLLOWED = "followed"
    """Another resident said "me too"."""


INTERNAL = frozenset(
    {
        Kind.ROUTED, Kind.NOTED, Kind.LETTER_FAILED, Kind.REASSIGNED, Kind.AGENCY_SILENT,
        Kind.HANDOVER_FAILED, Kind.REROUTED, Kind.MAIL_BOUNCED, Kind.MAIL_UNVERIFIED, Kind.MAIL_ARRIVED,
        Kind.UNDONE, Kind.REMINDED, Kind.ESCALATED, Kind.UPDATES_STOPPED,
        Kind.UPDATES_RESUMED, Kind.HELD, Kind.RELEASED, Kind.FOLLOWED,
    }
)  # fmt: skip
"""Kinds that only the town sees; every other kind is public to the resident."""

HUMAN_ANSWERS = frozenset(
    {Kind.ACKNOWLEDGED, Kind.STARTED, Kind.ANSWERED, Kind.ASKED_RESIDENT, Kind.REDIRECTED, Kind.FINISHED}
)
"""Kinds that count as the first human word; automatic receipts do not."""


def is_public(kind: Kind) -> bool:
    return kind not in INTERNAL

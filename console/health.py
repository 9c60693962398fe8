"""Is everything well? ``/healthz`` for whoever watches the machine: 200, or 503 with reasons."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from flask import Blueprint, Response, current_app, jsonify
from sqlalchemy.exc import SQLAlchemyError

from casework.office import EXTENSION, Keeper, Office
from casework.unread import unread_because
from reports import runs
from reports.runs import Late
from settings import SettingsError
from storage import drafts, handovers, held, incoming, lookups, outbox, recipients
from storage.runs import Counts

if TYPE_CHECKING:
    from inbox.imap import ImapServer

bp = Blueprint("health", __name__)
SEE = "See `flask --app app mail status`."
SEE_REPORTS = "See `flask --app app report list`."
LETTER_PATIENCE = timedelta(minutes=15)
HOUR = timedelta(hours=1)


@bp.get("/healthz")
def healthz() -> tuple[Response, int]:
    """Answer with the reasons, none of which names anybody."""
    now = datetime.now(UTC)
    reasons = reasons_at(now, late=runs.late_here())
    answer = jsonify(ok=not reasons, reasons=reasons, counts=_counts(now))
    answer.headers["Cache-Control"] = "no-store"
    return answer, 503 if reasons else 200


def _counts(now: datetime) -> dict[str, int]:
    """Return the figures that a watcher may draw; none of them names anybody."""
    try:
        letters, arrived = lookups.letter_counts(), incoming.counts()
        editions = runs.watched(_office(), now=now, late=runs.late_here())
        held_since = held.oldest()
        return {
            "letters_waiting": sum(letters.get(state, 0) for state in ("queued", "sending", "uncertain")),
            "letters_failed": letters.get("failed", 0),
            "mails_unread": arrived.get("stored", 0) + arrived.get("working", 0),
            "mails_quarantined": arrived.get("quarantined", 0),
            "drafts_waiting": drafts.count_open(),
            "mailboxes_suspended": len(recipients.suspended()),
            "editions_failed": editions.failed,
            "editions_overdue": editions.overdue,
            "editions_waiting": editions.waiting,
            "requests_held": held.count(),
            "requests_held_hours": int((now - held_since) / HOUR) if held_since else 0,
        }
    except SQLAlchemyError:
        return {}  # the reasons say so


def reasons_at(now: datetime, *, late: Late | None = None) -> list[str]:
    """Return a sentence for everything that a person should look into.

    ``late`` is what a process that serves has seen late; without it, what is late now is overdue.
    """
    try:
        oldest = lookups.oldest_waiting_letter(now)
        failed = lookups.letter_counts().get("failed", 0)
        is_closed = outbox.closed_because() is not None
        editions = runs.watched(_office(), now=now, late=late)
        suspended = len(recipients.suspended())
        is_unread = bool(unread_mailbox(now))
        reports = len(handovers.not_taken())
        arrived = incoming.oldest_unread()
    except SQLAlchemyError as refused:
        return [f"The database does not answer ({type(refused).__name__})."]
    reasons = [*_rules_refused()]
    if oldest is not None and now - oldest > LETTER_PATIENCE:
        minutes = int((now - oldest).total_seconds() // 60)
        reasons.append(f"The oldest letter has been waiting for {minutes} minutes. {SEE}")
    if arrived is not None and now - arrived > LETTER_PATIENCE:
        minutes = int((now - arrived).total_seconds() // 60)
        reasons.append(f"The oldest mail that arrived has been unread for {minutes} minutes. {SEE}")
    if is_closed:
        reasons.append(f"The mail server turns us away, so no letter leaves. {SEE}")
    if is_unread:
        reasons.append(f"The town's mailbox cannot be read, so replies wait there. {SEE}")
    if failed:
        reasons.append(f"{failed} letters could not be delivered. {SEE}")
    if suspended:
        reasons.append(
            f"{suspended} mailboxes of employees give letters back; who stands in gets them. {SEE}"
        )
    if reports:
        reasons.append(f"{reports} reports were not taken by an agency's own system. {SEE}")
    return [*reasons, *_report_reasons(editions)]


def unread_mailbox(now: datetime) -> str:
    """Return why the mailbox that is set up has not been read for a while; empty where all is well."""
    mailbox: ImapServer | None = current_app.extensions["townline_mailbox"]
    return unread_because(mailbox.name, now=now) if mailbox else ""


def _report_reasons(editions: Counts) -> Iterator[str]:
    if editions.failed:
        yield f"{editions.failed} editions of reports could not be made. {SEE_REPORTS}"
    if editions.overdue:
        are = "edition of a report is" if editions.overdue == 1 else "editions of reports are"
        yield f"{editions.overdue} {are} overdue. {SEE_REPORTS}"


def _office() -> Office | None:
    """Return the office; None where broken rules let none open, which another reason says."""
    keeper: Keeper = current_app.extensions[EXTENSION]
    try:
        return keeper.office()
    except SettingsError:
        return None


def _rules_refused() -> Iterator[str]:
    """Say that the newest rules are not served. Which mistakes stands in the log: they may name people."""
    keeper: Keeper = current_app.extensions[EXTENSION]
    mistakes = keeper.refusal.splitlines()[1:]
    if keeper.refusal:
        yield (
            f"The changed rules have mistakes ({len(mistakes) or 1}) and are not in force; the earlier ones "
            "still are. See `flask --app app rules check`."
        )

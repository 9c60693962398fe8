"""Has the council got its report? Each due edition is made once and mailed once, whatever dies.

A row per report and period is claimed with a lease; everything slow happens outside any transaction;
then one transaction keeps the bytes, marks the row sent and posts a letter to each recipient. Killed
before that commit, nothing has gone out and the next process makes it anew once the lease has ended;
killed after it, the letters are in the outbox and leave by themselves.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from casework.office import Office
from casework.outbox import post
from mail.address import domain_of, message_id
from mail.letter import LONGEST_NAME, Attachment, Letter, one_line
from reports.making import Made, NotYet, file_name, made
from reports.period import Period, fiscal_first
from reports.schedule import Timetable
from routing.rulebook import ReportPlan
from storage import editions
from storage.database import reading, writing
from storage.editions import Claimed, Finished, LeaseLost
from storage.facts import first_received

log = logging.getLogger("townline.reports")
LEASE = timedelta(minutes=5)
"""Longer than the longest rendering, short enough that the council gets its report the same morning."""
FIRST_RETRY = timedelta(minutes=2)
MOST_ATTEMPTS = 6
"""Two minutes, then four, and so on: an hour and two minutes of trying."""


class NothingToSend(LookupError):
    """There is no edition to send; ``str()`` is a sentence for the clerk."""


@dataclass(frozen=True)
class Sent:
    """One edition that went into the outbox just now."""

    report: str
    period: str
    recipients: tuple[str, ...]
    has_pdf: bool


def make_due(office: Office, *, now: datetime) -> tuple[Sent, ...]:
    """Make and post every edition that is due by ``now``; one that fails never stops another."""
    _add_due(office, now)
    sent = []
    while editions.is_waiting(now) and (claimed := _claim(office, now)):
        try:
            sent.append(_make(office, claimed, now))
        except LeaseLost as lost:
            log.warning("%s", lost)
        except Exception as error:
            # The edge of a job: kept where the clerk sees it, tried again later, and the next one goes on.
            log.exception("the report %s for %s could not be made", claimed.report, claimed.period)
            _put_off(office, claimed, error, now)
    return tuple(sent)


def send_now(office: Office, report: str, period: Period, *, now: datetime) -> Sent:
    """Make and post one edition without waiting for its day; raises ``NothingToSend`` and ``NotYet``."""
    plan = planned(office, report)
    if period.end > now:
        raise NotYet(period)
    with writing() as session:
        editions.add(session, report=plan.id, period=period.key, due_at=now)
        editions.revive(session, plan.id, period.key, now=now)
    claimed = _claim(office, now, report=plan.id, period=period.key)
    if claimed is None:
        raise NothingToSend(f"{report} for {period.key} has gone out already or is being made right now")
    try:
        return _make(office, claimed, now)
    except Exception as error:
        _put_off(office, claimed, error, now)
        raise


def send_again(office: Office, report: str, period: Period, *, to: Sequence[str] = (), now: datetime) -> Sent:
    """Post the stored bytes of an edition once more, unchanged; raises ``NothingToSend``."""
    plan = planned(office, report)
    stored = editions.edition(report, period.key)
    if stored is None or stored.state != "sent" or stored.html is None or stored.facts is None:
        raise NothingToSend(
            f"{report} for {period.key} has not been sent yet, so there is nothing to send again"
        )
    recipients = addresses(office, tuple(to) or plan.recipients())
    told = stored.facts["letter"]
    files = _files(plan, period, stored.pdf, stored.html, stored.csv or b"")
    letters = [_letter(office, address, told, files, period) for address in recipients]
    with writing() as session:
        for letter in letters:
            key = f"edition:{stored.id}:{letter.to}:{now.isoformat()}"
            post(session, office, letter, kind="edition", dedupe_key=key, now=now, edition_id=stored.id)
    return Sent(report, period.key, recipients, stored.pdf is not None)


def planned(office: Office, report: str) -> ReportPlan:
    """Return the plan of a report; raises ``NothingToSend`` for one that the rules do not know."""
    plan = office.rulebook.reports.get(report)
    if plan is None:
        known = ", ".join(office.rulebook.reports) or "none"
        raise NothingToSend(f'there is no report "{report}" in the rules; there are: {known}')
    return plan


def timetable(office: Office, plan: ReportPlan) -> Timetable:
    """Return the dates of a report in the town's calendar."""
    return Timetable(plan, office.calendar, fiscal_first(office.rulebook.town))


def _add_due(office: Office, now: datetime) -> None:
    with reading() as session:
        since = first_received(session)
    due = [
        (plan.id, wish)
        for plan in office.rulebook.reports.values()
        for wish in timetable(office, plan).due(now, editions.known_periods(plan.id), since=since)
        if not wish.is_missed
    ]
    if not due:
        return
    with writing() as session:
        for report, wish in due:
            editions.add(session, report=report, period=wish.period.key, due_at=wish.at)


def _claim(
    office: Office, now: datetime, report: str | None = None, period: str | None = None
) -> Claimed | None:
    reports = (report,) if report else tuple(office.rulebook.reports)
    with writing() as session:
        return editions.claim(
            session, reports=reports, lease=secrets.token_hex(16), until=now + LEASE, now=now, period=period
        )


def _make(office: Office, claimed: Claimed, now: datetime) -> Sent:
    plan = planned(office, claimed.report)
    period = Period.named(claimed.period, office.zone)
    edition = made(office, plan, period, now=now)
    recipients = addresses(office, plan.recipients())
    told = _told(edition)
    files = _files(plan, period, edition.pdf, edition.html, edition.csv)
    letters = [_letter(office, address, told, files, period) for address in recipients]
    with writing() as session:
        editions.finish(session, claimed, _kept(office, edition, told), now=now)
        for letter in letters:
            key = f"edition:{claimed.id}:{letter.to}"
            post(session, office, letter, kind="edition", dedupe_key=key, now=now, edition_id=claimed.id)
    log.info("the report %s for %s went to %d recipients", plan.id, period.key, len(recipients))
    return Sent(plan.id, period.key, recipients, edition.pdf is not None)


def _kept(office: Office, edition: Made, told: dict[str, Any]) -> Finished:
    return Finished(
        facts=edition.facts | {"letter": told},
        rules_version=office.rulebook.version,
        html=edition.html,
        csv=edition.csv,
        pdf=edition.pdf,
        sha256=edition.sha256,
        note=edition.note,
    )


def _put_off(office: Office, claimed: Claimed, error: Exception, now: datetime) -> None:
    """Try again later, at the end tell the clerk; the telling commits with the giving up."""
    attempts = claimed.attempts + 1
    why = f"{type(error).__name__}: {error}"
    is_over = attempts >= MOST_ATTEMPTS
    letter = _failure_letter(office, claimed, why) if is_over else None
    with writing() as session:
        next_at = None if is_over else now + FIRST_RETRY * 2 ** (attempts - 1)
        try:
            editions.fail(session, claimed, error=why, next_at=next_at)
        except LeaseLost:
            return
        if letter is not None:
            key = f"edition_failed:{claimed.id}:{now.isoformat()}"
            post(
                session, office, letter, kind="edition_failed", dedupe_key=key, now=now, edition_id=claimed.id
            )


def addresses(office: Office, to: Sequence[str]) -> tuple[str, ...]:
    """Return each recipient's address once, in the plan's order; a person id stands for their address."""
    people = office.rulebook.people
    found = (people[one].email if one in people else one for one in to)
    return tuple({address.lower(): address for address in found}.values())


def _told(edition: Made) -> dict[str, Any]:
    """Return what the letter says, as plain values that are kept with the edition."""
    return {
        "title": edition.title,
        "period_words": edition.period_words,
        "tiles": [list(tile) for tile in edition.tiles],
        "sentences": list(edition.sentences),
        "has_pdf": edition.pdf is not None,
    }


def _files(
    plan: ReportPlan, period: Period, pdf: bytes | None, html: bytes, sheet: bytes
) -> tuple[Attachment, ...]:
    name = file_name(plan, period)
    if pdf is not None:
        return (Attachment(f"{name}.pdf", "application/pdf", pdf),)  # the CSV is inside it
    return (Attachment(f"{name}.html", "text/html", html), Attachment(f"{name}.csv", "text/csv", sheet))


def _letter(
    office: Office, address: str, told: dict[str, Any], files: tuple[Attachment, ...], period: Period
) -> Letter:
    return _composed(office, "edition", address, period.key, files, **told)


def _failure_letter(office: Office, claimed: Claimed, why: str) -> Letter:
    clerk = office.rulebook.people[office.rulebook.clerk]
    return _composed(
        office,
        "edition_failed",
        clerk.email,
        claimed.period,
        report=claimed.report,
        period=claimed.period,
        error=why,
    )


def _composed(
    office: Office, name: str, to: str, mark: str, files: tuple[Attachment, ...] = (), **context: Any
) -> Letter:
    town = office.rulebook.town
    language = town.languages[0]
    words = office.composer.compose(name, language, town=town, base_url=office.base_url, **context)
    return Letter(
        to=to,
        subject=words.subject,
        text=words.text,
        html=words.html,
        sender=office.sender,
        sender_name=one_line(town.name.said(language), LONGEST_NAME),
        message_id=message_id(f"report-{mark}", domain_of(office.sender)),
        attachments=files,
    )

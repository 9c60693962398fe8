"""Has the council got its report? Each due edition is made once and mailed once, whatever dies.

A row per report, part, period and issue is claimed with a lease; everything slow happens outside any
transaction; then one transaction keeps the bytes, marks the row as waiting or sent, and posts the letters.
Killed before that commit, nothing has gone out and the next process makes it anew once the lease has
ended; killed after it, the letters are in the outbox and leave by themselves.
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
from mail.letter import Attachment, Letter
from reports import approving, inviting, letters
from reports.inviting import Invitation
from reports.making import Made, made
from reports.order import Order, audience_of, parts_of, recipients
from reports.period import NoSuchPeriod, Period, fiscal_first, period_named
from reports.published import plain_part
from reports.schedule import Due, Timetable
from routing.rulebook import ReportPlan
from storage import editions
from storage.counting import first_received
from storage.database import reading, writing
from storage.editions import Ahead, Claimed, Finished, LeaseLost
from storage.tables import Edition

log = logging.getLogger("townline.reports")
LEASE = timedelta(minutes=5)
"""Longer than the longest rendering, short enough that the council gets its report the same morning."""
FIRST_RETRY = timedelta(minutes=2)
MOST_ATTEMPTS = 6
"""Two minutes, then four, and so on: an hour and two minutes of trying."""
CALLED_OFF = "made by a clock that was ahead; it is made anew on its day"
SENT_EARLY = "sent by a clock that was ahead, before its period was over; then report reissue corrects it"
Posted = tuple[Letter, Invitation | None]
"""A letter, and the link in it that is in force once it is posted."""


class NothingToSend(LookupError):
    """There is no edition to send; ``str()`` is a sentence for the clerk."""


class NotTheirs(NothingToSend):
    """An edition that may not go to whom the plan names today: no later try sends it either."""


class PartGone(NotTheirs):
    """An edition of a department or ward that its plan has no more."""


@dataclass(frozen=True)
class Sent:
    """One edition whose letters went into the outbox just now."""

    report: str
    period: str
    recipients: tuple[str, ...]
    has_pdf: bool
    part: str = ""
    issue: int = 1
    waits_until: datetime | None = None
    """Until when it waits for a word; the one recipient is then who approves it. None when it is sent."""


def make_due(office: Office, *, now: datetime) -> tuple[Sent, ...]:
    """Make and post every edition that is due by ``now``; one that fails never stops another."""
    _call_off(office, now)
    _add_due(office, now)
    approving.end_waits(office, now=now)
    sent = []
    while editions.is_waiting(now) and (claimed := _claim(office, now)):
        try:
            sent.append(_make(office, claimed, now))
        except LeaseLost as lost:
            log.warning("%s", lost)
        except Exception as error:
            # The edge of a job: kept where the clerk sees it, tried again later, and the next one goes on.
            log.exception("the report %s for %s could not be made", claimed.report, claimed.period)
            put_off(office, claimed, error, now)
    return tuple(sent)


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


def make_one(office: Office, edition_id: int, *, now: datetime) -> Sent | None:
    """Make and post one due edition; None where another process has it. Raises what making raises."""
    claimed = _claim(office, now, only=edition_id)
    if claimed is None:
        return None
    try:
        return _make(office, claimed, now)
    except Exception as error:
        put_off(office, claimed, error, now)
        raise


def _call_off(office: Office, now: datetime) -> None:
    """Take back what a clock that was ahead made of periods that are not over; what went out stays."""
    early = [row.id for row in editions.ahead(now) if _is_running(office, row, now)]
    if not early:
        return
    with writing() as session:
        editions.call_off(session, early, why=CALLED_OFF, why_sent=SENT_EARLY)
    log.warning("%d editions were made by a clock that was ahead", len(early))


def _is_running(office: Office, row: Ahead, now: datetime) -> bool:
    try:
        return period_named(row.period, office.rulebook.town).end > now
    except NoSuchPeriod:
        return False


def _add_due(office: Office, now: datetime) -> None:
    """Add a row for everything that is due; what is too old is skipped, and the clerk told of it."""
    with reading() as session:
        since = first_received(session)
    for plan in office.rulebook.reports.values():
        try:
            _add_due_of(office, plan, since, now)
        except Exception:
            # The edge of a job: one plan whose dates cannot be told never stops another.
            log.exception("the dates of the report %s cannot be told", plan.id)


def due_of(office: Office, plan: ReportPlan, since: datetime | None, now: datetime) -> list[tuple[str, Due]]:
    """Return which parts of a report have no edition yet that is due by ``now``, and of which period.

    A part that is new to a report with editions begins with the period after theirs: it may be an old part
    by another name. What was sent by hand before its day does not count for other parts.
    """
    dates, known = timetable(office, plan), editions.known_periods(plan.id)
    made = frozenset(key for own in known.values() for key, at in own.items() if dates.is_of_its_day(key, at))
    return [
        (part, wish)
        for part in parts_of(office, plan)
        for wish in dates.due(now, known.get(part) or made, since=since)
    ]


def _add_due_of(office: Office, plan: ReportPlan, since: datetime | None, now: datetime) -> None:
    due = due_of(office, plan, since, now)
    if not due:
        return
    missed = [(wish.period.key, part) for part, wish in due if wish.is_missed]
    letter = letters.missed_letter(office, plan, missed) if missed else None
    with writing() as session:
        new = [
            editions.add(
                session,
                report=plan.id,
                part=part,
                period=wish.period.key,
                due_at=wish.at,
                missed="missed in an outage, and older than the plan catches up" if wish.is_missed else "",
            )
            for part, wish in due
        ]
        if letter is not None and any(new):
            key = f"edition_missed:{plan.id}:{missed[-1][0]}:{len(missed)}"
            post(session, office, letter, kind="edition_missed", dedupe_key=key, now=now)


def _claim(office: Office, now: datetime, only: int | None = None) -> Claimed | None:
    with writing() as session:
        return editions.claim(
            session,
            reports=tuple(office.rulebook.reports),
            lease=secrets.token_hex(16),
            until=now + LEASE,
            now=now,
            only=only,
        )


def _make(office: Office, claimed: Claimed, now: datetime) -> Sent:
    if claimed.attempts >= MOST_ATTEMPTS:
        raise RuntimeError(f"whoever made it was stopped {claimed.attempts} times, each time in the middle")
    plan, period = planned(office, claimed.report), period_named(claimed.period, office.rulebook.town)
    if claimed.is_made:
        return _release(office, claimed, plan, period, now)
    order = _order(claimed, plan)
    to = _readers(office, plan, claimed)
    edition = made(office, plan, period, now=now, order=order)
    kept = _kept(office, plan, edition, order)
    if plan.approve is not None and not claimed.is_decided:
        return _hold(office, claimed, plan, period, kept, now)
    posted = _letters(plan, office, period, order, kept, to, now)
    _send(office, claimed, kept, posted, now=now, is_public=plan.is_public)
    return Sent(plan.id, period.key, to, edition.pdf is not None, claimed.part, claimed.issue)


def _release(office: Office, claimed: Claimed, plan: ReportPlan, period: Period, now: datetime) -> Sent:
    """Send what was approved, as it was looked at."""
    stored = editions.one(claimed.id)
    assert stored is not None
    assert stored.html is not None
    assert stored.facts is not None
    same_audience(plan, stored)
    to = _readers(office, plan, claimed)
    kept = Finished(
        stored.facts,
        stored.rules_version,
        stored.html,
        stored.csv or b"",
        stored.pdf,
        stored.sha256 or "",
        None,
    )
    posted = _letters(plan, office, period, _order(claimed, plan), kept, to, now)
    _send(office, claimed, None, posted, now=now, is_public=plan.is_public)
    return Sent(plan.id, period.key, to, stored.pdf is not None, claimed.part, claimed.issue)


def _readers(office: Office, plan: ReportPlan, claimed: Claimed) -> tuple[str, ...]:
    """Return who gets an edition; raises ``NotTheirs`` where the plan names nobody for its part any more."""
    to = recipients(office, plan, claimed.part)
    if not to:
        gone = f'has no part "{claimed.part}"' if claimed.part else "is made for each part alone"
        raise PartGone(f"{claimed.report} for {claimed.period} goes to nobody: its plan {gone} now")
    return to


def same_audience(plan: ReportPlan, stored: Edition) -> None:
    """Raise ``NotTheirs`` where an edition was made for others than those for whom its plan is today."""
    then = audience_of(stored.facts)
    if then != plan.audience:
        raise NotTheirs(
            f"{stored.report} for {stored.period} was made for the audience {then}, and its plan is for the "
            f"audience {plan.audience} now, so nobody gets it as it is"
        )


def _order(claimed: Claimed, plan: ReportPlan) -> Order:
    """Return what is to be made. What somebody approved with a note keeps the figures that they saw.

    Neither these figures nor those of the issue before it reach another audience; raises ``NotTheirs``.
    """
    frozen = before = None
    if claimed.is_decided and (draft := editions.one(claimed.id)) is not None:
        if draft.facts is not None:
            same_audience(plan, draft)
        frozen = draft.facts
    if claimed.issue > editions.FIRST_ISSUE:
        sent = editions.edition(claimed.report, claimed.period, claimed.part, states=("sent",))
        if sent is not None:
            same_audience(plan, sent)
        before = sent.facts if sent else None
    return Order(claimed.part, claimed.issue, claimed.note, before, frozen)


def _hold(
    office: Office, claimed: Claimed, plan: ReportPlan, period: Period, kept: Finished, now: datetime
) -> Sent:
    """Keep a draft and ask for a word on it, in one commit."""
    until = timetable(office, plan).approve_until(now)
    assert until is not None
    person, letter = approving.request(office, claimed, plan, period, kept, until=until, now=now)
    with writing() as session:
        editions.hold(session, claimed, kept, until=until)
        key = f"edition_draft:{claimed.id}:{now.isoformat()}"
        post(session, office, letter, kind="edition_draft", dedupe_key=key, now=now, edition_id=claimed.id)
    log.info("the report %s for %s waits for %s until %s", plan.id, period.key, person, until.isoformat())
    return Sent(
        plan.id,
        period.key,
        (letter.to,),
        kept.pdf is not None,
        claimed.part,
        claimed.issue,
        waits_until=until,
    )


def _letters(
    plan: ReportPlan,
    office: Office,
    period: Period,
    order: Order,
    kept: Finished,
    to: Sequence[str],
    now: datetime,
) -> list[Posted]:
    attached = letters.files(plan, period, order, pdf=kept.pdf, html=kept.html, sheet=kept.csv)
    return bringing(
        office, plan, period, part=order.part, to=to, saying=kept.facts["letter"], attached=attached, now=now,
        is_public=plan.is_public,
    )  # fmt: skip


def bringing(
    office: Office,
    plan: ReportPlan,
    period: Period,
    *,
    part: str,
    to: Sequence[str],
    saying: dict[str, Any],
    attached: Sequence[Attachment],
    now: datetime,
    is_public: bool,
) -> list[Posted]:
    """Return a letter for each recipient of an edition, and the link in it of whoever gets one."""
    public = f"{office.base_url}/reports/{plan.id}/{period.key}/" if is_public else ""
    page = f"{public}{plain_part(part)}/" if public and part else public

    def letter(one: str, invited: Invitation | None) -> Letter:
        return letters.edition_letter(
            office, one, saying, attached, period, invited=invited, public_page=page
        )

    guests = [(one, inviting.invitation(office, plan, part, one, now=now)) for one in to]
    return [(letter(one, invited), invited) for one, invited in guests]


def _send(
    office: Office,
    claimed: Claimed,
    kept: Finished | None,
    posted: Sequence[Posted],
    *,
    now: datetime,
    is_public: bool,
) -> None:
    """Mark an edition sent, post its letters and let their links in, in one commit."""
    with writing() as session:
        editions.finish(session, claimed, kept, now=now, is_public=is_public)
        for letter, invited in posted:
            key = f"edition:{claimed.id}:{letter.to}"
            post(session, office, letter, kind="edition", dedupe_key=key, now=now, edition_id=claimed.id)
            if invited is not None:
                inviting.grant(session, invited, now=now)
    log.info("the report %s for %s went to %d recipients", claimed.report, claimed.period, len(posted))


def _kept(office: Office, plan: ReportPlan, edition: Made, order: Order) -> Finished:
    return Finished(
        facts=edition.facts
        | {"letter": letters.told(office, plan, edition, order), "plan": plan.model_dump(mode="json")},
        rules_version=office.rulebook.version,
        html=edition.html,
        csv=edition.csv,
        pdf=edition.pdf,
        sha256=edition.sha256,
        remark=edition.note,
        changes=edition.changes,
    )


def put_off(office: Office, claimed: Claimed, error: Exception, now: datetime) -> None:
    """Try again later, at the end tell the clerk; the telling commits with the giving up."""
    attempts = claimed.attempts + 1
    is_refused, is_gone = isinstance(error, NotTheirs), isinstance(error, PartGone)
    why = str(error) if is_refused else f"{type(error).__name__}: {error}"
    is_over = is_refused or attempts >= MOST_ATTEMPTS
    letter = (
        letters.failure_letter(office, claimed, why, is_refused=is_refused, is_gone=is_gone)
        if is_over
        else None
    )
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

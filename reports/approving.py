"""Who says whether a draft goes out, and what happens when nobody does?

The link of the letter is a key for one edition and one person: it follows from the town's secret, so
nothing of it is stored. What is decided first stands, whoever says what else later.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _

from casework.errors import LinkRefused, NotPossible
from casework.office import Office
from casework.outbox import post
from mail.address import looks_like_token, token
from mail.letter import Letter
from reports import letters
from reports.order import Order, audience_of, recipients
from reports.period import Period, period_named
from reports.schedule import half_way, wait_end
from routing.rulebook import Person, ReportPlan
from storage import editions, outbox
from storage.database import reading, writing
from storage.editions import BY_ITSELF, Claimed, Finished, Waiting
from storage.tables import Edition

log = logging.getLogger("townline.reports")
LONGEST_NOTE = 800
"""So many characters of a note still leave the first page its figures."""
SLACK = timedelta(days=1)
"""By so much a wait may differ: a holiday more, or a clock that is set."""
STAYS_OPEN = timedelta(days=30)
"""How long after the wait the link still tells what has become of the edition."""


class Remade(NotPossible):
    """Another draft has taken the place of the one that was looked at."""


@dataclass(frozen=True)
class Desk:
    """What a link opens: one edition, and who reads it."""

    edition: Edition
    plan: ReportPlan
    period: Period
    reader: Person
    recipients: tuple[str, ...]

    @property
    def is_open(self) -> bool:
        """Whether it still waits for a word."""
        return self.edition.state == "waiting"


def link(office: Office, edition_id: int, period: str, issue: int, person: str) -> str:
    """Return the address at which a person decides about an edition."""
    return f"{office.base_url}/approve/{_key(office, edition_id, period, issue, person)}/{edition_id}"


def _key(office: Office, edition_id: int, period: str, issue: int, person: str) -> str:
    return token(office.secret, "edition", f"{edition_id}/{period}", person, issue)


def admit(office: Office, value: str, edition_id: int, *, now: datetime) -> Desk:
    """Return what the link opens; raises ``LinkRefused``, also when its time is long over.

    While nobody has decided, only who approves the report today, or stands in, is let in: ``NotPossible``.
    """
    edition = editions.one(edition_id) if looks_like_token(value) else None
    plan = office.rulebook.reports.get(edition.report) if edition else None
    if edition is None or plan is None or edition.approve_until is None:
        raise LinkRefused("unknown")
    keys = (
        (person, _key(office, edition_id, edition.period, edition.issue, person.id))
        for person in office.rulebook.people.values()
    )
    reader = next((person for person, key in keys if hmac.compare_digest(key, value.lower())), None)
    if reader is None:
        raise LinkRefused("unknown")
    if edition.approve_until + STAYS_OPEN < now:
        raise LinkRefused("expired")
    if edition.decided_by != f"person:{reader.id}" and not _may_decide(office, plan, reader, now):
        raise NotPossible(_("By the rules of today, you do not decide about this report."))
    if edition.state == "waiting" and audience_of(edition.facts) != plan.audience:
        raise NotPossible(_("The report is for others now than this draft. It is being made anew."))
    period = period_named(edition.period, office.rulebook.town)
    return Desk(edition, plan, period, reader, recipients(office, plan, edition.part))


def _may_decide(office: Office, plan: ReportPlan, reader: Person, now: datetime) -> bool:
    """Return whether somebody approves a report by today's rules, is the deputy, or stands in."""
    if plan.approve is None:
        return False
    people = office.rulebook.people
    meant = people[plan.approve.by]
    return reader.id in (meant.id, meant.deputy, office.stand_in(meant.id, now).id)


def decide(
    office: Office, desk: Desk, *, is_skipped: bool, note: str = "", looked_at: str, now: datetime
) -> None:
    """Approve or skip a draft; what was decided before stays as it is. Raises ``NotPossible``.

    ``looked_at`` is the sum of the draft that was shown: what was made anew since is not decided about.

    An approved one goes out with the next tick, with a note made anew for it; a skipped one is told to the
    clerk in the same commit.
    """
    said = note.strip()
    if len(said) > LONGEST_NOTE:
        raise NotPossible(
            _(
                "The note has %(length)d characters; at most %(limit)d fit on the first page.",
                length=len(said),
                limit=LONGEST_NOTE,
            )
        )
    if desk.is_open and looked_at != desk.edition.sha256:
        raise Remade(_("This report has been made anew since you opened it. Please look at it again."))
    told = _skipped(office, _waiting(desk.edition), desk.edition, desk.reader) if is_skipped else []
    by = f"person:{desk.reader.id}"
    _decide(office, desk.edition.id, told, by=by, is_skipped=is_skipped, note=said, sha256=looked_at, now=now)


def _decide(
    office: Office,
    edition_id: int,
    told: Sequence[Letter],
    *,
    by: str,
    is_skipped: bool,
    note: str = "",
    sha256: str | None = None,
    now: datetime,
) -> None:
    """Keep the decision and post who must hear of it, in one commit; a second one changes nothing."""
    with writing() as session:
        if not editions.decide(
            session, edition_id, by=by, is_skipped=is_skipped, note=note, sha256=sha256, now=now
        ):
            return
        for letter in told:
            key = f"edition_skipped:{edition_id}:{letter.to}:{now.isoformat()}"
            post(
                session,
                office,
                letter,
                kind="edition_skipped",
                dedupe_key=key,
                now=now,
                edition_id=edition_id,
            )
    log.info("edition %d was %s by %s", edition_id, "skipped" if is_skipped else "approved", by)


def request(
    office: Office,
    claimed: Claimed,
    plan: ReportPlan,
    period: Period,
    kept: Finished,
    *,
    until: datetime,
    now: datetime,
) -> tuple[str, Letter]:
    """Return who is asked for a word on a new draft, and the letter that asks."""
    assert plan.approve is not None
    person = office.stand_in(plan.approve.by, now)
    attached = letters.files(
        plan,
        period,
        Order(claimed.part, claimed.issue),
        pdf=kept.pdf,
        html=kept.html,
        sheet=kept.csv,
        mark="-draft",
    )
    letter = letters.draft_letter(
        office,
        person.email,
        kept.facts["letter"],
        attached,
        plan=plan,
        period=period,
        link=link(office, claimed.id, claimed.period, claimed.issue, person.id),
        until=until,
        recipients=recipients(office, plan, claimed.part),
    )
    return person.id, letter


def end_waits(office: Office, *, now: datetime) -> None:
    """Decide about drafts whose time is over as their plans say, and remind of others half-way."""
    for waiting in editions.waiting():
        plan = office.rulebook.reports.get(waiting.report)
        if plan is None:
            continue  # its plan is gone from the rules, and with it who would get it
        try:
            if not _is_theirs(waiting, plan) or _is_too_long(office, waiting, plan, now):
                with writing() as session:
                    editions.make_anew(session, waiting.id, now=now)
            elif waiting.until <= now:
                _end(office, waiting, plan, now)
            elif half_way(waiting.since, waiting.until, office.calendar) <= now:
                _remind(office, waiting, plan, now)
        except Exception:
            # The edge of a job: tried again with the next tick, and the next one goes on.
            log.exception("edition %d could not be decided about", waiting.id)


def _is_theirs(waiting: Waiting, plan: ReportPlan) -> bool:
    """Return whether a draft was made for those for whom its plan is today, and so for who approves today."""
    edition = editions.one(waiting.id)
    return edition is None or audience_of(edition.facts) == plan.audience


def _is_too_long(office: Office, waiting: Waiting, plan: ReportPlan, now: datetime) -> bool:
    """Return whether it waits longer than one that began now: a clock was ahead, or the plan has changed."""
    if plan.approve is None:
        return False
    return waiting.until > wait_end(now, plan.approve, office.calendar) + SLACK


def _end(office: Office, waiting: Waiting, plan: ReportPlan, now: datetime) -> None:
    is_skipped = plan.approve is not None and plan.approve.then == "skip"
    told: list[Letter] = []
    if is_skipped:
        edition = editions.one(waiting.id)
        assert edition is not None
        told = _skipped(office, waiting, edition, None)
    _decide(office, waiting.id, told, by=BY_ITSELF, is_skipped=is_skipped, now=now)


def _remind(office: Office, waiting: Waiting, plan: ReportPlan, now: datetime) -> None:
    key = f"edition_reminder:{waiting.id}:{waiting.until.isoformat()}"
    with reading() as session:
        is_reminded = outbox.is_posted(session, key)
    if plan.approve is None or is_reminded:
        return
    edition = editions.one(waiting.id)
    assert edition is not None
    assert edition.facts is not None
    person = office.stand_in(plan.approve.by, now)
    letter = letters.draft_letter(
        office,
        person.email,
        edition.facts["letter"],
        (),
        plan=plan,
        period=period_named(waiting.period, office.rulebook.town),
        link=link(office, waiting.id, waiting.period, waiting.issue, person.id),
        until=waiting.until,
        recipients=recipients(office, plan, waiting.part),
        is_reminder=True,
    )
    with writing() as session:
        post(session, office, letter, kind="edition_reminder", dedupe_key=key, now=now, edition_id=waiting.id)


def _skipped(office: Office, waiting: Waiting, edition: Edition, reader: Person | None) -> list[Letter]:
    """Return the letters that say that it is not sent: to the clerk, and to the approver who said nothing."""
    people, plan = office.rulebook.people, office.rulebook.reports[waiting.report]
    told = [people[office.rulebook.clerk].email]
    if reader is None and plan.approve is not None:
        told.append(people[plan.approve.by].email)
    who = reader.name.said(office.rulebook.town.languages[0]) if reader else ""
    assert edition.facts is not None
    saying = edition.facts["letter"]
    own = {reader.email.lower()} if reader else set()
    return [
        letters.skipped_letter(office, address, waiting, saying, who)
        for address in dict.fromkeys(told)
        if address.lower() not in own
    ]


def _waiting(edition: Edition) -> Waiting:
    assert edition.approve_until is not None
    return Waiting(
        edition.id,
        edition.report,
        edition.part,
        edition.period,
        edition.issue,
        edition.due_at,
        edition.approve_until,
    )

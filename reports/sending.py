"""How does somebody send a report by hand: now, again, to one reader first, or corrected?"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from casework.office import Office
from casework.outbox import post
from reports import inviting, letters
from reports.approving import LONGEST_NOTE
from reports.edition import NothingToSend, Sent, bringing, make_one, planned, same_audience
from reports.making import NotYet, made
from reports.order import Order, addresses, parts_of, recipients
from reports.period import Period
from routing.rulebook import ReportPlan
from storage import editions, runs
from storage.database import writing
from storage.tables import Edition


def send_now(
    office: Office, report: str, period: Period, *, part: str | None = None, now: datetime
) -> tuple[Sent, ...]:
    """Make and post an edition, or that of each part, without waiting for its day.

    Where the plan wants an approval, it is asked for. Raises ``NothingToSend`` and ``NotYet``.
    """
    plan = _own(office, report, period, now)
    sent = [_made_now(office, plan, period, one, now=now) for one in parts(office, plan, part)]
    done = tuple(one for one in sent if one is not None)
    if not done:
        raise NothingToSend(f"{report} for {period.key} {_state(report, period, part)}")
    return done


def _made_now(office: Office, plan: ReportPlan, period: Period, part: str, *, now: datetime) -> Sent | None:
    with writing() as session:
        editions.add(session, report=plan.id, part=part, period=period.key, due_at=now)
    row = editions.edition(plan.id, period.key, part)
    assert row is not None
    with writing() as session:
        editions.revive(session, row.id, now=now)
    return make_one(office, row.id, now=now)


def _state(report: str, period: Period, part: str | None) -> str:
    row = editions.edition(report, period.key, part or "")
    if row is not None and row.state == "waiting" and row.approve_until is not None:
        return "is made and waits for a word; the letter that asks for it has the link"
    return "has gone out already or is being made right now"


def send_again(
    office: Office,
    report: str,
    period: Period,
    *,
    to: Sequence[str] = (),
    part: str | None = None,
    now: datetime,
) -> tuple[Sent, ...]:
    """Post the stored bytes of an edition once more, unchanged; raises ``NothingToSend``.

    What was made for another audience than the plan has today goes only to those who got it already.
    """
    plan = planned(office, report)
    sent = [
        _again(office, plan, period, stored, to, now=now)
        for one in parts(office, plan, part)
        if (stored := editions.edition(report, period.key, one, states=("sent",))) is not None
    ]
    if not sent:
        raise NothingToSend(
            f"{report} for {period.key} has not been sent yet, so there is nothing to send again"
        )
    return tuple(sent)


def _again(
    office: Office, plan: ReportPlan, period: Period, stored: Edition, to: Sequence[str], *, now: datetime
) -> Sent:
    assert stored.html is not None
    assert stored.facts is not None
    found = addresses(office, tuple(to)) or recipients(office, plan, stored.part)
    had_it = {one.recipient.lower() for one in runs.deliveries([stored.id]).get(stored.id, ())}
    if not {address.lower() for address in found} <= had_it:
        same_audience(plan, stored)
    attached = letters.files(
        plan,
        period,
        Order(stored.part, stored.issue),
        pdf=stored.pdf,
        html=stored.html,
        sheet=stored.csv or b"",
    )
    saying = stored.facts["letter"]
    posted = bringing(
        office, plan, period, part=stored.part, to=found, saying=saying, attached=attached, now=now,
        is_public=plan.is_public and stored.published_at is not None,
    )  # fmt: skip
    with writing() as session:
        for letter, invited in posted:
            if invited is not None:
                inviting.grant(session, invited, now=now)
            key = f"edition:{stored.id}:{letter.to}:{now.isoformat()}"
            post(session, office, letter, kind="edition", dedupe_key=key, now=now, edition_id=stored.id)
    return Sent(plan.id, period.key, found, stored.pdf is not None, stored.part, stored.issue)


def send_preview(
    office: Office,
    report: str,
    period: Period,
    *,
    to: str,
    part: str | None = None,
    note: str = "",
    now: datetime,
) -> tuple[Sent, ...]:
    """Make the report and post it to one reader, marked as a preview; no edition comes of it."""
    plan = planned(office, report)
    if period.end > now:
        raise NotYet(period)
    [address] = addresses(office, (to,))
    return tuple(
        _previewed(office, plan, period, Order(one, note=note), address, now)
        for one in parts(office, plan, part)
    )


def _previewed(
    office: Office, plan: ReportPlan, period: Period, order: Order, to: str, now: datetime
) -> Sent:
    edition = made(office, plan, period, now=now, order=order)
    attached = letters.files(
        plan, period, order, pdf=edition.pdf, html=edition.html, sheet=edition.csv, mark="-preview"
    )
    saying = letters.told(office, plan, edition, order)
    letter = letters.edition_letter(office, to, saying, attached, period, is_preview=True)
    with writing() as session:
        key = f"edition_preview:{secrets.token_hex(16)}"
        post(session, office, letter, kind="edition_preview", dedupe_key=key, now=now)
    return Sent(plan.id, period.key, (to,), edition.pdf is not None, order.part)


def reissue(
    office: Office, report: str, period: Period, *, note: str, part: str | None = None, now: datetime
) -> tuple[Sent, ...]:
    """Make the next issue of what was sent, with what has changed since; raises ``NothingToSend``.

    ``note`` says why; it stands on the first page beside the list of changes.
    """
    plan, why = _own(office, report, period, now), _checked(note)
    sent = [
        _reissued(office, newest, why, now=now)
        for one in parts(office, plan, part)
        if (newest := editions.edition(report, period.key, one)) is not None
        and (newest.state == "sent" or newest.issue > editions.FIRST_ISSUE)
    ]
    if not sent:
        raise NothingToSend(f"{report} for {period.key} has not been sent, so there is nothing to correct")
    return tuple(sent)


def put_aside(row: Edition, *, now: datetime) -> bool:
    """Give up an edition that failed, so that nobody is told of it any more; return whether it had."""
    with writing() as session:
        return editions.put_aside(session, row.id, by=editions.BY_OPERATOR, now=now)


def _reissued(office: Office, newest: Edition, why: str, *, now: datetime) -> Sent:
    """Make the issue after the one that was sent; one that failed or was skipped on the way is made again."""
    issue = newest.issue + (newest.state == "sent")
    if newest.state == "due" and newest.decided_at is not None:
        raise NothingToSend(
            f"issue {issue} of {newest.report} for {newest.period} is approved and goes out now"
        )
    with writing() as session:
        editions.add(
            session,
            report=newest.report,
            part=newest.part,
            period=newest.period,
            due_at=now,
            issue=issue,
            note=why,
        )
    row = editions.edition(newest.report, newest.period, newest.part)
    assert row is not None
    with writing() as session:
        editions.revive(session, row.id, note=why, now=now)
    made_one = make_one(office, row.id, now=now)
    if made_one is None:
        state = "waits for a word" if row.state == "waiting" else "is being made right now"
        raise NothingToSend(f"issue {issue} of {newest.report} for {newest.period} {state}")
    return made_one


def _checked(note: str) -> str:
    said = note.strip()
    if not said:
        raise NothingToSend("say why it is corrected: --note is empty")
    if len(said) > LONGEST_NOTE:
        raise NothingToSend(f"the note has {len(said)} characters; at most {LONGEST_NOTE} fit the first page")
    return said


def _own(office: Office, report: str, period: Period, now: datetime) -> ReportPlan:
    """Return the plan, if the period is one of its own and over."""
    plan = planned(office, report)
    if period.every != plan.every:
        raise NothingToSend(
            f"{report} is a report for every {plan.every.replace('_', ' ')}, and {period.key} is a "
            f"{period.every.replace('_', ' ')}: only a preview can be made of it"
        )
    if period.end > now:
        raise NotYet(period)
    return plan


def _once(plan: ReportPlan, part: str) -> str:
    """Return what can be done about editions of a part that is gone, as the end of a sentence."""
    if part not in editions.known_periods(plan.id):
        return ""
    return (
        f". It had one once: flask --app app report list {plan.id} shows what has become of its editions, "
        "and flask --app app report skip puts aside one that could not be sent"
    )


def parts(office: Office, plan: ReportPlan, part: str | None) -> tuple[str, ...]:
    """Return the part that was asked for, or all; raises ``NothingToSend`` for one there is not."""
    known = parts_of(office, plan)
    if not known:
        raise NothingToSend(f"{plan.id} has no parts: the layer of wards cannot be read, or none has a name")
    if part is None:
        return known
    if part not in known:
        there = ", ".join(name for name in known if name) or "none: it is about the whole town"
        raise NothingToSend(f'{plan.id} has no part "{part}"; its parts are: {there}{_once(plan, part)}')
    return (part,)

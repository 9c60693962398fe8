"""How do the reports fare? What the operator's page "Reports" shows, and what a watcher counts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask import current_app
from flask_babel import get_locale
from flask_babel import gettext as _

from casework.office import Office
from reports import published
from reports.edition import due_of, timetable
from reports.order import part_name, parts_of
from reports.schedule import Coming
from routing.rulebook import ReportPlan
from storage import archive, runs
from storage.archive import Listed
from storage.counting import first_received
from storage.database import reading
from storage.editions import BY_ITSELF, BY_OPERATOR, FIRST_ISSUE
from storage.runs import Counts, Delivery, Key
from storage.tables import Edition

PATIENCE = timedelta(hours=2)
"""How long after its time an edition is overdue: longer than all its tries together."""
CHANCE = timedelta(minutes=10)
"""So long an edition must have been late before the eyes of this process: the clock comes once a minute,
and makes what became due while nothing ran, or what an import or a new plan asks for, one after the other."""
LATE = "townline_late"
MOST_RUNS = 5
MOST_PARTS = 12
"""So many editions are shown at first of a report that has parts, one or two rounds of them."""
ALL_RUNS = 500


@dataclass(frozen=True)
class Run:
    """One edition as the operator sees it."""

    edition: Edition
    part: str
    period: str
    forms: tuple[str, ...]
    """In which forms it can be looked at: ``pdf``, ``html``."""
    deliveries: tuple[Delivery, ...]
    is_newest: bool
    """Whether it is the newest sent issue of its period, the one that is sent again."""
    may_be_public: bool
    decided_by: str
    waits_for: str
    """Who is asked for a word on a draft; empty where nobody is."""

    @property
    def is_public(self) -> bool:
        return self.edition.published_at is not None

    @property
    def may_be_made(self) -> bool:
        """Whether pressing "make it now" does anything."""
        return self.edition.state in ("failed", "skipped", "due") and self.edition.issue == 1

    @property
    def got_it(self) -> int:
        """How many recipients have it, as far as their mail servers say."""
        return sum(one.state == "sent" for one in self.deliveries)

    @property
    def trouble(self) -> int:
        """How many recipients did not get it."""
        return sum(one.state in ("failed", "bounced") for one in self.deliveries)


@dataclass(frozen=True)
class PlannedRuns:
    """One report: its editions, its next dates, and what can be made by hand."""

    plan: ReportPlan
    title: str
    runs: tuple[Run, ...]
    count: int
    coming: tuple[Coming, ...]
    periods: tuple[str, ...]
    """How the periods of ``coming`` are called."""
    newest: str
    """The key of the newest period that is over, offered where a period is asked for."""
    parts: tuple[tuple[str, str], ...]
    """(part, as people call it), for a report that has parts."""


def of_reports(office: Office, *, now: datetime, only: str = "") -> tuple[PlannedRuns, ...]:
    """Return every report of the rules with its newest editions; of ``only`` one all of them."""
    return tuple(
        _planned(office, plan, now, ALL_RUNS if plan.id == only else _most(office, plan))
        for plan in office.rulebook.reports.values()
    )


@dataclass
class Late:
    """Since when has this process seen each edition late? One for each application that serves."""

    since: dict[Key, datetime] = field(default_factory=dict)

    def overdue(self, late: Collection[Key], *, now: datetime) -> int:
        """Return how many of those that are late now have been so for a while; what is not late any more
        is forgotten."""
        self.since = {key: self.since.get(key, now) for key in late}
        return sum(now - first >= CHANCE for first in self.since.values())


def late_here() -> Late:
    """Return what the application that serves now has seen late."""
    kept: Late = current_app.extensions.setdefault(LATE, Late())
    return kept


def watched(office: Office | None, *, now: datetime, late: Late | None = None) -> Counts:
    """Count what failed, is overdue or waits; also what should have been made and has no row at all.

    With ``late`` an edition is overdue only once the clock had a fair chance to make it. Without an office,
    where the rules cannot be read, only the rows are counted.
    """
    since = now - PATIENCE
    # What is left of a report that the rules plan no more, nobody can make, or see on the operator's page.
    known = office.rulebook.reports if office else None
    failed, waiting = runs.counts(known)
    found = {key for key in runs.late(since) if known is None or key[0] in known}
    if office is not None:
        found |= _missing(office, since)
    return Counts(failed, len(found) if late is None else late.overdue(found, now=now), waiting)


def _most(office: Office, plan: ReportPlan) -> int:
    return min(max(MOST_RUNS, len(parts_of(office, plan))), MOST_PARTS)


def _missing(office: Office, since: datetime) -> set[Key]:
    with reading() as session:
        first = first_received(session)
    return {
        (plan.id, part, wish.period.key, FIRST_ISSUE)
        for plan in office.rulebook.reports.values()
        for part, wish in due_of(office, plan, first, since)
        if not wish.is_missed
    }


def _planned(office: Office, plan: ReportPlan, now: datetime, most: int) -> PlannedRuns:
    language = str(get_locale() or "en").replace("_", "-")
    dates = timetable(office, plan)
    coming = dates.coming(now)
    has_parts = plan.has_parts
    return PlannedRuns(
        plan=plan,
        title=plan.title.said(language),
        runs=_runs(office, plan, most, language),
        count=runs.count(plan.id),
        coming=coming,
        periods=tuple(published.period_of(office, one.period.key, language) for one in coming),
        newest=dates.around(now).before.key,
        parts=tuple((part, part_name(office, plan, part)) for part in parts_of(office, plan) if has_parts),
    )


def _runs(office: Office, plan: ReportPlan, most: int, language: str) -> tuple[Run, ...]:
    rows = runs.of_report(plan.id, most)
    ids = [row.id for row in rows]
    sent, forms = runs.deliveries(ids), runs.forms(ids)
    kept = {one.id: one for period in {row.period for row in rows} for one in archive.sent(plan.id, period)}
    return tuple(
        Run(
            edition=row,
            part=part_name(office, plan, row.part),
            period=published.period_of(office, row.period, language),
            forms=forms.get(row.id, ()),
            deliveries=sent.get(row.id, ()),
            is_newest=_is_newest(row, kept),
            may_be_public=row.id in kept and published.is_visible(office, kept[row.id]),
            decided_by=_who(office, row.decided_by, language),
            waits_for=_who(office, plan.approve.by, language) if plan.approve else "",
        )
        for row in rows
    )


def _is_newest(row: Edition, kept: dict[int, Listed]) -> bool:
    issues = [one.issue for one in kept.values() if (one.period, one.part) == (row.period, row.part)]
    return row.state == "sent" and row.issue == max(issues, default=0)


def _who(office: Office, decided_by: str, language: str) -> str:
    """Return who approved or skipped it, as people call them; empty where nobody has."""
    if not decided_by:
        return ""
    if decided_by == BY_ITSELF:
        return _("nobody: its time ran out")
    if decided_by == BY_OPERATOR:
        return _("the operator")
    person = office.rulebook.people.get(decided_by.removeprefix("person:"))
    return person.name.said(language) if person else _("somebody who is gone from the rules")

"""Which editions may everybody read, and where does each stand?

Public is what was sent, is marked so, was written for the council or a ward, and whose plan, where there
still is one, publishes. An edition of a plan that is gone from the rules stays where it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from casework.office import Office
from reports.order import name_of, plain_name
from reports.period import NoSuchPeriod, period_named
from reports.wording import Speech
from routing.plans import PUBLIC
from storage import archive
from storage.archive import Listed
from storage.editions import FIRST_ISSUE

MOST_IN_FEED = 50
NAMED = re.compile(r"[\w.-]{1,64}/[A-Z0-9-]{1,16}", re.ASCII)
"""How a report and its period look in an address; nothing else is looked up."""
KINDS = ("pdf", "html", "csv", "json")


@dataclass(frozen=True)
class Published:
    """One edition as a reader sees it, in their language."""

    row: Listed
    title: str
    part: str
    """The department or ward as people call it; empty for the whole town."""
    period: str
    newest: int
    """The number of the newest public issue of the same period and part."""
    since: datetime

    @property
    def at(self) -> dict[str, Any]:
        """Where it stands: what its address is made of."""
        return {**self.newest_at, "issue": self.row.issue}

    @property
    def newest_at(self) -> dict[str, Any]:
        """Where the newest issue stands, whichever that is."""
        row = self.row
        part = {"part": plain_name(row.part)} if row.part else {}
        return {"report": row.report, "period": row.period, **part}

    @property
    def is_corrected(self) -> bool:
        return self.row.issue > FIRST_ISSUE

    @property
    def is_replaced(self) -> bool:
        return self.row.issue < self.newest

    @property
    def file_name(self) -> str:
        """What its files are called, without their endings."""
        return name_of(self.row.report, self.row.part, self.row.period, self.row.issue)


@dataclass(frozen=True)
class TakenBack:
    """An issue that was public once."""

    issue: int
    at: datetime
    reason: str


@dataclass(frozen=True)
class Shelf:
    """The editions of one report in one year, the newest period first."""

    title: str
    editions: tuple[Published, ...]


def years(office: Office) -> tuple[str, ...]:
    """Return the years of which there is something to read, the newest first."""
    return tuple(sorted({_year(period) for _report, period in _places(office)}, reverse=True))


def shelves(office: Office, year: str, language: str) -> tuple[Shelf, ...]:
    """Return what there is to read of a year, report by report in the order of the rules."""
    places = {place for place in _places(office) if _year(place[1]) == year}
    rows = _newest_first(office, _visible(office, archive.published(places)))
    order = {name: number for number, name in enumerate(office.rulebook.reports)}
    rows.sort(key=lambda row: (order.get(row.report, len(order)), row.report))
    found = []
    for _report, group in groupby(rows, key=lambda row: row.report):
        editions = _said(office, list(group), language)
        found.append(Shelf(editions[0].title, editions))
    return tuple(found)


def issues(office: Office, report: str, period: str, part: str, language: str) -> tuple[Published, ...]:
    """Return the public issues of one edition, the newest first; ``part`` as in its address."""
    rows = [row for row in _sent(report, period, part) if row.published_at]
    return _said(office, _visible(office, rows), language)


def taken_back(office: Office, report: str, period: str, part: str) -> tuple[TakenBack, ...]:
    """Return the issues of an edition that were public once, with the reason that was given."""
    found = []
    for row in _visible(office, _sent(report, period, part)):
        last = row.decisions[-1] if row.decisions and not row.published_at else None
        if last and not last["is_public"]:
            found.append(TakenBack(row.issue, datetime.fromisoformat(last["at"]), last["reason"]))
    return tuple(found)


def latest(office: Office, language: str) -> tuple[Published, ...]:
    """Return what was published last, the newest first, for the feed."""
    return _said(office, _visible(office, archive.latest(MOST_IN_FEED)), language, is_every_issue=False)


def is_visible(office: Office, row: Listed) -> bool:
    """Return whether an edition may be public at all, marked so or not."""
    plan = office.rulebook.reports.get(row.report)
    audience = row.audience or (plan.audience if plan else None)
    return audience in PUBLIC and (plan is None or plan.is_public)


def plain_part(part: str) -> str:
    """Return a part as it stands in an address; empty for the whole town."""
    return plain_name(part) if part else ""


def title_of(office: Office, report: str, language: str, kept: str | None) -> str:
    """Return what a report is called: by today's rules, or as it was when it was made."""
    plan = office.rulebook.reports.get(report)
    return plan.title.said(language) if plan else kept or report


def period_of(office: Office, key: str, language: str) -> str:
    """Return a period as people call it, with a capital letter; the key where it is none of the town's."""
    try:
        said = Speech(language.replace("-", "_")).period(period_named(key, office.rulebook.town))
    except NoSuchPeriod:
        return key
    return said[:1].upper() + said[1:]


def _sent(report: str, period: str, part: str) -> list[Listed]:
    if not NAMED.fullmatch(f"{report}/{period}"):
        return []
    return [row for row in archive.sent(report, period) if plain_part(row.part) == part]


def _places(office: Office) -> frozenset[tuple[str, str]]:
    plans = office.rulebook.reports
    return frozenset(
        place for place in archive.places() if place[0] not in plans or plans[place[0]].is_public
    )


def _visible(office: Office, rows: Iterable[Listed]) -> list[Listed]:
    return [row for row in rows if is_visible(office, row)]


def _newest_first(office: Office, rows: list[Listed]) -> list[Listed]:
    """Return the rows by period, the latest first; of one period by part, and its issues last to first."""

    def when(row: Listed) -> str:
        try:
            return period_named(row.period, office.rulebook.town).last_day.isoformat()
        except NoSuchPeriod:
            return ""

    rows = sorted(rows, key=lambda row: (row.part_name or row.part).casefold())
    return sorted(rows, key=when, reverse=True)


def _said(
    office: Office, rows: Sequence[Listed], language: str, *, is_every_issue: bool = True
) -> tuple[Published, ...]:
    newest: dict[tuple[str, str, str], int] = {}
    for row in rows:
        place = (row.report, row.period, row.part)
        newest[place] = max(newest.get(place, 0), row.issue)
    return tuple(
        Published(
            row=row,
            title=title_of(office, row.report, language, row.title),
            part=row.part_name or row.part,
            period=period_of(office, row.period, language),
            newest=newest[row.report, row.period, row.part] if is_every_issue else row.issue,
            since=row.published_at or row.sent_at,
        )
        for row in rows
    )


def _year(period: str) -> str:
    found = re.search(r"\d{4}", period)
    return found[0] if found else period

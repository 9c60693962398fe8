"""How does a sent edition get onto the public page, or off it? By hand, with a reason that stays."""

from __future__ import annotations

from datetime import datetime

from casework.office import Office
from reports.edition import NothingToSend
from routing.plans import PUBLIC
from storage import archive
from storage.archive import Listed
from storage.database import writing

LONGEST_REASON = 400


class NotPublic(NothingToSend):
    """An edition that may not be published, or a decision without a reason; ``str()`` says which."""


def publish(
    office: Office, row: Listed, *, is_public: bool, reason: str, by: str, now: datetime
) -> tuple[int, ...]:
    """Publish a sent edition or take it back; return the numbers of the issues that this changed.

    Taking one back takes back those before it, too: it had replaced them, and they would stand there as the
    newest again. The reason is told on the public page. Raises ``NotPublic``.
    """
    why = " ".join(reason.split())
    if len(why) > LONGEST_REASON:
        raise NotPublic(f"the reason has {len(why)} characters; at most {LONGEST_REASON} are kept")
    if not is_public and not why:
        raise NotPublic("say why it is taken back: the public page tells the reason")
    if is_public:
        _may_be_public(office, row)
    rows = [row] if is_public else [row, *_replaced(row)]
    with writing() as session:
        return tuple(
            one.issue
            for one in rows
            if archive.publish(session, one.id, is_public=is_public, reason=why, by=by, now=now)
        )


def issue_of(office: Office, report: str, period: str, part: str = "", issue: int | None = None) -> Listed:
    """Return a sent issue of a period, the newest one if none is named; raises ``NotPublic``."""
    rows = [row for row in archive.sent(report, period) if row.part == part]
    found = next((row for row in rows if issue in (None, row.issue)), None)
    if found is None:
        which = f", issue {issue}" if issue else ""
        raise NotPublic(f"{report} for {period}{', ' + part if part else ''}{which} has not been sent")
    return found


def _replaced(row: Listed) -> list[Listed]:
    """Return the issues before this one, the newest first."""
    return [
        one for one in archive.sent(row.report, row.period) if one.part == row.part and one.issue < row.issue
    ]


def _may_be_public(office: Office, row: Listed) -> None:
    plan = office.rulebook.reports.get(row.report)
    audience = row.audience or (plan.audience if plan else "")
    if audience not in PUBLIC:
        raise NotPublic(f"{row.report} for {row.period} was written for the {audience}, not for everybody")
    if plan is not None and not plan.is_public:
        raise NotPublic(
            f"the plan of {row.report} does not publish: write publish: true under reports: {row.report}"
        )

"""What does one look tell? Six headline figures, each with its denominator, its past and a line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from markupsafe import Markup

from figures.shapes import Snapshot
from figures.survival import Wait
from reports.cells import Cells
from reports.charts import sparkline
from reports.period import period_of
from reports.suppression import Mask
from reports.wording import NOTHING, Speech

DAY = 24 * 3600


@dataclass(frozen=True)
class Tile:
    """``before`` holds (month, value) of the last month and of the same month last year."""

    label: str
    value: str
    note: str
    before: tuple[tuple[str, str], ...]
    spark: Markup


def tiles(cells: Cells, say: Speech) -> list[Tile]:
    """Return the six tiles of the first page."""
    figures = cells.figures
    this, period = figures.this, period_of(figures)
    on_time = _("%(kept)s of %(due)s that were due", kept=say.count(this.on_time), due=say.count(this.due))
    ninety = _("nine in ten: %(length)s", length=say.length(this.ninety))
    fixed = _fixed(cells, say)
    overdue = _("%(count)s overdue", count=say.count(figures.backlog.overdue))
    if this.with_agency:
        overdue = _(
            "%(overdue)s, %(count)s with an agency", overdue=overdue, count=say.count(this.with_agency)
        )
    few = _("too few to tell")

    def tile(
        label: str, note: str, said: Callable[[Snapshot], str], drawn: Callable[[Snapshot], float | None]
    ) -> Tile:
        past = {period.before: figures.last}
        past.setdefault(period.year_ago, figures.year_ago)  # of a year both are the same one
        before = tuple(
            (say.period_brief(when, period), said(then))
            for when, then in past.items()
            if then is not None and said(then) != NOTHING  # a dash behind a day reads as a stretch of days
        )
        known = [
            month.snapshot for month in figures.months if month.snapshot and drawn(month.snapshot) is not None
        ]
        spark = sparkline(
            [drawn(month.snapshot) if month.snapshot else None for month in figures.months],
            title=_line_title(label, said, drawn, known),
        )
        return Tile(label, said(this), note, before, spark)

    return [
        tile(
            _("Received"),
            _issues(cells, say),
            lambda then: say.count(then.received),
            lambda then: then.received,
        ),
        tile(_("Finished"), fixed, lambda then: say.count(then.finished), lambda then: then.finished),
        tile(
            _("Open at the end"),
            overdue,
            lambda then: say.count(then.open_after),
            lambda then: then.open_after,
        ),
        tile(
            _("Finished on time"),
            on_time,
            lambda then: say.share(then.on_time_share),
            lambda then: then.on_time_share,
        ),
        tile(
            _("Half finished within"),
            ninety if this.ninety else few,
            lambda then: say.length(then.half),
            lambda then: _days(then.half),
        ),
        tile(
            _("First answer, half within"),
            _("by a person, not a machine") if this.first_answer else few,
            lambda then: say.length(then.first_answer),
            lambda then: _days(then.first_answer),
        ),
    ]


def _issues(cells: Cells, say: Speech) -> str:
    """Return how many things were reported, as far as it may be told."""
    if cells.mask("this", "", "issues"):
        return _("reports; the same thing may count twice")
    return _("reports, %(count)s different issues", count=say.count(cells.figures.this.issues))


def _fixed(cells: Cells, say: Speech) -> str:
    """Return how many of those finished were fixed, as far as it may be told."""
    match cells.mask("this", "", "outcomes.fixed"):
        case Mask.FEW:
            return _("fewer than five of them fixed")
        case Mask.HIDDEN:
            return _("fixed, or ended with a reason")
    return _("%(count)s of them fixed", count=say.count(cells.figures.this.outcomes["fixed"]))


def _line_title(
    label: str,
    said: Callable[[Snapshot], str],
    drawn: Callable[[Snapshot], float | None],
    known: Sequence[Snapshot],
) -> str:
    if not known:
        return label
    low, high = (pick(known, key=lambda then: drawn(then) or 0.0) for pick in (min, max))
    return _(
        "%(label)s, month by month: lowest %(low)s, highest %(high)s.",
        label=label,
        low=said(low),
        high=said(high),
    )


def _days(wait: Wait | None) -> float | None:
    return wait.seconds / DAY if wait else None


__all__ = ["NOTHING", "Tile", "tiles"]

"""What should the council look at first? At most four sentences, by rule and never by choice.

In this order: targets missed most often, a growing backlog, very old requests, services that are asked for
more than chance explains, agencies that give things back, and what residents opened again.
"""

from __future__ import annotations

from collections.abc import Iterator

from flask_babel import gettext as _
from flask_babel import ngettext

from figures.comparing import FEWEST, increases, is_usual
from figures.shapes import Line
from reports.cells import Cells
from reports.naming import Naming
from reports.period import period_of
from reports.wording import Speech

MOST = 4
HALF_MISSED = 0.6
"""A service is named when fewer than six in ten of what was due were finished on time."""
OFTEN_REOPENED = 0.1
OFTEN_RETURNED = 0.2


def attention(cells: Cells, naming: Naming, say: Speech) -> tuple[str, ...]:
    """Return at most four sentences; none in a period where nothing stands out."""
    told: list[str] = []
    for found in (_missed, _growing, _old, _more, _returned, _reopened):
        told += found(cells, naming, say)
    return tuple(told[:MOST])


def _missed(cells: Cells, naming: Naming, say: Speech) -> Iterator[str]:
    late = [row for row in cells.figures.services if _is_late(cells, row)]
    late.sort(key=lambda row: (row.snapshot.on_time - row.snapshot.due, row.name))
    for row in late[:1]:
        yield _(
            "%(service)s: of %(due)s requests that were due, %(kept)s were finished on time.",
            service=naming.service(row.name),
            due=say.count(row.snapshot.due),
            kept=say.count(row.snapshot.on_time),
        )


def _is_late(cells: Cells, row: Line) -> bool:
    share = row.snapshot.on_time_share
    is_told = not any(cells.mask("service", row.name, figure) for figure in ("due", "on_time"))
    return share is not None and share < HALF_MISSED and is_told


def _growing(cells: Cells, naming: Naming, say: Speech) -> Iterator[str]:
    this = cells.figures.this
    if cells.figures.begins_before_records:
        return  # what was open before there were records nobody knows
    if this.open_after > this.open_before and not is_usual(this.open_after, this.open_before):
        yield _(
            "More is open than chance explains: %(now)s at the end, %(before)s at the start.",
            now=say.count(this.open_after),
            before=say.count(this.open_before),
        )


def _old(cells: Cells, naming: Naming, say: Speech) -> Iterator[str]:
    backlog = cells.figures.backlog
    quite_old, very_old = (cells.mask("backlog", "", f"bands.{at}") for at in (3, 4))
    old = sum(backlog.bands[3:])
    if (quite_old or old < FEWEST) and not very_old and backlog.bands[4] >= FEWEST:
        yield _(
            "%(old)s requests have waited 180 days or more, the longest for %(oldest)s days.",
            old=say.count(backlog.bands[4]),
            oldest=say.count(backlog.oldest_days),
        )
    elif old >= FEWEST and not quite_old and not very_old:
        yield _(
            "%(old)s requests have waited 90 days or more, the longest for %(oldest)s days.",
            old=say.count(old),
            oldest=say.count(backlog.oldest_days),
        )


def _more(cells: Cells, naming: Naming, say: Speech) -> Iterator[str]:
    figures, period = cells.figures, period_of(cells.figures)
    is_year = figures.year_ago is not None
    figure = "received_year_ago" if is_year else "received_before"
    when = say.within(period.year_ago if is_year else period.before)
    pairs = [
        (row.name, row.snapshot.received, before)
        for row in figures.services
        if (before := row.received_year_ago if is_year else row.received_before) is not None
        and not cells.mask("service", row.name, figure)
        and not cells.mask("service", row.name, "received")
    ]
    for name, change in increases(pairs, most=2):
        yield _(
            "%(service)s: %(now)s requests against %(before)s in %(when)s, more than chance explains.",
            service=naming.service(name), now=say.count(change.now), before=say.count(change.before),
            when=when,
        )  # fmt: skip


def _returned(cells: Cells, naming: Naming, say: Speech) -> Iterator[str]:
    for row in cells.figures.agencies:
        is_told = not any(cells.mask("agency", row.agency, figure) for figure in ("handed_off", "returned"))
        if is_told and row.handed_off >= FEWEST and row.returned > OFTEN_RETURNED * row.handed_off:
            yield _(
                "%(agency)s gave back %(returned)s of %(handed)s requests.",
                agency=naming.agency(row.agency), returned=say.count(row.returned),
                handed=say.count(row.handed_off),
            )  # fmt: skip


def _reopened(cells: Cells, naming: Naming, say: Speech) -> Iterator[str]:
    again = cells.figures.reopened
    if again.share is not None and again.share > OFTEN_REOPENED:
        yield ngettext(
            "Of %(ended)s requests that ended, %(num)s was opened again within 30 days.",
            "Of %(ended)s requests that ended, %(num)s were opened again within 30 days.",
            again.reopened, ended=say.count(again.ended),
        )  # fmt: skip

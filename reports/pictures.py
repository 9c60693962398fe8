"""Which charts does the report show, and what does each one say in a sentence?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from figures.shapes import Figures, Line
from reports.charts import Dumbbell, Point, bars, dumbbells, line
from reports.period import Period, period_of
from reports.wording import Speech

DAY = 24 * 3600
FEWEST_LINES = 3


@dataclass(frozen=True)
class Pictures:
    demand: Markup
    ages: Markup
    times: Markup
    """Empty with fewer than three services whose time can be told: the table says it better."""
    months: tuple[tuple[str, int | None, int | None], ...]
    """(month, received, received a year before): the table behind the demand chart."""
    has_year_before: bool
    age_rows: tuple[tuple[str, int], ...]


def pictures(figures: Figures, names: Mapping[str, str], say: Speech) -> Pictures:
    """Return the charts, with the numbers of the tables that stand beside them."""
    timed = tuple(row for row in figures.services if row.snapshot.half is not None)
    months = tuple(
        (_month_name(month.key, figures, say), month.snapshot.received if month.snapshot else None, before)
        for month, before in zip(figures.months, figures.received_year_before, strict=True)
    )
    has_year_before = sum(before is not None for _name, _count, before in months) > 1
    age_rows = tuple(zip(age_labels(), figures.backlog.bands, strict=True))
    return Pictures(
        demand=line(
            [Point(name, count) for name, count, _before in months],
            [before if has_year_before else None for _name, _count, before in months],
            title=demand_title(figures, say),
            names=(_("received"), _("a year before")),
        ),
        ages=bars(
            [Point(label, count) for label, count in age_rows], title=ages_title(figures, say), marked=(3, 4)
        ),
        times=_times(timed, names, say),
        months=months,
        has_year_before=has_year_before,
        age_rows=age_rows,
    )


def _times(timed: tuple[Line, ...], names: Mapping[str, str], say: Speech) -> Markup:
    if len(timed) < FEWEST_LINES:
        return Markup("")
    return dumbbells([_dumbbell(row, names) for row in timed], title=times_title(timed, names, say))


def _month_name(key: str, figures: Figures, say: Speech) -> str:
    return say.month_short(Period.named(key, ZoneInfo(figures.zone)))


def age_labels() -> tuple[str, ...]:
    """Return the names of the backlog's age bands, youngest first."""
    return (
        _("under 7 days"),
        _("7 to 29 days"),
        _("30 to 89 days"),
        _("90 to 179 days"),
        _("180 days or more"),
    )


def demand_title(figures: Figures, say: Speech) -> str:
    """Return the finding of the demand chart with its extremes."""
    known = [
        (month.snapshot.received, Period.named(month.key, ZoneInfo(figures.zone)))
        for month in figures.months
        if month.snapshot
    ]
    if not known:
        return _("There are no earlier months to show yet.")
    most, least = max(known, key=lambda pair: pair[0]), min(known, key=lambda pair: pair[0])
    return _(
        "Requests received per month: %(now)s in %(month)s; the most were %(most)s in %(most_month)s, "
        "the fewest %(least)s in %(least_month)s.",
        now=say.count(figures.this.received),
        month=say.period(period_of(figures)),
        most=say.count(most[0]),
        most_month=say.month(most[1]),
        least=say.count(least[0]),
        least_month=say.month(least[1]),
    )


def ages_title(figures: Figures, say: Speech) -> str:
    """Return the finding of the backlog chart with its extremes."""
    total, bands = sum(figures.backlog.bands), figures.backlog.bands
    if not total:
        return _("Nothing was open at the end of the month.")
    most = max(range(len(bands)), key=lambda index: bands[index])
    old = sum(bands[3:])
    said = ngettext(
        "%(count)s request was open at the end of the month",
        "%(count)s requests were open at the end of the month",
        total, count=say.count(total),
    )  # fmt: skip
    return _(
        "%(said)s; the largest group, %(most)s, is %(band)s old, and %(old)s have waited 90 days or more.",
        said=said, most=say.count(bands[most]), band=age_labels()[most],
        old=say.count(old) if old else _("none"),
    )  # fmt: skip


def times_title(timed: tuple[Line, ...], names: Mapping[str, str], say: Speech) -> str:
    """Return the finding of the chart of times with its extremes."""
    if not timed:
        return _("No service had enough requests to tell how long it takes.")
    quick = min(timed, key=_half)
    slow = max(timed, key=_half)
    return _(
        "Days until half and nine in ten were finished, with the promise, by service: quickest is %(quick)s, "
        "half within %(quick_days)s days; slowest is %(slow)s, half within %(slow_days)s days.",
        quick=names.get(quick.name, quick.name),
        quick_days=say.days(quick.snapshot.half),
        slow=names.get(slow.name, slow.name),
        slow_days=say.days(slow.snapshot.half),
    )


def _half(row: Line) -> float:
    return row.snapshot.half.seconds if row.snapshot.half else 0.0


def _dumbbell(row: Line, names: Mapping[str, str]) -> Dumbbell:
    half, ninety = row.snapshot.half, row.snapshot.ninety
    return Dumbbell(
        label=names.get(row.name, row.name),
        half=half.seconds / DAY if half and half.is_reached else None,
        ninety=ninety.seconds / DAY if ninety else None,
        promised=row.promised / DAY if row.promised else None,
        is_open_ended=bool(ninety and not ninety.is_reached),
    )

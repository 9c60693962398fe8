"""Which charts does the report show, and what does each one say: as its heading, and as a sentence?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from figures.comparing import is_usual
from figures.shapes import Figures, Foreseen, Line
from reports import maps
from reports.cells import Cells
from reports.charts import Dumbbell, Point, Range, bars, dumbbells, line, ranges
from reports.ground import Ground
from reports.naming import Naming
from reports.period import Period, period_of
from reports.wording import Speech

DAY = 24 * 3600
FEWEST_LINES = 3
"""With fewer services whose time can be told a table says it better."""
LONGEST_ROWS = 24


@dataclass(frozen=True)
class Picture:
    """A chart. ``finding`` stands above it, ``about`` says what is drawn; its title says all at once."""

    finding: str
    about: str
    drawing: Markup

    def __bool__(self) -> bool:
        return bool(self.drawing)


NONE = Picture("", "", Markup(""))


@dataclass(frozen=True)
class Gallery:
    """The charts of one edition."""

    cells: Cells
    naming: Naming
    ground: Ground
    say: Speech

    @property
    def figures(self) -> Figures:
        return self.cells.figures

    @property
    def months(self) -> tuple[tuple[str, int | None, int | None], ...]:
        """(month, received, received a year before): the table behind the demand chart."""
        return tuple(
            (
                self.say.month_short(_month(month.key, self.figures)),
                month.snapshot.received if month.snapshot else None,
                before if self.has_year_before else None,
            )
            for month, before in zip(self.figures.months, self.figures.received_year_before, strict=True)
        )

    @property
    def age_labels(self) -> tuple[str, ...]:
        return age_labels()

    @property
    def has_year_before(self) -> bool:
        return sum(before is not None for before in self.figures.received_year_before) > 1

    @property
    def demand(self) -> Picture:
        drawing = line(
            [Point(name, count) for name, count, _before in self.months],
            [before for _name, _count, before in self.months],
            title=demand_title(self.figures, self.say),
            names=(_("received"), _("a year before")),
        )
        about = _("Requests received each month")
        if self.has_year_before:
            about = _("Requests received each month; dashed, the same month a year before")
        return Picture(demand_finding(self.figures, self.say), about, drawing)

    @property
    def demand_gap(self) -> str:
        """Return why the month in which records began has no number; empty where it has, or is not shown."""
        began = self.figures.records_day
        if began is None:
            return ""
        day = date.fromordinal(began)
        if not any(one.key == f"{day:%Y-%m}" and one.snapshot is None for one in self.figures.months):
            return ""
        return _(
            "Records began on %(day)s; a month that is not whole has no number here.", day=self.say.day(day)
        )

    @property
    def ages(self) -> Picture:
        points = [
            Point(words, count, self.say.masked(count, mask) if mask else "")
            for words, count, mask in (
                (words, count, self.cells.mask("backlog", "", f"bands.{at}"))
                for at, (words, count) in enumerate(
                    zip(age_labels(), self.figures.backlog.bands, strict=True)
                )
            )
        ]
        title = ages_title(self.cells, self.say)
        about = _("Open at the end, by how long they have waited; hatched: 90 days and more")
        return Picture(ages_finding(self.cells, self.say), about, bars(points, title=title, marked=(3, 4)))

    @property
    def times(self) -> Picture:
        timed = timed_lines(self.figures)
        if len(timed) < FEWEST_LINES:
            return NONE
        drawing = dumbbells(
            [_dumbbell(row, self.naming) for row in timed], title=times_title(timed, self.naming, self.say)
        )
        about = _(
            "Days until half (dot) and nine in ten (ring) were finished; "
            "upright bar: the target; arrow: longer"
        )
        return Picture(times_finding(timed), about, drawing)

    @property
    def where(self) -> Picture:
        spots = self.figures.hot_spots
        if not spots:
            return NONE
        drawing = maps.hexagons(
            spots, self.figures.grid, self.ground, title=where_title(self.figures, self.ground, self.say)
        )
        about = _("Reports by hexagons about 400 meters wide; only those with at least five are shown")
        return Picture(where_finding(self.figures, self.ground, self.say), about, drawing)

    @property
    def scores(self) -> Picture:
        said = self.figures.satisfaction
        points = [Point(_("%(rating)s of 5", rating=at), said.scores[at - 1]) for at in (5, 4, 3, 2, 1)]
        if said.share is None or not self.has_scores:
            return NONE
        title = _(
            "Ratings by residents: %(counts)s.",
            counts=", ".join(f"{point.label}: {self.say.number(point.value or 0)}" for point in points),
        )
        return Picture("", "", bars(points, title=title, row=20))

    @property
    def has_scores(self) -> bool:
        return self.cells.has_scores

    @property
    def outlook(self) -> Picture:
        expected = self.figures.outlook
        if expected is None:
            return NONE
        rows = [Range(_("next four weeks"), expected.next.middle, expected.next.low, expected.next.high)]
        if expected.last is not None:
            last = expected.last
            rows.insert(0, Range(_("last four weeks"), last.middle, last.low, last.high, expected.actual))
        about = _("Bar: what is expected four times in five; upright line: its middle; dot: what came in")
        title = outlook_title(self.figures, self.say)
        finding = outlook_finding(expected.next, self.say)
        return Picture(finding, about, ranges(rows, title=title))


def timed_lines(figures: Figures) -> tuple[Line, ...]:
    """Return the services whose time can be told, slowest first."""
    timed = [row for row in figures.services if row.snapshot.half is not None]
    return tuple(sorted(timed, key=lambda row: (-_half(row), row.name))[:LONGEST_ROWS])


def is_missed(row: Line) -> bool | None:
    """Return whether nine in ten took longer than the target; None where that is not known."""
    ninety = row.snapshot.ninety
    if not ninety or not row.promised:
        return None
    is_longer = ninety.seconds > row.promised
    # "Longer than 3 days" keeps no target of 5, and misses none.
    return is_longer if is_longer or ninety.is_reached else None


def _month(key: str, figures: Figures) -> Period:
    return Period.named(key, ZoneInfo(figures.zone))


def age_labels() -> tuple[str, ...]:
    """Return the names of the backlog's age bands, youngest first."""
    return (
        _("under 7 days"),
        _("7 to 29 days"),
        _("30 to 89 days"),
        _("90 to 179 days"),
        _("180 days or more"),
    )


def demand_finding(figures: Figures, say: Speech) -> str:
    """Return what the demand chart shows, in a line."""
    now, then = figures.this.received, figures.year_ago or figures.last
    if then is None:
        return _("%(count)s requests were received", count=say.count(now))
    period = period_of(figures)
    said = {
        "count": say.count(now),
        "before": say.count(then.received),
        "when": say.within(period.year_ago if figures.year_ago else period.before),
    }
    if is_usual(now, then.received):
        return _("About as many requests as in %(when)s: %(count)s against %(before)s", **said)
    if now > then.received:
        return _("More requests than in %(when)s: %(count)s against %(before)s", **said)
    return _("Fewer requests than in %(when)s: %(count)s against %(before)s", **said)


def demand_title(figures: Figures, say: Speech) -> str:
    """Return the finding of the demand chart with its extremes."""
    known = [
        (month.snapshot.received, _month(month.key, figures)) for month in figures.months if month.snapshot
    ]
    if not known:
        return _("There are no earlier months to show yet.")
    most, least = max(known, key=lambda pair: pair[0]), min(known, key=lambda pair: pair[0])
    return _(
        "Requests received per month: %(now)s in %(month)s; the most were %(most)s in %(most_month)s, "
        "the fewest %(least)s in %(least_month)s.",
        now=say.count(known[-1][0]),
        month=say.month(known[-1][1]),
        most=say.count(most[0]),
        most_month=say.month(most[1]),
        least=say.count(least[0]),
        least_month=say.month(least[1]),
    )


def ages_finding(cells: Cells, say: Speech) -> str:
    """Return what the backlog chart shows, in a line."""
    bands = cells.figures.backlog.bands
    total = sum(bands)
    if not total:
        return _("Nothing was open at the end")
    old = sum(bands[3:])
    if old and not _hides_old(cells):
        return _(
            "%(old)s of %(total)s open requests have waited 90 days or more",
            old=say.count(old),
            total=say.count(total),
        )
    if bands[4] and not cells.mask("backlog", "", "bands.4"):
        return _(
            "%(old)s of %(total)s open requests have waited 180 days or more",
            old=say.count(bands[4]),
            total=say.count(total),
        )
    most = max(range(len(bands)), key=lambda index: bands[index])
    if cells.mask("backlog", "", f"bands.{most}") or 2 * bands[most] <= total:
        return _were_open(total, say)  # which of two hidden groups is the larger one may tell both
    return _("Most of %(total)s open requests: %(band)s", total=say.count(total), band=age_labels()[most])


def _were_open(total: int, say: Speech) -> str:
    return ngettext(
        "%(count)s request was open at the end", "%(count)s requests were open at the end",
        total, count=say.count(total),
    )  # fmt: skip


def _hides_old(cells: Cells) -> bool:
    return any(cells.mask("backlog", "", f"bands.{at}") for at in (3, 4))


def ages_title(cells: Cells, say: Speech) -> str:
    """Return the finding of the backlog chart with its extremes."""
    bands = cells.figures.backlog.bands
    total = sum(bands)
    if not total:
        return _("Nothing was open at the end.")
    most = max(range(len(bands)), key=lambda index: bands[index])
    said, group = _were_open(total, say), say.count(bands[most])
    if cells.mask("backlog", "", f"bands.{most}") or bands.count(bands[most]) > 1:
        return f"{said}."
    if _hides_old(cells):
        return _(
            "%(said)s; the largest group, %(most)s, has waited %(band)s.",
            said=said, most=group, band=age_labels()[most],
        )  # fmt: skip
    old = sum(bands[3:])
    return _(
        "%(said)s; the largest group, %(most)s, has waited %(band)s, "
        "and %(old)s have waited 90 days or more.",
        said=said, most=group, band=age_labels()[most], old=say.count(old) if old else _("none"),
    )  # fmt: skip


def times_finding(timed: tuple[Line, ...]) -> str:
    """Return what the chart of times shows, in a line."""
    promised = [row for row in timed if is_missed(row) is not None]
    missed = sum(bool(is_missed(row)) for row in promised)
    aimed = sum(bool(row.promised) for row in timed)
    if not promised or not (missed or len(promised) == aimed):
        return _("How long it takes, by service")
    if not missed:
        return _("Every service finishes nine in ten within its target")
    return ngettext(
        "%(num)s of %(all)s services takes longer than its target for one in ten requests",
        "%(num)s of %(all)s services take longer than their target for one in ten requests",
        missed, all=aimed,
    )  # fmt: skip


def times_title(timed: tuple[Line, ...], naming: Naming, say: Speech) -> str:
    """Return the finding of the chart of times with its extremes."""
    known = [row for row in timed if row.snapshot.half and row.snapshot.half.is_reached]
    if not known:
        return f"{times_finding(timed)}."
    quick, slow = known[-1], known[0]
    return _(
        "Days until half and nine in ten were finished, with the target, by service: quickest is %(quick)s, "
        "half within %(quick_days)s days; the slowest known is %(slow)s, half within %(slow_days)s days.",
        quick=naming.service(quick.name),
        quick_days=say.days(quick.snapshot.half),
        slow=naming.service(slow.name),
        slow_days=say.days(slow.snapshot.half),
    )


def where_finding(figures: Figures, ground: Ground, say: Speech) -> str:
    """Return what the map shows, in a line."""
    spot = figures.hot_spots[0]
    corner = ground.crossing(spot)
    if corner:
        return _(
            "Most in one place: %(count)s reports around %(corner)s",
            corner=corner,
            count=say.count(spot.count),
        )
    return _("Most in one place: %(count)s reports", count=say.count(spot.count))


def where_title(figures: Figures, ground: Ground, say: Speech) -> str:
    """Return the finding of the map with its extremes."""
    spots = figures.hot_spots
    told = ngettext(
        "Map of the town with %(num)s hexagon that has at least five reports",
        "Map of the town with %(num)s hexagons that have at least five reports each",
        len(spots),
    )
    return _(
        "%(told)s: the fullest has %(most)s, the emptiest of them %(least)s. %(finding)s.",
        told=told, most=say.count(spots[0].count), least=say.count(spots[-1].count),
        finding=where_finding(figures, ground, say),
    )  # fmt: skip


def outlook_finding(expected: Foreseen, say: Speech) -> str:
    """Return what is expected, in a line."""
    return _(
        "About %(middle)s requests are expected in the next four weeks (%(days)s), "
        "probably %(low)s to %(high)s",
        days=foreseen_days(expected, say),
        middle=say.count(expected.middle), low=say.count(expected.low), high=say.count(expected.high),
    )  # fmt: skip


def foreseen_days(expected: Foreseen, say: Speech) -> str:
    """Return the days that an expectation is about."""
    first = date.fromordinal(expected.first_day)
    return say.stretch(first, first + timedelta(days=expected.days - 1))


def outlook_title(figures: Figures, say: Speech) -> str:
    """Return what is expected, and how the last expectation turned out."""
    expected = figures.outlook
    assert expected is not None
    said = outlook_finding(expected.next, say)
    if expected.last is None or expected.actual is None:
        return f"{said}."
    return _(
        "%(said)s. For the last four weeks %(low)s to %(high)s were expected, and %(actual)s came.",
        said=said, low=say.count(expected.last.low), high=say.count(expected.last.high),
        actual=say.count(expected.actual),
    )  # fmt: skip


def _half(row: Line) -> int:
    return row.snapshot.half.seconds if row.snapshot.half else 0


def _dumbbell(row: Line, naming: Naming) -> Dumbbell:
    half, ninety = row.snapshot.half, row.snapshot.ninety
    return Dumbbell(
        label=naming.service(row.name),
        half=half.seconds / DAY if half and half.is_reached else None,
        ninety=ninety.seconds / DAY if ninety else None,
        promised=row.promised / DAY if row.promised else None,
        is_open_ended=bool(ninety and not ninety.is_reached),
    )

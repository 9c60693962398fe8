"""What does the manager see beyond the council's report? Its charts, and what each one says in a sentence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time

from babel.dates import format_skeleton, format_time, get_day_names
from flask_babel import gettext as _
from flask_babel import ngettext

from casework.spent_words import hours_words
from figures.comparing import FEWEST
from figures.shapes import CostLine, CostOutlook, Figures, Insight, Shift
from reports.analytic_charts import heat, long_bars, pairs
from reports.charts import Range, ranges
from reports.naming import Naming
from reports.pictures import NONE, Picture
from reports.wording import NOTHING, Speech

MOST = 12
"""Rows of a chart; the table has all of them."""
DAYS = range(7)
WEEKS = 8
LARGE = 1_000_000
"""From ten thousand of the town's currency on, in hundredths, sums are told in whole units."""


@dataclass(frozen=True)
class Insights:
    """The manager's charts of one set of figures."""

    figures: Figures
    naming: Naming
    say: Speech

    @property
    def told(self) -> Insight:
        return self.figures.insight or Insight()

    # -- when --

    @property
    def weekdays(self) -> list[str]:
        names = get_day_names("wide", context="stand-alone", locale=self.say.locale)
        return [names[day] for day in DAYS]

    def hour(self, hour: int) -> str:
        """Return an hour of the day as a clock says it."""
        return str(format_time(time(hour), "short", locale=self.say.locale))

    @property
    def hours(self) -> Picture:
        grid = self.figures.hours
        total = sum(map(sum, grid))
        if not total:
            return NONE
        most, day, hour = max((grid[day][hour], -day, -hour) for day in DAYS for hour in range(24))
        office = sum(sum(grid[day][8:17]) for day in range(5))
        is_peak = most >= FEWEST
        known = {"first": self.hour(8), "last": self.hour(17)}
        finding = (
            _(
                "%(share)s come in on weekdays from %(first)s to %(last)s; "
                "most at one time: %(day)s, %(hour)s",
                share=self.say.share(office / total), day=self.weekdays[-day], hour=self.hour(-hour), **known,
            )
            if is_peak
            else _(
                "%(office)s of %(total)s come in on weekdays from %(first)s to %(last)s",
                office=self.say.count(office), total=self.say.count(total), **known,
            )
        )  # fmt: skip
        said = _(
            "Requests by weekday and hour: the most are %(most)s on %(day)s in the hour from %(hour)s; "
            "%(office)s of %(total)s come in on weekdays from %(first)s to %(last)s.",
            **known,
            most=self.say.count(most), day=self.weekdays[-day], hour=self.hour(-hour),
            office=self.say.count(office), total=self.say.count(total),
        )  # fmt: skip
        marks = [self._short_hour(hour) if hour % 3 == 0 else "" for hour in range(24)]
        drawing = heat(list(zip(self.weekdays, grid, strict=True)), marks, title=said)
        return Picture(finding, _("Requests received by weekday and hour; darker is more"), drawing)

    def _short_hour(self, hour: int) -> str:
        return self.hour(hour).replace(":00", "").replace("\u202f", " ")

    # -- how they came in --

    @property
    def pages(self) -> Picture:
        return self._counts(
            [(self.page_words(name), count) for name, count in self.figures.pages.items()],
            _("Reports by page of the website"),
            _("Most requests come from %(name)s"),
        )

    def alone(self, kind: str, name: str) -> str:
        """Return a sentence where all requests share one form, page, way or language: a chart says less."""
        return {
            "widget": _("All came through one form: %(name)s.", name=name),
            "page": _("All came from one page: %(name)s.", name=name),
            "channel": _("All came in one way: %(name)s.", name=name),
            "language": _("All are written in one language: %(name)s.", name=name),
        }[kind]

    def page_words(self, name: str) -> str:
        """Return the address of a page without what every address begins with."""
        return self.naming.page(name).removeprefix("https://").removeprefix("http://").removeprefix("www.")

    @property
    def widgets(self) -> Picture:
        return self._counts(
            [(self.naming.widget(name), count) for name, count in self.figures.widgets.items()],
            _("Reports by form"),
            _("Most requests come through %(name)s"),
        )

    @property
    def channels(self) -> Picture:
        return self._counts(
            [(self.naming.channel(name), count) for name, count in self.figures.channels.items()],
            _("Reports by the way they came in"),
            _("Most requests come in this way: %(name)s"),
        )

    @property
    def languages(self) -> Picture:
        return self._counts(
            [(self.naming.tongue(name), count) for name, count in self.figures.languages.items()],
            _("Reports by language"),
            _("Most requests are written in this language: %(name)s"),
        )

    def _counts(self, rows: list[tuple[str, int]], about: str, finding: str) -> Picture:
        if len(rows) < 2:
            return NONE
        total = sum(count for _name, count in rows)
        (name, most), (_second, next_most) = sorted(rows, key=lambda row: -row[1])[:2]
        said = {"name": name, "most": self.say.count(most), "total": self.say.count(total)}
        largest = _("The largest group is %(name)s: %(most)s of %(total)s", **said)
        # "Most" are more than half; and where two have as many, none has the most.
        head = finding % said if 2 * most > total else largest if most > next_most else about
        title = (
            _("%(about)s: %(finding)s, %(most)s of %(total)s.", about=about, finding=finding % said, **said)
            if 2 * most > total
            else f"{about}. {largest}."
        )
        shown = [(label, count, self.say.count(count)) for label, count in rows[:MOST]]
        return Picture(head, about if head != about else "", long_bars(shown, title=title))

    # -- who has it --

    @property
    def workload(self) -> Picture:
        rows = self.figures.workload
        if not rows:
            return NONE
        together = sum(row.open_after for row in rows)
        most = max(rows, key=lambda row: row.open_after)
        finding = _(
            "%(name)s has most open: %(open)s of %(all)s",
            name=self.naming.person(most.person), open=self.say.count(most.open_after),
            all=self.say.count(together),
        )  # fmt: skip
        late = sum(row.overdue for row in rows)
        title = _(
            "Open and finished by employee: %(finding)s; %(late)s of all are past their date.",
            finding=finding, late=self.say.count(late),
        )  # fmt: skip
        shown = [(self.naming.person(row.person), row.open_after, row.finished) for row in rows[:MOST]]
        drawing = pairs(shown, (_("open at the end"), _("finished")), title=title)
        return Picture(finding, _("What each had open at the end, and finished in the period"), drawing)

    # -- what changed --

    @property
    def shifts(self) -> tuple[Shift, ...]:
        return self.told.shifts

    @property
    def unusual(self) -> list[str]:
        """Return a sentence for every service and ward that has left its usual range."""
        return [self.shift_words(one) for one in self.shifts if one.is_unusual]

    def shift_name(self, one: Shift) -> str:
        return self.naming.service(one.name) if one.kind == "service" else self.naming.ward(one.name)

    def shift_words(self, one: Shift) -> str:
        said = {
            "name": self.shift_name(one), "now": self.say.count(one.now), "low": self.say.count(one.low),
            "high": self.say.count(one.high), "day": self.say.day(date.fromordinal(one.since_day)),
        }  # fmt: skip
        season = _("by the same weeks a year ago") if one.is_season else _("by the half year before")
        if one.now > one.usual:
            return _(
                "%(name)s: %(now)s in eight weeks, more than usual (%(low)s to %(high)s, %(season)s), since "
                "the week of %(day)s.",
                **said, season=season,
            )  # fmt: skip
        return _(
            "%(name)s: %(now)s in eight weeks, fewer than usual (%(low)s to %(high)s, %(season)s), since "
            "the week of %(day)s.",
            **said, season=season,
        )  # fmt: skip

    @property
    def changes(self) -> Picture:
        if not self.shifts:
            return NONE
        count = sum(one.is_unusual for one in self.shifts)
        finding = (
            ngettext(
                "%(num)s of %(all)s services and wards has left its usual range",
                "%(num)s of %(all)s services and wards have left their usual range",
                count, all=len(self.shifts),
            )
            if count
            else _(
                "All %(all)s services and wards with enough requests are within their usual range",
                all=len(self.shifts),
            )
            if len(self.shifts) > 1
            else _("The one service or ward with enough requests is within its usual range")
        )  # fmt: skip
        rows = [
            Range(self.shift_name(one), one.usual, one.low, one.high, one.now) for one in self.shifts[:MOST]
        ]
        title = _("The last eight weeks beside what is usual: %(finding)s.", finding=finding)
        if self.unusual:
            title = f"{title} {self.unusual[0]}"
        about = _(
            "Bar: what is usual; upright line: its middle; dot: what came in during the last eight weeks"
        )
        return Picture(finding, about, ranges(rows, title=title))

    # -- what it cost --

    @property
    def costs(self) -> Picture:
        told = [line for line in self.figures.cost if line.service and line.each is not None]
        if len(told) < 2:
            return NONE  # the table says it better, and one is not the dearest
        ranked = sorted(told, key=lambda line: (-(line.each or 0), line.service))
        dear, cheap = ranked[0], ranked[-1]
        finding = _(
            "Dearest is %(name)s: %(amount)s for one",
            name=self.naming.service(dear.service), amount=self.money(dear.each),
        )  # fmt: skip
        title = _(
            "Cost of one request by service: %(finding)s; cheapest is %(name)s with %(amount)s.",
            finding=finding, name=self.naming.service(cheap.service), amount=self.money(cheap.each),
        )  # fmt: skip
        rows = [
            (self.naming.service(line.service), line.each or 0, self.money(line.each))
            for line in ranked[:MOST]
        ]
        about = _("Cost of one finished request, where hours were noted for ten or more, and for six in ten")
        return Picture(finding, about, long_bars(rows, title=title, left=210))

    @property
    def cost_years(self) -> Picture:
        whole = self.cost_whole
        if whole is None:
            return NONE
        year = self.figures.span.last.year
        rows = [Range(_("the last twelve months"), whole.said / 100, whole.said / 100, whole.said / 100,
                      whole.last_year / 100)]  # fmt: skip
        rows += [
            Range(self.year_words(at), one.middle / 100, one.low / 100, one.high / 100)
            for at, one in enumerate(whole.years)
        ]
        finding = _(
            "About %(middle)s in the next twelve months, probably %(low)s to %(high)s",
            middle=self.money(whole.years[0].middle, 0), low=self.money(whole.years[0].low, 0),
            high=self.money(whole.years[0].high, 0),
        )  # fmt: skip
        title = _(
            "Cost of the work in four years from the end of %(year)s: %(finding)s; the last twelve months "
            "cost %(last)s.",
            year=str(year), finding=finding, last=self.money(whole.last_year, 0),
        )  # fmt: skip
        about = _("Bar: what is expected four times in five; upright line: its middle; dot: what it cost")
        return Picture(finding, about, ranges(rows, title=title))

    def year_words(self, at: int) -> str:
        """Return which of the coming years it is; 0 is the next twelve months."""
        return (_("next 12 months"), _("second year"), _("third year"), _("fourth year"))[at]

    @property
    def cost_whole(self) -> CostOutlook | None:
        """The outlook of all services together."""
        return next((one for one in self.figures.cost_outlook if not one.service), None)

    def outlook_rows(self) -> Iterable[tuple[str, CostOutlook]]:
        """Yield the outlook of each service by its name, the dearest first."""
        told = [one for one in self.figures.cost_outlook if one.service]
        return ((self.naming.service(one.service), one) for one in told[:MOST])

    def money(self, hundredths: int | None, digits: int = 2) -> str:
        """Return an amount in the town's currency; whole units with ``digits`` 0."""
        return NOTHING if hundredths is None else self.say.amount(hundredths, self.naming.currency, digits)

    @property
    def digits(self) -> int:
        """With how many digits sums of work are told: small ones to the cent, so that they add up."""
        largest = max((row.work + row.vehicle + row.materials for row in self.figures.cost), default=0)
        return 0 if largest >= LARGE else 2

    def four_years(self, outlook: CostOutlook) -> str:
        """Return what four years together are expected to cost: the sum of the whole units told of each."""
        # As ``amount`` rounds, so that whoever adds up the years finds it.
        return self.money(sum((one.middle + 50) // 100 * 100 for one in outlook.years), 0)

    @property
    def unnoted(self) -> int:
        """How many were finished in services of which nobody noted any time; they are among all services."""
        return sum(row.finished for row in self.figures.cost if row.service and not row.noted)

    def spent(self, line: CostLine) -> str:
        return hours_words(line.minutes)

    # -- where it comes back, and what was put right --

    def day(self, ordinal: int) -> str:
        return str(format_skeleton("yMMMd", date.fromordinal(ordinal), locale=self.say.locale))

    @property
    def turn_words(self) -> dict[str, str]:
        return {
            "not ours": _("staff said: not ours"),
            "refused": _("the agency refused"),
            "reassigned": _("given to a colleague"),
            "rerouted": _("routed again"),
        }

    @property
    def turns(self) -> Picture:
        rows = [(self.naming.service(name), count) for name, count in self.told.turned.items()]
        return self._counts(
            rows, _("Requests that went to somebody else than the rules had said"),
            _("Most wrong turns: %(name)s"),
        )  # fmt: skip

"""How is a figure said? Numbers, lengths of time and comparisons as words in the reader's language.

The sentences are made from the figures alone. They say "more" and "fewer", call a difference usual
when chance alone often makes one as large, and never give a percentage of fewer than ten.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from babel import Locale
from babel.dates import format_date, format_interval, format_skeleton, format_time
from babel.numbers import format_currency, format_decimal, format_percent
from flask_babel import gettext as _
from flask_babel import ngettext

from figures.comparing import is_usual
from figures.shapes import Figures, Snapshot
from figures.survival import Wait
from reports.cells import Cells
from reports.period import Period, period_of
from reports.suppression import FEWEST, Mask

NOTHING = "–"
HIDDEN = "*"
"""Stands for a number that would give away another one; each table says so below."""
HOUR = 3600
DAY = 24 * HOUR


@dataclass(frozen=True)
class Speech:
    """The words of one language."""

    locale: str = "en"

    def number(self, value: float, digits: int = 0) -> str:
        pattern = "#,##0." + "0" * digits if digits else "#,##0"
        return str(format_decimal(value, format=pattern, locale=self.locale))

    def count(self, value: int | None) -> str:
        return NOTHING if value is None else self.number(value)

    @property
    def hidden(self) -> str:
        """What stands in place of a share that would give away a small number."""
        return HIDDEN

    def masked(self, value: int | None, mask: Mask | None) -> str:
        """Return a count, or what stands in its place."""
        if mask is None:
            return self.count(value)
        return f"< {FEWEST}" if mask is Mask.FEW else HIDDEN

    def amount(self, hundredths: int, currency: str, digits: int = 2) -> str:
        """Return an amount with its currency's sign, where that is known; whole units with ``digits`` 0."""
        if not currency:
            return self.number(hundredths / 100, digits)
        pattern = str(Locale.parse(self.locale).currency_formats["standard"].pattern)
        shown = re.sub(r"\.0+", "." + "0" * digits if digits else "", pattern)
        # To whole units as people round, and not the half of them to the even one.
        amount = (Decimal(hundredths) / 100).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
        said = format_currency(amount, currency, format=shown, locale=self.locale, currency_digits=False)
        return str(said)

    def share(self, value: float | None) -> str:
        return NOTHING if value is None else str(format_percent(value, format="#,##0%", locale=self.locale))

    def period_brief(self, period: Period, beside: Period) -> str:
        """Return the same in few letters, for a tile; the year only where it is another one."""
        year = "" if period.year == beside.year and period.every != "year" else f" {period.year}"
        if period.every == "week":
            return str(format_skeleton("MMMd", period.first_day, locale=self.locale)) + year
        if period.every == "quarter":
            return str(format_date(period.first_day, "QQQ", locale=self.locale)) + year
        if period.every == "fiscal_year":
            return str(period.last_day.year)
        return year.strip() if period.every == "year" else self.month_short(period) + year

    def month(self, period: Period) -> str:
        return str(format_skeleton("yMMMM", period.first_day, locale=self.locale))

    def period(self, period: Period) -> str:
        """Return a period as people call it: ``October 2026``, ``Nov 2 – 8, 2026``, ``Q3 2026``."""
        if period.every == "week":
            return self.stretch(period.first_day, period.last_day)
        if period.every == "quarter":
            return str(format_skeleton("yQQQ", period.first_day, locale=self.locale))
        if period.every == "fiscal_year":
            return _("Fiscal year %(year)s", year=str(period.last_day.year))
        return self.month(period) if period.every == "month" else str(period.year)

    def within(self, period: Period) -> str:
        """Return the same after "in": ``October 2026``, ``the week Nov 2 – 8, 2026``."""
        if period.every == "week":
            return _("the week %(days)s", days=self.period(period))
        if period.every == "fiscal_year":
            return _("the fiscal year %(year)s", year=str(period.last_day.year))
        return self.period(period)

    def month_only(self, period: Period) -> str:
        return str(format_date(period.first_day, "LLLL", locale=self.locale))

    def month_short(self, period: Period) -> str:
        return str(format_date(period.first_day, "LLL", locale=self.locale))

    def day(self, day: date) -> str:
        return str(format_date(day, "long", locale=self.locale))

    def stretch(self, first: date, last: date) -> str:
        """Return the days from one to another: ``Nov 1 – 28, 2026``."""
        return str(format_interval(first, last, "yMMMMd", locale=self.locale)).replace("\u2009", " ")

    def instant(self, local: datetime) -> str:
        """Return a moment in town time, with its day: when the figures were counted."""
        return f"{self.day(local.date())}, {format_time(local, 'short', locale=self.locale)}"

    def days(self, wait: Wait | None) -> str:
        """Return days for a column of a table: ``3.2``, ``> 31`` or a dash."""
        if wait is None:
            return NOTHING
        value = wait.seconds / DAY
        said = self.number(value, 1 if value < 10 else 0)
        return said if wait.is_reached else f"> {said}"

    def promise(self, seconds: int | None) -> str:
        """Return a promised length in days for a column of a table."""
        return NOTHING if seconds is None else self.days(Wait(seconds))

    def length(self, wait: Wait | None) -> str:
        """Return a length of time for a sentence: ``3.2 days``, ``more than 31 days`` or a dash."""
        if wait is None:
            return NOTHING
        said = self._length(wait.seconds)
        return said if wait.is_reached else _("more than %(length)s", length=said)

    def _length(self, seconds: int) -> str:
        hours, days = round(seconds / HOUR), seconds / DAY
        if hours < 1:
            return _("under an hour")
        if hours < 48:
            return str(ngettext("%(num)s hour", "%(num)s hours", hours))
        return _("%(number)s days", number=self.number(days, 1 if days < 10 else 0))


def sentences(cells: Cells, say: Speech) -> list[str]:
    """Return the summary: what came in, what became of it, how long it took, what waits longest."""
    figures = cells.figures
    told = [_received(figures, say), *_began(figures, say)]
    if is_unrecorded(figures):
        return told
    told.append(_ended(cells, say))
    if figures.this.half is not None and figures.this.ninety is not None:
        told.append(_took(figures.this, say))
    if figures.this.open_after:
        told += _waiting(cells, say)
    return told


def is_unrecorded(figures: Figures) -> bool:
    """Return whether the whole period lies before the records, so that its noughts say nothing."""
    return figures.records_day is not None and figures.records_day >= figures.span.next_day


def _received(figures: Figures, say: Speech) -> str:
    this, period = figures.this, period_of(figures)
    if not this.received:
        if is_unrecorded(figures):
            return _("There are no records of %(period)s.", period=say.within(period))
        return _("No requests came in during %(month)s.", month=say.within(period))
    opening = ngettext(
        "Residents sent %(count)s request in %(period)s", "Residents sent %(count)s requests in %(period)s",
        this.received, count=say.count(this.received), period=say.within(period),
    )  # fmt: skip
    compared = [
        (then.received, _difference(this.received, then.received, name, say))
        for then, name in (
            (figures.last, _name(period.before, period, say)),
            # Before a year came the year ago: once is enough.
            (
                figures.year_ago if period.year_ago != period.before else None,
                _name(period.year_ago, period, say),
            ),
        )
        if then is not None
    ]
    if not compared and figures.records_day is not None and figures.records_day < figures.span.first_day:
        return _("%(opening)s; records begin too late to compare with an earlier period.", opening=opening)
    if not compared:
        return _("%(opening)s; there are no earlier records to compare with yet.", opening=opening)
    told = f"{opening}, " + _(" and ").join(words for _before, words in compared)
    if all(is_usual(this.received, before) for before, _words in compared):
        return _("%(told)s, within the usual range.", told=told)
    return f"{told}."


def _began(figures: Figures, say: Speech) -> list[str]:
    """Return since when there are records, where the period begins before them."""
    if not figures.begins_before_records or figures.records_day is None:
        return []
    day = say.day(date.fromordinal(figures.records_day))
    return [_("Records began on %(day)s; what came in before is not in these figures.", day=day)]


def _name(period: Period, told: Period, say: Speech) -> str:
    is_plain = period.every == "month" and period.year == told.year
    return say.month_only(period) if is_plain else say.within(period)


def _difference(now: int, before: int, when: str, say: Speech) -> str:
    said = {"change": say.count(abs(now - before)), "when": when, "before": say.count(before)}
    if now == before:
        return _("as many as in %(when)s", when=when)
    if now > before:
        return _("%(change)s more than in %(when)s (%(before)s)", **said)
    return _("%(change)s fewer than in %(when)s (%(before)s)", **said)


def _ended(cells: Cells, say: Speech) -> str:
    this, mask = cells.figures.this, cells.mask("this", "", "outcomes.fixed")
    parts = [
        ngettext(
            "The town finished %(count)s request", "The town finished %(count)s requests",
            this.finished, count=say.count(this.finished),
        )
        if this.finished
        else _("The town finished none")
    ]  # fmt: skip
    if this.finished < 2 or mask is not None:
        pass  # that all were fixed would tell as much as their number
    elif this.outcomes["fixed"] == this.finished:
        parts.append(_(", all of them fixed"))
    else:
        parts.append(_(", %(count)s of them fixed", count=say.count(this.outcomes["fixed"])))
    if this.redirected and not this.finished:
        parts.append(
            ngettext(
                "; %(count)s was closed as another agency’s job",
                "; %(count)s were closed as other agencies’ jobs",
                this.redirected, count=say.count(this.redirected),
            )
        )  # fmt: skip
    elif this.redirected:
        # What was passed on and is still open belongs to what is open: so the two sentences add up.
        parts.append(
            ngettext(
                "; %(count)s more was closed as another agency’s job",
                "; %(count)s more were closed as other agencies’ jobs",
                this.redirected, count=say.count(this.redirected),
            )
        )  # fmt: skip
    return "".join(parts) + ". " + _open(cells.figures, say)


def _open(figures: Figures, say: Speech) -> str:
    this = figures.this
    said = {"count": say.count(this.open_after), "change": say.count(abs(this.open_after - this.open_before))}
    if not this.open_after:
        return _("At the end nothing was open.")
    if figures.begins_before_records:
        # What was open before there were records nobody knows.
        return ngettext(
            "At the end %(count)s was open.", "At the end %(count)s were open.",
            this.open_after, count=said["count"],
        )  # fmt: skip
    if this.open_after == this.open_before:
        return ngettext(
            "At the end %(count)s was open, as many as at the start.",
            "At the end %(count)s were open, as many as at the start.", this.open_after, **said,
        )  # fmt: skip
    if this.open_after > this.open_before:
        return ngettext(
            "At the end %(count)s was open, %(change)s more than at the start.",
            "At the end %(count)s were open, %(change)s more than at the start.", this.open_after, **said,
        )  # fmt: skip
    return ngettext(
        "At the end %(count)s was open, %(change)s fewer than at the start.",
        "At the end %(count)s were open, %(change)s fewer than at the start.", this.open_after, **said,
    )  # fmt: skip


def _took(this: Snapshot, say: Speech) -> str:
    half, ninety = say.length(this.half), say.length(this.ninety)
    if this.ninety is not None and this.ninety.is_reached:
        opening = _(
            "Half were finished within %(half)s and nine in ten within %(ninety)s", half=half, ninety=ninety
        )
    elif this.half is not None and this.half.is_reached:
        opening = _(
            "Half were finished within %(half)s; for nine in ten it takes %(ninety)s",
            half=half,
            ninety=ninety,
        )
    else:
        opening = _("Finishing half of them takes %(half)s", half=half)
    if this.on_time_share is None:
        return f"{opening}."
    promise = _(
        "; of %(due)s that were due, %(kept)s (%(share)s) were finished on time.",
        due=say.count(this.due), kept=say.count(this.on_time), share=say.share(this.on_time_share),
    )  # fmt: skip
    return opening + promise


def _waiting(cells: Cells, say: Speech) -> list[str]:
    backlog = cells.figures.backlog
    oldest = ngettext(
        "The longest-waiting open request is %(num)s day old",
        "The longest-waiting open request is %(num)s days old",
        backlog.oldest_days or 0,
    )
    late = ngettext(
        "%(count)s is past its promised date.",
        "%(count)s are past their promised date.",
        backlog.overdue, count=say.count(backlog.overdue),
    )  # fmt: skip
    if cells.mask("backlog", "", "oldest_days"):
        alone = ngettext(
            "%(count)s open request is past its promised date.",
            "%(count)s open requests are past their promised date.",
            backlog.overdue, count=say.count(backlog.overdue),
        )  # fmt: skip
        return [alone] if backlog.overdue else []
    if backlog.overdue:
        return [f"{oldest}; {late}"]
    return [_("%(oldest)s; none is past its promised date.", oldest=oldest)]

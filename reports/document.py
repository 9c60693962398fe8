"""How do the figures become one document? The same facts as a page, ready to be printed.

The page is complete in itself (style and charts inside, nothing to fetch), so that it can be printed,
mailed, published and kept. The PDF is this page, rendered by ``paper.pdf``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache, cached_property
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

from flask_babel import get_domain
from flask_babel import gettext as _
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from figures import comparing
from figures.shapes import Figures, Foreseen, Line
from reports import corrections, maps
from reports.attention import attention
from reports.cells import Cells
from reports.changes import Change
from reports.charts import MAIN
from reports.ground import Ground
from reports.hiding import as_told, is_safe
from reports.insights import Insights
from reports.naming import LONGEST_NOTE, Naming, shown
from reports.period import Period, period_of
from reports.pictures import Gallery, foreseen_days, is_missed
from reports.suppression import Mask
from reports.tiles import Tile, tiles
from reports.wording import NOTHING, Speech, is_unrecorded, sentences
from routing.plans import SECTIONS

TEMPLATES = Path(__file__).parent.parent / "templates" / "reports"
NIGHT = "#8cbfe6"
"""Stands in the style sheet for the town's colour on dark pages."""
MOST_SPOTS = len(maps.LETTERS)
UNBROKEN = 15
"""A table with fewer rows stays on one page."""
MOST_ROWS = 12
"""So many rows of a count come before "others", as in its chart."""
MOST_LINES = 16
"""So many services, with the departments, fill a page with their times."""
FEW_LINES = 8
"""With more services whose first answer is told, what residents said does not fit beside another section."""
AGAIN = 30
"""Days within which a request that is opened again counts, so the newest endings are not told of yet."""
LARGE = frozenset({"timeliness", "where", "contacts", "changes", "repeats", "workload", "cost"})
"""Sections that a long list or a long report lets flow from page to page."""


FLOWING = "main .part{break-inside:auto} main .part:last-child{break-inside:avoid}"
CLOSE = (
    f"{FLOWING} html:root{{font-size:9.2pt}} main .part.page{{break-before:auto}} "
    "main .part>h2{margin-top:15pt} main h2{font-size:15pt} main table{font-size:8.3pt;margin-top:5pt} "
    "main th,main td{padding-top:1pt;padding-bottom:1pt} main dl{font-size:7.9pt} "
    "main .legend,main .after,main .colophon{font-size:8.2pt}"
)
ROOMY = (
    "html:root{font-size:10.2pt} main table{font-size:9.2pt;margin-top:9pt} main dl{font-size:8.7pt} "
    "main .lead{margin-top:14pt;font-size:12pt} main th,main td{padding-top:2pt;padding-bottom:2pt}"
)
SETTINGS = ("", FLOWING, CLOSE)
"""How pages may be set: the first that leaves no page nearly empty is taken. Nearly always that is the style
sheet as it stands, where a section goes whole to the next page; else sections may break, then shrink."""
ONE_PAGE = (ROOMY, "", CLOSE)


@dataclass(frozen=True)
class Document:
    """One edition, ready to be drawn for its audience."""

    figures: Figures
    naming: Naming
    audience: str = "council"
    sections: Sequence[str] = SECTIONS
    part: str = ""
    """The department or ward as people call it; empty for the whole town."""
    note: str = ""
    issue: int = 1
    changes: tuple[Change, ...] = ()
    ground: Ground = field(default_factory=Ground)

    def __post_init__(self) -> None:
        object.__setattr__(self, "part", shown(self.part))
        object.__setattr__(self, "note", shown(self.note, LONGEST_NOTE))
        # In the order that its readers may see.
        if self.cells.is_public:
            told = as_told(self.cells.figures, self.cells.masked, self._called)
            object.__setattr__(self, "figures", told)

    @cached_property
    def cells(self) -> Cells:
        return Cells(self.figures, self.audience)

    @cached_property
    def say(self) -> Speech:
        return Speech(self.naming.language.replace("-", "_"))

    @cached_property
    def gallery(self) -> Gallery:
        return Gallery(self.cells, self.naming, self.ground, self.say)

    @cached_property
    def insights(self) -> Insights:
        """What the manager alone sees."""
        return Insights(self.figures, self.naming, self.say)

    @cached_property
    def csv(self) -> bytes:
        return self.cells.csv()

    @property
    def settings(self) -> Sequence[str]:
        return ONE_PAGE if self.figures.is_small else SETTINGS

    @property
    def period(self) -> Period:
        return period_of(self.figures)

    @property
    def tiles(self) -> list[Tile]:
        return tiles(self.cells, self.say)

    @property
    def is_unrecorded(self) -> bool:
        """Whether the whole period lies before the records: then there is nothing to count."""
        return is_unrecorded(self.figures)

    @property
    def sentences(self) -> list[str]:
        return sentences(self.cells, self.say)

    @property
    def attention(self) -> tuple[str, ...]:
        return attention(self.cells, self.naming, self.say)

    @property
    def corrections(self) -> tuple[str, ...]:
        return corrections.told(self.changes, self.cells, self.naming, self.say)

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the CSV that stands in the same edition."""
        return sha256(self.csv).hexdigest()

    @property
    def as_of(self) -> str:
        return self.say.instant(self.figures.as_of.astimezone(ZoneInfo(self.figures.zone)))

    # -- what templates ask --

    def cell(self, section: str, name: str, figure: str, value: int | None) -> str:
        """Return a number of a table as this audience may see it."""
        return self.say.masked(value, self.cells.mask(section, name, figure))

    def line(self, section: str, line: Line, figure: str) -> str:
        holder = line if figure.startswith("received_") else line.snapshot
        return self.cell(section, line.name, figure, getattr(holder, figure))

    def rate(self, line: Line) -> str:
        """Return the reports of a ward per 1,000 residents, where the number that it is made of is told."""
        is_told = line.snapshot.received >= comparing.FEWEST and not self.cells.mask(
            "ward", line.name, "received"
        )
        return NOTHING if line.per_thousand is None or not is_told else self.say.number(line.per_thousand, 1)

    def days(self, section: str, line: Line, figure: str) -> str:
        """Return a length of time for a column of a table."""
        if self.cells.mask(section, line.name, f"{figure}.seconds"):
            return self.say.hidden
        return self.say.days(getattr(line.snapshot, figure))

    def target(self, line: Line) -> str:
        is_hidden = self.cells.mask("service", line.name, "promised")
        return self.say.hidden if is_hidden else self.say.promise(line.promised)

    def first_answer(self, section: str, line: Line) -> str:
        is_hidden = self.cells.mask(section, line.name, "first_answer.seconds")
        return self.say.hidden if is_hidden else self.say.length(line.snapshot.first_answer)

    def answered_share(self, section: str, line: Line) -> str:
        is_hidden = self.cells.mask(section, line.name, "answered_share")
        return self.say.hidden if is_hidden else self.say.share(line.snapshot.answered_share)

    def answered(self, section: str, lines: Sequence[Line]) -> list[Line]:
        """Return the lines with a first answer, and those of which not even that may be told."""
        return [
            line
            for line in lines
            if line.snapshot.first_answer or self.cells.mask(section, line.name, "first_answer.seconds")
        ]

    def four_weeks(self, expected: Foreseen) -> str:
        """Return the days that an expectation is about."""
        return foreseen_days(expected, self.say)

    @property
    def ended_days(self) -> str:
        """The days of the endings of which it is told how many were opened again."""
        first, last = (
            date.fromordinal(day - AGAIN)
            for day in (self.figures.span.first_day, self.figures.span.next_day - 1)
        )
        return self.say.stretch(first, last)

    def money(self, hundredths: int | None) -> str:
        """Return an amount in the town's currency."""
        return NOTHING if hundredths is None else self.say.amount(hundredths, self.naming.currency)

    def sum_of(self, figure: str) -> str:
        """Return what happened with all agencies together; what ended as theirs is told before."""
        together = sum(getattr(line, figure) for line in self.figures.agencies)
        is_few = self.cells.is_public and figure != "ended" and not is_safe((together,))
        return self.say.masked(together, Mask.FEW if is_few else None)

    def has_hidden(self, *sections: str) -> bool:
        """Whether a table has numbers in it that stand for others."""
        return any(key[0] in sections for key in self.cells.masked)

    def has_star(self, *sections: str) -> bool:
        return any(key[0] in sections and mask is Mask.HIDDEN for key, mask in self.cells.masked.items())

    def verdict(self, line: Line) -> str:
        """Return whether nine in ten of a service keep its target, for a column of its own."""
        if any(self.cells.mask("service", line.name, one) for one in ("ninety.seconds", "promised")):
            return self.say.hidden
        missed = is_missed(line)
        if missed is None:
            return NOTHING
        return _("no") if missed else _("yes")

    def place(self, section: str) -> str:
        """Return how a section stands on paper: whole, or flowing where it is surely longer than a page.

        What follows the summary leaves it a page of its own.
        """
        at = list(self.sections).index(section)
        follows = bool(at) and self.sections[at - 1] == "summary" and section != "methods"
        return " ".join(
            word for word, is_so in (("page", follows), ("long", self._is_long(section))) if is_so
        )

    def _is_long(self, section: str) -> bool:
        if section == "experience":
            return len(self.answered("service", self.figures.services)) > FEW_LINES
        lines = len(self.figures.services) + len(self._groups)
        return section in LARGE and (self.audience == "manager" or lines > MOST_LINES)

    def _called(self, section: str, name: str) -> str:
        """Return what a row is called, by which hidden rows are sorted."""
        words = {
            "service": self.naming.service,
            "ward": self.naming.ward,
            "agency": self.naming.agency,
            "channel": self.naming.channel,
            "language": self.naming.tongue,
        }.get(section)
        return words(name) if words else name

    @property
    def _groups(self) -> Sequence[object]:
        return self.figures.departments if self.audience == "department" else ()

    @property
    def inside(self) -> list[str]:
        """Return the manager's own sections that tell something of a tiny period, without any share of it."""
        told, counted = self.insights.told, self.figures
        tells = {
            "changes": self.insights.changes,
            "repeats": told.repeats or told.turns,
            "workload": counted.workload,
            "cost": counted.cost,
        }
        return [name for name in self.sections if self.audience == "manager" and tells.get(name)]

    def rest(self, counts: Mapping[str, int]) -> dict[str, int]:
        """Return what only the manager's long tables of counts tell in one line."""
        rows = list(counts.items())
        is_long = self.audience == "manager" and len(rows) >= UNBROKEN
        return dict(rows[MOST_ROWS:]) if is_long else {}

    def keep(self, rows: Sequence[object]) -> str:
        return "keep" if len(rows) < UNBROKEN else ""


def html_of(document: Document) -> str:
    """Return the report as one self-contained HTML page."""
    name = "small.html" if document.figures.is_small else "whole.html"
    figures, naming = document.figures, document.naming
    page = (
        _environment()
        .get_template(name)
        .render(
            doc=document,
            figures=figures,
            this=figures.this,
            naming=naming,
            say=document.say,
            pictures=document.gallery,
            period_words=document.say.period(document.period),
            outcomes=outcome_words(),
            css=Markup(_css(naming.paper)),  # noqa: S704 -- our own style sheet, not a person's words
            letters=maps.LETTERS,
            spots=figures.hot_spots[:MOST_SPOTS],
            shades=shades(document),
            nothing=NOTHING,
        )
    )
    # Style and charts are drawn in one colour of ours; here it becomes the town's, in both at once.
    return page.replace(MAIN, naming.accent).replace(NIGHT, naming.accent_night)


def shades(document: Document) -> list[tuple[Markup, str]]:
    """Return the legend of the map: a swatch and the numbers that it stands for."""
    spots, say = document.figures.hot_spots, document.say
    if not spots:
        return []
    steps = maps.steps_of(spots)
    lasts = [*(step - 1 for step in steps[1:]), spots[0].count]
    return [
        (
            maps.swatch(at, len(steps)),
            say.count(first) if first == last else f"{say.count(first)}–{say.count(last)}",
        )
        for at, (first, last) in enumerate(zip(steps, lasts, strict=True))
    ]


@cache
def _css(paper: str) -> str:
    screen, printed = ((TEMPLATES / name).read_text(encoding="utf-8") for name in ("report.css", "print.css"))
    return screen + printed.replace("PAPER", "letter" if paper == "letter" else "A4")


def outcome_words() -> dict[str, str]:
    """Return what the endings are called before the council."""
    return {
        "fixed": _("Fixed"),
        "no_action": _("No action, with a reason given"),
        "not_found": _("Could not be found"),
        "duplicate": _("Already reported (duplicate)"),
        "withdrawn": _("Withdrawn by the resident"),
    }


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_gettext_callables(_, _plural, newstyle=True)  # type: ignore[attr-defined]
    return environment


def _plural(singular: str, plural: str, count: int) -> str:
    # Flask-Babel's own ngettext fills in the values at once; Jinja wants to do that itself, escaped.
    words = get_domain().get_translations()
    return str(words.ungettext(singular, plural, count))

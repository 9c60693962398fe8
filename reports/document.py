"""How do the figures become one document? The same facts as a page, as CSV and as JSON.

The page is complete in itself (style and charts inside, nothing to fetch), so that it can be printed,
mailed, published and kept. The PDF is this page, rendered by ``paper.pdf``.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import get_domain
from flask_babel import gettext as _
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from figures.kept import as_json
from figures.shapes import Figures
from reports import pictures
from reports.charts import MAIN
from reports.period import period_of
from reports.tiles import tiles
from reports.wording import NOTHING, Speech, sentences

TEMPLATES = Path(__file__).parent.parent / "templates"


@dataclass(frozen=True)
class Naming:
    """The town's words for what the figures name by id."""

    town: str
    title: str
    services: Mapping[str, str]
    agencies: Mapping[str, str]
    email: str
    phone: str
    language: str = "en"
    paper: str = "letter"
    is_demo: bool = False
    accent: str = MAIN
    """The town's colour, dark enough to be read on white (see ``readable``)."""

    def service(self, code: str) -> str:
        return self.services.get(code, code)

    def agency(self, name: str) -> str:
        return self.agencies.get(name, name) or _("not named")


def html_of(figures: Figures, naming: Naming) -> str:
    """Return the report as one self-contained HTML page."""
    say = Speech(naming.language.replace("-", "_"))
    name = "small.html" if figures.is_small else "monthly.html"
    page = (
        _environment()
        .get_template(name)
        .render(
            figures=figures,
            this=figures.this,
            naming=naming,
            say=say,
            period_words=say.period(period_of(figures)),
            as_of=say.day(figures.as_of.astimezone(ZoneInfo(figures.zone)).date()),
            sentences=sentences(figures, say),
            tiles=tiles(figures, say),
            pictures=pictures.pictures(figures, naming.services, say),
            outcomes=outcome_words(),
            css=Markup(_css(naming.paper)),  # noqa: S704 -- our own style sheet, not a person's words
            nothing=NOTHING,
        )
    )
    # Style and charts are drawn in one colour of ours; here it becomes the town's, in both at once.
    return page.replace(MAIN, naming.accent)


@cache
def _css(paper: str) -> str:
    folder = TEMPLATES / "reports"
    screen, printed = ((folder / name).read_text(encoding="utf-8") for name in ("report.css", "print.css"))
    return screen + printed.replace("PAPER", "letter" if paper == "letter" else "A4")


def readable(colour: str) -> str:
    """Return the town's colour, or ours where theirs has less than 4.5:1 of contrast against white.

    >>> readable("#ffe100")
    '#1f5f8b'
    """
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    brightness = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return colour if 1.05 / (brightness + 0.05) >= 4.5 else MAIN


def outcome_words() -> dict[str, str]:
    """Return what the endings are called before the council."""
    return {
        "fixed": _("Fixed"),
        "no_action": _("No action, with a reason given"),
        "not_found": _("Could not be found"),
        "duplicate": _("Already reported (duplicate)"),
        "withdrawn": _("Withdrawn by the resident"),
    }


def csv_of(figures: Figures) -> bytes:
    """Return every figure as a line of CSV: period, section, name, figure, value (UTF-8, CRLF)."""
    sheet = io.StringIO(newline="")
    writer = csv.writer(sheet)
    writer.writerow(["period", "section", "name", "figure", "value"])
    for section, name, figure, value in _lines(as_json(figures)):
        writer.writerow([figures.span.key, section, name, figure, value])
    return sheet.getvalue().encode()


def defused(value: object) -> str:
    """Return a value as a cell; words that a spreadsheet would take for a formula are defused."""
    said = "" if value is None else str(value)
    return f"'{said}" if said[:1] in ("=", "+", "-", "@", "\t", "\r") else said


def _lines(plain: Mapping[str, Any]) -> list[tuple[str, str, str, str]]:
    lines: list[tuple[str, str, str, str]] = [("report", "", "as_of", str(plain["as_of"]))]
    for section in (
        "this",
        "last",
        "year_ago",
        "backlog",
        "satisfaction",
        "channels",
        "languages",
        "quality",
    ):
        lines += _flat(section, "", plain[section] or {})
    lines.append(("stops", "", "shown", str(plain["stops"])))
    for month, before in zip(plain["months"], plain["received_year_before"], strict=True):
        lines += _flat("month", month["key"], month["snapshot"] or {})
        lines.append(("month", month["key"], "received_year_before", defused(before)))
    for row in plain["services"]:
        lines += _flat("service", row["name"], {**row["snapshot"], **_without(row, "name", "snapshot")})
    for row in plain["agencies"]:
        lines += _flat("agency", row["agency"], _without(row, "agency"))
    return lines


def _flat(section: str, name: str, values: Mapping[str, Any]) -> list[tuple[str, str, str, str]]:
    lines = []
    for key, value in values.items():
        if isinstance(value, Mapping):
            lines += [(section, name, f"{key}.{inner}", defused(part)) for inner, part in value.items()]
        elif isinstance(value, list):
            lines += [(section, name, f"{key}.{index}", defused(part)) for index, part in enumerate(value)]
        else:
            lines.append((section, name, key, defused(value)))
    return lines


def _without(row: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in keys}


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES / "reports"),
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

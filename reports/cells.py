"""Which numbers does a report tell, one by one? The lines of its CSV, as far as its readers may see them.

Everything that is printed, drawn or enclosed asks here, so that page, table, picture, CSV and JSON tell the
same, and what is hidden in one is hidden in all.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from figures.kept import as_json
from figures.shapes import Figures, Line
from figures.survival import Wait
from reports.hiding import COUNTED, LINES, TIMES, Key, as_told, counted, hidden_numbers, is_safe, place_of
from reports.suppression import Mask

PUBLIC = frozenset({"council", "ward"})
"""The audiences whose editions may be passed on to anybody."""
MORE = ("issues", "redirected", "open_before", "open_after", "with_agency", "watched", "asked", "answered")
"""What only the office is told of a line."""
NAMED = frozenset(
    {"service", "department", "ward", "agency", "month", "channel", "language", "spot", "cost", "widget",
     "page", "person", "weekday", "cost_outlook", "change", "repeat", "lead", "turn", "turned"}
)  # fmt: skip
DAYS = frozenset({"first_day", "last_day", "since_day"})
"""Figures that are days; they are told as people write them, such as 2026-11-01."""
HEADINGS = ("period", "section", "name", "figure", "value")

Told = Iterator[tuple[Key, Any]]


@dataclass(frozen=True)
class Cells:
    """The numbers of one edition for one audience."""

    figures: Figures
    audience: str = "council"

    def __post_init__(self) -> None:
        if self.is_public:
            object.__setattr__(self, "figures", as_told(self.figures, self.masked))

    @property
    def is_public(self) -> bool:
        return self.audience in PUBLIC

    @cached_property
    def masked(self) -> dict[Key, Mask]:
        """What is hidden, and how."""
        return hidden_numbers(self.figures) if self.is_public else {}

    def mask(self, section: str, name: str, figure: str) -> Mask | None:
        return self.masked.get((section, name, figure))

    @property
    def hides_answers(self) -> bool:
        """Whether a share of those that were answered is hidden."""
        return any(figure == "answered_share" for _section, _name, figure in self.masked)

    @property
    def hides_places(self) -> bool:
        """Whether hexagons are left out, because they would tell of their ward."""
        return any(section == "spot" and figure == "count" for section, _name, figure in self.masked)

    @property
    def has_scores(self) -> bool:
        """Whether it may be told how many gave each rating: nobody stands alone with theirs."""
        said = self.figures.satisfaction
        return not self.is_public or (said.share is not None and is_safe(said.scores))

    @property
    def has_answers(self) -> bool:
        """Whether it may be told how many said that it was fixed."""
        said = self.figures.satisfaction
        return not self.is_public or is_safe((said.said_fixed, said.said_not_fixed))

    def lines(self) -> Told:
        """Yield every number with its place, hidden ones as ``<5`` and ``hidden``."""
        for key, value in self._told():
            mask = self.masked.get(key)
            yield key, value if mask is None else mask.value

    def plain(self) -> dict[str, Any]:
        """Return the same as nested JSON values: section, name (where there are names), figure."""
        told: dict[str, Any] = {"period": self.figures.span.key, "audience": self.audience}
        for (section, name, figure), value in self.lines():
            inside = told.setdefault(section, {})
            (inside.setdefault(name, {}) if section in NAMED else inside)[figure] = value
        return told

    def csv(self) -> bytes:
        """Return every number as a line: period, section, name, figure, value (UTF-8, CRLF)."""
        sheet = io.StringIO(newline="")
        writer = csv.writer(sheet)
        writer.writerow(HEADINGS)
        for (section, name, figure), value in self.lines():
            writer.writerow([self.figures.span.key, section, defused(name), defused(figure), defused(value)])
        return sheet.getvalue().encode()

    # -- in the order of the report --

    def _told(self) -> Told:
        plain = as_json(self.figures)
        yield from self._town(plain)
        yield from self._lines()
        for row in plain["agencies"]:
            yield from _flat("agency", row["agency"], _without(row, "agency"))
        for section in ("channels", "languages"):
            yield from _counts(section[:-1], plain[section])
        for spot, row in zip(self.figures.hot_spots, plain["hot_spots"], strict=True):
            known = row if spot.service else row | {"count_service": None}
            yield from _flat("spot", place_of(spot), _without(known, "column", "row", "ward"))
        yield from self._cost(plain)
        if not self.is_public:
            # For the office alone: the address of a page may say whom it is about.
            yield from _counts("widget", plain["widgets"])
            yield from _counts("page", plain["pages"])
            for row in plain["workload"]:
                yield from _flat("person", row["person"], _without(row, "person"))
            yield from self._insight(plain)

    def _cost(self, plain: Mapping[str, Any]) -> Told:
        """Yield what work cost. In public only of one request: all else is a count, or a sum of few."""
        for line, row in zip(self.figures.cost, plain["cost"], strict=True):
            if not self.is_public:
                yield from _flat("cost", line.service, _without(row, "service"))
            elif line.each is not None:
                yield ("cost", line.service, "each"), line.each

    def _insight(self, plain: Mapping[str, Any]) -> Told:
        """Yield what only the manager is told: hours, what changed, what comes back, what it will cost."""
        for weekday, counts in enumerate(plain["hours"], 1):
            by_hour = {f"{hour:02d}": many for hour, many in enumerate(counts)}
            yield from _flat("weekday", str(weekday), by_hour)
        for row in plain["cost_outlook"]:
            yield from _flat("cost_outlook", row["service"], _without(row, "service"))
        found = plain["insight"]
        if found is None:
            return
        for row in found["shifts"]:
            yield from _flat("change", f"{row['kind']} {row['name']}", _without(row, "kind", "name"))
        for place, row in enumerate(found["repeats"], 1):
            yield from _flat("repeat", str(place), row)
        for place, row in enumerate(found["leads"] or (), 1):
            yield from _flat("lead", str(place), row)
        yield from _counts("turn", found["turns"])
        yield from _counts("turned", found["turned"])

    def _town(self, plain: Mapping[str, Any]) -> Told:
        yield ("report", "", "as_of"), plain["as_of"]
        # How many were under watch tells how many were duplicates; see ``_unanswered`` for the others.
        this = _without(plain["this"], *(("watched", "answered") if self.is_public else ()))
        yield from _flat("this", "", this | {"finished": self.figures.this.finished})
        for section in ("last", "year_ago"):
            yield from _flat(section, "", self._past(plain[section]))
        for section in ("backlog", "satisfaction", "reopened", "outlook", "mail", "quality"):
            yield from _flat(section, "", self._bare(section, plain[section] or {}))
        yield ("stops", "", "shown"), self.figures.stops
        for month, before in zip(plain["months"], plain["received_year_before"], strict=True):
            yield from _flat("month", month["key"], self._past(month["snapshot"]))
            yield ("month", month["key"], "received_year_before"), before

    def _past(self, snapshot: Mapping[str, Any] | None) -> dict[str, Any]:
        """Return the sums of an earlier stretch; its parts stand in its own edition, which may hide them."""
        if snapshot is None:
            return {}
        parts = ("outcomes", "issues", "watched", "answered") if self.is_public else ("outcomes",)
        return _without(snapshot, *parts) | {"finished": sum(snapshot["outcomes"].values())}

    def _bare(self, section: str, values: Mapping[str, Any]) -> dict[str, Any]:
        if section != "satisfaction":
            return dict(values)
        hidden = () if self.has_scores else ("scores",)
        few = ("good",) if self.is_public and self.figures.satisfaction.share is None else ()
        unsaid = () if self.has_answers else ("said_fixed", "said_not_fixed")
        return _without(values, *hidden, *few, *unsaid)

    def _lines(self) -> Told:
        for kind, section in LINES.items():
            # In public no departments: their numbers are sums of those of services, and give them away.
            lines = () if self.is_public and kind == "departments" else getattr(self.figures, kind)
            for line in lines:
                yield from _line(section, line)
                if not self.is_public:
                    yield from _more(section, line)


def defused(value: object) -> str:
    """Return a value as a cell; words that a spreadsheet would take for a formula are defused."""
    said = "" if value is None else str(value)
    return f"'{said}" if isinstance(value, str) and said[:1] in ("=", "+", "-", "@", "\t", "\r") else said


def _line(section: str, line: Line) -> Told:
    for figure in COUNTED:
        yield (section, line.name, figure), counted(line, figure)
    for figure in TIMES:
        wait: Wait | None = getattr(line.snapshot, figure)
        yield (section, line.name, f"{figure}.seconds"), wait.seconds if wait else None
        yield (section, line.name, f"{figure}.is_reached"), wait.is_reached if wait else None
    share = line.snapshot.answered_share
    yield (section, line.name, "answered_share"), None if share is None else round(share, 2)
    yield (section, line.name, "promised"), line.promised
    yield (section, line.name, "residents"), line.residents


def _more(section: str, line: Line) -> Told:
    for figure in MORE:
        yield (section, line.name, figure), getattr(line.snapshot, figure)
    for name, count in line.snapshot.outcomes.items():
        yield (section, line.name, f"outcomes.{name}"), count


def _counts(section: str, counts: Mapping[str, int]) -> Told:
    for name, count in counts.items():
        yield (section, name, "received"), count


def _flat(section: str, name: str, values: Mapping[str, Any]) -> Told:
    for figure, value in _leaves("", values):
        is_day = figure.rpartition(".")[2] in DAYS and isinstance(value, int)
        yield (section, name, figure), date.fromordinal(value).isoformat() if is_day else value


def _leaves(place: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        inside: Iterable[tuple[Any, Any]] = value.items()
    elif isinstance(value, list):
        inside = enumerate(value)
    else:
        yield place, value
        return
    for key, inner in inside:
        yield from _leaves(f"{place}.{key}" if place else str(key), inner)


def _without(row: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in keys}

"""Which numbers does a report tell, one by one? The lines of its CSV, as far as its readers may see them.

Everything that is printed, drawn or enclosed asks here, so that page, table, picture, CSV and JSON tell the
same, and what is hidden in one is hidden in all.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from figures.counted import WORKED
from figures.kept import as_json
from figures.shapes import OUTSIDE, UNKNOWN, Figures, HotSpot, Line
from figures.survival import Wait
from lifecycle.status import Ending
from reports.suppression import FEWEST, Mask, masks, within

PUBLIC = frozenset({"council", "ward"})
"""The audiences whose editions may be passed on to anybody."""
LINES = {"services": "service", "departments": "department", "wards": "ward"}
COUNTED = (
    "received", "finished", "passed_on", "due", "on_time",
    "received_before", "received_year_ago",
)  # fmt: skip
"""What is told of a line: columns of which each is a sum of its own, and none follows from the others.

Not what was open: with that of an earlier edition, what was finished between them would follow."""
MORE = ("issues", "redirected", "open_before", "open_after", "with_agency", "watched", "asked", "answered")
"""What only the office is told of a line."""
AGENCIES = ("handed_off", "confirmed", "returned", "ended", "cards")
"""What is told of an agency, in the order of its table."""
NAMED = frozenset(
    {"service", "department", "ward", "agency", "month", "channel", "language", "spot", "cost", "widget",
     "page", "person", "weekday", "cost_outlook", "change", "repeat", "lead", "turn", "turned"}
)  # fmt: skip
HEADINGS = ("period", "section", "name", "figure", "value")

Key = tuple[str, str, str]
"""(section, name, figure)"""
Told = Iterator[tuple[Key, Any]]


@dataclass(frozen=True)
class Cells:
    """The numbers of one edition for one audience."""

    figures: Figures
    audience: str = "council"

    def __post_init__(self) -> None:
        if self.is_public:
            object.__setattr__(self, "figures", _in_told_order(self.figures, self.masked))

    @property
    def is_public(self) -> bool:
        return self.audience in PUBLIC

    @cached_property
    def masked(self) -> dict[Key, Mask]:
        """What is hidden, and how."""
        if not self.is_public:
            return {}
        hidden = {key: mask for column in _columns(self.figures) for key, mask in masks(column).items()}
        for place in _late(self.figures):
            hidden.setdefault(place, Mask.HIDDEN)
        for bounded, most in _bounded(self.figures, hidden):
            hidden |= within(bounded, {place: hidden[place] for place in bounded if place in hidden}, most)
        for place in (*_unanswered(self.figures), *_beside(self.figures, hidden)):
            hidden[place] = Mask.HIDDEN
        # Places stand alone: there is no sum to work a small number out from.
        few = (spot for spot in self.figures.hot_spots if spot.before and spot.before < FEWEST)
        return hidden | {("spot", _place(spot), "before"): Mask.FEW for spot in few}

    def mask(self, section: str, name: str, figure: str) -> Mask | None:
        return self.masked.get((section, name, figure))

    @property
    def hides_answers(self) -> bool:
        """Whether a share of those that were answered is hidden."""
        return any(figure == "answered_share" for _section, _name, figure in self.masked)

    @property
    def has_scores(self) -> bool:
        """Whether it may be told how many gave each rating: nobody stands alone with theirs."""
        said = self.figures.satisfaction
        return not self.is_public or (said.share is not None and _is_safe(said.scores))

    @property
    def has_answers(self) -> bool:
        """Whether it may be told how many said that it was fixed."""
        said = self.figures.satisfaction
        return not self.is_public or _is_safe((said.said_fixed, said.said_not_fixed))

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
            yield from _flat("spot", _place(spot), _without(known, "column", "row"))
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


def _columns(figures: Figures) -> Iterator[dict[Key, int]]:
    """Yield the columns whose sum is told and in which a number may be too small."""
    for kind, section in LINES.items():
        lines: tuple[Line, ...] = getattr(figures, kind)
        for figure in COUNTED:
            # What cannot be anything but nought hides nothing.
            able = (line for line in lines if figure != "on_time" or line.snapshot.due)
            counts = ((line.name, _counted(line, figure)) for line in able)
            yield {(section, name, figure): count for name, count in counts if count is not None}
    for figure in AGENCIES:
        yield {
            ("agency", line.agency, figure): getattr(line, figure)
            for line in figures.agencies
            if figure not in ("confirmed", "returned") or line.handed_off
        }
    yield {("channel", name, "received"): count for name, count in figures.channels.items()}
    yield {("language", name, "received"): count for name, count in figures.languages.items()}
    yield {("quality", "", "without_place"): figures.quality.without_place}
    yield {("this", "", f"outcomes.{name}"): count for name, count in figures.this.outcomes.items()}
    yield {("backlog", "", f"bands.{at}"): count for at, count in enumerate(figures.backlog.bands)}


def _place(spot: HotSpot) -> str:
    """Return what a hexagon is called in the table."""
    return f"{spot.column}/{spot.row}"


def _late(figures: Figures) -> Iterator[Key]:
    """Yield where what was on time is hidden because with what was due it would tell how few were late."""
    for kind, section in LINES.items():
        lines: tuple[Line, ...] = getattr(figures, kind)
        late = {line.name: line.snapshot.due - line.snapshot.on_time for line in lines}
        for name in masks(late):
            yield section, name, "on_time"


def _bounded(figures: Figures, hidden: Mapping[Key, Mask]) -> Iterator[tuple[dict[Key, int], dict[Key, int]]]:
    """Yield the columns of which none exceeds what is told beside it, and that: on time are only due ones."""
    for kind, section in LINES.items():
        lines: tuple[Line, ...] = getattr(figures, kind)
        due = {line.name: line.snapshot.due for line in lines if line.snapshot.due}
        on_time = {
            (section, line.name, "on_time"): line.snapshot.on_time for line in lines if line.name in due
        }
        told = (name for name in due if (section, name, "due") not in hidden)
        yield on_time, {(section, name, "on_time"): due[name] for name in told}
    agencies = [line for line in figures.agencies if line.handed_off]
    for figure in ("confirmed", "returned"):
        yield (
            {("agency", line.agency, figure): getattr(line, figure) for line in agencies},
            {
                ("agency", line.agency, figure): line.handed_off
                for line in agencies
                if ("agency", line.agency, "handed_off") not in hidden
            },
        )


def _unanswered(figures: Figures) -> Iterator[Key]:
    """Yield where the share that was answered is hidden: few were answered, or few still wait.

    It stands alone: in public neither the numbers behind it nor their sum are told.
    """
    for kind, section in LINES.items():
        lines: tuple[Line, ...] = getattr(figures, kind)
        for line in lines:
            answered = line.snapshot.answered
            is_told = line.snapshot.answered_share is not None
            if is_told and not _is_safe((answered, line.snapshot.asked - answered)):
                yield section, line.name, "answered_share"


def _beside(figures: Figures, hidden: Mapping[Key, Mask]) -> Iterator[Key]:
    """Yield the sums of a whole edition that would tell one of its hidden parts."""
    this = figures.this
    outcomes = {Ending(name) for name in this.outcomes if ("this", "", f"outcomes.{name}") in hidden}
    # Who is asked for a rating is whoever's request the town worked on: three of the five outcomes together.
    if outcomes & WORKED and outcomes - WORKED:
        yield "satisfaction", "", "asked"
    if hides_issues(this.received - this.issues, is_hidden=Ending.DUPLICATE in outcomes):
        yield "this", "", "issues"
    if ("ward", UNKNOWN, "received") in hidden:
        yield "quality", "", "without_place"


def hides_issues(duplicates: int, *, is_hidden: bool) -> bool:
    """Return whether the number of issues would tell a small number of duplicates, or a hidden one."""
    return is_hidden or 0 < duplicates < FEWEST


def _in_told_order(figures: Figures, hidden: Mapping[Key, Mask]) -> Figures:
    """Return the figures with their hidden rows by name: by size, their order would tell which is larger."""

    def counts(section: str, told: Mapping[str, int]) -> dict[str, int]:
        names = sorted(told, key=lambda name: _rank(name, (section, name, "received") in hidden))
        return {name: told[name] for name in names}

    def lines(section: str, told: tuple[Line, ...]) -> tuple[Line, ...]:
        return tuple(sorted(told, key=lambda one: _rank(one.name, (section, one.name, "received") in hidden)))

    def is_hidden(agency: str) -> bool:
        return any(("agency", agency, figure) in hidden for figure in ("handed_off", "ended", "cards"))

    return replace(
        figures,
        services=lines("service", figures.services),
        departments=lines("department", figures.departments),
        wards=lines("ward", figures.wards),
        agencies=tuple(sorted(figures.agencies, key=lambda one: _rank(one.agency, is_hidden(one.agency)))),
        channels=counts("channel", figures.channels),
        languages=counts("language", figures.languages),
        cost=(*figures.cost[:1], *sorted(figures.cost[1:], key=lambda one: one.service)),
    )


def _rank(name: str, is_hidden: bool) -> tuple[bool, bool, str]:
    """Return where a row stands: told ones first as they were, places that are none last."""
    return name in (UNKNOWN, OUTSIDE), is_hidden, name if is_hidden else ""


def _counted(line: Line, figure: str) -> int | None:
    """Return one number of a line of services, departments or wards."""
    found = getattr(line if figure.startswith("received_") else line.snapshot, figure)
    return None if found is None else int(found)


def _is_safe(counts: Iterable[int]) -> bool:
    return not any(0 < count < FEWEST for count in counts)


def _line(section: str, line: Line) -> Told:
    for figure in COUNTED:
        yield (section, line.name, figure), _counted(line, figure)
    for figure in ("half", "ninety", "first_answer"):
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
        yield (section, name, figure), value


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

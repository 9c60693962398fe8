"""Which column means what? The map that a town writes for one file of another system.

::

    source: oldtown-311
    number: Case ID
    received: {column: Opened, format: "%m/%d/%Y %I:%M %p"}
    service: {column: Category, values: {Pothole: pothole, "Street Light": street-light}, else: other}
    status: {column: Status, values: {Closed: fixed, Referred: {redirected: county-highway}}, else: open}
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lifecycle.status import Ending
from past import dates
from past.flaws import CannotRead
from routing.nodes import NotYaml, Tree, read_tree
from routing.nodes import Path as Keys
from routing.problems import Findings, nearest
from routing.rulebook import Rulebook

DATES = ("received", "closed", "due", "answered")
TABLES = ("service", "status", "agency", "assignee", "channel", "language", "consent")
"""Fields whose values are looked up in a table."""
WORDS = ("number", "place", "lat", "lon", "position", "text", "name", "email", "phone")
FIELDS = (*WORDS, *DATES, *TABLES)
CONTACT = ("name", "email", "phone")
JOINED = frozenset({"place", "text", "number", "name"})
"""Fields that several columns together may make."""
SETTINGS = ("source", "encoding", "separator", "time_zone")
KEYS = frozenset({"column", "columns", "values", "else", "format"})
SOURCE = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
OPEN = "open"
LONGEST_CHANNEL = 16


class Outcome(NamedTuple):
    """What a word for the state of a request means."""

    ending: Ending | None
    """None while it is open."""
    agency: str = ""
    """To whom it was redirected; empty where a column tells it."""


@dataclass(frozen=True)
class Column:
    """Where one field comes from."""

    names: tuple[str, ...]
    """The columns; those that have words are taken together, or of a date the first one. Empty: ``other``."""
    values: Mapping[str, Any] = field(default_factory=dict)
    """What the cell says, in small letters -> what it means."""
    other: Any = None
    """What every other value means; None where that is a problem."""
    form: str = ""
    """How the dates are written."""


@dataclass(frozen=True)
class Map:
    """What a town says about one file."""

    source: str
    columns: Mapping[str, Column]
    zone: ZoneInfo
    encoding: str | None = None
    separator: str | None = None

    def check_header(self, header: Iterable[str], file: str) -> None:
        """Raise ``CannotRead`` for columns that the file does not have."""
        known = {name.casefold(): name for name in header if name}
        lost = [
            f'{file}:1: there is no column "{name}" for {field_}' + _hint(name, known)
            for field_, column in self.columns.items()
            for name in column.names
            if name not in known.values()
        ]
        if lost:
            raise CannotRead("\n".join(lost))


def _hint(name: str, known: Mapping[str, str]) -> str:
    close = difflib.get_close_matches(name.casefold(), known, n=1, cutoff=0.6)
    said = f'did you mean "{known[close[0]]}"?' if close else f"there is {', '.join(known.values())}"
    return f" ({said})"


def read_map(file: Path, rulebook: Rulebook) -> Map:
    """Return the map in a file; raises ``CannotRead`` with every mistake, its line and its remedy."""
    try:
        tree = read_tree(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise CannotRead(f"{file} cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise CannotRead(f"{file}: the map is not UTF-8 text; save it as UTF-8") from None
    except NotYaml as error:
        slip = error.slip
        raise CannotRead(f"{file.name}:{slip.mark.line}:{slip.mark.column}: {slip.message}") from None
    return _understood(tree, file.name, rulebook)


def paired(pairs: Iterable[str], source: str, rulebook: Rulebook) -> Map:
    """Return the map that ``column=field`` pairs make; raises ``CannotRead``."""
    data: dict[str, Any] = {"source": source}
    for pair in pairs:
        column, _, name = pair.rpartition("=")
        if not column:
            raise CannotRead(f'"{pair}" is neither a file nor column=field, as in "Case ID=number"')
        if name in JOINED and name in data:
            data[name] = [*_as_list(data[name]), column]
        else:
            data[name] = column
    return _understood(Tree(data, {}), "--map", rulebook)


def _understood(tree: Tree, file: str, rulebook: Rulebook) -> Map:
    findings = Findings(file, tree)
    for slip in tree.slips:
        findings.error((), slip.code, f"line {slip.mark.line}: {slip.message}", slip.hint)
    data = tree.data if isinstance(tree.data, dict) else {}
    if not data:
        findings.error((), "not-a-map", "the file holds no map", "begin with source: and received:")
    reader = _Reader(findings, rulebook, tree.typed)
    columns = {name: reader.column(name, data[name]) for name in FIELDS if data.get(name) is not None}
    for name in data:
        if name not in FIELDS and name not in SETTINGS:
            findings.error((name,), "unknown-key", "no such field", nearest(name, (*FIELDS, *SETTINGS)))
    reader.check(data, columns)
    zone = reader.zone(data.get("time_zone"))
    if findings.has_errors:
        raise CannotRead("\n".join(str(problem) for problem in findings.in_order()))
    separator = {"tab": "\t", "comma": ",", "semicolon": ";"}.get(*[str(data.get("separator") or "")] * 2)
    encoding = str(data["encoding"]) if data.get("encoding") else None
    return Map(str(data["source"]), columns, zone, encoding, separator or None)


def _as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [value]


class _Reader:
    """Makes columns of what the map says; every mistake goes to ``findings``."""

    def __init__(self, findings: Findings, rulebook: Rulebook, typed: Mapping[Keys, str]) -> None:
        self.findings, self.rulebook, self.typed = findings, rulebook, typed

    def column(self, name: str, said: Any) -> Column:
        """Return where a field comes from."""
        if not isinstance(said, dict):
            return self._bare(name, said)
        for key in said:
            if key not in KEYS:
                self.findings.error((name, key), "unknown-key", "no such key", nearest(key, KEYS))
        names = self._names(name, said.get("column", said.get("columns")))
        if not names and "else" not in said:
            self.findings.error((name,), "no-column", "say from which column it comes", "write column:")
        table = said.get("values") or {}
        if name not in TABLES and (table or "else" in said):
            self.findings.error((name,), "no-table", "this field has no table of values")
            table = {}
        if not isinstance(table, dict):
            self.findings.error((name, "values"), "not-a-table", "a table says value: meaning")
            table = {}
        values = {
            key.strip().casefold(): self._meaning(name, value, (name, "values", key))
            for key, value in table.items()
        }
        other = self._meaning(name, said["else"], (name, "else")) if "else" in said else None
        return Column(names, self._own(name) | values, other, self._form(name, said.get("format")))

    def _bare(self, name: str, said: Any) -> Column:
        if name in ("consent",) and said is True:
            return Column((), other="yes")
        return Column(self._names(name, said), self._own(name))

    def _names(self, name: str, said: Any) -> tuple[str, ...]:
        names = tuple(str(one) for one in _as_list(said)) if said is not None else ()
        if len(names) > 1 and name not in JOINED and name not in DATES:
            self.findings.error((name,), "one-column", "only one column can be named here")
        return names

    def _form(self, name: str, said: Any) -> str:
        if said is None:
            return ""
        if name not in DATES:
            self.findings.error((name, "format"), "no-date", "only dates have a format")
            return ""
        try:
            dates.given(str(said), ZoneInfo("UTC"))
        except ValueError as error:
            self.findings.error((name, "format"), "bad-format", str(error))
        return str(said)

    def _own(self, name: str) -> dict[str, Any]:
        """Return what values mean without being listed: ids and names of the rules."""
        book = self.rulebook
        if name == "service":
            named = {str(one.name).casefold(): code for code, one in book.services.items()}
            return named | {code: code for code in book.services}
        if name == "agency":
            named = {str(one.name).casefold(): key for key, one in book.agencies.items()}
            return named | {key: key for key in book.agencies}
        if name == "assignee":
            return {key: key for key in (*book.departments, *book.people)}
        if name == "status":
            return {OPEN: Outcome(None)} | {
                one.value: Outcome(one) for one in Ending if one is not Ending.REDIRECTED
            }
        return {"y": "yes", "yes": "yes", "true": "yes", "1": "yes"} if name == "consent" else {}

    def _meaning(self, name: str, value: Any, path: Keys) -> Any:
        """Return what a value of the table means; a wrong one is told with what there is."""
        if name == "status":
            return self._outcome(value, path)
        typed = value if isinstance(value, str) else self.typed.get(path, str(value))
        book = self.rulebook
        known: dict[str, Iterable[str]] = {
            "service": book.services, "agency": book.agencies, "assignee": (*book.people, *book.departments),
        }  # fmt: skip
        if name in known and typed not in known[name] and not (name != "service" and not typed):
            self.findings.error(
                path, f"no-{name}", f'no {name} "{typed}" in the rules', nearest(typed, known[name])
            )
        if name == "channel" and len(typed) > LONGEST_CHANNEL:
            self.findings.error(path, "too-long", f"a channel has at most {LONGEST_CHANNEL} letters")
        if name == "consent":
            return "yes" if value is True or typed.casefold() in ("yes", "true") else ""
        return typed

    def _outcome(self, value: Any, path: Keys) -> Outcome:
        agency = ""
        if isinstance(value, dict) and len(value) == 1:
            ((word, agency),) = value.items()
            agency = str(agency)
            if word != Ending.REDIRECTED or agency not in self.rulebook.agencies:
                hint = nearest(agency, self.rulebook.agencies)
                self.findings.error(path, "no-agency", f'no agency "{agency}" in the rules', hint)
            return Outcome(Ending.REDIRECTED, agency)
        word = str(value).strip().casefold().replace(" ", "_")
        if word == OPEN:
            return Outcome(None)
        if word not in {one.value for one in Ending}:
            hint = nearest(word, (OPEN, *(one.value for one in Ending)))
            self.findings.error(path, "no-outcome", f'no outcome "{value}"', hint)
            return Outcome(None)
        return Outcome(Ending(word), agency)

    def check(self, data: Mapping[str, Any], columns: Mapping[str, Column]) -> None:
        """Tell what is missing, and what cannot stand together."""
        add = self.findings.error
        source = str(data.get("source") or "")
        if not SOURCE.fullmatch(source):
            add(
                ("source",),
                "no-source",
                "name the system that the file comes from",
                "as in source: oldtown-311",
            )
        for name in ("received", "service"):
            if name not in columns:
                add((), f"no-{name}", f"no column is named for {name}")
        if "status" not in columns and "closed" not in columns:
            add((), "no-closed", "neither status nor closed is named, so nothing would ever have ended")
        if ("lat" in columns) != ("lon" in columns):
            add((), "half-a-place", "lat and lon go together", "for one column with both write position:")
        if "position" in columns and "lat" in columns:
            add(
                ("position",),
                "two-places",
                "the place comes from position, or from lat and lon, not from both",
            )
        contact = [name for name in CONTACT if name in columns]
        if contact and "consent" not in columns:
            add(
                (contact[0],),
                "no-consent",
                "a resident's name and contact come along only where they agreed to it",
                "name the column that says so with consent:, or write consent: true when all did",
            )
        status = columns.get("status")
        means = [*status.values.values(), status.other] if status else []
        is_told = "agency" in columns
        if not is_told and any(one and one.ending is Ending.REDIRECTED and not one.agency for one in means):
            hint = "write {redirected: county-highway}, or name the column of the agency"
            add(("status",), "no-agency", "it is not said to whom it was redirected", hint)

    def zone(self, said: Any) -> ZoneInfo:
        """Return on whose clock the dates are; the town's where nothing is said."""
        if said is None or said == "town":
            return self.rulebook.town.zone
        try:
            return ZoneInfo(str(said))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self.findings.error(
                ("time_zone",), "no-zone", f'"{said}" is no time zone', "as in America/New_York or UTC"
            )
            return self.rulebook.town.zone

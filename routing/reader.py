"""Is ``rules.yaml`` right, and if not, what exactly is wrong with it?

Everything is found in one reading: YAML, names and types of the keys, names that nothing answers
to, layers, rules that can never match, golden points that come out differently.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from routing.coverage import check_coverage
from routing.golden import check_points
from routing.layers import Layers
from routing.nodes import Mark, NotYaml, Slip, read_tree
from routing.planned import check_reports, check_wards
from routing.problems import Findings, Problem
from routing.reach import check_reach
from routing.references import check_references
from routing.rulebook import Layer, Rulebook
from routing.shapes import check_shape
from routing.texts import added_words, files_of, languages_of, merge_texts, missing, version_of
from routing.upkeep import check_age, check_calendar, check_layer_words, check_upkeep

__all__ = ["Problem", "Reading", "RulesRefused", "load", "read"]


@dataclass(frozen=True)
class Reading:
    """What a reading gave. Without an error there are a rulebook and its layers."""

    rulebook: Rulebook | None
    layers: Layers | None
    problems: tuple[Problem, ...]
    missing: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Language -> path -> the words that it does not say yet; for every language but the first."""

    @property
    def ok(self) -> bool:
        return not self.errors

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.level == "error")

    @property
    def warnings(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.level == "warning")


class RulesRefused(Exception):
    """The rules have errors; ``problems`` holds them all, and so does the message, one per line."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        errors = [str(problem) for problem in problems if problem.level == "error"]
        count = "1 mistake" if len(errors) == 1 else f"{len(errors)} mistakes"
        super().__init__("\n".join((f"The rules have {count}:", *errors)))


def load(path: Path) -> tuple[Rulebook, Layers]:
    """Return the rulebook and its layers; ``RulesRefused`` lists every error when there is one."""
    reading = read(path)
    if reading.rulebook is None or reading.layers is None or not reading.ok:
        raise RulesRefused(reading.problems)
    return reading.rulebook, reading.layers


def read(path: Path, *, today: date | None = None) -> Reading:
    """Read a rules file and the layers beside it. Nothing is raised: every mistake is a problem.

    With ``today`` it also warns of layers that are older than their entry allows.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        why = (
            "there is no such file"
            if isinstance(error, FileNotFoundError)
            else f"cannot be read: {error.strerror}"
        )
        return _unread(path, 1, 1, _slip("no-file", why, "name the file with --rules or TOWNLINE_RULES"))
    return read_bytes(raw, path, today=today)


def read_bytes(
    raw: bytes, path: Path, *, today: date | None = None, served: tuple[Rulebook, Layers] | None = None
) -> Reading:
    """Read rules as if they stood in the file ``path``, whose folder holds the layers.

    Where they name the same layers as the rules that are ``served``, those layers are taken: reading
    large maps again takes seconds.
    """
    try:
        tree = read_tree(raw.decode("utf-8-sig"))
    except NotYaml as error:
        return _unread(path, error.slip.mark.line, error.slip.mark.column, error.slip)
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        return _unread(path, line, 1, _slip("not-utf8", "the file is not UTF-8 text", "save it as UTF-8"))
    findings = Findings(path.name, tree)
    if not isinstance(tree.data, dict):
        findings.error(
            (),
            "not-rules",
            "the file holds no rules",
            "start with town:, as in the demonstration's rules.yaml",
        )
        return Reading(None, None, findings.in_order())
    return _checked(path, raw, findings, today, served)


def _slip(code: str, message: str, hint: str) -> Slip:
    return Slip(Mark(1, 1), code, message, hint)


def _unread(path: Path, line: int, column: int, slip: Slip) -> Reading:
    problem = Problem(path.name, line, column, "error", slip.code, slip.message, slip.hint)
    return Reading(None, None, (problem,))


def _checked(
    path: Path, raw: bytes, findings: Findings, today: date | None, served: tuple[Rulebook, Layers] | None
) -> Reading:
    for slip in findings.tree.slips:
        problem = Problem(
            path.name, slip.mark.line, slip.mark.column, "error", slip.code, slip.message, slip.hint
        )
        findings.problems.append(problem)
    merge_texts(findings, path.parent)
    rulebook = _rulebook(raw, findings, path.parent)
    check_references(findings)
    check_reports(findings)
    layers = _layers(path.parent, findings, served)
    check_layer_words(findings, layers)
    check_wards(findings, layers)
    check_reach(findings)
    check_upkeep(findings)
    check_coverage(findings, layers)
    if today is not None:
        check_age(findings, path.parent, today)
    check_calendar(findings)
    if rulebook is not None and not findings.has_errors:
        check_points(rulebook, layers, findings)
    if rulebook is None or findings.has_errors:
        return Reading(None, None, findings.in_order())
    return Reading(rulebook, layers, findings.in_order(), _missing(findings.tree.data, path.parent))


def _missing(data: Any, folder: Path) -> dict[str, dict[str, str]]:
    return {
        language: missing(data, language, dict(added_words(data.get("texts"), folder, language)))
        for language in languages_of(data)[1:]
    }


def _rulebook(raw: bytes, findings: Findings, folder: Path) -> Rulebook | None:
    # A section that is there but empty ("checks:" with nothing below) is the same as none.
    data = {key: value for key, value in findings.tree.data.items() if value is not None}
    if "version" in data:
        findings.error(
            ("version",), "unknown-key", 'unknown key "version"', "the version is made from the file itself"
        )
    data["version"] = version_of(raw, folder, files_of(data.get("texts")))
    try:
        return Rulebook.model_validate(data)
    except ValidationError as error:
        check_shape(error, findings)
        return None


def _layers(folder: Path, findings: Findings, served: tuple[Rulebook, Layers] | None) -> Layers:
    """Read the layers whose entries are right, however wrong the rest of the file is."""
    rows = findings.tree.data.get("layers")
    definitions: dict[str, Layer] = {}
    for name, row in rows.items() if isinstance(rows, dict) else ():
        try:
            definitions[name] = Layer.model_validate({**row, "id": name})
        except (ValidationError, TypeError):
            continue  # told by check_shape already
    if served is not None and definitions == dict(served[0].layers):
        return served[1]
    layers, flaws = Layers.read(definitions, folder)
    for flaw in flaws:
        add = findings.error if flaw.level == "error" else findings.warning
        add(("layers", flaw.layer, flaw.key), flaw.code, flaw.message, flaw.hint)
    return layers

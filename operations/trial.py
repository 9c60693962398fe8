"""What would other rules do to this town's own requests? Nothing is stored, nothing is changed.

A candidate comes from a browser, so it is trusted less than the file on the disk: it may be no larger
than any real town's, its layers must lie in the rules' own folder, and the work ends after some
seconds. Residents are served meanwhile.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from flask_babel import gettext as _

from casework.office import Office
from routing.nodes import NotYaml, Tree, each, read_tree
from routing.problems import Findings, Problem
from routing.reader import Reading, read_bytes
from routing.simulation import Row, Simulation, choose, simulate
from storage.simulation import past_decisions

MOST_BYTES = 400_000
"""Ten times as large as the rules of a town with a hundred rules."""
MOST_REQUESTS = 2_000
PATIENCE = 8.0
"""Seconds of deciding; what is left then is said to be left."""
SLICE, BREATH = 10, 0.002
"""After so many requests residents have the processor for so many seconds."""
MAPS = (".geojson", ".json", ".csv")
_busy = Lock()


class Busy(Exception):
    """Somebody is trying rules at this moment."""


@dataclass
class Trial:
    """What came out. ``simulation`` is None where the candidate has mistakes."""

    problems: tuple[Problem, ...] = ()
    simulation: Simulation | None = None
    is_same: bool = False
    is_cut: bool = False
    """The time was up before all requests were looked at."""
    names: dict[str, str] = field(default_factory=dict)
    """Person, department and agency ids of either rules -> their names."""

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.level == "error")

    @property
    def warnings(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.level == "warning")


def try_rules(office: Office, raw: bytes, path: Path, *, language: str) -> Trial:
    """Check a candidate as if it stood in ``path``, and decide the newest requests by it and by ours.

    Raises ``Busy`` while another trial runs: two at once would be felt by residents.
    """
    if not _busy.acquire(blocking=False):
        raise Busy
    try:
        return _try(office, raw, path, language)
    finally:
        _busy.release()


def _try(office: Office, raw: bytes, path: Path, language: str) -> Trial:
    if outside := _outside(raw, path, office):
        return Trial(outside)
    reading = read_bytes(raw, path, served=(office.rulebook, office.layers))
    if reading.rulebook is None or reading.layers is None or not reading.ok:
        return Trial(reading.problems)
    trial = Trial(reading.problems, is_same=reading.rulebook.version == office.rulebook.version)
    trial.simulation = _simulated(office, reading, trial)
    for book in (office.rulebook, reading.rulebook):
        for section in (book.agencies, book.people, book.departments, book.services):
            trial.names |= {name: one.name.said(language) for name, one in section.items()}
    return trial


# -- where its maps lie --


def _outside(raw: bytes, path: Path, office: Office) -> tuple[Problem, ...]:
    """Return a mistake for each layer whose file is not a map in the rules' own folder."""
    try:
        tree = read_tree(raw.decode("utf-8-sig"))
    except (NotYaml, UnicodeDecodeError):
        return ()  # the reader says it
    findings = Findings(path.name, tree)
    if isinstance(tree.data, dict):
        known = {layer.file for layer in office.rulebook.layers.values()}
        _look_at_files(findings, tree, path.parent, known)
        _look_at_texts(findings, tree, path.parent)
    return findings.in_order()


def _look_at_files(findings: Findings, tree: Tree, folder: Path, known: set[str]) -> None:
    for where, name in each(tree.data, ("layers", "*", "file")):
        if not isinstance(name, str) or name in known:
            continue
        hint = _("on this page a layer is a file in the folder of the rules, or in one below it")
        if not _is_inside(folder, name):
            findings.error(where, "layer-outside", _("this file lies outside the rules' folder"), hint)
        elif not name.lower().endswith(MAPS):
            said = _("this is not the name of a map")
            findings.error(where, "layer-name", said, _("a map ends in %(kinds)s", kinds=", ".join(MAPS)))


def _look_at_texts(findings: Findings, tree: Tree, folder: Path) -> None:
    for where, name in each(tree.data, ("texts", "*")):
        if isinstance(name, str) and not (_is_inside(folder, name) and name.endswith((".yaml", ".yml"))):
            findings.error(where, "texts-outside", _("this file lies outside the rules' folder"))


def _is_inside(folder: Path, name: str) -> bool:
    try:
        return (folder / name).resolve().is_relative_to(folder.resolve())
    except (OSError, ValueError):  # too long a name, or a zero byte in it
        return False


# -- the town's own requests --


def _simulated(office: Office, reading: Reading, trial: Trial) -> Simulation:
    assert reading.rulebook is not None
    assert reading.layers is not None
    skipped: list[tuple[str, str]] = []
    result = simulate(reading.rulebook, reading.layers, _rows(office, skipped, trial))
    result.skipped = skipped
    return result


def _rows(office: Office, skipped: list[tuple[str, str]], trial: Trial) -> Iterator[Row]:
    until = time.monotonic() + PATIENCE
    for count, past in enumerate(past_decisions(newest=MOST_REQUESTS), start=1):
        if time.monotonic() > until:
            trial.is_cut = True
            return
        if count % SLICE == 0:
            time.sleep(BREATH)
        try:
            facts = past.facts()
        except ValueError as error:
            skipped.append((past.number, str(error)))
            continue
        # Compared with what the rules in force say today: what was decided then may be two versions old.
        yield Row(past.number, facts, choose(office.rulebook, office.layers, facts))

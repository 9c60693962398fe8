"""How long does a report take over many requests? A month of a busy town, and a year of a million.

Both are set beside one bare scan of the same two tables.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from benchmarks.busy_town import fill
from benchmarks.lines import Line, MeasurementWrong, Plan, middle
from benchmarks.report import build, pages, processor_of_children
from benchmarks.servers import TOWN, Served, empty_town
from benchmarks.together import together
from settings import ROOT

RUNS = 3
Told = dict[str, Any]
"""What one run took: seconds, processor seconds, MB."""


@dataclass(frozen=True)
class Case:
    """One report over one town."""

    what: str
    requests: int
    years: int
    """The requests are spread over so many years."""
    period: str
    longest: float
    """Seconds."""
    most: int
    """Megabytes."""


def rows(plan: Plan) -> Iterator[Line]:
    """Yield time and memory of both reports, each with its ratio to a bare scan."""
    last = datetime.now(UTC).year - 1
    cases = (
        Case("month of a town with 50,000 requests a year", 100_000, 2, f"{last}-12", 2.5, 300),
        Case("year of a town with 1,000,000 requests", 1_000_000, 1, f"{last}", 6.0, 300),
    )
    for case in cases:
        yield from _measured(plan, case, last)


def _measured(plan: Plan, case: Case, last: int) -> Iterator[Line]:
    town = Served(TOWN, empty_town(plan.folder / "year" / str(case.requests)))
    began = time.perf_counter()
    fill(town, case.requests, date(last - case.years + 1, 1, 1), date(last + 1, 1, 1))
    filled = time.perf_counter() - began
    scans, whole, counting = [], [], []
    for run in range(RUNS):
        scans.append(_scan(town))
        whole.append(_alone(town, case.period, plan.folder / "year" / f"{case.requests}-{run}.pdf"))
        counting.append(_alone(town, case.period))
    scan = middle(scans)
    yield _timed(
        f"{case.what}, figures, page, CSV and PDF",
        whole,
        scan,
        case.longest,
        {"filled_in": filled, "scans": scans},
    )
    yield _timed(f"{case.what}, the counting alone", counting, scan)
    yield _memory(case, whole)
    yield _pages(case, whole)
    yield _command(plan, case, town, scan)


def _timed(what: str, runs: list[Told], scan: float, longest: float = 0, figures: Told | None = None) -> Line:
    seconds, processor = (middle([one[name] for one in runs]) for name in ("seconds", "processor"))
    return Line(
        what=what,
        ours=f"{seconds:.2f} s, {processor:.2f} s processor",
        reference=f"{scan:.2f} s a bare scan",
        ratio=seconds / scan,
        goal=f"<= {longest} s" if longest else "",
        is_met=seconds <= longest if longest else None,
        figures={"runs": runs} | (figures or {}),
    )


def _memory(case: Case, runs: list[Told]) -> Line:
    peak, own = (max(one[name] for one in runs) for name in ("together", "own"))
    return Line(
        what=f"{case.what}, peak memory, all processes",
        ours=f"{peak:.0f} MB together",
        reference=f"{own:.0f} MB its own process",
        ratio=peak / case.most,
        goal=f"<= {case.most} MB",
        is_met=peak <= case.most,
    )


def _pages(case: Case, runs: list[Told]) -> Line:
    count, size = max(1, runs[-1]["pages"]), runs[-1]["bytes"] / 1024
    seconds, processor = (middle([one[name] for one in runs]) / count for name in ("seconds", "processor"))
    return Line(
        what=f"{case.what}, cost per page",
        ours=f"{seconds:.2f} s, {processor:.2f} s processor",
        reference=f"{size / count:.0f} KB each of {count:.0f} pages",
    )


def _command(plan: Plan, case: Case, town: Served, scan: float) -> Line:
    used = processor_of_children()
    seconds, _peaks = build(town, case.period, plan.folder / "year" / f"out-{case.requests}")
    return Line(
        what=f"{case.what}, whole command with PDF",
        ours=f"{seconds:.2f} s, {processor_of_children() - used:.2f} s processor",
        reference=f"{scan:.2f} s a bare scan",
        ratio=seconds / scan,
    )


def _alone(town: Served, period: str, pdf: Path | None = None) -> Told:
    """Make the report once in a program that has started already, or count alone; return what it took."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.alone", period, *([str(pdf)] if pdf else [])],
        cwd=ROOT, env=town.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    own, everything = together(process)
    said, complained = process.communicate()
    if process.returncode:
        raise MeasurementWrong(f"the report alone ended with {process.returncode}: {complained[-600:]}")
    found: Told = json.loads(said.splitlines()[-1]) | {"own": own, "together": everything}
    if pdf:
        content = pdf.read_bytes()
        found |= {"pages": pages(content), "bytes": len(content)}
    return found


def _scan(town: Served) -> float:
    """Return the seconds in which every row of both tables is read once, the second time."""
    with closing(sqlite3.connect(town.data / "townline.sqlite3")) as file:
        seconds = 0.0
        for _time in range(2):
            began = time.perf_counter()
            file.execute("SELECT count(*), sum(created) FROM facts NOT INDEXED").fetchone()
            file.execute("SELECT count(*), max(finish_due_at) FROM requests NOT INDEXED").fetchone()
            seconds = time.perf_counter() - began
    return seconds

"""How long does the council's monthly PDF take, and how much memory does drawing it need?"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.lines import Line, MeasurementWrong, Plan, middle
from benchmarks.servers import TOWN, Served, empty_town, memory
from settings import ROOT

REQUESTS, RUNS = 1500, 3
LONGEST, MOST_MEMORY = 2.5, 300


def rows(plan: Plan) -> Iterator[Line]:
    """Yield time, memory and pages of last month's report of a town with 1,500 requests in the year."""
    town = Served(TOWN, empty_town(plan.folder / "report" / "town"))
    began = time.perf_counter()
    _run(town, "demo", "fill", "--requests", str(REQUESTS), "--months", "12")
    filled = time.perf_counter() - began
    kept = town.one("SELECT count(*) FROM requests")
    month = (datetime.now(UTC).replace(day=1) - timedelta(days=3)).strftime("%Y-%m")
    times, work, own, drawing = [], [], [], []
    for run in range(RUNS):
        out = plan.folder / "report" / f"out-{run}"
        used = processor_of_children()
        seconds, peaks = build(town, month, out)
        times.append(seconds)
        work.append(processor_of_children() - used)
        own.append(peaks["own"])
        drawing.append(peaks["drawing"])
    pdf = next(plan.folder.glob("report/out-0/*.pdf")).read_bytes()
    yield Line(
        what=f"monthly PDF, whole command, {kept:,} requests in the year",
        ours=f"{middle(times):.2f} s ({min(times):.2f} to {max(times):.2f})",
        reference=f"of it {middle(work):.2f} s on a processor",
        ratio=middle(times) / LONGEST,
        goal=f"<= {LONGEST} s",
        is_met=middle(times) <= LONGEST,
        figures={
            "seconds": times,
            "processor": work,
            "pages": pages(pdf),
            "bytes": len(pdf),
            "filled_in": filled,
        },
    )
    yield _peak(
        "monthly PDF, peak memory of the drawing child",
        drawing,
        f"{pages(pdf)} pages, {len(pdf) / 1024:.0f} KB",
    )
    yield _peak("monthly PDF, peak memory of the command", own, "")


def _peak(what: str, sizes: list[float], note: str) -> Line:
    if not max(sizes):
        return Line(what=what, ours="not readable on this system")
    peak = max(sizes)
    return Line(
        what=what,
        ours=f"{peak:.0f} MB",
        reference=note,
        ratio=peak / MOST_MEMORY,
        goal=f"<= {MOST_MEMORY} MB",
        is_met=peak <= MOST_MEMORY,
    )


def pages(pdf: bytes) -> int:
    """Count the pages of a PDF; 0 where pypdf is not installed."""
    try:
        from io import BytesIO

        from pypdf import PdfReader
    except ImportError:
        return 0
    return len(PdfReader(BytesIO(pdf)).pages)


def processor_of_children() -> float:
    """Return the processor seconds of all children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _run(town: Served, *words: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", *words],
        cwd=ROOT, env=town.environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise MeasurementWrong(f"flask {' '.join(words)} ended with {done.returncode}: {done.stderr[-600:]}")


def build(town: Served, month: str, out: Path) -> tuple[float, dict[str, float]]:
    """Build once; return the seconds and the peaks in MB of the command and of its drawing child."""
    words = ["report", "build", "council-monthly", "--period", month, "--out", str(out), "--format", "pdf"]
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "app", *words],
        cwd=ROOT, env=town.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    peaks = {"own": 0.0, "drawing": 0.0}
    while process.poll() is None:
        for name, pids in (("own", [process.pid]), ("drawing", _children(process.pid))):
            for pid in pids:
                peaks[name] = max(peaks[name], _peak_of(pid))
        time.sleep(0.01)
    seconds = time.perf_counter() - began
    if process.returncode:
        assert process.stderr is not None
        raise MeasurementWrong(
            f"report build ended with {process.returncode}: {process.stderr.read()[-600:]!r}"
        )
    return seconds, peaks


def _children(pid: int) -> list[int]:
    try:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _peak_of(pid: int) -> float:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
        # Between fork and exec a child still is its parent, memory and all.
        return memory(pid)["peak"] if command else 0.0
    except Exception:
        return 0.0  # it ended in between

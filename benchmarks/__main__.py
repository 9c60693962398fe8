"""Which rows are measured? All of them, or those that are named; see ``script/bench --help``."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
import traceback
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.lines import HEADING, Line, MeasurementWrong, Plan, Skipped, middle

ROWS = {
    "submissions": "the final POST of the form at 1 and 16 senders, against the same by hand",
    "memory": "memory when idle and after pages; start to the first answer",
    "photos": "memory at its highest while eight of the largest photos come in at once",
    "bytes": "embed.js and the first view, as they travel",
    "report": "time and memory of the monthly PDF",
    "year": "a month of 50,000 requests a year and a year of 1,000,000, against one bare scan",
    "syncs": "how often the disk is made sure of, per submission",
    "slow": "ordinary pages while 120 slow connections are open, and the stop",
    "finder": "how often residents' words find the service, with and without history; how fast",
    "routing": "loading large layers, one decision on them; a rules file of 2,000 lines",
    "places": "20,000 addresses: made ready, in memory, found by mistyped words; against difflib",
    "incoming": "reading mails in the process with limits, against the standard library",
    "mail_in": "raw mails a second: kept, read apart, applied, answered",
    "mail_out": "letters a second to a mail server, against bare smtplib on one connection",
    "backlog": "how long residents wait while 5,000 letters drain, against the same without",
    "replies": "how often the words newly written are found in labelled replies; the slowest hostile text",
    "la311": "import of a city's real requests; its figures against the file itself, where its data is",
    "washington_nh": "wrong owners and questions on a real town's roads, where its data is",
}


def main() -> int:
    """Measure, print, and return 1 when a measurement itself went wrong."""
    asked = _asked()
    lines: list[Line] = []
    wrong: list[str] = []
    machine = _machine()
    print(machine, flush=True)
    print(HEADING, flush=True)
    with tempfile.TemporaryDirectory(prefix="townline-bench-") as folder:
        plan = Plan(Path(folder), 2 if asked.quick else 5, 1.5 if asked.quick else 4.0)
        for name in asked.rows or ROWS:
            try:
                for line in import_module(f"benchmarks.{name}").rows(plan):
                    lines.append(line)
                    print(line, flush=True)
            except Skipped as why:
                print(f"{name}: SKIPPED: {why}", flush=True)
            except MeasurementWrong as why:
                wrong.append(f"{name}: {why}")
            except Exception:
                # One broken measurement must not hide the others; it is told, and the exit says so.
                wrong.append(f"{name}: {traceback.format_exc()}")
    for sentence in wrong:
        print(f"THE MEASUREMENT WENT WRONG: {sentence}", file=sys.stderr)
    if asked.json:
        said = {
            "when": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": machine,
            "quick": asked.quick,
            "lines": [line.as_json() for line in lines],
            "wrong": wrong,
        }
        asked.json.write_text(json.dumps(said, indent=2) + "\n")
    return 1 if wrong else 0


def _asked() -> Any:
    listed = "\n".join(f"  {name.ljust(12)} {words}" for name, words in ROWS.items())
    parser = argparse.ArgumentParser(
        prog="script/bench",
        description="Measures Townline on this machine. A missed goal is a finding, not a failure: exit 0.\n"
        "Exit 1 when a measurement itself went wrong.",
        epilog=f"rows:\n{listed}\n\nHow it is measured: docs/performance.md",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("rows", nargs="*", metavar="ROW", help="which; default: all")
    parser.add_argument("--quick", action="store_true", help="2 pairs of 1.5 s instead of 5 pairs of 4 s")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    asked = parser.parse_args()
    if unknown := [name for name in asked.rows if name not in ROWS]:
        parser.error(f"there is no row {unknown[0]}; choose from {', '.join(ROWS)}")
    return asked


def _machine() -> str:
    """Say what this machine is, and how fast at a loop and at the disk: that is what differs."""
    turns = [_loop() for _ in range(5)]
    return (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python "
        f"{platform.python_version()}; a fixed loop {min(turns):.0f} to {max(turns):.0f} ms, "
        f"{_syncs():,.0f} disk syncs a second, load {os.getloadavg()[0]:.1f}"
    )


def _loop() -> float:
    began = time.perf_counter()
    sum(number * number for number in range(1_000_000))
    return (time.perf_counter() - began) * 1000


def _syncs() -> float:
    times = []
    with tempfile.TemporaryFile() as file:
        for _ in range(100):
            file.write(bytes(4096))
            file.flush()
            began = time.perf_counter()
            os.fsync(file.fileno())
            times.append(time.perf_counter() - began)
    return 1 / middle(times)


if __name__ == "__main__":
    sys.exit(main())

"""How often is the disk made sure of, per submission? Counted by strace: an exact number, not a speed.

The postman and the clock are at rest and the write-ahead log is fresh, so that every sync belongs to a
submission. A second line adds what belongs to none of them alone: the checkpoints, which move the log into
the database.
"""

from __future__ import annotations

import re
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from benchmarks.lines import Line, MeasurementWrong, Plan, Skipped
from benchmarks.sender import run
from benchmarks.servers import CLOCK_AT_REST, TOWN, Served, empty_town

CALL = re.compile(r"^\d+ +(?:f(?:data)?sync|sync_file_range|msync)\(\d+<(?P<file>[^>]*)>")
# Daemonized, so that the process we started, and stop, is the town and not its observer.
STRACE = (
    "strace",
    "--daemonize",
    "--follow-forks",
    "--decode-fds=path",
    "--trace=fsync,fdatasync,sync_file_range,msync",
)
WORDS = {"townline.sqlite3-wal": "log", "townline.sqlite3": "database"}
FEW, MANY = 10, 300


def rows(plan: Plan) -> Iterator[Line]:
    """Yield the syncs of single submissions, and those of many with everything around them."""
    if shutil.which("strace") is None:
        raise Skipped("strace is not installed; on Debian or Ubuntu: sudo apt-get install strace")
    yield _alone(plan)
    yield _around(plan)


def _traced(plan: Plan, command: tuple[str, ...], name: str) -> tuple[Served, Path]:
    town = Served(command, empty_town(plan.folder / "syncs" / name))
    trace = plan.folder / "syncs" / f"{name}.strace"
    town.start(*STRACE, "--output", str(trace))
    return town, trace


def _syncs(trace: Path) -> Counter[str]:
    found = (CALL.match(line) for line in trace.read_text(errors="replace").splitlines())
    return Counter(Path(call["file"]).name for call in found if call)


def _alone(plan: Plan) -> Line:
    """Send one by one; the first few are not counted, since they start the log."""
    town, trace = _traced(plan, CLOCK_AT_REST, "at-rest")
    try:
        _send(town, 3, first=0)
        before = _syncs(trace)
        _send(town, FEW, first=1000)
        during = _syncs(trace) - before
    finally:
        town.stop()
    town.compare()
    if set(during) - {"townline.sqlite3-wal"}:
        raise MeasurementWrong(f"something else was synced while {FEW} submissions came in: {dict(during)}")
    each = sum(during.values()) / FEW
    return Line(
        what="disk syncs per submission, exact",
        ours=f"{each:g}",
        reference=f"{sum(during.values())} of the log in {FEW} submissions",
        ratio=each,
        goal="= 1",
        is_met=sum(during.values()) == FEW,
    )


def _around(plan: Plan) -> Line:
    town, trace = _traced(plan, TOWN, "at-work")
    try:
        _send(town, MANY, first=0)
        town.wait_for_letters()
    finally:
        town.stop()
    town.compare()
    found = _syncs(trace)
    return Line(
        what="the same with checkpoints and letters carried",
        ours=f"{sum(found.values()) / MANY:.2f}",
        reference=", ".join(f"{WORDS.get(name, 'folder')} {number}" for name, number in found.most_common()),
        figures={"syncs": dict(found), "submissions": MANY},
    )


def _send(town: Served, number: int, *, first: int) -> None:
    for mark in range(first, first + number):
        sent = run(town.port, "/report", 1, 0.0, mark)
        if sent["wrong"]:
            raise MeasurementWrong(f"a submission was answered with {sent['wrong'][0]}")
        town.receipts += sent["receipts"]
    time.sleep(0.05)  # strace writes its last line a moment after the answer

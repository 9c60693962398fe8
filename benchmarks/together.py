"""How much memory do a process and its children hold, all at the same moment?

The sum of their resident sizes: what they share, such as libraries, is counted in each, so it is too much
rather than too little. Looked at a hundred times a second.
"""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

from benchmarks.lines import MeasurementWrong

PAGE = os.sysconf("SC_PAGE_SIZE")
EVERY = 0.01
"""Seconds."""


def together(process: subprocess.Popen[str]) -> tuple[float, float]:
    """Wait until a process has ended; return MB of the most it held by itself, and with its children."""
    own = most = 0.0
    while process.poll() is None:
        held = _resident(process.pid)
        own, most = max(own, held), max(most, held + sum(_resident(pid) for pid in _children(process.pid)))
        time.sleep(EVERY)
    if not own:
        raise MeasurementWrong("memory is read from /proc, which this system does not have")
    return own, most


def _resident(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE / 2**20
    except (OSError, IndexError):
        return 0.0  # it ended in between


def _children(pid: int) -> list[int]:
    """Return those that have become another program: before that a child is its parent, memory and all."""
    found = []
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += [int(one) for one in (task / "children").read_text().split()]
        return [one for one in found if _command(one) != _command(pid)]
    except OSError:
        return []


def _command(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()

"""How long does a report take in a town that runs already? Figures, page, CSV and PDF, or the counting alone.

Runs as a process of its own: ``python -m benchmarks.alone PERIOD [FILE FOR THE PDF]``, the town told by its
environment; without a file it only counts.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from app import create_app
from casework.office import the_office
from reports.making import Made, counted, made
from reports.period import Period


def main(key: str, file: str = "") -> None:
    """Make the report once; print seconds, and processor seconds with those of all children."""
    with create_app().app_context():
        office = the_office()
        plan = office.rulebook.reports["council-monthly"]
        period = Period.named(key, office.zone)
        now = datetime.now(UTC)
        began, used = time.perf_counter(), _processor()
        found = made(office, plan, period, now=now) if file else counted(office, period, now=now)
        print(json.dumps({"seconds": time.perf_counter() - began, "processor": _processor() - used}))
    if isinstance(found, Made):
        Path(file).write_bytes(found.pdf or b"")


def _processor() -> float:
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(used.ru_utime + used.ru_stime for used in both)


if __name__ == "__main__":
    main(*sys.argv[1:])

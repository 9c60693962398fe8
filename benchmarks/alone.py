"""How long does a report take in a town that runs already? Figures, page, CSV and PDF.

Runs as a process of its own: ``python -m benchmarks.alone PERIOD``, the town told by its environment.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from datetime import UTC, datetime

from app import create_app
from casework.office import the_office
from reports.making import made
from reports.period import Period


def main(key: str) -> None:
    """Make the report once; print seconds, and processor seconds with those of the drawing child."""
    with create_app().app_context():
        office = the_office()
        plan = office.rulebook.reports["council-monthly"]
        period = Period.named(key, office.zone)
        began, used = time.perf_counter(), _processor()
        made(office, plan, period, now=datetime.now(UTC))
        print(json.dumps({"seconds": time.perf_counter() - began, "processor": _processor() - used}))


def _processor() -> float:
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(used.ru_utime + used.ru_stime for used in both)


if __name__ == "__main__":
    main(sys.argv[1])

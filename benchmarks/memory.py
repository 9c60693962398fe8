"""How much memory does the town take, and how soon does it answer?"""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.lines import Line, MeasurementWrong, Plan, Skipped, middle
from benchmarks.sender import run
from benchmarks.servers import TOWN, Served, empty_town, memory, processor

STARTS, PAGES, FORMS = 3, 40, 10
MOST_MEMORY, LONGEST_START = 90, 1.5


def rows(plan: Plan) -> Iterator[Line]:
    """Yield cold start, then memory before and after pages."""
    town = Served(TOWN, empty_town(plan.folder / "memory" / "town"))
    starts, work, fresh, used, skipped = [], [0.0], [], [], ""
    for _ in range(STARTS):
        starts.append(town.start())
        try:
            work.append(processor(town.pid))
            fresh.append(memory(town.pid))
            _ask_pages(town)
            used.append(memory(town.pid))
        except Skipped as why:
            skipped = str(why)
        finally:
            town.stop()
    yield Line(
        what="start to first answer",
        ours=f"{middle(starts):.2f} s ({min(starts):.2f} to {max(starts):.2f})",
        reference=f"of it at least {min(work[1:] or work):.2f} s on a processor",
        ratio=middle(starts) / LONGEST_START,
        goal=f"<= {LONGEST_START} s",
        is_met=middle(starts) <= LONGEST_START,
        figures={"seconds": starts},
    )
    if skipped:
        raise Skipped(skipped)
    yield _memory("memory, idle after the start", fresh)
    yield _memory(f"memory, after {PAGES} pages and {FORMS} submissions", used)


def _ask_pages(town: Served) -> None:
    for page in range(PAGES):
        path = ("/report", "/report/pothole", "/report/tree", "/report/missed-pickup", "/healthz")[page % 5]
        status, _body, _headers = town.get(path, Accept_Encoding="gzip")
        if status != 200:
            raise MeasurementWrong(f"{path} answered {status}")
    for mark in range(FORMS):
        if wrong := run(town.port, "/report", 1, 0.0, mark)["wrong"]:
            raise MeasurementWrong(f"a submission was answered with {wrong[0]}")


def _memory(what: str, sizes: list[dict[str, float]]) -> Line:
    resident = middle([size["rss"] for size in sizes])
    own = [size["pss"] for size in sizes if "pss" in size]
    return Line(
        what=what,
        ours=f"{resident:.0f} MB RSS" + (f", {middle(own):.0f} MB PSS" if own else ", PSS not readable"),
        ratio=resident / MOST_MEMORY,
        goal=f"<= {MOST_MEMORY} MB",
        is_met=resident <= MOST_MEMORY,
        figures={"runs": sizes},
    )

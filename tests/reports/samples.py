"""One edition of every kind, for tests: periods, audiences, languages, next to nothing."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from flask_babel import force_locale

from figures.hexagons import Grid
from figures.shapes import (
    OUTSIDE,
    UNKNOWN,
    CostLine,
    CostOutlook,
    CostYear,
    Figures,
    HotSpot,
    Insight,
    Lead,
    Line,
    Repeat,
    Scope,
    Shift,
    Snapshot,
    Worker,
)
from figures.survival import Wait
from paper.pdf import bare_environment
from reports.document import Document, html_of
from reports.ground import Ground
from reports.period import Period
from routing.plans import MANAGERS
from settings import ROOT
from tests.figures.town import figures
from tests.reports.past import AS_OF, NAMING, OCTOBER, ZONE, past, tallies

GRID = Grid(44)
WEST, SOUTH, EAST, NORTH = -72.34, 43.58, -72.26, 43.64
GROUND = Ground(
    boundary=(((WEST, SOUTH), (EAST, SOUTH), (EAST, NORTH), (WEST, NORTH), (WEST, SOUTH)),),
    wards=(((-72.3, SOUTH), (-72.3, NORTH)),),
    roads=(((WEST, 43.6), (-72.3, 43.61), (EAST, 43.6)), ((-72.3, SOUTH), (-72.31, NORTH))),
    crossings={GRID.cell(436_100, -723_000): "Main Street & Mill Road"},
)


@cache
def lively(period: Period = OCTOBER) -> Figures:
    """Return the figures of a lively town, with what a plain past does not have."""
    told = figures(past(), tallies(), period=period, as_of=AS_OF)
    return replace(
        told,
        grid=GRID,
        hot_spots=tuple(
            _spot(*one) for one in ((436_100, -723_000, 31), (436_000, -722_800, 12), (435_900, -723_300, 5))
        ),
        wards=(
            _ward("North ward", 78, told),
            _ward("South ward", 61, told),
            _ward(UNKNOWN, 16, told),
            _ward(OUTSIDE, 3, told),
        ),
        workload=(Worker("foreman", 60, 51, 31, 7, Wait(400_000)), Worker("clerk", 12, 14, 3, 0, None)),
        cost=(
            CostLine("", 120, 90, 5400, 400_000, 60_000, 90_500),
            CostLine("pothole", 40, 31, 2100, 150_000, 40_000, 80_000),
        ),
    )


def _spot(lat: int, lon: int, count: int) -> HotSpot:
    column, row = GRID.cell(lat, lon)
    middle = GRID.middle((column, row))
    return HotSpot(*middle, count, "pothole" if count > 20 else "", 9 if count > 20 else 0, 6, column, row)


def _ward(name: str, received: int, told: Figures) -> Line:
    outcomes = dict.fromkeys(told.this.outcomes, 0) | {"fixed": received // 2}
    snapshot = Snapshot(
        received, received, outcomes, open_after=received // 3, half=Wait(500_000), ninety=Wait(2_000_000)
    )
    return Line(name, snapshot, received - 2, None, None, 2100 if name else None)


DAY = OCTOBER.first_day.toordinal()
INSIGHT = Insight(
    shifts=(
        Shift("service", "pothole", 41, 20, 9, 31, DAY, is_season=True, is_unusual=True),
        Shift("ward", "North ward", 60, 62, 45, 80, DAY, is_season=False, is_unusual=False),
    ),
    repeats=(
        Repeat(43.6, -72.3, 5, "pothole", 4, 1, DAY - 60, DAY, ("26-1", "26-2"), "Old Road & Mill Road"),
        Repeat(43.61, -72.31, 3, "tree", 1, 0, DAY - 40, DAY - 9, ("26-3", "26-4", "26-5"), ""),
    ),
    turns={"not ours": 3, "refused": 1},
    turned={"pothole": 3, "tree": 1},
    leads=(Lead("storm-drain", "pothole", 3, 0.41, 0.36, 448),),
)
"""What a manager is told of a lively month."""
COSTS = (
    CostOutlook("", 5_462_800, 4_200_400, 0.21, 29, (CostYear(6_100_000, 4_700_000, 7_500_000),) * 4),
    CostOutlook("pothole", 1_045_200, 840_100, None, 29, (CostYear(1_220_000, 771_000, 1_670_000),) * 4),
)


@cache
def tiny() -> Figures:
    """Return a month with fewer than ten requests."""
    return figures(past(months=1, a_month=8), tallies(), period=OCTOBER, as_of=AS_OF)


@cache
def empty() -> Figures:
    """Return a month in which nobody wrote."""
    return figures((), (), period=OCTOBER, as_of=AS_OF)


@cache
def documents() -> Mapping[str, Document]:
    """Return every kind of edition by its name."""
    whole, part = lively(), replace(lively(), wards=(), agencies=())
    spanish, french, hebrew = (
        replace(NAMING, language=language, paper="a4") for language in ("es", "fr", "he")
    )
    parks = replace(part, scope=Scope("department", "parks"))
    north = replace(part, scope=Scope("ward", "North ward"))
    changed = ({"figure": "this.received", "then": 150, "now": 158},)
    return {
        "month": Document(whole, NAMING, ground=GROUND, note="A dry month.\n\nThe new crew began."),
        "quarter": Document(lively(Period.named("2026-Q3", ZONE)), NAMING, ground=GROUND),
        "year": Document(lively(Period.named("2025", ZONE)), NAMING, ground=GROUND),
        "corrected": Document(whole, NAMING, ground=GROUND, issue=2, changes=changed),
        "tiny": Document(tiny(), NAMING),
        "empty": Document(empty(), NAMING),
        "manager": Document(whole, NAMING, audience="manager", ground=GROUND),
        "inside": Document(
            replace(whole, insight=INSIGHT, cost_outlook=COSTS),
            replace(NAMING, currency="USD"),
            audience="manager",
            sections=MANAGERS,
            ground=GROUND,
        ),
        "department": Document(parks, NAMING, audience="department", part="Parks"),
        "ward": Document(north, NAMING, audience="ward", part="North ward"),
        "short": Document(whole, NAMING, sections=("summary", "methods")),
        "spanish": Document(whole, spanish, ground=GROUND),
        "french": Document(whole, french, ground=GROUND),
        "right to left": Document(whole, hebrew, ground=GROUND),
    }


def page(document: Document) -> str:
    """Return an edition's page in its own language."""
    with force_locale(document.say.locale):
        return html_of(document)


def pdfs() -> dict[str, bytes]:
    """Return every kind of edition as it goes out."""
    jobs = []
    for document in documents().values():
        sheet = {"name": "figures.csv", "base64": base64.b64encode(document.csv).decode()}
        created = AS_OF.strftime("%Y-%m-%dT%H:%M:%SZ")
        jobs.append(
            {"html": page(document), "created": created, "settings": document.settings, "attachment": sheet}
        )
    done = subprocess.run(
        [sys.executable, "-m", "tests.reports.one_press"],
        input="\n".join(json.dumps(job) for job in jobs),
        env=bare_environment(AS_OF),
        cwd=ROOT,
        text=True,
        capture_output=True,
        check=True,
    )
    return dict(zip(documents(), (base64.b64decode(line) for line in done.stdout.splitlines()), strict=True))

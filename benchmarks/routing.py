"""How long does one decision take on layers far larger than a town's, and how long a long rules file?"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import shapely
import yaml
from shapely import STRtree
from shapely.geometry import LineString, Point, box

from benchmarks.lines import Line, MeasurementWrong, Plan, middle
from routing.decision import Facts, decide
from routing.features import Feature
from routing.layers import Index, Layers
from routing.reader import load, read
from routing.rulebook import Rulebook
from settings import ROOT

SIDE, STEP = 100, 0.002
SOUTH, WEST = 43.5, -72.5
ROADS, DECISIONS, LINES = 50_000, 1000, 2000
LONGEST = 2.0


def rows(plan: Plan) -> Iterator[Line]:
    """Yield one decision against the bare spatial query, and one check of a long rules file."""
    rulebook, _layers = load(ROOT / "rules.yaml")
    polygons, roads = _polygons(), _roads()
    layers = _large(rulebook, polygons, roads)
    yield _decisions(rulebook, layers, polygons, roads)
    yield _long_file(plan)


def _polygons() -> list[Feature]:
    return [
        Feature(box(WEST + x * STEP, SOUTH + y * STEP, WEST + (x + 1) * STEP, SOUTH + (y + 1) * STEP),
                f"Area {x} {y}", "")
        for x in range(SIDE) for y in range(SIDE)
    ]  # fmt: skip


def _roads() -> list[Feature]:
    chance = random.Random(311)
    found = []
    for number in range(ROADS):
        x, y = WEST + chance.random() * SIDE * STEP, SOUTH + chance.random() * SIDE * STEP
        end = (x + chance.uniform(-STEP, STEP), y + chance.uniform(-STEP, STEP))
        found.append(Feature(LineString([(x, y), end]), f"Road {number}", ("town", "county")[number % 2]))
    return found


def _large(rulebook: Rulebook, polygons: list[Feature], roads: list[Feature]) -> Layers:
    features = {"village": polygons, "roads": roads}
    return Layers(
        (Index(rulebook.layers[name], found) for name, found in features.items()),
        dict.fromkeys(features, "0" * 12),
    )


def _decisions(rulebook: Rulebook, layers: Layers, polygons: list[Feature], roads: list[Feature]) -> Line:
    chance = random.Random(26)
    points = [
        (SOUTH + chance.random() * SIDE * STEP, WEST + chance.random() * SIDE * STEP)
        for _ in range(DECISIONS)
    ]
    areas = STRtree([feature.geometry for feature in polygons])
    lines = STRtree([feature.geometry for feature in roads])
    now = datetime.now(UTC)

    def ours(lat: float, lon: float) -> None:
        facts = Facts(service="pothole", at=(lat, lon), answers={"size": "large"}, text="a hole", now=now)
        if not decide(rulebook, layers, facts).areas:
            raise MeasurementWrong("a decision did not see the area around its point")

    def bare(lat: float, lon: float) -> None:
        point = Point(lon, lat)
        if not len(areas.query(point, predicate="intersects")):
            raise MeasurementWrong("the bare query found no area around its point")
        near = lines.query(point, predicate="dwithin", distance=0.0005)
        shapely.distance(lines.geometries[near], point)

    decided, queried = _times(ours, points), _times(bare, points)
    return Line(
        what=f"one decision, {len(polygons):,} areas and {len(roads):,} roads",
        ours=f"{middle(decided):.3f} ms",
        reference=f"bare Shapely queries: {middle(queried):.3f} ms",
        ratio=middle(decided) / middle(queried),
        goal=f"<= {LONGEST:.0f} ms",
        is_met=middle(decided) <= LONGEST,
    )


def _times(act: Callable[[float, float], None], points: list[tuple[float, float]]) -> list[float]:
    times = []
    for lat, lon in points:
        began = time.perf_counter()
        act(lat, lon)
        times.append((time.perf_counter() - began) * 1000)
    return times


def _long_file(plan: Plan) -> Line:
    """Read the demonstration's rules with one service repeated until there are 2,000 lines."""
    text = (ROOT / "rules.yaml").read_text()
    first = text.index("  missed-pickup:\n")
    block = text[first : text.index("\n\n", first) + 2]
    missing = LINES - text.count("\n")
    copies = -(-missing // block.count("\n"))
    repeated = "".join(block.replace("missed-pickup", f"missed-pickup-{copy}", 1) for copy in range(copies))
    folder = plan.folder / "routing"
    folder.mkdir(parents=True)
    (folder / "layers").symlink_to(ROOT / "layers")
    path = folder / "rules.yaml"
    path.write_text(text[:first] + repeated + text[first:])
    lines = path.read_text().count("\n")
    checked, parsed = _files(path)
    return Line(
        what=f"rules file of {lines:,} lines, read and checked",
        ours=f"{checked:.0f} ms with layers and golden points",
        reference=f"PyYAML's C parser alone: {parsed:.0f} ms",
        ratio=checked / parsed,
    )


def _files(path: Path) -> tuple[float, float]:
    checked, parsed = [], []
    for _ in range(5):
        began = time.perf_counter()
        reading = read(path)
        checked.append((time.perf_counter() - began) * 1000)
        if not reading.ok:
            raise MeasurementWrong(f"the long rules file was refused: {reading.errors[0]}")
        began = time.perf_counter()
        yaml.load(path.read_text(), Loader=yaml.CSafeLoader)
        parsed.append((time.perf_counter() - began) * 1000)
    return middle(checked), middle(parsed)

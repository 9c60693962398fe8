"""How long does one decision take on layers far larger than a town's, and how long a long rules file?"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import shapely
import yaml
from shapely import STRtree
from shapely.geometry import LineString, Point, box, mapping, shape

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
LONGEST = 2.0  # milliseconds, one decision
LONGEST_LOADING = 5.0  # seconds
LONGEST_CHECK = 1000.0  # milliseconds


def rows(plan: Plan) -> Iterator[Line]:
    """Yield loading and one decision against bare Shapely, and one check of a long rules file."""
    rulebook, _layers = load(ROOT / "rules.yaml")
    polygons, roads = _polygons(), _roads()
    yield _loading(plan, rulebook, polygons, roads)
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


def _loading(plan: Plan, rulebook: Rulebook, polygons: list[Feature], roads: list[Feature]) -> Line:
    """Read both layers from GeoJSON files, as a start does; against json, shape and a tree alone."""
    folder = plan.folder / "loading" / "layers"
    folder.mkdir(parents=True)
    definitions = {name: rulebook.layers[name] for name in ("village", "roads")}
    for name, found in (("village", polygons), ("roads", roads)):
        (folder.parent / definitions[name].file).write_text(_geojson(found))
    ours, bare = [], []
    for _ in range(3):
        began = time.perf_counter()
        layers, flaws = Layers.read(definitions, folder.parent)
        ours.append(time.perf_counter() - began)
        if flaws or len(layers.features("roads")) != len(roads):
            raise MeasurementWrong(f"the large layers were not read: {flaws[:1]}")
        began = time.perf_counter()
        for layer in definitions.values():
            rows = json.loads((folder.parent / layer.file).read_text())["features"]
            STRtree([shape(row["geometry"]) for row in rows])
        bare.append(time.perf_counter() - began)
    return Line(
        what=f"loading {len(polygons):,} areas and {len(roads):,} roads from GeoJSON",
        ours=f"{middle(ours):.2f} s, checked and in metres",
        reference=f"json, Shapely and a tree: {middle(bare):.2f} s",
        ratio=middle(ours) / middle(bare),
        goal=f"<= {LONGEST_LOADING:.0f} s",
        is_met=middle(ours) <= LONGEST_LOADING,
    )


def _geojson(features: list[Feature]) -> str:
    words = {"town": "Town", "county": "County"}
    rows = [
        {
            "type": "Feature",
            "properties": {"NAME": feature.name, "OWNER": words.get(feature.owner, "")},
            "geometry": mapping(feature.geometry),
        }
        for feature in features
    ]
    return json.dumps({"type": "FeatureCollection", "features": rows})


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
    (folder / "texts").symlink_to(ROOT / "texts")
    path = folder / "rules.yaml"
    path.write_text(text[:first] + repeated + text[first:])
    lines = path.read_text().count("\n")
    checked, parsed = _files(path)
    return Line(
        what=f"rules file of {lines:,} lines, read and checked",
        ours=f"{checked:.0f} ms with layers and golden points",
        reference=f"PyYAML's C parser alone: {parsed:.0f} ms",
        ratio=checked / parsed,
        goal=f"<= {LONGEST_CHECK / 1000:.0f} s",
        is_met=checked <= LONGEST_CHECK,
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

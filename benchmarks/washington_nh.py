"""On a real town's roads: is anybody sent to a wrong owner without being asked, and how many are asked?

By a point on the map, and by the name of a road that is only typed, in the many ways of typing one.
"""

from __future__ import annotations

import csv
import statistics
import time
from collections import Counter
from collections.abc import Iterator

from benchmarks.lines import Line, MeasurementWrong, Plan, Skipped
from routing.decision import Decision, Facts, decide
from routing.layers import Layers
from routing.reader import load
from routing.rulebook import Outcome, Rulebook
from routing.street_words import LONG, word
from settings import ROOT

DATA = ROOT.parent / "shared" / "data" / "washington_nh"
MOST_ASKED = 0.06
WHO = {"TOWN": (Outcome.ACCEPT, "works"), "404": (Outcome.CARD, "state"), "PRIVATE": (Outcome.CARD, "owners")}
RULES = """\
town:
  {name: Town of Washington, jurisdiction_id: town.example, timezone: America/New_York, phone: 603-555-0100,
   email: a@town.example, office_hours: {monday: "08:00-16:00"}, emergency: {call: "911", say: Call.}}
departments: {works: {name: Works, head: foreman}, office: {name: Office, head: clerk}}
clerk: clerk
people:
  foreman: {name: Foreman, email: f@town.example, department: works}
  clerk: {name: Clerk, email: c@town.example, department: office}
agencies: {state: {name: State, kind: state, phone: "1"}, owners: {name: Owners, kind: private, phone: "1"}}
layers:
  roads: {file: roads.geojson, kind: roads, name: name, owner: owner,
          owners: {TOWN: town, "404": state, PRIVATE: private}, tolerance: 40, ask_within: 15}
groups: {streets: Streets}
services:
  pothole: {name: Pothole, group: streets, description: A hole., assignee: works,
            target: {acknowledge: 1 day, finish: 9 days}}
rules:
  - {id: state-road, when: {road_owner: state}, card: state}
  - {id: private-road, when: {road_owner: private}, card: owners}
widgets: {report: {title: Report}}
"""


def rows(plan: Plan) -> Iterator[Line]:
    """Yield the wrong turns and the questions of all golden points."""
    if not (DATA / "points.csv").exists():
        raise Skipped(f"{DATA} is not there; it is test material that does not come with Townline")
    book, layers = _town(plan)
    with (DATA / "points.csv").open(encoding="utf-8", newline="") as file:
        points = list(csv.DictReader(file))
    found: Counter[str] = Counter()
    times = []
    for point in points:
        began = time.perf_counter()
        found[_verdict(book, layers, point)] += 1
        times.append((time.perf_counter() - began) * 1000)
    asked = found["asked"] / len(points)
    if not points:
        raise MeasurementWrong("there are no golden points")
    yield Line(
        what=f"{len(points)} points of a real town, wrong owner unasked",
        ours=f"{found['wrong']} wrong, {found['right']} right",
        reference=f"nearest line alone: {_nearest_wrong(layers, points)} wrong",
        goal="0",
        is_met=found["wrong"] == 0,
        figures=dict(found),
    )
    yield Line(
        what="the same, residents who are asked which road",
        ours=f"{asked:.1%}, {found['clerk']} to the clerk",
        reference=f"one decision {statistics.median(times):.2f} ms",
        goal=f"<= {MOST_ASKED:.0%}",
        is_met=asked <= MOST_ASKED,
    )
    yield _by_name(book, layers)


def _by_name(book: Rulebook, layers: Layers) -> Line:
    """Type the name of every road in every way; wrong is whoever is sent to another owner than its own."""
    owners: dict[str, set[str]] = {}
    for road in layers.features("roads"):
        owners.setdefault(road.name, set()).update(road.owners)
    found: Counter[str] = Counter()
    times = []
    for name, meant in owners.items():
        for text in typed(name):
            began = time.perf_counter()
            decision = decide(book, layers, Facts("pothole", None, place=text))
            times.append((time.perf_counter() - began) * 1000)
            found[_named_verdict(decision, meant)] += 1
    total = found.total()
    return Line(
        what=f"{total:,} typed names of its {len(owners)} roads, wrong owner unasked",
        ours=f"{found['wrong']} wrong, {found['right'] / total:.1%} decided",
        reference=f"{found['asked']} asked, {found['clerk']} to the clerk; {statistics.median(times):.2f} ms",
        goal="0",
        is_met=found["wrong"] == 0 and found["right"] > 0,
        figures=dict(found),
    )


def typed(name: str) -> Iterator[str]:
    """Yield the ways in which people write the name of a road, alone and in an address."""
    ways = {name, name.upper(), name.lower()}
    for at, part in enumerate(words := name.split()):
        forms = {short for short, whole in LONG.items() if whole == word(part)} | {word(part)}
        ways.update(" ".join((*words[:at], form.title(), *words[at + 1 :])) for form in forms)
        ways.update(" ".join((*words[:at], f"{form}.", *words[at + 1 :])) for form in forms & LONG.keys())
    for way in sorted(ways):
        yield from (way, f"12 {way}", f"on {way} near the big oak", f"{way}, Washington NH 03280")


def _named_verdict(decision: Decision, meant: set[str]) -> str:
    if decision.outcome is Outcome.ASK:
        return "asked" if meant <= {option.value for option in decision.options} else "wrong"
    if decision.unsure:
        return "clerk"
    return "right" if {decision.road.owner if decision.road else ""} == meant else "wrong"


def _town(plan: Plan) -> tuple[Rulebook, Layers]:
    folder = plan.folder / "washington_nh"
    folder.mkdir(parents=True)
    (folder / "roads.geojson").symlink_to(DATA / "roads.geojson")
    (folder / "rules.yaml").write_text(RULES, encoding="utf-8")
    return load(folder / "rules.yaml")


def _verdict(book: Rulebook, layers: Layers, point: dict[str, str]) -> str:
    decision = decide(book, layers, Facts("pothole", (float(point["lat"]), float(point["lon"]))))
    if decision.outcome is Outcome.ASK:
        offered = {option.value for option in decision.options}
        meant = {"TOWN": "town", "404": "state", "PRIVATE": "private"}[point["owner"]]
        return "asked" if meant in offered else "wrong"
    if decision.unsure:
        return "clerk"
    return "right" if (decision.outcome, decision.target) == WHO[point["owner"]] else "wrong"


def _nearest_wrong(layers: Layers, points: list[dict[str, str]]) -> int:
    meant = {"TOWN": "town", "404": "state", "PRIVATE": "private"}
    found = ((layers.nearest_road(float(p["lat"]), float(p["lon"])), meant[p["owner"]]) for p in points)
    return sum(road is None or road.owner != owner for road, owner in found)

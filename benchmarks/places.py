"""How fast is a place found by mistyped words in a town of 20,000 addresses, and what does the list weigh?"""

from __future__ import annotations

import csv
import difflib
import random
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.lines import Line, MeasurementWrong, Plan, at, middle
from routing.addresses import Addresses
from routing.features import read_layer
from routing.gazetteer import Gazetteer
from routing.layers import Layers
from routing.maps import Layer

HOUSES, STREETS = 20_000, 400
QUERIES, SCANS = 400, 12
LONGEST_START, LARGEST, LONGEST_QUERY = 1.0, 6.0, 5.0  # seconds, MB, milliseconds
FIRST = (
    "Alder Birch Cedar Dogwood Elm Fern Granite Hazel Iris Juniper Kettle Laurel Maple Nutmeg Oak Pine Rose"
)
SECOND = (
    "Brook Hill Meadow Ridge Grove Field Pond Mill Spring Hollow Point Wood Glen Bank Farm Haven Crossing"
)
KINDS = "Street Road Lane Avenue Drive Court Terrace Way"


def rows(plan: Plan) -> Iterator[Line]:
    """Yield the start, the memory and one search, each beside a plain way of doing the same."""
    path = _town(plan.folder / "places")
    layer = Layer(id="addresses", file=path.name, kind="addresses", name="address")
    began = time.perf_counter()
    houses = Addresses(read_layer(layer, path.parent).features)
    gazetteer = Gazetteer(Layers(addresses={"addresses": houses}))
    start = time.perf_counter() - began
    began = time.perf_counter()
    with path.open(encoding="utf-8", newline="") as file:
        plain = {row["address"]: (float(row["lat"]), float(row["lon"])) for row in csv.DictReader(file)}
    yield Line(
        what=f"{len(houses):,} addresses read and made ready",
        ours=f"{start:.2f} s",
        reference=f"csv and a dict {(bare := time.perf_counter() - began):.2f} s",
        ratio=start / bare,
        goal=f"<= {LONGEST_START:.0f} s",
        is_met=start <= LONGEST_START,
    )
    yield _memory(layer, path)
    yield from _searches(gazetteer, sorted(plain))


def _town(folder: Path) -> Path:
    """Write a made-up list of addresses, the same in every run."""
    folder.mkdir(parents=True)
    chance = random.Random(311)
    names = [f"{a} {b} {c}" for a in FIRST.split() for b in SECOND.split() for c in KINDS.split()]
    path = folder / "addresses.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(("address", "lat", "lon"))
        for number, street in enumerate(chance.sample(names, STREETS)):
            for house in range(1, HOUSES // STREETS + 1):
                spot = 43.5 + number * 0.0005, -72.5 + house * 0.0002
                out.writerow((f"{house * 2 - number % 2} {street}", *(f"{part:.6f}" for part in spot)))
    return path


def _memory(layer: Layer, path: Path) -> Line:
    features = read_layer(layer, path.parent).features
    tracemalloc.start()
    houses = Addresses(features)
    kept = Gazetteer(Layers(addresses={"addresses": houses}))
    size = tracemalloc.get_traced_memory()[0] / 1024 / 1024
    tracemalloc.stop()
    if kept.find("") != (None, ()):
        raise MeasurementWrong("nothing was asked for, and something was found")
    return Line(
        what="the same, memory that stays",
        ours=f"{size:.1f} MB",
        goal=f"<= {LARGEST:.0f} MB",
        is_met=size <= LARGEST,
    )


def _searches(gazetteer: Gazetteer, addresses: list[str]) -> Iterator[Line]:
    chance = random.Random(312)
    meant = chance.sample(addresses, QUERIES)
    typed = [_slip(address, chance) for address in meant]
    ways: dict[str, Callable[[str], list[str]]] = {
        "sent": lambda text: _found(gazetteer, text),
        "while typing": lambda text: [place.words for place in gazetteer.suggest(text)],
    }
    scans, scanned = _timed(lambda text: difflib.get_close_matches(text, addresses, 6), typed[:SCANS], meant)
    for name, way in ways.items():
        times, hits = _timed(way, typed, meant)
        yield Line(
            what=f"one search with a slip of the finger, {name}",
            ours=f"{middle(times):.2f} ms, 99 of 100 under {at(times, 99):.2f}, {hits / QUERIES:.1%} found",
            reference=f"difflib over all {middle(scans):.0f} ms, {scanned / SCANS:.0%} found",
            ratio=middle(times) / middle(scans),
            goal=f"<= {LONGEST_QUERY:.0f} ms",
            is_met=at(times, 99) <= LONGEST_QUERY,
            figures={"found": hits, "queries": QUERIES, "difflib_found": scanned, "difflib_queries": SCANS},
        )


def _found(gazetteer: Gazetteer, text: str) -> list[str]:
    sure, choices = gazetteer.find(text)
    return [place.words for place in ((sure,) if sure else choices)]


def _timed(search: Callable[[str], list[str]], typed: list[str], meant: list[str]) -> tuple[list[float], int]:
    times, hits = [], 0
    for text, house in zip(typed, meant, strict=False):
        began = time.perf_counter()
        found = search(text)
        times.append((time.perf_counter() - began) * 1000)
        hits += house in found
    return times, hits


def _slip(address: str, chance: random.Random) -> str:
    """Leave out, double or turn one letter of the street."""
    number, _, street = address.partition(" ")
    at = chance.randrange(1, len(street) - 1)
    turned = street[: at - 1] + street[at] + street[at - 1] + street[at + 1 :]
    slips = (street[:at] + street[at + 1 :], street[:at] + street[at] + street[at:], turned)
    return f"{number} {chance.choice(slips)}"

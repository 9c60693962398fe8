"""Is the demonstration town good enough to copy?"""

import csv
import json
import re
import runpy
from pathlib import Path

import pytest
from shapely import union_all
from shapely.geometry import shape

from routing.reader import read
from tests.once import demonstration

ROOT = Path(__file__).parents[2]
LAYERS = ROOT / "layers"
BOOK, MAPS = demonstration()


def roads() -> list[dict]:
    return json.loads((LAYERS / "roads.geojson").read_text())["features"]


def test_nothing_is_wrong_with_it_not_even_a_warning():
    assert read(ROOT / "rules.yaml").problems == ()


def test_it_is_as_large_as_a_small_towns_first_offer():
    assert 12 <= len(BOOK.services) <= 16
    assert len(BOOK.groups) == 4
    assert len({agency.kind for agency in BOOK.agencies.values()}) >= 8
    assert {widget.kind for widget in BOOK.widgets.values()} == {"report", "status", "recent", "whose"}
    assert BOOK.town.demonstration


def test_every_outcome_and_every_rule_that_needs_a_place_has_a_golden_point():
    assert {outcome for check in BOOK.checks for outcome in check.expect} == {
        "stop", "ask", "card", "handoff", "accept",
    }  # fmt: skip


def test_every_rule_tells_the_resident_why():
    assert [rule.id for rule in BOOK.rules if rule.stop is None and rule.say is None] == []


def test_every_service_is_reached_from_words_and_has_somebody():
    for service in BOOK.services.values():
        assert len(service.words) >= 5
        assert BOOK.person_for(service.assignee).deputy


def test_it_names_no_real_number_or_address():
    text = (ROOT / "rules.yaml").read_text()
    assert all(number.startswith("603-555-01") for number in re.findall(r"\d{3}-\d{3}-\d{4}", text))
    assert all(place.endswith(".example") for place in re.findall(r"@([\w.-]+\w)", text))
    assert all(place.endswith(".example") for place in re.findall(r"https?://([\w.-]+)", text))


def test_the_maps_are_small():
    assert sum(path.stat().st_size for path in LAYERS.iterdir()) < 150_000


def test_the_maps_come_out_the_same_on_every_run(tmp_path: Path):
    runpy.run_path(str(ROOT / "script" / "make-demo-layers.py"))["main"](tmp_path / "layers")
    for path in LAYERS.iterdir():
        assert (tmp_path / "layers" / path.name).read_bytes() == path.read_bytes(), path.name


def test_the_roads_form_one_network_and_meet_at_junctions():
    lines = [shape(feature["geometry"]) for feature in roads()]
    joined = union_all([line.buffer(0.00005) for line in lines])  # about 5 m
    assert 60 <= len(lines) <= 90
    assert len(getattr(joined, "geoms", [joined])) == 1


def test_roads_have_names_of_their_own_and_four_kinds_of_owners():
    names = [feature["properties"]["NAME"] for feature in roads()]
    assert len(set(names)) == len(names)
    assert {feature["properties"]["OWNER"] for feature in roads()} == {
        "Town",
        "Village",
        "County",
        "State",
        "Private",
    }


def test_every_pole_has_a_number_of_its_own_and_an_owner():
    with (LAYERS / "street-lights.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len({row["number"] for row in rows}) == len(rows)
    assert {row["owner"] for row in rows} == {"Town", "Electric"}


@pytest.mark.parametrize(("lat", "lon", "name"), [(43.6, -72.3, ()), (43.66, -72.36, ("Stonebrook",))])
def test_neighbours_are_outside_only(lat: float, lon: float, name: tuple[str, ...]):
    assert MAPS.areas_at("neighbours", lat, lon) == name
    assert MAPS.outside(lat, lon) is bool(name)

"""What is at this point, how far is it, and what if the file is not what it should be?"""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routing.layers import Layers
from routing.projection import LocalMetres
from routing.reader import load, read
from routing.rulebook import Layer


def test_a_degree_is_as_long_as_the_ellipsoid_says():
    flat = LocalMetres(-72.0).flatten(np.array([[-72.0, 43.0], [-72.0, 44.0], [-71.0, 43.0]]))
    # Meridian arc 43 to 44 degrees and parallel arc at 43 degrees on WGS84, by their closed formulas.
    assert np.hypot(*(flat[1] - flat[0])) == pytest.approx(111_102.5, abs=0.1)
    assert np.hypot(*(flat[2] - flat[0])) == pytest.approx(81_541, abs=2)


def test_short_distances_away_from_the_meridian_are_true_too():
    near = LocalMetres(-72.0).flatten(np.array([[-72.0, 43.0], [-72.0, 43.001]]))
    far = LocalMetres(-72.5).flatten(np.array([[-72.0, 43.0], [-72.0, 43.001]]))
    assert np.hypot(*(near[1] - near[0])) == pytest.approx(np.hypot(*(far[1] - far[0])), rel=3e-5)


def test_areas_hold_their_inside_and_their_edge(layers: Layers):
    assert layers.areas_at("zones", 43.02, -72.0) == ("North",)
    assert layers.areas_at("zones", 43.015, -72.0) == ("North",)
    assert layers.areas_at("zones", 43.0, -72.0) == ()
    assert layers.areas_at("roads", 43.0, -72.0) == ()
    assert layers.areas_at("none", 43.0, -72.0) == ()


def test_outside_is_beyond_the_boundary_layer(layers: Layers):
    assert not layers.outside(43.0, -72.0)
    assert layers.outside(43.0, -72.06)
    assert not Layers().outside(0, 0)


def test_the_nearest_road_comes_with_its_distance_and_the_next_owner(layers: Layers):
    road = layers.nearest_road(43.01004, -72.0)
    assert road is not None
    assert (road.name, road.owner) == ("Mill Road", "county")
    assert road.distance_m == pytest.approx(4.4, abs=0.1)
    assert (road.other_name, road.other_owner) == ("Old Mill Lane", "town")
    assert road.unsure


def test_a_road_beyond_the_tolerance_is_not_found(layers: Layers):
    assert layers.nearest_road(43.0002, -72.0) is None
    road = layers.nearest_road(43.0001, -72.0)
    assert road is not None
    assert road.name == "Elm Lane"


def test_the_nearest_asset_has_the_number_on_it(layers: Layers):
    pole = layers.nearest_asset("poles", 43.0001, -72.0)
    assert pole is not None
    assert pole.name == "12"
    assert layers.nearest_asset("poles", 43.005, -72.0) is None
    assert layers.nearest_asset("roads", 43.0, -72.0) is None


def test_outlines_are_ready_to_be_drawn(layers: Layers):
    drawn = layers.outlines()
    assert [line.kind for line in drawn] == ["boundary", "area"] + ["road"] * 5 + ["asset"] * 2
    assert drawn[0].coordinates[0] == (-72.05, 42.99)
    assert drawn[2][:3] == ("road", "Elm Lane", "town")


def test_versions_change_with_the_file(town: Path):
    before = load(town)[1].versions
    (town.parent / "poles.csv").write_text("number,owner,lat,lon\n1,Electric,43,-72\n2,Town,43,-72\n")
    after = load(town)[1].versions
    assert after["poles"] != before["poles"]
    assert after["roads"] == before["roads"]
    assert len(after["roads"]) == 12


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(lat=st.floats(-90, 90), lon=st.floats(-180, 180))
def test_any_point_on_earth_can_be_asked_about(layers: Layers, lat: float, lon: float):
    layers.areas_at("zones", lat, lon)
    layers.outside(lat, lon)
    layers.nearest_road(lat, lon)
    layers.nearest_asset("poles", lat, lon)


def test_a_crossed_polygon_still_answers(tmp_path: Path):
    bow = [[[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]]
    feature = {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": bow},
        "properties": {"N": "bow"},
    }
    (tmp_path / "a.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    layers, flaws = Layers.read({"a": Layer(id="a", file="a.geojson", kind="areas", name="N")}, tmp_path)
    assert flaws == ()
    assert layers.areas_at("a", 0.2, 1.0) == ()
    assert layers.areas_at("a", 1.0, 1.9) == ("bow",)


def point(x: object, y: object) -> str:
    feature = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [x, y]}, "properties": {}}
    return json.dumps({"type": "FeatureCollection", "features": [feature]})


BROKEN = {
    "not JSON": ("roads.geojson", "{", "layer-broken"),
    "another JSON": ("roads.geojson", '{"type": "Topology"}', "layer-broken"),
    "a number": ("roads.geojson", "7", "layer-broken"),
    "empty": ("roads.geojson", '{"type": "FeatureCollection", "features": []}', "layer-empty"),
    "an empty file": ("roads.geojson", "", "layer-broken"),
    "points instead of lines": ("roads.geojson", point(-72, 43), "layer-kind"),
    "features that are none": (
        "roads.geojson",
        '{"type": "FeatureCollection", "features": [7]}',
        "layer-broken",
    ),
    "places that are none": ("roads.geojson", point("a", None), "layer-broken"),
    "state plane feet": ("poles.geojson", point(1043211.5, 220114.2), "layer-projection"),
    "latitude first": ("poles.geojson", point(43.0, -172.0), "layer-projection"),
    "another projection by name": (
        "roads.geojson",
        '{"type": "FeatureCollection", "crs": {"properties": {"name": "urn:ogc:def:crs:EPSG::3857"}}, '
        '"features": []}',
        "layer-projection",
    ),
    "CSV without places": ("poles.csv", "number,owner\n1,Town\n", "layer-broken"),
    "CSV with words for places": ("poles.csv", "number,owner,lat,lon\n1,Town,north,west\n", "layer-broken"),
    "CSV without rows": ("poles.csv", "number,owner,lat,lon\n", "layer-empty"),
    "an infinite place": ("poles.csv", "number,owner,lat,lon\n1,Town,inf,1\n", "layer-projection"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_layer_is_named_with_its_line_in_the_rules(town: Path, case: str):
    name, content, code = BROKEN[case]
    text = town.read_text().replace("poles.csv", name) if name.startswith("poles") else town.read_text()
    town.write_text(text)
    (town.parent / name).write_text(content)
    problems = [problem for problem in read(town).errors if problem.code == code]
    layer = "  poles:" if name.startswith("poles") else "    file: roads.geojson"
    if case == "points instead of lines":
        layer = "    kind: roads"
    assert [problem.line for problem in problems] == [text[: text.index(layer)].count("\n") + 1]
    assert problems[0].hint


def test_a_binary_layer_is_refused_and_not_a_crash(town: Path):
    (town.parent / "roads.geojson").write_bytes(b"\xff\xfe\x00\x01")
    assert "layer-broken" in [problem.code for problem in read(town).errors]


def test_features_without_a_place_are_left_out_with_a_warning(town: Path):
    data = json.loads((town.parent / "roads.geojson").read_text())
    data["features"].append({"type": "Feature", "geometry": None, "properties": {"NAME": "x"}})
    (town.parent / "roads.geojson").write_text(json.dumps(data))
    reading = read(town)
    assert reading.ok
    assert [problem.code for problem in reading.warnings] == ["layer-gaps"]

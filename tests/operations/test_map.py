"""Does the map answer a click, a typed place and the keyboard, and stay small in a large town?"""

from __future__ import annotations

import json
import math
import re
import time
from html import unescape
from pathlib import Path

import numpy as np
import pytest
import shapely

from operations.asking import SIZES, height_of, question
from operations.atlas import Atlas, atlas_of
from operations.drawing import draw, highlighted, scale
from operations.labels import labels
from operations.window import HEIGHT, WIDTH, Window, window_from, window_over
from routing.decision import Facts, decide
from routing.layers import Layers
from routing.maps import Layer
from tests.conscience import read_strictly

COUNTY_ROAD = (43.60902, -72.33341)
TWO_ROADS = (43.60966, -72.33110)
VIEW = "43.609020,-72.333410,3000"


def main(page: str) -> str:
    return page.split("<main")[1]


# -- places and pixels --


@pytest.mark.parametrize("place", [(43.6, -72.3), (-33.9, 18.4), (68.0, 25.0), (0.0, 0.0)])
@pytest.mark.parametrize("across", [120.0, 3000.0, 40_000.0])
def test_a_spot_in_the_picture_and_its_place_are_one_and_the_same(place, across: float):
    window = Window(place[0], place[1], across)
    for x, y in ((0, 0), (WIDTH, HEIGHT), (17, 900), (WIDTH / 2, HEIGHT / 2)):
        assert window.unit(*window.place(x, y)) == pytest.approx((x, y), abs=2)
    assert window.unit(*place) == (WIDTH // 2, HEIGHT // 2)


def test_a_hundred_metres_in_the_picture_are_a_hundred_metres():
    window = Window(43.6, -72.3, 1000)
    lat, lon = window.place(WIDTH / 2 + 128, HEIGHT / 2)
    assert (lon + 72.3) * 111_320 * math.cos(math.radians(43.6)) == pytest.approx(100, abs=0.5)
    assert lat == pytest.approx(43.6)


@pytest.mark.parametrize(
    "words", ["", "a,b,c", "1,2", "nan,0,100", "91,0,100", "0,181,100", "0,0,inf", "1e400,0,1"]
)
def test_a_window_that_is_none_is_none(words: str):
    assert window_from(words) is None


def test_a_window_is_never_absurdly_close_or_far():
    assert Window(0, 0, 0.0001).across == 120
    assert Window(0, 0, 1e30).across == 4_000_000
    assert window_from(Window(43.5, -72.3, 812).written()) == Window(43.5, -72.3, 812)


def test_the_window_over_a_box_holds_all_of_it():
    window = window_over(-72.4, 43.5, -72.2, 43.6)
    assert window.holds(43.5, -72.4)
    assert window.holds(43.6, -72.2)


@pytest.mark.parametrize("across", [120.0, 700.0, 3000.0, 12_345.0, 4_000_000.0])
def test_the_scale_is_a_round_number_and_fits(across: float):
    metres, units = scale(Window(43.6, -72.3, across))
    assert str(metres).rstrip("0") in {"1", "2", "5"}
    assert 100 <= units <= WIDTH / 4


# -- what is drawn --


def test_the_whole_town_shows_every_layer_and_each_owner_in_a_way_of_its_own(office):
    atlas = atlas_of(office.rulebook, office.layers)
    drawn = draw(atlas, atlas.whole or Window(0, 0, 1))
    assert not drawn.is_partial
    assert {line.style for line in drawn.roads} == {owner.style for owner in atlas.owners.values()}
    assert len({owner.style for owner in atlas.owners.values()}) == len(atlas.owners)
    assert next(iter(atlas.owners)) == "town"
    assert len(drawn.areas) == 5
    assert len(drawn.dots) > 100
    sheet = (Path(__file__).parents[2] / "static" / "operations-map.css").read_text()
    dashes = re.findall(r"\.road-\d \{[^}]*?\}", sheet)
    ways = [re.sub(r"stroke: [^;]*;", "", rule.partition("{")[2]) for rule in dashes]
    assert len(ways) == len(set(ways)) == 8, "two owners would differ by colour alone"


def test_a_closer_look_draws_only_what_is_there(office):
    atlas = atlas_of(office.rulebook, office.layers)
    near = draw(atlas, Window(*TWO_ROADS, 300))
    assert {strand.name for strand in near.strands} == {"Mill Road", "Old Turnpike"}
    nowhere = draw(atlas, Window(0, 0, 300))
    assert (nowhere.roads, nowhere.areas, nowhere.dots) == ((), (), ())


def test_the_weighed_roads_are_those_of_the_decision(office):
    atlas = atlas_of(office.rulebook, office.layers)
    found = office.layers.nearest_road(*TWO_ROADS)
    lines = atlas.candidates(found, *TWO_ROADS)
    assert len(lines) == len(found.candidates) == 2
    assert all(highlighted(lines, Window(*TWO_ROADS, 300)))
    assert atlas.candidates(None, *TWO_ROADS) == []


def test_no_two_names_cover_each_other_or_leave_the_picture(office):
    atlas = atlas_of(office.rulebook, office.layers)
    for across in (9000, 3000, 900):
        named = labels(draw(atlas, Window(*TWO_ROADS, across)), lambda strand: strand.name)
        assert len({label.text for label in named}) == len(named) > 0
        for label in named:
            assert 0 < label.x < WIDTH
            assert 0 < label.y < HEIGHT
            assert -90 <= label.turn <= 90


# -- a click --


@pytest.mark.parametrize("width", SIZES)
def test_a_click_means_the_same_place_in_every_size(office, width: int):
    atlas = atlas_of(office.rulebook, office.layers)
    given = {"view": VIEW, f"map{width}.x": str(width // 4), f"map{width}.y": str(height_of(width) // 2)}
    asked = question(office, atlas, given)
    expected = window_from(VIEW).place(WIDTH / 4, HEIGHT / 2)
    assert asked.at == pytest.approx(expected, abs=1e-4)
    assert asked.window == window_from(VIEW)


def test_the_enter_key_takes_the_middle_of_the_map(office):
    atlas = atlas_of(office.rulebook, office.layers)
    asked = question(office, atlas, {"view": VIEW, "map640.x": "0", "map640.y": "0", "at": "1, 2"})
    assert asked.at == pytest.approx(COUNTY_ROAD, abs=1e-5)


def test_the_decision_its_reasons_and_every_rule_are_told(client, office, link: str):
    page = client.get(f"{link}map?service=pothole&at=43.60902,-72.33341&view={VIEW}").text
    decided = decide(office.rulebook, office.layers, Facts(service="pothole", at=COUNTY_ROAD))
    assert "Alder County Highway Department" in main(page)
    assert decided.because in unescape(page)
    assert "Mill Road" in page
    for rule in office.rulebook.rules:
        assert f"<code>{rule.id}</code>" in page
    assert "road_owner: county" in page


def test_two_roads_are_both_named_with_metres_and_lead_on(client, link: str):
    page = client.get(f"{link}map?service=pothole&at=43.60966,-72.33110").text
    assert "Ask which road is meant" in page
    assert "Old Turnpike" in page
    tree = read_strictly(page)
    leads = [a.get("href") for a in tree.iter("a") if "road=county" in (a.get("href") or "")]
    assert len(leads) == 1
    assert "Alder County Highway Department" in main(client.get(leads[0].partition("#")[0]).text)


def test_a_place_in_words_the_answers_and_the_time_count(client, link: str):
    page = client.get(f"{link}map?service=tree&at=43.60902,-72.33341&answer:wires=yes&answer:place=road").text
    assert "Stop: call at once: call 911" in page
    page = client.get(f"{link}map?service=pothole&place=by+the+white+barn&time=2026-10-05T09:30").text
    assert "by the white barn" in page
    assert "Town Clerk" in main(page)


@pytest.mark.parametrize(
    "query",
    [
        "at=north+of+here", "at=91,0", "at=nan,0", "at=1,2,3", "at=1e999,0", "at=0,0", "at=-89.9,179.9",
        "time=tomorrow", "time=9999-12-31T23:59", "time=0001-01-01T00:00&at=43.6,-72.3",
        "map640.x=-1&map640.y=5", "map640.x=99999999&map640.y=1", "map640.x=²&map640.y=1",
        "view=89.99,179.9,4000000&map640.x=1&map640.y=1", "view=x", "service=nothing", "answer:wires=%00",
        "road=nobody&at=43.60966,-72.33110", "place=" + "x" * 5000,
    ],
)  # fmt: skip
def test_whatever_stands_in_the_address_the_page_and_the_picture_come(client, link: str, query: str):
    assert client.get(f"{link}map?{query}").status_code == 200
    assert client.get(f"{link}map.svg?{query}").status_code == 200


def test_a_point_that_is_none_is_explained_at_its_field(client, link: str):
    page = client.get(f"{link}map?at=north+of+here").text
    assert "is not a point" in page
    assert 'aria-invalid="true"' in page


def test_the_picture_loads_and_runs_nothing(client, link: str):
    answer = client.get(f"{link}map.svg?view={VIEW}&at=43.60902,-72.33341")
    assert answer.mimetype == "image/svg+xml"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert not re.search(r"<script|href=|url\(|@import|<image|<foreignObject", answer.text)
    assert 'class="pin"' in answer.text
    assert 'class="weighed weighed-1"' in answer.text


# -- a large town --


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Layer], Layers]:
    """A grid of 50,000 pieces of road of three owners, each with five points."""
    chance = np.random.default_rng(1)
    step, side = 0.0012, 158
    features = []
    for column in range(side):
        for row in range(side):
            x, y = -72.5 + column * step, 43.5 + row * step * 0.75
            for end in ((x + step, y), (x, y + step * 0.75)):
                line = np.linspace((x, y), end, 5)
                line[1:-1] += chance.uniform(-5e-5, 5e-5, (3, 2))
                owner = ("Town", "County", "Private")[(column * 7 + row) % 3]
                properties = {"NAME": f"Row {row}" if end[1] == y else f"Column {column}", "OWNER": owner}
                geometry = {"type": "LineString", "coordinates": line.tolist()}
                features.append({"type": "Feature", "properties": properties, "geometry": geometry})
    folder = tmp_path_factory.mktemp("large")
    (folder / "roads.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    layers = {"roads": Layer(id="roads", file="roads.geojson", kind="roads", name="NAME", owner="OWNER")}
    read, flaws = Layers.read(layers, folder)
    assert flaws == ()
    return layers, read


@pytest.mark.slow
def test_in_a_town_of_fifty_thousand_roads_a_picture_is_small_and_says_what_it_left_out(office, large):
    rulebook = office.rulebook.model_copy(update={"layers": large[0]})
    atlas = Atlas(rulebook, large[1])
    assert sum(owner.count for owner in atlas.owners.values()) > 49_000
    whole = draw(atlas, atlas.whole or Window(0, 0, 1))
    assert whole.is_partial
    for across in (atlas.whole.across, 6000, 3000, 1000, 300):
        drawn = draw(atlas, Window(43.58, -72.4, across))
        assert sum(len(line.path) for line in drawn.roads) < 270_000
    assert not draw(atlas, Window(43.58, -72.4, 1500)).is_partial
    took = []
    for place in range(5):
        begun = time.perf_counter()
        labels(draw(atlas, Window(43.57 + place / 1000, -72.4, 1500)), lambda strand: strand.name)
        took.append(time.perf_counter() - begun)
    assert min(took) < 0.3


@pytest.mark.slow
def test_pieces_of_one_road_get_one_name(office, large):
    rulebook = office.rulebook.model_copy(update={"layers": large[0]})
    drawn = draw(Atlas(rulebook, large[1]), Window(43.58, -72.4, 800))
    keys = [(strand.name, strand.owner) for strand in drawn.strands]
    assert len(keys) == len(set(keys)) > 3
    assert shapely.__version__


def test_a_typed_place_is_explained_by_the_name_of_its_road(client, link: str):
    page = client.get(f"{link}map?service=pothole&place=12+Mill+Rd").text
    assert "The address names Mill Road." in page
    assert "by its name" in page

"""Is the little map true: right way up, to scale, and no larger than what it shows?"""

from __future__ import annotations

import pytest

from desk.map import ABOVE, HEIGHT, LETTER, WIDTH, Window, draw
from routing.layers import Outline

LAT, LON = 43.6, -72.3
NORTH_100_M = 100 / 111_320


def road(*points: tuple[float, float], name: str = "Mill Road", owner: str = "town") -> Outline:
    return Outline("road", name, owner, points)


def test_the_place_is_the_middle():
    assert Window(LAT, LON).pixel(LON, LAT) == (WIDTH / 2, HEIGHT / 2)


def test_north_is_up_and_east_is_right():
    x, y = Window(LAT, LON).pixel(LON + 0.001, LAT + 0.001)
    assert x > WIDTH / 2
    assert y < HEIGHT / 2


def test_the_scale_fits_in_both_directions():
    drawing = draw([], LAT, LON)
    _, y = Window(LAT, LON).pixel(LON, LAT + NORTH_100_M)
    assert HEIGHT / 2 - y == pytest.approx(drawing.hundred_metres)


def test_roads_far_away_are_not_drawn():
    far = road((LON + 1, LAT + 1), (LON + 1.1, LAT + 1))
    near = road((LON - 0.001, LAT), (LON + 0.001, LAT))
    assert len(draw([far, near], LAT, LON).lines) == 1


def test_only_the_stretch_in_sight_of_a_long_road_is_drawn():
    long_road = road(*((LON + step * 0.001, LAT) for step in range(-200, 200)))
    (line,) = draw([long_road], LAT, LON).lines
    assert line.path.count("L") < 15


def test_a_road_that_is_not_the_towns_is_marked():
    county = road((LON - 0.001, LAT), (LON + 0.001, LAT), owner="county")
    assert draw([county], LAT, LON).lines[0].kind == "road other"


def test_a_closed_line_stays_closed():
    block = [(LON, LAT), (LON + 0.001, LAT), (LON + 0.001, LAT + 0.001), (LON, LAT)]
    drawing = draw([Outline("area", "Block", "", tuple(block))], LAT, LON)
    start, *_, end = drawing.lines[0].path[1:].split("L")
    assert start == end


def test_each_road_is_named_once_and_names_keep_their_distance():
    twice = [road((LON - 0.003, LAT - 0.001), (LON + 0.003, LAT - 0.001)) for _ in range(2)]
    beside = road((LON - 0.003, LAT - 0.00102), (LON + 0.003, LAT - 0.00102), name="Church Street")
    assert [label.text for label in draw([*twice, beside], LAT, LON).labels] == ["Mill Road"]


@pytest.mark.parametrize("north", [-0.0003, 0.0, 0.0001, 0.0003])
def test_the_name_of_the_street_at_the_pin_stands_beside_the_pin(north: float):
    street = road((LON - 0.004, LAT + north), (LON + 0.004, LAT + north), name="Church Street")
    (label,) = draw([street], LAT, LON).labels
    left, right = (label.x + way * len(label.text) * LETTER / 2 for way in (-1, 1))
    is_beside = right < WIDTH / 2 - 15 or left > WIDTH / 2 + 15
    # Letters are drawn above their road; the pin reaches from the middle 43 units up.
    assert is_beside or not HEIGHT / 2 - 43 < label.y - ABOVE < HEIGHT / 2 + 8


def test_a_name_is_never_upside_down():
    westward = road((LON + 0.003, LAT + 0.001), (LON - 0.003, LAT + 0.001))
    (label,) = draw([westward], LAT, LON).labels
    assert -90 <= label.turn <= 90


def test_poles_in_sight_become_dots():
    here = Outline("asset", "P 17", "utility", ((LON, LAT),))
    elsewhere = Outline("asset", "P 99", "utility", ((LON + 1, LAT),))
    assert [dot.name for dot in draw([here, elsewhere], LAT, LON).dots] == ["P 17"]

"""Which roads does a text name, and does it surely mean them?"""

import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.street_names import LONGEST_TEXT, StreetNames
from routing.street_words import LONG, word

DEMO = Path(__file__).parents[2] / "layers" / "roads.geojson"
ROADS = (
    "Mill Road", "Old Mill Lane", "Cider Mill Road", "Elm Lane", "N Main St", "S Main St", "State Route 11",
    "County Road 7", "US Route 7", "St. Mary's Way", "Woodlot Rd", "Old Turnpike", "Buchanan",
    "Church Street", "Rue de l'Église", "Third Avenue", "Maple Street / Route 9", "", "Unnamed", "No Name",
    "Private Road", "Driveway 4", "County Highway", "Road", "E Washington Rd", "Cove Rd",
)  # fmt: skip
NAMES = StreetNames(ROADS)
TOWN = ("Town of Alder Falls",)


def sure(text: str) -> list[str]:
    return [" | ".join(found.names) for found in NAMES.named_in(text, TOWN) if found.is_sure]


def said(text: str) -> list[str]:
    return [" | ".join(found.names) for found in NAMES.named_in(text, TOWN)]


@pytest.mark.parametrize(
    "text",
    [
        "Mill Road", "12 Mill Rd.", "MILL RD", "mill road", "  Mill   Road ", "Mill-Road", "12A Mill Rd",
        "12 A Mill Rd", "at 12 Mill Rd, Alder Falls, NH 03280", "Mill Road Alder Falls NH 03280",
        "12 Mill Rd Apt 4", "on the Mill Road by the bridge", "Mill Road near the big oak",
        "Mill Rd (the ditch)", "by the barn on Mill Road", "across from 12 Mill Road",
        "Calle Mill Road 12", "Mill Road. School is out", "the end of Mill Road",
        "Mill Road left side", "Mill Road, by the school", "broken street light on Mill Road",
        "Ｍｉｌｌ Ｒｏａｄ", "12 Mill Rd\nplease ring", "Mill Road is flooded",
    ],
)  # fmt: skip
def test_a_road_is_found_however_it_is_typed(text: str):
    assert sure(text) == ["Mill Road"]


@pytest.mark.parametrize(
    "text",
    [
        "12 Mill Road, Springfield VT", "Mill Road, Springfield, VT 05156", "Mill Rd, Kittery, ME",
        "12 Mill Road\nPortland OR 97201", "Springfield VT, Mill Road", "Mill Road, Springfield, NH.",
    ],
)  # fmt: skip
def test_an_address_in_a_town_that_is_not_ours_decides_nothing(text: str):
    assert said(text) == ["Mill Road"]
    assert sure(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Mill Road, NH", "Mill Road NH 03280", "12 Mill Road, ALDER FALLS, NH", "MILL ROAD, IN FRONT OF ME",
        "Mill Road, Alder Falls VT", "Mill Road, 12, NH", "MILL ROAD, NEAR PA",
    ],
)  # fmt: skip
def test_a_state_behind_our_own_town_or_road_takes_it_nowhere(text: str):
    assert sure(text) == ["Mill Road"]


@pytest.mark.parametrize(
    ("text", "road"),
    [
        ("NH Route 11", "State Route 11"), ("State Rt 11", "State Route 11"), ("Rte. 11", "State Route 11"),
        ("Hwy 11", "State Route 11"), ("NH-11", "State Route 11"), ("SR 11 north", "State Route 11"),
        ("New Hampshire Route 11", "State Route 11"), ("Rt11", "State Route 11"),
        ("State Highway 11", "State Route 11"), ("route no. 11", "State Route 11"),
        ("US 7", "US Route 7"), ("U.S. Highway 7", "US Route 7"), ("CR 7", "County Road 7"),
        ("Co. Rd. 7", "County Road 7"), ("Route 7", "County Road 7 | US Route 7"),
        ("12 saint marys way", "St. Mary's Way"), ("St Mary’s Wy", "St. Mary's Way"),
        ("Wood Lot Road", "Woodlot Rd"), ("Old Tpke", "Old Turnpike"), ("12 Buchanan", "Buchanan"),
        ("Buchanan, the red house", "Buchanan"), ("rue de l'eglise", "Rue de l'Église"),
        ("3rd Ave", "Third Avenue"), ("North Main Street", "N Main St"), ("No. Main St", "N Main St"),
        ("Main St N", "N Main St"), ("Main Street", "N Main St | S Main St"),
        ("Washington Rd", "E Washington Rd"), ("East Washington Road", "E Washington Rd"),
        ("Maple St", "Maple Street / Route 9"), ("Rt 9", "Maple Street / Route 9"), ("Cove Road", "Cove Rd"),
        ("12 Cider Mill Rd", "Cider Mill Road"), ("old mill ln", "Old Mill Lane"),
    ],
)  # fmt: skip
def test_short_forms_routes_saints_and_directions_are_the_same_road(text: str, road: str):
    assert sure(text) == [road]


@pytest.mark.parametrize(
    "text",
    [
        "Mill Road School", "Mill Road Baptist Church", "Mill Road North School", "Mill Road Corner Store",
        "Mill Road Extension", "Mill Rd. School", "Old Mill Road", "North Mill Road", "near Mill Road",
        "100 ft from Mill Road", "the house behind Mill Road", "off Mill Rd", "not on Mill Road",
        "Foo Street, Mill Road", "Foo Way, Mill Road", "Elm & Mill Road", "Elm and Mill Road",
        "Mill Road & Elm",
        "Mill Road and Foo Street", "the Buchanan farm", "on Buchanan near the oak",
    ],
)  # fmt: skip
def test_what_may_be_another_thing_is_seen_but_never_sure(text: str):
    assert said(text)
    assert sure(text) == []


@pytest.mark.parametrize(
    "text",
    ["", "Mill", "Mill Lane", "88", "Route 11A", "Route 8", "I-11", "unnamed", "no name",
    "a private road", "Driveway 4",
     "the road", "county highway", "the mill on the road", "Mill, Road", "ミル通り", "улица Мира",
     "🛣️", "\x00"],
)  # fmt: skip
def test_what_names_no_road_of_the_layers_finds_none(text: str):
    assert said(text) == []


@pytest.mark.parametrize(
    "text",
    ["corner of Mill Rd and Elm Ln", "Mill Rd & Elm Ln", "Mill Road/Elm Lane", "Mill Rd @ Elm Lane",
     "between Mill Road and Elm Lane", "Mill Road at the Elm Lane", "Mill Rd Elm Ln"],
)  # fmt: skip
def test_a_corner_names_both_roads(text: str):
    assert sure(text) == ["Mill Road", "Elm Lane"]


def test_a_landmark_counts_as_a_road_that_may_be_meant():
    assert [(found.names, found.is_sure) for found in NAMES.named_in("Elm Lane near Mill Road")] == [
        (("Elm Lane",), True), (("Mill Road",), False),
    ]  # fmt: skip


def test_without_roads_or_with_a_text_that_is_no_place_nothing_is_found():
    assert StreetNames(()).named_in("Mill Road") == ()
    assert NAMES.named_in("x" * LONGEST_TEXT + " Mill Road") == ()


def demo_roads() -> list[str]:
    return [row["properties"]["NAME"] for row in json.loads(DEMO.read_text())["features"]]


def test_every_road_of_the_demonstration_is_found_by_each_short_form_of_each_of_its_words():
    names = StreetNames(demo_roads())
    for name in demo_roads():
        parts = name.split()
        for at, part in enumerate(parts):
            for form in {short for short, whole in LONG.items() if whole == word(part)} | {part.upper()}:
                typed = " ".join((*parts[:at], form, *parts[at + 1 :]))
                assert len(names.named_in(f"12 {typed}, Alder Falls", TOWN)) == 1, typed
                (found,) = names.named_in(f"12 {typed}, Alder Falls", TOWN)
                assert (found.names, found.is_sure) == ((name,), True)


PIECES = st.sampled_from(
    [
        "Mill Road",
        "Elm Lane",
        "near",
        "12",
        ",",
        "and",
        "&",
        ".",
        "Old",
        "Route 11",
        "School",
        "st",
        "-",
        "\n",
        "é",
    ]
)


@settings(deadline=None)
@given(st.text(max_size=300) | st.lists(PIECES, max_size=30).map(" ".join))
def test_no_text_breaks_it(text: str):
    for found in NAMES.named_in(text, (text[:20],)):
        assert set(found.names) <= set(ROADS) - {"", "Unnamed", "No Name", "Private Road", "Road"}


@settings(deadline=None)
@given(st.lists(st.text(max_size=40), max_size=8), st.text(max_size=60))
def test_no_name_of_a_layer_breaks_it(names: list[str], text: str):
    given_names = StreetNames(names)
    for name in (*names, text):
        given_names.named_in(name)


@settings(deadline=None)
@given(
    st.sampled_from(["Mill Road", "Elm Lane", "State Route 11"]),
    st.sampled_from(["School", "Inn", "Bog", "Ext"]),
)
def test_a_word_that_makes_another_thing_of_it_is_never_sure(name: str, thing: str):
    assert sure(f"{name} {thing}") == []
    assert sure(f"{thing} {name}") == []


@pytest.mark.parametrize("piece", ["a ", "mill road ", "st ", "12 ", "route ", "ﷺ", "'", "é", ". ", "Mill-"])
def test_long_texts_cost_little(piece: str):
    for size in (LONGEST_TEXT, 100_000):
        text = (piece * size)[:size]
        began = time.process_time()
        NAMES.named_in(text)
        assert time.process_time() - began < 1.5

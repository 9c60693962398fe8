"""Do a resident's words find the house, the corner or the pole that they mean, and never another unasked?"""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import LineString, Point

from routing.addresses import Addresses, House, taken_apart
from routing.corners import corners
from routing.features import Feature, read_layer
from routing.gazetteer import Gazetteer
from routing.layers import Layers
from routing.maps import Layer
from tests.once import demonstration

RULEBOOK, LAYERS = demonstration()
TOWN = Gazetteer.of(RULEBOOK, LAYERS)
(LIST,) = LAYERS.addresses.values()
HOUSES = [house.words for street in range(len(LIST.streets)) for house in LIST.beginning(street, "", 999)]


def found(text: str) -> str:
    """What is surely meant; with question marks what it might be."""
    place, choices = TOWN.find(text)
    return place.words if place else "".join(f"{one.words}? " for one in choices).strip()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("12B Mill Road", House(12, "b", "Mill Road")),
        ("12-14 Mill Road", House(12, "-14", "Mill Road")),
        ("12 1/2  Mill Road", House(12, "1/2", "Mill Road")),
        ("12 A Street", House(12, "", "A Street")),
        ("12 Mill Road, Apt 3", House(12, "", "Mill Road")),
        ("Mill Road 12a", House(12, "a", "Mill Road")),
        ("Town Hall", None),
    ],
)
def test_an_address_is_taken_apart(written: str, meant: House | None):
    assert taken_apart(written) == meant


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ("4 elm st", "4 Elm Street"),
        ("12 Mill Road", "12 Mill Road"),
        ("Elm Street 4", "4 Elm Street"),
        ("at 4 Elm St., Alder Falls NH 03280", "4 Elm Street"),
        ("4 Elm Street, next to the red barn", "4 Elm Street"),
        ("corner of Mill Rd and Ridge Rd", "Mill Road & Ridge Road"),
        ("church st / elm st", "Church Street & Elm Street"),
        ("falls park", "Falls Park"),
        ("pole e 25 1", "E-25/1"),
    ],
)
def test_a_place_that_is_surely_meant_is_found(typed: str, place: str):
    assert found(typed) == place


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("4 Elm", "4 Elm Street?"),
        ("12 Miil Road", "12 Mill Road?"),
        ("4 Elk Streat", "4 Elm Street?"),
        ("opposite 4 Elm Street", "4 Elm Street?"),
        ("church and elm", "Church Street & Elm Street?"),
        ("Fals Park", "Falls Park?"),
    ],
)
def test_what_is_only_like_a_place_is_asked_about(typed: str, asked: str):
    assert found(typed) == asked


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "Elm Street",
        "5000 Elm Street",
        "4-6 Elm Street",
        "4 1/2 Elm Street",
        "4 Elm Street, Ashgrove",  # a town beside ours
        "State Route 88 and Depot Street",  # they do not meet; Route 41 does, and is another road
        "by the big oak",
        "4 " * 3000,
    ],
)
def test_where_nothing_is_meant_nothing_is_found(typed: str):
    assert found(typed) == ""


@given(st.sampled_from(HOUSES), st.randoms(use_true_random=False))
def test_an_exact_address_is_found_whatever_its_case_and_stops(house: str, chance: random.Random):
    typed = "".join(chance.choice((letter.upper(), letter.lower())) for letter in house)
    typed = typed.replace(" ", chance.choice((" ", "  "))) + chance.choice(("", ".", ", Alder Falls"))
    assert found(typed) == house
    assert TOWN.suggest(typed)[0].words == house


@given(st.sampled_from(HOUSES), st.data())
def test_one_slip_of_the_finger_still_offers_the_house(house: str, data: st.DataObject):
    number, _, street = house.partition(" ")
    at = data.draw(st.integers(1, len(street) - 1))
    slip = data.draw(st.sampled_from(("missing", "doubled", "turned")))
    if slip == "missing":
        typed = street[:at] + street[at + 1 :]
    elif slip == "doubled":
        typed = street[:at] + street[at] + street[at:]
    else:
        typed = street[: at - 1] + street[at] + street[at - 1] + street[at + 1 :]
    place, choices = TOWN.find(f"{number} {typed}")
    assert house in [one.words for one in ((place,) if place else choices)]


@given(st.text(max_size=80))
def test_any_text_is_taken(text: str):
    TOWN.find(text)
    assert len(TOWN.suggest(text)) <= 6


@given(st.sampled_from(HOUSES), st.integers(1, 30))
def test_what_is_typed_so_far_offers_what_it_may_become(house: str, letters: int):
    begun = house[:letters]
    number, _, street = begun.partition(" ")
    offered = TOWN.suggest(begun)
    assert all(place.words for place in offered)
    if len(street) > 3:
        assert any(place.words.lower().startswith(number) for place in offered)


def test_a_position_is_called_by_the_nearest_house_corner_park_or_road():
    at = {name: TOWN.find(name).sure for name in ("4 Elm Street", "Church Street & Elm Street", "Falls Park")}
    for name, place in at.items():
        assert place is not None
        assert place.at is not None
        near = TOWN.nearest(*place.at)
        assert near is not None
        assert set(near.words.split(" & ")) == set(name.split(" & "))
    assert TOWN.nearest(43.0, -71.0) is None


def test_two_houses_of_one_address_are_both_offered_and_a_double_entry_is_one():
    def house(lat: float) -> Feature:
        return Feature(Point(-72.3, lat), "1 Elm Street", "")

    twice = Layers(addresses={"a": Addresses([house(43.6), house(43.60001)])})
    assert Gazetteer(twice).find("1 Elm Street").sure is not None
    apart = Layers(addresses={"a": Addresses([house(43.6), house(43.65)])})
    assert len(Gazetteer(apart).find("1 Elm Street").choices) == 2


def test_roads_that_end_a_little_short_of_each_other_meet_all_the_same():
    def road(name: str, *line: tuple[float, float]) -> Feature:
        return Feature(LineString(line), name, "town")

    mill = road("Mill Road", (-72.31, 43.6), (-72.30, 43.6))
    near = road("Elm Street", (-72.305, 43.60002), (-72.305, 43.61))
    far = road("Oak Lane", (-72.307, 43.601), (-72.307, 43.61))
    met = corners([mill, near, far])
    assert list(met) == [("Elm Street", "Mill Road")]
    assert met["Elm Street", "Mill Road"][0] == pytest.approx((43.6, -72.305), abs=1e-4)


def test_a_list_of_addresses_is_read_from_one_column_or_two(tmp_path: Path):
    (tmp_path / "one.csv").write_text("address,lat,lon\n4 Elm Street,43.61,-72.31\n", "utf-8")
    (tmp_path / "two.csv").write_text(
        "no,road,lat,lon\n4,Elm Street,43.61,-72.31\n,Hall,43.6,-72.3\n", "utf-8"
    )
    one = Layer(id="a", file="one.csv", kind="addresses", name="address")
    two = Layer(id="a", file="two.csv", kind="addresses", number="no", street="road")
    for layer in (one, two):
        houses = Addresses(read_layer(layer, tmp_path).features)
        assert [spot.words for spot in houses.at(0, 4)] == ["4 Elm Street"]
        assert len(houses) == 1


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ({"kind": "addresses"}, "name the property that holds the address"),
        ({"kind": "addresses", "number": "no"}, "name the property that holds the address"),
        ({"kind": "roads", "street": "x"}, "street can only be said of addresses"),
        ({"kind": "assets", "landmarks": True}, "landmarks can only be said of areas"),
    ],
)
def test_a_layer_that_cannot_be_meant_so_is_refused(keys: dict[str, object], sentence: str):
    with pytest.raises(ValueError, match=sentence):
        Layer.model_validate({"id": "a", "file": "a.csv", **keys})

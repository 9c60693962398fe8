"""Is a place found by its words without a script, told before it counts, and never guessed?"""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from flask import Flask

from casework.office import Office
from routing.town import TownMap
from settings import ROOT
from tests.conscience import StrictClient
from tests.widgets.resident import Resident
from widgets import assets
from widgets.squares import Tile, mercator
from widgets.tiles import INKS, LARGEST
from widgets.townmap import the_map

NO_POINT = {"lat": "", "lon": ""}
STATIC = ROOT / "static"
MOST_CODE = 50 * 1024


def typed(client: StrictClient, place: str) -> Resident:
    return Resident(client, "/report/other").send(place=place, **NO_POINT)


def position(resident: Resident) -> tuple[str, str]:
    fields = resident.fields()
    return fields.get("lat", ""), fields.get("lon", "")


# -- words --


def test_words_that_are_one_place_become_its_position_and_the_check_says_so(client: StrictClient):
    resident = typed(client, "4 elm st.")
    assert resident.step == "details"
    assert position(resident) == ("43.610055", "-72.312861")
    resident.send(description="A bench is broken").send()
    assert resident.step == "check"
    assert "4 elm st.\n4 Elm Street (found on the town&#39;s map)" in resident.page
    back = resident.send(to="where")
    assert "Found on the town&#39;s map: 4 Elm Street." in back.page


def test_words_that_may_be_a_place_are_asked_about_and_none_of_these_stays_as_it_was_written(
    client: StrictClient,
):
    resident = typed(client, "4 Elk Streat")
    assert (resident.step, resident.answer.status_code) == ("where", 200)
    assert "Which one do you mean?" in resident.page
    assert position(resident) == ("", "")
    assert resident.send().mistakes == ["Pick the one that you mean, or say that it is none of these."]
    assert resident.send(which="none").step == "details"
    assert position(resident) == ("", "")
    assert resident.send(back="where").send().step == "details", "nobody is asked twice"


def test_the_one_that_is_picked_becomes_the_position(client: StrictClient):
    resident = typed(client, "4 Elk Streat").send(which="43.610055,-72.312861")
    assert resident.step == "details"
    assert position(resident) == ("43.610055", "-72.312861")


def test_a_place_that_was_not_offered_cannot_be_picked(client: StrictClient):
    resident = typed(client, "4 Elk Streat").send(which="1.000000,1.000000")
    assert resident.step == "where"
    assert position(resident) == ("", "")


def test_other_words_take_the_position_of_the_first_ones_away(client: StrictClient):
    resident = typed(client, "4 elm st.").send(back="where").send(place="By the big oak")
    assert resident.step == "details"
    assert position(resident) == ("", "")
    resident.send(back="where").send(place="6 Elm Street")
    assert position(resident)[0] not in ("", "43.610055")


def test_a_position_of_ones_own_is_kept_whatever_the_words_say(client: StrictClient):
    resident = Resident(client, "/report/other").send(place="4 elm st.", lat="43.6", lon="-72.3")
    assert position(resident) == ("43.6", "-72.3")
    resident.send(back="where")
    assert "A position was added." in resident.page
    resident.send(unplace="1")
    assert position(resident) == ("", "")
    assert position(resident.send()) == ("", ""), "what was taken away is not found again"


def test_a_pin_far_from_the_house_in_the_words_is_pointed_out_at_the_check(client: StrictClient):
    for lat, is_told in (("43.63578", True), ("43.61300", False)):
        resident = Resident(client, "/report/other").send(place="4 Elm Street", lat=lat, lon="-72.31280")
        resident.send(description="A hole").send()
        assert resident.step == "check"
        assert ("km from the place in your words. The position counts." in resident.page) is is_told
    road = Resident(client, "/report/other").send(place="Elm Street", lat="43.63578", lon="-72.31280")
    assert "km from" not in road.send(description="A hole").send().page, "a road is long"


def test_a_photos_position_set_later_is_not_called_the_words_own(client: StrictClient):
    resident = typed(client, "4 elm st.").send(lat="43.600000", lon="-72.300000", back="where")
    assert "A position was added." in resident.page


def test_a_house_on_a_county_corner_is_told_whose_it_is(client: StrictClient):
    resident = Resident(client, "/report/pothole").send(place="4 Elm Street", **NO_POINT)
    assert resident.step == "whose"
    assert resident.heading == "Alder Falls Village"
    moved = resident.send(to="where").send(place="Old Turnpike", lat="43.59597", lon="-72.33374")
    assert moved.step == "details", "a pin that was moved decides anew"


def test_at_a_corner_of_two_owners_it_is_asked_which_road_is_meant(client: StrictClient):
    resident = Resident(client, "/report/pothole").send(place="corner of Mill Rd and Ridge Rd", **NO_POINT)
    assert resident.step == "whose"
    assert "Mill Road (the county&#39;s)" in resident.page
    assert "Ridge Road (the town&#39;s)" in resident.page


# -- what scripts ask --


def test_suggestions_come_by_post_for_every_origin_and_are_kept_nowhere(client: StrictClient):
    answer = client.post("/report/places", data={"q": "4 el"}, headers={"Origin": "null"})
    assert answer.json is not None
    assert answer.json["places"][0]["words"] == "4 Elm Street"
    assert answer.json["places"][0]["at"] == pytest.approx([43.610055, -72.312861])
    assert "suggestions" in answer.json["said"]
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cache-Control"] == "no-store"
    assert client.get("/report/places?q=4+el").status_code == 404


@pytest.mark.parametrize(
    ("at", "said", "inside"),
    [
        (("43.610055", "-72.312861"), "The position is by 4 Elm Street.", True),
        (("43.59597", "-72.33374"), "The position is on Old Turnpike.", True),
        (("44.5", "-71.0"), "The position is outside the town.", False),
    ],
)
def test_a_position_is_named(client: StrictClient, at: tuple[str, str], said: str, inside: bool):
    answer = client.post("/report/places", data={"lat": at[0], "lon": at[1]})
    assert answer.json is not None
    assert (answer.json["said"], answer.json["inside"]) == (said, inside)


@pytest.mark.parametrize("at", [("x", "1"), ("nan", "1"), ("91", "0"), ("", "")])
def test_what_is_no_position_is_refused(client: StrictClient, at: tuple[str, str]):
    assert client.post("/report/places", data={"lat": at[0], "lon": at[1]}).status_code == 400


# -- the map --


def square(office: Office, zoom: int) -> Tile:
    """The square that holds 4 Elm Street."""
    x, y = mercator(np.array([[-72.312861, 43.610055]]))[0] * 2**zoom
    return Tile(zoom, int(x), int(y))


def test_squares_are_drawn_of_the_towns_own_layers(client: StrictClient, office: Office):
    version = the_map(office).version
    for scheme in INKS:
        for zoom in (8, 13, 16, LARGEST):
            at = square(office, zoom)
            answer = client.get(f"/map/{version}/{scheme}/{zoom}/{at.x}/{at.y}.svg")
            assert answer.mimetype == "image/svg+xml"
            assert "immutable" in answer.headers["Cache-Control"]
            drawn = answer.get_data(as_text=True)
            ElementTree.fromstring(drawn)
            assert "<script" not in drawn
    assert ">Elm Street<" in client.get(address(version, square(office, 17))).get_data(as_text=True)
    assert ">4<" in client.get(address(version, square(office, 19))).get_data(as_text=True)


def address(version: str, at: Tile) -> str:
    return f"/map/{version}/light/{at.zoom}/{at.x}/{at.y}.svg"


def test_an_old_address_of_a_square_is_not_kept_for_ever(client: StrictClient, office: Office):
    assert client.get(address("0" * 12, square(office, 16))).headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("where", ["light/25/0/0", "light/16/0/0", "light/3/1/1", "neon/16/19600/23900"])
def test_no_square_is_drawn_far_from_the_town(client: StrictClient, where: str):
    assert client.get(f"/map/x/{where}.svg").status_code == 404


def test_another_host_is_asked_for_pictures_only_where_the_rules_say_so(
    client: StrictClient, office: Office, app: Flask
):
    def pictures() -> str:
        policy = client.get("/report/other").headers["Content-Security-Policy"]
        return next(part for part in policy.split("; ") if part.startswith("img-src"))

    assert pictures() == "img-src 'self' data: blob:"
    own = TownMap(tiles="https://tiles.example/{z}/{x}/{y}.png", attribution="The makers")
    town = office.rulebook.town.model_copy(update={"map": own})
    book = office.rulebook.model_copy(update={"town": town, "version": "other"})
    app.extensions["townline"].swap(replace(office, rulebook=book))
    assert pictures() == "img-src 'self' data: blob: https://tiles.example"
    assert "The makers" in client.get("/report/other").get_data(as_text=True)


@pytest.mark.parametrize("tiles", ["http://tiles.example/{z}/{x}/{y}.png", "https://tiles.example/{z}.png"])
def test_pictures_come_over_https_and_from_an_address_with_all_its_parts(tiles: str):
    with pytest.raises(ValueError, match="tiles"):
        TownMap(tiles=tiles)


def test_the_map_weighs_at_most_50_kb_and_comes_only_when_it_is_opened(client: StrictClient):
    code = [assets.asset(STATIC, name) for name in ("map.js", "map.css")]
    assert sum(len(one.packed) for one in code) <= MOST_CODE
    assert b"Leaflet" in code[0].body
    assert b"sourceMappingURL" not in code[0].body
    page = client.get("/report/other").get_data(as_text=True)
    loaded = [line for line in page.splitlines() if "<script" in line or "<link" in line]
    assert not any("map." in line for line in loaded)

"""A place that is only typed: does the road that it names decide, and nothing that needs a point?"""

from pathlib import Path

import pytest

from routing.decision import Decision, Facts, decide
from routing.layers import Layers
from routing.rulebook import Layer, Outcome, Rulebook
from tests.once import demonstration
from tests.routing.conftest import collection

DEMO = demonstration()
LINE = [[-72.0, 43.0], [-71.9, 43.0]]


def typed(place: str, service: str = "pothole", **more: object) -> Decision:
    return decide(*DEMO, Facts(service, None, place=place, **more))  # type: ignore[arg-type]


def layers_of(folder: Path, *roads: tuple[str, str | None], **keys: str) -> Layers:
    rows = [("LineString", LINE, {"N": name, "O": owner, "L": "town", "R": "next"}) for name, owner in roads]
    (folder / "x.geojson").write_text(collection(*rows))
    layer = Layer.model_validate(
        {"id": "x", "file": "x.geojson", "kind": "roads", "name": "N", "owner": "O"} | keys
    )
    return Layers.read({"x": layer}, folder)[0]


def test_the_named_road_decides_and_the_resident_reads_which_it_was():
    decision = typed("12 Mill Rd.")
    assert (decision.outcome, decision.target) == (Outcome.HANDOFF, "county-highway")
    assert decision.because.startswith("The address names Mill Road. Mill Road is a county road.")
    assert "Found by the name that was written: Mill Road (county)." in decision.because_staff
    assert "came without coordinates" in decision.because_staff


def test_a_named_road_of_the_town_is_the_towns():
    decision = typed("by the barn on Ridge Road")
    assert (decision.outcome, decision.unsure) == (Outcome.ACCEPT, False)
    assert decision.because.startswith("The address names Ridge Road.")


def test_it_is_kept_with_the_request_that_the_name_decided():
    road = typed("12 Mill Rd.").record()["road"]
    assert (road["name"], road["distance_m"], road["by_name"]) == ("Mill Road", None, True)
    assert decide(*DEMO, Facts("pothole", (43.60902, -72.33341))).record()["road"]["by_name"] is False


def test_two_named_roads_of_different_owners_are_asked_and_the_answer_decides():
    asked = typed("corner of Mill Rd and Ridge Rd")
    assert asked.outcome is Outcome.ASK
    assert asked.because == "What you wrote can mean roads with different owners. Which one do you mean?"
    assert [(option.value, option.label) for option in asked.options] == [
        ("county", "Mill Road (the county's)"), ("town", "Ridge Road (the town's)"),
    ]  # fmt: skip
    picked = typed("corner of Mill Rd and Ridge Rd", road="county")
    assert (picked.target, picked.picked) == ("county-highway", "county")
    assert picked.because.startswith("The address names Mill Road. ")
    assert "taken as" not in picked.because_staff
    nobody = typed("corner of Mill Rd and Ridge Rd", road="unknown")
    assert (nobody.outcome, nobody.unsure) == (Outcome.ACCEPT, True)


def test_two_named_roads_of_one_owner_need_no_question():
    assert typed("corner of Mill Rd and Quarry Rd").target == "county-highway"


def test_a_landmark_of_another_owner_is_asked_about():
    assert typed("Ridge Road near Mill Road").outcome is Outcome.ASK


@pytest.mark.parametrize(
    "place", ["", "Mill Road School", "Old Mill Road", "near Mill Road", "by the big oak"]
)
def test_what_names_no_road_for_sure_goes_to_the_clerk_as_before(place: str):
    decision = typed(place)
    assert (decision.outcome, decision.target, decision.unsure) == (Outcome.ACCEPT, "town-clerk", True)
    assert decision.road is None
    assert decision.because.startswith("From a description alone")


@pytest.mark.parametrize(
    "place", ["12 Mill Road, Stonebrook", "Mill Rd in Ashgrove", "Stonebrook: 12 Mill Road"]
)
def test_a_road_in_a_neighbouring_town_is_not_ours_of_the_same_name(place: str):
    assert typed(place).unsure
    assert typed(place).road is None


def test_a_road_that_is_named_after_a_neighbour_is_a_road(tmp_path: Path):
    found = layers_of(tmp_path, ("Stonebrook Road", "county"), ("Mill Road", "county"))
    assert found.named_road("12 Stonebrook Rd", elsewhere=["Stonebrook"]) is not None
    assert found.named_road("12 Mill Rd, Stonebrook", elsewhere=["Stonebrook"]) is None


def test_a_point_counts_more_than_words():
    decision = decide(*DEMO, Facts("pothole", (43.59597, -72.33374), place="12 Mill Road"))
    assert decision.road is not None
    assert (decision.road.name, decision.road.by_name) == ("Old Turnpike", False)


def test_what_needs_a_point_stays_unknown():
    decision = typed("12 Elm Street", service="sidewalk")
    assert (decision.target, decision.unsure) == ("town-clerk", True)
    assert not decision.because.startswith("You wrote")


def test_where_the_road_changes_nothing_it_is_not_told():
    assert typed("Mill Road", service="animal", answers={"situation": "stray"}).because.startswith("The ")


def test_a_service_without_a_place_reads_no_road_out_of_words():
    assert typed("12 Mill Road", service="noise").road is None


def test_danger_is_told_without_a_word_about_roads():
    decision = typed("12 Mill Road", service="tree", answers={"wires": "yes", "place": "road"})
    assert decision.outcome is Outcome.STOP
    assert not decision.because.startswith("You wrote")


def test_one_name_with_two_owners_is_asked(tmp_path: Path, book: Rulebook):
    roads = layers_of(tmp_path, ("Mill Road", "county"), ("Mill Rd", "town"), ("Mill Road", "county"))
    found = roads.named_road("12 Mill Rd")
    assert found is not None
    assert [(near.name, near.owner) for near in found.candidates] == [
        ("Mill Road", "county"),
        ("Mill Rd", "town"),
    ]
    decision = decide(book, roads, Facts("pothole", None, place="12 Mill Rd"))
    assert decision.outcome is Outcome.ASK
    assert [option.label for option in decision.options] == [
        "Mill Road (the county's)",
        "Mill Rd (the town's)",
    ]


def test_a_name_whose_owner_nobody_knows_goes_to_the_clerk(tmp_path: Path, book: Rulebook):
    roads = layers_of(tmp_path, ("Mill Road", None))
    assert decide(book, roads, Facts("pothole", None, place="Mill Road")).unsure


def test_a_border_street_by_its_name_has_both_owners(tmp_path: Path):
    found = layers_of(tmp_path, ("Line Street", None), left="L", right="R").named_road("Line St")
    assert found is not None
    assert (found.unsure, found.is_border) == (True, True)
    assert {near.owner for near in found.candidates} == {"town", "next"}


def test_on_a_border_street_without_a_point_nobody_knows_the_side(tmp_path: Path, book: Rulebook):
    roads = layers_of(tmp_path, ("Line Street", None), left="L", right="R")
    assert decide(book, roads, Facts("pothole", None, place="Line St", road="unknown")).unsure


def test_unnamed_roads_are_never_meant(tmp_path: Path):
    roads = layers_of(tmp_path, ("Unnamed", "county"), ("", "county"), ("Private Road", "private"))
    assert [roads.named_road(text) for text in ("Unnamed", "a private road", "road", "")] == [None] * 4

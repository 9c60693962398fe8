"""Roads by class, streets with two owners, poles by their number, areas inside areas, the nearest town."""

import json
from pathlib import Path

import pytest

from routing.decision import Facts, decide
from routing.layers import Layers
from routing.reader import load, read
from routing.roads import nearest_road
from routing.rulebook import Layer, Outcome
from tests.routing.conftest import box, collection

M = 1 / 111_100  # one metre of latitude, in degrees


def layers_of(folder: Path, layer: dict, *features: tuple[str, list, dict]) -> Layers:
    (folder / "x.geojson").write_text(collection(*features))
    read_layers, flaws = Layers.read(
        {"x": Layer.model_validate({"id": "x", "file": "x.geojson"} | layer)}, folder
    )
    assert not flaws
    return read_layers


ROADS = {"kind": "roads", "name": "N", "owner": "O", "road_class": "C",
         "tolerance": {"default": 15, "by_class": {"Motorway": 50, "drive": 5}}}  # fmt: skip
MOTORWAY = ("LineString", [[-72.005, 43.0], [-71.995, 43.0]], {"N": "M", "O": "state", "C": "motorway"})
DRIVE = (
    "LineString",
    [[-72.005, 43.0 + 60 * M], [-71.995, 43.0 + 60 * M]],
    {"N": "D", "O": "private", "C": "Drive"},
)


@pytest.mark.parametrize(
    ("metres", "owners"),
    [(-45, ("state",)), (-55, None), (62, ("private",)), (68, None), (45, ("state", "private"))],
)
def test_every_class_of_road_has_its_own_tolerance(
    tmp_path: Path, metres: float, owners: tuple[str, ...] | None
):
    found = layers_of(tmp_path, ROADS, MOTORWAY, DRIVE).nearest_road(43.0 + metres * M, -72.0)
    assert (found and tuple(near.owner for near in found.candidates)) == owners


def test_a_plain_number_is_the_tolerance_of_every_class(tmp_path: Path):
    layers = layers_of(tmp_path, ROADS | {"tolerance": 30}, MOTORWAY)
    assert layers.nearest_road(43.0 + 29 * M, -72.0)
    assert layers.nearest_road(43.0 + 31 * M, -72.0) is None


BORDER = {
    "kind": "roads",
    "name": "N",
    "left": "L",
    "right": "R",
    "owners": {"Us": "town", "Them": "ashgrove"},
}
LINE = (
    "LineString",
    [[-72.1, 43.0], [-72.0, 43.0], [-72.0, 43.1]],
    {"N": "Line Street", "L": "Us", "R": "Them"},
)


@pytest.mark.parametrize(
    ("lat", "lon", "first"),
    [
        (43.0 + 5 * M, -72.005, "town"),
        (43.0 - 5 * M, -72.005, "ashgrove"),
        (43.05, -72.00005, "town"),
        (43.05, -71.99995, "ashgrove"),
    ],
)
def test_on_a_border_street_the_side_comes_first_and_the_other_is_in_doubt(tmp_path: Path, lat, lon, first):
    found = layers_of(tmp_path, BORDER, LINE).nearest_road(lat, lon)
    assert found.is_border
    assert found.unsure
    assert found.owner == first
    assert {near.owner for near in found.candidates} == {"town", "ashgrove"}


def test_a_street_with_one_owner_on_both_sides_is_no_border(tmp_path: Path):
    street = ("LineString", [[-72.1, 43.0], [-72.0, 43.0]], {"N": "A", "L": "Us", "R": "Us"})
    found = layers_of(tmp_path, BORDER, street).nearest_road(43.0, -72.05)
    assert (found.owner, found.unsure, found.is_border) == ("town", False, False)


def test_no_layers_hold_no_road():
    assert nearest_road((), 43.0, -72.0) is None


NORTH_LIGHTS = "when: {service: light, area: {zones: North}}"
ZONES = "zones: {file: zones.geojson"


@pytest.fixture
def numbered(town: Path) -> Path:
    text = town.read_text().split("\nchecks:")[0] + "\n"
    poles = "poles: {file: poles.csv, kind: assets, number: number, owner: owner"
    assert poles in text
    town.write_text(text.replace(poles, poles + ", typed_in: pole"))
    (town.parent / "poles.csv").write_text(
        "number,owner,lat,lon\nE-31/22,Electric,43.0001,-72.0\nAF 7,Town,43.0001,-72.01\n"
        "9,Electric,43.0001,-72.02\n9,Town,43.02,-72.04\n"
    )
    return town


@pytest.mark.parametrize(
    ("typed", "at", "target"),
    [
        ("e31 / 22", (43.0001, -72.01), "electric"),  # the number beats the pole at the place
        ("AF-7", (43.0001, -72.0), "foreman"),
        ("AF-7", (43.029, -71.96), "clerk"),  # kilometres away: a slip of the hand, and no pole here
        ("no such", (43.0001, -72.0), "electric"),
        ("E31-22", None, "electric"),  # no place is needed
        ("AF7", None, "foreman"),
        ("9", None, "clerk"),  # two poles of that number, and no place to choose by
        ("9", (43.0001, -72.021), "electric"),
        ("", None, "clerk"),
    ],
)
def test_a_typed_pole_number_tells_the_owner(numbered: Path, typed: str, at, target: str):
    text = numbered.read_text().replace(NORTH_LIGHTS, "when: {service: light, words: [x]}")
    numbered.write_text(text)
    book, layers = load(numbered)
    decision = decide(book, layers, Facts("light", at, answers={"pole": typed}))
    assert decision.target == target


def test_staff_read_that_the_number_was_typed(numbered: Path):
    book, layers = load(numbered)
    decision = decide(book, layers, Facts("light", (43.0001, -72.0), answers={"pole": "E-31/22"}))
    assert "poles: E-31/22 (electric), by its typed number, 0.0 m away." in decision.because_staff
    assert decision.record()["assets"] == [
        {"layer": "poles", "name": "E-31/22", "owner": "electric", "distance_m": 0.0, "is_typed": True}
    ]


def test_a_question_that_nobody_asks_cannot_give_the_number(numbered: Path):
    numbered.write_text(numbered.read_text().replace("typed_in: pole", "typed_in: pol"))
    assert 'no question "pol" (did you mean "pole"?)' in str(read(numbered).errors[0])


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ({"kind": "areas", "typed_in": "pole"}, "can only be said of assets"),
        ({"kind": "assets", "typed_in": "pole"}, "name the property that holds it as number"),
        ({"kind": "roads", "innermost": True}, "can only be said of areas"),
        ({"kind": "roads", "left": "L"}, "go together"),
        ({"kind": "areas", "tier": "T"}, "innermost: true as well"),
        ({"kind": "roads", "tolerance": {"by_class": {"a": 9}}}, "needs road_class"),
        ({"kind": "areas", "boundary": True, "nearest_within": 9}, "leave it out here"),
        ({"kind": "roads", "tolerance": 500}, "less than or equal to 200"),
    ],
)
def test_keys_of_a_layer_that_do_not_fit_are_named(entry: dict, sentence: str):
    with pytest.raises(ValueError, match=sentence):
        Layer.model_validate({"id": "x", "file": "x"} | entry)


GOVERNMENTS = collection(
    ("Polygon", box(42.9, -72.2, 43.2, -71.8), {"NAME": "Alder County", "OWNER": "County", "T": 3}),
    ("Polygon", box(42.99, -72.05, 43.03, -71.95), {"NAME": "Littleton", "OWNER": "Township", "T": 2}),
    ("Polygon", box(43.0, -72.01, 43.01, -71.99), {"NAME": "Mill Village", "OWNER": "Village", "T": 1}),
)


@pytest.mark.parametrize("tier", ["", ", tier: T"])
@pytest.mark.parametrize("order", [("county", "village"), ("village", "county")])
def test_the_innermost_area_that_the_rules_name_counts_whatever_their_order(town: Path, tier: str, order):
    text = town.read_text().split("\nchecks:")[0] + "\n"
    text = text.replace(
        "zones: {file: zones.geojson, kind: areas",
        f"zones: {{innermost: true{tier}, file: zones.geojson, kind: areas",
    )
    text = text.replace(NORTH_LIGHTS, "when: {service: light, area: {zones: county}}")
    agency = {"county": "state", "village": "electric"}
    rules = "".join(
        f"  - id: {name}\n    when: {{service: pothole, area: {{zones: {name}}}}}\n    card: {agency[name]}\n"
        for name in order
    )
    text = text.replace("  - id: county-road\n", rules + "  - id: county-road\n")
    town.write_text(text)
    (town.parent / "zones.geojson").write_text(GOVERNMENTS)
    book, layers = load(town)
    assert decide(book, layers, Facts("pothole", (43.005, -72.0))).target == "electric"
    assert decide(book, layers, Facts("pothole", (43.02, -72.0))).target == "state"
    # No rule about lights names the village, so the county is the innermost that counts for them.
    assert decide(book, layers, Facts("light", (43.005, -72.0))).rule == "zone-north"


def test_outside_every_area_the_nearest_named_town_counts(town: Path):
    text = town.read_text().split("\nchecks:")[0] + "\n"
    text = text.replace("zones: {file: zones.geojson", "zones: {nearest_within: 5000, file: zones.geojson")
    text = text.replace("when: {service: pothole, answer: {size: big}}", "when: {service: noise}")
    text = text.replace("area: {zones: North}}", "outside: true, area: {zones: Stonebrook}}")
    town.write_text(text)
    (town.parent / "zones.geojson").write_text(
        collection(
            ("Polygon", box(43.035, -72.05, 43.06, -72.01), {"NAME": "Stonebrook", "OWNER": "x"}),
            ("Polygon", box(43.035, -71.99, 43.06, -71.95), {"NAME": "Ashgrove", "OWNER": "y"}),
        )
    )
    book, layers = load(town)
    assert decide(book, layers, Facts("light", (43.032, -72.04))).target == "electric"
    decision = decide(book, layers, Facts("pothole", (43.032, -71.96)))
    assert "outside Town of Littleton Green, in or near Ashgrove" in decision.because
    assert decide(book, layers, Facts("pothole", (43.9, -71.96))).areas == {}


def test_a_decision_records_versions_and_distances_and_nothing_personal(town: Path):
    book, layers = load(town)
    decision = decide(book, layers, Facts("pothole", (43.01, -72.0), text="my name and address"))
    kept = json.loads(json.dumps(decision.record()))
    assert kept["road"]["other_distance_m"] == pytest.approx(11.1, abs=0.1)
    assert kept["rules_version"] == book.version
    assert kept["layer_versions"] == dict(layers.versions)
    assert decision.outcome is Outcome.ASK
    assert (
        kept["because"] == kept["because_town"] == "Two roads with different owners are very close here. "
        "Which one do you mean?"
    )
    assert "name and address" not in json.dumps(kept)
    assert "43.01" not in json.dumps(kept)

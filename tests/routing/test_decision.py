"""Whose job is it? Outcomes in their order, what is asked, and what nobody can tell."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routing.decision import Facts, decide, emergency_words
from routing.layers import Layers
from routing.reader import load
from routing.rulebook import Outcome, Rulebook
from settings import ROOT

ELM_LANE = (43.0, -72.0)
MILL_ROAD = (43.01, -71.96)
BOTH_MILLS = (43.01, -72.0)
ROUTE_9 = (43.02, -72.0)
LOST_ROAD = (43.025, -72.0)
NOWHERE = (43.005, -72.0)
OUTSIDE = (43.5, -72.0)
IN_THE_VILLAGE = (43.612, -72.308)


@pytest.fixture
def ask(book: Rulebook, layers: Layers):
    def decided(service: str, at=None, **facts):
        return decide(book, layers, Facts(service=service, at=at, **facts))

    return decided


def changed(town: Path, old: str, new: str):
    text = town.read_text().split("\nchecks:")[0] + "\n"
    assert old in text
    town.write_text(text.replace(old, new, 1))
    return load(town)


def test_the_towns_own_road_goes_to_the_services_own_assignee(ask):
    decision = ask("pothole", ELM_LANE)
    assert (decision.outcome, decision.target, decision.rule) == (Outcome.ACCEPT, "works", "service")
    assert decision.services_assignee == "foreman"
    assert decision.because == "Public Works (Town of Littleton Green) takes care of this."


def test_a_county_road_is_handed_off_with_its_name_in_the_because(ask):
    decision = ask("pothole", MILL_ROAD)
    assert (decision.outcome, decision.target, decision.rule) == (Outcome.HANDOFF, "county", "county-road")
    assert decision.because == "Mill Road is the county's."
    assert decision.services_assignee == "foreman"


def test_the_because_comes_in_the_residents_language(ask):
    assert ask("pothole", MILL_ROAD, language="es").because == "Mill Road es del condado."
    assert ask("pothole", MILL_ROAD, language="es-MX").because == "Mill Road es del condado."
    assert ask("pothole", MILL_ROAD, language="fr").because == "Mill Road is the county's."


def test_the_products_own_sentences_go_through_the_translator(book, layers):
    said = decide(book, layers, Facts("pothole", ROUTE_9), translate=str.upper).because
    assert said.startswith("STATE ROADS") or "IS RESPONSIBLE" in said


def test_a_card_without_words_names_the_agency(ask):
    assert (
        ask("pothole", ROUTE_9).because == "State Roads is responsible for this, not Town of Littleton Green."
    )


def test_danger_stops_before_anything_else(ask):
    decision = ask("light", (43.02, -72.0), answers={"wires": "yes"})
    assert (decision.outcome, decision.target, decision.because) == (Outcome.STOP, "911", "Stay away.")


def test_a_later_accept_never_hides_an_earlier_class(ask):
    assert ask("pothole", MILL_ROAD, answers={"size": "big"}).outcome is Outcome.HANDOFF
    assert ask("pothole", ELM_LANE, answers={"size": "big"}).target == "clerk"


def test_a_choice_among_several_is_enough(ask):
    assert ask("pothole", ELM_LANE, answers={"size": "small,big"}).target == "clerk"


def test_an_area_makes_a_card_that_may_be_answered_with_a_note(ask):
    decision = ask("light", (43.02, -72.01))
    assert (decision.outcome, decision.target) == (Outcome.CARD, "electric")
    assert decision.because == "In North the Electric Company keeps the lights of Town of Littleton Green."
    assert decision.note_anyway
    assert decision.areas == {"line": ("Littleton Green",), "zones": ("North",)}


def test_two_owners_close_together_are_asked_about(ask):
    decision = ask("pothole", BOTH_MILLS)
    assert (decision.outcome, decision.target, decision.rule) == (Outcome.ASK, "roads", "road-unsure")
    assert [(option.value, option.label) for option in decision.options] == [
        ("county", "Mill Road (the county's)"),
        ("town", "Old Mill Lane (the town's)"),
    ]
    assert decision.road.unsure
    assert decision.road.other_distance_m == pytest.approx(11.1, abs=0.1)


def test_the_residents_answer_decides(ask):
    assert ask("pothole", BOTH_MILLS, road="county").because == "Mill Road is the county's."
    decision = ask("pothole", BOTH_MILLS, road="town")
    assert (decision.outcome, decision.target) == (Outcome.ACCEPT, "works")


@pytest.mark.parametrize("answer", ["unknown", "state", "<script>"])
def test_an_answer_that_is_none_of_the_roads_goes_to_the_clerk(ask, answer):
    decision = ask("pothole", BOTH_MILLS, road=answer)
    assert (decision.outcome, decision.target, decision.unsure) == (Outcome.ACCEPT, "clerk", True)


def test_nothing_is_asked_where_both_roads_lead_to_the_same(town: Path):
    book, layers = changed(
        town, "service: pothole, road_owner: county", "service: pothole, road_owner: [county, town]"
    )
    assert decide(book, layers, Facts("pothole", BOTH_MILLS)).target == "county"


def test_nothing_is_asked_of_a_service_whose_rules_do_not_care(ask):
    assert ask("light", (43.01, -72.01)).outcome is not Outcome.ASK


def test_an_answer_is_ignored_where_there_is_no_doubt(ask):
    assert ask("pothole", MILL_ROAD, road="town").outcome is Outcome.HANDOFF


def test_words_alone_go_to_the_clerk_and_say_so(ask):
    decision = ask("pothole", None)
    assert (decision.outcome, decision.target, decision.unsure) == (Outcome.ACCEPT, "clerk", True)
    assert "From a description alone" in decision.because
    assert "without coordinates" in decision.because_staff


def test_a_place_that_no_road_is_near_goes_to_the_clerk(ask):
    decision = ask("pothole", NOWHERE)
    assert (decision.target, decision.unsure, decision.road) == ("clerk", True, None)
    assert "maps do not tell" in decision.because


def test_a_road_whose_owner_the_map_does_not_tell_goes_to_the_clerk(ask):
    assert ask("pothole", LOST_ROAD).unsure


def test_a_place_beyond_the_line_without_a_rule_goes_to_the_clerk(town: Path):
    book, layers = changed(town, "service: light, asset_owner: electric", "service: light, words: [pole]")
    decision = decide(book, layers, Facts("light", OUTSIDE))
    assert (decision.target, decision.unsure, decision.outside) == ("clerk", True, True)
    assert "outside Town of Littleton Green" in decision.because


def test_a_service_without_a_place_never_asks_maps(ask, town: Path):
    assert ask("noise", BOTH_MILLS).rule == "service"
    assert ask("noise", BOTH_MILLS).road is None
    book, layers = changed(town, "service: pothole, road_owner: county", "not: {road_owner: town}")
    assert decide(book, layers, Facts("noise", None)).target == "clerk"
    assert decide(book, layers, Facts("noise", None)).rule == "service"


def test_nothing_near_is_a_no_where_a_rule_says_what_that_means(town: Path):
    book, layers = changed(town, "service: light, asset_owner: electric", "service: light, asset_owner: none")
    assert decide(book, layers, Facts("light", NOWHERE)).target == "electric"
    assert decide(book, layers, Facts("light", ELM_LANE)).target == "foreman"


def test_the_pole_decides_who_keeps_the_light(ask):
    assert ask("light", (43.0001, -72.0)).target == "electric"
    assert ask("light", (43.0001, -72.01)).target == "foreman"
    assert ask("light", NOWHERE).unsure


def test_all_any_and_not_combine(town: Path):
    book, layers = changed(
        town,
        "when: {service: pothole, road_owner: state}",
        "when: {all: [{service: pothole}, {any: [{road_owner: state}, {words: [highway]}]}], "
        "not: {answer: {size: small}}}",
    )
    assert decide(book, layers, Facts("pothole", ELM_LANE, text="On the highway!")).target == "state"
    assert decide(book, layers, Facts("pothole", ROUTE_9)).target == "state"
    assert decide(book, layers, Facts("pothole", ROUTE_9, answers={"size": "small"})).rule == "service"


def test_the_page_and_the_language_can_decide(town: Path):
    book, layers = changed(town, "road_owner: state}", "widget: some, language: es}")

    def target(widget: str, language: str) -> str | None:
        return decide(book, layers, Facts("pothole", ELM_LANE, widget=widget, language=language)).target

    assert target("some", "es") == "state"
    assert target("all", "es") == "works"
    assert target("some", "en") == "works"


def test_the_deputy_has_it_while_the_assignee_is_away(ask):
    def on(day: int, hour: int) -> str:
        return ask("pothole", ELM_LANE, now=datetime(2026, 7, day, hour, tzinfo=UTC)).services_assignee

    assert on(6, 12) == "clerk"
    assert on(10, 12) == "clerk"
    assert on(11, 12) == "foreman"
    # Three in the morning in Greenwich is still the evening before in town.
    assert on(6, 3) == "foreman"
    assert on(11, 3) == "clerk"


def test_when_all_are_away_the_one_meant_stays_responsible(town: Path):
    book, layers = changed(
        town,
        "department: office}",
        "department: office, deputy: foreman, absent: [[2026-07-01, 2026-07-31]]}",
    )
    facts = Facts("pothole", ELM_LANE, now=datetime(2026, 7, 7, 12, tzinfo=UTC))
    assert decide(book, layers, facts).services_assignee == "foreman"


def test_every_decision_keeps_the_versions_it_was_made_with(ask, book, layers):
    decision = ask("pothole", ELM_LANE)
    assert decision.rules_version == book.version
    assert decision.layer_versions == layers.versions


def test_staff_read_the_rule_and_the_distances(ask):
    said = ask("pothole", (43.00005, -72.0)).because_staff
    assert "Nearest road: Elm Lane (town), 5.6 m away." in said


def test_staff_read_in_plain_words_that_no_rule_was_needed_and_where_it_lies():
    book, layers = load(ROOT / "rules.yaml")
    said = decide(book, layers, Facts("pothole", (43.59597, -72.33374))).because_staff
    assert said.startswith("No special rule applies here, so it goes to whoever normally does this")
    assert "town-line" not in said
    village = decide(book, layers, Facts("tree", IN_THE_VILLAGE)).because_staff
    assert "It lies in Alder Falls Village" in village


def test_an_unknown_service_is_a_key_error(ask):
    with pytest.raises(KeyError):
        ask("nothing", ELM_LANE)


@pytest.mark.parametrize("place", [(91.0, 0.0), (0.0, 181.0), (float("nan"), 0.0), (0.0, float("inf"))])
def test_a_place_beyond_the_globe_is_refused(place):
    with pytest.raises(ValueError, match="no such place"):
        Facts("pothole", place)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(
    at=st.none()
    | st.tuples(st.floats(-90, 90), st.floats(-180, 180))
    | st.tuples(st.floats(42.98, 43.04), st.floats(-72.06, -71.94)),
    service=st.sampled_from(["pothole", "light", "noise"]),
    answers=st.dictionaries(st.sampled_from(["wires", "size", "pole", "x"]), st.text(max_size=20)),
    text=st.text(max_size=200),
    road=st.none() | st.sampled_from(["town", "county", "unknown"]) | st.text(max_size=5),
)
def test_every_submission_gets_one_decision_with_a_because(book, layers, at, service, answers, text, road):
    decision = decide(book, layers, Facts(service, at, answers, text, road=road))
    assert decision.because
    assert decision.target
    assert decision.services_assignee in book.people
    assert (decision.outcome is Outcome.ASK) == bool(decision.options)
    assert not decision.unsure or decision.target == book.clerk
    assert decision.as_json()["outcome"] == decision.outcome
    again = decide(book, layers, Facts(service, at, answers, text, road=road))
    assert again == decision


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("There is a FIRE!", True),
        ("gas\n  smell in the cellar", True),
        ("the fireplace", False),
        ("campfire", False),
        ("a firefly", False),
        ("gas station, smell of bread", False),
        ("", False),
        ("fire", True),
    ],
)
def test_emergency_words_are_seen_as_whole_words_only(book, text, expected):
    assert emergency_words(book, text) is expected


@given(text=st.text(max_size=300))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_text_can_be_looked_through(book, text):
    assert emergency_words(book, text + " fire ")

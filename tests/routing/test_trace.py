"""Does the trace tell the whole way to a decision, and the truth about it?"""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given

from routing.decision import Facts, decide
from routing.layers import Layers
from routing.rulebook import Outcome, Rule, Rulebook
from routing.trace import ASKS_NOTHING, NOT_REACHED, Trace, Tried, explain
from tests.once import demonstration
from tests.routing.test_properties import CLASS, QUIET, facts, rules

DEMO = demonstration()
MILL_ROAD, MILL_MEETS_TURNPIKE = (43.60902, -72.33341), (43.60966, -72.33110)


def of(trace: Trace, rule: str) -> Tried:
    (tried,) = [tried for tried in trace.tried if tried.rule == rule]
    return tried


def with_rule(book: Rulebook, when: dict, **outcome: object) -> Rulebook:
    made = Rule.model_validate({"id": "one", "when": when} | (outcome or {"accept": "clerk"}))
    return book.model_copy(update={"rules": (made,)})


@QUIET
@given(made=rules, asked=facts)
def test_the_trace_decides_as_the_decision_does(book: Rulebook, layers: Layers, made, asked: Facts):
    changed = book.model_copy(update={"rules": made})
    assert explain(changed, layers, asked).decision == decide(changed, layers, asked)


@QUIET
@given(made=rules, asked=facts)
def test_the_first_yes_is_the_rule_that_the_decision_names(book, layers: Layers, made, asked: Facts):
    trace = explain(book.model_copy(update={"rules": made}), layers, asked)
    yes = [tried.rule for tried in trace.tried if tried.answer == "yes"]
    unknown = [tried for tried in trace.tried if tried.answer == "unknown"]
    if trace.decision.outcome is Outcome.ASK:
        assert unknown, "something must hang on the road"
    elif trace.decision.unsure and trace.decision.rule != "service":
        assert not yes
        assert unknown[-1].rule == trace.decision.rule
    else:
        assert (yes or ["service"])[0] == trace.decision.rule


@QUIET
@given(made=rules, asked=facts)
def test_every_rule_stands_in_it_once_in_the_order_of_classes(book, layers: Layers, made, asked: Facts):
    trace = explain(book.model_copy(update={"rules": made}), layers, asked)
    assert [tried.rule for tried in trace.tried] == [
        rule.id for rule in sorted(made, key=lambda rule: CLASS[rule.outcome])
    ]
    answers = [tried.answer for tried in trace.tried]
    reached = [answer for answer in answers if answer != NOT_REACHED]
    assert answers == reached + [NOT_REACHED] * (len(answers) - len(reached)), "nothing after the last"
    assert all(
        tried.because and ((tried.answer == NOT_REACHED) <= (not tried.parts)) for tried in trace.tried
    )


@QUIET
@given(made=rules, asked=facts)
def test_what_is_no_names_a_part_that_is_no(book: Rulebook, layers: Layers, made, asked: Facts):
    for tried in explain(book.model_copy(update={"rules": made}), layers, asked).tried:
        said = {part.answer for part in tried.parts}
        if tried.answer == "no":
            # An empty condition is always so, and has no part to name: whoever denies it asks nothing.
            assert "no" in said or not said or tried.because == ASKS_NOTHING
        if tried.answer == "yes":
            assert {part.answer for part in tried.parts if not part.is_or} <= {"yes"}


def test_a_road_is_told_with_its_layer_its_metres_and_the_next_owner():
    trace = explain(*DEMO, Facts("pothole", MILL_ROAD))
    county = of(trace, "county-road")
    assert county.answer == "yes"
    assert county.because == "Everything that it asks is so."
    road = county.parts[-1]
    assert (road.asked, road.answer) == ("road_owner: county", "yes")
    assert road.found.startswith("roads: Mill Road, county, ")
    assert " m" in road.found


def test_a_rule_that_is_not_so_says_which_part_and_what_was_found_instead():
    trace = explain(*DEMO, Facts("pothole", MILL_ROAD))
    assert of(trace, "wires").because == "Not so: service: tree, street-light (pothole)."
    assert "Not so: road_owner: state (roads: Mill Road, county" in of(trace, "state-road").because
    assert of(trace, "dead-animal").answer == NOT_REACHED
    assert of(trace, "dead-animal").parts == ()


def test_where_the_resident_is_asked_the_trace_says_what_hangs_on_the_road():
    trace = explain(*DEMO, Facts("pothole", MILL_MEETS_TURNPIKE))
    assert trace.decision.outcome is Outcome.ASK
    county = of(trace, "county-road")
    assert (county.answer, county.because) == ("unknown", "It hangs on which road is meant.")
    assert county.parts[-1].answer == "unknown"
    assert "; next " in county.parts[-1].found
    assert of(trace, "state-road").answer == "no"


def test_the_residents_pick_is_part_of_what_was_found():
    trace = explain(*DEMO, Facts("pothole", MILL_MEETS_TURNPIKE, road="county"))
    assert of(trace, "county-road").answer == "yes"
    assert of(trace, "county-road").parts[-1].found.endswith("taken as county")


def test_without_a_point_the_trace_says_what_nobody_can_tell():
    trace = explain(*DEMO, Facts("sidewalk", None))
    tried = of(trace, "village-sidewalk")
    assert trace.decision.unsure
    assert (tried.answer, tried.because) == (
        "unknown",
        "Nobody can tell: area village: any (no point on the map).",
    )


def test_answers_words_and_the_hour_are_told_as_they_were_given(book: Rulebook, layers: Layers):
    when = {
        "answer": {"size": ["big"]},
        "words": ["deep hole", "deep"],
        "time": {"office": "open"},
        "page": "/x",
    }
    moment = datetime(2026, 12, 24, 15, tzinfo=UTC)
    asked = Facts("pothole", None, answers={"size": "small"}, text="A Deep hole", now=moment)
    (tried,) = explain(with_rule(book, when), layers, asked).tried
    assert [(part.asked, part.found, part.answer) for part in tried.parts] == [
        ("answer size: big", "small", "no"),
        ("words: deep hole, deep", "“deep hole”, “deep”", "yes"),
        ("page: /x", "no page", "no"),
        ("time: office open", "thursday 2026-12-24 10:00, office closed, a holiday", "no"),
    ]
    (tried,) = explain(with_rule(book, when), layers, replace(asked, answers={}, text="")).tried
    assert [part.found for part in tried.parts[:2]] == ["not answered", "no text"]


def test_a_pole_is_told_by_its_number_and_how_it_was_found(book: Rulebook, layers: Layers):
    (tried,) = explain(
        with_rule(book, {"asset_owner": "electric"}), layers, Facts("light", (43.0001, -72.0))
    ).tried
    assert tried.parts[0].found == "poles 12, electric, 0.0 m"


@pytest.mark.parametrize(
    ("when", "because"),
    [
        ({"not": {"service": "pothole"}}, "Not so: not service: pothole (pothole)."),
        (
            {"not": {"service": "pothole", "group": "streets"}},
            "Not so: not service: pothole (pothole); not group: streets (streets).",
        ),
        (
            {"any": [{"words": "ice"}, {"widget": "some"}]},
            "Not so: words: ice (no text); widget: some (no widget).",
        ),
        ({"any": [{"words": "ice"}, {"road_owner": "any"}]},
         "Nobody can tell: road_owner: any (no point on the map, and no name of a road)."),
        ({"all": [{"service": "pothole"}, {"not": {"area": {"zones": "any"}}}]},
         "Nobody can tell: not area zones: any (no point on the map)."),
        ({"outside": True},
         "Not so: outside: true (no point on the map; words alone count as inside the town)."),
        ({}, "It asks nothing."),
        ({"not": {}}, "It asks nothing."),
    ],
)  # fmt: skip
def test_groups_of_conditions_name_what_the_answer_rests_on(book, layers, when: dict, because: str):
    (tried,) = explain(with_rule(book, when), layers, Facts("pothole", None)).tried
    assert tried.because == because


def test_an_unknown_danger_stops_nobody_and_says_so(book: Rulebook, layers: Layers):
    danger = {"call": "911", "say": "Away."}
    trace = explain(with_rule(book, {"road_owner": "state"}, stop=danger), layers, Facts("pothole", None))
    assert trace.tried[0].because.startswith(
        "Nobody can tell, and an unknown danger stops nobody: road_owner"
    )
    assert trace.decision.outcome is Outcome.ACCEPT


def test_a_service_without_a_place_says_why_no_map_was_asked(book: Rulebook, layers: Layers):
    trace = explain(with_rule(book, {"outside": True}), layers, Facts("noise", (43.5, -72.0)))
    assert trace.tried[0].because == "Not so: outside: true (this service asks for no place)."


def test_as_json_it_is_the_decision_with_the_trace_added():
    trace = explain(*DEMO, Facts("pothole", MILL_ROAD))
    said = trace.as_json()
    assert {key: value for key, value in said.items() if key != "trace"} == trace.decision.as_json()
    assert list(said["trace"][0]) == ["rule", "outcome", "answer", "because", "parts"]
    assert list(said["trace"][0]["parts"][0]) == ["asked", "found", "answer", "is_or"]


def test_its_own_sentences_are_translated():
    trace = explain(*DEMO, Facts("pothole", MILL_ROAD), translate=str.upper)
    assert of(trace, "county-road").because == "EVERYTHING THAT IT ASKS IS SO."

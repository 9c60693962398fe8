"""Does every suggested rule do what it claims, whatever the past was, and nothing else?"""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routing.decision import decide
from routing.facts import Facts
from routing.layers import Layers
from routing.reader import load, read
from routing.rulebook import Outcome, Rulebook
from routing.simulation import choose
from routing.suggesting import Suggestion, suggest
from routing.turns import Held, Turns, WrongTurn
from tests.house.tree import ROOT

RULES = ROOT / "rules.yaml"
AT = datetime(2026, 10, 14, 16, tzinfo=UTC)
PLACES = [
    (43.59597, -72.33374),  # a town road
    (43.60395, -72.30251),  # a state road
    (43.60902, -72.33341),  # a county road
    (43.61394, -72.31005),  # a village street
    (43.64318, -72.29280),  # a private road
    (43.60966, -72.33110),  # two owners' roads close together
    (43.64350, -72.35970),  # in the next town
    (43.61733, -72.30637),  # beside a light of the cooperative
    (43.62955, -72.34104),  # in the county's park
    None,
]
ANSWERS: dict[str, list[dict[str, str]]] = {
    "pothole": [{}, {"size": "large"}, {"size": "small", "blocked": "yes"}],
    "sidewalk": [{}, {"access": "no"}, {"access": "yes"}],
    "street-light": [{"wires": "no", "pole": "wood"}, {"wires": "no", "pole": "metal"}],
    "tree": [{"wires": "no", "place": "road"}, {"wires": "no", "place": "private"}],
    "noise": [{}],
    "missed-pickup": [{}],
}
TARGETS = [
    ("road-association", True), ("county-highway", True), ("electric-cooperative", True),
    ("road-foreman", False), ("health-officer", False), ("town-clerk", False), ("gone", True),
]  # fmt: skip
KINDS = ["not ours", "refused", "reassigned", "rerouted"]


@cache
def demo() -> tuple[Rulebook, Layers]:
    return load(RULES)


@st.composite
def pasts(draw: st.DrawFn) -> Turns:
    """A past in which people mostly agree whose a place is, and now and then do not."""
    wrong: list[WrongTurn] = []
    stayed: list[Held] = []
    service = draw(st.sampled_from(sorted(ANSWERS)))
    places = draw(st.lists(st.sampled_from(PLACES), min_size=1, max_size=3))
    agreed = {place: draw(st.sampled_from(TARGETS)) for place in places}
    kinds = draw(st.sampled_from([KINDS, ["not ours"], ["reassigned", "refused"]]))
    for number in range(draw(st.integers(2, 12))):
        place = draw(st.sampled_from(places))
        facts = Facts(
            service=service,
            at=place,
            answers=draw(st.sampled_from(ANSWERS[service])),
            text="SECRET",
            road=draw(st.sampled_from([None, None, "town", "county"])),
            now=AT,
        )
        told: dict[str, Any] = {"number": f"26-{number:04d}", "service": service, "known": facts}
        way = draw(st.integers(0, 9))
        if way < 8:
            target, is_agency = agreed[place] if way < 7 else draw(st.sampled_from(TARGETS))
            kind = draw(st.sampled_from(kinds))
            wrong.append(WrongTurn(**told, went_to=target, to_agency=is_agency, kind=kind, when=AT))  # type: ignore[arg-type]
        else:
            stayed.append(Held(**told))
    return Turns(tuple(wrong), tuple(stayed))


def taken(suggestion: Suggestion, folder: Path) -> Path:
    """Put the rule into the demonstration's own file, where the suggestion says."""
    text = RULES.read_text(encoding="utf-8")
    mark = f"  - id: {suggestion.before}\n" if suggestion.before else "\nwidgets:\n"
    assert text.count(mark) == 1
    (folder / "layers").symlink_to(ROOT / "layers")
    (folder / "texts").symlink_to(ROOT / "texts")
    path = folder / "rules.yaml"
    path.write_text(text.replace(mark, suggestion.yaml + mark), encoding="utf-8")
    return path


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(pasts())
def test_every_suggested_rule_changes_the_turns_it_claims_and_no_other_request(turns: Turns) -> None:
    book, layers = demo()
    for suggestion in suggest(book, layers, turns):
        assert suggestion.count == len(suggestion.numbers) >= 2
        assert "SECRET" not in suggestion.sentence + suggestion.yaml
        with TemporaryDirectory() as folder:
            reading = read(taken(suggestion, Path(folder)))
        assert reading.ok, reading.errors
        assert reading.rulebook is not None
        assert reading.layers is not None
        for past in (*turns.wrong, *turns.stayed):
            before = choose(book, layers, past.facts)
            after = choose(reading.rulebook, reading.layers, past.facts)
            if past.number in suggestion.numbers:
                assert isinstance(past, WrongTurn)
                decision = decide(reading.rulebook, reading.layers, past.facts)
                assert past.went_to == suggestion.to == decision.target
                assert after.whom != before.whom
            elif past not in turns.wrong or past.kind != "rerouted":
                assert after.whom == before.whom


def turn(
    number: int, at: Any, to: str = "road-association", service: str = "sidewalk", **facts: Any
) -> WrongTurn:
    known = Facts(service=service, at=at, now=AT, **facts)
    return WrongTurn(
        number=f"26-{number:04d}", service=service, known=known, decided_to="road-foreman", went_to=to,
        to_agency=to != "health-officer", kind="not ours", when=AT,
    )  # fmt: skip


def held(number: int, at: Any, service: str = "sidewalk", **facts: Any) -> Held:
    known = Facts(service=service, at=at, now=AT, **facts)
    return Held(number=f"26-{number:04d}", service=service, known=known, decided_to="road-foreman")


TOWN, STATE, COUNTY, _VILLAGE, PRIVATE, *_MORE = PLACES


def test_two_owners_become_two_rules_and_the_more_frequent_comes_first() -> None:
    turns = Turns(
        (
            *(turn(number, STATE, "state-transport") for number in range(2)),
            *(turn(number, PRIVATE) for number in range(2, 5)),
        ),
        (held(9, TOWN),),
    )
    found = suggest(*demo(), turns)
    assert [(one.count, one.to) for one in found] == [(3, "road-association"), (2, "state-transport")]
    assert found[0].sentence == (
        "Sidewalk or path along a street: reports on private roads went to The owners of the private road "
        "instead of Road Foreman, 3 of 3 in the last 90 days."
    )


def test_the_owner_of_the_road_says_more_than_the_service_alone() -> None:
    (one,) = suggest(*demo(), Turns((turn(1, PRIVATE), turn(2, PRIVATE))))
    assert "road_owner: private" in one.yaml


def test_what_went_two_ways_from_the_same_place_is_no_rule() -> None:
    wrong = (turn(1, PRIVATE), turn(2, PRIVATE), turn(3, PRIVATE, "county-highway"))
    assert suggest(*demo(), Turns(wrong)) == ()


def test_what_todays_rules_already_decide_so_is_not_suggested_again() -> None:
    wrong = (turn(1, PRIVATE, service="pothole"), turn(2, PRIVATE, service="pothole"))
    assert suggest(*demo(), Turns(wrong)) == ()


def test_a_plain_list_of_turns_will_do() -> None:
    (one,) = suggest(*demo(), [turn(1, PRIVATE), turn(2, PRIVATE)], days=30)
    assert "in the last 30 days" in one.sentence
    assert one.before is None


def test_the_agencys_way_of_taking_reports_decides_the_outcome() -> None:
    (one,) = suggest(*demo(), [turn(1, COUNTY, "county-highway"), turn(2, COUNTY, "county-highway")])
    assert f"    {Outcome.HANDOFF}: county-highway\n" in one.yaml

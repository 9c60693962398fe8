"""What holds for every rules file and every submission, not only for those that somebody thought of?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routing.decision import Decision, Facts, decide
from routing.layers import Layers
from routing.reader import load, read
from routing.rulebook import Outcome, Rule, Rulebook

QUIET = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=120)
PLACES = [
    None, (43.0, -72.0), (43.01, -72.0), (43.01, -71.96), (43.02, -72.0), (43.025, -72.0), (43.005, -72.0),
    (43.5, -72.0), (-89.9, 179.9), (43.0001, -72.01),
]  # fmt: skip
facts = st.builds(
    Facts,
    service=st.sampled_from(["pothole", "light", "noise"]),
    at=st.sampled_from(PLACES),
    answers=st.dictionaries(
        st.sampled_from(["size", "wires", "pole"]), st.sampled_from(["big", "yes", "12", ""])
    ),
    text=st.sampled_from(["", "a hole", "on the highway"]),
    language=st.sampled_from(["en", "es"]),
    widget=st.sampled_from([None, "all", "some"]),
    road=st.sampled_from([None, "town", "county", "unknown"]),
    now=st.sampled_from([None, datetime(2026, 7, 6, 12, tzinfo=UTC), datetime(2026, 12, 24, 3, tzinfo=UTC)]),
    page=st.sampled_from(["", "/parks", "http://["]),
    place=st.sampled_from(
        ["", "12 Mill Rd", "Mill Road School", "Elm Ln near Mill Rd", "Lost Road", "Rte 9"]
    ),
)
words = st.sampled_from
flat = st.fixed_dictionaries(
    {},
    optional={
        "service": words(["pothole", "light", ["light", "noise"]]),
        "group": words(["streets", "people"]),
        "area": words([{"zones": "any"}, {"zones": "none"}, {"line": "any"}]),
        "road_owner": words(["county", "state", "any", "none", ["town", "unknown"]]),
        "asset_owner": words(["electric", "none"]),
        "outside": st.booleans(),
        "answer": words([{"size": "big"}, {"wires": "yes"}]),
        "words": words(["hole", "highway"]),
        "widget": words(["some"]),
        "page": words(["/parks"]),
        "language": words(["es"]),
        "time": words([{"office": "open"}, {"months": [7]}, {"between": ["22:00", "06:00"]}]),
    },
)
conditions = st.recursive(
    flat,
    lambda inner: st.one_of(
        st.builds(lambda part: {"not": part}, inner),
        st.builds(lambda parts: {"any": parts}, st.lists(inner, min_size=1, max_size=2)),
        st.builds(lambda parts: {"all": parts}, st.lists(inner, min_size=1, max_size=2)),
    ),
    max_leaves=4,
)
outcomes = words([
    {"stop": {"call": "911", "say": "Stay away."}},
    {"card": "state"}, {"card": "electric", "note_anyway": True},
    {"handoff": "county"}, {"accept": "clerk"}, {"accept": "works", "notice": "Soon."},
])  # fmt: skip
rules = st.lists(st.tuples(conditions, outcomes), max_size=6).map(
    lambda rows: tuple(
        Rule.model_validate({"id": f"rule-{number}", "when": when} | outcome)
        for number, (when, outcome) in enumerate(rows)
    )
)
CLASS = {Outcome.STOP: 0, Outcome.CARD: 1, Outcome.HANDOFF: 1, Outcome.ACCEPT: 2}


def goes_somewhere(book: Rulebook, decision: Decision) -> bool:
    """The decision names somebody who exists, says why, and offers a way on."""
    by_outcome: dict[Outcome, set[str | None]] = {
        Outcome.STOP: {decision.target},
        Outcome.ASK: set(book.layers),
        Outcome.CARD: set(book.agencies),
        Outcome.HANDOFF: set(book.agencies),
        Outcome.ACCEPT: {*book.people, *book.departments},
    }
    known = by_outcome[decision.outcome]
    has_options = decision.outcome is not Outcome.ASK or len(decision.options) > 1
    return (
        decision.target in known
        and bool(decision.target and decision.because and decision.because_staff and has_options)
        and decision.services_assignee in book.people
    )


@QUIET
@given(made=rules, asked=facts)
def test_whatever_the_rules_every_submission_goes_somewhere(
    book: Rulebook, layers: Layers, made, asked: Facts
):
    changed = book.model_copy(update={"rules": made})
    decision = decide(changed, layers, asked)
    assert goes_somewhere(changed, decision)
    if decision.outcome is Outcome.ASK:
        for option in decision.options:
            answered = decide(changed, layers, replace(asked, road=option.value))
            assert answered.outcome is not Outcome.ASK, "an answered question is not asked again"
        assert decide(changed, layers, replace(asked, road="unknown")).outcome is not Outcome.ASK


@QUIET
@given(made=rules, asked=facts, chance=st.randoms(use_true_random=False))
def test_only_the_order_inside_a_class_counts(book: Rulebook, layers: Layers, made, asked: Facts, chance):
    by_class = [[rule for rule in made if CLASS[rule.outcome] == number] for number in range(3)]
    mixed: list[Rule] = []
    while any(by_class):
        mixed.append(chance.choice([rows for rows in by_class if rows]).pop(0))
    first = decide(book.model_copy(update={"rules": made}), layers, asked)
    assert decide(book.model_copy(update={"rules": tuple(mixed)}), layers, asked) == first


@QUIET
@given(made=rules, asked=facts)
def test_a_decision_is_a_function_of_its_inputs_alone(
    town: Path, book: Rulebook, layers: Layers, made, asked
):
    changed = book.model_copy(update={"rules": made})
    first = decide(changed, layers, asked)
    assert decide(changed, layers, replace(asked)) == first
    again, other_layers = load(town)
    assert decide(again.model_copy(update={"rules": made}), other_layers, asked) == first


@QUIET
@given(made=rules, asked=facts, hours=st.integers(1, 9))
def test_rules_that_do_not_ask_the_time_do_not_change_with_it(book, layers, made, asked: Facts, hours: int):
    silent = tuple(rule for rule in made if "time=Times" not in repr(rule.when))
    changed = book.model_copy(update={"rules": silent})
    noon = datetime(2026, 8, 3, 12, tzinfo=UTC)
    early, late = (replace(asked, now=noon + timedelta(hours=later)) for later in (0, hours))
    assert decide(changed, layers, early) == decide(changed, layers, late)


STRANGE = ["", "null", "[]", "{}", "any", "none", "7", '"yes"', "[town, county]", "clerk", "true"]


@QUIET
@given(data=st.data(), asked=facts)
def test_a_file_that_was_let_in_serves_every_resident(town: Path, data: st.DataObject, asked: Facts):
    """However a right file was changed: either it is refused, or every submission goes somewhere."""
    lines = town.read_text().splitlines()
    for _ in range(data.draw(st.integers(1, 3))):
        number = data.draw(st.integers(0, len(lines) - 1))
        how = data.draw(st.sampled_from(["drop", "value", "copy", "swap"]))
        if how == "drop":
            lines[number] = ""
        elif how == "value":
            lines[number] = lines[number].split(":", 1)[0] + ": " + data.draw(st.sampled_from(STRANGE))
        elif how == "copy":
            lines.insert(number, lines[number])
        else:
            other = data.draw(st.integers(0, len(lines) - 1))
            lines[number], lines[other] = lines[other], lines[number]
    path = town.with_name("changed.yaml")
    path.write_text("\n".join(lines) + "\n")
    reading = read(path)
    if reading.rulebook is None or reading.layers is None or asked.service not in reading.rulebook.services:
        return
    assert goes_somewhere(reading.rulebook, decide(reading.rulebook, reading.layers, asked))


def test_the_strategies_reach_every_outcome(book: Rulebook, layers: Layers):
    """A property that only ever sees one outcome proves little."""
    seen: set[Outcome] = set()

    @settings(max_examples=300, deadline=None, database=None)
    @given(made=rules, asked=facts)
    def look(made, asked: Facts):
        seen.add(decide(book.model_copy(update={"rules": made}), layers, asked).outcome)

    look()
    assert seen >= {Outcome.STOP, Outcome.CARD, Outcome.HANDOFF, Outcome.ACCEPT}

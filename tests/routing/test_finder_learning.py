"""Does the finder learn from what ended, without keeping what only one person said?"""

import json
import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.classroom import LearningFailed, learn_apart
from routing.finder import explain, find
from routing.learning import learn
from routing.model import Model, ModelUnreadable, Trust
from tests.once import demonstration

DEMO = demonstration()[0]
CODES = tuple(DEMO.services)
SAID = {
    "noise": (
        "the gizmo hums all night",
        "gizmo far too loud",
        "a humming gizmo next door",
        "gizmo on the roof",
    ),
    "water-leak": (
        "widget leaks into the road",
        "a leaking widget",
        "the widget drips",
        "water from the widget",
    ),
    "pothole": ("deep hole", "my tire broke in a hole", "holes like craters", "a hole at the bridge"),
}


def past(count: int, seed: int = 1) -> list[tuple[str, str]]:
    chance = random.Random(seed)
    examples = []
    for _ in range(count):
        code = chance.choice(list(SAID))
        examples.append((" ".join(chance.sample(SAID[code], 2)), code))
    return examples


TAUGHT = learn(DEMO, past(60))


def test_it_learns_words_that_the_rules_do_not_know():
    assert find(DEMO, "gizmo").services == ()
    found = find(DEMO, "gizmo", TAUGHT)
    assert found.services[0][0] == "noise"
    assert found.sure
    assert sum(score for _code, score in found.services) == pytest.approx(1, abs=0.01)


def test_the_words_of_the_rules_still_count_for_services_without_a_past():
    assert find(DEMO, "streetlight is out", TAUGHT).services[0][0] == "street-light"


def test_unknown_words_leave_it_open_with_a_model_too():
    assert find(DEMO, "qwertz", TAUGHT).services == ()
    assert not find(DEMO, "", TAUGHT).sure


def test_nothing_learned_is_the_same_as_no_model():
    assert find(DEMO, "pothole", learn(DEMO, [])) == find(DEMO, "pothole")


def test_a_few_examples_are_ranked_by_but_never_called_sure():
    model = learn(DEMO, past(6))
    assert find(DEMO, "gizmo", model).services[0][0] == "noise"
    assert not find(DEMO, "gizmo", model).sure


def test_answers_that_are_no_better_than_chance_are_never_sure():
    chance = random.Random(3)
    words = [f"word{letter}" for letter in "abcdefgh"]
    noise = [(" ".join(chance.choices(words, k=4)), chance.choice(CODES)) for _ in range(120)]
    model = learn(DEMO, noise)
    assert not any(find(DEMO, text, model).sure for text, _code in noise)


def test_the_reasons_name_what_was_learned():
    reasons = explain(DEMO, "There is a gizmo by the bridge", "noise", TAUGHT)
    assert reasons[0].word == "gizmo"


# -- what is kept --


def test_what_only_one_request_says_is_not_kept():
    secret = "Quentin Featherstonehaugh of the yellow cottage, 603-555-0199, q.f@example.org, plate XYZ987"
    kept = learn(DEMO, [*past(60), (f"the gizmo of {secret} hums", "noise")]).to_json().casefold()
    for word in ("quentin", "uent", "feathers", "cottag", "yellow", "603", "0199", "example.org", "xyz987"):
        assert word not in kept
    assert '"w:gizmo"' in kept


def test_numbers_and_addresses_are_not_kept_however_often_they_come():
    kept = learn(DEMO, [("call 603-555-0199 or q.f@example.org or www.own.example", "noise")] * 30).to_json()
    terms = json.loads(kept)["terms"]
    assert "w:call" in terms
    assert not [term for term in terms if any(part in term for part in ("603", "555", "exam", "q.f", "own"))]


def test_a_model_says_from_what_it_was_made():
    assert learn(DEMO, past(60)).version == TAUGHT.version
    assert learn(DEMO, past(61)).version != TAUGHT.version
    other = DEMO.model_copy(update={"version": "0" * 12})
    assert learn(other, past(60)).version != TAUGHT.version
    assert (TAUGHT.rules_version, TAUGHT.texts) == (DEMO.version, 60)


def test_a_service_that_is_offered_no_longer_is_forgotten_without_harm():
    fewer = DEMO.model_copy(
        update={"services": {code: one for code, one in DEMO.services.items() if code != "noise"}}
    )
    assert "noise" not in dict(find(fewer, "the gizmo leaks", TAUGHT).services)
    assert learn(fewer, past(60)).texts < 60


def test_a_model_is_read_back_as_it_was_written():
    again = Model.from_json(TAUGHT.to_json())
    assert again.to_json() == TAUGHT.to_json()
    assert find(DEMO, "gizmo", again) == find(DEMO, "gizmo", TAUGHT)


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"format": 99}', '{"format": 1, "terms": 3}'])
def test_what_is_not_a_model_is_refused_by_name(text: str):
    with pytest.raises(ModelUnreadable):
        Model.from_json(text)


# -- wild texts, time --


@given(
    st.lists(st.tuples(st.text(max_size=60), st.sampled_from((*CODES, "no-such"))), max_size=30), st.text()
)
@settings(deadline=None, max_examples=40)
def test_any_past_can_be_learned_from_and_any_text_asked(examples: list[tuple[str, str]], text: str):
    model = Model.from_json(learn(DEMO, examples).to_json())
    found = find(DEMO, text, model)
    scores = [score for _code, score in found.services]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1 for score in scores)


@pytest.mark.parametrize("text", ["gizmo " * 170_000, "g" * 1_000_000, "🕳️" * 250_000, "穴" * 330_000])
def test_a_megabyte_of_anything_is_answered_and_learned_at_once(text: str):
    began = time.process_time()
    find(DEMO, text, TAUGHT)
    learn(DEMO, [(text, "noise")] * 3)
    assert time.process_time() - began < 1


def long_past(count: int) -> list[tuple[str, str]]:
    chance = random.Random(7)
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["".join(chance.choices(letters, k=chance.randint(3, 10))) for _ in range(6000)]
    return [(" ".join(chance.choices(words, k=25)), chance.choice(CODES)) for _ in range(count)]


def test_five_thousand_texts_are_learned_in_five_seconds_and_one_is_found_in_three_milliseconds():
    began = time.process_time()
    model = learn(DEMO, long_past(5000))
    assert time.process_time() - began < 5
    asked = [text for text, _code in long_past(50)]
    find(DEMO, asked[0], model)
    times = []
    for text in asked:
        began = time.process_time()
        find(DEMO, text, model)
        times.append(time.process_time() - began)
    assert sorted(times)[len(times) // 2] < 0.003


# -- apart --


def test_learning_apart_gives_the_same_model():
    assert learn_apart(DEMO, past(60)).to_json() == TAUGHT.to_json()


def test_learning_apart_that_fails_says_how(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("routing.classroom.SECONDS", 0.001)
    with pytest.raises(LearningFailed, match="timed out"):
        learn_apart(DEMO, past(60))


def test_a_service_that_was_not_there_when_it_was_measured_is_never_sure():
    trust = Trust(sure_from=0.5, reliable={"pothole": 0.9})
    assert trust.confidence("pothole", 0.8) > trust.sure_from
    assert trust.confidence("new", 1.0) < trust.sure_from

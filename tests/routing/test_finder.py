"""Do a resident's own words find the service?"""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.finder import find
from routing.reader import load

DEMO = load(Path(__file__).parents[2] / "rules.yaml")[0]


@pytest.mark.parametrize(
    ("text", "service"),
    [
        ("There is a huge pothole on Elm Street", "pothole"),
        ("streetlight is out in front of my house", "street-light"),
        ("my trash was not picked up on Monday", "missed-pickup"),
        ("dead deer on the road", "animal"),
        ("a tree fell across the road", "tree"),
        ("neighbors blasting music all night", "noise"),
        ("the plow destroyed my mailbox", "snow-ice"),
        ("STOP SIGN KNOCKED DOWN", "sign"),
        ("swing broken at the playground", "park"),
        ("sidewalk is icy", "sidewalk"),
        ("smells like rotten eggs in my basement", "sewer"),
        ("somebody dumped a mattress by the river", "dumping"),
        ("hydrant is leaking", "water-leak"),
        ("potohles everywhere", "pothole"),
    ],
)
def test_plain_words_rank_the_right_service_first(text: str, service: str):
    assert find(DEMO, text).services[0][0] == service


@pytest.mark.parametrize("text", ["", "hello", "asdf qwer", "?", "123"])
def test_words_that_mean_nothing_leave_it_open(text: str):
    assert not find(DEMO, text).sure


def test_a_clear_text_is_sure_and_a_mixed_one_is_not():
    assert find(DEMO, "pothole").sure
    assert not find(DEMO, "water on the street near the tree and a dog").sure


@given(st.text(max_size=400))
@settings(deadline=None)
def test_any_text_gets_scores_between_nought_and_one(text: str):
    found = find(DEMO, text)
    scores = [score for _code, score in found.services]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1 for score in scores)
    assert {code for code, _score in found.services} <= set(DEMO.services)


def test_a_very_long_text_is_answered_at_once():
    assert find(DEMO, "pothole " * 100_000).services[0][0] == "pothole"

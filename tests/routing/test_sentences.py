"""Do everyday sentences lead to the right service in the demonstration town, and when is it sure?

Each line: what a resident types, the service that must be among the three that the form offers, and
whether the finder says that it is sure. Where it is sure, that service stands first.
"""

import pytest

from routing.finder import find
from tests.once import demonstration

DEMO = demonstration()[0]
SURE, NOT_SURE = True, False

SENTENCES = [
    ("deep pothole on Elm Street", "pothole", NOT_SURE),
    ("the road is full of holes and ruts after the winter", "pothole", SURE),
    ("my tire blew out on a hole in the pavement", "pothole", SURE),
    ("street light is out in front of my house", "street-light", NOT_SURE),
    ("the lamp on the corner keeps flickering", "street-light", NOT_SURE),
    ("it is pitch dark at the crosswalk, the light is broken", "street-light", SURE),
    ("missed trash", "missed-pickup", NOT_SURE),
    ("our recycling was not picked up this week", "missed-pickup", NOT_SURE),
    ("the garbage truck skipped our street", "missed-pickup", NOT_SURE),
    ("my bin is broken and has no lid", "missed-pickup", NOT_SURE),
    ("dead deer on the side of the road", "animal", SURE),
    ("loud dog next door barks all night", "animal", NOT_SURE),
    ("found a stray cat", "animal", NOT_SURE),
    ("raccoon acting strange in my yard", "animal", NOT_SURE),
    ("water in basement", "sewer", NOT_SURE),
    ("sewage is coming up in my cellar", "sewer", NOT_SURE),
    ("toilet backs up when it rains", "sewer", NOT_SURE),
    ("no water since this morning", "water-leak", NOT_SURE),
    ("brown water from the tap", "water-leak", SURE),
    ("hydrant is dripping", "water-leak", NOT_SURE),
    ("tree on wire", "tree", NOT_SURE),
    ("a big branch is hanging over the road", "tree", SURE),
    ("bushes block the view at the corner", "tree", SURE),
    ("bus stop shelter is broken", "other", SURE),
    ("when does the bus come", "other", NOT_SURE),
    ("snow on sidewalk", "sidewalk", NOT_SURE),
    ("our road was not plowed", "snow-ice", NOT_SURE),
    ("the plow knocked over my mailbox", "snow-ice", NOT_SURE),
    ("black ice on the hill", "snow-ice", NOT_SURE),
    ("stop sign is knocked down", "sign", SURE),
    ("crosswalk lines are worn away", "sign", SURE),
    ("storm drain is clogged with leaves", "drain", SURE),
    ("the road is flooded after the rain", "drain", NOT_SURE),
    ("broken swing at the playground", "park", SURE),
    ("grass in the park needs mowing", "park", SURE),
    ("somebody dumped an old couch in the woods", "dumping", SURE),
    ("needles on the ground by the river", "dumping", NOT_SURE),
    ("neighbor plays loud music every night", "noise", SURE),
    ("fireworks at two in the morning", "noise", NOT_SURE),
    ("empty house with broken windows and rats", "property", SURE),
    ("junk cars in the yard next door", "property", SURE),
    ("sidewalk slab sticks up, my mother tripped", "sidewalk", SURE),
    ("wheelchair cannot get over the curb", "sidewalk", NOT_SURE),
    ("I want to pay my tax bill", "other", SURE),
    ("how do I register to vote", "other", NOT_SURE),
    ("cars are speeding on our street", "other", NOT_SURE),
    ("abandoned car on the street", "other", SURE),
    ("graffiti on the bridge", "other", NOT_SURE),
    ("power is out", "other", NOT_SURE),
    ("parking meter does not work", "other", NOT_SURE),
    ("the street sweeper never comes", "other", NOT_SURE),
    ("school bus did not stop", "other", SURE),
    ("thank you for plowing so fast", "other", NOT_SURE),
]


@pytest.mark.parametrize(("text", "service", "is_sure"), SENTENCES, ids=[one[0] for one in SENTENCES])
def test_an_everyday_sentence_leads_to_its_service(text: str, service: str, is_sure: bool):
    found = find(DEMO, text)
    ranking = [code for code, _score in found.services]
    assert service in ranking[:3]
    assert found.sure is is_sure
    assert not is_sure or ranking[0] == service


def test_nearly_all_of_them_stand_first():
    first = [find(DEMO, text).services[0][0] == service for text, service, _is_sure in SENTENCES]
    assert first.count(False) <= 1


@pytest.mark.parametrize(
    ("text", "not_first"),
    [
        ("the bus stop is dirty", "sign"),
        ("no hole at all, the light over the pool is out", "pothole"),
        ("somebody stole the tree from our Christmas party", "noise"),
        ("dog waste bags are empty in the park", "animal"),
        ("a lamp fell out of a car and lies on the sidewalk", "street-light"),
        ("light snow covers the sidewalk", "street-light"),
        ("hydrant is buried in snow", "park"),
    ],
)
def test_a_word_of_a_service_that_means_something_else_here_does_not_win(text: str, not_first: str):
    assert find(DEMO, text).services[0][0] != not_first


def test_a_word_out_of_a_phrase_is_weak_without_its_companion():
    scores = {text: dict(find(DEMO, text).services)["sign"] for text in ("bus stop", "stop sign")}
    assert scores["bus stop"] < scores["stop sign"] / 2


def test_who_says_thank_you_at_the_end_praises_nobody():
    plain = find(DEMO, "the street light is out again")
    polite = find(DEMO, "the street light is out again. Thank you so much for your help! A Resident")
    assert polite == plain
    assert find(DEMO, "Thank you for the quick help").services[0][0] == "other"
    assert find(DEMO, "thanks").services[0][0] == "other"

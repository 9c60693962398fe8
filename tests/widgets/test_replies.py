"""Does the form offer what may already answer it, beside the services and never instead of them?"""

from __future__ import annotations

import pytest

from tests.conscience import StrictClient
from tests.widgets.resident import Resident

OFFER = "Maybe this already answers it"


def test_an_answer_of_the_town_stands_above_the_services(client: StrictClient):
    resident = Resident(client)
    assert resident.send(description="When is the dump open, and where do I bring trash?").step == "pick"
    assert OFFER in resident.page
    assert "Saturday from 8 am to 4 pm" in resident.page
    assert "Missed trash or recycling" in resident.page
    assert resident.picked("missed-pickup").step == "details"


def test_an_agency_is_offered_with_its_number(client: StrictClient):
    resident = Resident(client)
    resident.send(description="the power is out on Elm Lane")
    assert OFFER in resident.page
    assert "Valley Electric Cooperative" in resident.page
    assert 'href="tel:' in resident.page


def test_nothing_is_offered_where_nothing_fits(client: StrictClient):
    resident = Resident(client)
    resident.send(description="deep hole in the road by the school")
    assert OFFER not in resident.page


def test_the_whole_list_is_open_unless_the_finder_is_sure_and_one_click_away_then(client: StrictClient):
    resident = Resident(client)
    resident.send(description="the playground swing is broken and lies on the grass")
    assert "See the whole list" in resident.page.split("<summary>")[1]
    resident = Resident(client)
    resident.send(description="water on the street near the tree and a dog")
    assert "Is it one of these?" in resident.page
    assert "See the whole list" not in resident.page
    assert '<details class="group">' not in resident.page
    assert '<details class="group" open>' in resident.page


@pytest.mark.parametrize(
    "words", ["xyzzy", "the playground swing is broken and lies on the grass", "dog tree"]
)
def test_something_else_stands_before_the_whole_list(client: StrictClient, words: str):
    first = Resident(client)
    after = first.page.rpartition("</details>")[2]
    assert 'value="other"' in after
    page = first.send(description=words).page
    assert page.index('value="other"') < page.index('<details class="group"')


def test_something_else_is_not_offered_twice(client: StrictClient):
    page = Resident(client).send(description="I want to pay my tax bill").page
    assert page.split('<details class="group"')[0].count('value="other"') == 1

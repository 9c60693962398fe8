"""Is everybody told whose job it is, on a page that says why, how to go on and how to get back?"""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from casework.office import Office
from settings import ROOT, Settings
from tests.conftest import SECRET
from tests.conscience import StrictClient
from tests.widgets.resident import MILL_ROAD, OLD_TURNPIKE, ROUTE_88, TWO_ROADS, Resident
from widgets.tokens import LIFETIME, Seal

NOTICE = "The crew comes within two hours; please leave it where it is."
STONEBROOK = {"place": "Across the line", "lat": "43.64350", "lon": "-72.35970"}
BEYOND = {"place": "Far away", "lat": "43.9", "lon": "-72.33"}


@pytest.fixture
def settings(tmp_path: Path, empty_database: Path) -> Settings:
    """The demonstration town, with one notice in its rules."""
    data, rules = tmp_path / "data", tmp_path / "rules" / "rules.yaml"
    data.mkdir()
    shutil.copy(empty_database, data / "townline.sqlite3")
    shutil.copytree(ROOT / "layers", rules.parent / "layers")
    shutil.copytree(ROOT / "texts", rules.parent / "texts")
    text = (ROOT / "rules.yaml").read_text(encoding="utf-8")
    rule = "    when: {service: animal, answer: {situation: dead}}\n    accept: road-foreman\n"
    assert rule in text
    rules.write_text(text.replace(rule, f"{rule}    notice: {NOTICE}\n"), encoding="utf-8")
    return Settings(data=data, rules=rules, secret=SECRET, demo=True)


def whose(client: StrictClient, service: str, **place: str) -> Resident:
    return Resident(client).picked(service).send(**place)


# -- every such page --


@pytest.mark.parametrize(
    ("place", "phone"), [(ROUTE_88, "6035550141"), (MILL_ROAD, "6035550140"), (STONEBROOK, "6035550150")]
)
def test_a_card_says_who_why_and_how_to_reach_them(client: StrictClient, place: dict[str, str], phone: str):
    page = whose(client, "pothole", **place).page
    for needed in (f'href="tel:{phone}"', "<dt>Hours</dt>", "<dt>Website</dt>", 'class="lead"'):
        assert needed in page


@pytest.mark.parametrize("place", [ROUTE_88, MILL_ROAD, STONEBROOK, TWO_ROADS])
@pytest.mark.parametrize("way", ["where", "what"])
def test_no_such_page_is_a_dead_end(client: StrictClient, place: dict[str, str], way: str):
    resident = whose(client, "pothole", **place)
    assert resident.step == "whose"
    ways = [button.get("value") for button in resident.tree.iter("button") if button.get("name") == "to"]
    assert way in ways
    assert resident.send(to=way).step == way


def test_what_was_typed_is_kept_on_the_way_back(client: StrictClient):
    resident = Resident(client).send(description="deep hole in the pavement").picked("pothole")
    resident.send(**ROUTE_88).send(to="what")
    assert "deep hole in the pavement" in resident.page


def test_a_place_beyond_the_line_names_the_neighbor(client: StrictClient):
    resident = whose(client, "pothole", **STONEBROOK)
    assert "This place is outside our town. It belongs to:" in resident.page
    assert resident.heading == "Town of Stonebrook"


def test_a_place_that_no_map_knows_goes_to_the_clerk_and_says_so(client: StrictClient):
    resident = whose(client, "pothole", **BEYOND)
    assert resident.step == "details"
    assert "The town clerk will look and tell you who is responsible there." in resident.page


def test_who_is_not_sure_which_road_it_is_goes_on_and_hears_of_the_clerk(client: StrictClient):
    resident = whose(client, "pothole", **TWO_ROADS)
    assert "I am not sure" in resident.page
    assert "Then it goes to the town clerk, who finds out." in resident.page
    assert resident.send(road="unknown").step == "details"
    assert "town clerk" in resident.page


def test_an_answer_that_called_for_the_telephone_can_be_changed(client: StrictClient):
    resident = whose(client, "street-light", place="Church Street")
    resident.send(description="dark", q__wires="yes")
    assert resident.heading == "Please call now"
    assert resident.send(to="details").step == "details"


def test_nobody_reads_that_nothing_is_known_before_the_number_that_tells_is_asked(client: StrictClient):
    resident = whose(client, "street-light", place="behind the old barn")
    assert "The number on the pole" in resident.page
    assert "cannot tell who is responsible" not in resident.page
    resident.send(description="dark", q__wires="no").send()
    assert "cannot tell who is responsible" in resident.page


# -- notice --


def told_the_notice(client: StrictClient) -> Resident:
    resident = whose(client, "animal", place="Elm Street")
    return resident.send(description="A dead deer", q__situation="dead")


def test_a_notice_stands_apart_from_the_because(client: StrictClient, office: Office):
    resident = told_the_notice(client)
    assert resident.send(to="details").page.count(NOTICE) == 1
    assert f'<div class="notice"><p>{NOTICE}</p></div>' in resident.page
    receipt = client.get(resident.send().send().send().answer.location).get_data(as_text=True)
    assert receipt.count(NOTICE) == 1
    assert "removes dead animals from the roads" in receipt


# -- emergency words --


@pytest.mark.parametrize("step", ["pick", "where", "details", "contact", "check"])
def test_emergency_words_show_the_line_on_every_later_step_and_hold_nobody_up(
    client: StrictClient, step: str
):
    resident = Resident(client).send(description="smoke comes out of the pothole")
    steps = {
        "pick": lambda: resident,
        "where": lambda: resident.picked("pothole"),
        "details": lambda: resident.send(**OLD_TURNPIKE),
        "contact": lambda: resident.send(),
        "check": lambda: resident.send(),
    }
    for name, go in steps.items():
        go()
        if name == step:
            break
    assert resident.step == step
    assert "Danger? Call 911" in resident.page
    assert "autofocus" not in resident.page


# -- the receipt, after the page around it was loaded again --


def sent(client: StrictClient) -> tuple[str, str]:
    """Send a report from within a frame; return its number and the mark that the frame gives the page."""
    resident = Resident(client, "/report?embed=1&theme=light").at_check()
    location = resident.send().answer.location
    page = client.get(location).get_data(as_text=True)
    return location.split("/r/")[1].split("?")[0], page.split('data-again="')[1].split('"')[0]


def test_the_receipt_is_there_again_after_a_refresh_without_what_was_written(client: StrictClient):
    number, mark = sent(client)
    answer = client.get(f"/report?embed=1&theme=light&receipt={mark}")
    page = answer.get_data(as_text=True)
    assert number in page
    assert f'data-again="{mark}"' in page
    for private in ("A deep hole", "Old Turnpike", "resident@example.org", "?t="):
        assert private not in page
    assert "data-ref" not in page, "it was announced once"
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    assert 'href="/report?embed=1&amp;theme=light"' in page


def test_a_mark_that_is_forged_or_a_day_old_gives_the_form(client: StrictClient, office: Office):
    number, mark = sent(client)
    seal = Seal(office.secret)
    old = seal.name_receipt(number, now=datetime.now(UTC) - 2 * LIFETIME)
    for wrong in (mark[:-2] + "xx", old, "x", seal.name_receipt("99-9999", now=datetime.now(UTC))):
        assert 'data-step="what"' in client.get(f"/report?receipt={wrong}").get_data(as_text=True)


def test_a_mark_is_no_key(client: StrictClient):
    number, mark = sent(client)
    assert client.get(f"/r/{number}?t={mark}").status_code == 404

"""Does the design page show every part of every page, in every state, from the very templates and styles?"""

from __future__ import annotations

import re

import pytest

from console.design import STATES, as_classes
from settings import ROOT
from tests.conscience import StrictClient, read_strictly
from widgets import assets

SHEET = ROOT / "static" / "townline.css"
MACROS = ROOT / "templates" / "components.html"
PAGE = ROOT / "templates" / "demo" / "design.html"
SET_BY_THE_FRAME = {"sheet", "wide", "framed", "no-print"}
"""Classes of the page itself and of the way it is shown; the design page is such a page."""


@pytest.fixture
def shown(client: StrictClient) -> str:
    answer = client.get("/demo/design")
    assert answer.status_code == 200
    return answer.text


def test_every_macro_is_shown() -> None:
    macros = set(re.findall(r"{%-? macro ([a-z]\w*)", MACROS.read_text(encoding="utf-8")))
    called = set(re.findall(r"\bc\.(\w+)\(", PAGE.read_text(encoding="utf-8")))
    assert not macros - called, "a part of components.html is not on the design page"
    assert not called - macros


def test_every_class_of_the_stylesheet_is_shown(shown: str) -> None:
    sheet = re.sub(r"/\*.*?\*/|\{[^{}]*\}", " ", SHEET.read_text(encoding="utf-8"), flags=re.S)
    classes = set(re.findall(r"\.([a-z][a-z0-9-]*)", sheet)) - SET_BY_THE_FRAME
    used = {name for words in re.findall(r'class="([^"]*)"', shown) for name in words.split()}
    assert sorted(classes - used) == [], "a class of townline.css is not on the design page"


def test_every_colour_is_a_swatch_in_both_schemes(shown: str) -> None:
    tokens = set(re.findall(r"--([a-z-]+): #", SHEET.read_text(encoding="utf-8")))
    for name in {token for token in tokens if not token.startswith("night-")}:
        assert shown.count(f'class="c-{name}"') == 2, name


def test_every_rule_for_mouse_and_focus_can_be_seen_without_them(client: StrictClient) -> None:
    sheet = assets.asset(SHEET.parent, SHEET.name).body.decode()
    states = client.get("/demo/design/states.css")
    assert states.mimetype == "text/css"
    assert states.text == as_classes(sheet)
    assert ".button.is-hover{" in states.text
    assert not [state for state in STATES if state in states.text]
    plain = re.sub(r"@media[^{]*\{(?:[^{}]*\{[^{}]*\})*\}", "", sheet)
    assert states.text.count("is-hover") == plain.count(":hover")


@pytest.mark.parametrize("colour", ["8a3b32", "ffd400", "000000"])
def test_the_page_in_any_colour_has_no_pair_that_is_too_faint(client: StrictClient, colour: str) -> None:
    page = client.get("/demo/design", query_string={"accent": colour}).text
    assert f"/{colour}/townline.css" in page
    assert 'class="low"' not in page


def test_the_page_is_in_english_whatever_the_visitor_speaks(client: StrictClient) -> None:
    page = client.get("/demo/design?lang=es", headers={"Accept-Language": "es"}).text
    assert read_strictly(page).get("lang") == "en"

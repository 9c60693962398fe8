"""Can every operator use the pages: by a click on the map, by keyboard, on a phone, at night?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page

from casework import redirecting
from casework.office import Office
from operations.asking import height_of
from operations.window import HEIGHT, WIDTH, Window
from settings import ROOT
from tests.axe import look
from tests.browser import next_page
from tests.builders import opened

pytestmark = pytest.mark.browser

COUNTY_ROAD = (43.60902, -72.33341)
TOWN_ROAD = (43.59597, -72.33374)
VIEW = Window(*TOWN_ROAD, 6000)
SHOWN = {320: 288, 360: 328, 1280: 640}
"""Pixels across: the window, and the picture in it."""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": 1280, "height": 800}, bypass_csp=True, reduced_motion="reduce"
    )
    page = context.new_page()
    page.set_default_timeout(20_000)
    yield page
    assert context.cookies() == []
    context.close()


@pytest.fixture
def town(office: Office) -> Office:
    """Some requests, some of them gone astray."""
    now = datetime.now(UTC)
    for _ in range(4):
        _, case = opened(office, now, service="street-light", at=TOWN_ROAD)
        by = f"person:{case.request.assignee}"
        redirecting.redirect(office, case.request.id, agency="electric-cooperative", text="", by=by, now=now)
        opened(office, now, service="pothole", at=COUNTY_ROAD, may_share=True)
    return office


def test_every_page_passes_axe_and_fits(page: Page, site: str, town: Office, link: str):
    for name in (
        "/operations/",
        "/operations/?sent=1",
        "/operations/abcdefghijkmnpqrstuv/",
        link,
        link + "rules",
        link + "map",
        link + "map?service=tree&at=43.60902,-72.33341",
        link + "map?at=43.60966,-72.33110",
        link + "map?at=nowhere",
        link + "turns",
    ):
        page.goto(site + name)
        look(page, name)


def test_a_trial_and_its_mistakes_pass_axe_and_fit(page: Page, site: str, town: Office, link: str):
    rules = (ROOT / "rules.yaml").read_text()
    changed = rules[: rules.index("\nchecks:")].replace("handoff: county-highway", "card: county-highway")
    for text in (changed, rules.replace("clerk: town-clerk ", "clerk: town-clark "), " "):
        page.goto(f"{site}{link}rules")
        page.fill("#rules", text)
        with next_page(page):
            page.get_by_role("button", name="See what would change").click()
        look(page, text[-40:])


@pytest.mark.parametrize(("window", "width"), SHOWN.items())
def test_a_click_on_the_map_decides_for_that_very_spot(
    page: Page, site: str, town: Office, link: str, window: int, width: int
):
    page.set_viewport_size({"width": window, "height": 800})
    page.goto(f"{site}{link}map?service=pothole&view={VIEW.written()}")
    shown = page.locator("input.town-map:visible")
    assert shown.count() == 1
    assert shown.get_attribute("name") == f"map{width}"
    assert shown.evaluate("one => one.naturalWidth || one.width") > 0
    x, y = VIEW.unit(*COUNTY_ROAD)
    shown.click(position={"x": x * width / WIDTH, "y": y * height_of(width) / HEIGHT})
    page.wait_for_url("**#map")
    assert "Alder County Highway Department" in page.inner_text("#decided-title")
    lat, lon = map(float, page.input_value("#at").split(","))
    metres_of_a_pixel = 6000 / width
    assert abs(lat - COUNTY_ROAD[0]) * 111_320 <= 1.5 * metres_of_a_pixel
    assert abs(lon - COUNTY_ROAD[1]) * 80_700 <= 1.5 * metres_of_a_pixel
    # The same place as it was shown: the window did not move under the pin.
    assert page.input_value("input[name=view]") == VIEW.written()


def test_the_map_works_without_a_script_and_with_the_keyboard_alone(
    browser: Browser, site: str, town: Office, link: str
):
    context = browser.new_context(viewport={"width": 1280, "height": 800}, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}{link}map?service=pothole&view={Window(*COUNTY_ROAD, 3000).written()}")
    page.locator("input.town-map:visible").press("Enter")
    page.wait_for_url("**#map")
    assert "Alder County Highway Department" in page.inner_text("#decided-title")
    page.get_by_role("link", name="Closer").click()
    page.get_by_role("link", name="North").press("Enter")
    page.get_by_role("link", name="Whole town").click()
    assert "Alder County Highway Department" in page.inner_text("#decided-title")
    page.goto(f"{site}{link}map")
    page.locator("summary", has_text="Type the place").press("Enter")
    page.get_by_label("Point").fill("43.60395, -72.30251")
    page.get_by_label("Point").press("Enter")
    page.wait_for_url("**#map")
    assert "State Department of Transportation" in page.inner_text("#decided-title")
    context.close()


def test_the_picture_is_fetched_once_and_from_nobody_else(
    browser: Browser, site: str, town: Office, link: str
):
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    page.on("console", lambda one: said.append(one.text))
    page.goto(f"{site}{link}map")
    page.wait_for_load_state("networkidle")
    assert all(url.startswith((site, "data:")) for url in asked)
    assert len([url for url in asked if "map.svg" in url]) == 1
    assert said == []
    context.close()


def test_somebody_new_gets_from_the_door_to_the_overview_by_the_mailbox(page: Page, site: str, town: Office):
    page.goto(f"{site}/operations/")
    page.get_by_role("button", name="Mail me a link").click()
    assert "Look into your mailbox" in page.get_by_role("status").inner_text()

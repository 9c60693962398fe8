"""Can somebody with a keyboard alone, or with a finger, say where it is in the list and on the map?"""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.axe import faults
from tests.widgets.conftest import Served

pytestmark = pytest.mark.browser

HOUSE = (43.610055, -72.312861)


def value(page: Page, name: str) -> float:
    return float(page.input_value(f"#{name}") or 0)


def test_the_list_and_the_map_need_nothing_but_keys(browser: Browser, served: Served) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 800}, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(15_000)
    wrong: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda request: asked.append(f"{request.method} {request.url}"))
    page.goto(f"{served.town}/report/other?embed=1")

    # The list: typed letters open it, arrows walk in it, Escape closes it, Enter takes one.
    field, found = page.locator("#place"), page.locator("#place-found [role=option]")
    field.press_sequentially("4 elm s")
    expect(found.first).to_have_text("4 Elm Street")
    expect(page.locator("#place-count")).to_have_text("3 suggestions")
    expect(field).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(field).to_have_attribute("aria-activedescendant", "place-found-0")
    assert faults(page) == []
    page.keyboard.press("Escape")
    expect(found.first).to_be_hidden()
    page.keyboard.press("ArrowDown")
    expect(found.first).to_be_visible()
    page.keyboard.press("ArrowUp")
    expect(field).to_have_attribute("aria-activedescendant", "place-found-2")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#place-line")).to_have_text("Found on the town's map: 4 Elm Street.")
    assert (value(page, "lat"), value(page, "lon")) == HOUSE
    assert page.locator("body").get_attribute("data-step") == "where", "Enter took the place, not the step"

    # The map: opened by a key, the pin moved by arrows; Tab leads on.
    assert not any("map.js" in one for one in asked)
    page.focus("#show-map")
    page.keyboard.press("Enter")
    expect(page.locator("#map-line")).to_have_text("The position is by 4 Elm Street.")
    expect(page.locator("#map .pin")).to_be_visible()
    page.focus("#map-ground")
    page.keyboard.press("ArrowUp")
    small = value(page, "lat") - HOUSE[0]
    page.keyboard.press("Shift+ArrowUp")
    assert 0 < small < value(page, "lat") - HOUSE[0] - small
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    expect(field).not_to_have_value("4 Elm Street")
    expect(page.locator("#map-line")).to_contain_text("The position is")
    assert faults(page) == []
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.dataset.move") == "north"
    before = value(page, "lat")
    page.keyboard.press("Enter")
    assert value(page, "lat") > before
    sizes = page.locator(".map-tools button").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect()).map(box => Math.min(box.width, box.height))"
    )
    assert min(sizes) >= 44

    # Words of one's own stay, wherever the pin goes; other words after it leave the pin.
    field.fill("By the big oak")
    page.keyboard.press("Escape")
    page.locator("#map-ground").click(position={"x": 60, "y": 60})
    expect(page.locator("#map-line")).to_contain_text("The position is")
    assert field.input_value() == "By the big oak"
    at = page.input_value("#lat")
    page.click(".buttons .button")
    page.wait_for_selector("body[data-step=details]")
    assert page.input_value("input[name=lat]") == at
    hosts = {one.split("/")[2] for one in asked if "//" in one}
    assert hosts == {served.town.split("/")[2]}
    assert not any("elm" in one.lower() or "43.6" in one for one in asked), "no place in an address"
    assert wrong == []
    assert context.cookies() == []
    context.close()

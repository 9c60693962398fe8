"""Can every web clerk use the embed page: copy by a click, see the real form, also without a script?"""

from __future__ import annotations

import io
from urllib.parse import urlsplit

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser

from casework.office import Office
from operations.embed_choice import chosen
from operations.embed_poster import Sheet, html_of
from tests.axe import look
from tests.browser import next_page

pytestmark = pytest.mark.browser


def test_the_page_chooses_shows_copies_and_checks(browser: Browser, site: str, link: str) -> None:
    context = browser.new_context(
        viewport={"width": 1280, "height": 900},
        bypass_csp=True,
        reduced_motion="reduce",
        permissions=["clipboard-read", "clipboard-write"],
    )
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda one: said.append(one.text))
    page.goto(f"{site}{link}embed")
    page.get_by_label("What it shows").select_option("streets")
    page.get_by_label("How it opens").select_option("dialog")
    page.get_by_label("Color").fill("#ffaa00")
    page.get_by_role("button", name="Show", exact=True).click()
    page.wait_for_url("**#ways")
    # The preview is the very snippet, made into the form by the very script.
    preview = page.frame_locator("iframe.preview")
    preview.get_by_role("link", name="Report a problem on a street").click()
    form = preview.frame_locator("dialog iframe")
    assert form.get_by_role("heading", level=1).inner_text() == "Report a problem on a street"
    page.get_by_role("button", name="Copy Link and script").click()
    line = page.locator("#rung-script [role=status]")
    line.filter(has_text="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == page.input_value("#code-script")
    look(page, "the page with a choice and what was copied")
    hidden = page.locator("textarea.code").evaluate_all(
        "all => all.filter(o => o.scrollWidth > o.clientWidth).length"
    )
    assert hidden == 0, "what is copied can be read whole, also on a phone"
    page.get_by_label("Address of the page").fill("http://10.0.0.1/")
    with next_page(page):
        page.get_by_role("button", name="Check it").click()
    assert page.get_by_label("How it opens").input_value() == "dialog"
    look(page, "the page with a mistake")
    assert context.cookies() == []
    assert not [one for one in said if "10.0.0.1" not in one and "422" not in one]
    context.close()


def test_without_a_script_everything_can_be_chosen_seen_and_selected(
    browser: Browser, site: str, link: str
) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}{link}embed?show=streets")
    assert page.get_by_role("button", name="Copy").count() == 0
    assert 'data-report="inline"' in page.input_value("#code-script")
    shown = page.frame_locator("iframe.preview").get_by_role("link", name="Report a problem on a street")
    assert urlsplit(shown.get_attribute("href") or "").path == "/report/streets"
    context.close()


def test_a_telephone_reads_the_code_of_every_sheet(browser: Browser, app, office: Office) -> None:
    page = browser.new_page(viewport={"width": 820, "height": 1100})
    wanted = {"show": "street-light", "assets": "AF-101 AF-102"}
    for kind in ("poster", "card", "stickers"):
        given = wanted if kind == "stickers" else wanted | {"assets": "AF-101"}
        with app.test_request_context("/"):
            page.set_content(html_of(chosen(office, given), office, Sheet(kind, "letter")))
        read = zxingcpp.read_barcodes(Image.open(io.BytesIO(page.screenshot(full_page=True))))
        numbers = ["AF-101", "AF-102"] if kind == "stickers" else ["AF-101"]
        urls = {one.text for one in read}
        assert urls == {f"{office.base_url}/report/street-light?asset={one}" for one in numbers}, kind
    page.close()

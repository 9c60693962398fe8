"""Does the form work where it will stand: in another site's page, on a small phone, without scripts?"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from math import log2
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, FilePayload, Frame, Page, expect

from tests.axe import look as look_at
from tests.browser import next_page, soon
from tests.widgets.conftest import Served

pytestmark = pytest.mark.browser

LISTEN = """
window.heard = [];
for (const name of ['ready', 'step', 'submitted', 'error'])
  addEventListener('report:' + name, event => window.heard.push([name, event.detail]), true);
"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1100, "height": 900})
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.add_init_script(LISTEN)
    yield page
    assert context.cookies() == []
    context.close()


def host_page(page: Page, served: Served, body: str) -> None:
    """Open a page of another website with this body."""
    served.host = body
    page.goto(f"{served.website}/host")


def until(page: Page, truth: str) -> None:
    """Wait until the expression is true. By hand, because pages' own policies forbid ``eval``."""
    for _ in range(150):
        if page.evaluate(truth):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"never became true: {truth}")


def snippet(served: Served, path: str = "/report") -> str:
    return (
        f'<p><a href="{served.town}{path}" data-report="inline">Report a problem</a></p>'
        f'<script async src="{served.town}/static/embed.js"></script>'
    )


def photo() -> FilePayload:
    stream = BytesIO()
    Image.new("RGB", (1200, 900), "teal").save(stream, "JPEG")
    return {"name": "hole.jpg", "mimeType": "image/jpeg", "buffer": stream.getvalue()}


def rest(frame: Frame | Page) -> None:
    """Wait until the frame has the height of its page, as whoever looks at it before pressing does.

    Chromium throws away presses that reach another site's frame while it changes its size.
    """
    if isinstance(frame, Page) or frame.frame_element().get_attribute("data-townline") is None:
        return
    still = """() => new Promise(done => {
      let last = 0, times = 0;
      requestAnimationFrame(function look() {
        times = innerHeight === last ? times + 1 : 0;
        last = innerHeight;
        const is_high = innerHeight >= Math.floor(document.body.getBoundingClientRect().height);
        times > 6 && is_high ? done() : requestAnimationFrame(look);
      });
    })"""
    frame.evaluate(still)


def go_on(frame: Frame | Page) -> None:
    rest(frame)
    with next_page(frame):
        frame.click(".buttons .button")


def walk_to_the_check(frame: Frame | Page) -> None:
    frame.fill("#description", "A deep hole by the school")
    go_on(frame)
    frame.click("button[name=service][value=pothole] >> nth=0")
    frame.fill("#place", "Old Turnpike")
    go_on(frame)
    frame.set_input_files("#photos", photo())
    frame.check("#q-size")
    go_on(frame)
    frame.fill("#email", "resident@example.org")
    go_on(frame)
    frame.wait_for_selector("#send")


def heard(page: Page, name: str) -> list[Any]:
    return [detail for one, detail in page.evaluate("window.heard") if one == name]


def test_a_report_is_sent_from_within_another_site_without_a_cookie(page: Page, served: Served) -> None:
    page.goto(f"{served.website}/demo/public-works")
    element = page.wait_for_selector("iframe")
    assert element is not None
    frame = element.content_frame()
    assert frame is not None
    expect(page.locator("a[data-report]")).to_be_hidden()
    assert element.get_attribute("title") == "Report a problem on a street"
    assert element.get_attribute("allow") == "geolocation"
    frame.wait_for_selector("#description")
    walk_to_the_check(frame)
    high = frame.evaluate("document.body.getBoundingClientRect().height")
    until(page, f"document.querySelector('iframe').clientHeight >= {high}")
    frame.click("#send")
    until(page, "window.heard.some(one => one[0] === 'submitted')")
    assert heard(page, "submitted")[0]["ref"].startswith("2")
    assert [one["step"] for one in heard(page, "step")][:5] == ["what", "pick", "where", "details", "contact"]
    assert "embed=1" in frame.url
    storage = "() => { try { return localStorage.length } catch { return 'kept back' } }"
    assert frame.evaluate(storage) in (0, "kept back")


def test_the_receipt_survives_a_refresh_of_the_page_around_it(page: Page, served: Served) -> None:
    page.goto(f"{served.website}/demo/public-works")
    walk_to_the_check(framed(page))
    framed(page).click("#send")
    until(page, "window.heard.some(one => one[0] === 'submitted')")
    number = heard(page, "submitted")[0]["ref"]
    for _refresh in range(2):
        page.reload()
        assert framed(page).inner_text(".ticket strong") == number
        until(page, "window.heard.some(one => one[0] === 'step')")
        assert heard(page, "submitted") == [], "it is told once"
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    frame = framed(page)
    frame.click("main .button")
    frame.wait_for_selector("#description")
    until(page, "window.heard.some(one => one[0] === 'step' && one[1].step === 'what')")
    page.reload()
    framed(page).wait_for_selector("#description")


def framed(page: Page) -> Frame:
    element = page.wait_for_selector("iframe")
    frame = element.content_frame() if element else None
    assert frame is not None
    frame.wait_for_selector("h1")
    return frame


def test_without_scripts_the_link_leads_to_the_form_and_a_plain_frame_works(
    browser: Browser, served: Served
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{served.website}/demo/public-works")
    page.click("a[data-report]")
    walk_to_the_check(page)
    page.click("#send")
    page.wait_for_url("**/r/**")
    host_page(
        page,
        served,
        f'<iframe title="Report" src="{served.town}/report?embed=1"></iframe>',
    )
    frame = page.frames[1]
    walk_to_the_check(frame)
    frame.click("#send")
    frame.wait_for_url("**/r/**")
    assert context.cookies() == []
    context.close()


def test_back_works_inside_the_frame(page: Page, served: Served) -> None:
    host_page(page, served, snippet(served))
    page.wait_for_selector("iframe")
    frame = page.frames[1]
    frame.fill("#description", "A deep hole")
    go_on(frame)
    frame.click("button[name=service][value=pothole] >> nth=0")
    frame.fill("#place", "Old Turnpike")
    go_on(frame)
    frame.wait_for_selector("#q-size")
    frame.evaluate("void setTimeout(() => history.back())")
    page.frames[1].wait_for_selector("#place")
    go_on(page.frames[1])
    page.frames[1].wait_for_selector("#q-size")


def test_two_forms_stand_on_one_page_and_a_swapped_page_gets_its_own(page: Page, served: Served) -> None:
    host_page(
        page,
        served,
        snippet(served, "/report/streets") + snippet(served, "/report/pothole#inline"),
    )
    until(page, "document.querySelectorAll('iframe').length === 2")
    until(page, "window.heard.filter(one => one[0] === 'ready').length === 2")
    page.evaluate(
        "address => { document.body.innerHTML = `<a href='${address}#inline'>Report</a>` }",
        f"{served.town}/report/streets",
    )
    until(page, "document.querySelectorAll('iframe').length === 1")


def test_messages_from_anybody_else_are_ignored(page: Page, served: Served) -> None:
    host_page(page, served, snippet(served) + '<iframe title="Other" srcdoc="<p>x"></iframe>')
    until(page, "window.heard.some(one => one[0] === 'ready')")
    page.wait_for_timeout(300)
    before = page.evaluate("document.querySelector('iframe[allow]').style.height")
    page.evaluate("postMessage({townline: 'submitted', ref: '26-0001'}, '*')")
    other = next(frame for frame in page.frames if frame.url == "about:srcdoc")
    other.evaluate("parent.postMessage({townline: 'height', height: 9999}, '*')")
    ours = next(frame for frame in page.frames if frame.url.startswith(served.town))
    for height in (20001, -5, "'1px'", "null"):
        ours.evaluate(f"parent.postMessage({{townline: 'height', height: {height}}}, '*')")
    ours.evaluate("parent.postMessage({townline: 'step', step: '<b>'}, '*')")
    ours.evaluate("parent.postMessage('townline', '*')")
    page.wait_for_timeout(300)
    assert page.evaluate("document.querySelector('iframe[allow]').style.height") == before
    assert not heard(page, "submitted")
    assert [one["step"] for one in heard(page, "step")] == ["what"]


@pytest.mark.slow
def test_a_page_that_may_not_frame_us_gets_its_link_back(page: Page, served: Served) -> None:
    served.host = snippet(served)
    page.goto(f"{served.website.replace('localhost', 'elsewhere.localhost')}/host")
    page.wait_for_selector("iframe")
    until(page, "window.heard.some(one => one[0] === 'error')")
    expect(page.locator("a[data-report]")).to_be_visible()
    expect(page.locator("iframe")).to_have_count(0)
    assert heard(page, "error") == [{"reason": "no-answer"}]


def test_where_scripts_are_taken_out_a_working_link_is_left(page: Page, served: Served) -> None:
    host_page(page, served, snippet(served).split("<script")[0])
    page.click("a")
    page.wait_for_selector("#description")


def test_no_step_has_a_fault_that_axe_can_find(browser: Browser, served: Served) -> None:
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    seen: list[str] = []

    def look(step: str) -> None:
        page.wait_for_selector(f"body[data-step={step}]")
        look_at(page, step)
        seen.append(step)

    page.goto(f"{served.town}/report")
    look("what")
    go_on(page)
    look("what")
    page.fill("#description", "gas smell by the hole in the road")
    go_on(page)
    look("pick")
    page.click("button[value=pothole] >> nth=0")
    look("where")
    page.fill("#place", "Mill Road")
    for name, value in (("lat", "43.60966"), ("lon", "-72.33110")):
        page.evaluate("([name, value]) => { document.getElementById(name).value = value }", [name, value])
    go_on(page)
    look("whose")
    page.check("[value=county]")
    go_on(page)
    look("whose")
    go_on(page)
    page.set_input_files("#photos", photo())
    page.fill("#description", "")
    go_on(page)
    look("details")
    page.fill("#description", "hole")
    go_on(page)
    look("contact")
    page.fill("#email", "x@")
    go_on(page)
    look("contact")
    page.fill("#email", "resident@example.org")
    go_on(page)
    look("check")
    page.goto(f"{served.town}/report/street-light?address=x")
    go_on(page)
    page.fill("#description", "wire hangs down")
    page.check("#q-wires")
    go_on(page)
    look("whose")
    page.goto(f"{served.town}/nowhere")
    look("error")
    assert len(seen) == 12
    context.close()


def zoom_of(page: Page) -> int:
    """The step of the squares that are shown."""
    return max(
        int(one.split("/")[-3])
        for one in page.locator("#map img").evaluate_all("all => all.map(one => one.src)")
    )


def zoom_that_fills(page: Page) -> float:
    """The step at which the town is as wide as the frame of the map."""
    _south, west, _north, east = map(float, (page.get_attribute("#map-part", "data-town") or "").split(","))
    box = page.locator("#map-ground").bounding_box()
    assert box is not None
    return log2(box["width"] * 360 / (256 * (east - west)))


def test_a_position_is_taken_from_the_device_only_when_asked(browser: Browser, served: Served) -> None:
    context = browser.new_context(
        geolocation={"latitude": 43.59597, "longitude": -72.33374}, permissions=["geolocation"]
    )
    page = context.new_page()
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{served.town}/report/pothole")
    assert page.input_value("#lat") == ""
    page.click("#show-map")
    page.wait_for_selector("#map img.leaflet-tile-loaded")
    assert zoom_of(page) == pytest.approx(zoom_that_fills(page), abs=0.6), "the town fills the frame"
    page.emulate_media(color_scheme="dark")  # as at dusk, between two steps of the map
    page.wait_for_selector("#map img.leaflet-tile-loaded[src*='/dark/']")
    assert page.locator("#map img").evaluate_all("all => all.every(one => !one.complete || one.naturalWidth)")
    page.emulate_media(color_scheme="light")
    page.click("#locate")
    expect(page.locator("#place-line")).to_contain_text("Your position was added")
    soon(lambda: zoom_of(page) == 17, "the street is near")
    assert page.input_value("#lat") == "43.595970"
    go_on(page)
    page.wait_for_selector("#q-size")
    context.close()

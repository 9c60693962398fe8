"""Does the pasted snippet hold its ground on other people's websites? Real sites on ports of their own."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, FilePayload, Frame, Page, Route, expect

from tests.axe import LEVELS, faults
from tests.browser import CHROMIUM, QUIET, soon
from tests.journeys import people
from tests.journeys.conftest import Visitor, visitor
from tests.journeys.town import RunningTown, known_by
from tests.journeys.website import Website

pytestmark = pytest.mark.browser

LISTEN = """
window.heard = [];
for (const name of ['ready', 'step', 'submitted', 'error', 'closed'])
  addEventListener('report:' + name, event => heard.push([name, event.detail, event.target.id]), true);
"""
WCAG = [level for level in LEVELS if level.startswith("wcag")]
"""What lies around the dialog is a page of the test, which owes nobody a landmark."""
GUARD = """
window.written = [];
Storage.prototype.setItem = (...what) => { written.push(what) };
IDBFactory.prototype.open = (...what) => { written.push(what) };
Object.defineProperty(Document.prototype, 'cookie', { get: () => '', set: what => { written.push(what) } });
"""
"""Notes in every page and frame whatever would be kept in the browser."""
COMMENT = (
    "<aside>"
    '<a href="https://evil.example/report#dialog">A resident</a>'
    '<a href="https://evil.example/report" data-report="inline">A resident</a>'
    '<a href="https://evil.example/report/streets" data-report="button">A resident</a>'
    '<svg width="9" height="9"><a href="#dialog"><text y="9">A</text></a></svg>'
    '<a href="blob:https://evil.example/report#inline">A resident</a>'
    "</aside>"
)
"""What anybody may write under a page."""
WORDPRESS = """
window.heights = [];
const frame = document.querySelector('iframe');
addEventListener('message', event => {
  const said = event.data;
  if (event.source !== frame.contentWindow || !said.secret || said.secret !== frame.dataset.secret) return;
  if (said.message === 'height') frame.height = Math.max(200, Math.min(1000, parseInt(said.value, 10)));
  if (said.message === 'height') heights.push(said.value);
});
frame.addEventListener('load', () =>
  frame.contentWindow.postMessage({ message: 'ready', secret: frame.dataset.secret }, '*'));
"""
"""What WordPress's own wp-embed.js does on the page around a foreign address, in our own words."""


@pytest.fixture(scope="module")
def site() -> Iterator[Website]:
    site = Website()
    yield site
    site.close()


@pytest.fixture(scope="module")
def town(
    tmp_path_factory: pytest.TempPathFactory, empty_database: Path, site: Website
) -> Iterator[RunningTown]:
    """A town whose rules name one website; by its other name the same server is a stranger."""
    folder = tmp_path_factory.mktemp("town")
    town = known_by(f"http://localhost:{site.port}", folder, empty_database)
    town.start()
    yield town
    assert town.stop() == 0


def snippet(town: RunningTown, path: str = "/report/streets", name: str = "one") -> str:
    return (
        f'<p><a id="{name}" href="{town.url}{path}" data-report="inline">Report a problem</a></p>'
        f'<script async src="{town.url}/static/embed.js"></script>'
    )


def heard(page: Page, name: str) -> list[Any]:
    return [[detail, link] for one, detail, link in page.evaluate("heard") if one == name]


def until_ready(page: Page, count: int = 1) -> None:
    page.wait_for_function("count => heard.filter(one => one[0] === 'ready').length === count", arg=count)


def heights(page: Page) -> list[int]:
    found: list[int] = page.evaluate(
        "[...document.querySelectorAll('iframe[allow]')].map(one => one.clientHeight)"
    )
    return found


def test_forged_messages_move_nothing(browser: Browser, town: RunningTown, site: Website):
    guest = visitor(browser)
    page = guest.page
    page.add_init_script(LISTEN)
    site.show(
        "/forger", "<script>parent.postMessage({townline: 'height', height: 12345}, '*')</script>forger"
    )
    site.show(
        "/forged",
        snippet(town) + f'<iframe title="Other" src="http://127.0.0.1:{site.port}/forger"></iframe>',
    )
    page.goto(f"http://localhost:{site.port}/forged")
    until_ready(page)
    before = soon(lambda: settled(page), "the frame has its height")
    for message in (
        {"townline": "height", "height": 19_999},
        {"townline": "submitted", "ref": "26-0001"},
        {"townline": "step", "step": "check"},
    ):
        page.evaluate("message => postMessage(message, '*')", message)
        forger = next(frame for frame in page.frames if "/forger" in frame.url)
        forger.evaluate("message => parent.postMessage(message, '*')", message)
    ours = next(frame for frame in page.frames if frame.url.startswith(town.url))
    for height in ("1e9", "20001", "-1", "NaN", "'100px'", "{}", "null"):
        ours.evaluate(f"parent.postMessage({{townline: 'height', height: {height}}}, '*')")
    for message_text in ("'townline'", "null", "[1]", "{townline: 'step', step: '<img src=x>'}"):
        ours.evaluate(f"parent.postMessage({message_text}, '*')")
    page.wait_for_timeout(200)
    assert heights(page) == before
    assert heard(page, "submitted") == []
    assert [detail["step"] for detail, _ in heard(page, "step")] == ["what"]
    guest.leave()


def test_two_forms_on_one_page_grow_each_for_itself(browser: Browser, town: RunningTown, site: Website):
    guest = visitor(browser)
    page = guest.page
    page.add_init_script(LISTEN)
    site.show("/two", snippet(town) + "<hr>" + snippet(town, "/report/parks-and-trash", "two"))
    page.goto(f"http://localhost:{site.port}/two")
    until_ready(page, 2)
    first = soon(lambda: settled(page), "both frames have their heights")
    one, two = (frame for frame in page.frames if frame.url.startswith(town.url))
    assert "streets" in one.url
    assert "parks-and-trash" in two.url
    one.locator("summary").first.click()
    grown = soon(lambda: other(page, first), "the first frame grew")
    assert grown[0] > first[0]
    assert grown[1] == first[1]
    people.pick(two, "Parks and trees", "Fallen or dangerous tree")
    two.get_by_label("Address, corner or landmark").fill("By the library")
    people.go_on(two, "details")
    last = soon(lambda: other(page, grown, 1), "the second frame grew")
    assert last[0] == grown[0]
    assert last[1] > grown[1]
    assert {link for detail, link in heard(page, "step") if detail["step"] == "details"} == {"two"}
    guest.leave()


def settled(page: Page) -> list[int] | None:
    """The frames' heights, once each is as high as what is in it."""
    inside = [
        frame.evaluate("Math.ceil(document.body.getBoundingClientRect().height)")
        for frame in page.frames
        if "/report" in frame.url
    ]
    outside = heights(page)
    return outside if outside == inside else None


def other(page: Page, before: list[int], which: int = 0) -> list[int] | None:
    now = settled(page)
    return now if now is not None and now[which] != before[which] else None


def test_a_dialog_a_floating_button_and_a_form_stand_on_one_page(
    browser: Browser, town: RunningTown, site: Website
):
    guest = visitor(browser, width=1280, height=800, reduced_motion="reduce")
    page = guest.page
    page.add_init_script(LISTEN + GUARD)
    body = (
        "<script>window.onmessage = window.own = () => {}</script><h1>Works</h1>" + COMMENT + "<main>"
        f'<p><a id="in" href="{town.url}/report/parks-and-trash#inline">Parks</a></p>'
        f'<p><a id="ask" href="{town.url}/report/streets?close=Enough" data-report="dialog">Streets</a></p>'
        f'<p><a id="float" href="{town.url}/report?title=Tell+us#button">Report</a></p>'
        '<p><a href="#dialog" id="other">Their own</a></p></main>'
        + f'<script src="{town.url}/static/embed.js"></script>'
        * 2
    )
    site.show("/three", body)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"http://localhost:{site.port}/three")
    until_ready(page)
    assert page.evaluate("window.onmessage === window.own")
    # What somebody wrote into a comment stays a link to wherever it leads, and nothing is asked for there.
    soon(lambda: any(one.startswith(f"{town.url}/static/dialog.js") for one in asked), "the dialog's script")
    assert {urlsplit(one).netloc for one in asked} == {f"localhost:{site.port}", urlsplit(town.url).netloc}
    expect(page.locator("aside a[aria-haspopup]")).to_have_count(0)
    expect(page.locator("aside > a:visible")).to_have_count(4)

    # The dialog: opened, left half filled by Escape from within, and found as it was.
    link, sheet = page.locator("#ask"), page.get_by_role("dialog", name="Streets")
    expect(link).to_have_attribute("aria-haspopup", "dialog")
    link.click()
    frame = inside(page, "/report/streets")
    expect(sheet).to_be_visible()
    assert len(page.frames) == 3
    frame.fill("#description", "A deep hole by the school")
    frame.press("#description", "Escape")
    expect(sheet).to_be_hidden()
    page.wait_for_function("heard.at(-1)[0] === 'closed'")
    assert heard(page, "closed") == [[{}, "ask"]]
    assert page.evaluate("document.activeElement.id") == "ask"
    # The site swaps the page around: another link to the same form, at another address.
    page.evaluate(
        "document.querySelector('main').outerHTML = document.querySelector('main').outerHTML;"
        "history.pushState({}, '', '/elsewhere')"
    )
    link.press("Enter")
    assert frame.input_value("#description") == "A deep hole by the school"
    frame.wait_for_function("document.forms[0].action.includes('elsewhere')")
    assert "elsewhere" in (frame.locator("button[lang=es]").get_attribute("formaction") or "")
    people.go_on(frame, "pick")
    assert frame.evaluate("document.activeElement.tagName") == "H1"
    assert "from=http%3A%2F%2Flocalhost%3A" + str(site.port) + "%2Felsewhere" in frame.url
    finish(frame)
    assert [detail["ref"] for detail, _link in heard(page, "submitted")] == [ticket(frame)]
    sheet.get_by_role("button", name="Enough").click()
    page.wait_for_function("document.documentElement.style.overflow === ''")
    link.click()
    assert inside(page, "/report/streets").input_value("#description") == "", "what was sent is over"
    page.keyboard.press("Escape")

    # The floating button: high enough for a thumb, in its corner, and the link is found by its words.
    button = page.get_by_role("link", name="Tell us")
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    assert box["x"] + box["width"] > 1200
    assert box["y"] + box["height"] > 750
    expect(page.locator("#float")).to_be_hidden()
    button.click()
    everything = page.get_by_role("dialog", name="Tell us")
    expect(everything.get_by_role("button", name="Close")).to_be_visible()
    assert faults(page, WCAG) == []
    everything.get_by_role("button", name="Close").click()

    # Everything of ours goes when its links go, and their own dialog was never ours.
    page.click("#other")
    assert page.evaluate("location.hash") == "#dialog"
    page.evaluate("document.querySelector('main').remove()")
    page.wait_for_function("window.frames.length === 0")
    expect(button).to_have_count(0)
    assert [one.evaluate("window.written") for one in page.frames] == [[]]
    forget(guest, "422")
    guest.leave()


def forget(guest: Visitor, *words: str) -> None:
    """Browsers complain of answers that are meant: a step with something to put right is a 422."""
    complaints = guest.seen.complaints
    complaints[:] = [one for one in complaints if not any(word in one for word in words)]


def inside(page: Page, path: str) -> Frame:
    """Return the frame with this form, once its first step is there."""
    element = page.wait_for_selector(f"iframe[src*='{path}']")
    frame = element.content_frame() if element else None
    assert frame is not None
    people.at(frame, "what")
    return frame


def finish(frame: Frame) -> None:
    """From the services that were found to the receipt, with a photo and a mistake on the way."""
    frame.get_by_role("button", name="Pothole").first.click()
    people.at(frame, "where")
    people.go_on(frame, "where")
    frame.wait_for_selector("#errors:focus")
    frame.fill("#place", "31 Old Turnpike")
    people.go_on(frame, "details")
    frame.set_input_files("#photos", [cast(FilePayload, people.photo_of_a_hole())])
    frame.check("#q-size")
    people.told_of_the_photos_place(frame)
    people.go_on(frame, "contact")
    people.go_on(frame, "check")
    expect(frame.locator(".photos img")).to_have_count(1)
    assert frame.evaluate("document.querySelector('.photos img').decode().then(() => true)")
    assert frame.evaluate("window.written") == []
    people.send(frame)


def ticket(frame: Frame) -> str:
    return frame.locator(".ticket strong").inner_text().strip()


def test_a_site_that_swaps_its_pages_keeps_neither_frames_nor_hidden_links(
    browser: Browser, town: RunningTown, site: Website
):
    guest = visitor(browser)
    page = guest.page
    page.add_init_script(LISTEN)
    site.show("/spa", f'<div id="root"><div id="a">{snippet(town)}</div><div id="b"></div></div>')
    page.goto(f"http://localhost:{site.port}/spa")
    until_ready(page)
    frames, link = page.locator("iframe"), page.locator("#one")
    # Moved: the form goes along. A frame that the site wraps in a box of its own stays.
    page.evaluate("document.querySelector('#b').append(document.querySelector('#one'))")
    until_ready(page, 2)
    expect(page.locator("#b iframe")).to_have_count(1)
    expect(frames).to_have_count(1)
    page.evaluate(
        "const box = document.createElement('div'), frame = document.querySelector('iframe');"
        "frame.before(box); box.append(frame)"
    )
    page.wait_for_function("heard.filter(one => one[0] === 'step').length === 3")
    expect(page.locator("#b div iframe")).to_have_count(1)
    # Led elsewhere; then copied with everything in it, as sites do that keep pages for Back.
    page.evaluate("document.querySelector('#one').href = document.querySelector('#one').href + '#x'")
    until_ready(page, 3)
    page.evaluate("document.querySelector('#root').outerHTML = document.querySelector('#root').outerHTML")
    until_ready(page, 4)
    expect(frames).to_have_count(1)
    expect(link).to_be_hidden()
    # The frame alone is taken away: the form comes again. Then another link, then none.
    page.evaluate("document.querySelector('iframe').remove()")
    until_ready(page, 5)
    page.evaluate("document.querySelector('#one').removeAttribute('href')")
    expect(link).to_be_visible()
    expect(frames).to_have_count(0)
    guest.leave()


def test_in_wordpresss_sandbox_a_bare_address_is_a_whole_form(
    browser: Browser, town: RunningTown, site: Website
):
    guest = visitor(browser)
    page = guest.page
    page.add_init_script(GUARD)
    site.show(
        "/wordpress",
        '<iframe class="wp-embedded-content" sandbox="allow-scripts" security="restricted" title="Report" '
        'data-secret="aB3dE6" width="600" height="338" '
        f'src="{town.url}/report/streets?embed=1#?secret=aB3dE6">'
        f"</iframe><script>{WORDPRESS}</script>",
    )
    page.goto(f"http://localhost:{site.port}/wordpress")
    frame = inside(page, "/report/streets")
    assert frame.evaluate("self.origin") == "null"
    page.wait_for_function("heights.length")
    frame.fill("#description", "A deep hole by the school")
    # Another language is a button with an address of its own, and takes along what was typed.
    frame.get_by_role("button", name="Español").click()
    frame.wait_for_selector("html[lang=es]")
    people.at(frame, "what")
    assert frame.input_value("#description") == "A deep hole by the school"
    frame.get_by_role("button", name="English").click()
    frame.wait_for_selector("html[lang=en]")
    people.at(frame, "what")
    people.go_on(frame, "pick")
    assert frame.evaluate("document.activeElement.tagName") == "H1"
    # Back and forth through the steps, as they were left.
    page.evaluate("history.back()")
    people.at(frame, "what")
    assert frame.input_value("#description") == "A deep hole by the school"
    page.evaluate("history.forward()")
    people.at(frame, "pick")
    # Without a network nothing is lost, and it is said.
    guest.context.set_offline(True)
    frame.get_by_role("button", name="Pothole").first.click()
    expect(frame.get_by_role("alert")).to_contain_text("Nothing is lost")
    guest.context.set_offline(False)
    finish(frame)
    assert re.fullmatch(r"\d\d-\d{4,}", ticket(frame))
    height = frame.evaluate("Math.ceil(document.body.getBoundingClientRect().height)")
    page.wait_for_function("height => heights.at(-1) === height", arg=height)
    number = ticket(frame)
    page.evaluate("history.back()")
    people.at(frame, "check")
    assert people.send(frame) == number, "sent twice, kept once"
    forget(guest, "INTERNET_DISCONNECTED", "422")
    guest.leave()


def test_with_every_cookie_blocked_the_form_works_all_the_same(
    browser: Browser, tmp_path: Path, town: RunningTown, site: Website
):
    settings = tmp_path / "Default" / "Preferences"
    settings.parent.mkdir()
    blocked = {"default_content_setting_values": {"cookies": 2}, "cookie_controls_mode": 1}
    settings.write_text(json.dumps({"profile": blocked}))
    site.show("/blocked", snippet(town))
    context = browser.browser_type.launch_persistent_context(
        str(tmp_path), executable_path=CHROMIUM, args=QUIET
    )
    page = context.new_page()
    page.add_init_script(LISTEN)
    page.goto(f"http://localhost:{site.port}/blocked")
    assert page.evaluate("document.cookie = 'a=b', document.cookie") == "", "cookies are blocked"
    frame = inside(page, "/report/streets")
    assert frame.evaluate("(() => { try { return localStorage.length } catch { return 'refused' } })()") == (
        "refused"
    )
    frame.fill("#description", "A deep hole by the school")
    people.go_on(frame, "pick")
    frame.evaluate("window.written = []")
    frame.get_by_role("button", name="Pothole").first.click()
    people.at(frame, "where")
    frame.fill("#place", "31 Old Turnpike")
    people.go_on(frame, "details")
    frame.check("#q-size")
    people.go_on(frame, "contact")
    people.go_on(frame, "check")
    number = people.send(frame)
    assert [detail["ref"] for detail, _link in heard(page, "submitted")] == [number]
    assert context.cookies() == []
    context.close()


def test_behind_the_error_page_of_a_proxy_the_link_is_there_again(
    browser: Browser, town: RunningTown, site: Website
):
    guest = visitor(browser)
    page = guest.page
    page.add_init_script(LISTEN)
    page.clock.install()
    dialog = f'<p><a id="two" href="{town.url}/report/parks-and-trash" data-report="dialog">Parks</a></p>'
    site.show("/proxy", snippet(town) + dialog)
    page.goto(f"http://localhost:{site.port}/proxy")
    form = inside(page, "/report/streets")
    form.fill("#description", "A deep hole by the school")
    people.go_on(form, "pick")
    page.press("#two", "Enter")
    above = inside(page, "/report/parks-and-trash")
    page.clock.fast_forward(9_000)
    assert len(page.frames) == 3, "who takes a while to type is not given up"

    def refuse(route: Route) -> None:
        if route.request.method == "POST":
            route.fulfill(status=503, content_type="text/html", body="<h1>503 Service Unavailable</h1>")
        else:
            route.continue_()

    guest.context.route(f"{town.url}/report/**", refuse)
    above.fill("#description", "A branch on the path")
    above.locator(".buttons .button").first.click()
    above.wait_for_selector("text=503")
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    page.press("#two", "Enter")
    again = page.get_by_role("dialog").locator("iframe").element_handle().content_frame()
    assert again is not None
    assert again is not above, "opened again, it begins anew"
    people.at(again, "what")
    form.get_by_role("button", name="Pothole").first.evaluate("button => button.click()")
    form.wait_for_selector("text=503")
    page.wait_for_timeout(200)
    page.clock.fast_forward(9_000)
    page.wait_for_function("heard.some(one => one[0] === 'error')")
    assert heard(page, "error") == [[{"reason": "no-answer"}, "one"]]
    expect(page.locator("#one")).to_be_visible()
    assert len(page.frames) == 2, "the other form stays"
    forget(guest, "503")
    guest.leave()


@pytest.mark.slow
def test_a_site_that_may_not_show_the_form_gets_its_link_back(
    browser: Browser, town: RunningTown, site: Website
):
    guest = visitor(browser)
    page = guest.page
    page.add_init_script(LISTEN)
    dialog = f'<p><a id="two" href="{town.url}/report" data-report="dialog">Above the page</a></p>'
    site.show("/stranger", snippet(town) + dialog)
    page.goto(f"http://127.0.0.1:{site.port}/stranger")
    page.wait_for_selector("a[aria-haspopup]")
    began = time.monotonic()
    page.click("#two")
    page.wait_for_function("heard.filter(one => one[0] === 'error').length === 2", timeout=9_000)
    assert time.monotonic() - began < 9
    assert sorted(link for _detail, link in heard(page, "error")) == ["one", "two"]
    assert [detail for detail, _link in heard(page, "error")] == [{"reason": "no-answer"}] * 2
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("iframe")).to_have_count(0)
    expect(page.get_by_role("link", name="Report a problem")).to_be_visible()
    page.get_by_role("link", name="Report a problem").click()
    people.at(page, "what")
    page.go_back()
    page.wait_for_selector("#two")
    page.evaluate("document.querySelector('#one').remove()")
    refusals = [said for said in guest.seen.complaints if "frame-ancestors" in said]
    assert refusals == guest.seen.complaints != []
    guest.seen.complaints.clear()
    guest.leave()

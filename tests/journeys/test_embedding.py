"""Does the pasted snippet hold its ground on other people's websites? Real sites on ports of their own."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from settings import ROOT
from tests.browser import soon
from tests.journeys import people
from tests.journeys.conftest import visitor
from tests.journeys.town import RunningTown
from tests.journeys.website import Website

pytestmark = pytest.mark.browser

LISTEN = """
window.heard = [];
for (const name of ['ready', 'step', 'submitted', 'error', 'closed'])
  addEventListener('report:' + name, event => heard.push([name, event.detail, event.target.id]), true);
"""


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
    (folder / "data").mkdir()
    shutil.copy(empty_database, folder / "data" / "townline.sqlite3")
    shutil.copytree(ROOT / "layers", folder / "layers")
    words = (ROOT / "rules.yaml").read_text()
    known = 'websites: ["https://www.alderfalls.example"]'
    assert known in words
    (folder / "rules.yaml").write_text(words.replace(known, f'websites: ["http://localhost:{site.port}"]'))
    town = RunningTown(folder / "data", {"TOWNLINE_RULES": str(folder / "rules.yaml")})
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


@pytest.mark.slow
def test_a_site_that_may_not_show_the_form_gets_its_link_back(
    browser: Browser, town: RunningTown, site: Website
):
    guest = visitor(browser)
    page = guest.page
    page.add_init_script(LISTEN)
    site.show("/stranger", snippet(town))
    page.goto(f"http://127.0.0.1:{site.port}/stranger")
    page.wait_for_selector("iframe")
    began = time.monotonic()
    page.wait_for_function("heard.some(one => one[0] === 'error')", timeout=9_000)
    assert time.monotonic() - began < 9
    assert heard(page, "error") == [[{"reason": "no-answer"}, "one"]]
    expect(page.locator("iframe")).to_have_count(0)
    expect(page.get_by_role("link", name="Report a problem")).to_be_visible()
    page.get_by_role("link", name="Report a problem").click()
    people.at(page, "what")
    refusals = [said for said in guest.seen.complaints if "frame-ancestors" in said]
    assert refusals == guest.seen.complaints != []
    guest.seen.complaints.clear()
    guest.leave()

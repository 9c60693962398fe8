"""Does a real WordPress carry the form, whoever pastes it? What it strips leaves a way in all the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Frame, Page, expect

from tests.browser import next_page, soon
from tests.journeys.conftest import visitor
from tests.journeys.test_other_browsers import NEXT
from tests.journeys.town import known_by
from tests.wordpress import Post, WordPress, why_not

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def site(
    tmp_path_factory: pytest.TempPathFactory, empty_database: Path
) -> Iterator[tuple[WordPress, dict[str, Post]]]:
    """A site, its posts written by an administrator and by an author, and the town they write of."""
    if why_not():
        pytest.skip(why_not())
    folder = tmp_path_factory.mktemp("wordpress")
    site = WordPress(folder)
    town = known_by(site.address, folder, empty_database)
    town.start()
    try:
        yield site, {f"{post.kind} by {post.role}": post for post in site.start(town.url)}
    finally:
        site.stop()
        town.stop()


@pytest.fixture
def posts(site: tuple[WordPress, dict[str, Post]]) -> dict[str, Post]:
    return site[1]


def report(frame: Frame) -> str:
    """Walk through the form in a frame; return the number on the receipt."""
    frame.get_by_label("Address, corner or landmark").fill("By the library")
    for _step in range(8):
        if frame.locator(".ticket strong").count():
            return frame.locator(".ticket strong").inner_text()
        step = frame.locator("body").get_attribute("data-step")
        if step == "details":
            frame.locator("#description").fill("A deep hole near the crossing")
        with next_page(frame):
            frame.locator("#send" if step == "check" else NEXT).first.click()
    raise AssertionError("the form has no end")


def ours(frames: list[Frame]) -> Frame | None:
    return next((frame for frame in frames if "/report" in frame.url and frame.parent_frame), None)


def test_what_an_administrator_pastes_is_the_form(browser: Browser, posts: dict[str, Post]):
    post = posts["snippet by administrator"]
    assert "<script" in post.stored
    guest = visitor(browser)
    guest.page.goto(post.address)
    frame = soon(lambda: ours(guest.page.frames), "the form stands in the page")
    assert report(frame)
    guest.context.close()


def test_of_what_an_author_pastes_a_working_link_is_left(browser: Browser, posts: dict[str, Post]):
    post = posts["snippet by author"]
    assert "<script" not in post.stored
    assert 'data-report="inline"' in post.stored
    guest = visitor(browser)
    guest.page.goto(post.address)
    guest.page.get_by_role("link", name="Report a problem").click()
    assert report(guest.page.main_frame)
    guest.context.close()


def test_a_bare_address_of_an_author_sends_through_the_sandbox(browser: Browser, posts: dict[str, Post]):
    guest = visitor(browser)
    guest.page.goto(posts["bare by author"].address)
    frame = soon(lambda: ours(guest.page.frames), "WordPress shows the form of a bare address")
    element = frame.frame_element()
    assert element.get_attribute("sandbox") == "allow-scripts"
    assert report(frame)
    box = element.bounding_box()
    assert box
    assert box["height"] > 300
    guest.context.close()


def test_the_plugin_lets_an_author_write_a_shortcode(browser: Browser, posts: dict[str, Post]):
    guest = visitor(browser)
    guest.page.goto(posts["shortcode by author"].address)
    frame = soon(lambda: ours(guest.page.frames), "the plugin puts the form into the page")
    assert frame.locator("#place").count()
    guest.context.close()


def test_an_author_writes_with_the_block_and_a_reader_reports(
    browser: Browser, site: tuple[WordPress, dict[str, Post]]
):
    author = visitor(browser, width=1280, height=900)
    address = written_with_the_block(author.page, site[0])
    author.context.close()
    guest = visitor(browser)
    guest.page.goto(address)
    link = guest.page.get_by_role("link", name="Tell us of a pothole")
    expect(link).to_have_attribute("aria-haspopup", "dialog")
    link.click()
    element = guest.page.wait_for_selector("dialog iframe")
    frame = element.content_frame() if element is not None else None
    assert frame is not None
    assert report(frame)
    guest.context.close()


def written_with_the_block(page: Page, site: WordPress) -> str:
    """Log in as the author, put the block into a post by its editor, publish; return the post's address."""
    page.goto(f"{site.address}/wp-login.php")
    page.fill("#user_login", "author")
    page.fill("#user_pass", site.password)
    page.click("#wp-submit")
    page.goto(f"{site.address}/wp-admin/post-new.php")
    page.get_by_role("textbox", name="Add title").fill("Potholes")
    page.keyboard.press("Enter")
    page.keyboard.type("/request form")
    page.get_by_role("option", name="Request form").click()
    block = page.locator('[data-type="townline/form"]')
    expect(block).to_contain_text("Report a problem")
    page.get_by_label("Which form").fill("pothole")
    page.get_by_label("Words of the link").fill("Tell us of a pothole")
    page.get_by_label("Shown as").select_option("dialog")
    expect(block).to_contain_text("Tell us of a pothole")
    expect(block).to_contain_text("above the page")
    page.get_by_role("button", name="Publish", exact=True).click()
    page.get_by_label("Editor publish").get_by_role("button", name="Publish", exact=True).click()
    view = page.get_by_label("Editor publish").get_by_role("link", name="View Post")
    expect(view).to_be_visible()
    return view.get_attribute("href") or ""

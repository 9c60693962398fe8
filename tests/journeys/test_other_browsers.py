"""Does the pasted snippet work in browsers of other make, with their own ideas about cookies and frames?

Debian's Firefox and WebKitGTK, the form on another site than the page. What a browser of another kind may do
differently is tried here; every detail of the form is tried in Chromium.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser import soon
from tests.journeys.test_embedding import LISTEN, site, town  # noqa: F401
from tests.journeys.town import RunningTown
from tests.journeys.website import Website
from tests.other_browsers import FIREFOX, WEBKIT, Firefox, Looking, WebKit

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NEXT = "main form .buttons .button:not(.plain, .back)"
NO_THIRD_PARTY, NO_COOKIES_AT_ALL = 1, 2
MISSING = "is not here, so nothing was tried in it: script/setup --tests installs it."


def firefox(folder: Path, cookies: int = NO_THIRD_PARTY) -> Firefox:
    if not FIREFOX:
        pytest.skip(f"Firefox {MISSING}")
    return Firefox(folder, network__cookie__cookieBehavior=cookies)


def webkit(folder: Path) -> WebKit:
    if not (WEBKIT and shutil.which("xvfb-run")):
        pytest.skip(f"WebKitGTK (or the screen it wants) {MISSING}")
    return WebKit(folder)


MAKES: dict[str, Callable[[Path], Any]] = {
    "firefox": firefox,
    "firefox-without-any-cookie": lambda folder: firefox(folder, NO_COOKIES_AT_ALL),
    "webkit": webkit,
}


# Without any cookie only the whole way through the form is gone: the rest would be the same again.
@pytest.fixture(params=["firefox", "webkit"])
def window(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Looking]:
    browser = MAKES[request.param](tmp_path)
    yield Looking(browser)
    browser.close()


def page(served: RunningTown, *links: str) -> str:
    """A page of the town's website: the listener first, then the links, then the script."""
    return (
        f"<script>{LISTEN}</script><h1>Streets</h1>"
        + "".join(links)
        + f'<script async src="{served.url}/static/embed.js"></script>'
    )


def link(served: RunningTown, name: str, kind: str, path: str = "/report/pothole") -> str:
    return f'<p><a id="{name}" href="{served.url}{path}" data-report="{kind}">Report a problem</a></p>'


def heard(window: Looking, name: str) -> list[Any]:
    found: list[Any] = window.run("return heard.filter(one => one[0] === arguments[0])", name)
    return found


def until_heard(window: Looking, name: str, count: int = 1) -> None:
    soon(lambda: len(heard(window, name)) >= count, f"{count} times report:{name}")


def report(window: Looking) -> str:
    """Walk through the form whose document is looked at; return the number on the receipt."""
    window.find("#place")
    window.type("#place", "By the library")
    seen = []
    while not (number := window.run("return document.querySelector('.ticket strong')?.textContent || ''")):
        step = window.run("return document.body.dataset.step")
        seen.append(step)
        assert len(seen) < 9, seen
        if step == "details" and not window.run("return document.querySelector('#description').value"):
            window.type("#description", "A deep hole near the crossing")
        window.press("#send" if step == "check" else NEXT)
        window.until(
            "document.readyState === 'complete' && document.body.dataset.step !== arguments[0]", step
        )
    return str(number)


@pytest.mark.parametrize("window", MAKES, indirect=True)
def test_the_form_in_a_foreign_page_becomes_a_request_without_any_cookie(
    window: Looking,
    town: RunningTown,  # noqa: F811
    site: Website,  # noqa: F811
):
    site.show("/streets", page(town, link(town, "one", "inline")))
    window.go(f"http://localhost:{site.port}/streets")
    until_heard(window, "ready")
    window.enter("iframe[allow]")
    number = report(window)
    assert window.run("return document.cookie") == ""
    window.leave()
    until_heard(window, "submitted")
    assert heard(window, "submitted")[0][1]["ref"] in number
    steps = [one[1]["step"] for one in heard(window, "step")]
    assert steps[0] == "where"
    assert "check" in steps
    # What others say moves nothing.
    before = window.run("return document.querySelector('iframe[allow]').clientHeight")
    window.run("postMessage({townline: 'height', height: 12345}, '*')")
    assert window.run("return document.querySelector('iframe[allow]').clientHeight") == before


def test_a_dialog_and_two_forms_stand_on_one_page_and_survive_a_swap(
    window: Looking,
    town: RunningTown,  # noqa: F811
    site: Website,  # noqa: F811
):
    links = (link(town, "one", "inline"), link(town, "two", "inline", "/report/parks-and-trash"))
    site.show("/many", page(town, *links, link(town, "three", "dialog")))
    window.go(f"http://localhost:{site.port}/many")
    until_heard(window, "ready", 2)
    window.click("#three")
    until_heard(window, "ready", 3)
    # It stands apart from the page's own styles, in a shadow tree at the end of the page.
    dialogs = "document.body.lastElementChild.shadowRoot.querySelectorAll('dialog[open]')"
    assert window.run(f"return {dialogs}.length") == 1
    window.run(f"{dialogs}[0].querySelector('button').click()")
    until_heard(window, "closed")
    assert window.run("return document.activeElement.id") == "three"
    # The site swaps a part of its page: the form that went is forgotten, the one that came is upgraded.
    window.run(
        "document.querySelector('#one').parentNode.outerHTML = arguments[0]", link(town, "four", "inline")
    )
    until_heard(window, "ready", 4)
    assert window.run("return [...document.querySelectorAll('p iframe')].length") == 2


def test_a_refused_frame_gives_the_link_back(
    window: Looking,
    town: RunningTown,  # noqa: F811
    site: Website,  # noqa: F811
):
    site.show("/refused", page(town, link(town, "one", "inline")))
    # By this name the site is a stranger: the town's rules do not name it.
    window.go(f"http://127.0.0.1:{site.port}/refused")
    soon(lambda: heard(window, "error"), "the link is given back", 12)
    assert window.run("return document.querySelector('#one').checkVisibility()")
    assert window.run("return document.querySelectorAll('iframe').length") == 0

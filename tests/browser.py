"""Which browser do the tests drive? Debian's own Chromium, quiet, with third-party cookies blocked."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from shutil import which
from typing import TypeVar

import pytest
from playwright.sync_api import Browser, Frame, Page, expect, sync_playwright

CHROMIUM = which("chromium") or which("chromium-browser") or which("google-chrome")
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--test-third-party-cookie-phaseout",
]  # fmt: skip
Thing = TypeVar("Thing")

# Five seconds are its own patience, which is short where six processes share two cores.
expect.set_options(timeout=20_000)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests; each opens contexts of its own in it."""
    if CHROMIUM is None:
        pytest.skip(
            "There is no Chromium here, so nothing was tried in a browser: script/setup --tests installs it."
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@contextmanager
def next_page(view: Page | Frame) -> Iterator[None]:
    """Do what leads to another page, and be there: an event of it may be over before anybody waits for it."""
    view.evaluate("document.documentElement.dataset.left = ''")
    yield
    view.wait_for_selector("html:not([data-left]) > body", state="attached")
    view.wait_for_load_state()


def soon(look: Callable[[], Thing | None], what: str, seconds: float = 20) -> Thing:
    """Ask until there is an answer, and fail with a sentence when there is none in time."""
    until = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < until, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.05)
    return found

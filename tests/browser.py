"""Which browser do the tests drive? Debian's own Chromium, quiet, with third-party cookies blocked."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from shutil import which
from typing import TypeVar

import pytest
from playwright.sync_api import Browser, sync_playwright

CHROMIUM = which("chromium") or which("chromium-browser") or which("google-chrome")
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--test-third-party-cookie-phaseout",
]  # fmt: skip
Thing = TypeVar("Thing")


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


def soon(look: Callable[[], Thing | None], what: str, seconds: float = 20) -> Thing:
    """Ask until there is an answer, and fail with a sentence when there is none in time."""
    until = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < until, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.05)
    return found

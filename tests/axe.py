"""What does axe find wrong with a page? Asked in one way everywhere, and only what is wrong comes back."""

from __future__ import annotations

from typing import Literal, cast

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Frame, Page

LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]
"""What a dark scheme can break; everything else is the same page."""
SCRIPT = Axe().axe_script
SCAN = """options => axe.run(options).then(({ passes, violations }) => ({
  passes: passes.map(rule => rule.id),
  faults: violations.flatMap(rule => rule.nodes.map(node => rule.id + " at " + node.html.slice(0, 160))),
}))"""
"""What axe answers is some hundred kilobytes, of which we read this much."""


VIEWS: tuple[tuple[int, str, list[str]], ...] = (
    (320, "light", LEVELS), (320, "dark", COLOURS), (360, "light", []),
    (1280, "light", LEVELS), (1280, "dark", COLOURS),
)  # fmt: skip
"""On the smallest phone, on an ordinary one and on a desk, by day and by night: what is asked there."""


def look(page: Page, name: str) -> None:
    """See that nothing is wrong with the page as it stands, all of it unfolded, and that it fits everywhere.

    Its context must have reduced motion, so that colours change at once.
    """
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    for width, scheme, rules in VIEWS:
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=cast("Literal['light', 'dark']", scheme))
        assert not rules or faults(page, rules) == [], f"{name}, {width} pixels, {scheme}"
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} is wider than {width}"


def faults(view: Page | Frame, rules: list[str] = LEVELS) -> list[str]:
    """Return what is wrong with the page, or with a frame in it, as it stands: each fault in a sentence."""
    return scan(view, rules)["faults"]


def scan(view: Page | Frame, rules: list[str] = LEVELS) -> dict[str, list[str]]:
    """Return the ``faults``, and as ``passes`` the rules that hold."""
    if not view.evaluate("typeof axe === 'object'"):
        view.evaluate(SCRIPT)
    # Frames within are looked at by themselves.
    options = {"runOnly": rules, "resultTypes": ["violations"], "iframes": False}
    return cast("dict[str, list[str]]", view.evaluate(SCAN, options))

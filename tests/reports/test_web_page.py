"""Can the page of a report be read on a phone, on a desk, at night and with a screen reader?"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Request

from reports.document import html_of
from tests.reports.samples import documents

SIGHTS: tuple[tuple[int, Literal["light", "dark"]], ...] = ((360, "light"), (768, "dark"), (1280, "light"))


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("name", ["month", "manager", "tiny"])
def test_it_fits_every_width_and_axe_finds_nothing(browser: Browser, tmp_path: Path, name: str) -> None:
    page = tmp_path / "report.html"
    page.write_text(html_of(documents()[name]), encoding="utf-8")
    for width, scheme in SIGHTS:
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        view = context.new_page()
        asked: list[str] = []
        view.on("request", partial(_note, asked))
        view.goto(page.as_uri())
        assert view.evaluate("document.documentElement.scrollWidth") == width, f"{width}, {scheme}"
        assert Axe().run(view).response["violations"] == [], f"{width}, {scheme}"
        assert asked == [page.as_uri()], "a page that is complete in itself asks for nothing"
        context.close()


def _note(asked: list[str], request: Request) -> None:
    asked.append(request.url)

"""Is a phone number or an e-mail address pointed out while it is typed, and nothing else?"""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.casework.test_publishing import CALLED, DRESSED, EMAILS, HARMLESS, PHONES, UNCALLED
from tests.conscience import StrictClient
from tests.widgets.conftest import Served
from widgets.private import hint

SHORT = ["Call me at 555-0100.", "llámame al 555-0100", "appelez le 555-0100", "Pole 555-0100 leans"]


def test_the_first_step_names_the_script_and_leaves_it_until_somebody_types(client: StrictClient) -> None:
    page = client.get("/report").text
    assert "private.js" in page.partition("data-later=")[2]
    assert "<script" not in page.partition("data-later=")[2]
    address = page.partition('data-later="')[2].partition('"')[0]
    assert len(client.get(address, headers={"Accept-Encoding": "gzip"}).data) <= 1280


@pytest.mark.browser
def test_what_leads_to_a_person_is_pointed_out_while_typing_and_nothing_else_is(
    browser: Browser, served: Served
) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.set_default_timeout(15_000)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{served.town}/report")
    assert len(asked) == 3
    page.locator("#description").press_sequentially("Hole by 603-555-01")
    line = page.locator("#private")
    expect(line).to_be_empty()
    page.locator("#description").press_sequentially("00")
    expect(line).to_have_text(hint("603-555-0100"))
    assert len(asked) == 4
    texts = [
        *HARMLESS,
        *SHORT,
        *(f"My number: {one}, hurry" for one in PHONES),
        *EMAILS,
        *(f"call me on {one} please" for one in CALLED),
        *DRESSED,
        *UNCALLED,
        "603-555-0100 a@b.org",
        "",
    ]
    told = page.evaluate(
        """texts => {
          const words = document.getElementById("description"), line = document.getElementById("private");
          return texts.map(text => {
            words.value = text;
            words.dispatchEvent(new Event("input", { bubbles: true }));
            return line.textContent;
          });
        }""",
        texts,
    )
    assert dict(zip(texts, told, strict=True)) == {text: hint(text) for text in texts}
    page.fill("#description", "A hole, write to me@example.org")
    page.click(".buttons .button")
    page.click("button[name=service][value=pothole] >> nth=0")
    page.fill("#place", "Old Turnpike")
    page.click(".buttons .button")
    # Told on the next page with these words as well, before a key is pressed.
    expect(line).to_have_text(hint("me@example.org"))
    context.close()

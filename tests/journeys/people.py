"""What do a resident and an employee do, click by click? The same in a frame and on a page."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw
from playwright.sync_api import Frame, Page, expect

from tests.browser import next_page

View = Page | Frame


def photo_of_a_hole() -> dict[str, Any]:
    """Return an upload as a phone makes it: a JPEG that says where and with what it was taken."""
    picture = Image.new("RGB", (1600, 1200), "slategrey")
    ImageDraw.Draw(picture).ellipse((500, 500, 1100, 800), fill="black")
    exif = Image.Exif()
    exif[0x010F] = "Telltale Camera"
    exif.get_ifd(0x8825).update({1: "N", 2: (43.0, 36.0, 0.0), 3: "W", 4: (72.0, 20.0, 0.0)})
    stream = BytesIO()
    picture.save(stream, "JPEG", exif=exif)
    assert b"Telltale" in stream.getvalue()
    return {"name": "IMG_0311.jpg", "mimeType": "image/jpeg", "buffer": stream.getvalue()}


def at(view: View, step: str) -> None:
    """Wait until the form shows this step."""
    view.wait_for_selector(f"body[data-step={step}]")


def go_on(view: View, step: str, words: str = "Continue") -> None:
    """Press the button and wait for the step that follows."""
    view.locator(".buttons").get_by_role("button", name=words, exact=True).click()
    at(view, step)


def told_of_the_photos_place(view: View) -> None:
    """Press Continue and be told, once, that the photo was taken somewhere else."""
    with next_page(view):
        view.locator(".buttons").get_by_role("button", name="Continue", exact=True).click()
    expect(view.locator(".notice[role=status]")).to_contain_text("Your photo was taken about here")


def describe(view: View, words: str, service: str) -> None:
    """Say it in words, and pick the service from what the form makes of them."""
    at(view, "what")
    view.get_by_label("What is wrong?").fill(words)
    go_on(view, "pick")
    view.get_by_role("button", name=service).first.click()
    at(view, "where")


def pick(view: View, group: str, service: str) -> None:
    """Pick the service from the list."""
    at(view, "what")
    view.locator("details", has=view.get_by_text(group, exact=True)).locator("summary").click()
    view.get_by_role("button", name=service, exact=True).click()
    at(view, "where")


def locate(view: View) -> None:
    """Press "Use my location" and wait for the position."""
    view.get_by_role("button", name="Use my location").click()
    expect(view.locator("#place-line")).to_contain_text("Your position was added")


def send(view: View) -> str:
    """Press Send and return the number on the receipt."""
    at(view, "check")
    view.get_by_role("button", name="Send", exact=True).click()
    view.wait_for_selector("body[data-step=receipt]")
    number = view.locator(".ticket strong").inner_text().strip()
    assert re.fullmatch(r"\d\d-\d{4,}", number)
    return number


def answer_and_finish(page: Page, link: str, words: str) -> None:
    """Open the signed page, answer the resident, then finish as fixed."""
    page.goto(link)
    if not page.get_by_label("Your answer").is_visible():
        # What no rule could decide is first of all to be passed on, so its answer is folded away.
        unfold(page, "Answer the resident")
    page.get_by_label("Your answer").fill(words)
    page.get_by_role("button", name="Send the answer").click()
    expect(page.get_by_role("status")).to_contain_text("your answer is on its way")
    unfold(page, "Finish")
    page.get_by_label("It is fixed").check()
    page.get_by_label("What do you tell the resident?").fill("The hole is filled.")
    page.get_by_role("button", name="Finish", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("the request has ended")
    expect(page.get_by_role("main")).to_contain_text("ended: fixed", ignore_case=True)


def unfold(page: Page, title: str) -> None:
    """Open one of the folded parts of a page, as a person does: by a click on its title."""
    page.locator("summary", has_text=re.compile(rf"^\s*{re.escape(title)}\s*$")).click()

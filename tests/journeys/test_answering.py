"""Can a newcomer try the best of it in a browser alone: answer a letter, and read what comes of it?"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from app import create_app
from casework.office import the_office
from settings import Settings
from storage.database import db
from tests.browser import soon
from tests.builders import opened
from tests.conftest import SECRET
from tests.journeys import people
from tests.journeys.conftest import visitor
from tests.journeys.town import RunningTown

pytestmark = pytest.mark.browser
WORDS = "The truck comes by on Friday morning."


@pytest.fixture
def town(tmp_path: Path, empty_database: Path) -> Iterator[RunningTown]:
    """A town whose letters become files, with one request in it."""
    data = tmp_path / "data"
    data.mkdir()
    shutil.copy(empty_database, data / "townline.sqlite3")
    app = create_app(Settings(data=data, secret=SECRET, demo=True))
    with app.app_context():
        opened(the_office(), datetime.now(UTC))
        db.engine.dispose()
    town = RunningTown(data)
    town.start()
    yield town
    assert town.stop() == 0
    assert "Traceback" not in town.log()


def is_whole(page: Page) -> bool:
    """Whether nothing of the letter is cut off at the bottom of its frame, nor much of it empty."""
    return bool(
        page.locator("iframe.letter").evaluate(
            "one => { const left = one.clientHeight - one.contentDocument.documentElement.scrollHeight;"
            " const body = one.contentDocument.body.getBoundingClientRect().bottom;"
            " return left >= 0 && one.clientHeight - body < 80; }"
        )
    )


def test_a_letter_is_answered_in_the_mailbox_and_the_resident_gets_the_words(
    browser: Browser, town: RunningTown
):
    somebody = visitor(browser)
    page = somebody.page
    soon(lambda: len(list((town.data / "letters").glob("*.eml"))) >= 2, "the first letters")
    page.goto(f"http://localhost:{town.port}/demo/mailbox")
    letters = page.locator("a.option")
    letters.filter(has_not_text="resident@example.org").first.click()
    page.get_by_label("Your words").fill(WORDS)
    page.get_by_label("A photo").set_input_files(people.photo_of_a_hole())  # type: ignore[arg-type]
    page.get_by_role("button", name="Send the answer").click()
    expect(page.get_by_role("status")).to_contain_text("Your answer arrived.")
    letters.filter(has_text="An answer to your request").first.click()
    letter = page.frame_locator("iframe.letter")
    expect(letter.locator("blockquote").filter(has_text=WORDS)).to_be_visible()
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 800})
        soon(lambda: is_whole(page), f"the frame as high as the letter, {width} wide")
    page.get_by_label("Your words").fill("Thank you, I put it out again.")
    page.get_by_role("button", name="Send the answer").click()
    expect(page.get_by_role("status")).to_contain_text("Your answer arrived.")
    somebody.leave()
    with closing(sqlite3.connect(town.data / "townline.sqlite3")) as rows:
        states = [state for (state,) in rows.execute("SELECT state FROM incoming ORDER BY id")]
        (photos,) = rows.execute("SELECT count(*) FROM photos").fetchone()
    assert states == ["applied", "applied"]
    assert photos == 1

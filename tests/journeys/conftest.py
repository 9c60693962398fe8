"""What does every journey start from? A served town with a real mail server behind it, and a browser."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser import soon
from tests.journeys.town import RunningTown
from tests.mailserver import Received, Server

PATIENCE = 15_000
"""Milliseconds that a page may take on two busy cores."""


@pytest.fixture(scope="module")
def post() -> Iterator[Server]:
    """The mail server of a module's town."""
    server = Server()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def town(
    tmp_path_factory: pytest.TempPathFactory, empty_database: Path, post: Server
) -> Iterator[RunningTown]:
    """The demonstration town, served, with its letters going out by SMTP."""
    data = tmp_path_factory.mktemp("town") / "data"
    data.mkdir()
    shutil.copy(empty_database, data / "townline.sqlite3")
    town = RunningTown(data, by_smtp(post))
    town.start()
    yield town
    assert town.stop() == 0
    assert "Traceback" not in town.log()


def by_smtp(post: Server) -> dict[str, str]:
    """Return the settings of a town whose letters go to this mail server."""
    return {
        "TOWNLINE_SMTP_HOST": "127.0.0.1",
        "TOWNLINE_SMTP_PORT": str(post.port),
        "TOWNLINE_SMTP_SECURITY": "none",
    }


def mail_to(post: Server, address: str, number: str, subject: str = "") -> Received:
    """Wait for the letter about a request to this address."""

    def arrived() -> Received | None:
        for mail in reversed(post.inbox.to(address)):
            title = str(mail.message["Subject"])
            if number in title and subject in title:
                return mail
        return None

    return soon(arrived, f"a letter about {number} to {address} ({subject})")


def link_in(mail: Received, beginning: str, end: str = "") -> str:
    """Return the first address in the letter's text that goes on after the host with ``beginning``."""
    found = re.search(rf"https?://[^/\s]+{beginning}[^\s]*{end}(?=\s|$)", mail.text)
    assert found, f"no link like {beginning} in:\n{mail.text}"
    return found[0]


@dataclass
class Seen:
    """What a browser asked for and complained about on one journey."""

    hosts: set[str] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)


@dataclass
class Visitor:
    """One person's browser window, watched: no cookie, no third party, no error may come of it."""

    context: BrowserContext
    page: Page
    seen: Seen

    def leave(self) -> None:
        """Close the window and look back on the whole visit."""
        cookies, stored = self.context.cookies(), self.context.storage_state()
        self.context.close()
        assert cookies == []
        assert stored["origins"] == []
        assert self.seen.hosts <= {"127.0.0.1", "localhost"}, self.seen.hosts
        assert self.seen.complaints == []


def visitor(
    browser: Browser,
    *,
    width: int = 390,
    height: int = 844,
    scheme: str = "light",
    **more: Any,
) -> Visitor:
    """Open a window, by default as large as a phone's."""
    look = cast(Literal["light", "dark"], scheme)
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=look, **more)
    context.set_default_timeout(PATIENCE)
    seen = Seen()
    context.on("request", lambda request: _note(seen, request.url))
    context.on("console", lambda said: seen.complaints.append(said.text) if said.type == "error" else None)
    context.on("weberror", lambda error: seen.complaints.append(str(error.error)))
    return Visitor(context, context.new_page(), seen)


def _note(seen: Seen, url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme in ("http", "https", "ws", "wss"):
        seen.hosts.add(parts.hostname or "")

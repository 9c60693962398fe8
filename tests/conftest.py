"""What does every test start from? A real town in a real SQLite file, and a client with a conscience."""

from __future__ import annotations

import gc
import os
import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from threading import Thread

import flask_mail
import hypothesis
import pytest
from flask import Flask
from werkzeug.serving import make_server

from app import create_app
from casework.office import Office, the_office
from mail.smtp import SmtpCarrier, SmtpServer
from settings import ROOT, Settings
from storage import schema
from storage.database import db
from tests import warm
from tests.browser import browser  # noqa: F401 - one browser for every test that wants one
from tests.conscience import StrictClient
from tests.mailserver import Server
from tests.once import shared_among_tests

# How fast a single example is says more about the machine's other work; speed lives in script/bench.
hypothesis.settings.register_profile("townline", deadline=None)
hypothesis.settings.load_profile("townline")

# Six thousand assertions are rewritten once, and not by every worker of every run.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

SECRET = "demonstration-" + "s" * 40
NOON = datetime(2026, 10, 14, 16, 0, tzinfo=UTC)
"""A Wednesday noon in the demonstration town."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: many tests wait, for a mail, a browser or a process to end."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Iterator[None]:
    """Look for rubbish seldom, and not among libraries and tests: these live to the end."""
    gc.disable()
    found = yield
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()
    return found


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long, in every worker, so that nobody waits for one test at the end."""
    items.sort(key=_haste)
    items[:] = _dealt(items, int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))


LONGEST = ("test_standards.py", "test_everybody.py")
"""What takes a minute or more in one piece: every kind of edition drawn, every kind of page walked."""


def _haste(item: pytest.Item) -> int:
    if item.path.name in LONGEST or item.path.parent.name == "acceptance":
        return -2
    # Tests that kill wait more than they work: at the end two cores would stand idle for them.
    if "kill" in item.path.name:
        return -1
    return 0 if item.get_closest_marker("slow") or item.get_closest_marker("browser") else 1


def _home(item: pytest.Item) -> Path:
    """Return what stays together: a file with its town, and all that shares one real post office."""
    return item.path.parent if item.path.parent.name == "acceptance" else item.path


def _dealt(items: list[pytest.Item], workers: int) -> list[pytest.Item]:
    """Deal what takes long to the workers: each is given its part of the list in one piece."""
    hands: list[list[pytest.Item]] = [[] for _ in range(workers)]
    for turn, (_together, tests) in enumerate(groupby((one for one in items if _haste(one) < 1), key=_home)):
        hands[turn % workers].extend(tests)
    rest = [item for item in items if _haste(item) == 1]
    for place, hand in enumerate(hands):
        share = len(items) * (place + 1) // workers - len(items) * place // workers
        taken = max(0, share - len(hand))
        hand.extend(rest[:taken])
        del rest[:taken]
    return [item for hand in hands for item in hand] + rest


@pytest.fixture(scope="session", autouse=True)
def _shared() -> Iterator[None]:
    with shared_among_tests():
        yield
    warm.end()


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with all tables and no rows, made once by the real migrations."""
    data = tmp_path_factory.mktemp("empty")
    app = create_app(Settings(data=data, secret=SECRET, demo=True))
    with app.app_context():
        schema.upgrade()
        db.engine.dispose()
    return data / "townline.sqlite3"


@pytest.fixture
def settings(tmp_path: Path, empty_database: Path) -> Settings:
    """A demonstration town of one's own, with its database in place."""
    data = tmp_path / "data"
    data.mkdir()
    shutil.copy(empty_database, data / "townline.sqlite3")
    return Settings(data=data, rules=ROOT / "rules.yaml", secret=SECRET, demo=True)


@pytest.fixture
def bare_app(settings: Settings) -> Iterator[Flask]:
    """The application, outside any context: for tests that open their own."""
    app = create_app(settings)
    app.test_client_class = StrictClient
    app.testing = True
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def app(bare_app: Flask) -> Iterator[Flask]:
    """The application, with its context open."""
    with bare_app.app_context():
        yield bare_app


@pytest.fixture
def office(app: Flask) -> Office:
    return the_office()


@pytest.fixture
def client(bare_app: Flask) -> StrictClient:
    """A browser without cookies whose every page is read strictly."""
    client = bare_app.test_client(use_cookies=False)
    assert isinstance(client, StrictClient)
    return client


@pytest.fixture
def site(app: Flask) -> Iterator[str]:
    """The address at which the town is served, for a real browser."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def now() -> datetime:
    return NOON


@pytest.fixture
def mailserver() -> Iterator[Server]:
    """A real mail server on loopback, with faults chosen by the recipient."""
    server = Server()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def carrier(app: Flask, mailserver: Server) -> SmtpCarrier:
    """The town's own carrier, pointed at the test's mail server."""
    return SmtpCarrier(
        flask_mail.Mail(app), SmtpServer("127.0.0.1", mailserver.port, security="none", timeout=5)
    )

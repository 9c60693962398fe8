"""An operator with a link that works."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from threading import Thread

import pytest
from flask import Flask
from werkzeug.serving import make_server

from casework.office import Office
from casework.operating import operator_link
from settings import Settings
from tests.rawsite import raw_site  # noqa: F401 - pages of a town, as each test wants them


@pytest.fixture
def link(office: Office) -> str:
    """The path of the operator's pages, with a fresh token."""
    return operator_link(office, now=datetime.now(UTC)).removeprefix(office.base_url)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The town with a port of its own, because its script upgrades links to its known address alone."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return settings.model_copy(update={"port": int(probe.getsockname()[1])})


@pytest.fixture
def site(app: Flask, settings: Settings) -> Iterator[str]:
    """The town on its real port."""
    server = make_server("127.0.0.1", settings.port, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()

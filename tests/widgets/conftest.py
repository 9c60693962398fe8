"""The town on a real port, and another site beside it, for tests of what only a browser can show."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shutil import copy
from threading import Thread

import pytest
from flask import Response
from werkzeug.serving import make_server

from app import create_app
from settings import ROOT, Settings
from storage.database import db
from tests.conftest import SECRET

HOST_POLICY = "default-src * 'unsafe-inline'"


@dataclass
class Served:
    """The town's own address, and that of the website which shows its form.

    The website has one page of its own, ``/host``, whose body a test may write.
    """

    town: str
    website: str
    host: str = ""


@pytest.fixture
def served(tmp_path: Path, empty_database: Path) -> Iterator[Served]:
    data = tmp_path / "data"
    data.mkdir()
    copy(empty_database, data / "townline.sqlite3")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    app = create_app(Settings(data=data, rules=ROOT / "rules.yaml", secret=SECRET, demo=True, port=port))
    served = Served(f"http://127.0.0.1:{port}", f"http://localhost:{port}")

    @app.get("/host")
    def host() -> Response:
        html = f'<!doctype html><html lang="en"><title>Host</title><body>{served.host}</body></html>'
        return Response(html, headers={"Content-Security-Policy": HOST_POLICY})

    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield served
    server.shutdown()
    thread.join()
    server.server_close()
    with app.app_context():
        db.engine.dispose()

"""How does a test run the real thing? The served process, started and ended as an operator would."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlencode

from settings import ROOT
from tests.conftest import SECRET
from tests.warm import Life, begin, done


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def known_by(site: str, folder: Path, empty_database: Path) -> RunningTown:
    """Return the demonstration town in this folder, not yet begun, whose rules name one website alone."""
    (folder / "data").mkdir()
    shutil.copy(empty_database, folder / "data" / "townline.sqlite3")
    for beside in ("layers", "texts"):
        shutil.copytree(ROOT / beside, folder / beside)
    words, known = (ROOT / "rules.yaml").read_text(), 'websites: ["https://www.alderfalls.example"]'
    assert known in words
    (folder / "rules.yaml").write_text(words.replace(known, f'websites: ["{site}"]'))
    return RunningTown(folder / "data", {"TOWNLINE_RULES": str(folder / "rules.yaml")})


@dataclass
class Answer:
    status: int
    location: str
    body: str


@dataclass
class RunningTown:
    """``flask serve`` in a process of its own, on a data folder that outlives it."""

    data: Path
    environment: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: Life | subprocess.Popen[bytes] | None = None
    is_cold: bool = False
    """Begin as an operator does, with ``python -m flask``; most tests have no seconds for that."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run one command of the console on the same data."""
        return done("-m", "flask", "--app", "app", *words, environment=self._environment())

    def start(self) -> None:
        with open(self.data.parent / "server.log", "ab") as log:
            words, environment = ("-m", "flask", "--app", "app", "serve"), self._environment()
            if self.is_cold:
                self.process = subprocess.Popen(
                    [sys.executable, *words], cwd=ROOT, env=environment, stdout=log, stderr=log
                )
            else:
                self.process = begin(
                    *words, environment=environment, output=log.fileno(), errors=log.fileno()
                )
        until = time.monotonic() + 60
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise AssertionError(f"the town did not start:\n{self.log()}")
            try:
                if self.get("/healthz").status in (200, 503):
                    return
            except (OSError, HTTPException):
                time.sleep(0.05)
        raise AssertionError(f"the town did not answer in time:\n{self.log()}")

    def log(self) -> str:
        return (self.data.parent / "server.log").read_text(errors="replace")

    def kill(self) -> None:
        """What a power cut does to a process."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """What a service manager does; returns the exit status."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=40)

    def get(self, path: str) -> Answer:
        return self._ask("GET", path, None)

    def post(self, path: str, fields: dict[str, str]) -> Answer:
        return self._ask("POST", path, urlencode(fields))

    def _ask(self, method: str, path: str, body: str | None) -> Answer:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            headers = {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return Answer(answer.status, answer.getheader("Location") or "", answer.read().decode())
        finally:
            connection.close()

    def _environment(self) -> dict[str, str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("TOWNLINE_")}
        return clean | {
            "TOWNLINE_DATA": str(self.data),
            "TOWNLINE_PORT": str(self.port),
            "TOWNLINE_SECRET": SECRET,
            "TOWNLINE_DEMO": "true",
            **self.environment,
        }

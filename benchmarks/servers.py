"""How is something measured that really runs? Served processes on throw-away data, started and ended."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from app import create_app
from benchmarks.forms import SECRET
from benchmarks.lines import MeasurementWrong, Skipped
from settings import ROOT, Settings
from storage import schema
from storage.database import db

TOWN = (sys.executable, "-m", "flask", "--app", "app", "serve")
TOWN_AT_REST = (sys.executable, "-m", "benchmarks.at_rest")
CLOCK_AT_REST = (*TOWN_AT_REST, "clock")
"""The postman and the clock."""
BY_HAND = (sys.executable, "-m", "benchmarks.by_hand")


@dataclass
class Served:
    """One server of ours or of a reference, on a data folder of its own."""

    command: tuple[str, ...]
    data: Path
    settings: dict[str, str] = field(default_factory=dict)
    """More of ``TOWNLINE_*``, without that."""
    port: int = field(default_factory=lambda: free_port())
    process: subprocess.Popen[bytes] | None = None
    receipts: list[str] = field(default_factory=list)
    """Every receipt that was given out, to be compared with the rows."""

    @property
    def environment(self) -> dict[str, str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("TOWNLINE_")}
        ours = {"DATA": str(self.data), "PORT": str(self.port), "SECRET": SECRET, "DEMO": "true"}
        ours["RULES"] = str(uncapped(self.data.parent / "rules"))
        return clean | {f"TOWNLINE_{name}": value for name, value in (ours | self.settings).items()}

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def start(self, *before: str) -> float:
        """Start it, behind the words ``before``; return the seconds until /report was answered."""
        began = time.perf_counter()
        with open(self.data.parent / f"{self.data.name}.log", "ab") as log:
            self.process = subprocess.Popen(
                [*before, *self.command], cwd=ROOT, env=self.environment, stdout=log, stderr=log
            )
        while time.perf_counter() - began < 60:
            if self.process.poll() is not None:
                break
            try:
                status, _body, _headers = self.get("/report")
            except (OSError, HTTPException):
                time.sleep(0.005)
                continue
            if status != 200:
                raise MeasurementWrong(f"/report answered {status} after the start")
            return time.perf_counter() - began
        raise MeasurementWrong(f"{' '.join(self.command[1:])} did not start:\n{self.log()[-1500:]}")

    def log(self) -> str:
        return (self.data.parent / f"{self.data.name}.log").read_text(errors="replace")

    def stop(self) -> tuple[int, float]:
        """Ask it to end; return its exit status and the seconds it took."""
        assert self.process is not None
        began = time.perf_counter()
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        return status, time.perf_counter() - began

    def get(self, path: str, **headers: str) -> tuple[int, bytes, dict[str, str]]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(
                "GET", path, headers={name.replace("_", "-"): v for name, v in headers.items()}
            )
            answer = connection.getresponse()
            return answer.status, answer.read(), {name.lower(): v for name, v in answer.getheaders()}
        finally:
            connection.close()

    # -- its rows --

    def one(self, question: str) -> int:
        with closing(sqlite3.connect(self.data / "townline.sqlite3", timeout=20)) as connection:
            return int(connection.execute(question).fetchone()[0])

    def wait_for_letters(self, seconds: float = 120) -> float:
        """Wait until no letter is left to carry; return how long it took."""
        began = time.perf_counter()
        while self.one("SELECT count(*) FROM letters WHERE state IN ('queued', 'sending', 'uncertain')"):
            if time.perf_counter() - began > seconds:
                raise MeasurementWrong(f"letters were still waiting after {seconds:.0f} seconds")
            time.sleep(0.1)
        return time.perf_counter() - began

    def compare(self) -> None:
        """Refuse figures of a server whose rows are not the receipts it gave out."""
        given, kept = len(set(self.receipts)), self.one("SELECT count(*) FROM requests")
        if len(self.receipts) != given or given != kept:
            raise MeasurementWrong(
                f"{self.data.name}: {len(self.receipts)} receipts with {given} numbers, but {kept} requests"
            )
        # The clock writes letters of its own, with links: the clerk's each morning, a report's.
        counted = {
            "entries": "SELECT count(*) FROM entries",
            "links": "SELECT count(*) FROM (SELECT DISTINCT request_id, purpose FROM links)",
            "letters": "SELECT count(*) FROM letters WHERE kind IN ('assigned', 'resident_receipt')",
        }
        for table, question in counted.items():
            rows = self.one(question)
            if rows != 2 * kept:
                raise MeasurementWrong(
                    f"{self.data.name}: {kept} requests, but {rows} {table} and not two each"
                )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def empty_town(folder: Path) -> Path:
    """Make a data folder whose database has every table and no row."""
    folder.mkdir(mode=0o700, parents=True)
    app = create_app(Settings(data=folder, rules=ROOT / "rules.yaml", secret=SECRET, demo=True))
    with app.app_context():
        schema.upgrade()
        db.engine.dispose()
    return folder


def uncapped(folder: Path) -> Path:
    """Write the demonstration town's rules without its daily cap: a benchmark sends more than any storm."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    text = (ROOT / "rules.yaml").read_text(encoding="utf-8")
    (folder / "rules.yaml").write_text(text.replace("\ntown:\n", "\ntown:\n  most_a_day: 10000000\n", 1))
    if not (folder / "layers").exists():
        (folder / "layers").symlink_to(ROOT / "layers", target_is_directory=True)
        (folder / "texts").symlink_to(ROOT / "texts", target_is_directory=True)
    return folder / "rules.yaml"


def memory(pid: int) -> dict[str, float]:
    """Return MB of memory: ``rss``, its highest so far ``peak``, and ``pss`` where the system tells it."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError as missing:
        raise Skipped("memory is read from /proc, which this system does not have") from missing
    found = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
    sizes = {"rss": _megabytes(found["VmRSS"]), "peak": _megabytes(found["VmHWM"])}
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return sizes
    shared = [line.split(":", 1)[1] for line in rollup.splitlines() if line.startswith("Pss:")]
    return sizes | {"pss": _megabytes(shared[0])}


def processor(pid: int) -> float:
    """Return the seconds of processor time a process has used; raises ``Skipped`` where /proc is missing."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError as missing:
        raise Skipped("processor time is read from /proc, which this system does not have") from missing
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _megabytes(kilobytes: str) -> float:
    return int(kilobytes.split()[0]) / 1024

"""Do slow or broken senders keep anybody else waiting, and does a stop lose anybody?"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress

from benchmarks.forms import request
from benchmarks.lines import Line, MeasurementWrong, Plan, at
from benchmarks.servers import TOWN, Served, empty_town

HEADERS = BODIES = 60
ASKED, LONGEST_WAIT, LONGEST_STOP = 200, 50.0, 10.0
UNDER_WAY = 8


def rows(plan: Plan) -> Iterator[Line]:
    """Yield the wait for ordinary pages among slow senders, and the stop with requests under way."""
    town = Served(TOWN, empty_town(plan.folder / "slow" / "town"))
    town.start()
    with ExitStack() as stack:
        stack.callback(town.process.kill if town.process else lambda: None)
        quiet = _waits(town)
        with Slow(town.port) as slow:
            time.sleep(1)
            waits = _waits(town)
            if slow.open < HEADERS + BODIES:
                raise MeasurementWrong(
                    f"only {slow.open} of {HEADERS + BODIES} slow senders were still there"
                )
            yield Line(
                what=f"p95 of /report among {HEADERS + BODIES} slow senders",
                ours=f"{at(waits, 95):.1f} ms",
                reference=f"without them: {at(quiet, 95):.1f} ms",
                ratio=at(waits, 95) / at(quiet, 95),
                goal=f"<= {LONGEST_WAIT:.0f} ms",
                is_met=at(waits, 95) <= LONGEST_WAIT,
                figures={"p50": at(waits, 50), "p99": at(waits, 99)},
            )
            yield _stopped(town)
    town.compare()


class Slow:
    """Sixty senders of headers and sixty of bodies, one byte each half a second."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._sockets: list[socket.socket] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._drip)
        self.open = 0

    def __enter__(self) -> Slow:
        head = b"GET /report HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
        body = (
            b"POST /report HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9000\r\n\r\nstep=what&description="
        )
        for start in [head] * HEADERS + [body] * BODIES:
            connection = socket.create_connection(("127.0.0.1", self._port), timeout=10)
            connection.sendall(start)
            self._sockets.append(connection)
        self.open = len(self._sockets)
        self._thread.start()
        return self

    def __exit__(self, *_refused: object) -> None:
        self._ended.set()
        self._thread.join()
        for connection in self._sockets:
            connection.close()

    def _drip(self) -> None:
        while not self._ended.wait(0.5):
            still = 0
            for connection in self._sockets:
                with suppress(OSError):
                    connection.sendall(b"x")
                    still += 1
            self.open = still


def _waits(town: Served) -> list[float]:
    times = []
    for _ in range(ASKED):
        began = time.perf_counter()
        status, _body, _headers = town.get("/report")
        times.append((time.perf_counter() - began) * 1000)
        if status != 200:
            raise MeasurementWrong(f"/report answered {status}")
    return times


def _stopped(town: Served) -> Line:
    """Send eight forms, ask the town to stop at once, and see that each got its receipt."""
    connections = []
    for mark in range(UNDER_WAY):
        connection = socket.create_connection(("127.0.0.1", town.port), timeout=30)
        connection.sendall(request(mark, "/report"))
        connections.append(connection)
    status, seconds = town.stop()
    answered = 0
    for connection in connections:
        answer = connection.recv(65536).decode("latin-1")
        connection.close()
        if answer.startswith("HTTP/1.1 303"):
            answered += 1
            town.receipts.append(answer.split("/r/")[1].split("?")[0])
    return Line(
        what=f"stop with {UNDER_WAY} forms and the slow ones under way",
        ours=f"{seconds:.1f} s, exit {status}, {answered} of {UNDER_WAY} answered",
        ratio=seconds / LONGEST_STOP,
        goal=f"<= {LONGEST_STOP:.0f} s",
        is_met=status == 0 and seconds <= LONGEST_STOP and answered == UNDER_WAY,
        figures={"seconds": seconds, "exit": status, "answered": answered},
    )

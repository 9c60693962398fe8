"""How long do residents wait when N of them send all the time? A client in a process of its own.

One thread and N keep-alive connections, each of which sends its next form when it has the answer to
the last: written on plain sockets, so that what is measured is the server. Standard input: one JSON
object {port, path, senders, seconds, first}. Standard output: {seconds, milliseconds, receipts, wrong}.
"""

from __future__ import annotations

import json
import selectors
import socket
import subprocess
import sys
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from benchmarks.forms import request
from benchmarks.lines import MeasurementWrong

READY_PER_SECOND = 600
"""Forms made before the clock starts; where a server is faster than this, the rest are made on the way."""


@dataclass
class Sent:
    """One run of a sender: every answer was a receipt."""

    seconds: float
    milliseconds: list[float]
    receipts: list[str]
    """The public numbers."""

    @property
    def per_second(self) -> float:
        return len(self.receipts) / self.seconds


def send(port: int, path: str, *, senders: int, seconds: float, first: int) -> Sent:
    """Send forms for so long; raises ``MeasurementWrong`` when any answer was not a receipt."""
    job = {"port": port, "path": path, "senders": senders, "seconds": seconds, "first": first}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.sender"],
        input=json.dumps(job).encode(),
        capture_output=True,
        timeout=seconds + 60,
        check=False,
    )
    if done.returncode:
        raise MeasurementWrong(f"the sender broke off: {done.stderr.decode(errors='replace')[-600:]}")
    said: dict[str, Any] = json.loads(done.stdout)
    if said["wrong"]:
        raise MeasurementWrong(f"{path} answered {len(said['wrong'])} times with: {said['wrong'][0]}")
    return Sent(said["seconds"], said["milliseconds"], said["receipts"])


@dataclass
class Resident:
    """One connection and the answer that is coming in on it."""

    port: int
    connection: socket.socket = field(init=False)
    asked: float = 0.0
    answer: bytes = b""

    def __post_init__(self) -> None:
        self.connection = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, whole: bytes) -> None:
        self.answer = b""
        self.asked = time.perf_counter()
        self.connection.sendall(whole)

    def read(self) -> tuple[int, str] | None:
        """Return status and Location when the whole answer is there; raises ``OSError`` when cut."""
        chunk = self.connection.recv(65536)
        if not chunk:
            raise ConnectionError("the server closed the connection")
        self.answer += chunk
        head, end, body = self.answer.partition(b"\r\n\r\n")
        if not end:
            return None
        lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        if len(body) < int(headers["content-length"]):
            return None
        return int(lines[0].split()[1]), headers.get("location", "")


def run(port: int, path: str, senders: int, seconds: float, first: int) -> dict[str, Any]:
    """Be the senders; return what the parent reads."""
    marks = iter(range(first, sys.maxsize))
    ready = deque(request(next(marks), path) for _ in range(round(READY_PER_SECOND * seconds)))
    waiting = selectors.DefaultSelector()
    times: list[float] = []
    receipts: list[str] = []
    wrong: list[str] = []

    def ask(resident: Resident) -> None:
        resident.ask(ready.popleft() if ready else request(next(marks), path))

    residents = [Resident(port) for _ in range(senders)]
    began = time.perf_counter()
    for resident in residents:
        waiting.register(resident.connection, selectors.EVENT_READ, resident)
        ask(resident)
    left = senders
    while left:
        events = waiting.select(timeout=30)
        if not events:
            raise TimeoutError(f"no answer for 30 seconds with {left} forms under way")
        for key, _mask in events:
            resident = key.data
            answer = resident.read()
            if answer is None:
                continue
            now = time.perf_counter()
            times.append((now - resident.asked) * 1000)
            status, location = answer
            if status == 303 and "/r/" in location:
                receipts.append(location.split("/r/")[1].split("?")[0])
            else:
                wrong.append(resident.answer[:300].decode("latin-1"))
            if now - began < seconds and not wrong:
                ask(resident)
            else:
                left -= 1
    ended = time.perf_counter()
    for resident in residents:
        resident.connection.close()
    return {"seconds": ended - began, "milliseconds": times, "receipts": receipts, "wrong": wrong}


if __name__ == "__main__":
    json.dump(run(**json.load(sys.stdin)), sys.stdout)

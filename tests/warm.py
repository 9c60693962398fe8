"""How does one process after the other begin without reading every library anew? A warm parent forks them.

``begin(words)`` is ``subprocess.Popen([sys.executable, *words])`` for programs of this project: what they
read, write and keep is their own, and each may be killed. Only the seconds of importing are shared.
"""

from __future__ import annotations

import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from functools import cache
from tempfile import TemporaryFile
from threading import Lock
from typing import IO, Any

from settings import ROOT

PAUSE = 0.01
"""Seconds between two questions whether somebody still lives."""


class Life:
    """A process that was begun; understands what tests ask of a ``Popen``."""

    def __init__(self, parent: Parent, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._parent = parent

    def poll(self) -> int | None:
        """Return the exit status, or None while it lives."""
        if self.returncode is None:
            self.returncode = self._parent.ask(pid=self.pid)
        return self.returncode

    def wait(self, timeout: float = 60) -> int:
        until = time.monotonic() + timeout
        while (status := self.poll()) is None:
            if time.monotonic() > until:
                raise subprocess.TimeoutExpired("a life", timeout)
            time.sleep(PAUSE)
        return status

    def send_signal(self, what: int) -> None:
        # Nobody has asked for its end yet, so the number is still its own.
        if self.poll() is None:
            os.kill(self.pid, what)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Parent:
    """The test's end of the warm parent."""

    def __init__(self) -> None:
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        self._lock = Lock()
        with theirs:
            words = [sys.executable, "-m", "tests.warm", str(theirs.fileno())]
            self._process = subprocess.Popen(words, cwd=ROOT, pass_fds=[theirs.fileno()])

    def begin(self, words: tuple[str, ...], environment: dict[str, str], output: int, errors: int) -> Life:
        return Life(self, self.ask(output, errors, words=words, environment=environment))

    def ask(self, *files: int, **what: Any) -> Any:
        with self._lock:
            socket.send_fds(self._line, [json.dumps(what).encode() + b"\n"], files)
            return json.loads(_heard(self._line)[0])

    def close(self) -> None:
        self._line.close()
        self._process.wait(timeout=20)


@cache
def parent() -> Parent:
    """Return the warm parent of this run, begun when it is first needed."""
    return Parent()


def begin(
    *words: str, environment: Mapping[str, str] | None = None, output: int = 1, errors: int = 2
) -> Life:
    """Begin ``python *words`` (``-m module …`` or ``-c code …``), writing to these open files."""
    return parent().begin(words, dict(os.environ if environment is None else environment), output, errors)


def begin_aloud(*words: str) -> tuple[Life, IO[bytes]]:
    """Begin it, and return as well what it writes."""
    ours, theirs = os.pipe()
    life = begin(*words, output=theirs)
    os.close(theirs)
    return life, open(ours, "rb")


def done(
    *words: str, environment: Mapping[str, str] | None = None, timeout: float = 100
) -> subprocess.CompletedProcess[str]:
    """Run it to its end, and return what it said: ``subprocess.run`` with its output captured."""
    with TemporaryFile() as said, TemporaryFile() as complained:
        life = begin(*words, environment=environment, output=said.fileno(), errors=complained.fileno())
        status = life.wait(timeout)
        heard = []
        for file in (said, complained):
            file.seek(0)
            heard.append(file.read().decode())
    return subprocess.CompletedProcess(words, status, *heard)


def end() -> None:
    """End the warm parent, and whoever of its children is left."""
    if parent.cache_info().currsize:
        parent().close()
        parent.cache_clear()


# -- the other end --


def be_parent(line: socket.socket) -> dict[str, Any] | None:
    """Fork a life for each order. Returns the order in the child, and None in the parent when all is over."""
    living: set[int] = set()
    while True:
        heard, files = _heard(line)
        if not heard:
            for pid in living:
                os.kill(pid, signal.SIGKILL)
            return None
        order = json.loads(heard)
        if "words" in order:
            pid = os.fork()
            if not pid:
                for file, number in zip(files, (1, 2), strict=True):
                    os.dup2(file, number)
                line.close()
            for file in files:
                os.close(file)
            if not pid:
                return dict(order)
            living.add(pid)
            said: int | None = pid
        else:
            pid, status = os.waitpid(order["pid"], os.WNOHANG)
            living.discard(pid)
            said = os.waitstatus_to_exitcode(status) if pid else None
        line.sendall(json.dumps(said).encode() + b"\n")


def live(order: dict[str, Any]) -> None:
    os.environ.clear()
    os.environ.update(order["environment"])
    kind, what, *more = order["words"]
    if kind == "-m":
        sys.argv = [what, *more]
        runpy.run_module(what, run_name="__main__", alter_sys=True)
    else:
        sys.argv = ["-c", *more]
        exec(compile(what, "<string>", "exec"), {"__name__": "__main__"})


def _heard(line: socket.socket) -> tuple[bytes, list[int]]:
    """Return one line and the files that came with it."""
    heard = b""
    files: list[int] = []
    while not heard.endswith(b"\n"):
        more, some, _flags, _address = socket.recv_fds(line, 65536, 2)
        if not more:
            return b"", files
        heard += more
        files += some
    return heard, files


if __name__ == "__main__":
    import app  # noqa: F401 - this is what takes the time

    if (mine := be_parent(socket.socket(fileno=int(sys.argv[1])))) is not None:
        live(mine)

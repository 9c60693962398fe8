"""How does a stranger's mail become values without ever being read in this process?"""

from __future__ import annotations

import atexit
import json
import os
import selectors
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from .answers import unpack
from .understood import Understood, quarantined

ROOM = Path(__file__).resolve().parent.parent
LENGTHS = struct.Struct("!QQ")
PIECE = 1 << 18
LONGEST_START = 60.0
LARGEST_ANSWER = 1 << 30


class NoReader(RuntimeError):
    """The process that reads mails could not be started: the machine's fault, no mail's. Try again later."""


class _Late(Exception):
    """Not finished in time."""


class _Gone(Exception):
    """The process ended before it had answered."""


class _Child:
    """One process that reads mails, one after the other."""

    def __init__(self, megabytes: int) -> None:
        self.megabytes = megabytes
        self.owner = os.getpid()
        self.is_used = False
        self.is_last = False
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-m", "inbox.child", str(megabytes)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=ROOM,
                # Nothing of the town's settings or secrets is in its environment.
                env={"PATH": os.defpath, "PYTHONPATH": str(ROOM), "PYTHONIOENCODING": "utf-8"},
            )
        except OSError as why:
            raise NoReader(f"the process that reads mails could not be started: {why}") from why
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._arriving: IO[bytes] = self._process.stdin
        self._answers: IO[bytes] = self._process.stdout
        os.set_blocking(self._arriving.fileno(), False)
        os.set_blocking(self._answers.fileno(), False)
        try:
            self._receive(time.monotonic() + LONGEST_START)
        except (_Late, _Gone, ValueError, KeyError) as why:
            code = self.end()
            raise NoReader(f"the process that reads mails did not start (it ended with {code})") from why

    def ask(self, raw: bytes, options: dict[str, Any], seconds: float) -> Understood:
        """Have one mail read; raises ``_Late`` or ``_Gone``."""
        self.is_used = True
        said = json.dumps(options).encode()
        until = time.monotonic() + seconds
        self._send((LENGTHS.pack(len(said), len(raw)), said, raw), until)
        return self._receive(until)

    def end(self) -> int:
        """Stop it, whatever it is doing; return how it ended (below 0: by that signal)."""
        if self.owner != os.getpid():
            return 0  # it belongs to the process that this one was forked from
        for pipe in (self._arriving, self._answers):
            with suppress(OSError):  # what was not yet written to it is not wanted any more
                pipe.close()
        if self._process.poll() is None:
            self._process.kill()
        return self._process.wait()

    def ended_by(self) -> int:
        """Return how it ended by itself."""
        try:
            return self._process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            return 0

    def _send(self, pieces: tuple[bytes, ...], until: float) -> None:
        with selectors.DefaultSelector() as waiting:
            waiting.register(self._arriving, selectors.EVENT_WRITE)
            for piece in pieces:
                left = memoryview(piece)
                while left:
                    _wait(waiting, until)
                    try:
                        left = left[os.write(self._arriving.fileno(), left[:PIECE]) :]
                    except BlockingIOError:
                        continue
                    except BrokenPipeError as why:
                        raise _Gone from why

    def _receive(self, until: float) -> Understood:
        with selectors.DefaultSelector() as waiting:
            waiting.register(self._answers, selectors.EVENT_READ)
            of_answer, of_contents = LENGTHS.unpack(self._read(waiting, LENGTHS.size, until))
            if of_answer + of_contents > LARGEST_ANSWER:
                raise _Gone
            answer = self._read(waiting, of_answer, until)
            contents = self._read(waiting, of_contents, until)
            self.is_last = self._read(waiting, 1, until) == b"\1"
        return unpack(answer, contents)

    def _read(self, waiting: selectors.BaseSelector, size: int, until: float) -> bytes:
        found = bytearray()
        while len(found) < size:
            _wait(waiting, until)
            try:
                piece = os.read(self._answers.fileno(), min(PIECE, size - len(found)))
            except BlockingIOError:
                continue
            if not piece:
                raise _Gone
            found += piece
        return bytes(found)


def _wait(waiting: selectors.BaseSelector, until: float) -> None:
    left = until - time.monotonic()
    if left <= 0 or not waiting.select(left):
        raise _Late


class Reader:
    """A place where mails are read: one warm process, replaced when it died, grew or served long enough."""

    def __init__(self) -> None:
        self._child: _Child | None = None
        self._one_at_a_time = threading.Lock()

    def read(self, raw: bytes, options: dict[str, Any], *, seconds: float, megabytes: int) -> Understood:
        with self._one_at_a_time:
            child = self._warm(megabytes)
            was_used = child.is_used
            said, is_certain = self._asked(child, raw, options, seconds)
            if is_certain or not was_used:
                return said
            # The mails before it may have worn that process out: once more in a fresh one.
            return self._asked(self._warm(megabytes), raw, options, seconds)[0]

    def _warm(self, megabytes: int) -> _Child:
        child = self._child
        if child and (child.megabytes != megabytes or child.owner != os.getpid()):
            self._drop()
        if self._child is None:
            self._child = _Child(megabytes)
        return self._child

    def _asked(
        self, child: _Child, raw: bytes, options: dict[str, Any], seconds: float
    ) -> tuple[Understood, bool]:
        """Return the answer, and whether it is the mail's own and not the process's condition."""
        late = quarantined(f"reading it took longer than {seconds:g} seconds and was stopped")
        try:
            said = child.ask(raw, options, seconds)
        except _Late:
            self._drop()
            return late, True
        except _Gone:
            code = child.ended_by()
            self._drop()
            if code == -signal.SIGXCPU:
                return late, True
            return quarantined(f"the process that read it ended at once ({_named(code)})"), False
        except (ValueError, KeyError, TypeError) as why:
            self._drop()
            return quarantined(f"reading it gave an answer that makes no sense ({why})"), False
        if child.is_last:
            self._drop()
        return said, not (child.is_last and said.kind == "quarantined")

    def _drop(self) -> None:
        if self._child is not None:
            self._child.end()
            self._child = None

    def close(self) -> None:
        """End the process; the next mail starts another."""
        with self._one_at_a_time:
            self._drop()


def _named(code: int) -> str:
    try:
        return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit status {code}"
    except ValueError:
        return f"signal {-code}"


READER = Reader()
"""The one of this process."""
atexit.register(READER.close)


def read_apart(
    raw: bytes,
    *,
    loop_signs: Collection[str] = (),
    markers: Collection[str] = (),
    ours: str = "",
    seconds: float = 20,
    megabytes: int = 512,
) -> Understood:
    """Return what a raw mail means, read in a process of its own with limits.

    Never raises for any bytes: what cannot be read within ``seconds`` (of the clock, and of the
    processor) and ``megabytes`` of memory is quarantined with the reason. Raises ``NoReader`` when no
    process can be started, which says nothing about the mail. One mail at a time; other threads wait.
    """
    options = {"loop_signs": sorted(loop_signs), "markers": list(markers), "ours": ours, "seconds": seconds}
    return READER.read(raw, options, seconds=seconds, megabytes=megabytes)

"""How are a million rows counted without holding up those who are served? Partly by a process of its own.

Drawing rows into Python keeps everybody else in the process waiting. So a child reads the same database as
it was at the same moment, counts, and hands over groups. Nobody is locked out for that: both begin to read,
and do so again if anybody wrote in between. Where there is no file to read (PostgreSQL counts by itself),
where the town is small, and where there is no child to be had, it ends too early or does not go on, this
process counts alone: the same comes out.
"""

from __future__ import annotations

import json
import logging
import marshal
import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from threading import Thread, Timer
from typing import IO, Any

from sqlalchemy import Connection, Engine, Select, select
from sqlalchemy.orm import Session

from storage.tables import FactBasis

log = logging.getLogger("townline.storage")

FEWEST = 100_000
"""Facts from which on it is worth a process."""
TRIES = 20
"""How often both begin to read anew because somebody wrote in between."""
CHILD = Path(__file__).with_name("apart_child.py")
BEGINNING = 30.0
"""Seconds after which a child that has not begun to read is ended; it takes a few hundredths of one."""
COUNTING = 240.0
"""Seconds after which one that counts is ended; ten million facts on a slow disk take less than sixty."""


class Lost(RuntimeError):
    """The child has ended before it had answered, or does not go on."""


class Apart:
    """A child that sees what the session sees, and answers statements one after the other."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self._waiting: list[tuple[Select[Any], bool]] = []
        self._answers: list[Future[Any]] = []
        self._listener = Thread(target=self._listen, daemon=True)
        self._limit = self._limited(BEGINNING)

    def ask(self, statement: Select[Any], *, is_counted: bool) -> Future[Any]:
        """Return what will hold the rows, or for each column value -> how many; or raise ``Lost``."""
        answer: Future[Any] = Future()
        self._waiting.append((statement, is_counted))
        self._answers.append(answer)
        return answer

    def start(self, engine: Engine | Connection) -> None:
        """Have it answer all that was asked."""
        job = json.dumps([(*_compiled(statement, engine), how) for statement, how in self._waiting])
        try:
            self._limit.cancel()
            self._limit = self._limited(COUNTING)
            _tell(self.process, job)
            self._listener.start()
        except RuntimeError as no_thread:
            self._lose(self._answers, no_thread)

    def end(self) -> None:
        """End it, whether or not it has answered."""
        self._limit.cancel()
        _ended(self.process, self._listener if self._listener.ident else None)

    def _limited(self, seconds: float) -> Timer:
        # Whoever listens then reads to the end of what it said: no waiting here knows another limit.
        limit = Timer(seconds, self.process.kill)
        limit.daemon = True
        limit.start()
        return limit

    def _listen(self) -> None:
        told = _output(self.process)
        for place, answer in enumerate(self._answers):
            try:
                answer.set_result(marshal.load(told))  # noqa: S302  # of our own child alone
            except BaseException as gone:
                # What follows half an answer is no answer either; and nobody waits for a thread that is gone.
                self._lose(self._answers[place:], gone)
                break

    @staticmethod
    def _lose(answers: Iterable[Future[Any]], why: BaseException) -> None:
        for answer in answers:
            answer.set_exception(Lost(f"counting apart ended early: {why!r}"))


def _ended(process: subprocess.Popen[bytes], listener: Thread | None = None) -> None:
    process.kill()
    process.wait()
    if listener:
        listener.join()
    for pipe in (process.stdin, process.stdout):
        assert pipe is not None
        with suppress(BrokenPipeError):  # what it was told it need not hear any more
            pipe.close()


def rows_of(
    answer: Future[Any] | None, session: Session, statement: Select[Any]
) -> Iterable[tuple[Any, ...]]:
    """Return the rows that the child found; where there is none, or it got lost, the session's own."""
    try:
        if answer is not None:
            found: Iterable[tuple[Any, ...]] = answer.result()
            return found
    except Lost as lost:
        log.warning("%s", lost)
    # The driver's own tuples: these are whole numbers, there is nothing to convert.
    here: Iterable[tuple[Any, ...]] = session.execute(statement).cursor  # type: ignore[attr-defined]
    return here


@contextmanager
def apart(session: Session) -> Iterator[Apart | None]:
    """Lend a child that sees the same rows as the session from now on; None to count here alone."""
    engine = session.get_bind()
    file = engine.url.database if isinstance(engine, Engine) and engine.dialect.name == "sqlite" else None
    if not isinstance(engine, Engine) or not file or not Path(file).is_file() or session.in_transaction():
        yield None
        return
    # Beside the pool: whoever counts has a connection of it already, and might wait in vain for a second one.
    with closing(sqlite3.connect(file, isolation_level=None, timeout=10)) as watcher:
        beside = _started(file) if _size(watcher) >= FEWEST else None
        if beside is None:
            yield None
            return
        try:
            yield beside if _sees_the_same(beside.process, session, watcher) else None
        finally:
            beside.end()


def _size(watcher: sqlite3.Connection) -> int:
    (most,) = watcher.execute("SELECT max(request_id) FROM facts").fetchone()
    return most or 0


def _started(file: str) -> Apart | None:
    """Return a child that opens the file; None where there is no process, thread or memory for it."""
    try:
        process = subprocess.Popen(  # noqa: S603  # this very Python, and a file of ours
            [sys.executable or "", "-I", "-S", str(CHILD)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={"LANG": "C.UTF-8"},
        )  # fmt: skip
    except (OSError, MemoryError) as none:
        log.warning("figures are counted in this process alone: no other can be started (%s)", none)
        return None
    try:
        beside = Apart(process)
    except (RuntimeError, MemoryError) as none:
        log.warning("figures are counted in this process alone: no thread can be started (%s)", none)
        _ended(process)
        return None
    _tell(process, json.dumps(str(Path(file).resolve())))
    return beside


def _sees_the_same(process: subprocess.Popen[bytes], session: Session, watcher: sqlite3.Connection) -> bool:
    """Have both begin to read between two moments between which nobody wrote."""
    for _try in range(TRIES if _hears(process, "here") else 0):
        before = _version(watcher)
        session.execute(select(FactBasis.mark)).all()
        _tell(process, "now")
        if not _hears(process, "ready"):
            break
        if _version(watcher) == before:
            return True
        session.rollback()
    log.warning("figures are counted in this process alone: the one beside it did not see the same rows")
    return False


def _version(watcher: sqlite3.Connection) -> int:
    # Changes with whatever another connection, of any process, has committed.
    version: int = watcher.execute("PRAGMA data_version").fetchone()[0]
    return version


def _compiled(statement: Select[Any], engine: Engine | Connection) -> tuple[str, Sequence[Any]]:
    compiled = statement.compile(engine)
    names: Sequence[str] = compiled.positiontup or ()
    return str(compiled), [compiled.params[name] for name in names]


def _tell(process: subprocess.Popen[bytes], line: str) -> None:
    assert process.stdin is not None
    # Where it has ended, whoever waits for its answer is told so.
    with suppress(BrokenPipeError):
        process.stdin.write(line.encode() + b"\n")
        process.stdin.flush()


def _hears(process: subprocess.Popen[bytes], word: str) -> bool:
    return _output(process).readline().strip() == word.encode()


def _output(process: subprocess.Popen[bytes]) -> IO[bytes]:
    assert process.stdout is not None
    return process.stdout

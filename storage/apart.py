"""How are a million rows counted without holding up those who are served? Partly by a process of its own.

Drawing rows into Python keeps everybody else in the process waiting. So a child reads the same database as
it was at the same moment, counts, and hands over groups. Nobody is locked out for that: both begin to read,
and do so again if anybody wrote in between. Where there is no file to read (PostgreSQL counts by itself),
where the town is small, or where the child ends too early, this process counts alone: the same comes out.
"""

from __future__ import annotations

import json
import logging
import marshal
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import IO, Any

from sqlalchemy import Connection, Engine, Select, func, select
from sqlalchemy.orm import Session

from storage.tables import Fact, FactBasis

log = logging.getLogger("townline.storage")

FEWEST = 100_000
"""Facts from which on it is worth a process."""
TRIES = 20
"""How often both begin to read anew because somebody wrote in between."""
CHILD = Path(__file__).with_name("apart_child.py")


SECONDS = 600
"""How long one answer is waited for; ten million facts on a slow disk take less than one minute."""


class Lost(RuntimeError):
    """The child has ended before it had answered, or does not go on."""


class Apart:
    """A child that sees what the session sees, and answers statements one after the other."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._waiting: list[tuple[Select[Any], bool]] = []
        self._answers: list[Future[Any]] = []
        self._listener = Thread(target=self._listen, daemon=True)

    def ask(self, statement: Select[Any], *, is_counted: bool) -> Future[Any]:
        """Return what will hold the rows, or for each column value -> how many; or raise ``Lost``."""
        answer: Future[Any] = Future()
        self._waiting.append((statement, is_counted))
        self._answers.append(answer)
        return answer

    def start(self, engine: Engine | Connection) -> None:
        """Have it answer all that was asked."""
        job = json.dumps([(*_compiled(statement, engine), how) for statement, how in self._waiting])
        _tell(self._process, job)
        self._listener.start()

    def end(self) -> None:
        """End it, whether or not it has answered."""
        self._process.kill()
        self._process.wait()
        if self._listener.ident:
            self._listener.join()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            with suppress(BrokenPipeError):  # what it was told it need not hear any more
                pipe.close()

    def _listen(self) -> None:
        told = _output(self._process)
        for answer in self._answers:
            try:
                answer.set_result(marshal.load(told))  # noqa: S302  # of our own child alone
            except (EOFError, ValueError, TypeError, OSError) as gone:
                answer.set_exception(Lost(f"counting apart ended early: {gone}"))


def told(answer: Future[Any]) -> Any:
    """Return what the child found; raises ``Lost``."""
    try:
        return answer.result(SECONDS)
    except TimeoutError as late:
        raise Lost(f"counting apart had not answered after {SECONDS} seconds") from late


def rows_of(
    answer: Future[Any] | None, session: Session, statement: Select[Any]
) -> Iterable[tuple[Any, ...]]:
    """Return the rows that the child found; where there is none, or it got lost, the session's own."""
    try:
        if answer is not None:
            found: Iterable[tuple[Any, ...]] = told(answer)
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
    with closing(engine.raw_connection()) as watcher:
        most = watcher.cursor().execute(str(select(func.max(Fact.request_id)))).fetchone()[0]
        if (most or 0) < FEWEST:
            yield None
            return
        process = _started(file)
        beside = Apart(process)
        try:
            yield beside if _sees_the_same(process, session, watcher.cursor()) else None
        finally:
            beside.end()


def _started(file: str) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(  # noqa: S603  # this very Python, and a file of ours
        [sys.executable, "-I", "-S", str(CHILD)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={"LANG": "C.UTF-8"},
    )  # fmt: skip
    _tell(process, json.dumps(str(Path(file).resolve())))
    return process


def _sees_the_same(process: subprocess.Popen[bytes], session: Session, watcher: Any) -> bool:
    """Have both begin to read between two moments between which nobody wrote."""
    if not _hears(process, "here"):
        return False
    for _try in range(TRIES):
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


def _version(watcher: Any) -> int:
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

"""How do we read and write without losing a promise? One writer, one commit.

SQLite allows one writer at a time. Left to its own busy waiting, eight threads wait 400 to 1,000 ms
at the 99th percentile; behind one lock in the process they wait 20 to 75 ms, because a lock is
handed over at once while SQLite sleeps and tries again. So every write goes through ``writing()``:
it takes the lock, opens ``BEGIN IMMEDIATE`` and commits once. On PostgreSQL the same code runs
without the lock.

Known trap: a ``BEGIN IMMEDIATE`` asked for after the session has already read is silently *not*
immediate, so ``writing()`` refuses to open inside a read. Faces look things up with ``reading()``,
let go, and then call a verb with ids and values.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, Engine, event
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.schema import MetaData

WRITES = "townline_writes"
AFTER_COMMIT = "townline_after_commit"
IS_WRITING = "townline_is_writing"

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
"""Every constraint has a name, so that a refusal of the database can become a named error."""


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMES)


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False, "autoflush": False})


class WriteInsideRead(RuntimeError):
    """A write was asked for while the same session was already reading."""

    def __init__(self) -> None:
        super().__init__(
            "writing() was opened inside a read, so SQLite could not promise the write lock; "
            "finish the read with reading() first and pass ids to the verb"
        )


_locks: WeakKeyDictionary[Engine, Lock] = WeakKeyDictionary()
_locks_guard = Lock()


def connect(app: Flask) -> None:
    """Attach the database to the application; opens no connection and makes no file."""
    db.init_app(app)
    with app.app_context():
        engine = db.engine
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    # Transactions are ours to open (see _begin_sqlite), not the driver's to guess.
    connection.isolation_level = None
    for pragma in (
        "journal_mode = WAL",
        # FULL: a request that was acknowledged survives a power cut, at one sync per commit.
        "synchronous = FULL",
        "foreign_keys = ON",
        # Commands run beside the server and write too; in the server itself the lock goes first.
        "busy_timeout = 10000",
        "temp_store = MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    immediate = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def _lock_of(engine: Engine) -> Lock:
    with _locks_guard:
        return _locks.setdefault(engine, Lock())


@contextmanager
def writing() -> Iterator[Session]:
    """Open the one write transaction, commit it at the end, undo it all on any error.

    Keep it short and never talk to a network inside. Raises ``WriteInsideRead`` when the session
    has already read or written.
    """
    session = db.session()
    if session.in_transaction():
        raise WriteInsideRead
    with _turn(db.engine):
        yield from _committed(session)
    _run_after_commit(session)


@contextmanager
def joining() -> Iterator[Session]:
    """Lend the ``writing()`` that is open in this very context, or open one.

    What goes wrong in between undoes only what was done since (a savepoint), so that whoever opened it
    may write down why.
    """
    session = db.session()
    if not session.info.get(IS_WRITING):
        with writing() as opened:
            yield opened
        return
    waiting = list(session.info[AFTER_COMMIT])
    try:
        with session.begin_nested():
            yield session
    except BaseException:
        session.info[AFTER_COMMIT] = waiting
        raise


def _turn(engine: Engine) -> AbstractContextManager[Any]:
    return _lock_of(engine) if engine.dialect.name == "sqlite" else nullcontext()


def _committed(session: Session) -> Iterator[Session]:
    session.info[AFTER_COMMIT] = []
    session.info[IS_WRITING] = True
    try:
        session.connection(execution_options={WRITES: True})
        yield session
        session.commit()
    except BaseException:
        session.info[AFTER_COMMIT] = []
        session.rollback()
        raise
    finally:
        session.info[IS_WRITING] = False
        session.close()


def after_commit(session: Session, act: Callable[[], None]) -> None:
    """Have ``act`` called once when this transaction has been committed, and never otherwise."""
    waiting = session.info.setdefault(AFTER_COMMIT, [])
    if act not in waiting:
        waiting.append(act)


def _run_after_commit(session: Session) -> None:
    for act in session.info.pop(AFTER_COMMIT, []):
        act()


@contextmanager
def reading() -> Iterator[Session]:
    """Lend a session for looking things up, and let go of the database at the end.

    Inside ``writing()`` it lends that same transaction and leaves it open.
    """
    session = db.session()
    is_borrowed = session.in_transaction()
    try:
        yield session
    finally:
        if not is_borrowed:
            session.close()

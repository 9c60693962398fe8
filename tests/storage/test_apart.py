"""Does the process beside this one count the same rows, whatever happens to it, whoever writes meanwhile?"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, Select, create_engine, event, select, text
from sqlalchemy.orm import Session

from figures.shapes import Figures
from reports.period import frame_of
from storage import apart
from storage.apart import Apart, Lost
from storage.database import Base
from storage.tables import FactBasis
from tests.figures.town import TABLES, add, plain_sorting, reckoned
from tests.reports.past import AS_OF, OCTOBER, ZONE, past

ASKED = select(FactBasis.mark)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = create_engine(f"sqlite:///{tmp_path_factory.mktemp('apart') / 'town.sqlite3'}")
    event.listen(engine, "connect", _plain)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    Base.metadata.create_all(engine, tables=[one.__table__ for one in (*TABLES, FactBasis)])  # type: ignore[misc]
    with Session(engine) as session:
        add(session, past(), sorting=plain_sorting(OCTOBER))
        session.add(FactBasis(id=1, mark="old"))
        session.commit()
    yield engine
    engine.dispose()


def _plain(connection: object, _record: object) -> None:
    connection.isolation_level = None  # type: ignore[attr-defined]
    connection.execute("PRAGMA journal_mode = WAL")  # type: ignore[attr-defined]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "FEWEST", 1)


def told(session: Session) -> Figures:
    return reckoned(session, frame_of(OCTOBER), as_of=AS_OF, zone=ZONE.key, is_workload_wanted=True)


def test_two_processes_come_to_the_same_figures_as_one(town: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    with Session(town) as session:
        alone = told(session)
    monkeypatch.setattr(apart, "FEWEST", 1)
    asked: list[bool] = []
    ask = apart.Apart.ask

    def note(self: Apart, statement: Select[Any], *, is_counted: bool) -> Future[Any]:
        asked.append(is_counted)
        return ask(self, statement, is_counted=is_counted)

    monkeypatch.setattr(Apart, "ask", note)
    with Session(town) as session:
        assert told(session) == alone
    assert {True, False} <= set(asked), "the child was asked for rows and for counts"


def test_a_child_that_ends_too_early_costs_time_and_nothing_else(
    town: Engine, small: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with Session(town) as session:
        whole = told(session)
    text_of = apart.CHILD.read_text()
    for place, dies in (("here", "_say"), ("in the middle", "for statement"), ("at once", "import gc")):
        child = tmp_path / f"{place}.py"
        child.write_text(text_of.replace(dies, f"raise SystemExit  # {dies}", 1))
        monkeypatch.setattr(apart, "CHILD", child)
        with Session(town) as session:
            assert told(session) == whole


def test_both_begin_anew_when_somebody_wrote_in_between(
    town: Engine, small: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    hears, written = apart._hears, list[str]()

    def writes_first(process: object, word: str) -> bool:
        if word == "ready" and not written:
            written.append(word)
            with Session(town) as other:
                other.execute(text("UPDATE fact_basis SET mark = 'new'"))
                other.commit()
        return hears(process, word)  # type: ignore[arg-type]

    monkeypatch.setattr(apart, "_hears", writes_first)
    with Session(town) as session, apart.apart(session) as beside:
        assert beside is not None
        answer = beside.ask(ASKED, is_counted=False)
        beside.start(town)
        assert answer.result() == [("new",)]
        assert session.scalar(ASKED) == "new"


def test_what_is_written_later_is_seen_by_neither(town: Engine, small: None) -> None:
    with Session(town) as session, apart.apart(session) as beside:
        assert beside is not None
        before = session.scalar(ASKED)
        with Session(town) as other:
            other.execute(text("UPDATE fact_basis SET mark = 'newest'"))
            other.commit()
        answer = beside.ask(ASKED, is_counted=True)
        beside.start(town)
        assert answer.result() == [{before: 1}]
        assert session.scalar(ASKED) == before


def test_whoever_waits_for_a_lost_child_is_told_so(town: Engine, small: None) -> None:
    with Session(town) as session, apart.apart(session) as beside:
        assert beside is not None
        answer = beside.ask(select(text("no_such_thing")), is_counted=False)
        beside.start(town)
        with pytest.raises(Lost):
            answer.result(timeout=20)


def test_a_small_town_and_one_that_is_written_to_are_counted_alone(
    town: Engine, small: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Session(town) as session:
        session.execute(ASKED)
        with apart.apart(session) as beside:
            assert beside is None
    with Session(town) as session:
        monkeypatch.setattr(apart, "FEWEST", 100_000)
        with apart.apart(session) as beside:
            assert beside is None


@pytest.mark.parametrize("place", ["here", "ready", "an answer"])
def test_a_child_that_does_not_go_on_is_ended_and_its_work_done_here(
    town: Engine, small: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, place: str
) -> None:
    with Session(town) as session:
        whole = told(session)
    dies = {
        "here": '    _say("here")',
        "ready": '        _say("ready")',
        "an answer": "        marshal.dump(",
    }[place]
    stops, child = "os.kill(os.getpid(), signal.SIGSTOP)", tmp_path / "child.py"
    indent = " " * (len(dies) - len(dies.lstrip()))
    text_of = apart.CHILD.read_text().replace("import gc", "import gc, os, signal", 1)
    child.write_text(text_of.replace(dies, f"{indent}{stops}\n{dies}", 1))
    monkeypatch.setattr(apart, "CHILD", child)
    monkeypatch.setattr(apart, "COUNTING" if place == "an answer" else "BEGINNING", 0.3)
    with Session(town) as session:
        assert told(session) == whole


def test_where_there_is_no_process_or_thread_to_be_had_it_is_counted_here(
    town: Engine, small: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with Session(town) as session:
        whole = told(session)

    def no_process(*_all: object, **_more: object) -> None:
        raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")

    def no_thread(_thread: object) -> None:
        raise RuntimeError("can't start new thread")

    for name, none in (
        ("subprocess.Popen", no_process),
        ("storage.apart.Timer.start", no_thread),
        ("storage.apart.Thread.start", no_thread),
    ):
        with monkeypatch.context() as machine, Session(town) as session:
            machine.setattr(name, none)
            assert told(session) == whole
    monkeypatch.setattr("sys.executable", None)
    with Session(town) as session:
        assert told(session) == whole
    assert "counted in this process alone" in caplog.text


def test_half_an_answer_ends_them_all(town: Engine, small: None, monkeypatch: pytest.MonkeyPatch) -> None:
    class NoRoom:
        @staticmethod
        def load(_told: object) -> object:
            raise MemoryError

    with Session(town) as session, apart.apart(session) as beside:
        assert beside is not None
        answers = [beside.ask(ASKED, is_counted=False) for _one in range(3)]
        monkeypatch.setattr(apart, "marshal", NoRoom)
        beside.start(town)
        for answer in answers:
            with pytest.raises(Lost, match="MemoryError"):
                answer.result(timeout=20)


def test_whoever_counts_needs_one_connection_of_the_pool(town: Engine, small: None) -> None:
    with Session(town) as session, apart.apart(session) as beside:
        assert beside is not None
        assert town.pool.checkedout() == 1  # type: ignore[attr-defined]

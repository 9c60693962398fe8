"""Does the code keep the habits that no tool knows: one commit, one clock, every column decided?"""

import socket

import pytest
from pytest_socket import SocketConnectBlockedError

import storage.tables  # noqa: F401  (fills the metadata)
from storage.database import Base
from tests.house import tree

CLOCKS = {
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today",
    "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.date.today", "time.time",
}  # fmt: skip
MAY_READ_THE_CLOCK = {"clock", "console", "widgets", "desk", "reports", "operations", "inlet"}


def places(package_may: set[str], wanted: set[str]) -> list[str]:
    """Where one of these names stands outside the packages (or files) that may use it."""
    return [
        f"{tree.shown(path)}:{line}: {name}"
        for path in tree.modules()
        if not package_may & {tree.shown(path), tree.shown(path).split("/")[0]}
        for line, name in tree.dotted(path)
        if name in wanted or f".{name.rpartition('.')[2]}" in wanted
    ]


def test_there_is_one_commit_and_it_stands_in_the_database_module() -> None:
    assert not places({"storage/database.py"}, {".commit"})
    assert any(name.endswith(".commit") for _, name in tree.dotted(tree.ROOT / "storage" / "database.py"))


def test_only_the_clock_the_console_and_the_faces_read_the_wall_clock() -> None:
    assert not places(MAY_READ_THE_CLOCK, CLOCKS)


def test_every_column_says_whether_it_is_personal_and_how_long_it_stays() -> None:
    columns = [column for table in Base.metadata.tables.values() for column in table.columns]
    assert columns
    undecided = [
        str(column)
        for column in columns
        if not isinstance(column.info.get("personal"), bool)
        or not isinstance(column.info.get("keep"), str)
        or not column.info["keep"].strip()
    ]
    assert not undecided


def test_nothing_reaches_beyond_this_machine() -> None:
    with pytest.warns(UserWarning, match="192.0.2.1"), pytest.raises(SocketConnectBlockedError):
        socket.create_connection(("192.0.2.1", 9), timeout=1)

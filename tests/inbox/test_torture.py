"""Does every awkward mail end understood, ignored or quarantined with a reason, in bounded time?"""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from inbox.apart import READER, read_apart
from inbox.understood import KINDS, Understood
from tests.inbox import torture_bodies, torture_bombs, torture_headers, torture_machines
from tests.inbox.mails import LOOP_SIGN, Case

CASES: dict[str, Case] = {
    **torture_headers.CASES, **torture_bodies.CASES, **torture_machines.CASES, **torture_bombs.CASES,
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _no_process_is_left() -> Iterator[None]:
    yield
    READER.close()


def test_there_are_enough_of_them() -> None:
    assert len(CASES) >= 120
    assert {case.kind for case in CASES.values()} == set(KINDS)


@pytest.mark.parametrize("name", CASES)
def test_each_says_what_it_must(name: str) -> None:
    case = CASES[name]
    raw = case.bytes()
    began = _worked()
    said = read_apart(raw, loop_signs=[LOOP_SIGN])
    assert _worked() - began < case.seconds
    assert (said.kind, bool(said.reason)) == (case.kind, True), said.reason
    assert case.reason in said.reason
    if said.kind == "quarantined":
        assert said.mail is None
        return
    _compare(case, said)


def _worked() -> float:
    """Return how many seconds reading has kept a processor busy; where nothing tells, those of the clock."""
    if not Path("/proc/self/stat").exists():
        return time.monotonic()
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    ticks = 0
    if READER._child is not None:
        told = Path(f"/proc/{READER._child._process.pid}/stat").read_text()
        ticks = sum(map(int, told.rpartition(")")[2].split()[11:13]))
    return ended.ru_utime + ended.ru_stime + ticks / os.sysconf("SC_CLK_TCK")


def _compare(case: Case, said: Understood) -> None:
    mail: Any = said.mail
    found = {"subject": mail.subject, "name": mail.sender.name, "email": mail.sender.email,
             "text": mail.text.strip(),
             "attachments": tuple((one.name, one.type) for one in mail.attachments)}  # fmt: skip
    wanted = {name: getattr(case, name) for name in found if getattr(case, name) is not None}
    assert {name: found[name] for name in wanted} == wanted
    assert [word for word in case.has if word not in mail.text] == []
    assert [word for word in case.lacks if word in mail.text] == []
    assert any(case.problem in problem for problem in mail.problems) or not case.problem, mail.problems
    for field, value in case.more.items():
        if field == "headers":
            assert value in mail.headers
        else:
            assert getattr(mail, field) == value

"""Does the process that reads mails keep its limits, and does the next mail find a fresh one?"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from inbox.apart import READER, NoReader, read_apart
from inbox.understood import Understood, understand
from tests.inbox.mails import JPEG, LOOP_SIGN, file, mail, part, several


@pytest.fixture(autouse=True)
def _no_process_is_left() -> Iterator[None]:
    yield
    READER.close()


def child() -> int:
    assert READER._child is not None
    return READER._child._process.pid


def test_the_answer_is_the_same_as_without_a_process() -> None:
    raw = several(part("See."), file(JPEG * 100, "image/jpeg", "a.jpg"))
    assert read_apart(raw, loop_signs=[LOOP_SIGN]) == understand(raw, loop_signs=[LOOP_SIGN])


def test_one_process_reads_many_mails() -> None:
    first = {read_apart(mail(f"Lamp {number}.")).reply for number in range(3)}
    before = child()
    assert {said.text for said in first if said} == {"Lamp 0.", "Lamp 1.", "Lamp 2."}
    read_apart(mail())
    assert child() == before


def test_a_process_that_was_killed_is_replaced_and_no_mail_suffers() -> None:
    read_apart(mail())
    before = child()
    os.kill(before, signal.SIGKILL)
    assert read_apart(mail()).kind == "reply"
    assert child() != before


def test_a_mail_that_takes_too_long_is_quarantined_and_the_next_one_read() -> None:
    read_apart(mail())
    os.kill(child(), signal.SIGSTOP)
    began = time.monotonic()
    said = read_apart(mail(), seconds=0.5)
    assert (said.kind, said.mail) == ("quarantined", None)
    assert "longer than 0.5 seconds" in said.reason
    assert time.monotonic() - began < 10
    assert read_apart(mail()).kind == "reply"


def test_a_mail_that_needs_too_much_memory_is_quarantined_and_the_next_one_read() -> None:
    large = several(part("See."), file(JPEG + bytes(30_000_000), "image/jpeg", "a.jpg"))
    said = read_apart(large, megabytes=160)
    assert said.kind == "quarantined"
    assert "160 MB" in said.reason
    assert read_apart(mail(), megabytes=160).kind == "reply"


def test_a_process_serves_only_so_many_mails(monkeypatch: pytest.MonkeyPatch) -> None:
    read_apart(mail())
    assert READER._child is not None
    before = child()
    READER._child.is_last = True
    read_apart(mail())
    READER.close()
    read_apart(mail())
    assert child() != before


def test_several_threads_take_turns() -> None:
    found: list[Understood] = []
    threads = [
        threading.Thread(target=lambda n=n: found.append(read_apart(mail(f"Lamp {n}.")))) for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {one.reply.text for one in found if one.reply} == {f"Lamp {n}." for n in range(8)}


def test_a_machine_that_starts_no_process_is_no_fault_of_the_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(NoReader, match="could not be started"):
        read_apart(mail())


def test_the_process_knows_none_of_our_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOWNLINE_SECRET", "never-told")
    read_apart(mail())
    with open(f"/proc/{child()}/environ", "rb") as file:
        assert b"never-told" not in file.read()


def test_the_process_ends_with_us() -> None:
    read_apart(mail())
    pid = child()
    READER.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)

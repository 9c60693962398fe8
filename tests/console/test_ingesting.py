"""Does the pipe keep each mail or say that it must come again, and does reading store nothing?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask import Flask

from console import ingesting
from settings import Settings
from storage import incoming

RAW = (
    b"From: New <new@example.org>\nTo: town@x.example\nDelivered-To: town+b@x.example\n"
    b"Subject: Hole\n\nA hole.\n"
)


@pytest.fixture
def run(app: Flask, settings: Settings):
    settings.secret_path.write_text("s" * 40, encoding="ascii")
    runner = app.test_cli_runner()
    return lambda *words, **how: runner.invoke(args=["mail", *words], **how)


def test_a_mail_from_the_pipe_is_kept_with_the_address_that_the_server_names(run):
    answer = run("ingest", input=RAW)
    assert answer.exit_code == 0, answer.output
    kept = incoming.one(1)
    assert (kept.raw, kept.envelope_to, kept.source) == (RAW, "town+b@x.example", "pipe")
    assert kept.state == "drafted"


def test_the_servers_own_word_goes_before_headers(run):
    run("ingest", "--to", "town+r@x.example", input=RAW)
    assert incoming.one(1).envelope_to == "town+r@x.example"


def test_what_cannot_be_kept_stays_with_the_mail_server(run, monkeypatch: pytest.MonkeyPatch):
    def full(*_args, **_how):
        raise OSError("no space left on device")

    monkeypatch.setattr(ingesting, "store", full)
    answer = run("ingest", input=RAW)
    assert answer.exit_code == 75
    assert "no space left on device" in answer.output


def test_what_is_kept_is_never_brought_again_whatever_fails_behind_it(run, monkeypatch: pytest.MonkeyPatch):
    def broken(*_args, **_how):
        raise RuntimeError("nobody foresaw this")

    monkeypatch.setattr(ingesting, "work_off", broken)
    assert run("ingest", input=RAW).exit_code == 0
    assert incoming.one(1).state == "stored"


def test_reading_says_what_files_and_folders_hold_and_stores_nothing(run, tmp_path: Path):
    folder = tmp_path / "mails"
    folder.mkdir()
    (folder / "1.eml").write_bytes(RAW)
    (folder / "2.eml").write_bytes(b"\x00\x01")
    answer = run("read", str(folder), "--json")
    assert answer.exit_code == 0, answer.output
    first, second = (json.loads(line) for line in answer.output.splitlines())
    assert first == {
        "file": str(folder / "1.eml"),
        "kind": "reply",
        "from": "new@example.org",
        "subject": "Hole",
        "text": "A hole.",
        "full_text": "A hole.",
        "attachments": [],
        "reason": first["reason"],
    }
    assert second["reason"]
    assert incoming.counts() == {}


def test_the_original_comes_out_as_it_came_in(run):
    run("ingest", input=RAW)
    assert run("original", "1").stdout_bytes == RAW
    assert run("original", "2").exit_code == 1

"""Can a clerk look before it is sent, send it, and send it again, from the command line?"""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskCliRunner

from casework.office import the_office
from reports import making
from tests.builders import opened

NAME = "council-monthly"
NOVEMBER = datetime(2026, 11, 4, 13, 0, tzinfo=UTC)


@pytest.fixture
def console(bare_app: Flask, now: datetime) -> FlaskCliRunner:
    with bare_app.app_context():
        opened(the_office(), now)
    return bare_app.test_cli_runner()


@pytest.fixture(autouse=True)
def november():
    with time_machine.travel(NOVEMBER, tick=True):
        yield


def test_build_writes_the_files_and_sends_nothing(console: FlaskCliRunner, tmp_path: Path) -> None:
    done = console.invoke(
        args=["report", "build", NAME, "--period", "2026-10", "--out", str(tmp_path / "new")]
    )
    assert done.exit_code == 0, done.output
    written = [Path(line) for line in done.output.splitlines()]
    assert [path.suffix for path in written] == [".pdf", ".html", ".csv", ".json"]
    assert written[0].read_bytes().startswith(b"%PDF-")
    assert json.loads(written[3].read_text())["figures"]["this"]["received"] == 1
    with written[2].open(newline="") as file:
        assert {"2026-10"} == {row["period"] for row in csv.DictReader(file)}


def test_only_the_formats_asked_for_are_written(console: FlaskCliRunner, tmp_path: Path) -> None:
    words = ["report", "build", NAME, "--period", "2026-10", "--out", str(tmp_path), "--format", "csv,json"]
    assert console.invoke(args=words).exit_code == 0
    assert sorted(path.suffix for path in tmp_path.glob(f"{NAME}*")) == [".csv", ".json"]


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (["build", NAME, "--period", "2026-11", "--out", "x"], 1, "2026-11 has not ended yet"),
        (["build", NAME, "--period", "10/2026", "--out", "x"], 1, "as in 2026-10"),
        (["build", "weekly", "--period", "2026-10", "--out", "x"], 1, "there are: council-monthly"),
        (
            ["build", NAME, "--period", "2026-10", "--out", "x", "--format", "docx"],
            2,
            "choose from pdf, html",
        ),
        (["build", NAME, "--period", "2026-10"], 2, "--out"),
        (["resend", NAME, "--period", "2026-10"], 1, "has not been sent yet"),
        (["send", NAME, "--period", "2026-11"], 1, "has not ended yet"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(
    console: FlaskCliRunner,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    status: int,
    says: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    done = console.invoke(args=["report", *words])
    assert done.exit_code == status
    assert says in done.output
    assert "Traceback" not in done.output


def test_send_posts_once_and_resend_posts_again(
    console: FlaskCliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "pdf_of", lambda html, **_more: b"%PDF-")
    words = ["report", "send", NAME, "--period", "2026-10"]
    first = console.invoke(args=words)
    assert first.exit_code == 0, first.output
    assert "is in the outbox for clerk@alderfalls.example, council@alderfalls.example, as PDF" in first.output
    assert console.invoke(args=words).exit_code == 1
    again = console.invoke(
        args=["report", "resend", NAME, "--period", "2026-10", "--to", "member@example.org"]
    )
    assert "is in the outbox for member@example.org" in again.output

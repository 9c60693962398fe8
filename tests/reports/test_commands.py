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
from tests.reports.plans import planning

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
    told = json.loads(written[3].read_text())
    assert told["figures"]["this"]["received"] == 1
    assert {"received": "hidden"} in told["figures"]["channel"].values()
    assert "told" not in told, "a public report's files hide the same numbers, all of them"
    assert "scores" not in told["figures"]["satisfaction"]
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


def test_a_quarter_can_be_looked_at_although_the_report_is_monthly(
    console: FlaskCliRunner, tmp_path: Path
) -> None:
    words = ["report", "build", NAME, "--period", "2026-Q3", "--out", str(tmp_path), "--format", "csv"]
    done = console.invoke(args=words)
    assert done.exit_code == 0, done.output
    assert [path.name for path in tmp_path.glob("*Q3*")] == [f"{NAME}-2026-Q3.csv"]


def test_send_to_one_reader_is_a_preview(console: FlaskCliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "pdf_of", lambda html, **_more: b"%PDF-")
    words = ["report", "send", NAME, "--period", "2026-10"]
    for _ in range(2):
        done = console.invoke(args=[*words, "--to", "me@example.org"])
        assert "is in the outbox for me@example.org, as PDF" in done.output
    assert console.invoke(args=words).exit_code == 0
    refused = console.invoke(args=[*words, "--note", "for all"])
    assert refused.exit_code == 2
    assert "--note goes with --to" in refused.output


def test_reissue_makes_issue_two_and_list_shows_both(
    console: FlaskCliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "pdf_of", lambda html, **_more: b"%PDF-")
    words = ["--period", "2026-10"]
    early = console.invoke(args=["report", "reissue", NAME, *words, "--note", "why"])
    assert early.exit_code == 1
    assert "nothing to correct" in early.output
    told = console.invoke(args=["report", "list"]).output
    assert "no edition yet" in told
    at_once = "2026-10, whose day was Wed 2026-11-04 07:00, goes out at once; since: 2026-11-01 in its plan"
    assert at_once in told
    console.invoke(args=["report", "send", NAME, *words])
    done = console.invoke(args=["report", "reissue", NAME, *words, "--note", "A place was wrong."])
    assert f"{NAME} for 2026-10, issue 2 is in the outbox" in done.output, done.output
    told = console.invoke(args=["report", "list", NAME]).output
    assert "2026-10 issue 2: sent Wed 2026-11-04 08:0" in told
    assert "2026-10: sent Wed 2026-11-04 08:0" in told
    assert "2026-11 goes out Thu 2026-12-03 07:00" in told
    assert "at once" not in told
    assert console.invoke(args=["report", "list", "weekly"]).exit_code == 1


def test_where_a_word_is_wanted_send_says_until_when_it_waits(
    bare_app: Flask, console: FlaskCliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "pdf_of", lambda html, **_more: b"%PDF-")
    with bare_app.app_context():
        planning(the_office(), approve={"by": "deputy-clerk", "within": "2 working days", "then": "skip"})
    words = ["report", "send", NAME, "--period", "2026-10"]
    done = console.invoke(args=words)
    assert "waits for a word from deputy.clerk@alderfalls.example until Fri 2026-11-06 12:00" in done.output
    again = console.invoke(args=words)
    assert again.exit_code == 1
    assert "is made and waits for a word" in again.output
    told = console.invoke(args=["report", "list", NAME]).output
    assert "2026-10: waits for a word until Fri 2026-11-06 12:00" in told
    assert "2026-11 waits for approval from Thu 2026-12-03 07:00, is skipped Mon 2026-12-07" in told

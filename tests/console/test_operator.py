"""Does each command do its one thing, and say what to do when it cannot?"""

from __future__ import annotations

import json
import logging
import os
import shutil
import sqlite3
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from app import create_app
from casework.delivering import deliver_due
from casework.office import Office
from console import serving, starting
from mail.smtp import SmtpCarrier
from settings import Settings
from storage import lookups
from storage.database import db, writing
from storage.tables import Fact, OutgoingLetter, ServiceRequest
from tests.builders import opened
from tests.conftest import SECRET
from tests.conscience import StrictClient
from tests.widgets.resident import Resident


def run(app: Flask, *words: str):
    return app.test_cli_runner().invoke(args=list(words))


@pytest.fixture
def fresh(tmp_path: Path):
    """A demonstration that has never been started: no folder, no secret, no database."""
    app = create_app(Settings(data=tmp_path / "new", demo=True))
    yield app
    with app.app_context():
        db.engine.dispose()


def test_setup_makes_what_is_missing_and_a_second_time_nothing(fresh: Flask, tmp_path: Path):
    first = run(fresh, "setup")
    assert first.exit_code == 0, first.output
    assert "Database created" in first.output
    secret = tmp_path / "new" / "secret"
    assert secret.stat().st_mode & 0o077 == 0
    before = secret.read_text()
    with fresh.app_context():
        past = lookups.count_requests()
        assert lookups.letter_counts() == {"queued": 4}
    assert past > 100
    assert run(fresh, "setup").output == ""
    assert secret.read_text() == before
    with fresh.app_context():
        assert lookups.count_requests() == past


def test_making_up_a_past_writes_no_letter_and_is_the_same_again(bare_app: Flask):
    assert run(bare_app, "demo", "fill", "--requests", "60", "--months", "6").exit_code == 0
    with bare_app.app_context():
        assert 40 <= lookups.count_requests() <= 60
        assert lookups.letter_counts() == {}
        # Some place comes back, for reports to show, and only the form knows the page that it stands in.
        places = Counter(db.session.scalars(select(Fact.square).where(Fact.square.is_not(None))))
        assert places.most_common(1)[0][1] >= 3
        told = {(row.channel, bool(row.source_page)) for row in db.session.scalars(select(ServiceRequest))}
        assert ("widget", True) in told
        assert not {("phone", True), ("page", True), ("widget", False)} & told


def test_a_real_town_gets_no_made_up_requests(settings: Settings):
    real = create_app(settings.model_copy(update={"demo": False}))
    refused = run(real, "demo", "fill")
    assert refused.exit_code == 1
    assert "TOWNLINE_DEMO is not true" in refused.output


def test_backup_and_restore_by_command(office: Office, bare_app: Flask, now: datetime, tmp_path: Path):
    opened(office, now)
    saved = run(bare_app, "backup", str(tmp_path / "copy.tar"))
    assert "1 requests, checked" in saved.output
    elsewhere = create_app(Settings(data=tmp_path / "elsewhere", secret=SECRET, demo=True))
    with elsewhere.app_context():
        assert "1 requests" in run(elsewhere, "restore", str(tmp_path / "copy.tar")).output
        db.engine.dispose()
    refused = run(bare_app, "restore", str(tmp_path / "copy.tar"))
    assert refused.exit_code == 1
    assert "is not empty" in refused.output


def test_mail_status_shows_what_failed_and_retry_queues_it(
    office: Office, bare_app: Flask, carrier: SmtpCarrier, now: datetime
):
    opened(office, now, email="refused@example.org")
    assert run(bare_app, "mail", "status").exit_code == 0
    deliver_due(office, carrier, now=now)
    shown = run(bare_app, "mail", "status")
    assert shown.exit_code == 1
    assert "refused@example.org: the mail server answered 550" in shown.output
    machine = json.loads(run(bare_app, "mail", "status", "--json").output)
    assert machine["counts"]["failed"] == 1
    assert "1 letters are queued again" in run(bare_app, "mail", "retry").output
    assert lookups.letter_counts()["queued"] >= 1


def test_a_letter_that_will_never_arrive_can_be_put_aside(
    office: Office, bare_app: Flask, carrier: SmtpCarrier, now: datetime
):
    opened(office, now, email="refused@example.org")
    deliver_due(office, carrier, now=now)
    number = lookups.letters_failed()[0].id
    done = run(bare_app, "mail", "dismiss", str(number), "4711")
    assert done.exit_code == 1
    assert "letter 4711 is not among those that failed" in done.output
    assert "1 letters were put aside" in done.output
    assert lookups.letters_failed() == []
    assert run(bare_app, "mail", "status").exit_code == 0


def test_the_doctor_finds_a_healthy_demonstration(bare_app: Flask):
    found = run(bare_app, "doctor")
    assert found.exit_code == 0, found.output
    assert "WRONG" not in found.output


def test_the_doctor_names_everything_that_is_wrong_at_once(tmp_path: Path):
    rules = tmp_path / "rules.yaml"
    rules.write_text("town: {name: Nowhere}\n")
    sick = create_app(Settings(data=tmp_path / "missing", rules=rules, smtp_host="127.0.0.1", smtp_port=1))
    found = run(sick, "doctor", "--json")
    assert found.exit_code == 1
    wrong = {row["what"] for row in json.loads(found.output) if not row["ok"]}
    assert {"data folder", "secret", "rules", "database", "address", "mail server"} <= wrong
    assert all(row["todo"] for row in json.loads(found.output) if not row["ok"])


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"demo": False}, "describes the demonstration town"),
        ({"secret": "too short"}, "can be guessed"),
        ({"rules": Path("/nowhere/rules.yaml")}, "there is no such file"),
    ],
)
def test_serving_is_refused_with_a_sentence(settings: Settings, change: dict[str, object], sentence: str):
    refused = run(create_app(settings.model_copy(update=change)), "serve")
    assert refused.exit_code == 1
    assert sentence in refused.output


def test_serving_is_refused_without_tables(tmp_path: Path):
    (tmp_path / "empty").mkdir()
    refused = run(create_app(Settings(data=tmp_path / "empty", secret=SECRET, demo=True)), "serve")
    assert "does not have the tables of this version" in refused.output


def test_a_real_town_is_not_served_with_links_that_lead_nowhere(settings: Settings, tmp_path: Path):
    rules = tmp_path / "rules.yaml"
    rules.write_text(settings.rules.read_text().replace("demonstration: true", "demonstration: false"))
    os.symlink(settings.rules.parent / "layers", tmp_path / "layers")
    os.symlink(settings.rules.parent / "texts", tmp_path / "texts")
    real = create_app(settings.model_copy(update={"demo": False, "rules": rules, "secret": "r" * 40}))
    refused = run(real, "serve")
    assert "TOWNLINE_BASE_URL: is empty" in refused.output


def test_a_demonstration_is_not_shown_with_a_real_towns_rules(settings: Settings, tmp_path: Path):
    rules = tmp_path / "rules.yaml"
    rules.write_text(settings.rules.read_text().replace("demonstration: true", "demonstration: false"))
    os.symlink(settings.rules.parent / "layers", tmp_path / "layers")
    os.symlink(settings.rules.parent / "texts", tmp_path / "texts")
    refused = run(create_app(settings.model_copy(update={"rules": rules})), "serve")
    assert "describes a real town" in refused.output


def test_health_is_good_until_a_letter_waits_too_long(office: Office, client, now: datetime):
    well = client.get("/healthz").json
    assert (well["ok"], well["reasons"]) == (True, [])
    assert not any(well["counts"].values())
    opened(office, now)  # in the past, so its letters have been waiting for weeks
    sick = client.get("/healthz")
    assert sick.status_code == 503
    assert "oldest letter has been waiting" in sick.json["reasons"][0]
    assert "example.org" not in sick.get_data(as_text=True)
    with writing() as session:
        session.execute(update(OutgoingLetter).values(state="failed"))
    assert "2 letters could not be delivered" in client.get("/healthz").json["reasons"][0]


def test_production_has_no_demonstration_pages(settings: Settings):
    real = create_app(settings.model_copy(update={"demo": False}))
    assert not [rule.rule for rule in real.url_map.iter_rules() if rule.rule.startswith("/demo")]


def test_creating_the_application_makes_nothing(tmp_path: Path):
    create_app(Settings(data=tmp_path / "untouched"))
    assert list(tmp_path.iterdir()) == []


def test_a_report_leaves_one_line_with_its_number_and_nothing_personal(
    office: Office, client: StrictClient, carrier: SmtpCarrier, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.INFO)
    resident = Resident(client).at_details("pothole").send(description="A hole on my private way")
    resident.send(name="Someone Private", email="refused.private@example.org", phone="603-555-0199").send()
    assert resident.answer.status_code == 303, resident.page
    deliver_due(office, carrier, now=datetime.now(UTC))
    said = [record.getMessage() for record in caplog.records if record.name.startswith("townline")]
    number = resident.answer.location.split("/r/")[1].split("?")[0]
    assert [line for line in said if line == f"request {number} received"]
    assert any(line.startswith(f"{number}: assigned letter sent") for line in said)
    for private in ("rivate", "example.org", "0199", resident.answer.location.split("t=")[1][:20]):
        assert private not in "\n".join(said)


def test_the_server_does_not_log_the_address_of_a_page_that_nobody_waited_for(
    bare_app: Flask, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(serving, "run", lambda app, settings: 0)
    assert starting.serve_app(bare_app) == 0
    assert not logging.getLogger("waitress").isEnabledFor(logging.INFO)


def test_every_command_takes_another_data_folder_for_one_call(
    bare_app: Flask, empty_database: Path, tmp_path: Path
):
    other = tmp_path / "other"
    other.mkdir()
    database = shutil.copy(empty_database, other)
    fill = ("demo", "fill", "--requests", "9", "--months", "1", "--data", str(other))
    assert run(bare_app, *fill).exit_code == 0
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("SELECT count(*) > 0 FROM requests").fetchone() == (1,)
    with bare_app.app_context():
        assert lookups.count_requests() == 0
    build = ("report", "build", "council-monthly", "--period", "2026-09", "--out", str(tmp_path))
    refused = run(bare_app, *build, "--rules", "nowhere.yaml")
    assert refused.exit_code != 0
    assert "there is no such file" in refused.output


def test_a_wrong_setting_is_a_sentence_and_no_traceback(settings: Settings, tmp_path: Path):
    broken = tmp_path / "rules.yaml"
    broken.write_text("town: [1, 2\n")
    refused = run(create_app(settings.model_copy(update={"rules": broken})), "demo", "fill")
    assert refused.exit_code == 1
    assert "rules.yaml:" in refused.output

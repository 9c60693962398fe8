"""Rules changed while we serve: swapped in whole, or refused while the old ones go on."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from casework.office import the_office
from clock import jobs
from clock.rereading import reread_rules
from routing.reader import load
from settings import ROOT, Settings
from tests.conscience import StrictClient


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A copy of the demonstration that may be changed."""
    shutil.copytree(ROOT / "layers", tmp_path / "town" / "layers")
    shutil.copytree(ROOT / "texts", tmp_path / "town" / "texts")
    path = tmp_path / "town" / "rules.yaml"
    shutil.copy(ROOT / "rules.yaml", path)
    return path


@pytest.fixture
def settings(settings: Settings, rules: Path) -> Settings:
    return settings.model_copy(update={"rules": rules})


@pytest.fixture
def look(app: Flask) -> Callable[[], None]:
    the_office()
    return lambda: reread_rules(the_office(), datetime.now(UTC))


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_changed_rules_are_served_without_a_restart(rules: Path, client: StrictClient, look):
    assert "Pothole or damaged road" in client.get("/report").text
    change(rules, "name: Pothole or damaged road", "name: A hole in the road")
    look()
    assert "A hole in the road" in client.get("/report").text
    assert client.get("/healthz").status_code == 200


def test_the_clock_looks_every_minute(rules: Path, client: StrictClient, bare_app: Flask):
    client.get("/report")
    change(rules, "name: Pothole or damaged road", "name: A hole in the road")
    jobs.tick(bare_app)
    assert "A hole in the road" in client.get("/report").text


def test_bad_rules_are_refused_and_the_old_ones_go_on(
    rules: Path, client: StrictClient, look, caplog: pytest.LogCaptureFixture
):
    client.get("/report")
    change(rules, "name: Pothole or damaged road", "nam: A hole")
    change(rules, "clerk: town-clerk", "clerk: nobody")
    look()
    assert "Pothole or damaged road" in client.get("/report").text
    answer = client.get("/healthz")
    assert answer.status_code == 503
    (reason,) = answer.get_json()["reasons"]
    assert "(3) and are not in force; the earlier ones still are" in reason
    assert 'unknown key "nam" (did you mean "name"?)' in caplog.text
    assert 'clerk: no person "nobody"' in caplog.text
    look()
    assert caplog.text.count('unknown key "nam"') == 1, "told once, not every minute"


def test_mended_rules_are_served_and_health_returns(rules: Path, client: StrictClient, look):
    before = rules.read_text()
    change(rules, "clerk: town-clerk", "clerk: nobody")
    look()
    assert client.get("/healthz").status_code == 503
    rules.write_text(before.replace("name: Pothole or damaged road", "name: A hole in the road"))
    look()
    assert client.get("/healthz").status_code == 200
    assert "A hole in the road" in client.get("/report").text


def test_rules_put_back_as_they_were_are_no_longer_refused(rules: Path, client: StrictClient, look):
    before = rules.read_text()
    change(rules, "clerk: town-clerk", "clerk: nobody")
    look()
    rules.write_text(before)
    look()
    assert client.get("/healthz").status_code == 200


def test_a_changed_map_is_swapped_in_with_its_version(rules: Path, look):
    before = the_office()
    roads = rules.parent / "layers" / "roads.geojson"
    change(roads, "Mill Road", "Mill Lane")
    look()
    after = the_office()
    assert after.layers.versions["roads"] != before.layers.versions["roads"]
    assert after.layers.nearest_road(43.60902, -72.33341).name == "Mill Lane"


def test_a_map_that_breaks_while_we_serve_changes_nothing_but_is_told(rules: Path, client, look, caplog):
    before = the_office()
    (rules.parent / "layers" / "roads.geojson").write_text("{")
    look()
    assert the_office() is before
    assert client.get("/healthz").status_code == 503
    assert 'layers.roads.file: "layers/roads.geojson" is not JSON' in caplog.text


def test_a_map_that_was_missing_is_found_when_it_comes(rules: Path, client, look):
    change(rules, "file: layers/village.geojson", "file: layers/new.geojson")
    look()
    assert client.get("/healthz").status_code == 503
    shutil.copy(rules.parent / "layers" / "village.geojson", rules.parent / "layers" / "new.geojson")
    look()
    assert client.get("/healthz").status_code == 200
    assert the_office().rulebook.layers["village"].file == "layers/new.geojson"


def test_a_file_that_only_looks_newer_is_not_read_again(rules: Path, look, monkeypatch: pytest.MonkeyPatch):
    before = the_office()
    os.utime(rules, (1, 1))
    monkeypatch.setattr("app.load", lambda path: pytest.fail("it was read"))
    look()
    assert the_office() is before


def test_no_page_waits_for_a_map_to_load(
    rules: Path, client, bare_app: Flask, monkeypatch: pytest.MonkeyPatch
):
    client.get("/report")
    is_loading, may_go_on = threading.Event(), threading.Event()

    def slow(path: Path):
        is_loading.set()
        assert may_go_on.wait(20)
        return load(path)

    monkeypatch.setattr("app.load", slow)
    change(rules, "name: Pothole or damaged road", "name: A hole in the road")
    clock = threading.Thread(target=jobs.tick, args=[bare_app])
    clock.start()
    assert is_loading.wait(20)
    assert "Pothole or damaged road" in client.get("/report").text, "answered while the new map is being read"
    may_go_on.set()
    clock.join(20)
    assert "A hole in the road" in client.get("/report").text


def test_a_changed_file_of_texts_is_served_without_a_restart(rules: Path, client: StrictClient, look):
    texts = rules.parent / "texts" / "es.yaml"
    for now, then in (("Bache o calle dañada", "Bache"), ("Bache", "Hoyo en la calle")):
        change(texts, f"services.pothole.name: {now}\n", f"services.pothole.name: {then}\n")
        look()
        assert the_office().rulebook.services["pothole"].name.said("es") == then

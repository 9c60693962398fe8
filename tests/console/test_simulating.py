"""What would other rules change? Told for a list of points, and for the town's own past."""

import json
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from casework.office import Office
from console.rules import rules
from tests.builders import opened

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "rules.yaml"
MILL_ROAD = (43.60902, -72.33341)
TURNPIKE = (43.59597, -72.33374)
BOTH = (43.60966, -72.33110)
POINTS = f"""\
number,service,lat,lon,answer:size
a,pothole,{MILL_ROAD[0]},{MILL_ROAD[1]},
b,pothole,{TURNPIKE[0]},{TURNPIKE[1]},large
c,noise,,,
d,potole,1,1,
e,pothole,x,1,
"""


@pytest.fixture
def points(tmp_path: Path) -> Path:
    path = tmp_path / "points.csv"
    path.write_text(POINTS)
    return path


@pytest.fixture
def new(tmp_path: Path) -> Path:
    """The demonstration's rules with the county's roads shown as a card, and another one for noise."""
    text = DEMO.read_text().split("\nchecks:")[0] + "\n"
    old = "    handoff: county-highway\n    say: \"{road} is a county road. The county's highway crew takes"
    assert old in text
    path = tmp_path / "new.yaml"
    path.write_text(text.replace(old, old.replace("handoff:", "card:")))
    (tmp_path / "layers").symlink_to(ROOT / "layers")
    (tmp_path / "texts").symlink_to(ROOT / "texts")
    return path


def csv_run(*words: str) -> Result:
    return CliRunner().invoke(rules, ["simulate", *words], prog_name="flask")


def past_run(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=["rules", "simulate", "--past", *words])


def test_a_list_of_points_tells_from_whom_to_whom(points: Path, new: Path):
    result = csv_run(str(points), "--rules", str(new), "--against", str(DEMO))
    assert result.exit_code == 0, result.output
    assert "3 checked, 1 would change:" in result.output
    assert (
        "     1  handoff county-highway -> card county-highway\n        pothole 1; by county-road"
        in result.output
    )
    assert (
        "a  pothole  handoff county-highway (county-road) -> card county-highway (county-road)"
        in result.output
    )
    assert 'd: left out: no service "potole"' in result.output
    assert "e: left out: latitude x" in result.output


def test_machines_get_counts_and_rows(points: Path, new: Path):
    said = json.loads(csv_run(str(points), "--rules", str(new), "--against", str(DEMO), "--json").stdout)
    assert (said["checked"], said["changed"], len(said["skipped"])) == (3, 1, 2)
    assert said["moves"] == [
        {
            "from": {"outcome": "handoff", "target": "county-highway"},
            "to": {"outcome": "card", "target": "county-highway"},
            "count": 1,
            "services": {"pothole": 1},
            "rules": ["county-road"],
        }
    ]
    assert said["rows"][0]["row"] == "a"
    assert said["rows"][0]["to"]["rule"] == "county-road"


def test_the_same_rules_change_nothing(points: Path):
    result = csv_run(str(points), "--rules", str(DEMO), "--against", str(DEMO))
    assert "nothing would change" in result.output


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "name a CSV of points, or say --past"),
        (["--past", "--against", "x"], "--against goes with a CSV"),
        (["--past", "--rules", str(DEMO)], "--past needs the town"),
    ],
)
def test_misuse_is_explained(words: list[str], sentence: str):
    result = csv_run(*words)
    assert result.exit_code == 2
    assert sentence in result.output


@pytest.mark.parametrize(
    ("raw", "sentence"), [(b"\xff\xfe,", "not a CSV in UTF-8"), (b"lat,lon\n1,2\n", 'no column "service"')]
)
def test_a_file_that_is_no_such_list_is_refused(tmp_path: Path, raw: bytes, sentence: str):
    path = tmp_path / "points.csv"
    path.write_bytes(raw)
    result = csv_run(str(path), "--rules", str(DEMO), "--against", str(DEMO))
    assert result.exit_code == 1
    assert sentence in result.output


@pytest.fixture
def past(office: Office, now: datetime) -> dict[str, str]:
    """Four requests: one for the county, one of ours, one picked where in doubt, one without a place."""
    return {
        "county": opened(office, now, service="pothole", at=MILL_ROAD, may_share=True)[0].number,
        "ours": opened(office, now, service="pothole", at=TURNPIKE, email="private@example.org")[0].number,
        "picked": opened(office, now, service="pothole", at=BOTH, road="town")[0].number,
        "noise": opened(office, now, service="noise", answers={"where": "a", "when": "b"})[0].number,
    }


def test_the_past_under_the_same_rules_comes_out_as_it_was_decided(app: Flask, past: dict[str, str]):
    result = past_run(app, "--rules", str(DEMO))
    assert result.output.strip() == "4 checked, nothing would change."


def test_the_past_under_new_rules_tells_what_would_change_and_names_nobody(app: Flask, past, new: Path):
    result = past_run(app, "--rules", str(new), "--json")
    said = json.loads(result.stdout)
    assert (said["checked"], said["changed"]) == (4, 1)
    assert said["rows"][0]["row"] == past["county"]
    assert said["rows"][0]["from"] == {
        "outcome": "handoff", "target": "county-highway", "rule": "county-road",
    }  # fmt: skip
    assert "private@" not in result.output
    assert "recycling" not in result.output


def test_a_request_moved_on_by_hand_is_compared_with_what_the_rules_had_said(app: Flask, office, now, past):
    from casework import redirecting
    from storage import lookups

    case = lookups.case_by_number(past["ours"])
    redirecting.reassign(
        office, case.request.id, to="tree-warden", text="", by="person:road-foreman", now=now
    )
    assert "nothing would change" in past_run(app, "--rules", str(DEMO)).output


def test_a_typed_place_of_the_past_is_read_again(app: Flask, office: Office, now: datetime, new: Path):
    number = opened(office, now, service="pothole", at=None, place="12 Mill Rd", email="", may_share=True)[
        0
    ].number
    assert "nothing would change" in past_run(app, "--rules", str(DEMO)).output
    (row,) = json.loads(past_run(app, "--rules", str(new), "--json").stdout)["rows"]
    assert (row["row"], row["to"]["target"]) == (number, "county-highway")


def test_a_list_may_have_typed_places(tmp_path: Path, new: Path):
    path = tmp_path / "typed.csv"
    path.write_text(
        "service,place\npothole,12 Mill Rd\npothole,Ridge Road\npothole,Quarry Rd\nsign,Mill Rd\n"
    )
    said = json.loads(csv_run(str(path), "--rules", str(new), "--against", str(DEMO), "--json").stdout)
    (move,) = said["moves"]
    assert (said["checked"], move["count"], move["services"]) == (4, 3, {"pothole": 2, "sign": 1})


def test_a_service_that_is_gone_is_a_change(app: Flask, past, new: Path):
    text = new.read_text()
    first = text.index("  noise:\n")
    gone = text[:first] + text[text.index("\n\n", first) + 2 :]
    new.write_text(gone)
    moves = json.loads(past_run(app, "--rules", str(new), "--json").stdout)["moves"]
    assert {"outcome": "no-service", "target": "noise"} in [move["to"] for move in moves]

"""Can an operator check the rules, and ask them, with nothing but a rules file?"""

import json
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest
import time_machine
from click.testing import CliRunner, Result

from console.rules import rules

DEMO = Path(__file__).parents[2] / "rules.yaml"


def run(command: click.Command, *words: str, given: str = "") -> Result:
    return CliRunner().invoke(command, list(words), input=given, prog_name="flask")


def explain(*words: str, given: str = "") -> Result:
    return run(rules, "explain", "--rules", str(DEMO), *words, given=given)


def test_right_rules_are_said_to_be_right():
    result = run(rules, "check", "--rules", str(DEMO))
    assert result.exit_code == 0
    assert "right. 16 services" in result.output
    assert "as expected, 0 warnings" in result.output


def test_the_next_dates_of_each_report_are_told():
    with time_machine.travel(datetime(2026, 10, 20, tzinfo=UTC)):
        lines = run(rules, "check", "--rules", str(DEMO)).output.splitlines()
    place = lines.index("council-monthly:")
    assert lines[place + 1 : place + 7] == [
        "  2026-09, whose day was Mon 2026-10-05 07:00, goes out at once when Townline runs with these "
        "rules, unless there is an edition already; since: 2026-10-01 in its plan keeps it back",
        "  2026-10 goes out Wed 2026-11-04 07:00",
        "  2026-11 goes out Thu 2026-12-03 07:00",
        "  2026-12 goes out Wed 2027-01-06 07:00",
        "  2027-01 goes out Wed 2027-02-03 07:00",
        "  2027-02 goes out Wed 2027-03-03 07:00",
    ]


def test_a_report_that_begins_later_says_nothing_of_the_period_before(tmp_path: Path):
    planned = DEMO.read_text().replace("  council-monthly:\n", "  council-monthly:\n    since: 2026-11-15\n")
    shutil.copytree(DEMO.parent / "texts", tmp_path / "texts")
    (tmp_path / "rules.yaml").write_text(planned.replace("file: layers", f"file: {DEMO.parent}/layers"))
    with time_machine.travel(datetime(2026, 10, 20, tzinfo=UTC)):
        lines = run(rules, "check", "--rules", str(tmp_path / "rules.yaml")).output.splitlines()
    assert lines[lines.index("council-monthly:") + 1] == "  2026-12 goes out Wed 2027-01-06 07:00"


def test_a_town_that_never_opens_is_told_that_there_is_no_date(tmp_path: Path):
    hours = DEMO.read_text()
    closed = re.sub(r"office_hours:(\n    .+)+", "office_hours: {}", hours).replace(
        "file: layers", f"file: {DEMO.parent}/layers"
    )
    shutil.copytree(DEMO.parent / "texts", tmp_path / "texts")
    (tmp_path / "rules.yaml").write_text(closed)
    result = run(rules, "check", "--rules", str(tmp_path / "rules.yaml"))
    assert "no date: the office hours and holidays leave no working day to count" in result.output


def test_wrong_rules_are_named_and_make_the_status_one(tmp_path: Path):
    path = tmp_path / "rules.yaml"
    path.write_text("town: {name: A}\nservices:\n  a: {nme: b}\n")
    result = run(rules, "check", "--rules", str(path))
    assert result.exit_code == 1
    assert 'rules.yaml:3:7: services.a.nme: unknown key "nme" (did you mean "name"?)' in result.output


def test_machines_get_the_problems_as_json(tmp_path: Path):
    result = run(rules, "check", "--json", "--rules", str(tmp_path / "none.yaml"), "--data", str(tmp_path))
    assert result.exit_code == 1
    (problem,) = json.loads(result.stdout)
    assert list(problem) == ["file", "line", "column", "level", "code", "message", "hint"]


def test_a_place_is_explained_as_json():
    said = json.loads(explain("--service", "pothole", "--at", "43.60902,-72.33341", "--json").stdout)
    assert said["outcome"] == "handoff"
    assert said["target"] == "county-highway"
    assert said["rule"] == "county-road"
    assert said["because"].startswith("Mill Road is a county road.")
    assert {"name", "owner", "distance_m", "other_owner", "other_distance_m"} <= set(said["road"])
    assert "options" not in said


def test_a_place_is_explained_in_words_with_what_can_be_answered():
    result = explain("--service", "pothole", "--at", "43.60966,-72.33110")
    assert result.exit_code == 0
    assert "ask: roads" in result.output
    assert "county: Mill Road (the county's)" in result.output


def test_every_rule_on_the_way_is_told_with_what_it_found():
    said = explain("--service", "pothole", "--at", "43.60902,-72.33341").output
    assert "Not so: road_owner: state (roads: Mill Road, county" in said
    assert "  yes      handoff  county-road" in said
    assert "yes      road_owner: county — roads: Mill Road, county" in said
    assert "not reached: village-street" in said
    assert max(map(len, said.split("Rules in the order")[1].splitlines())) <= 110


def test_in_brief_only_the_decision_is_told():
    place = ("--service", "pothole", "--at", "43.60902,-72.33341", "--brief")
    assert "Not so" not in explain(*place).output
    assert "trace" not in json.loads(explain(*place, "--json").stdout)


def test_machines_get_the_trace_and_a_batch_stays_as_it_was():
    said = json.loads(explain("--service", "pothole", "--at", "43.60902,-72.33341", "--json").stdout)
    (tried,) = [tried for tried in said["trace"] if tried["answer"] == "yes"]
    assert tried["rule"] == said["rule"] == "county-road"
    assert said["trace"][-1]["answer"] == "not reached"
    line = json.dumps({"service": "pothole", "lat": 43.60902, "lon": -72.33341})
    assert "trace" not in json.loads(explain("--batch", given=line).stdout)


def test_a_typed_place_is_taken_alone_and_in_a_batch():
    said = json.loads(explain("--service", "pothole", "--place", "12 Mill Rd", "--json").stdout)
    assert (said["target"], said["road"]["by_name"], said["road"]["distance_m"]) == (
        "county-highway",
        True,
        None,
    )
    line = json.dumps({"service": "pothole", "place": "12 Mill Rd"})
    assert json.loads(explain("--batch", given=line).stdout)["target"] == "county-highway"


def test_without_a_service_the_words_choose_it_and_it_says_so():
    words = ("--text", "a deep pothole in the road", "--place", "12 Mill Rd")
    said = json.loads(explain(*words, "--json").stdout)
    assert said["taken_for"]["service"] == "pothole"
    assert said["target"] == "county-highway"
    sure = "sure" if said["taken_for"]["sure"] else "not sure: the whole list is shown"
    assert explain(*words).output.startswith(f"taken for pothole, {sure}\nhandoff: county-highway\n")


def test_answers_text_and_time_are_taken():
    said = explain(
        "--service", "tree", "--answer", "wires=yes", "--text", "x", "--time", "2026-10-05T09:30", "--json"
    )
    assert json.loads(said.stdout)["target"] == "911"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--service", "potole"], 'no service "potole"'),
        ([], "name the service"),
        (["--text", "qqqq"], "no service has any of these words"),
        (["--service", "pothole", "--at", "here"], "LAT,LON"),
        (["--service", "pothole", "--at", "a,b"], "not two numbers"),
        (["--service", "pothole", "--at", "100,0"], "no such place"),
        (["--service", "pothole", "--answer", "big"], "QUESTION=VALUE"),
        (["--service", "pothole", "--time", "noon"], "2026-10-05T09:30"),
    ],
)
def test_misuse_is_explained_and_makes_the_status_two(words: list[str], sentence: str):
    result = explain(*words)
    assert result.exit_code == 2
    assert sentence in result.output


def test_a_batch_is_answered_line_by_line_and_a_bad_line_does_not_stop_it():
    lines = [
        json.dumps({"service": "pothole", "lat": 43.60902, "lon": -72.33341}),
        "not json",
        json.dumps({"service": "nothing"}),
        json.dumps([1]),
        json.dumps({"service": "tree", "answers": {"wires": True}}),
        json.dumps({"service": "pothole", "lat": "x", "lon": 1}),
        json.dumps({"service": "noise", "answers": 7}),
        json.dumps({"service": "noise", "time": "2026-10-05"}),
    ]
    result = explain("--batch", given="\n".join(lines) + "\n")
    said = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert [row.get("outcome", "error") for row in said] == [
        "handoff", "error", "error", "error", "stop", "error", "error", "accept",
    ]  # fmt: skip
    assert 'no service "nothing"' in said[2]["error"]


def test_rules_that_cannot_be_used_explain_nothing(tmp_path: Path):
    path = tmp_path / "rules.yaml"
    path.write_text("town: {}\n")
    result = run(rules, "explain", "--rules", str(path), "--service", "pothole")
    assert result.exit_code == 1
    assert "The rules have" in result.output


def test_without_an_application_the_file_must_be_named():
    result = run(rules, "check")
    assert result.exit_code == 2
    assert "--rules" in result.output


def test_a_language_without_gaps_is_said_to_have_none():
    found = run(rules, "texts", "--rules", str(DEMO), "es")
    assert (found.exit_code, found.output) == (0, "Nothing is missing: the town says everything in es.\n")

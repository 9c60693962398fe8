"""Can an operator ask the finder, with the town's own words or with examples of one's own?"""

import json
from pathlib import Path

from click.testing import CliRunner, Result
from flask import Flask

from console.finding import find_service
from routing.learning import learn
from routing.model import Model
from routing.reader import load
from storage.learning import ModelFile

DEMO = Path(__file__).parents[2] / "rules.yaml"
TAUGHT = [("the gizmo hums", "noise"), ("a loud gizmo again", "noise")] * 15 + [
    ("the widget leaks", "water-leak"),
    ("leaking widget in the road", "water-leak"),
] * 15


def run(*words: str, given: str = "") -> Result:
    return CliRunner().invoke(find_service, ["--rules", str(DEMO), *words], input=given, prog_name="flask")


def said(*words: str) -> dict:
    result = run(*words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def taught(folder: Path, *lines: str) -> str:
    path = folder / "past.csv"
    rows = [f"{text},{code}" for text, code in TAUGHT]
    path.write_text("\n".join(["text,service_code", *lines, *rows]) + "\n")
    return str(path)


def test_words_find_services_as_json_and_in_a_batch():
    found = said("--text", "street light is out, the lamp post is dark")
    assert found["services"][0]["service_code"] == "street-light"
    assert list(found) == ["services", "agencies", "answers", "sure"]
    assert found["sure"] is True
    result = run("--batch", given='{"text": "pothole"}\n{}\nnot json\n\n{"text": ""}\n')
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert [list(row) for row in rows] == [
        ["services", "agencies", "answers", "sure"],
        ["error"],
        ["error"],
        ["services", "agencies", "answers", "sure"],
    ]
    assert rows[3]["services"] == []
    assert rows[3]["sure"] is False


def test_words_are_ranked_for_people_too():
    assert "street-light" in run("--text", "street light").output
    assert "not sure" in run("--text", "hello").output
    assert run().exit_code == 2


def test_examples_teach_words_that_the_rules_do_not_know(tmp_path: Path):
    assert said("--text", "gizmo")["services"] == []
    found = said("--text", "gizmo", "--train", taught(tmp_path))
    assert found["services"][0]["service_code"] == "noise"
    assert sum(row["score"] for row in found["services"]) > 0.99


def test_bad_lines_of_the_examples_are_named_and_the_work_goes_on(tmp_path: Path):
    path = taught(tmp_path, "no code,", ",noise", "what,no-such", "alone")
    result = run("--text", "gizmo", "--train", path, "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["services"][0]["service_code"] == "noise"
    assert result.stderr.splitlines() == [
        "past.csv:2: has no service_code; left out",
        "past.csv:3: has no text; left out",
        'past.csv:4: no service "no-such" in the rules; left out',
        "past.csv:5: has no service_code; left out",
    ]


def test_a_file_that_is_not_of_examples_is_refused_in_a_sentence(tmp_path: Path):
    path = tmp_path / "past.csv"
    result = run("--text", "x", "--train", str(path))
    assert (result.exit_code, "cannot be read" in result.output) == (1, True)
    path.write_text("text,service\na,b\n")
    result = run("--text", "x", "--train", str(path))
    assert (result.exit_code, "the column service_code is missing" in result.output) == (1, True)
    path.write_bytes(b"")
    assert "the column text is missing" in run("--text", "x", "--train", str(path)).output
    path.write_bytes(b"text,service_code\n\xff\xfe\x00 caf\xe9,noise\n")
    assert run("--text", "x", "--train", str(path)).exit_code == 0


def test_the_reasons_are_the_words_of_the_text(tmp_path: Path):
    found = said("--text", "my gizmo is out", "--explain", "--train", taught(tmp_path))
    assert found["services"][0]["words"][0]["word"] == "gizmo"
    assert found["services"][0]["words"][0]["weight"] > 0
    assert (
        "noise  because of: gizmo"
        in run("--text", "my gizmo is out", "--explain", "--train", taught(tmp_path)).output
    )


def test_the_words_that_made_the_ranking_are_shown_without_any_history_too():
    found = said("--text", "dead deer on the road", "--explain")
    first, second = found["services"][:2]
    assert [one["word"] for one in first["words"]] == ["deer", "dead deer", "dead"]
    assert [one["word"] for one in second["words"]] == ["dead"]
    weights = [one["weight"] for one in first["words"]]
    assert weights == sorted(weights, reverse=True)
    assert "words" not in found["services"][3], "of the best three only"
    assert "words" not in said("--text", "dead deer on the road")["services"][0]
    lines = run("--text", "dead deer on the road", "--explain").output.splitlines()
    assert lines[0].endswith("animal  because of: deer, dead deer, dead")
    assert lines[-1] == "sure"


def test_what_the_town_has_learned_is_used(tmp_path: Path, app: Flask):
    model = learn(load(DEMO)[0], TAUGHT)
    assert said("--text", "gizmo", "--data", str(tmp_path / "none"))["services"] == []
    ModelFile(tmp_path / ModelFile.NAME).save(model)
    assert said("--text", "gizmo", "--data", str(tmp_path))["services"][0]["service_code"] == "noise"
    ModelFile(Path(app.config["TOWNLINE_SETTINGS"].data) / ModelFile.NAME).save(model)
    result = app.test_cli_runner().invoke(args=["find", "--text", "gizmo", "--json"])
    assert json.loads(result.stdout)["services"][0]["service_code"] == "noise"
    assert isinstance(model, Model)

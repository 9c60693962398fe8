"""Does rules.schema.json, by which editors help, say what the types say?"""

import json
import re
import runpy
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.routing.conftest import SMALL

ROOT = Path(__file__).parents[2]
SCRIPT = runpy.run_path(str(ROOT / "script" / "make-rules-schema.py"))
SCHEMA = json.loads((ROOT / "rules.schema.json").read_text(encoding="utf-8"))
DEMO = (ROOT / "rules.yaml").read_text(encoding="utf-8")
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}


def test_the_schema_has_not_drifted_from_the_types():
    assert (ROOT / "rules.schema.json").read_text(encoding="utf-8") == SCRIPT["schema_text"](), (
        "run script/make-rules-schema.py"
    )


def test_the_demonstration_names_it_in_its_first_line():
    assert DEMO.splitlines()[0] == "# yaml-language-server: $schema=rules.schema.json"


class EditorsLoader(yaml.CSafeLoader):
    """Editors read YAML 1.2: a day or a time of day without quotes is a word."""


EditorsLoader.yaml_implicit_resolvers = {
    letter: [
        (tag, found) for tag, found in rows if tag.rsplit(":", 1)[1] in ("null", "bool", "float", "merge")
    ]
    for letter, rows in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
EditorsLoader.yaml_implicit_resolvers.pop("o", None)
EditorsLoader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"[-+]?[0-9]+$"), list("-+0123456789")
)


def faults(shape: Any, value: Any, path: str = "") -> list[str]:
    """What an editor would mark: the part of JSON Schema that rules.schema.json uses."""
    if "$ref" in shape:
        shape = SCHEMA["$defs"][shape["$ref"].removeprefix("#/$defs/")]
    if "anyOf" in shape:
        tried = [faults(row, value, path) for row in shape["anyOf"]]
        return [] if [] in tried else min(tried, key=len)
    if not _is_of_type(shape, value):
        return [f"{path}: {value!r} is not of type {shape.get('type')}"]
    found = []
    if ("enum" in shape and value not in shape["enum"]) or ("const" in shape and value != shape["const"]):
        found.append(f"{path}: {value!r} is not one of the words")
    if isinstance(value, str) and "pattern" in shape and not re.search(shape["pattern"], value):
        found.append(f"{path}: {value!r} does not look right")
    if isinstance(value, list):
        for number, row in enumerate(value):
            items = shape.get("items", {})
            found += faults(items[number] if isinstance(items, list) else items, row, f"{path}[{number}]")
    if isinstance(value, dict):
        found += _keys(shape, value, path)
    return found


def _is_of_type(shape: dict, value: Any) -> bool:
    kind = shape.get("type")
    if kind in ("number", "integer"):
        return isinstance(value, int if kind == "integer" else int | float) and not isinstance(value, bool)
    return kind is None or isinstance(value, TYPES[kind])


def _keys(shape: dict, value: dict, path: str) -> list[str]:
    known, others = shape.get("properties", {}), shape.get("additionalProperties", {})
    found = [f"{path}: {key} is missing" for key in shape.get("required", []) if key not in value]
    for key, inner in value.items():
        if key in known:
            found += faults(known[key], inner, f"{path}.{key}")
        elif others is False:
            found.append(f"{path}: there is no {key}")
        elif isinstance(others, dict):
            found += faults(others, inner, f"{path}.{key}")
    return found


@pytest.mark.parametrize("text", [DEMO, SMALL], ids=["the demonstration", "the small town"])
def test_an_editor_marks_nothing_in_right_rules(text: str):
    assert faults(SCHEMA, yaml.load(text, Loader=EditorsLoader)) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("kind: county", "kind: conty"),
        ("clerk: clerk", "clerk: clerk\nlerk: clerk"),
        ("acknowledge: 4 office hours", "acknowledge: soon"),
        ("  phone: 603-555-0100\n", ""),
        ("boundary: true", "boundary: perhaps"),
        ("answer: {size: big}", "answr: {size: big}"),
    ],
)
def test_an_editor_marks_what_the_reader_would_refuse(old: str, new: str):
    assert old in SMALL
    assert faults(SCHEMA, yaml.load(SMALL.replace(old, new, 1), Loader=EditorsLoader))


def test_every_key_is_explained():
    parts = {"rules.yaml": SCHEMA, **SCHEMA["$defs"]}
    silent = [
        f"{name}.{key}"
        for name, part in parts.items()
        for key, shape in part.get("properties", {}).items()
        if not shape.get("description")
    ]
    assert silent == []

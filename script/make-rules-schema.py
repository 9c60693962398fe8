#!/usr/bin/env python3
"""What may stand in rules.yaml, for editors? Writes rules.schema.json from the types that read it.

    .venv/bin/python script/make-rules-schema.py [FILE]

An editor that understands the first line of rules.yaml then offers keys, explains them and marks
mistakes while one types. pydantic makes the schema; what it cannot know is how people may write a
value (a span as ``4 office hours``, one word instead of a list), and that ids are the keys.
"""

from __future__ import annotations

import ast
import inspect
import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from routing.kinds import ID_PATTERN, Value  # noqa: E402
from routing.rulebook import KEYED, Rulebook  # noqa: E402

Schema = dict[str, Any]
WORDS: Schema = {"type": "string"}
SHORT_FORMS: dict[str, Schema] = {
    "Hours": {"type": "string", "pattern": "^[0-9]{1,2}:[0-9]{2} *- *[0-9]{1,2}:[0-9]{2}$"},
    "QuietHours": {"type": "string", "pattern": "^[0-9]{1,2}:[0-9]{2} *- *[0-9]{1,2}:[0-9]{2}$"},
    "Span": {"type": "string", "pattern": "^[0-9]+ *(office hours?|working days?|days?)$"},
    "Wait": {"type": "string", "pattern": "^[0-9]+ *(h|hours?|office hours?|working days?|days?)$"},
    "SendTime": WORDS,
    "Tolerance": {"type": "number", "exclusiveMinimum": 0, "maximum": 200},
    "Group": WORDS,
    "Rate": {"type": "number", "minimum": 0, "maximum": 100000},
    "Duplicates": {"type": "boolean"},
}
"""What may stand instead of the keys of a type; the readers of these types take it."""
KEY_OF = {"services": "code"}


def main(target: Path) -> None:
    target.write_text(schema_text(), encoding="utf-8")


def schema_text() -> str:
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


def schema() -> Schema:
    """Return the whole schema."""
    made = Rulebook.model_json_schema(mode="validation", by_alias=True)
    parts = {"Rulebook": made, **made["$defs"]}
    types = {kind.__name__: kind for kind in every_type(Value)}
    for name, part in parts.items():
        if name in types:
            explain(part, types[name])
    take_ids_from_keys(made)
    for part in parts.values():
        for shape in part.get("properties", {}).values():
            allow_one(shape)
            speak_draft_seven(shape)
    for name, short in SHORT_FORMS.items():
        if name in made["$defs"]:
            made["$defs"][name] = either(made["$defs"][name], short)
    plan = made["$defs"]["ReportPlan"]["properties"]
    plan["approve"] = either(plan["approve"], {"const": "none"})
    plan["to"] = either(plan["to"], WORDS)
    made |= {"title": "rules.yaml of Townline", "$schema": "http://json-schema.org/draft-07/schema#"}
    made["properties"].pop("version")
    return {key: made[key] for key in ("$schema", "title", *made) if key in made}


def every_type(kind: type[Value]) -> list[type[Value]]:
    return [found for child in kind.__subclasses__() for found in (child, *every_type(child))]


def explain(part: Schema, kind: type[Value]) -> None:
    """Give every key the meaning that stands below it in the code."""
    part.pop("title", None)
    for name, meaning in meanings(kind).items():
        key = kind.model_fields[name].alias or name
        shape = part.get("properties", {}).get(key)
        if shape is not None:
            shape.pop("title", None)
            shape["description"] = meaning


def meanings(kind: type[Value]) -> dict[str, str]:
    body = ast.parse(inspect.getsource(kind)).body[0]
    assert isinstance(body, ast.ClassDef)
    found = {}
    for node, after in zip(body.body, [*body.body[1:], None], strict=True):
        is_key = isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
        value = after.value if isinstance(after, ast.Expr) else None
        if is_key and isinstance(value, ast.Constant) and isinstance(value.value, str):
            found[node.target.id] = " ".join(value.value.split()).replace("``", "`")
    return found


def take_ids_from_keys(made: Schema) -> None:
    """Entries of these sections take their id from their key, so that it is not written twice."""
    for section in KEYED:
        shape = made["properties"].get(section)
        if shape is None:
            continue
        shape["propertyNames"] = {"pattern": f"^{ID_PATTERN.pattern}$"}
        entry = shape["additionalProperties"]["$ref"].rsplit("/", 1)[1]
        without(made["$defs"][entry], KEY_OF.get(section, "id"))
    question = made["$defs"]["Question"]
    as_mapping = {"type": "object", "additionalProperties": without(json.loads(json.dumps(question)), "code")}
    service = made["$defs"]["Service"]["properties"]
    service["questions"] = either(service["questions"], as_mapping)


def without(part: Schema, key: str) -> Schema:
    part["properties"].pop(key, None)
    part["required"] = [name for name in part.get("required", []) if name != key]
    return part


def allow_one(shape: Schema) -> None:
    """Where a list of words may stand, one word is enough."""
    for inner in [shape, *[row for row in shape.get("anyOf", []) if isinstance(row, dict)]]:
        many = inner.get("additionalProperties")
        if isinstance(many, dict) and is_list_of_words(many):
            inner["additionalProperties"] = {"anyOf": [many, many["items"]]}
    if is_list_of_words(shape):
        kept = {key: shape.pop(key) for key in ("type", "items", "minItems") if key in shape}
        shape["anyOf"] = [kept, kept["items"]]


def is_list_of_words(shape: Schema) -> bool:
    items = shape.get("items")
    is_list = shape.get("type") == "array" and isinstance(items, dict)
    return is_list and items.get("type") in ("string", "integer")


def speak_draft_seven(shape: Any) -> None:
    """Put what editors do not understand yet into older words, and drop what YAML writes otherwise.

    A time of day stands without seconds, which the format of JSON Schema does not allow.
    """
    if isinstance(shape, list):
        for row in shape:
            speak_draft_seven(row)
    if not isinstance(shape, dict):
        return
    if "prefixItems" in shape:
        shape["items"] = shape.pop("prefixItems")
    if shape.get("format") in ("time", "date-time"):
        shape.pop("format")
    if "minLength" in shape and shape.get("type") != "string":
        shape.pop("minLength")
    for inner in shape.values():
        speak_draft_seven(inner)


def either(shape: Schema, other: Schema) -> Schema:
    return {"description": shape.pop("description", ""), "anyOf": [shape, other]}


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "rules.schema.json")

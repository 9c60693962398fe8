"""Does every key have the right name and the right kind of value? pydantic's findings in plain words."""

from __future__ import annotations

import types
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from routing.nodes import Path
from routing.problems import Findings, nearest
from routing.rulebook import Rulebook

SWITCHES = ("yes", "no", "on", "off", "true", "false", "y", "n")


def check_shape(error: ValidationError, findings: Findings) -> None:
    """Add one problem for everything that pydantic found, each at its place in the file."""
    for detail in error.errors(include_url=False, include_context=True):
        _tell(detail, findings)


def _tell(detail: ErrorDetails, findings: Findings) -> None:
    path = real_path(detail["loc"], findings.tree.data)
    kind, found = detail["type"], detail.get("input")
    if kind == "missing":
        field = str(detail["loc"][-1])
        findings.error(path, "missing", f'"{field}" is missing', f"add {field}: …")
    elif kind == "extra_forbidden":
        key = str(detail["loc"][-1])
        known = nearest(key, keys_at(detail["loc"][:-1]))
        findings.error(
            (*path, key) if path[-1:] != (key,) else path, "unknown-key", f'unknown key "{key}"', known
        )
    elif kind == "string_type" and isinstance(found, bool | int | float):
        _bare_word(path, found, findings)
    elif kind == "literal_error":
        words = [word.strip(" '") for word in str(detail["ctx"]["expected"]).replace(" or ", ", ").split(",")]
        findings.error(
            path, "not-one-of", f'"{found}" is not one of {", ".join(words)}', nearest(str(found), words)
        )
    elif kind == "value_error":
        findings.error(path, "value", detail["msg"].removeprefix("Value error, "))
    else:
        remedy = "write a value after the colon; a bare # begins a comment" if found is None else ""
        findings.error(path, "wrong-type", _plain(kind, detail, found), remedy)


def _bare_word(path: Path, found: Any, findings: Findings) -> None:
    typed = findings.tree.typed.get(path, str(found))
    if isinstance(found, bool):
        said = f"words are expected, but a bare {typed} means {str(found).lower()} in YAML"
        findings.error(path, "bare-switch", said, f'write it in quotes: "{typed}"')
    else:
        said = f"words are expected, but a bare {typed} is a number in YAML"
        findings.error(path, "bare-number", said, f'write it in quotes: "{typed}"')


PLAIN = {
    "string_type": "words are expected",
    "dict_type": "keys with values below it are expected",
    "mapping_type": "keys with values below it are expected",
    "model_type": "keys with values below it are expected",
    "model_attributes_type": "keys with values below it are expected",
    "list_type": "a list is expected",
    "tuple_type": "a list is expected",
    "too_short": "the list is empty; name at least one, or leave the key out",
    "bool_type": "true or false is expected",
    "bool_parsing": "true or false is expected",
    "int_type": "a whole number is expected",
    "int_parsing": "a whole number is expected",
    "float_type": "a number is expected",
    "float_parsing": "a number is expected",
    "time_parsing": 'hours are written in quotes, as in "08:00-16:30"',
}


def _plain(kind: str, detail: ErrorDetails, found: Any) -> str:
    if kind == "too_short":
        return PLAIN[kind] if found == [] else f"{detail['msg'].lower()}; found {_short(found)}"
    return f"{PLAIN.get(kind, detail['msg'])}; found {_short(found)}"


def _short(found: Any) -> str:
    if found is None:
        return "nothing"
    if isinstance(found, dict):
        return "keys with values" if found else "nothing"
    if isinstance(found, list | tuple):
        return f"a list of {len(found)}"
    return f'"{found}"' if len(str(found)) < 60 else f'"{str(found)[:57]}…"'


def real_path(loc: tuple[int | str, ...], data: Any) -> Path:
    """Return pydantic's place as a path of the file: without union members, list wrappers and ``[key]``."""
    path: Path = ()
    for part in loc:
        if isinstance(data, dict) and isinstance(part, int) and part < len(data):
            part = list(data)[part]  # questions are a mapping in the file and a list inside
        if not _has(data, part):
            continue
        data = data[part]
        path = (*path, part)
    return path


def _has(data: Any, part: int | str) -> bool:
    if isinstance(data, list):
        return isinstance(part, int) and part < len(data)
    return isinstance(data, dict) and part in data


def keys_at(loc: tuple[int | str, ...]) -> list[str]:
    """Return the keys that are understood at pydantic's place."""
    model: type[BaseModel] = Rulebook
    for part in loc:
        for name, field in model.model_fields.items():
            if part in (name, field.alias):
                model = _model_in(field.annotation) or model
                break
    names = [field.alias or name for name, field in model.model_fields.items()]
    return [name for name in names if name not in ("id", "code", "version")]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in (None, types.UnionType, Union) and not get_args(annotation):
        return None
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)

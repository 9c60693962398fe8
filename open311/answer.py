"""What does a GeoReport v2 server answer? JSON or XML, a list or a single object, as plain rows.

Servers in the field differ: some answer XML to ``.json``, wrap the list, send numbers as numbers, or
give one object where the specification wants a list. All of that is understood here.
"""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree

Row = dict[str, str]
MOST_ROWS = 50
LONGEST_REFERENCE = 120  # characters; the column is as wide
LONGEST_RECEIPT = 200
LONGEST_SENTENCE = 300
LONGEST_WORDS = 4000


class NotUnderstood(Exception):
    """The answer is not one that GeoReport v2 knows."""


def rows(body: bytes) -> list[Row]:
    """Return the objects of an answer, name -> text; raises ``NotUnderstood``."""
    text = body.decode("utf-8-sig", "replace").strip()
    if text.startswith("<"):
        return _of_xml(text)
    if text.startswith(("[", "{")):
        return _of_json(text)
    raise NotUnderstood("it is neither JSON nor XML")


def errors(found: list[Row]) -> str:
    """Return the errors of an answer as one sentence, or nothing."""
    said = []
    for row in found:
        # A request has a description too; only an error has one and no number.
        if "description" in row and not {"service_request_id", "token"} & row.keys():
            code = row.get("code", "")
            said.append(f"{row['description'].rstrip('. ')}{f' ({code})' if code else ''}")
    return one_line("; ".join(said), LONGEST_SENTENCE)


def reference(found: list[Row]) -> str:
    """Return the ``service_request_id``; raises ``NotUnderstood`` for one that cannot be kept."""
    return _identity(found, "service_request_id", LONGEST_REFERENCE)


def receipt(found: list[Row]) -> str:
    """Return the ``token`` of a server that gives numbers later."""
    return _identity(found, "token", LONGEST_RECEIPT)


def one_line(text: str, longest: int) -> str:
    """Return text from outside as something that can stand in a sentence."""
    plain = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return plain if len(plain) <= longest else plain[: longest - 1] + "…"


def _identity(found: list[Row], name: str, longest: int) -> str:
    value = next((row[name].strip() for row in found if row.get(name, "").strip()), "")
    if len(value) > longest or not value.isprintable():
        raise NotUnderstood(f"its {name} cannot be kept")
    return value


def _of_json(text: str) -> list[Row]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise NotUnderstood("its JSON is broken") from None
    if isinstance(found, dict) and len(found) == 1:
        inside = next(iter(found.values()))
        found = inside if isinstance(inside, (dict, list)) else found
    listed = found if isinstance(found, list) else [found]
    return [_plain(row) for row in listed[:MOST_ROWS] if isinstance(row, dict)]


def _plain(row: dict[str, Any]) -> Row:
    return {
        str(name): str(value)
        for name, value in row.items()
        if isinstance(value, (str, int, float)) and not isinstance(value, bool)
    }


def _of_xml(text: str) -> list[Row]:
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        # No answer needs one, and entities can be made to grow without end.
        raise NotUnderstood("its XML defines entities")
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - without definitions nothing can grow
    except ElementTree.ParseError:
        raise NotUnderstood("its XML is broken") from None
    # <service_requests><request>…</request></service_requests>, or one object alone.
    objects = [child for child in root if len(child)] or [root]
    return [
        {child.tag.rpartition("}")[2]: (child.text or "").strip() for child in one}
        for one in objects[:MOST_ROWS]
    ]

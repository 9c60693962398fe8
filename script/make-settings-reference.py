#!/usr/bin/env python3
"""Writes docs/settings.md from the settings themselves, so that the page cannot drift from the code."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from settings import AGENCY_KEYS, PREFIX, SECRETS, Settings, key_variable  # noqa: E402

OPENING = f"""# Settings

Made from `settings.py` by `script/make-settings-reference.py`; do not edit by hand.

All settings are environment variables, read once at the start. None is needed to try Townline out. A real
town needs `{PREFIX}RULES`, `{PREFIX}BASE_URL` and a mail server; [operator.md](operator.md) shows them at
work. A wrong value stops the start with the name of the variable, what was found and what to write
instead. So does a `{PREFIX}` variable that does not exist: a slip of the pen is never ignored.
`script/run` also takes `--host`, `--port` and `--data`.

| variable | what may stand there | if it is left out | meaning |
|---|---|---|---|
"""

CLOSING = f"""
## Secrets from a file

{{secrets}} can each come from a file instead: put `_FILE` behind the name, as in
`{PREFIX}SMTP_PASSWORD_FILE=/etc/townline/smtp-password`. Set one of the two, not both. The same goes for an
agency's key: `{key_variable("county-highway")}_FILE` for the agency `county-highway`.

Everything else, from office hours to the rules of whose job it is, stands in the town's rules file:
[rules.md](rules.md).
"""

WORDS = {
    "integer": "a whole number", "number": "a number", "boolean": "`true` or `false`",
    "string": "words", "path": "a path", "object": "words",
}  # fmt: skip


def main(target: Path) -> None:
    target.write_text(reference(), encoding="utf-8")


def reference() -> str:
    """Return the whole page."""
    shapes = Settings.model_json_schema()["properties"]
    rows = []
    for name, field in Settings.model_fields.items():
        behind = "_<AGENCY>" if name == AGENCY_KEYS else ""
        variable = f"`{PREFIX}{name.upper()}{behind}`"
        cells = (variable, kind(shapes[name]), left_out(field.default), field.description)
        rows.append(f"| {' | '.join(map(str, cells))} |\n")
    *most, last = (f"`{PREFIX}{name.upper()}`" for name in SECRETS)
    return OPENING + "".join(rows) + CLOSING.format(secrets=f"{', '.join(most)} and {last}")


def kind(shape: dict[str, Any]) -> str:
    """Say in plain words what a value may be; an unknown shape stops, so that nothing is left unexplained."""
    if "enum" in shape:
        return ", ".join(f"`{word}`" for word in shape["enum"])
    return WORDS[shape.get("format", shape["type"])] + limits(shape)


def limits(shape: dict[str, Any]) -> str:
    lowest = shape.get("minimum", shape.get("exclusiveMinimum"))
    if lowest is None:
        return ""
    over = "more than " if "exclusiveMinimum" in shape else ""
    return f", {over}{lowest:g} to {shape['maximum']:g}"


def left_out(default: object) -> str:
    if isinstance(default, Path):
        return f"`{default.relative_to(ROOT)}` in the project's folder"
    if default in ("", {}):
        return "nothing"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "settings.md")

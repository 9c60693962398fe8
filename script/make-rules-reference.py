#!/usr/bin/env python3
"""What may stand in rules.yaml? Writes docs/rules.md from the types that read it.

    .venv/bin/python script/make-rules-reference.py [FILE]

The meaning of a key is the docstring below it, so that code and reference cannot drift apart; a test
compares the file with what comes out here.
"""

from __future__ import annotations

import ast
import inspect
import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from routing import conditions, maps, moments, plans, rates, rulebook, services, town  # noqa: E402

# Which type stands where, in the order of the file.
PARTS = (
    ("The whole file", "", rulebook, "Rulebook"),
    ("town", "", town, "Town"),
    ("town.office_hours", 'Instead of the two keys, write `"08:00-16:30"`.', town, "Hours"),
    ("town.quiet_hours", 'Instead of the two keys, write `"20:00-07:00"`.', town, "QuietHours"),
    ("town.ladder, services.….ladder", "", services, "Ladder"),
    ("town.holidays", "", town, "Holidays"),
    ("town.emergency", "", town, "Emergency"),
    ("town.map", "", town, "TownMap"),
    ("departments", "Each entry:", town, "Department"),
    ("people", "Each entry:", town, "Person"),
    ("agencies", "Each entry:", town, "Agency"),
    ("agencies.….open311", "", town, "Open311"),
    ("layers", "Each entry:", maps, "Layer"),
    ("layers.….tolerance", "A number alone is the default for all.", maps, "Tolerance"),
    ("groups", "Each entry:", services, "Group"),
    ("services", "Each entry:", services, "Service"),
    ("services.….questions", "Each entry:", services, "Question"),
    ("services.….target", "", services, "Target"),
    ("services.….duplicates", "", services, "Duplicates"),
    ("A span of time", 'Written as `4 office hours`, `3 working days` or `10 days`.', services, "Span"),
    ("answers", "Each entry:", services, "Answer"),
    ("rules", "A list; in each of the three classes the first rule that matches wins.", conditions, "Rule"),
    ("rules.….when", "", conditions, "Condition"),
    ("rules.….when.time", "", moments, "Times"),
    ("rules.….stop", "", conditions, "Stop"),
    ("widgets", "Each entry:", rulebook, "Widget"),
    ("reports", "Each entry:", plans, "ReportPlan"),
    ("reports.….send", "", plans, "SendTime"),
    ("reports.….approve", "", plans, "Approval"),
    ("reports.….attach", "", plans, "Attach"),
    ("rates", "", rates, "Rates"),
    ("rates.cards", "A list, oldest first. Each entry:", rates, "RateCard"),
    ("rates.cards.….departments, people", "A number alone is what an hour of work costs.", rates, "Rate"),
    ("intake", "", rulebook, "Intake"),
    ("checks", "A list.", conditions, "Check"),
)  # fmt: skip

KINDS = {
    "str": "words", "Text": "words, or words per language", "Words": "words, or a list of them",
    "AnyOf": "words, or a list of them", "Tags": "a language tag, or a list of them",
    "Id": "an id", "int": "a whole number", "float": "a number",
    "Amount": "an amount", "Cards": "a list of entries, see below",
    "bool": "true or false", "Origin": "a website", "ServiceAddress": "an address",
    "Email": "an e-mail address", "Colour": "a colour",
    "Zone": "a time zone", "ClockTime": "a time of day", "date": "a day", "SendDay": "a day in words",
    "CronLine": "a cron line", "Wait": "a span of time", "MaybeApproval": "see below, or `none`",
    "Recipients": "a recipient, a list, or a mapping of parts to lists", "Month": "a month's name",
    "TargetSpan": "a span of time", "Condition": "a condition", "AgencyKind": "",
    "AnyTolerance": "metres, see below", "Metres": "metres", "Times": "see below",
    "Months": "months, 1 to 12", "Weekdays": "weekdays, `monday` to `sunday`",
    "NaiveDatetime": "day and time", "tuple[ClockTime, ClockTime]": "two times of day",
    "str | Mapping[str, str | Words]": "the name of a file, or a path → words",
    "tuple[float, float]": "latitude and longitude", "tuple[date, date]": "two days",
}  # fmt: skip

GIVEN = {
    "Duplicates()": "`yes`", "Tolerance()": "`15`", "SECTIONS": "all of them",
    "Attach()": "`{pdf: true, csv: embedded}`",
    "Wait(count=48, unit='hour')": "`48h`",
}  # fmt: skip
"""What stands there when it is left out, where the code says it by name."""
LITERALS = {"AgencyKind": town, "Rhythm": plans, "Audience": plans, "Section": plans}
"""Named lists of words, and where they stand."""

OUTCOMES = """
## The five outcomes

| outcome | what the resident sees | what happens |
|---|---|---|
| `stop` | why it is dangerous, and the number to call now | no form, nothing is stored but a count |
| `ask` | one question: which of two roads is meant | the answer decides |
| `card` | who is responsible, why, and how to reach them | counted as redirected |
| `handoff` | the same, and the offer to pass it on | the agency gets the report, by mail or in its system |
| `accept` | which department has it, and by when | a request with one person who answers for it |

They are tried in this order, `card` and `handoff` together. `ask` is never written as a rule: it comes
by itself where roads of two owners are closer together than `ask_within`, or on a street whose two
sides belong to different owners, and the rules would decide differently. Where a map is needed but
cannot tell (no point on the map, no road within `tolerance`, an owner that the layer does not name), the
request goes to the clerk, and the resident is told so. It is never silently taken as ours. A place told
in words alone counts as inside the town, and the road that it names decides what hangs on the road.
"""


def main(target: Path) -> None:
    target.write_text(reference(), encoding="utf-8")


def reference() -> str:
    """Return the whole page."""
    opening = (
        "# rules.yaml, every key\n\n"
        "Made from the types that read the file by `script/make-rules-reference.py`; do not edit by hand. "
        "`flask --app app rules check` names every mistake with its line. Editors that read the first line "
        "of `rules.yaml` explain each key while you type, by `rules.schema.json`. [cases.md](cases.md) has "
        "a piece to copy for every case.\n\n"
        'An **id** is made of small letters, digits and single hyphens, as in `road-foreman`. Where "words, '
        'or words per language" may stand, write one sentence for all, or `{en: Pothole, es: Bache}`. '
        'Put `"yes"`, `"no"`, `"911"` and colours in quotes: bare, YAML takes them for something else.\n'
    )
    return opening + OUTCOMES + "\n" + "\n".join(section(*part) for part in PARTS)


def section(title: str, lead: str, module: ModuleType, name: str) -> str:
    body = class_body(module, name)
    said = " ".join(part for part in (prose(ast.get_docstring(body) or ""), lead) if part)
    heading = title if " " in title else f"`{title}`"
    rows = "\n".join(rows_of(body))
    columns = "| key | what may stand there | if it is left out | meaning |\n|---|---|---|---|"
    return f"## {heading}\n\n{said}\n\n{columns}\n{rows}\n"


def class_body(module: ModuleType, name: str) -> ast.ClassDef:
    tree = ast.parse(inspect.getsource(module))
    return next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == name)


def rows_of(body: ast.ClassDef) -> list[str]:
    rows = []
    for node, after in zip(body.body, [*body.body[1:], None], strict=True):
        if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name):
            continue
        key = node.target.id.rstrip("_")
        meaning = docstring(after)
        if key in ("version", "id", "code") and not (body.name == "Rule" and key == "id"):
            continue  # made from the file or from the key of the entry
        if not meaning and body.name != "Hours":
            raise SystemExit(f"{body.name}.{key} has no docstring that says what it means")
        kind = kind_of(ast.unparse(node.annotation), str(node.value and ast.unparse(node.value)))
        rows.append(f"| `{key}` | {kind} | {left_out(node.value)} | {prose(meaning)} |")
    return rows


def docstring(node: ast.stmt | None) -> str:
    value = node.value if isinstance(node, ast.Expr) else None
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else ""


def prose(text: str) -> str:
    return " ".join(text.split()).replace("``", "`").replace("|", "\\|")


def kind_of(annotation: str, default: str) -> str:
    """Say a type in plain words; an unknown one stops, so that nothing is left unexplained."""
    bare = annotation.removesuffix(" | None").strip("'\"")
    if bare in LITERALS:
        return one_of(ast.unparse(next(
            node.value for node in ast.parse(inspect.getsource(LITERALS[bare])).body
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == bare
        )))  # fmt: skip
    if bare == "Sections":
        return f"a list of {kind_of('Section', default)}"
    if bare in KINDS:
        return KINDS[bare]
    if bare.startswith("Annotated["):
        return kind_of(bare.removeprefix("Annotated[").rsplit(", Field(", 1)[0], default)
    if bare.startswith("Literal["):
        return one_of(bare)
    if bare.startswith("tuple[") and bare.endswith(", ...]"):
        inner = bare[6:-6]
        return f"a list, each {kind_of(inner, default)}" if inner in KINDS else "a list of entries, see below"
    if bare.startswith("Mapping["):
        key, inner = split_mapping(bare)
        of = f"{kind_of(inner, default)}" if inner in KINDS else "an entry, see below"
        return f"{kind_of(key, default)} → {of}"
    if bare[0].isupper() and bare.isalnum():
        return "see below"
    raise SystemExit(f"no plain words for the type {annotation}; add it to KINDS")


def split_mapping(annotation: str) -> tuple[str, str]:
    inside, depth = annotation[len("Mapping[") : -1], 0
    for at, letter in enumerate(inside):
        depth += (letter == "[") - (letter == "]")
        if letter == "," and depth == 0:
            return inside[:at], inside[at + 2 :]
    raise SystemExit(f"no plain words for the type {annotation}")


def one_of(literal: str) -> str:
    return " · ".join(f"`{word}`" for word in ast.literal_eval("(" + literal[len("Literal[") : -1] + ",)"))


def left_out(value: ast.expr | None) -> str:
    if value is None:
        return "**must be given**"
    shown = value
    if ast.unparse(value) in GIVEN:
        return GIVEN[ast.unparse(value)]
    if isinstance(value, ast.Call):
        given = {word.arg: word.value for word in value.keywords}
        if ast.unparse(value.func) == "Span":
            count, unit = (ast.literal_eval(given[part]) for part in ("count", "unit"))
            return f"`{count} {unit}{'s' if count > 1 else ''}`"
        if "default" not in given:
            return "nothing"
        shown = given["default"]
    text = ast.unparse(shown)
    if text in ("None", "()", "{}", "''"):
        return "nothing"
    if isinstance(shown, ast.Tuple):
        return f"`[{', '.join(str(ast.literal_eval(part)) for part in shown.elts)}]`"
    return (
        f"`{str(ast.literal_eval(shown)).lower() if text in ('True', 'False') else ast.literal_eval(shown)}`"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "rules.md")

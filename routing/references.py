"""Does everything that is named exist? Checked on the plain values, so that one wrong type hides nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from routing.nodes import Path, each
from routing.problems import Findings, nearest
from routing.sentences import PLACEHOLDERS, placeholders

# Where a name stands -> in which sections it may be found, and what to call it in the message.
NAMES: tuple[tuple[tuple[str, ...], tuple[str, ...], str], ...] = (
    (("clerk",), ("people",), "person"),
    (("operator",), ("people",), "person"),
    (("departments", "*", "head"), ("people",), "person"),
    (("people", "*", "department"), ("departments",), "department"),
    (("people", "*", "deputy"), ("people",), "person"),
    (("services", "*", "group"), ("groups",), "group"),
    (("services", "*", "assignee"), ("people", "departments"), "person or department"),
    (("rules", "*", "card"), ("agencies",), "agency"),
    (("rules", "*", "handoff"), ("agencies",), "agency"),
    (("rules", "*", "accept"), ("people", "departments"), "person or department"),
    (("widgets", "*", "services", "*"), ("services",), "service"),
    (("checks", "*", "service"), ("services",), "service"),
    (("checks", "*", "expect", "card"), ("agencies",), "agency"),
    (("checks", "*", "expect", "handoff"), ("agencies",), "agency"),
    (("checks", "*", "expect", "accept"), ("people", "departments"), "person or department"),
    (("checks", "*", "expect", "ask"), ("layers",), "layer"),
)

CONDITION_NAMES: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (("service", "*"), "services", "service"),
    (("group", "*"), "groups", "group"),
    (("widget", "*"), "widgets", "widget"),
)


def check_references(findings: Findings) -> None:
    """Add a problem for every name that nothing answers to."""
    data = findings.tree.data
    for pattern, sections, kind in NAMES:
        for path, value in each(data, pattern):
            _known(findings, path, value, section_keys(data, *sections), kind)
    for path, condition in conditions(data):
        _check_condition(findings, path, condition)
    for path, value in each(data, ("town", "wards")):
        _known(findings, path, value, layers_of_areas(data), "layer")
    for path, value in each(data, ("layers", "*", "typed_in")):
        if isinstance(value, str):
            _check_answer(findings, path, value, None, None)
    for path, _ in each(data, ("agencies", "*", "open311", "services", "*")):
        _known(findings, path, path[-1], section_keys(data, "services"), "service")
    for section, kind in (("departments", "department"), ("people", "person")):
        for path, _ in each(data, ("rates", "cards", "*", section, "*")):
            _known(findings, path, path[-1], section_keys(data, section), kind)
    _check_rules(findings)
    _check_people(findings)
    _check_answers_of_checks(findings)
    _check_words(findings)


def _languages(data: Any) -> list[str]:
    return [value for _, value in each(data, ("town", "languages", "*"))] or ["en"]


def section_keys(data: Any, *sections: str) -> list[str]:
    """Return the ids that stand in the sections."""
    return [key for section in sections if isinstance(data.get(section), dict) for key in data[section]]


def _known(findings: Findings, path: Path, value: Any, known: list[str], kind: str) -> None:
    if isinstance(value, str) and value not in known:
        findings.error(path, f"unknown-{kind.split()[0]}", f'no {kind} "{value}"', nearest(value, known))


def conditions(data: Any) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield every condition of every rule with its path, the ones inside ``all``, ``any``, ``not`` too."""
    waiting = [*each(data, ("rules", "*", "when"))]
    while waiting:
        path, condition = waiting.pop()
        if not isinstance(condition, dict) or len(path) > 30:
            continue
        yield path, condition
        for part in ("all", "any"):
            waiting += ((path + tail, child) for tail, child in each(condition, (part, "*")))
        waiting += ((path + tail, child) for tail, child in each(condition, ("not",)))


def _check_condition(findings: Findings, path: Path, condition: dict[str, Any]) -> None:
    data = findings.tree.data
    for pattern, section, kind in CONDITION_NAMES:
        for tail, value in each(condition, pattern):
            _known(findings, path + tail, value, section_keys(data, section), kind)
    for tail, value in each(condition, ("language", "*")):
        _known(findings, path + tail, value, _languages(data), "language")
    layers = data.get("layers") if isinstance(data.get("layers"), dict) else {}
    areas = layers_of_areas(data)
    for tail, _ in each(condition, ("area", "*")):
        if tail[-1] in layers and tail[-1] not in areas:
            findings.error(
                path + tail, "layer-kind", f'"{tail[-1]}" is not a layer of areas', nearest("", areas)
            )
        else:
            _known(findings, path + tail, tail[-1], areas, "layer")
    _check_marks(findings, path, condition, layers)


def layers_of_areas(data: Any) -> list[str]:
    """Return the ids of the layers whose features are areas."""
    layers = data.get("layers") if isinstance(data.get("layers"), dict) else {}
    return [key for key, layer in layers.items() if isinstance(layer, dict) and layer.get("kind") == "areas"]


def _check_marks(findings: Findings, path: Path, condition: dict[str, Any], layers: dict[str, Any]) -> None:
    """A condition needs a layer that can answer it at all."""
    kinds = [layer.get("kind") for layer in layers.values() if isinstance(layer, dict)]
    for key, kind in (("road_owner", "roads"), ("asset_owner", "assets")):
        if key in condition and kind not in kinds:
            findings.error(
                (*path, key),
                "no-layer",
                f"there is no layer of kind {kind} to ask",
                f"add one to layers, or drop {key}",
            )
    bounded = any(isinstance(layer, dict) and layer.get("boundary") is True for layer in layers.values())
    if "outside" in condition and not bounded:
        hint = "write boundary: true at the layer that is the town itself"
        findings.error((*path, "outside"), "no-boundary", "no layer is the town's boundary", hint)


def _check_rules(findings: Findings) -> None:
    data = findings.tree.data
    seen: dict[str, Path] = {}
    for path, rule in each(data, ("rules", "*")):
        if not isinstance(rule, dict):
            continue
        name = rule.get("id")
        if isinstance(name, str) and name in seen:
            first = findings.tree.mark(seen[name]).line
            findings.error(
                (*path, "id"),
                "duplicate-rule",
                f'a second rule "{name}" (first on line {first})',
                "give it another id",
            )
        elif isinstance(name, str):
            seen[name] = (*path, "id")
        agency = _entry(data, "agencies", rule.get("handoff"))
        if agency is not None and agency.get("handoff", "none") == "none":
            said = f'the agency "{rule["handoff"]}" takes no hand-offs'
            findings.error(
                (*path, "handoff"), "no-handoff", said, "write card: instead, or handoff: mail at the agency"
            )
        check_rule_answers(findings, path, rule)


def _entry(data: Any, section: str, key: Any) -> dict[str, Any] | None:
    rows = data.get(section)
    row = rows.get(key) if isinstance(rows, dict) and isinstance(key, str) else None
    return row if isinstance(row, dict) else None


def check_rule_answers(findings: Findings, path: Path, rule: dict[str, Any]) -> None:
    """Every answer that a rule waits for must be possible in the services that it is about."""
    condition = rule.get("when")
    if isinstance(condition, dict):
        scope = scope_of(findings.tree.data, condition, None)
        _check_scoped(findings, (*path, "when"), condition, scope)


def _check_scoped(findings: Findings, path: Path, condition: dict[str, Any], scope: list[str] | None) -> None:
    for tail, value in each(condition, ("answer", "*")):
        _check_answer(findings, path + tail, str(tail[-1]), value, scope)
    for part in (("all", "*"), ("any", "*"), ("not",)):
        for tail, child in each(condition, part):
            if isinstance(child, dict) and len(path) < 30:
                _check_scoped(findings, path + tail, child, scope_of(findings.tree.data, child, scope))


def scope_of(data: Any, condition: dict[str, Any], outer: list[str] | None) -> list[str] | None:
    """Return the services that a condition names, by code or by group; None when it names none."""
    named = [value for _, value in each(condition, ("service", "*")) if isinstance(value, str)]
    groups = [value for _, value in each(condition, ("group", "*")) if isinstance(value, str)]
    if groups:
        found = [
            path[-1]
            for path, value in each(data, ("services", "*", "group"))
            if value in groups
            for path in [path[:-1]]
        ]
        named = [str(code) for code in found if not named or code in named]
    return named or outer


def _check_answer(findings: Findings, path: Path, code: str, wanted: Any, scope: list[str] | None) -> None:
    data = findings.tree.data
    services = [
        name for name in scope or section_keys(data, "services") if _entry(data, "services", name) is not None
    ]
    asked = {name: question for name in services if (question := _question(data, name, code)) is not None}
    if not asked:
        known = [str(key) for name in services for key in _questions(data, name)]
        whom = f'the service "{services[0]}" asks' if len(services) == 1 else "these services ask"
        findings.error(path, "unknown-question", f'{whom} no question "{code}"', nearest(code, known))
        return
    choices = [choice for question in asked.values() for choice in _choices(question)]
    if not all(_choices(question) for question in asked.values()):
        return
    for tail, value in each(wanted, ("*",)):
        if isinstance(value, str) and value not in choices:
            findings.error(
                path + tail,
                "unknown-answer",
                f'"{code}" cannot be answered "{value}"',
                nearest(value, choices),
            )


def _questions(data: Any, service: str) -> dict[str, Any]:
    questions = (_entry(data, "services", service) or {}).get("questions")
    if isinstance(questions, list):
        return {str(row.get("code")): row for row in questions if isinstance(row, dict)}
    return questions if isinstance(questions, dict) else {}


def _question(data: Any, service: str, code: str) -> dict[str, Any] | None:
    question = _questions(data, service).get(code)
    return question if isinstance(question, dict) else None


def _choices(question: dict[str, Any]) -> list[str]:
    if question.get("kind") == "yes-no":
        return ["yes", "no"]
    choices = question.get("choices")
    return list(choices) if isinstance(choices, dict) else []


def _check_people(findings: Findings) -> None:
    for path, value in each(findings.tree.data, ("people", "*", "deputy")):
        if value == path[1]:
            findings.error(
                path, "own-deputy", f'"{value}" cannot be the deputy of "{value}"', "name somebody else"
            )
    for path, value in each(findings.tree.data, ("people", "*", "language")):
        _known(findings, path, value, _languages(findings.tree.data), "language")
    for path, value in each(findings.tree.data, ("people", "*", "absent", "*")):
        if (
            isinstance(value, list)
            and len(value) == 2
            and all(hasattr(day, "year") for day in value)
            and value[1] < value[0]
        ):
            findings.error(
                path, "absent-order", "the last day away is before the first", "write the first day first"
            )


def _check_answers_of_checks(findings: Findings) -> None:
    for path, check in each(findings.tree.data, ("checks", "*")):
        if (
            isinstance(check, dict)
            and _entry(findings.tree.data, "services", check.get("service")) is not None
        ):
            for tail, value in each(check, ("answers", "*")):
                _check_answer(findings, path + tail, str(tail[-1]), value, [check["service"]])


def _check_words(findings: Findings) -> None:
    patterns = [("rules", "*", "say"), ("rules", "*", "staff"), ("rules", "*", "stop", "say")]
    for pattern in patterns:
        for path, value in each(findings.tree.data, pattern):
            said_in = value.items() if isinstance(value, dict) else [("", value)]
            for tag, words in said_in:
                for name in placeholders(words) if isinstance(words, str) else ():
                    if name not in PLACEHOLDERS:
                        said = f'"{{{name}}}" is not something that can be filled in'
                        at = (*path, tag) if (*path, tag) in findings.tree.marks else path
                        findings.error(at, "unknown-placeholder", said, nearest(name, PLACEHOLDERS))

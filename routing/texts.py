"""What do the town's own words say in its other languages? ``texts:``, merged before anything is checked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path as File
from typing import Any

from routing.nodes import Mark, NotYaml, Path, Tree, each, read_tree
from routing.problems import Findings, Level, Problem, nearest
from routing.references import conditions

TEXTS: tuple[tuple[str, ...], ...] = (
    ("town", "name"), ("town", "address"), ("town", "emergency", "say"),
    ("departments", "*", "name"), ("people", "*", "name"),
    ("agencies", "*", "name"), ("agencies", "*", "hours"), ("agencies", "*", "note"),
    ("groups", "*", "name"), ("services", "*", "name"), ("services", "*", "description"),
    ("services", "*", "questions", "*", "label"), ("services", "*", "questions", "*", "help"),
    ("services", "*", "questions", "*", "choices", "*"),
    ("answers", "*", "question"), ("answers", "*", "answer"),
    ("rules", "*", "say"), ("rules", "*", "notice"), ("rules", "*", "staff"), ("rules", "*", "stop", "say"),
    ("widgets", "*", "title"), ("widgets", "*", "intro"), ("widgets", "*", "button"),
    ("reports", "*", "title"),
)  # fmt: skip
"""Where a sentence may stand that is said in each language."""
LISTS = (("town", "emergency"), ("agencies", "*"), ("services", "*"), ("answers", "*"))
"""What may have ``words``, to which every language adds its own."""


At = tuple[Tree, Path, str]
"""Where a text stands: the tree, its path there, and the file when it is not the rules file."""


def merge_texts(findings: Findings, folder: File) -> None:
    """Put every text of ``texts:`` into the place that it names; what cannot be is a problem."""
    data = findings.tree.data
    _name_groups(data)
    sections = data.get("texts")
    if sections is None:
        return
    if not isinstance(sections, dict):
        findings.error(("texts",), "wrong-type", "a language with its texts is expected", "as in es: es.yaml")
        return
    languages = languages_of(data)
    known = slots(data)
    for language, given in sections.items():
        if language not in languages:
            hint = nearest(language, languages)
            findings.error(("texts", language), "unknown-language", f'no language "{language}"', hint)
            continue
        tree, file = findings.tree, ""
        prefix: Path = ("texts", language)
        if isinstance(given, str):
            if (found := _read(findings, language, folder, given)) is None:
                continue
            tree, prefix, file, given = found, (), given, found.data
        if not isinstance(given, dict):
            _tell(findings, tree, prefix, file, "wrong-type", "a path with its words is expected")
            continue
        for name, words in given.items():
            _take(findings, known, language, str(name), words, (tree, (*prefix, name), file))


def slots(data: Any) -> dict[str, Path]:
    """Return every path that may be translated, as people write it, with its place in the file."""
    found: dict[str, Path] = {}
    for pattern in TEXTS:
        for path, value in each(data, pattern):
            if value is not None:
                found[_named(data, path)] = path
    for pattern in LISTS:
        for path, value in each(data, pattern):
            if isinstance(value, dict):
                found[_named(data, (*path, "words"))] = (*path, "words")
    for path, condition in conditions(data):
        if "words" in condition:
            found[_named(data, (*path, "words"))] = (*path, "words")
    return found


def missing(data: Any, language: str, added: Mapping[str, Any]) -> dict[str, str]:
    """Return path -> the first language's words, for all that ``language`` does not say or add a list to."""
    found: dict[str, str] = {}
    first = languages_of(data)[0]
    for name, path in slots(data).items():
        value = _at(data, path)
        if path[-1] == "words":
            if value and not added.get(name):
                found[name] = ", ".join(map(str, value if isinstance(value, list) else [value]))
        elif isinstance(value, str) and value:
            found[name] = value
        elif isinstance(value, dict) and not (value.get(language) or value.get(language.split("-")[0])):
            found[name] = str(value.get(first) or next(iter(value.values()), ""))
    return found


def languages_of(data: Any) -> list[str]:
    """Return the town's languages as they stand in the file; English where it says none."""
    said = [str(value) for _, value in each(data, ("town", "languages", "*")) if isinstance(value, str)]
    return said or ["en"]


def version_of(raw: bytes, folder: File, files: tuple[str, ...]) -> str:
    """Return the first 12 hex digits of the SHA-256 of the rules and of the texts that they name."""
    found = hashlib.sha256(raw)
    for name in files:
        try:
            found.update(b"\0" + (folder / name).read_bytes())
        except OSError:
            found.update(b"\0missing")
    return found.hexdigest()[:12]


def files_of(texts: Any) -> tuple[str, ...]:
    """Return the names of the files in a ``texts:`` section."""
    return tuple(one for one in texts.values() if isinstance(one, str)) if isinstance(texts, Mapping) else ()


def _name_groups(data: Any) -> None:
    # What is no section at all is told of by whoever checks the shape.
    if not isinstance(data.get("groups"), dict):
        return
    for path, value in each(data, ("groups", "*")):
        if isinstance(value, str):
            data["groups"][path[-1]] = {"name": value}


def _named(data: Any, path: Path) -> str:
    if path[0] == "groups":
        path = path[:2]
    parts: list[str] = []
    for end, part in enumerate(path):
        row = _at(data, path[: end + 1])
        key = "id" if path[:end] == ("rules",) else "code"
        own = row.get(key) if isinstance(part, int) and isinstance(row, dict) else None
        parts.append(str(own or (part + 1 if isinstance(part, int) else part)))
    return ".".join(parts)


def _at(data: Any, path: Path) -> Any:
    for part in path:
        data = data.get(part) if isinstance(data, dict) else data[part] if isinstance(part, int) else None
    return data


def _read(findings: Findings, language: str, folder: File, name: str) -> Tree | None:
    try:
        tree = read_tree((folder / name).read_bytes().decode("utf-8-sig"))
    except (OSError, UnicodeDecodeError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8 text"
        hint = f"it is looked for beside the rules, at {folder / name}"
        findings.error(("texts", language), "no-texts", f'"{name}" cannot be read: {why}', hint)
        return None
    except NotYaml as error:
        slip = error.slip
        at = (name, slip.mark.line, slip.mark.column)
        findings.problems.append(Problem(*at, "error", slip.code, slip.message, slip.hint))
        return None
    for slip in tree.slips:
        at = (name, slip.mark.line, slip.mark.column)
        findings.problems.append(Problem(*at, "error", slip.code, slip.message, slip.hint))
    tree.data = {} if tree.data is None else tree.data
    return tree


def _take(
    findings: Findings,
    known: dict[str, Path],
    language: str,
    name: str,
    words: Any,
    at: At,
) -> None:
    data = findings.tree.data
    path = known.get(_by_id(data, name))
    if path is None:
        # No error: who removes a service from the rules need not touch every language at once.
        said = f'nothing to say at "{name}"'
        _tell(findings, *at, "unknown-text", said, nearest(name, known), level="warning")
    elif words in (None, "", []):
        return
    elif path[-1] == "words":
        given = [words] if isinstance(words, str) else words
        if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
            _tell(findings, *at, "wrong-type", f"{name}: a list of words is expected", "as in [bache, hoyo]")
            return
        _add(_at(data, path[:-1]), language, given, is_service=path[0] == "services")
    elif not isinstance(words, str):
        _tell(findings, *at, "wrong-type", f"{name}: words are expected", "write them in quotes")
    else:
        _say(findings, path, name, language, words, at)


def _add(row: dict[str, Any], language: str, given: list[str], *, is_service: bool) -> None:
    # The finder compares a text with each language on its own; everybody else wants any word of any.
    if is_service and isinstance(said := row.setdefault("words_in", {}), dict):
        said[language] = given
        return
    before = row.get("words") or []
    row["words"] = [*(before if isinstance(before, list) else [before]), *given]


def _say(findings: Findings, path: Path, name: str, language: str, words: str, at: At) -> None:
    data = findings.tree.data
    row, value = _at(data, path[:-1]), _at(data, path)
    if isinstance(value, str):
        value = {languages_of(data)[0]: value}
    if not isinstance(row, dict) or not isinstance(value, dict):
        return  # told by the check of its shape
    if language in value:
        _tell(findings, *at, "text-twice", f"{name}: the rules say it in {language} already", "remove one")
        return
    row[path[-1]] = value | {language: words}
    mark = at[0].mark(at[1])
    findings.tree.marks[(*path, language)] = Mark(mark.line, mark.column, at[2])


def _by_id(data: Any, name: str) -> str:
    parts = name.split(".")
    if len(parts) > 1 and parts[0] == "rules" and parts[1].isdigit():
        rows = data.get("rules")
        number = int(parts[1]) - 1
        if isinstance(rows, list) and 0 <= number < len(rows) and isinstance(rows[number], dict):
            parts[1] = str(rows[number].get("id", parts[1]))
    if parts[0] == "groups" and parts[2:] == ["name"]:
        parts = parts[:2]
    return ".".join(parts)


def _tell(
    findings: Findings,
    tree: Tree,
    path: Path,
    file: str,
    code: str,
    said: str,
    hint: str = "",
    level: Level = "error",
) -> None:
    mark = tree.mark(path)
    where = (file or findings.file, mark.line, mark.column)
    findings.problems.append(Problem(*where, level, code, said, hint))


def added_words(texts: Any, folder: File, language: str) -> Iterator[tuple[str, Any]]:
    """Yield what the ``texts:`` of a right file give in a language: (path, words)."""
    given = texts.get(language) if isinstance(texts, Mapping) else None
    if isinstance(given, str):
        try:
            given = read_tree((folder / given).read_text(encoding="utf-8-sig")).data
        except (OSError, ValueError, NotYaml):
            return
    yield from given.items() if isinstance(given, Mapping) else ()

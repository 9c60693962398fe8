"""What does the file say, and on which line does it say it?

The node tree of PyYAML keeps the position of every key. Building plain values from it here, rather
than with ``yaml.safe_load``, keeps keys as they were typed (``on:`` and ``no:`` stay words), finds
keys that are given twice, and lets every later mistake be named with its line and column.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

Path = tuple[str | int, ...]
DEEPEST = 40  # far beyond any rules file; a file that contains itself through an alias ends here
DEEPEST_YAML = 200  # PyYAML composes by recursion; a hundred thousand brackets end the process
MOST_VALUES = 60_000  # ten times a large rules file; aliases of aliases would make billions

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C one is ten times as fast


@dataclass(frozen=True)
class Mark:
    """A place in the file; both count from 1. ``file`` is another than the rules, where it is one."""

    line: int
    column: int
    file: str = ""


@dataclass(frozen=True)
class Slip:
    """Something wrong with the file as YAML, before anything is known of its meaning."""

    mark: Mark
    code: str
    message: str
    hint: str = ""


class NotYaml(Exception):
    """The file cannot be read as YAML at all; ``slip`` says where and why."""

    def __init__(self, slip: Slip) -> None:
        super().__init__(slip.message)
        self.slip = slip


@dataclass
class Tree:
    """The file as plain values, with the place of each."""

    data: Any
    marks: dict[Path, Mark]
    slips: list[Slip] = field(default_factory=list)
    typed: dict[Path, str] = field(default_factory=dict)
    """Scalars as they stand in the file, before YAML made ``true`` of a bare ``yes``."""

    def mark(self, path: Path) -> Mark:
        """Return the place of ``path``, or of the nearest thing around it that has one."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.marks:
                return self.marks[path[:end]]
        return Mark(1, 1)


def read_tree(text: str) -> Tree:
    """Return the file's values and places; ``NotYaml`` when it is not YAML."""
    try:
        _check_depth(text)
        root = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        raise NotYaml(_syntax(error, text)) from None
    except yaml.YAMLError as error:
        raise NotYaml(Slip(Mark(1, 1), "yaml", f"this is not YAML: {error}")) from None
    tree = Tree(None, {})
    if root is not None:
        tree.data = _Builder(tree).value(root, ())
    return tree


def _check_depth(text: str) -> None:
    """Raise ``NotYaml`` for nesting that nobody writes by hand, before anything is built from it."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST_YAML:
            begins = event.start_mark
            mark = Mark(begins.line + 1, begins.column + 1) if begins else Mark(1, 1)
            raise NotYaml(Slip(mark, "too-deep", f"more than {DEEPEST_YAML} levels inside each other"))


def _syntax(error: yaml.MarkedYAMLError, text: str) -> Slip:
    place = error.problem_mark or error.context_mark
    mark = Mark(place.line + 1, place.column + 1) if place else Mark(1, 1)
    lines = text.splitlines()
    here = lines[mark.line - 1] if mark.line <= len(lines) else ""
    said = " ".join(part for part in (error.context, error.problem) if part)
    if "\t" in here[: mark.column + 1] or "\t" in here[: len(here) - len(here.lstrip())]:
        return Slip(mark, "tab", "a tab stands where YAML wants spaces", "indent with spaces only")
    if "mapping values are not allowed" in said:
        hint = 'look for a colon inside words that stand without quotes, as in say: "Note: closed"'
        return Slip(mark, "yaml", "there is a colon where none can be", hint)
    hint = "look for a missing quote, bracket or colon here or on the line above"
    return Slip(mark, "yaml", f"this is not YAML: {said}", hint)


class _Builder:
    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.scalars = yaml.constructor.SafeConstructor()
        self.count = 0

    def value(self, node: yaml.Node, path: Path) -> Any:
        mark = Mark(node.start_mark.line + 1, node.start_mark.column + 1)
        self.count += 1
        if self.count > MOST_VALUES:
            hint = "write the values out, without names (&) and references (*) of references"
            raise NotYaml(Slip(mark, "too-large", f"more than {MOST_VALUES:,} values", hint))
        self.tree.marks.setdefault(path, mark)
        if len(path) > DEEPEST:
            self.tree.slips.append(Slip(mark, "too-deep", f"more than {DEEPEST} levels inside each other"))
            return None
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(child, (*path, index)) for index, child in enumerate(node.value)]
        return self._scalar(node, path, mark)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        inherited: dict[str, Any] = {}
        for key, child in node.value:
            mark = Mark(key.start_mark.line + 1, key.start_mark.column + 1)
            if not isinstance(key, yaml.ScalarNode):
                self.tree.slips.append(Slip(mark, "yaml", "a key is a word, not a list or a mapping"))
                continue
            if key.tag == "tag:yaml.org,2002:merge":
                merged = self.value(child, path)
                inherited |= merged if isinstance(merged, dict) else {}
                continue
            self._once(found, key.value, mark, path)
            self.tree.marks[(*path, key.value)] = mark
            found[key.value] = self.value(child, (*path, key.value))
        return inherited | found

    def _once(self, found: Mapping[str, Any], key: str, mark: Mark, path: Path) -> None:
        if key in found:
            first = self.tree.marks[(*path, key)].line
            where = ".".join(map(str, (*path, key)))
            said = f"{where}: given twice (first on line {first})"
            self.tree.slips.append(
                Slip(mark, "duplicate-key", said, "remove one of the two, or give it another id")
            )

    def _scalar(self, node: yaml.Node, path: Path, mark: Mark) -> Any:
        self.tree.typed[path] = node.value
        try:
            return self.scalars.construct_object(node)
        except ValueError:
            return node.value  # a date such as 2026-02-31; the types say what is wrong with it
        except yaml.YAMLError:
            self.tree.slips.append(
                Slip(mark, "yaml", f"the tag {node.tag} is not understood", "write the plain value")
            )
            return node.value


def each(data: Any, pattern: tuple[str, ...], path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield every (path, value) that a pattern such as ``("people", "*", "deputy")`` meets.

    A star stands for every entry of a mapping or list; a lone scalar counts as a list of one.
    """
    if not pattern:
        yield path, data
    elif pattern[0] == "*":
        entries: list[tuple[str | int, Any]] = []
        if isinstance(data, dict):
            entries = list(data.items())
        elif isinstance(data, list):
            entries = list(enumerate(data))
        elif data is not None and len(pattern) == 1:
            yield path, data
        for key, child in entries:
            yield from each(child, pattern[1:], (*path, key))
    elif isinstance(data, dict) and pattern[0] in data:
        yield from each(data[pattern[0]], pattern[1:], (*path, pattern[0]))

"""What is wrong with the rules, where, and what would put it right?"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from routing.nodes import Path, Tree

Level = Literal["error", "warning"]


@dataclass(frozen=True, order=True)
class Problem:
    """One mistake. ``line`` and ``column`` count from 1; ``code`` is a fixed word per kind of mistake."""

    file: str
    line: int
    column: int
    level: Level
    code: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        warning = "warning: " if self.level == "warning" else ""
        remedy = f" ({self.hint})" if self.hint else ""
        return f"{self.file}:{self.line}:{self.column}: {warning}{self.message}{remedy}"

    def as_json(self) -> dict[str, Any]:
        return {
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "level": self.level,
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
        }


@dataclass
class Findings:
    """Collects problems of one file; each is placed by the path of the key that it concerns."""

    file: str
    tree: Tree
    problems: list[Problem] = field(default_factory=list)

    def error(self, path: Path, code: str, message: str, hint: str = "") -> None:
        self._add(path, "error", code, message, hint)

    def warning(self, path: Path, code: str, message: str, hint: str = "") -> None:
        self._add(path, "warning", code, message, hint)

    def _add(self, path: Path, level: Level, code: str, message: str, hint: str) -> None:
        mark = self.tree.mark(path)
        said = f"{dotted(path)}: {message}" if path else message
        problem = Problem(mark.file or self.file, mark.line, mark.column, level, code, said, hint)
        if problem not in self.problems:
            self.problems.append(problem)

    def in_order(self) -> tuple[Problem, ...]:
        return tuple(sorted(self.problems))

    @property
    def has_errors(self) -> bool:
        return any(problem.level == "error" for problem in self.problems)


def dotted(path: Path) -> str:
    """Return a path as a person reads it: ``rules[2].when``, counting from 1 as people do."""
    return "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")


def nearest(word: str, known: Iterable[str]) -> str:
    """Return a hint with the nearest right word, else the words there are, else nothing."""
    words = sorted(set(known))
    close = difflib.get_close_matches(word.casefold(), words, n=1, cutoff=0.6)
    if close:
        return f'did you mean "{close[0]}"?'
    return f"there is {', '.join(words)}" if 0 < len(words) <= 12 else ""

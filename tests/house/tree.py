"""What belongs to the project: its files, its packages, its Python modules."""

import ast
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PACKAGES: list[str] = PYPROJECT["tool"]["importlinter"]["root_packages"]
ROOF = ["app", "settings"]


@cache
def files() -> list[Path]:
    """Every file that is, or is about to be, under version control."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    return sorted(ROOT / name for name in set(listed) if name and (ROOT / name).is_file())


def modules() -> list[Path]:
    """Every Python file of the product itself: the roof and the packages."""
    return [
        path
        for path in files()
        if path.suffix == ".py" and shown(path).removesuffix(".py").split("/")[0] in [*PACKAGES, *ROOF]
    ]


def shown(path: Path) -> str:
    """The path as a person writes it."""
    return path.relative_to(ROOT).as_posix()


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


@cache
def dotted(path: Path) -> list[tuple[int, str]]:
    """Every name with a dot in it, called or only handed on, as (line, name)."""
    return [
        (node.lineno, _written(node)) for node in ast.walk(parsed(path)) if isinstance(node, ast.Attribute)
    ]


def _written(node: ast.expr) -> str:
    """Return ``a.b.c``, and three dots for what is no name: ``f(x).b`` is ``….b``."""
    if isinstance(node, ast.Attribute):
        return f"{_written(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "…"


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Every import in the file as (line, top-level name)."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name.split(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.lineno, node.module.split(".")[0]

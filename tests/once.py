"""What need not be done anew for every test? Compiling templates and reading the demonstration's rules.

Both give the same for the same, and what they give cannot be changed: code, and frozen values. Towns with
rules of their own read them as they do in service.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import CodeType
from typing import Any

import pytest
from jinja2 import Environment

import app as roof
from routing.layers import Layers
from routing.reader import load
from routing.rulebook import Rulebook
from settings import ROOT

DEMONSTRATION = ROOT / "rules.yaml"


@contextmanager
def shared_among_tests() -> Iterator[None]:
    """While this is open, a template is compiled once and the demonstration's rules are read once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Environment, "compile", _remembering(Environment.compile))
        patch.setattr(roof, "load", _read)
        yield


def _remembering(compile_anew: Any) -> Any:
    compiled: dict[tuple[object, ...], CodeType] = {}

    def compile(
        environment: Environment,
        source: Any,
        name: str | None = None,
        filename: str | None = None,
        **how: Any,
    ) -> Any:
        if not isinstance(source, str) or how:
            return compile_anew(environment, source, name, filename, **how)
        key = (source, name, filename, *_manner(environment, name))
        if key not in compiled:
            compiled[key] = compile_anew(environment, source, name, filename)
        return compiled[key]

    return compile


def _manner(environment: Environment, name: str | None) -> tuple[object, ...]:
    """Return what else of an environment goes into the code of a template."""
    escaping = environment.autoescape
    return (
        type(environment),
        escaping(name) if callable(escaping) else escaping,
        environment.trim_blocks,
        environment.lstrip_blocks,
        environment.keep_trailing_newline,
        environment.undefined,
        frozenset(environment.extensions),
        getattr(environment, "newstyle_gettext", None),
        # Words that never change are filtered while compiling, so which filter a name stands for counts too.
        frozenset((key, getattr(one, "__qualname__", key)) for key, one in environment.filters.items()),
    )


def _read(path: Path) -> tuple[Rulebook, Layers]:
    return _demonstration() if path == DEMONSTRATION else load(path)


@cache
def _demonstration() -> tuple[Rulebook, Layers]:
    return load(DEMONSTRATION)

"""What need not be done anew for every test? Compiling templates, addresses and SQL, and reading the rules.

All give the same for the same, and what they give cannot be changed: code, and frozen values. Towns with
rules of their own read them as they do in service.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import CodeType
from typing import Any
from weakref import WeakKeyDictionary

import pytest
from flask import Flask
from jinja2 import Environment
from sqlalchemy import create_engine, event
from werkzeug.routing import Rule

import app as roof
from routing.layers import Layers
from routing.reader import load
from routing.rulebook import Rulebook
from settings import ROOT
from storage import database

DEMONSTRATION = ROOT / "rules.yaml"


@contextmanager
def shared_among_tests() -> Iterator[None]:
    """While this is open, templates, addresses and statements are compiled once, and the rules read once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Environment, "compile", _remembering(Environment.compile))
        patch.setattr(Rule, "compile", _written_once(Rule.compile))
        patch.setattr(database, "connect", _speaking_once(database.connect))
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
        _filters(environment),
    )


_FILTERS: WeakKeyDictionary[Environment, tuple[int, frozenset[tuple[str, str]]]] = WeakKeyDictionary()


def _filters(environment: Environment) -> frozenset[tuple[str, str]]:
    """Words that never change are filtered while compiling, so which filter a name stands for counts too."""
    count, named = _FILTERS.get(environment, (0, frozenset()))
    if count != len(environment.filters):
        rows = environment.filters.items()
        named = frozenset((key, getattr(one, "__qualname__", key)) for key, one in rows)
        _FILTERS[environment] = (len(rows), named)
    return named


def _written_once(compile_anew: Any) -> Any:
    """Return what remembers how addresses are read and written: nine tenths of making an application."""
    known: dict[tuple[object, ...], Any] = {}

    def compile(rule: Rule) -> None:
        kinds = tuple(rule.map.converters.items())
        key = (rule.rule, rule.subdomain, rule.host, rule.merge_slashes, rule.map.host_matching, kinds)
        first = known.get(key)
        if rule.defaults or first is None:
            compile_anew(rule)
            if not rule.defaults:
                known[key] = rule
            return
        rule._parts, rule._trace, rule._converters = [*first._parts], [*first._trace], {**first._converters}
        rule.arguments = {*first.arguments}
        rule._build = first._build.__func__.__get__(rule, None)
        rule._build_unknown = first._build_unknown.__func__.__get__(rule, None)

    return compile


def _speaking_once(connect_anew: Any) -> Any:
    """Return what lets all databases remember one another's statements: their tables are the same."""
    teller = create_engine("sqlite://", query_cache_size=5000)
    teller.connect().close()

    def connect(app: Flask) -> None:
        connect_anew(app)
        with app.app_context():
            engine = database.db.engine
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", without_waiting_for_the_disk)
            engine.dialect = engine.pool._dialect = teller.dialect
            engine._compiled_cache = teller._compiled_cache

    return connect


def without_waiting_for_the_disk(connection: sqlite3.Connection, _record: Any) -> None:
    # A power cut ends the test as well. Towns in processes of their own, which tests kill, do wait.
    connection.execute("PRAGMA synchronous = OFF").close()


def _read(path: Path) -> tuple[Rulebook, Layers]:
    return demonstration() if path == DEMONSTRATION else load(path)


@cache
def demonstration() -> tuple[Rulebook, Layers]:
    """Return the demonstration's rules and layers, read once for all tests."""
    return load(DEMONSTRATION)

"""Which words does ``flask --app app …`` understand?"""

from __future__ import annotations

import functools
import importlib
from typing import Any

import click
from flask import Flask

from routing.reader import RulesRefused

COMMANDS = (
    "starting.setup",
    "starting.serve",
    "migrating.new_migration",
    "rules.rules",
    "rules.find",
    "reports.report",
    "post.mail",
    "keeping.backup",
    "keeping.restore",
    "doctor.doctor",
    "demo.demo",
)
"""Module and name of every command, in the order in which an operator meets them."""


def register(app: Flask) -> None:
    """Give the application every command of the console."""
    for command in COMMANDS:
        module, _dot, name = command.partition(".")
        app.cli.add_command(_kindly(getattr(importlib.import_module(f"console.{module}"), name)))


def _kindly(command: click.Command) -> click.Command:
    """Have the command name the mistakes of a refused rules file, instead of showing a traceback."""
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            _kindly(inner)
    elif command.callback is not None and not hasattr(command.callback, "is_kind"):
        # Commands are made once and registered with every application: wrapped once is enough.
        command.callback = _kind(command.callback)
    return command


def _kind(callback: Any) -> Any:
    @functools.wraps(callback)
    def kind(*given: Any, **named: Any) -> Any:
        try:
            return callback(*given, **named)
        except RulesRefused as refused:
            raise click.ClickException(str(refused)) from refused

    kind.is_kind = True  # type: ignore[attr-defined]
    return kind

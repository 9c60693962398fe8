"""Which words does ``flask --app app …`` understand?

Every command takes ``--data FOLDER`` and ``--rules FILE``: the same as the settings of that name, for
this one call.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

COMMANDS = (
    "starting.setup",
    "starting.serve",
    "migrating.new_migration",
    "rules.rules",
    "finding.find_service",
    "publishing.report",
    "importing_requests.requests",
    "post.mail",
    "operator.link",
    "keeping.backup",
    "keeping.restore",
    "page_check.check_page_of_town",
    "doctor.doctor",
    "demo.demo",
)
"""Module and name of every command, in the order in which an operator meets them."""

ELSEWHERE = {
    "data": click.Option(["--data"], type=click.Path(path_type=Path), help="The data folder, for this call."),
    "rules": click.Option(
        ["--rules"], type=click.Path(path_type=Path), help="The rules file, for this call."
    ),
}


def register(app: Flask) -> None:
    """Give the application every command of the console."""
    for command in COMMANDS:
        module, _dot, name = command.partition(".")
        found: click.Command = getattr(importlib.import_module(f"console.{module}"), name)
        _everywhere(found)
        app.cli.add_command(found)


def _everywhere(command: click.Command) -> None:
    """Let a command, or each of a group, take the options that all of them take."""
    if isinstance(command, click.Group):
        for member in command.commands.values():
            _everywhere(member)
        return
    known = {word for parameter in command.params for word in parameter.opts}
    missing = [name for name in ELSEWHERE if f"--{name}" not in known]
    if missing and command.callback:
        command.params += [ELSEWHERE[name] for name in missing]
        command.callback = _in_place(command.callback, missing)


def _in_place(callback: Callable[..., Any], names: list[str]) -> Callable[..., Any]:
    """Run a command on the application that the options mean: this one, or one made for this call."""

    @wraps(callback)
    @with_appcontext
    def run(*args: Any, **options: Any) -> Any:
        given = {name: value.absolute() for name in names if (value := options.pop(name, None))}
        if not given:
            return callback(*args, **options)
        settings = current_app.config["TOWNLINE_SETTINGS"].model_copy(update=given).remembered()
        other: Flask = current_app.extensions["townline_create"](settings)
        with other.app_context():
            return callback(*args, **options)

    return run

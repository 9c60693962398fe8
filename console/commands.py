"""Which words does ``flask --app app …`` understand?"""

from __future__ import annotations

import importlib

from flask import Flask

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
        app.cli.add_command(getattr(importlib.import_module(f"console.{module}"), name))

"""Builds a town whose reports are planned otherwise than the demonstration's."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import current_app

from casework.office import EXTENSION, Office
from routing.rulebook import ReportPlan

NAME = "council-monthly"


def planning(office: Office, **keys: Any) -> Office:
    """Serve, and return, the same town with other keys in the plan of its report."""
    plan = office.rulebook.reports[NAME].model_dump(mode="json")
    changed = ReportPlan.model_validate(plan | keys)
    other = replace(office, rulebook=office.rulebook.model_copy(update={"reports": {NAME: changed}}))
    current_app.extensions[EXTENSION].swap(other)
    return other

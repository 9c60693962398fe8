"""What does one line of the doctor's report say?"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One line of the report: what was checked, how it is, what to do."""

    what: str
    ok: bool
    found: str
    todo: str = ""

"""What may a file that a stranger named be called here?"""

from __future__ import annotations

import re

from .words import CONTROLS

FOLDERS = re.compile(r".*[/\\]", re.S)
NEVER = re.compile(r'[<>:"|?*]')
LONGEST = 150


def tame(name: str) -> str:
    """Return a file name without folders, control characters and what file systems refuse; or ""."""
    name = NEVER.sub("_", CONTROLS.sub("", FOLDERS.sub("", name[:2000]))).strip(" .")
    if len(name) > LONGEST:
        stem, dot, ending = name.rpartition(".")
        name = f"{stem[: LONGEST - 20]}{dot}{ending[:16]}" if dot else name[:LONGEST]
    return name

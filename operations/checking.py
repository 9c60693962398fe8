"""Is the rules file right as it stands on the disk now? Read again only when it or a map has changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from threading import Lock

from flask import current_app

from casework.office import Office
from routing.reader import Reading, read
from routing.texts import files_of

KEPT = "townline_checked_rules"
Stamp = tuple[object, ...]
_reading = Lock()


@dataclass(frozen=True)
class _Kept:
    stamp: Stamp
    reading: Reading


def rules_file() -> Path:
    """Return the file that holds the town's rules."""
    return Path(current_app.config["TOWNLINE_SETTINGS"].rules)


def check(office: Office, *, today: date) -> Reading:
    """Return what ``rules check`` would say of the file now."""
    path = rules_file()
    stamp = (today, office.rulebook.version, *map(_look, [path, *layer_files(office, path)]))
    # One at a time: large maps take a second to read, and two operators would ask for the same.
    with _reading:
        kept = current_app.extensions.get(KEPT)
        if not isinstance(kept, _Kept) or kept.stamp != stamp:
            kept = _Kept(stamp, read(path, today=today))
            current_app.extensions[KEPT] = kept
        return kept.reading


def layer_files(office: Office, path: Path) -> list[Path]:
    maps = [path.parent / layer.file for layer in office.rulebook.layers.values()]
    return maps + [path.parent / name for name in files_of(office.rulebook.texts)]


def _look(path: Path) -> tuple[str, int, int]:
    try:
        found = path.stat()
    except OSError:
        return (str(path), 0, -1)
    return (str(path), found.st_mtime_ns, found.st_size)

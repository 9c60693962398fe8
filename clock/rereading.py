"""Were the rules or a map changed while we serve? Checked and swapped in whole, or refused and told.

Looking costs one ``stat`` per file. Only what changed is read, beside the residents' pages, which go
on with the rules they have; a page under way ends with those it began with.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flask import current_app

from casework.office import EXTENSION, Keeper, Office
from routing.texts import files_of, version_of

log = logging.getLogger("townline.clock")
WATCH = "townline_rules_watch"
Stamp = tuple[tuple[str, int, int], ...]


@dataclass
class Watch:
    """What the files looked like when they were last looked at."""

    stamp: Stamp = ()


def reread_rules(office: Office, now: datetime) -> None:
    """Serve changed rules from now on, or keep the ones we have and say why."""
    settings = current_app.config["TOWNLINE_SETTINGS"]
    keeper: Keeper = current_app.extensions[EXTENSION]
    keeper.served_since = keeper.served_since or now
    watch: Watch = current_app.extensions.setdefault(WATCH, Watch())
    rules = Path(settings.rules)
    # Taken before reading: a file that changes meanwhile differs from it at the next look.
    stamp = _stamp(rules, office)
    # What was refused may be cured by a file that nobody watches yet, so it is tried again each time.
    if stamp == watch.stamp and not keeper.refusal:
        return
    watch.stamp = stamp
    if not _is_served(rules, office):
        _swap(keeper, office, now)
    elif keeper.refusal:
        keeper.swap(office)
        log.info("the rules are again those that were kept: version %s", office.rulebook.version)


def _stamp(rules: Path, office: Office) -> Stamp:
    texts = files_of(office.rulebook.texts)
    files = [rules, *(rules.parent / name for name in texts)]
    files += (rules.parent / layer.file for layer in office.rulebook.layers.values())
    return tuple((str(path), *_look(path)) for path in files)


def _look(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return (0, -1)
    return (found.st_mtime_ns, found.st_size)


def _is_served(rules: Path, office: Office) -> bool:
    """Return whether the files hold, byte for byte, what is being served."""
    layers = office.rulebook.layers
    try:
        version = version_of(rules.read_bytes(), rules.parent, files_of(office.rulebook.texts))
    except OSError:
        return False
    return version == office.rulebook.version and all(
        _version(rules.parent / layers[name].file) == version
        for name, version in office.layers.versions.items()
    )


def _version(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
    except OSError:
        return ""


def _swap(keeper: Keeper, office: Office, now: datetime) -> None:
    before = keeper.refusal
    try:
        new = keeper.reopen()
    except Exception as refused:
        # Whatever is wrong with a file that somebody has just saved, the residents keep the old one.
        said = str(refused)
        keeper.refuse(said)
        if said != before:
            log.error("the changed rules are refused, the earlier ones stay in force:\n%s", said)
        return
    keeper.served_since = now
    log.info("rules swapped: version %s follows %s", new.rulebook.version, office.rulebook.version)

"""Can everything be brought back? One file with the database, the photos, the secret and the rules.

The copy is consistent while the town goes on working: SQLite's own backup reads one state, and a
photo file is written before the row that names it, so no row in the copy lacks its picture.
"""

from __future__ import annotations

import os
import sqlite3
import tarfile
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from storage.photos import PhotoFolder

DATABASE = "townline.sqlite3"
RULES = "rules.yaml"
KEPT = ("secret", "photos")


class BackupRefused(Exception):
    """The sentence says what was found and what to do."""


def backup(data: Path, rules: Path, layers: Sequence[str], target: Path) -> int:
    """Write the copy, check it, and return how many requests are in it; raises ``BackupRefused``.

    ``layers`` are the files that the rules name, relative to the rules file.
    """
    source = data / DATABASE
    if not source.exists():
        raise BackupRefused(f"There is no database at {source}. Is TOWNLINE_DATA right?")
    if target.exists():
        raise BackupRefused(f"{target} exists already. Write another name, or move it away first.")
    for name in layers:
        if os.path.isabs(name) or os.path.normpath(name).startswith(os.pardir):
            # It would be written, and refused when it is needed most: on the way back.
            raise BackupRefused(
                f"The layer {name} lies outside the folder of {rules.name}, so a copy could not bring it "
                "back. Move it beside the rules file, write its new name there, and try again."
            )
    draft = target.with_name(target.name + ".part")
    with tempfile.TemporaryDirectory(dir=target.absolute().parent) as folder:
        copy = Path(folder) / DATABASE
        count = _copy(source, copy)
        opener = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        # What a link points to belongs in the copy: photos on another disk, rules kept elsewhere.
        with (
            os.fdopen(opener, "wb") as file,
            tarfile.open(fileobj=file, mode="w:", dereference=True) as archive,
        ):
            archive.add(copy, DATABASE)
            for name in KEPT:
                if (data / name).exists():
                    archive.add(data / name, name, filter=_needed)
            archive.add(rules, RULES)
            for name in dict.fromkeys(layers):
                archive.add(rules.parent / name, name)
    os.replace(draft, target)
    return count


def _needed(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if PhotoFolder.is_made_again(member.name) else member


def _copy(source: Path, copy: Path) -> int:
    with closing(sqlite3.connect(source)) as original, closing(sqlite3.connect(copy)) as duplicate:
        original.backup(duplicate)
        return check(duplicate)


def check(connection: sqlite3.Connection) -> int:
    """Return the number of requests in a sound database; raises ``BackupRefused`` for a damaged one."""
    verdict = connection.execute("PRAGMA integrity_check").fetchone()[0]
    strays = connection.execute("PRAGMA foreign_key_check").fetchall()
    if verdict != "ok" or strays:
        raise BackupRefused(f"The copy is damaged ({verdict}; {len(strays)} rows without their request).")
    return int(connection.execute("SELECT count(*) FROM requests").fetchone()[0])


def _unpack(archive: tarfile.TarFile, data: Path) -> None:
    """Write plain files inside the folder and nothing else; Python before 3.11.4 has no filter for that."""
    for member in archive.getmembers():
        inside = (data / member.name).resolve().is_relative_to(data.resolve())
        if not inside or not (member.isfile() or member.isdir()):
            raise BackupRefused(
                f"{member.name} does not belong in a backup of Townline; nothing was restored."
            )
    if hasattr(tarfile, "data_filter"):
        archive.extraction_filter = tarfile.data_filter
    archive.extractall(data)  # noqa: S202 - every member was looked at above


def restore(source: Path, data: Path) -> int:
    """Unpack a copy into an empty data folder and return its number of requests.

    Raises ``BackupRefused`` when something is there already: nothing is overwritten.
    """
    if data.exists() and any(data.iterdir()):
        raise BackupRefused(f"{data} is not empty. Restore into a new folder, or move this one away first.")
    try:
        with tarfile.open(source, mode="r:") as archive:
            data.mkdir(mode=0o700, parents=True, exist_ok=True)
            _unpack(archive, data)
    except (OSError, tarfile.TarError) as refused:
        raise BackupRefused(f"{source} cannot be read as a backup ({refused}).") from refused
    if not (data / DATABASE).exists():
        raise BackupRefused(f"{source} holds no {DATABASE}, so it is not a backup of Townline.")
    with closing(sqlite3.connect(data / DATABASE)) as connection:
        return check(connection)

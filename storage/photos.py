"""How is a photo kept without what it betrays, and how is a hostile file kept out?

A photo is checked from its header before a pixel is decoded, turned upright, scaled down and
written anew as a JPEG without any metadata (where and by whom it was taken). It is named by the
hash of what is stored, so the same picture twice is one file. One photo at a time is read and decoded:
four at once would take the memory of a small machine (``script/bench photos`` measures it). Its small
pictures are made once and kept beside it; who looks at one never waits for a photo that is coming in.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from threading import BoundedSemaphore, Lock
from typing import IO

from storage.pictures import LONGEST_SIDE, REFUSALS, PhotoRefused, jpeg, shown_name, written_anew
from storage.positions import Position

__all__ = [
    "LONGEST_SIDE",
    "REFUSALS",
    "PhotoFolder",
    "PhotoRefused",
    "PhotosBusy",
    "Received",
    "StoredPhoto",
    "shown_name",
]

log = logging.getLogger("townline.photos")
MOST_BYTES = 15 * 1024 * 1024
PATIENCE = 30.0
"""Seconds that a photo waits for those before it."""
MOST_WAITING = 2
"""Photos that wait so at once; each keeps a thread from every other page. One more is refused as busy."""
SMALL_PATIENCE = 3.0
"""Seconds that a small picture waits for those before it, which take some hundredths each."""
_HASH = re.compile(r"[0-9a-f]{64}")
_SMALL = re.compile(r"[0-9a-f]{64}\.\d+\.jpg")
_one_at_a_time = Lock()
_waiting = BoundedSemaphore(MOST_WAITING)
_one_small_at_a_time = Lock()


class PhotosBusy(Exception):
    """So many small pictures are being made that this one would keep a page waiting: ask again later."""


@dataclass(frozen=True)
class StoredPhoto:
    """A photo that is kept. Pixels and bytes of the stored JPEG."""

    sha256: str
    width: int
    height: int
    size: int


@dataclass(frozen=True)
class Received:
    """A photo that has just been stored, and where it says that it was taken, which is stored nowhere."""

    photo: StoredPhoto
    taken_at: Position | None
    is_new: bool = True
    """False where the very same was stored already, and nothing more is."""


class PhotoFolder:
    """The folder of photos; made when the first one is kept."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def keep(self, stream: IO[bytes], name: str = "") -> StoredPhoto:
        """Store what ``stream`` holds as an upright JPEG without metadata.

        Raises ``PhotoRefused`` with a sentence that calls the file by ``name``.
        """
        return self.receive(stream, name).photo

    def receive(self, stream: IO[bytes], name: str = "") -> Received:
        """Do as ``keep`` and return as well where the photo says that it was taken."""
        shown = shown_name(name)
        if not _turn():
            raise PhotoRefused("busy", shown)
        try:
            # Read only now, so that eight that wait are eight files on the disk and not in memory.
            new = written_anew(_whole(stream, shown), shown)
        finally:
            _one_at_a_time.release()
        photo = StoredPhoto(hashlib.sha256(new.body).hexdigest(), *new.size, len(new.body))
        is_new = not self.has(photo.sha256)
        # Written anew all the same: it is forgotten by its age, and somebody has just sent it.
        self._write(self._file(photo.sha256), new.body)
        return Received(photo, new.taken_at, is_new)

    def stored_since(self, moment: datetime) -> int:
        """Return the bytes of all photos stored since then, small pictures aside. Looks at every file."""
        found = 0
        for file in self._files():
            if not self.is_made_again(file.name):
                with suppress(FileNotFoundError):  # forgotten meanwhile
                    kept = file.stat()
                    found += kept.st_size if kept.st_mtime >= moment.timestamp() else 0
        return found

    def has(self, sha256: str) -> bool:
        return self._file(sha256).is_file()

    def open(self, sha256: str) -> IO[bytes]:
        """Return the stored JPEG for reading; ``FileNotFoundError`` when there is none."""
        return self._file(sha256).open("rb")

    def small(self, sha256: str, side: int) -> bytes:
        """Return the photo as a JPEG whose longer side has at most ``side`` pixels.

        Raises ``FileNotFoundError`` when there is none, ``PhotosBusy`` when too many are being made.
        """
        file = self._file(sha256).with_suffix(f".{side}.jpg")
        if self.has(sha256) and (made := _read(file)) is not None:
            return made
        if not _one_small_at_a_time.acquire(timeout=SMALL_PATIENCE):
            raise PhotosBusy
        try:
            made = _read(file) if self.has(sha256) else None
            return self._make_small(sha256, side, file) if made is None else made
        finally:
            _one_small_at_a_time.release()

    def _make_small(self, sha256: str, side: int, file: Path) -> bytes:
        from PIL import Image

        with self.open(sha256) as stream, Image.open(stream) as picture:
            picture.draft("RGB", (side, side))
            picture.thumbnail((side, side))
            made = jpeg(picture)
        try:
            self._write(file, made)
        except OSError as error:
            # A full disk must not hide a photo that is there.
            log.warning("the small picture %s could not be kept: %s", file.name, error)
        return made

    @staticmethod
    def is_made_again(name: str) -> bool:
        """Return whether a file of the folder is a small picture, which no copy of the town needs."""
        return _SMALL.fullmatch(Path(name).name) is not None

    def forget_orphans(self, known: set[str], *, older_than: datetime) -> int:
        """Delete photos that belong to no request and were stored before ``older_than``; how many."""
        forgotten = 0
        for file in self._files():
            sha256, is_small = file.name[:64], self.is_made_again(file.name)
            if sha256 in known or (is_small and self.has(sha256)):
                continue
            try:
                stored_at = datetime.fromtimestamp(file.stat().st_mtime, UTC)
            except FileNotFoundError:
                continue  # a small one, gone with its photo
            if stored_at < older_than:
                for one in (file, *file.parent.glob(f"{sha256}.*.jpg")):
                    one.unlink(missing_ok=True)
                forgotten += not is_small
        return forgotten

    def _files(self) -> Iterator[Path]:
        return self.path.glob("[0-9a-f][0-9a-f]/*.jpg")

    def _file(self, sha256: str) -> Path:
        if not _HASH.fullmatch(sha256):
            raise FileNotFoundError(f"no photo is named {sha256[:80]!r}")
        return self.path / sha256[:2] / f"{sha256}.jpg"

    def _write(self, file: Path, body: bytes) -> None:
        """Write under another name first, so that no half photo is ever seen under its hash."""
        file.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=file.parent, prefix=".", delete=False) as unfinished:
            unfinished.write(body)
            unfinished.flush()
            os.fsync(unfinished.fileno())
        os.replace(unfinished.name, file)


def _turn() -> bool:
    """Wait until no other photo is being read, unless too many wait already; return whether it is ours."""
    if _one_at_a_time.acquire(blocking=False):
        return True
    if not _waiting.acquire(blocking=False):
        return False
    try:
        return _one_at_a_time.acquire(timeout=PATIENCE)
    finally:
        _waiting.release()


def _read(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None


def _whole(stream: IO[bytes], shown: str) -> bytes:
    raw = stream.read(MOST_BYTES + 1)
    if not raw:
        raise PhotoRefused("empty", shown)
    if len(raw) > MOST_BYTES:
        raise PhotoRefused("too_large", shown, MOST_BYTES // 1024 // 1024)
    return raw

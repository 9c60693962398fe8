"""How is a photo kept without what it betrays, and how is a hostile file kept out?

A photo is checked from its header before a pixel is decoded, turned upright, scaled down and
written anew as a JPEG without any metadata (where and by whom it was taken). It is named by the
hash of what is stored, so the same picture twice is one file. One photo at a time is read and decoded:
four at once would take the memory of a small machine (``script/bench photos`` measures it).
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from threading import Lock
from typing import IO

from storage.pictures import LONGEST_SIDE, REFUSALS, PhotoRefused, jpeg, shown_name, written_anew
from storage.positions import Position

__all__ = ["LONGEST_SIDE", "REFUSALS", "PhotoFolder", "PhotoRefused", "Received", "StoredPhoto", "shown_name"]

MOST_BYTES = 15 * 1024 * 1024
PATIENCE = 30.0
"""Seconds that a photo waits for those before it. Longer, and they would keep every page waiting."""
_HASH = re.compile(r"[0-9a-f]{64}")
_one_at_a_time = Lock()


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
        if not _one_at_a_time.acquire(timeout=PATIENCE):
            raise PhotoRefused("busy", shown)
        try:
            # Read only now, so that eight that wait are eight files on the disk and not in memory.
            new = written_anew(_whole(stream, shown), shown)
        finally:
            _one_at_a_time.release()
        photo = StoredPhoto(hashlib.sha256(new.body).hexdigest(), *new.size, len(new.body))
        self._write(photo.sha256, new.body)
        return Received(photo, new.taken_at)

    def has(self, sha256: str) -> bool:
        return self._file(sha256).is_file()

    def open(self, sha256: str) -> IO[bytes]:
        """Return the stored JPEG for reading; ``FileNotFoundError`` when there is none."""
        return self._file(sha256).open("rb")

    def small(self, sha256: str, side: int) -> bytes:
        """Return the photo as a JPEG whose longer side has at most ``side`` pixels."""
        from PIL import Image

        with _one_at_a_time, self.open(sha256) as stream, Image.open(stream) as picture:
            picture.draft("RGB", (side, side))
            picture.thumbnail((side, side))
            return jpeg(picture)

    def forget_orphans(self, known: set[str], *, older_than: datetime) -> int:
        """Delete photos that belong to no request and were stored before ``older_than``; how many."""
        forgotten = 0
        for file in self._files():
            stored_at = datetime.fromtimestamp(file.stat().st_mtime, UTC)
            if file.stem not in known and stored_at < older_than:
                file.unlink(missing_ok=True)
                forgotten += 1
        return forgotten

    def _files(self) -> Iterator[Path]:
        return self.path.glob("[0-9a-f][0-9a-f]/*.jpg")

    def _file(self, sha256: str) -> Path:
        if not _HASH.fullmatch(sha256):
            raise FileNotFoundError(f"no photo is named {sha256[:80]!r}")
        return self.path / sha256[:2] / f"{sha256}.jpg"

    def _write(self, sha256: str, body: bytes) -> None:
        """Write under another name first, so that no half photo is ever seen under its hash."""
        file = self._file(sha256)
        file.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=file.parent, prefix=".", delete=False) as unfinished:
            unfinished.write(body)
            unfinished.flush()
            os.fsync(unfinished.fileno())
        os.replace(unfinished.name, file)


def _whole(stream: IO[bytes], shown: str) -> bytes:
    raw = stream.read(MOST_BYTES + 1)
    if not raw:
        raise PhotoRefused("empty", shown)
    if len(raw) > MOST_BYTES:
        raise PhotoRefused("too_large", shown, MOST_BYTES // 1024 // 1024)
    return raw

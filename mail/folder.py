"""Where do letters go when the town has no mail server yet? Into files that a person can open."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from email.parser import BytesHeaderParser
from email.utils import parsedate_to_datetime
from hashlib import sha256
from pathlib import Path

from mail.delivery import Parcel, TryLater


class FolderCarrier:
    """Writes each letter as one ``.eml`` file; the same letter twice is the same file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def round(self) -> Iterator[FolderCarrier]:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as refused:
            raise TryLater(
                f"the letter folder {self._folder} cannot be made: {refused.strerror}"
            ) from refused
        yield self

    def carry(self, parcel: Parcel) -> None:
        head = BytesHeaderParser().parsebytes(parcel.raw)
        sent = parsedate_to_datetime(head["Date"]).strftime("%Y%m%dT%H%M%S")
        name = f"{sent}-{sha256(parcel.raw).hexdigest()[:16]}.eml"
        draft = self._folder / f".{name}.part"
        try:
            draft.write_bytes(parcel.raw)
            os.replace(draft, self._folder / name)
        except OSError as refused:
            raise TryLater(
                f"the letter could not be written to {self._folder}: {refused.strerror}"
            ) from refused

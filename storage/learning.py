"""What can the finder learn from, and where is it kept? Ended requests, and one JSON file."""

from __future__ import annotations

import logging
import os
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

from sqlalchemy import ColumnElement, func, select

from lifecycle.status import Ending
from routing.model import Model, ModelUnreadable
from storage.database import reading
from storage.tables import ServiceRequest

log = logging.getLogger("townline.finder")
MOST_EXAMPLES = 20_000
UNFIT = (Ending.SPAM, Ending.WITHDRAWN)
"""Endings after which nobody has looked whether the service was right."""


@dataclass(frozen=True)
class Ended:
    """How many requests can be learned from, and when the newest of them ended."""

    count: int
    newest: datetime | None


def ended() -> Ended:
    """Count what can be learned from."""
    with reading() as session:
        count, newest = session.execute(
            select(func.count(), func.max(ServiceRequest.ended_at)).where(_is_fit())
        ).one()
    return Ended(count, newest)


def examples() -> list[tuple[str, str]]:
    """Return (description, final service) of the newest 20,000, the oldest of them first."""
    with reading() as session:
        rows = session.execute(
            select(ServiceRequest.description, ServiceRequest.service)
            .where(_is_fit())
            .order_by(ServiceRequest.ended_at.desc(), ServiceRequest.id.desc())
            .limit(MOST_EXAMPLES)
        ).all()
    return [(row[0], row[1]) for row in reversed(rows)]


def _is_fit() -> ColumnElement[bool]:
    is_told = ServiceRequest.ended_at.is_not(None) & (ServiceRequest.description != "")
    return is_told & ServiceRequest.ending.not_in([one.value for one in UNFIT])


class ModelFile:
    """A learned model in a file; read when it is first asked for, and again when it has changed."""

    NAME = "finder.json"

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self._lock = Lock()
        self._seen: tuple[int, int] | None = None
        self._model: Model | None = None

    def model(self) -> Model | None:
        """Return the model; None where there is none. An unreadable file is logged once, and none."""
        if self.path is None:
            return None
        try:
            state = self.path.stat()
        except FileNotFoundError:
            return None
        with self._lock:
            if self._seen != (state.st_mtime_ns, state.st_size):
                self._seen = (state.st_mtime_ns, state.st_size)
                self._model = _read(self.path)
            return self._model

    def changed_at(self) -> datetime | None:
        """Return when the file was written last; None where there is none."""
        try:
            return datetime.fromtimestamp(self.path.stat().st_mtime, UTC) if self.path else None
        except FileNotFoundError:
            return None

    def save(self, model: Model) -> None:
        """Put the model in place, whole or not at all."""
        if self.path is None:
            raise ValueError("this town has no folder to keep a model in")
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=self.path.parent, delete=False) as draft:
            try:
                draft.write(model.to_json())
                draft.flush()
                os.fsync(draft.fileno())
                os.replace(draft.name, self.path)
            except BaseException:
                os.unlink(draft.name)
                raise


def _read(path: Path) -> Model | None:
    try:
        return Model.from_json(path.read_text(encoding="utf-8"))
    except (ModelUnreadable, OSError, UnicodeDecodeError) as wrong:
        log.error(
            "%s: %s; the finder goes on with the words of the rules alone until it learns again tonight",
            path, wrong,
        )  # fmt: skip
        return None

"""Which photos came with this step, which were refused and why, and what is left of a step too large?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from flask import Request, current_app
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData, Preamble

from casework.office import Office
from routing.rulebook import Service
from storage.photos import REFUSALS, PhotoFolder, PhotoRefused, StoredPhoto
from storage.positions import read_apart
from widgets.tokens import Seal

FILES = "photos"
"""The name of the file field."""
ORIGINAL = "original"
"""The beginning of the photo as it was taken, where the browser scaled it: only its place is read."""
LARGEST_ORIGINAL = 256 * 1024
MOST_A_DAY = 2 * 1024**3
"""Bytes of photos stored on one day, some four thousand of them: no flood of pictures fills the disk."""
LARGEST_STEP = 48 * 1024 * 1024
"""Bytes of one step: three photos of the largest size and the answers."""
SALVAGED = 512 * 1024
"""Bytes read of a step that is too large: the answers stand before the photos."""


@dataclass
class Kept:
    """The signed names of the photos, old and new, and a sentence for each refused one."""

    names: list[str]
    refused: list[str]
    taken: list[str]
    """A signed mark for each new photo that says of itself where it was taken."""
    is_busy: bool = False
    """Whether the last photo was refused only because others were being read."""


@dataclass
class Day:
    """How many bytes of photos were stored today (in UTC): counted in the folder once, and on from there."""

    day: date | None = None
    size: int = 0

    def is_full(self, photos: PhotoFolder, now: datetime) -> bool:
        if self.day != now.date():
            self.day, self.size = now.date(), photos.stored_since(datetime.combine(now, time(), UTC))
        return self.size >= MOST_A_DAY


def keep(
    office: Office,
    seal: Seal,
    service: Service,
    names: Sequence[str],
    sent: MultiDict[str, FileStorage],
    *,
    now: datetime,
    token: str,
) -> Kept:
    """Store the new photos beside those that the form already names."""
    kept = Kept([name for name in dict.fromkeys(names) if seal.photo(name)][: service.photos], [], [])
    files = [file for file in sent.getlist(FILES) if file.filename]
    if files and not seal.knows(token, now=now):
        kept.refused.append(
            _("This form was not recognised as ours and was made ready anew. Please add your photos again.")
        )
        return kept
    for file in files:
        if len(kept.names) >= service.photos:
            kept.refused.append(
                _("At most %(most)d photos can be sent. The rest were left out.", most=service.photos)
            )
            break
        _add(kept, office, seal, file, sent.get(ORIGINAL), now)
    return kept


def _add(
    kept: Kept, office: Office, seal: Seal, file: FileStorage, original: FileStorage | None, now: datetime
) -> None:
    today: Day = current_app.extensions.setdefault("townline_photos_today", Day())
    if today.is_full(office.photos, now):
        kept.refused.append(
            _("So many photos came in today that no more can be kept. Please send your report without them.")
        )
        return
    try:
        received = office.photos.receive(file.stream, file.filename or "")
    except PhotoRefused as error:
        kept.refused.append(_(REFUSALS[error.reason], **error.values))
        kept.is_busy = error.reason == "busy"
        return
    today.size += received.photo.size if received.is_new else 0
    name, at = seal.name_photo(received.photo), received.taken_at
    if at is None and original is not None:
        at = read_apart(original.stream.read(LARGEST_ORIGINAL))
    if at is not None:
        kept.taken.append(seal.name_taken(received.photo, at))
    if name not in kept.names:
        kept.names.append(name)


def still_there(office: Office, seal: Seal, names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the names whose photos are kept still, and the sentence for those that are gone, if any.

    What is not sent within two days is deleted, and a form may stay open for longer.
    """
    found = [(name, seal.photo(name)) for name in dict.fromkeys(names)]
    known = [(name, office.photos.has(photo.sha256)) for name, photo in found if photo is not None]
    gone = sum(not is_kept for _name, is_kept in known)
    sentence = ngettext(
        "A photo that you added was not sent within two days, so it was deleted. Please add it again, or "
        "send your report without it. Nothing else is lost.",
        "%(num)d photos that you added were not sent within two days, so they were deleted. Please add them "
        "again, or send your report without them. Nothing else is lost.",
        gone,
    )
    return [name for name, is_kept in known if is_kept], [sentence] if gone else []


def stored(office: Office, seal: Seal, names: Sequence[str]) -> tuple[StoredPhoto, ...]:
    """Return the photos that the form names and that are still there."""
    found = (seal.photo(name) for name in dict.fromkeys(names))
    return tuple(photo for photo in found if photo is not None and office.photos.has(photo.sha256))


def salvage(request: Request) -> MultiDict[str, str]:
    """Return the answers at the start of a form that is too large to be read whole."""
    kind, options = parse_options_header(request.content_type or "")
    values: MultiDict[str, str] = MultiDict()
    if kind != "multipart/form-data" or "boundary" not in options:
        return values
    decoder = MultipartDecoder(options["boundary"].encode("latin-1", "replace"))
    try:
        decoder.receive_data(request.environ["wsgi.input"].read(SALVAGED))
        _collect(decoder, values)
    except ValueError:
        pass  # Cut off in the middle of a part: what came before it is what we wanted.
    return values


def _collect(decoder: MultipartDecoder, values: MultiDict[str, str]) -> None:
    name, body = None, b""
    while not isinstance(event := decoder.next_event(), NeedData | Epilogue | File):
        if isinstance(event, Field):
            name, body = event.name, b""
        elif isinstance(event, Data):
            body += event.data
            if name and not event.more_data:
                values.add(name, body.decode("utf-8", "replace"))
        else:
            assert isinstance(event, Preamble)

"""Which photos came with this step, which were refused and why, and what is left of a step too large?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Request
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData, Preamble

from casework.office import Office
from routing.rulebook import Service
from storage.photos import REFUSALS, PhotoRefused, StoredPhoto
from widgets.tokens import Seal

FILES = "photos"
"""The name of the file field."""
LARGEST_STEP = 48 * 1024 * 1024
"""Bytes of one step: three photos of the largest size and the answers."""
SALVAGED = 512 * 1024
"""Bytes read of a step that is too large: the answers stand before the photos."""


@dataclass(frozen=True)
class Kept:
    """The signed names of the photos, old and new, and a sentence for each refused one."""

    names: list[str]
    refused: list[str]


def keep(
    office: Office, seal: Seal, service: Service, names: Sequence[str], files: Sequence[FileStorage]
) -> Kept:
    """Store the new photos beside those that the form already names."""
    kept = [name for name in dict.fromkeys(names) if seal.photo(name) is not None][: service.photos]
    refused = []
    for file in files:
        if not file.filename:
            continue
        if len(kept) >= service.photos:
            refused.append(
                _("At most %(most)d photos can be sent. The rest were left out.", most=service.photos)
            )
            break
        try:
            name = seal.name_photo(office.photos.keep(file.stream, file.filename))
        except PhotoRefused as error:
            refused.append(_(REFUSALS[error.reason], **error.values))
        else:
            kept.append(name) if name not in kept else None
    return Kept(kept, refused)


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

"""What came along with a mail? Photos join the request, re-encoded; everything else stays in the original."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO

from flask_babel import gettext as _

from casework.office import Office
from inbox.message import Attachment, Mail
from storage.photos import REFUSALS, PhotoRefused, StoredPhoto
from storage.tables import ServiceRequest

SMALLEST_INLINE = 12_000
"""Bytes. What stands in the text and is smaller is the logo of a signature."""
MOST_PHOTOS = 3
"""Where the rules do not know the service any more."""
MOST_NAMED = 20
NOT_FILES = (
    "text/plain",
    "text/html",
    "text/calendar",
    "application/pgp-signature",
    "application/pkcs7-signature",
)


@dataclass(frozen=True)
class Enclosures:
    """``refused``: a sentence for each photo that could not be kept; ``files``: the names of all else."""

    photos: tuple[StoredPhoto, ...] = ()
    refused: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.photos or self.refused or self.files)


NONE = Enclosures()


def enclosed(
    office: Office, request: ServiceRequest, mail: Mail, *, ours: Collection[str] = ()
) -> Enclosures:
    """Keep the photos of a mail, as many as its service allows, and name the rest.

    ``ours``: the hashes of the pictures in the letter that is answered; many programs send them back.
    Call it outside any transaction: pictures take their time.
    """
    service = office.rulebook.services.get(request.service)
    most = service.photos if service else MOST_PHOTOS
    photos: list[StoredPhoto] = []
    refused: list[str] = []
    files: list[str] = []
    for one in mail.attachments:
        if _is_ours(one, request, ours):
            continue
        if not one.type.startswith("image/"):
            if one.type not in NOT_FILES or not one.is_inline:
                files.append(one.name)
        elif len(photos) < most:
            _keep(office, one, photos, refused)
        else:
            refused.append(_("%(file)s was left in the mail: at most %(most)d photos join the request.",
                             file=one.name, most=most))  # fmt: skip
    return Enclosures(tuple(dict.fromkeys(photos)), tuple(refused), tuple(files[:MOST_NAMED]))


def _keep(office: Office, one: Attachment, photos: list[StoredPhoto], refused: list[str]) -> None:
    try:
        photos.append(office.photos.keep(BytesIO(one.content), one.name))
    except PhotoRefused as why:
        refused.append(_(REFUSALS[why.reason], **why.values))


def _is_ours(one: Attachment, request: ServiceRequest, ours: Collection[str]) -> bool:
    """Return whether it is a picture of our own letter, or one that decorates the text."""
    if f".{request.number}@" in one.cid or sha256(one.content).hexdigest() in ours:
        return True
    return one.is_inline and one.type.startswith("image/") and len(one.content) < SMALLEST_INLINE

"""How do words and photos that a resident sends later join a request? Said twice they join once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask_babel import force_locale, ngettext

from casework import receiving
from casework.change import changing
from casework.office import Office
from storage.photos import StoredPhoto
from storage.tables import Photo


def join(
    office: Office,
    request_id: int,
    *,
    text: str,
    photos: Sequence[StoredPhoto],
    now: datetime,
    nonce: str,
) -> None:
    """Add the resident's words, and the photos that the request does not have yet."""
    with changing(office, request_id, by=receiving.BY_RESIDENT, now=now, nonce=nonce) as change:
        known = {photo.sha256 for photo in change.photos()}
        new = [photo for photo in dict.fromkeys(photos) if photo.sha256 not in known]
        if change.is_repeated or not (text or new):
            return
        for photo in new:
            change.session.add(
                Photo(
                    request_id=request_id,
                    sha256=photo.sha256,
                    width=photo.width,
                    height=photo.height,
                    size=photo.size,
                )
            )
        words = text or _photos_alone(len(new), change.request.language)
        receiving.reply(office, request_id, text=words, now=now, nonce=nonce, photo_count=len(new))


def _photos_alone(count: int, language: str) -> str:
    with force_locale(language.replace("-", "_")):
        return ngettext("(%(num)d photo, without words)", "(%(num)d photos, without words)", count)

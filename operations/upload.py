"""Which rules does the operator want to try: those in the text field, or a file?"""

from __future__ import annotations

from flask import Request
from flask_babel import gettext as _

ROOM = 20_000
"""Bytes for the form around the rules."""


class NotTaken(Exception):
    """The sentence says why; ``status`` is the HTTP status for it."""

    def __init__(self, sentence: str, status: int = 422) -> None:
        self.status = status
        super().__init__(sentence)


def candidate(request: Request, most: int) -> bytes:
    """Return the rules to be tried; raises ``NotTaken``. What is too large is not even read."""
    # A letter takes up to three bytes in a form, a line break six.
    encoded = 3 if request.mimetype == "application/x-www-form-urlencoded" else 1
    if request.content_length is None or request.content_length > most * encoded + ROOM:
        raise _too_large(most)
    raw = _chosen(request, most) or _typed(request)
    if len(raw) > most:
        raise _too_large(most)
    if not raw.strip():
        raise NotTaken(_("Paste the new rules into the field, or choose a file."))
    return raw


def _chosen(request: Request, most: int) -> bytes:
    file = request.files.get("file")
    if file is None or not file.filename:
        return b""
    with file.stream as stream:
        raw: bytes = stream.read(most + 1)
        return raw


def shown(raw: bytes) -> str:
    """Return rules as a page can show them again: without what no page may hold."""
    text = raw.decode("utf-8-sig", errors="replace")
    return "".join(letter for letter in text if letter >= " " or letter in "\n\t")


def _typed(request: Request) -> bytes:
    # Browsers send a text field with carriage returns, which would give the same rules another version.
    return request.form.get("rules", "").replace("\r\n", "\n").encode()


def _too_large(most: int) -> NotTaken:
    said = _("That is too large: rules of more than %(size)d kB are not taken here.", size=most // 1000)
    return NotTaken(said, 413)

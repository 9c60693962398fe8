"""Was this form given out by us, for this purpose, not too long ago?

A token without a session: the form's name, a nonce and the time, signed. It works in a frame where
browsers keep every cookie back. The nonce is unique in the database, so whatever is sent twice is
kept once. Photos that are already stored travel as signed names in the same way.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from itsdangerous import BadData, URLSafeSerializer
from wtforms import Field, ValidationError
from wtforms.csrf.core import CSRF
from wtforms.form import BaseForm
from wtforms.meta import DefaultMeta

from storage.photos import StoredPhoto
from storage.positions import Position

LIFETIME = timedelta(hours=24)
FIELD = "token"


@dataclass(frozen=True)
class Token:
    nonce: str
    issued: int
    """Seconds since 1970."""

    def is_old(self, now: datetime) -> bool:
        return not 0 <= now.timestamp() - self.issued + 60 <= LIFETIME.total_seconds() + 60


@dataclass(frozen=True)
class Seal:
    """The town's signature on forms and photos."""

    secret: bytes

    def _signer(self, purpose: str) -> URLSafeSerializer:
        return URLSafeSerializer(self.secret, salt=f"widgets.{purpose}")

    def issue(self, form: str, *, now: datetime, nonce: str = "") -> str:
        """Return a token for the form of this name, with its old nonce where it has one."""
        return self._signer("form").dumps([form, nonce or secrets.token_urlsafe(16), int(now.timestamp())])

    def read(self, form: str, value: str) -> Token | None:
        """Return what the token says, however old; None when it is forged or another form's."""
        try:
            name, nonce, issued = self._signer("form").loads(value)
        except (BadData, ValueError, TypeError):
            return None
        return Token(nonce, issued) if name == form else None

    def knows(self, value: str, *, now: datetime) -> bool:
        """Whether it is the token of any report form of ours, and not too old."""
        try:
            name, nonce, issued = self._signer("form").loads(value)
        except (BadData, ValueError, TypeError):
            return False
        return str(name).startswith("report/") and not Token(nonce, issued).is_old(now)

    def renewed(self, value: str, *, now: datetime) -> str:
        """Return a fresh token with the nonce of one of ours that is too old; empty for every other value."""
        try:
            name, nonce, issued = self._signer("form").loads(value)
        except (BadData, ValueError, TypeError):
            return ""
        is_old = str(name).startswith("report/") and Token(nonce, issued).is_old(now)
        return self.issue(name, now=now, nonce=nonce) if is_old else ""

    def name_receipt(self, number: str, *, now: datetime) -> str:
        """Return a mark that shows a receipt once more: no key, it opens nothing that somebody wrote."""
        return self._signer("receipt").dumps([number, int(now.timestamp())])

    def receipt(self, value: str, *, now: datetime) -> str | None:
        """Return the number whose receipt the mark shows; None when it is forged or a day old."""
        try:
            number, issued = self._signer("receipt").loads(value)
        except (BadData, ValueError, TypeError):
            return None
        return None if Token("", issued).is_old(now) else str(number)

    def name_photo(self, photo: StoredPhoto) -> str:
        return self._signer("photo").dumps([photo.sha256, photo.width, photo.height, photo.size])

    def photo(self, value: str) -> StoredPhoto | None:
        """Return the photo that the signed name means; None when we never gave it out."""
        try:
            return StoredPhoto(*self._signer("photo").loads(value))
        except (BadData, ValueError, TypeError):
            return None

    def name_taken(self, photo: StoredPhoto, at: Position) -> str:
        """Return a mark that a photo says of itself where it was taken. For the form, never an address."""
        return self._signer("taken").dumps([photo.sha256, *at])

    def taken(self, value: str) -> tuple[str, Position] | None:
        """Return the photo's hash and the place of a mark; None when we never gave it out."""
        try:
            sha256, lat, lon = self._signer("taken").loads(value)
        except (BadData, ValueError, TypeError):
            return None
        return sha256, (lat, lon)


class SignedToken(CSRF):
    """WTForms' guard against forged forms, by signature instead of session."""

    def setup_form(self, form: BaseForm) -> Any:
        self.meta = form.meta
        return super().setup_form(form)

    def generate_csrf_token(self, csrf_token_field: Field) -> str:
        return ""  # Issued by the view, which knows the nonce that the form already has.

    def validate_csrf_token(self, form: BaseForm, field: Field) -> None:
        token = self.meta.seal.read(self.meta.form_name, field.data or "")
        if token is None:
            raise ValidationError(self.meta.sentences["forged"])
        if token.is_old(self.meta.now):
            raise ValidationError(self.meta.sentences["expired"])


def guarded(seal: Seal, form_name: str, *, now: datetime, sentences: Mapping[str, str]) -> DefaultMeta:
    """Return WTForms' settings for a form that needs a good token. sentences: ``forged``, ``expired``."""

    class Guarded(DefaultMeta):
        csrf = True
        csrf_class = SignedToken
        csrf_field_name = FIELD

    meta = Guarded()
    meta.update_values({"seal": seal, "form_name": form_name, "now": now, "sentences": sentences})
    return meta

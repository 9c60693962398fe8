"""What may somebody on the page of a request write? Words, once, and not too many."""

from __future__ import annotations

from flask_babel import gettext as _
from wtforms import Field, Form, HiddenField, TextAreaField, ValidationError

from casework.errors import LONGEST_TEXT

NONCE_LENGTHS = range(16, 65)


class Words(Form):
    """What the resident adds; the nonce makes a second click harmless."""

    nonce = HiddenField()
    text = TextAreaField(filters=[lambda value: (value or "").replace("\r\n", "\n").strip()])

    def validate_nonce(self, field: Field) -> None:
        text = field.data or ""
        if len(text) not in NONCE_LENGTHS or not text.isascii() or not text.isprintable():
            raise ValidationError(_("The form was incomplete. Please send it again."))

    def validate_text(self, field: Field) -> None:
        length = len(field.data)
        if length > LONGEST_TEXT:
            raise ValidationError(
                _(
                    "The text has %(length)d characters; at most %(limit)d fit.",
                    length=length,
                    limit=LONGEST_TEXT,
                )
            )

    @property
    def words(self) -> str:
        return self.text.data or ""


class Reply(Words):
    def validate_text(self, field: Field) -> None:
        if not field.data:
            raise ValidationError(_("Write a few words first."))
        super().validate_text(field)

"""What may be sent from a signed page, and is it complete? One small form per action.

The address itself is the key, and no cookie is involved, so there is nothing for another site to
borrow; the nonce is there to make a second click harmless.
"""

from __future__ import annotations

import secrets
from typing import Any

from flask_babel import gettext as _
from wtforms import Field, Form, HiddenField, StringField, TextAreaField, ValidationError

from casework.answering import EMPLOYEE_ENDINGS, NEEDS_A_REASON
from casework.errors import LONGEST_TEXT
from lifecycle.status import Ending

NONCE_LENGTHS = range(16, 65)


def fresh_nonce() -> str:
    return secrets.token_urlsafe(18)


def _stripped(value: str | None) -> str:
    return (value or "").replace("\r\n", "\n").strip()


class PlainForm(Form):
    """A single button."""

    nonce = HiddenField()

    def validate_nonce(self, field: Field) -> None:
        text = field.data or ""
        if len(text) not in NONCE_LENGTHS or not text.isascii() or not text.isprintable():
            raise ValidationError(_("The form was incomplete. Please send it again."))

    @property
    def mistakes(self) -> list[tuple[str, str]]:
        """Return (id of the field, sentence), in the order of the form."""
        return [(field.id, str(field.errors[0])) for field in self if field.errors]


class MaySay(PlainForm):
    """A button, and words if one likes."""

    text = TextAreaField(filters=[_stripped])

    @property
    def words(self) -> str:
        return self.text.data or ""

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


class MustSay(MaySay):
    """Words are the point of it."""

    def validate_text(self, field: Field) -> None:
        if not field.data:
            raise ValidationError(_("Write a few words first."))
        super().validate_text(field)


class FinishForm(MaySay):
    ending = StringField()
    duplicate_of = StringField(filters=[_stripped])

    def validate_ending(self, field: Field) -> None:
        if field.data not in EMPLOYEE_ENDINGS:
            raise ValidationError(_("Choose how it ended."))

    def validate_text(self, field: Field) -> None:
        if not field.data and self.ending.data in NEEDS_A_REASON:
            raise ValidationError(_("Say why nothing is done: the resident reads it."))
        super().validate_text(field)

    def validate_duplicate_of(self, field: Field) -> None:
        if self.ending.data == Ending.DUPLICATE and not field.data:
            raise ValidationError(_("Write the number of the other request, as in 26-0412."))


class ColleagueForm(MaySay):
    to = StringField()

    def validate_to(self, field: Field) -> None:
        if not field.data:
            raise ValidationError(_("Choose a colleague."))


class AgencyForm(MaySay):
    agency = StringField()

    def validate_agency(self, field: Field) -> None:
        if not field.data:
            raise ValidationError(_("Choose who is responsible."))


def fill(form: type[PlainForm], prefix: str, sent: Any = None) -> PlainForm:
    """Return the form as it was sent, or an empty one with a fresh one-time mark."""
    filled = form(sent, prefix=prefix)
    if not filled.nonce.data:
        filled.nonce.data = fresh_nonce()
    return filled

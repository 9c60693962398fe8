"""What may be sent from a signed page, and is it complete? One small form per action.

The address itself is the key, and no cookie is involved, so there is nothing for another site to
borrow; the nonce is there to make a second click harmless.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from wtforms import Field, Form, HiddenField, StringField, TextAreaField, ValidationError

from casework.answering import EMPLOYEE_ENDINGS, NEEDS_A_REASON
from casework.errors import LONGEST_TEXT, NotPossible
from casework.office import the_office
from casework.redirecting import check_expected
from desk.asking import ANSWER, LONGEST_ANSWER
from inbox.time_written import MOST_MATERIALS, MOST_MINUTES, Spent, hundredths_of, minutes_of
from lifecycle.status import Ending
from mail.composer import plain

LONGEST_PLACE = 300
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


class UndoForm(PlainForm):
    """The button that takes back; ``entry`` is the line of the journal that it is about."""

    entry = HiddenField()

    @property
    def entry_id(self) -> int:
        return int(self.entry.data or 0)

    def validate_entry(self, field: Field) -> None:
        text = field.data or ""
        if not (text.isascii() and text.isdigit() and len(text) < 16):
            raise ValidationError(_("The form was incomplete. Please send it again."))


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


class TimeForm(MaySay):
    """What it took: three short fields of which one at least says something."""

    hours = StringField(filters=[_stripped])
    vehicle = StringField(filters=[_stripped])
    materials = StringField(filters=[_stripped])

    @property
    def spent(self) -> Spent:
        """What was written; a field that is empty, or not understood, is nothing."""
        return Spent(
            minutes=minutes_of(self.hours.data or "") or 0,
            vehicle_minutes=minutes_of(self.vehicle.data or "") or 0,
            materials=hundredths_of(self.materials.data or "") or 0,
        )

    def validate_hours(self, field: Field) -> None:
        _check_length(field)
        if not any((self.hours.data, self.vehicle.data, self.materials.data)):
            raise ValidationError(_("Write how long it took, or what the materials cost."))

    def validate_vehicle(self, field: Field) -> None:
        _check_length(field)

    def validate_materials(self, field: Field) -> None:
        found = hundredths_of(field.data or "")
        if field.data and (found is None or found > MOST_MATERIALS):
            raise ValidationError(_("Write an amount, as in 42.50."))


class RetimeForm(TimeForm):
    """Which entry of one's own is put right, and to what; the second button removes it."""

    entry = StringField()
    remove = StringField()

    def begin(self, number: int, spent: Spent) -> None:
        """Show what an entry says now, so that only what is wrong in it is written anew."""
        self.entry.data = str(number)
        self.hours.data = _length(spent.minutes)
        self.vehicle.data = _length(spent.vehicle_minutes)
        self.materials.data = f"{spent.materials / 100:.2f}" if spent.materials else ""

    @property
    def number(self) -> int:
        return int(self.entry.data or 0)

    @property
    def spent(self) -> Spent:
        return Spent() if self.remove.data else super().spent

    def validate_entry(self, field: Field) -> None:
        text = field.data or ""
        if not (text.isascii() and text.isdigit() and len(text) < 16):
            raise ValidationError(_("Choose which entry it is."))

    def validate_hours(self, field: Field) -> None:
        if not self.remove.data:
            super().validate_hours(field)


def _length(minutes: int) -> str:
    """Return a length of time as the field reads it; nothing for none."""
    hours, rest = divmod(minutes, 60)
    return (f"{hours}h{rest:02d}" if rest else f"{hours}h") if hours else f"{rest} min" if rest else ""


def _check_length(field: Field) -> None:
    found = minutes_of(field.data or "")
    if field.data and (not found or found > MOST_MINUTES):
        raise ValidationError(_("Write a length of time, as in 1h30 or 45 min; at most 100 hours."))


class CorrectionForm(MaySay):
    """What it really is and where; ``seen`` is the mark of the preview that was looked at."""

    service = StringField()
    place = StringField(filters=[_stripped])
    lat = StringField(filters=[_stripped])
    lon = StringField(filters=[_stripped])
    road = StringField()
    seen = HiddenField()
    answered: Mapping[str, str] | None = None
    """The fields that a service brings along, as they were sent."""

    def validate_service(self, field: Field) -> None:
        if not field.data:
            raise ValidationError(_("Choose what it is."))

    def validate_place(self, field: Field) -> None:
        if len(field.data) > LONGEST_PLACE:
            raise ValidationError(_("At most %(limit)d characters fit.", limit=LONGEST_PLACE))

    def validate_lat(self, field: Field) -> None:
        if (self.lat.data or self.lon.data) and self.at is None:
            raise ValidationError(_("Write the position as two numbers, as in 43.59597 and -72.33374."))

    @property
    def at(self) -> tuple[float, float] | None:
        """Latitude and longitude in degrees; both may be pasted into the first field."""
        typed = f"{self.lat.data or ''} {self.lon.data or ''}".replace(",", " ").split()
        try:
            lat, lon = (float(part) for part in typed)
        except ValueError:
            return None
        return (lat, lon) if abs(lat) <= 90 and abs(lon) <= 180 else None

    @property
    def answers(self) -> dict[str, str]:
        """What the employee answered of the service's questions: code -> answer."""
        return {code: value for code, value in (self.answered or {}).items() if value}

    def begin(self, service: str, place: str, at: tuple[float, float] | None) -> None:
        """Start from what is known now."""
        self.service.data, self.place.data = service, plain(place)
        if at is not None:
            self.lat.data, self.lon.data = (f"{degrees:.6f}".rstrip("0") for degrees in at)


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


class AcceptForm(MaySay):
    """An agency's yes, with the day until which they expect to be done if they know it."""

    expected = StringField(filters=[_stripped])

    @property
    def day(self) -> date | None:
        return date.fromisoformat(self.expected.data) if self.expected.data else None

    def validate_expected(self, field: Field) -> None:
        try:
            day = self.day
        except ValueError:
            raise ValidationError(_("Write the day as in 2026-12-24, or leave it empty.")) from None
        try:
            check_expected(day, datetime.now(the_office().zone).date())
        except NotPossible as refused:
            raise ValidationError(str(refused)) from None


class RefuseForm(MaySay):
    """An agency's no, with whose it is if they know that."""

    whose = StringField()

    @property
    def others(self) -> list[tuple[str, str, str]]:
        """Return every agency as value, label, hint, by name."""
        language = str(get_locale() or "en")
        known = the_office().rulebook.agencies.values()
        listed = [(agency.id, agency.name.said(language), "") for agency in known]
        return sorted(listed, key=lambda option: option[1])

    def validate_whose(self, field: Field) -> None:
        if field.data and field.data not in the_office().rulebook.agencies:
            raise ValidationError(_("Choose one from the list, or none."))


def fill(form: type[PlainForm], prefix: str, sent: Any = None) -> PlainForm:
    """Return the form as it was sent, or an empty one with a fresh one-time mark."""
    filled = form(sent, prefix=prefix)
    if isinstance(filled, CorrectionForm) and sent is not None:
        start = f"{prefix}-{ANSWER}"
        filled.answered = {
            name.removeprefix(start): _stripped(value)[:LONGEST_ANSWER]
            for name, value in sent.items()
            if name.startswith(start)
        }
    if not filled.nonce.data:
        filled.nonce.data = fresh_nonce()
    return filled

"""Is what was typed at a step good enough to go on, and if not, which sentence helps?

WTForms checks; macros in ``templates/components.html`` draw (WTForms' own widgets are ten times
slower). A step's form is built when it is needed, because a service brings its own questions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from wtforms import Field, SelectMultipleField, StringField
from wtforms.form import BaseForm
from wtforms.meta import DefaultMeta
from wtforms.validators import Email, Length, Optional, StopValidation, ValidationError

from casework.errors import LONGEST_TEXT
from routing.rulebook import Question, Service
from widgets.draft import ANSWER, Draft

LONGEST = {"description": LONGEST_TEXT, "place": 300, "name": 120, "email": 254, "phone": 40}
LONGEST_ANSWER = 500
LARGEST_NUMBER = 1e12
Check = Callable[[BaseForm, Field], None]
Errors = list[tuple[str, str]]
"""(id of the field, sentence), in the order of the page."""


def check(fields: Mapping[str, Any], values: MultiDict[str, str], meta: DefaultMeta | None = None) -> Errors:
    """Return what is wrong with the values, one sentence for each field."""
    form = BaseForm(fields, meta=meta or DefaultMeta())
    form.process(values)
    form.validate()
    return [(field.name, str(field.errors[0])) for field in form if field.errors]


def what(draft: Draft) -> Errors:
    """Some words or a service picked from the list."""
    words = StringField(
        validators=[
            _needed(_("Tell us in a few words what is wrong, or pick it from the list.")),
            _length("description"),
        ]
    )
    if draft.text("service"):
        words = StringField(validators=[_length("description")])
    return check({"description": words}, draft.values)


def where(draft: Draft, service: Service) -> Errors:
    """A place in words or a position; a position that cannot be read is said, not dropped."""
    checks: list[Any] = [_length("place")]
    if service.location == "required" and draft.at is None:
        checks.insert(0, _needed(_("Tell us where it is: an address, a corner or a landmark.")))
    errors = check({"place": StringField(validators=checks)}, draft.values)
    if draft.at is None and (draft.text("lat") or draft.text("lon")) and not errors:
        errors = [("place", _("The position could not be read. Please describe the place in words."))]
    return errors


def road(draft: Draft, values: list[str]) -> Errors:
    """One of the roads that were offered, or "I do not know"."""
    picked = StringField(validators=[_one_of(values, _("Pick the road, or say that you do not know."))])
    return check({"road": picked}, draft.values)


def details(draft: Draft, service: Service) -> Errors:
    """The description and the service's own questions."""
    fields: dict[str, Any] = {
        "description": StringField(
            validators=[_needed(_("Tell us in a few words what is wrong.")), _length("description")]
        )
    }
    for question in service.questions:
        fields[ANSWER + question.code] = _asked(question, draft)
    return check(fields, draft.values)


def contact(draft: Draft, *, is_required: bool) -> Errors:
    """Name, e-mail and phone: each optional, unless the service needs a way to answer."""
    has_way = bool(draft.text("email") or draft.text("phone"))
    missing = [_missing(_("Give an e-mail address or a phone number, so that we can answer you."))]
    fields: dict[str, Any] = {
        "name": StringField(validators=[_length("name")]),
        "email": StringField(
            validators=[
                *(missing if is_required and not has_way else ()),
                Optional(),
                _length("email"),
                # Letters to an address with other letters before the @ are carried by few servers yet.
                Email(
                    _("This e-mail address does not look right. Write it as in name@example.com."),
                    allow_smtputf8=False,
                ),
            ],
            filters=[_trimmed],
        ),
        "phone": StringField(validators=[_length("phone"), Optional(), _phone]),
    }
    return check(fields, draft.values)


def sending(values: MultiDict[str, str], meta: DefaultMeta) -> Errors:
    """The token of a form that we gave out ourselves."""
    return check({}, values, meta)


def _trimmed(value: str | None) -> str:
    return (value or "").strip()


def _needed(sentence: str) -> Check:
    def needed(form: BaseForm, field: Field) -> None:
        if not any(
            part.strip() for part in (field.data if isinstance(field.data, list) else [field.data or ""])
        ):
            raise StopValidation(sentence)

    return needed


def _missing(sentence: str) -> Check:
    def missing(form: BaseForm, field: Field) -> None:
        raise StopValidation(sentence)

    return missing


def _length(name: str, most: int = 0) -> Length:
    most = most or LONGEST[name]
    return Length(
        max=most, message=_("This is too long: please use at most %(most)s characters.", most=f"{most:,}")
    )


def _one_of(values: list[str], sentence: str) -> Check:
    def known(form: BaseForm, field: Field) -> None:
        if field.data not in values:
            raise ValidationError(sentence)

    return known


def _phone(form: BaseForm, field: Field) -> None:
    digits = sum(char.isdigit() for char in field.data)
    if digits < 5 or not all(
        char.isdigit() or char in "+-().,/#*; extEXT" or char.isspace() for char in field.data
    ):
        raise ValidationError(
            _("This phone number does not look right. Write it with digits, as in 555 010 0100.")
        )


def _asked(question: Question, draft: Draft) -> Any:
    """Return the field of a service's own question."""
    checks: list[Any] = [_needed(_("Please answer this question."))] if question.required else [Optional()]
    if question.kind == "choices":
        fault = _("Pick from the list, please.")
        return SelectMultipleField(
            choices=[],
            validators=[*checks, _all_of(question, fault)],
            validate_choice=False,
        )
    return StringField(validators=[*checks, *_kind_checks(question)])


def _all_of(question: Question, sentence: str) -> Check:
    def known(form: BaseForm, field: Field) -> None:
        if set(field.data or ()) - set(question.choices):
            raise ValidationError(sentence)

    return known


def _kind_checks(question: Question) -> list[Any]:
    if question.kind == "choice":
        return [_one_of(list(question.choices), _("Pick one from the list, please."))]
    if question.kind == "yes-no":
        return [_one_of(["yes", "no"], _("Pick yes or no, please."))]
    if question.kind == "number":
        return [_number]
    if question.kind == "date":
        return [_date]
    return [_length("", LONGEST_ANSWER)]


def _number(form: BaseForm, field: Field) -> None:
    try:
        is_good = abs(float(field.data.replace(",", "."))) <= LARGEST_NUMBER
    except ValueError:
        is_good = False
    if not is_good or len(field.data) > 30:
        raise ValidationError(_("Write a number with digits, as in 12."))


def _date(form: BaseForm, field: Field) -> None:
    try:
        date.fromisoformat(field.data.strip())
    except ValueError:
        raise ValidationError(_("Write a date, as in 2026-05-31.")) from None

"""Is somebody away? The page behind "I am away" in each letter to an employee: GET shows, POST acts.

The same page lets deputy, head and clerk say it of a colleague: an automatic answer with a date leads
them here, and nothing is changed before they confirm it.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from http import HTTPStatus
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import Field, Form, StringField, ValidationError

from casework.absence import check_days, come_back, leave, may_say, pass_on_due, substitute
from casework.access import admit
from casework.errors import CaseworkError, LinkRefused, NotPossible
from casework.office import Office, the_office
from casework.tongues import reads, speak
from desk import views, words
from routing.rulebook import Person
from storage import absences

bp = Blueprint("away", __name__)
bp.after_request(views.keep_private)
bp.register_error_handler(CaseworkError, views.refused)

WHAT = ("new", "open")
"""What goes to the deputy: only what is new, or what is open too."""


class AwayForm(Form):
    """From when until when, and what goes to the deputy."""

    first = StringField()
    last = StringField()
    what = StringField()

    def validate_first(self, field: Field) -> None:
        if _day(field.data) is None:
            raise ValidationError(_("Write the first day as in 2026-12-24."))

    def validate_last(self, field: Field) -> None:
        first, last = _day(self.first.data), _day(field.data)
        if last is None:
            raise ValidationError(_("Write the last day as in 2026-12-24."))
        if first is not None:
            try:
                check_days(first, last, _today(the_office()))
            except NotPossible as refused:
                raise ValidationError(str(refused)) from None

    def validate_what(self, field: Field) -> None:
        if field.data not in WHAT:
            raise ValidationError(_("Choose what your deputy gets."))

    @property
    def mistakes(self) -> list[tuple[str, str]]:
        """Return (id of the field, sentence), in the order of the form."""
        return [(field.id, str(field.errors[0])) for field in self if field.errors]


@bp.get("/a/<token>/away")
def show(token: str) -> ResponseReturnValue:
    """Show who is away and when, with the days of an automatic answer filled in."""
    reader, person = _who(token)
    form = AwayForm(first=_today(the_office()).isoformat(), last="", what="new")
    if until := _day(request.args.get("until")):
        form.last.data = until.isoformat()
    return _page(token, reader, person, form, done=request.args.get("done", ""))


@bp.post("/a/<token>/away")
def say(token: str) -> ResponseReturnValue:
    """Keep an absence, or take one back."""
    reader, person = _who(token)
    office, now, by = the_office(), datetime.now(UTC), f"person:{reader.id}"
    form = AwayForm(request.form)
    if request.form.get("do") == "back":
        number = request.form.get("absence", "")
        come_back(office, person.id, int(number) if number.isascii() and number.isdigit() else 0, now=now)
        return _again(token, reader, person, "back")
    if not form.validate():
        return _page(token, reader, person, form, status=422)
    first, last = _day(form.first.data), _day(form.last.data)
    assert first is not None
    assert last is not None
    leave(office, person.id, first=first, last=last, passes_on=form.what.data == "open", by=by, now=now)
    pass_on_due(office, now=now)
    return _again(token, reader, person, "away")


def _again(token: str, reader: Person, person: Person, done: str) -> ResponseReturnValue:
    who = None if person.id == reader.id else person.id
    return redirect(url_for("away.show", token=token, done=done, who=who), HTTPStatus.SEE_OTHER)


def _who(token: str) -> tuple[Person, Person]:
    """Return who reads this and of whom it is; raises ``LinkRefused``."""
    office = the_office()
    admission = admit(office, token, now=datetime.now(UTC))
    person = request.values.get("who") or admission.recipient
    if admission.purpose != "employee" or not may_say(office, admission.recipient, person):
        raise LinkRefused("unknown")
    people = office.rulebook.people
    speak(reads(office, people[admission.recipient]))
    return people[admission.recipient], people[person]


def _page(
    token: str, reader: Person, person: Person, form: AwayForm, *, done: str = "", status: int = 200
) -> ResponseReturnValue:
    office, now, language = the_office(), datetime.now(UTC), str(words.locale())
    deputy = office.rulebook.people.get(person.deputy or "")
    taker = substitute(office, person.id, now)
    context: dict[str, Any] = {
        "token": token,
        "form": form,
        "mistakes": form.mistakes,
        "is_me": reader.id == person.id,
        "name": person.name.said(language),
        "who": person.id,
        "deputy": deputy.name.said(language) if deputy else "",
        "taker": taker.name.said(language) if taker else "",
        "open_count": len(absences.open_of(person.id)),
        "spells": _spells(office, person),
        "done": done if done in ("away", "back") else "",
    }
    return render_template("desk/away.html", **context), status


def _spells(office: Office, person: Person) -> list[dict[str, Any]]:
    """Return the absences that are not over: those in the rules cannot be taken back here."""
    today = _today(office)
    ruled = [
        {"first": words.day(first), "last": words.day(last), "id": None, "at": first}
        for first, last in person.absent
        if last >= today
    ]
    said = [
        {"first": words.day(one.first), "last": words.day(one.last), "id": one.id, "at": one.first}
        for one in absences.coming(person.id, today)
    ]
    return sorted(ruled + said, key=lambda spell: str(spell["at"]))


def _today(office: Office) -> date:
    return datetime.now(office.zone).date()


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat((text or "").strip())
    except ValueError:
        return None

"""Which letters does a fact cause, and what do they know? Values in, ``Letter`` out."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from babel import Locale
from babel.dates import format_date
from flask_babel import force_locale
from flask_babel import gettext as _

from casework.consent import shares_with
from casework.office import Office
from casework.promises import held_until
from casework.tongues import reads
from languages.said import FIRST, Said
from lifecycle.status import Ending
from mail.address import bounce_address, domain_of, message_id, reply_address, reply_token, thread_id
from mail.letter import LONGEST_NAME, InlineImage, Letter, one_line
from routing.rulebook import Agency, Person, Question
from storage.photos import PhotosBusy
from storage.tables import Photo, ServiceRequest

PHOTO_SIDE = 900  # pixels: sharp on a phone in a truck
PHOTO_BYTES = 1_000_000  # all pictures of one letter together; the rest is behind the link
ANSWERABLE = frozenset(
    {
        "assigned", "resident_wrote", "reminder", "escalation", "acted", "mail_explained",
        "held_urgent", "agency_handoff", "agency_reminder",
        "resident_receipt", "resident_answer", "resident_question", "resident_finished",
        "resident_redirected", "resident_returned", "resident_correction",
    }
)  # fmt: skip
"""Letters whose reader may write back, where replies are read: they say so in their first line."""
MESSAGE_ID = re.compile(r"<[!-;=?-~]{3,240}>")
"""What may be named in a header again without harm to it."""


def letter(
    office: Office,
    name: str,
    to: str,
    language: str,
    request: ServiceRequest,
    *,
    images: Sequence[InlineImage] = (),
    stop_link: str = "",
    answers_to: str = "",
    **context: Any,
) -> Letter:
    """Return the finished letter ``name`` about a request, in the reader's language.

    ``stop_link`` ends letters of this kind; ``answers_to`` is the Message-ID of a mail that it answers.
    """
    town = office.rulebook.town
    mark = reply_token(office.secret, request.number, to)
    words = office.composer.compose(
        name,
        language,
        town=town,
        service=office.rulebook.services.get(request.service) or request.service,
        request=request,
        number=request.number,
        mark=mark,
        base_url=office.base_url,
        asks_reply=office.reads_mail and name in ANSWERABLE,
        stop_link=stop_link,
        **context,
    )
    domain = domain_of(office.sender)
    thread = thread_id(request.number, domain)
    return Letter(
        to=to,
        subject=words.subject,
        text=words.text,
        html=words.html,
        sender=office.sender,
        sender_name=one_line(town.name.said(language), LONGEST_NAME),
        message_id=message_id(request.number, domain),
        references=(thread, answers_to) if MESSAGE_ID.fullmatch(answers_to) else (thread,),
        reply_to=reply_address(office.sender, mark) if office.reads_mail and office.has_plus else None,
        envelope=bounce_address(office.sender, mark) if office.reads_mail and office.has_plus else None,
        list_id=f"{request.number}.updates.{domain}" if stop_link else None,
        unsubscribe=stop_link or None,
        images=tuple(images),
    )


def staff_language(office: Office) -> str:
    """Return what all of the town's staff read: the journal's words, and letters to agencies."""
    return office.rulebook.town.languages[0]


def resident_reads(request: ServiceRequest, reader: str) -> str:
    """Return the name of the resident's language, in the reader's, where that is another one; else ""."""
    theirs, ours = (Locale.parse(one, sep="-") for one in (request.language, reader))
    return "" if theirs.language == ours.language else theirs.get_display_name(ours) or request.language


def staff_says(office: Office) -> Callable[[str], str]:
    """Return what turns our own sentences into the language of the town's staff, whoever reads just now."""

    def say(sentence: str) -> str:
        with force_locale(staff_language(office).replace("-", "_")):
            return str(_(sentence))

    return say


def to_assignee(
    office: Office,
    request: ServiceRequest,
    photos: Sequence[Photo],
    *,
    person: Person,
    link: str,
    reason: str,
    now: datetime,
    words: str = "",
    agency: str = "",
    by: str = "",
) -> Letter:
    """Everything the responsible employee needs, in one mail.

    ``words`` are of who passed it on, ``agency`` is the name of the one that says that it is not theirs,
    ``by`` of the colleague who opened it again.
    """
    rulebook = office.rulebook
    language = reads(office, person)
    images = inline_photos(office, request, photos)
    department = rulebook.departments[person.department]
    others = (person.deputy, department.head)
    considered = [
        rulebook.people[other].name.said(language) for other in others if other and other != person.id
    ]
    return letter(
        office,
        "assigned",
        person.email,
        language,
        request,
        images=images,
        person=person,
        department=department,
        because_staff=Said(request.because_staff, FIRST),
        link=link,
        resident=_contact(request),
        answers=answer_lines(office, request, language),
        place=request.place,
        map_link=_map_link(request),
        photos=images,
        photo_count=len(photos),
        due_acknowledge=held_until(office, request, request.acknowledge_due_at, now),
        due_finish=held_until(office, request, request.finish_due_at, now),
        away_link=f"{link}/away",
        considered=", ".join(dict.fromkeys(considered)),
        is_urgent=rulebook.services[request.service].urgent
        if request.service in rulebook.services
        else False,
        reason=reason,
        passed_on_with=words,
        returned_by=agency,
        reopened_by=by,
        reads=resident_reads(request, language),
    )


def to_agency(
    office: Office,
    request: ServiceRequest,
    photos: Sequence[Photo],
    *,
    agency: Agency,
    link: str,
    because: str,
    name: str = "agency_handoff",
    heard: datetime | None = None,
) -> Letter:
    """The hand-off or a reminder: the whole report, with name and contact only where the resident agreed.

    ``because`` is why it is theirs, in the town's language; ``heard`` is when the agency last said something
    about it.
    """
    language = staff_language(office)
    images = inline_photos(office, request, photos)
    assert agency.email is not None, "the reader refuses a hand-off by mail without an address"
    return letter(
        office,
        name,
        agency.email,
        language,
        request,
        images=images,
        agency=agency,
        because=because,
        since=request.handed_off_at or request.created_at,
        heard=heard,
        link=link,
        resident=_contact(request) if shares_with(request, agency.id) else None,
        answers=answer_lines(office, request, language),
        place=request.place,
        map_link=_map_link(request),
        photos=images,
        photo_count=len(photos),
    )


def to_resident(office: Office, name: str, request: ServiceRequest, *, link: str, **context: Any) -> Letter:
    """A letter to the resident, in the language the request was made in."""
    return letter(office, name, request.resident_email, request.language, request, link=link, **context)


def ending_words(ending: Ending, language: str) -> str:
    """Return an outcome as the resident reads it, after "Outcome:"."""
    with force_locale(language.replace("-", "_")):
        return {
            Ending.FIXED: _("fixed"),
            Ending.NO_ACTION: _("no action"),
            Ending.REDIRECTED: _("passed to who is responsible"),
            Ending.DUPLICATE: _("already reported"),
            Ending.NOT_FOUND: _("could not be found"),
            Ending.WITHDRAWN: _("withdrawn"),
            Ending.SPAM: _("not a request"),
        }[ending]


def name_of(office: Office, by: str, language: str) -> str:
    """Return who did something, as others read it: a role, an agency, the town."""
    kind, _colon, who = by.partition(":")
    if kind == "person" and who in office.rulebook.people:
        return office.rulebook.people[who].name.said(language)
    if kind == "agency" and who in office.rulebook.agencies:
        return office.rulebook.agencies[who].name.said(language)
    return office.rulebook.town.name.said(language)


def acceptance(
    office: Office, by: str, text: str, language: str, expected_on: date | None = None
) -> tuple[str, str]:
    """Return an agency's yes as the resident reads it, and who says it: the agency, or the town for it."""
    agency, town = name_of(office, by, language), office.rulebook.town.name.said(language)
    with force_locale(language.replace("-", "_")):
        said = text or _("%(agency)s has told us that this is theirs, and that they have it.", agency=agency)
        if expected_on is not None:
            day = format_date(expected_on, "full", locale=language.replace("-", "_"))
            expected = _("They expect to be done by %(day)s.", day=day)
            # Behind the agency's own words the sentence is the town's, and must not seem theirs.
            said = f"{said}\n\n({town}: {expected})" if text else f"{said} {expected}"
    return said, (agency if text else town)


def refusal(text: str, named: Agency | None, language: str) -> str:
    """Return an agency's no with whom it names instead, if it named anybody."""
    if named is None:
        return text
    with force_locale(language.replace("-", "_")):
        whose = _("They believe that it is for %(agency)s.", agency=named.name.said(language))
    return f"{text}\n\n({whose})" if text else whose


def answer_lines(office: Office, request: ServiceRequest, language: str) -> list[tuple[str, str]]:
    """Return the questions and what was answered, in words; those of an earlier service too."""
    lines = []
    for code, value in request.answers.items():
        if value:
            question = _asked(office, request.service, code, value)
            label = question.label.said(language) if question else code
            lines.append((label, answer_words(question, value, language)))
    return lines


def _asked(office: Office, service: str, code: str, value: str) -> Question | None:
    """Return the question that was answered: the service may have been put right since then."""
    services = office.rulebook.services
    own = services[service].question(code) if service in services else None
    if own and own.can_be(value):
        return own
    found = (other.question(code) for other in services.values())
    return next((question for question in found if question and question.can_be(value)), own)


def answer_words(question: Question | None, value: str, language: str) -> str:
    """Return a stored answer as a person says it."""
    if question is None:
        return value
    if question.kind == "yes-no":
        with force_locale(language.replace("-", "_")):
            return _("Yes") if value == "yes" else _("No")
    chosen = [question.choices[code].said(language) for code in value.split(",") if code in question.choices]
    if len({one.tongue for one in chosen}) == 1:
        return Said(", ".join(chosen), chosen[0].tongue)
    return ", ".join(chosen) or value


def inline_photos(
    office: Office, request: ServiceRequest, photos: Sequence[Photo]
) -> tuple[InlineImage, ...]:
    """Return small versions of the photos, as many as fit into one letter."""
    images: list[InlineImage] = []
    left = PHOTO_BYTES
    for number, photo in enumerate(photos, start=1):
        try:
            jpeg = office.photos.small(photo.sha256, PHOTO_SIDE)
        except (FileNotFoundError, PhotosBusy):
            continue  # the letter says how many there are; the signed page says which is missing
        left -= len(jpeg)
        if left < 0:
            break
        images.append(InlineImage(f"photo{number}.{request.number}@{domain_of(office.sender)}", jpeg))
    return tuple(images)


def _contact(request: ServiceRequest) -> dict[str, str] | None:
    contact = {
        "name": request.resident_name,
        "email": request.resident_email,
        "phone": request.resident_phone,
    }
    return contact if any(contact.values()) else None


def _map_link(request: ServiceRequest) -> str | None:
    return None if request.lat is None else f"geo:{request.lat:.6f},{request.lon:.6f}"

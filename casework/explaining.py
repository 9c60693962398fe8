"""Why did a mail do nothing? Its sender reads what was found, and what they can write."""

from __future__ import annotations

from datetime import datetime

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from casework import access, letters
from casework.change import Change
from casework.commanding import AGENCY, EMPLOYEE
from casework.office import Office
from casework.outbox import post
from casework.tongues import reads, who_reads
from inbox.command_words import VERBS
from inbox.commands import words_of
from inbox.time_written import EXAMPLE
from mail.address import domain_of, message_id
from mail.letter import LONGEST_NAME, Letter, one_line

LONGEST_SHOWN = 1500


def explain(
    change: Change,
    *,
    to: str,
    why: str,
    text: str,
    mail_id: int,
    answers_to: str,
    photos_kept: int = 0,
    photos_left: int = 0,
) -> None:
    """Post the letter ``mail_explained`` to an employee or agency whose mail changed nothing.

    ``photos_kept`` joined the request for the town alone, ``photos_left`` did not join it.
    """
    office, request = change.office, change.request
    is_agency = change.by.startswith("agency:")
    purpose: access.Purpose = "agency" if is_agency else "employee"
    who = change.by.partition(":")[2]
    value = access.grant(change.session, office, request, purpose, who, now=change.now)
    language = who_reads(office, change.by)
    letter = letters.letter(
        office,
        "mail_explained",
        to,
        language,
        request,
        answers_to=answers_to,
        why=why,
        found=text[:LONGEST_SHOWN],
        photos_kept=photos_kept,
        photos_left=photos_left,
        commands=command_list(office, purpose, language),
        reply_goes=_default(office, request.service) if not is_agency else "public",
        link=access.desk_url(office, value),
    )
    post(
        change.session,
        office,
        letter,
        kind="mail_explained",
        dedupe_key=f"mail_explained:{mail_id}",
        now=change.now,
        request_id=request.id,
    )


def command_list(office: Office, purpose: str, language: str) -> list[tuple[str, str]]:
    """Return (what to write, what it does) of every command that an employee or agency has."""
    known = AGENCY if purpose == "agency" else EMPLOYEE
    with force_locale(language.replace("-", "_")):
        says = _agency_says() if purpose == "agency" else _employee_says()
        lines = [
            (_written(words_of(verb, language[:2])[0], verb.name), says[verb.name])
            for verb in VERBS
            if verb.name in known and verb.name in says
        ]
        if purpose == "employee" and office.rulebook.agencies:
            first = next(iter(office.rulebook.agencies))
            lines.insert(
                -2, (f"#{first}", _("hand it to this agency; the id of every other agency works too"))
            )
        return lines


def _written(word: str, name: str) -> str:
    behind = {
        "assign": _("role"),
        "duplicate": "26-0412",
        "accept": "[2026-11-30]",
        "time": EXAMPLE,
        "refuse": "[" + _("agency") + "]",
    }
    return f"#{word} {behind[name]}" if name in behind else f"#{word}"


def _employee_says() -> dict[str, str]:
    return {
        "done": _("it is fixed; the text below goes to the resident"),
        "note": _("keep the text below for the town only"),
        "public": _("send the text below to the resident"),
        "ask": _("ask the resident what stands below, and wait for the answer"),
        "time": _("note hours, a vehicle and materials; one more command may stand below"),
        "seen": _("say that you have it"),
        "start": _("say that the work has begun"),
        "assign": _("give it to a colleague"),
        "noaction": _("nothing will be done, for the reason below"),
        "notfound": _("nothing was found there"),
        "duplicate": _("it was reported already, under this number"),
        "spam": _("it is no request; the resident is not told"),
        "release": _("let a request go its way that was held for your look"),
        "reopen": _("open it again"),
        "undo": _("take back what you did last, for 15 minutes"),
        "help": _("get this list"),
    }


def _agency_says() -> dict[str, str]:
    return {
        "accept": _("it is yours, and by which day you expect to be done"),
        "done": _("it is done; the text below goes to the resident"),
        "refuse": _("it is not yours, for the reason below, and perhaps whose it is"),
        "undo": _("take back what you did last, for 15 minutes"),
        "help": _("get this list"),
    }


def _default(office: Office, code: str) -> str:
    service = office.rulebook.services.get(code)
    return service.reply if service else "public"


def tell_clerk(
    session: Session,
    office: Office,
    *,
    mail_id: int,
    sender: str,
    subject: str,
    why: str,
    now: datetime,
) -> None:
    """Post the letter ``mail_quarantined``: a mail that nobody could read or place waits for a person."""
    town, clerk = office.rulebook.town, office.rulebook.people[office.rulebook.clerk]
    language = reads(office, clerk)
    words = office.composer.compose(
        "mail_quarantined",
        language,
        town=town,
        base_url=office.base_url,
        mail_id=mail_id,
        mail_from=sender,
        mail_subject=subject,
        why=why,
    )
    letter = Letter(
        to=clerk.email,
        subject=words.subject,
        text=words.text,
        html=words.html,
        sender=office.sender,
        sender_name=one_line(town.name.said(language), LONGEST_NAME),
        message_id=message_id("mail", domain_of(office.sender)),
    )
    post(session, office, letter, kind="mail_quarantined", dedupe_key=f"mail_quarantined:{mail_id}", now=now)

"""What is the sender of an unfinished request told, and which draft does their answer belong to?"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from flask_babel import force_locale
from sqlalchemy.orm import Session

from casework.guessing import Guess
from casework.office import Office
from casework.outbox import post
from inbox.message import Mail
from inbox.reading import read
from mail.address import domain_of, message_id, token_hash
from mail.letter import LONGEST_NAME, Letter, one_line
from routing.rulebook import Outcome
from storage import drafts, outbox
from storage.tables import Draft

KIND = "draft_received"
PLAIN_ID = re.compile(r"<[!-;=?-~]{3,200}>")
KEY = re.compile(r"/report\?d=([a-z0-9]{20})\b")
MOST_IDS = 20


def ask(
    session: Session,
    office: Office,
    draft_id: int,
    fields: dict[str, Any],
    value: str,
    found: Guess,
    *,
    answers: str,
    due_at: datetime,
    now: datetime,
) -> None:
    """Post the one letter to the sender of a draft: what is missing, and the link to the form."""
    language = str(fields["language"])
    with force_locale(language.replace("-", "_")):
        letter = _letter(office, fields, draft_url(office, value, language), found, answers, due_at)
    key = f"{KIND}:{draft_id}:{fields['letters']}"
    post(session, office, letter, kind=KIND, dedupe_key=key, now=now)


def draft_url(office: Office, value: str, language: str) -> str:
    """Return the address of the form that is filled in already."""
    return f"{office.base_url}/report?d={value}&lang={language}"


def _letter(
    office: Office, fields: dict[str, Any], link: str, found: Guess, answers: str, due_at: datetime
) -> Letter:
    town, language = office.rulebook.town, str(fields["language"])
    decision = found.decision
    is_stop = decision is not None and decision.outcome is Outcome.STOP
    words = office.composer.compose(
        KIND,
        language,
        town=town,
        base_url=office.base_url,
        link=link,
        missing=found.missing,
        is_danger=found.is_danger,
        emergency=town.emergency,
        stop=decision.because if is_stop and decision is not None else "",
        stop_call=decision.target if is_stop and decision is not None else "",
        service=office.rulebook.services.get(found.service or ""),
        due_at=due_at,
    )
    return Letter(
        to=str(fields["email"]),
        subject=words.subject,
        text=words.text,
        html=words.html,
        sender=office.sender,
        sender_name=one_line(town.name.said(language), LONGEST_NAME),
        message_id=message_id("draft", domain_of(office.sender)),
        # So that it stands below their own mail. Their words are not sent back: the From may be forged.
        references=(answers,) if PLAIN_ID.fullmatch(answers) else (),
    )


def key_of(session: Session, draft: Draft, mail: Mail) -> str:
    """Return the key of the draft's link, as our letter that this mail answers has it; "" without one.

    The database keeps its hash alone.
    """
    for one in mail.references[:MOST_IDS]:
        letter = outbox.by_message_id(session, one)
        if letter is None or letter.kind != KIND:
            continue
        found = (match[1] for match in KEY.finditer(read(letter.raw).text))
        value = next((key for key in found if token_hash(key) == draft.token_hash), "")
        if value:
            return value
    return ""


def answered(session: Session, mail: Mail) -> Draft | None:
    """Return the draft whose letter this mail of the same sender answers."""
    for one in mail.references[:MOST_IDS]:
        letter = outbox.by_message_id(session, one)
        if letter is not None and letter.kind == KIND and letter.recipient.lower() == mail.sender.key:
            return drafts.get(int(letter.dedupe_key.split(":")[1]))
    return None

"""Which request is a mail about, and whose reply is it? By address, reference or mark."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, cast

from casework import access
from casework.access import Purpose
from casework.office import Office
from inbox.message import Mail
from mail.address import TOKEN_LENGTH, looks_like_token, token_hash
from storage import incoming as rows
from storage import lookups
from storage.tables import ServiceRequest, SignedLink

TAG = re.compile(rf"\+([rb])\.([a-z2-9]{{{TOKEN_LENGTH}}})@", re.I)
MARK = re.compile(rf"\b\d{{2}}-\d{{4,9}}\s{{1,3}}([a-z2-9]{{{TOKEN_LENGTH}}})\b")
"""As every letter of ours ends: the number, and the mark of its recipient."""
NUMBER = re.compile(r"(?:\[|\b(?:Ref|Réf|Az)\.?\s{1,3})(\d{2}-\d{4,9})\b")
THREAD = re.compile(r"<(\d{2}-\d{4,9})\.thread@")
SEARCHED = 200_000
MOST_IDS = 60
MOST_MARKS = 20


@dataclass(frozen=True)
class Addressed:
    """Whom a mail concerns. Without a ``purpose`` only the request is known, by its number."""

    request_id: int | None = None
    purpose: Purpose | None = None
    recipient: str = ""
    """A person id, an agency id, a follower's id, or ``resident``."""
    how: Literal["address", "letter", "mark", "number", "nothing"] = "nothing"
    is_revoked: bool = False
    letter_id: int | None = None
    """The letter of ours that it answers, if that is known."""
    is_returned: bool = False
    """It came to the address to which mail servers give letters back."""

    @property
    def whose(self) -> str | None:
        """Return the recipient as the journal names them."""
        if self.purpose is None:
            return None
        kinds = {"resident": "resident", "employee": f"person:{self.recipient}"}
        kinds["follower"] = f"follower:{self.recipient}"
        return kinds.get(self.purpose, f"agency:{self.recipient}")


NOTHING = Addressed()


def addressed(office: Office, envelope_to: str, mail: Mail) -> Addressed:
    """Return whom a mail concerns; of several marks in one place that of its sender counts.

    The address it came to decides. Only without a mark in it, what the mail refers to and quotes does.
    """
    found = list(_by_address(envelope_to, mail)) or list(_by_contents(office, mail))
    own = next((one for one in found if _is_from_recipient(office, one, mail)), None)
    best = own or (found[0] if found else _numbered(mail))
    if best.request_id is None or best.letter_id is not None:
        return best
    return _with_letter(office, best, mail)


def tags(envelope_to: str, mail: Mail) -> list[tuple[str, str]]:
    """Return (``r`` or ``b``, mark) of every address of ours that the mail was sent to, the surest first."""
    places = (envelope_to, *mail.delivered_to, *(one.email for one in mail.to))
    found = (TAG.search(place[:400]) for place in places)
    pairs = [(tag[1].lower(), tag[2].lower()) for tag in found if tag]
    return list(dict.fromkeys(pairs))[:MOST_MARKS]


def _by_address(envelope_to: str, mail: Mail) -> Iterator[Addressed]:
    for kind, mark in tags(envelope_to, mail):
        link = lookups.link_by_mark(token_hash(mark)) if looks_like_token(mark) else None
        if link is not None:
            yield _of(link, "address", is_returned=kind == "b")


def _by_contents(office: Office, mail: Mail) -> Iterator[Addressed]:
    letter = rows.letter_by_message_id(mail.references[:MOST_IDS])
    if letter is not None and letter.request_id is not None:
        # Its Message-ID holds 80 random bits and went to one recipient: it tells as much as the mark.
        request = _request(letter.request_id)
        marked = access.mark_hash(office, request.number, letter.recipient) if request else None
        link = lookups.link_by_mark(marked) if marked else None
        if link is not None:
            yield _of(link, "letter", letter_id=letter.id)
    for mark in list(dict.fromkeys(MARK.findall(mail.text[:SEARCHED].lower())))[:MOST_MARKS]:
        link = lookups.link_by_mark(token_hash(mark))
        if link is not None:
            yield _of(link, "mark")


def _of(
    link: SignedLink,
    how: Literal["address", "letter", "mark"],
    *,
    letter_id: int | None = None,
    is_returned: bool = False,
) -> Addressed:
    return Addressed(
        link.request_id,
        cast(Purpose, link.purpose),
        link.recipient,
        how,
        link.revoked_at is not None,
        letter_id,
        is_returned,
    )


def _is_from_recipient(office: Office, one: Addressed, mail: Mail) -> bool:
    request = _request(one.request_id)
    if request is None or one.purpose is None:
        return False
    address = access.address_of(office, request, one.purpose, one.recipient)
    return bool(address) and address.casefold() == mail.sender.email.casefold()


def _numbered(mail: Mail) -> Addressed:
    """The number alone tells the request and nobody's name: everybody may know it."""
    numbers = [
        *(found[1] for one in mail.references[:MOST_IDS] if (found := THREAD.match(one))),
        *NUMBER.findall(mail.subject[:1000]),
        *NUMBER.findall(mail.text[:SEARCHED])[:MOST_MARKS],
    ]
    for number in dict.fromkeys(numbers):
        request_id = lookups.request_id(number)
        if request_id is not None:
            return Addressed(request_id, how="number")
    return NOTHING


def _with_letter(office: Office, one: Addressed, mail: Mail) -> Addressed:
    """Name the letter that is probably answered: the one it refers to, else the newest to its recipient."""
    letter = rows.letter_by_message_id(mail.references[:MOST_IDS])
    if letter is None or letter.request_id != one.request_id:
        request = _request(one.request_id)
        purpose = one.purpose
        address = access.address_of(office, request, purpose, one.recipient) if request and purpose else ""
        letter = rows.letter_to(request.id, address.lower()) if request and address else None
    return one if letter is None else _with(one, letter.id)


def _with(one: Addressed, letter_id: int) -> Addressed:
    return Addressed(
        one.request_id, one.purpose, one.recipient, one.how, one.is_revoked, letter_id, one.is_returned
    )


def _request(request_id: int | None) -> ServiceRequest | None:
    found = lookups.case(request_id) if request_id is not None else None
    return found.request if found else None

"""Did a mail server give a letter back, for whom, and for good?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message

from .addresses import BARE, addresses
from .bounce_words import BELOW_IS_THE_LETTER, CLEAR_OPENINGS, NOT_FINAL, SERVERS, SUBJECTS, WORDS
from .header_lines import Problems, headers_of
from .message import Attachment, Mail
from .words import header_text

FAILED = ("failed", "failure", "fail")
RETURNED = ("message/rfc822", "text/rfc822-headers", "text/rfc822-header", "message/rfc822-headers",
            "message/global", "message/global-headers", "message/partial")  # fmt: skip
STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
ANSWER = re.compile(r"\s*(?:re|aw|sv|rv|antw|fwd?|wg|tr|vs|enc|rif|r|i)\s*(?:\[\d{1,3}\])?:", re.I)
DAEMON = re.compile(r"mailer-?daemon@", re.I)
SEARCHED, MOST_RECIPIENTS, SMALL = 20_000, 100, 200_000


@dataclass(frozen=True)
class Bounce:
    """What a mail server says of a letter of ours.

    ``recipients`` are (address, action, status) as reported: the action is one of failed, delayed,
    delivered, relayed or expanded, the status "5.1.1" or "". A letter is lost when an action is
    "failed", whatever the status says: servers write 4.x.x when they have given up as well.
    """

    recipients: tuple[tuple[str, str, str], ...]
    is_permanent: bool
    original_message_id: str = ""
    original_headers: tuple[tuple[str, str], ...] = ()


def read_bounce(mail: Mail) -> Bounce | None:
    """Return what a delivery report says, or None where the mail is no report of a mail server."""
    is_structured = "report" in mail.header("content-type").lower()
    is_daemon = bool(DAEMON.match(mail.sender.email))
    if ANSWER.match(mail.subject) and not (is_structured or is_daemon):
        return None  # a person answered or forwarded such a report
    recipients = tuple(_reported(mail))
    if not recipients:
        if not _is_from_a_server(mail):
            return None
        is_final = not NOT_FINAL.search(_opening(mail)) and not NOT_FINAL.search(mail.subject)
        action = "failed" if is_final else "delayed"
        recipients = tuple((email, action, _status(mail)) for email in _named(mail))
    else:
        is_final = any(action == "failed" for _, action, _ in recipients)
    headers = _original(mail)
    ids = [value for name, value in headers if name == "message-id"]
    return Bounce(recipients, is_final, ids[0].strip() if ids else "", headers)


def is_report(mail: Mail) -> bool:
    """Whether it is a machine's delivery report by its own structure."""
    return any(one.type in ("message/delivery-status", "message/global-delivery-status")
               for one in mail.attachments)  # fmt: skip


# -- reports that machines read (RFC 3464) --


def _reported(mail: Mail) -> Iterator[tuple[str, str, str]]:
    reports = [one for one in mail.attachments if one.type.endswith("delivery-status")]
    if not reports and "delivery-status" in mail.header("content-type").lower() and "Action:" in mail.text:
        reports = [Attachment("report", "message/delivery-status", mail.text.encode())]
    count = 0
    for report in reports[:5]:
        for fields in _blocks(report.content):
            action = fields.get("action", "").split()
            if action and count < MOST_RECIPIENTS:
                count += 1
                yield _recipient(fields), _action(action[0]), _first(STATUS, fields.get("status", ""))


def _action(word: str) -> str:
    word = word.lower().strip("();,.")
    return "failed" if word in FAILED else word


def _blocks(content: bytes) -> Iterator[dict[str, str]]:
    """Yield the groups of fields between empty lines; the first is about the report itself."""
    place = 0
    while place < len(content) and place < SMALL:
        headers, following = headers_of(content, place, len(content), Problems())
        if headers:
            yield {name: header_text(value) for name, value in reversed(headers)}
        if following <= place:
            following = content.find(b"\n", place) + 1 or len(content)
        place = following


def _recipient(fields: dict[str, str]) -> str:
    for name in ("original-recipient", "final-recipient", "x-actual-recipient"):
        said = fields.get(name, "")
        said = said.partition(";")[2] or said
        if found := BARE.search(said):
            return found[0].strip("<>'\"")
    return ""


def _first(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found[1] if found else ""


# -- reports that people read --


def _is_from_a_server(mail: Mail) -> bool:
    """Who sent it and what it opens with; an answer of a person to such a mail is none itself."""
    opening = _opening(mail)
    if mail.header("x-failed-recipients"):
        return True
    if CLEAR_OPENINGS.search(opening[:600]) and not mail.references:
        return True
    is_server = bool(SERVERS.match(f"{mail.sender.email.partition('@')[0]}\n{mail.sender.name}"))
    has_no_way_back = mail.header("return-path").strip() in ("<>", "< >")
    if mail.header("content-type").lower().find("delivery-status") >= 0:
        return is_server or has_no_way_back
    is_in_subject, is_in_text = bool(SUBJECTS.search(mail.subject)), bool(WORDS.search(opening))
    if not is_server:
        is_answer = mail.header("auto-submitted").startswith("auto-replied")
        return has_no_way_back and is_in_subject and is_in_text and not is_answer
    has_letter = any(one.type in RETURNED for one in mail.attachments)
    if DAEMON.match(mail.sender.email):
        return is_in_subject or is_in_text or has_letter or bool(_by_flufl(mail))
    # A postmaster may be a person: words of failure alone are not enough.
    return is_in_subject or (is_in_text and (has_letter or has_no_way_back)) or bool(_by_flufl(mail))


def _opening(mail: Mail) -> str:
    return mail.text[:4000]


def _named(mail: Mail) -> list[str]:
    """The addresses that could not be reached, as far as the text names them."""
    if found := [one.email for one in addresses(mail.header("x-failed-recipients")) if one.email]:
        return found[:MOST_RECIPIENTS]
    if found := _by_flufl(mail):
        return found[:MOST_RECIPIENTS]
    said = mail.text[:SEARCHED]
    if below := BELOW_IS_THE_LETTER.search(said):
        said = said[: below.start()]
    ours = {mail.sender.key, *(one.key for one in mail.to)}
    found = [email for email in ADDRESS.findall(said) if email.lower() not in ours]
    return list(dict.fromkeys(found))[:3]


def _by_flufl(mail: Mail) -> list[str]:
    """Ask the collection of old servers' wordings that Mailman keeps; only for short mails of servers."""
    from flufl.bounce import all_failures  # here, since few mails need it

    if len(mail.text) > SEARCHED:
        return []
    copy = Message()
    for name, value in mail.headers:
        if name in ("from", "to", "subject", "return-path", "x-failed-recipients", "message-id"):
            copy[name] = value[:900]
    copy.set_payload(mail.text[:SEARCHED].encode("ascii", "replace").decode("ascii"))
    try:
        temporary, permanent = all_failures(copy)
    except Exception:
        # Each of its old detectors trusts that a mail has what theirs had, such as a From.
        return []
    found = (one.decode("ascii", "replace") for one in (*sorted(permanent), *sorted(temporary)))
    return [email for email in found if "@" in email]


def _status(mail: Mail) -> str:
    return _first(STATUS, mail.text[:SEARCHED])


# -- the letter that came back --


def _original(mail: Mail) -> tuple[tuple[str, str], ...]:
    """The headers of our letter: attached, or printed at the end of the text."""
    for one in mail.attachments:
        if one.type in RETURNED:
            return _read_headers(one.content)
    said = mail.text[:SMALL]
    for below in BELOW_IS_THE_LETTER.finditer(said):
        headers = _read_headers(said[below.end() :].lstrip("\n -=_>\t").encode())
        if any(name in ("message-id", "subject", "received", "from") for name, _ in headers):
            return headers
    return ()


def _read_headers(content: bytes) -> tuple[tuple[str, str], ...]:
    start = len(content) - len(content.lstrip(b"\r\n"))
    headers, _ = headers_of(content, start, min(len(content), start + SMALL), Problems())
    return tuple((name, header_text(value)) for name, value in headers[:200])

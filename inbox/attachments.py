"""What came along? Each part that is no text of the letter becomes a named thing of a known type."""

from __future__ import annotations

from . import winmail
from .bodies import charset, content
from .header_lines import Problems, headers_of
from .message import Attachment
from .names import tame
from .parameters import parameter, parse
from .parts import Part
from .sniffing import UNKNOWN, extension, sniff
from .words import header_text, unfolded

SEALED_WORDS = {
    "signed": "its text is sealed inside an S/MIME signature (smime.p7m), which is kept unopened; "
    "ask the sender for a letter with an ordinary signature or none",
    "encrypted": "it is encrypted (S/MIME or PGP) and cannot be read here; ask the sender for plain text",
}


def attached(part: Part, *, html: str, number: int, problems: Problems) -> list[Attachment]:
    """Return the part as an attachment; the contents of a winmail.dat as several.

    ``html`` is the letter's raw HTML, which tells the pictures shown in it from those that hang on it.
    """
    body = content(part)
    kind = sniff(body, part.type)
    if kind == "application/ms-tnef" and (opened := winmail.attachments(body, problems)):
        return opened
    _tell_sealed(part, problems)
    name = _name(part, body, kind, number)
    _tell_lie(part.type, kind, name, problems)
    cid = unfolded(part.header("content-id")).strip("<> ")[:250]
    is_shown = bool(cid) and f"cid:{cid}" in html
    is_inline = kind.startswith("image/") and (is_shown or _disposition(part)[0] == "inline")
    return [Attachment(name, kind, body, cid, is_inline)]


def _disposition(part: Part) -> tuple[str, list[tuple[str, str]]]:
    return parse(unfolded(part.header("content-disposition")))


def file_name(part: Part) -> str:
    """Return the name that a part gives itself, as it says it, or ""."""
    letters = charset(part)
    return parameter(_disposition(part)[1], "filename", letters) or parameter(
        part.parameters, "name", letters
    )


def is_attached(part: Part) -> bool:
    """Whether a part wants to be an attachment; the only part of a mail is its text whatever it wants."""
    return part.depth > 0 and _disposition(part)[0] == "attachment"


def _name(part: Part, body: bytes, kind: str, number: int) -> str:
    if found := tame(file_name(part)):
        return found
    if kind == "message/rfc822":
        headers, _ = headers_of(body, 0, min(len(body), 100_000), Problems())
        subject = next((header_text(value) for key, value in headers if key == "subject"), "")
        if found := tame(subject.replace("/", " ")[:100]):
            return f"{found}.eml"
    return f"attachment-{number}.{extension(kind)}"


def _tell_sealed(part: Part, problems: Problems) -> None:
    if part.type in ("application/pkcs7-mime", "application/x-pkcs7-mime"):
        kind = parameter(part.parameters, "smime-type").lower()
        problems.add(SEALED_WORDS["signed" if kind.startswith("signed") else "encrypted"])
    elif part.type == "application/pgp-encrypted":
        problems.add(SEALED_WORDS["encrypted"])


def _tell_lie(declared: str, kind: str, name: str, problems: Problems) -> None:
    """A picture that is none, or a program called a picture, is worth a sentence."""
    family = declared.partition("/")[0]
    if kind == "application/x-msdownload" or (
        family in ("image", "text") and kind.partition("/")[0] != family
    ):
        what = "of an unknown kind" if kind == UNKNOWN else kind
        if (declared, kind) != ("text/rtf", "application/rtf"):
            problems.add(f"its attachment {name} is declared as {declared[:60]}, but is {what}")

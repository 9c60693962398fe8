"""Which parts are the letter, and which hang on it? The tree of parts becomes text, HTML and the rest."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .attachments import attached, file_name, is_attached
from .bodies import content, text, uuencoded
from .header_lines import Problems
from .message import Attachment
from .names import tame
from .parts import Part
from .sniffing import UNKNOWN, sniff
from .winmail import text as winmail_text

ENRICHED = re.compile(r"</?[A-Za-z][^<>\n]{0,60}>")
STUB = re.compile(r"\bhtml\b", re.I)
LONGEST_STUB = 300
LONGEST_TEXT, MOST_LINES = 500_000, 50_000
"""Letters and lines of one mail; nobody writes more, and what follows works on all of it."""
LARGEST_HTML, MOST_TAGS = 20_000_000, 50_000


@dataclass
class Letter:
    """What is gathered while walking through the parts."""

    problems: Problems
    raw_html: str = ""
    """All HTML of the mail, undecided: it tells which pictures are shown in it."""
    texts: list[str] = field(default_factory=list)
    htmls: list[str] = field(default_factory=list)
    others: list[Part] = field(default_factory=list)
    extra: list[Attachment] = field(default_factory=list)

    @property
    def text(self) -> str:
        said = "\n".join(piece.strip("\n") for piece in self.texts if piece.strip())
        if len(said) <= LONGEST_TEXT and said.count("\n") < MOST_LINES:
            return said
        self.problems.add("its text is longer than 500,000 letters or 50,000 lines; the rest was not read")
        return "\n".join(said[:LONGEST_TEXT].split("\n", MOST_LINES)[:MOST_LINES])

    @property
    def has_text(self) -> bool:
        return any(piece.strip() for piece in self.texts)

    @property
    def html(self) -> str:
        return "\n".join(self.htmls)

    def attachments(self) -> tuple[Attachment, ...]:
        found: list[Attachment] = []
        for part in self.others:
            found += attached(part, html=self.raw_html, number=len(found) + 1, problems=self.problems)
        return (*found, *self.extra)


def gather(root: Part, problems: Problems) -> Letter:
    """Return the letter that these parts make."""
    letter = Letter(problems)
    _walk(root, letter)
    if not letter.has_text:
        _from_winmail(letter)
    return letter


def _walk(part: Part, letter: Letter, *, is_read: bool = True) -> None:
    """Take a part in; with ``is_read`` false its text is another form of what was already read."""
    if not part.children:
        _leaf(part, letter, is_read=is_read)
    elif part.type == "multipart/alternative":
        chosen = _best(part.children)
        for child in part.children:
            _walk(child, letter, is_read=is_read and child is chosen)
    elif part.type == "multipart/report":
        _walk(part.children[0], letter, is_read=is_read)
        letter.others += [leaf for child in part.children[1:] for leaf in _leaves(child)]
    else:
        for child in part.children:
            _walk(child, letter, is_read=is_read)


def _leaves(part: Part) -> list[Part]:
    return [leaf for child in part.children for leaf in _leaves(child)] or [part]


def _best(children: list[Part]) -> Part:
    """Plain text when it says anything, else the last form that has a text at all."""
    html = next((child for child in children if _has(child, "text/html")), None)
    for child in children:
        if _has(child, "text/plain") and not _has(child, "text/html"):
            leaf = next(leaf for leaf in _leaves(child) if leaf.type == "text/plain")
            if (said := text(leaf).strip()) and not (html and _is_stub(said)):
                return child
    return html or children[-1]


def _as_text(said: str) -> str:
    from .html import to_text  # here, since only the process that reads mails needs lxml

    return to_text(said)


def _shown(said: str) -> str:
    from .html import sanitised

    return sanitised(said)


def _is_stub(said: str) -> bool:
    """Whether the plain form only says that there is another: "your program cannot show HTML"."""
    return len(said) < LONGEST_STUB and "\n\n" not in said and bool(STUB.search(said))


def _has(part: Part, kind: str) -> bool:
    return any(leaf.type == kind and not is_attached(leaf) for leaf in _leaves(part))


def _leaf(part: Part, letter: Letter, *, is_read: bool) -> None:
    kind = part.type
    # A text with a name of its own is the letter only where there is no other.
    is_file = is_attached(part) or (bool(file_name(part)) and (not is_read or letter.has_text))
    if kind not in ("text/plain", "text/html", "text/enriched", "text/richtext") or is_file:
        if part.body.strip() or file_name(part):
            letter.others.append(part)
    elif kind == "text/html":
        said = text(part)[:LARGEST_HTML]
        if said.count("<") > MOST_TAGS:
            letter.problems.add("its HTML has more than 50,000 tags; the rest was not read")
            said = "<".join(said.split("<", MOST_TAGS)[:MOST_TAGS])
        letter.raw_html += said
        letter.htmls.append(_shown(said))
        if is_read:
            letter.texts.append(_as_text(said))
    elif is_read:
        letter.texts.append(_plain(part, letter))


def _plain(part: Part, letter: Letter) -> str:
    body = content(part)
    if part.type == "text/plain" and b"begin " in body:
        body, files = uuencoded(body)
        letter.extra += [
            Attachment(tame(name) or "attachment.bin", sniff(inside), inside) for name, inside in files
        ]
    if _is_no_text(body):
        letter.problems.add("its text is no text but unknown bytes, which are kept as an attachment")
        letter.others.append(part)
        return ""
    said = text(part, body)
    return said if part.type == "text/plain" else ENRICHED.sub("", said)


def _is_no_text(body: bytes) -> bool:
    """Whether a part without a name is a file: a picture, say, or more zeros than UTF-16 has."""
    kind = sniff(body)
    if kind == UNKNOWN:
        return body[:2] not in (b"\xff\xfe", b"\xfe\xff") and body.count(b"\0") * 20 > len(body) > 100
    return kind.partition("/")[0] in ("image", "audio", "video") and kind != "image/svg+xml"


def _from_winmail(letter: Letter) -> None:
    """Outlook may put the whole letter into its winmail.dat."""
    for part in letter.others:
        if part.type in ("application/ms-tnef", "application/vnd.ms-tnef"):
            plain, html = winmail_text(content(part))
            if html:
                letter.htmls.append(_shown(html))
                plain = plain or _as_text(html)
            letter.texts.append(plain)
            return

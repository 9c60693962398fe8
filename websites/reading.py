"""What of ours stands on a page? Links, scripts, frames and forms, found in hostile HTML as facts.

Facts only: what they mean, and what to do, is said in the reader's language elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

MODES = ("inline", "dialog", "button")
LOADER = "/static/embed.js"
FORM = re.compile(r"/report(/[^/?#]*)?/?")
MOST = 50
"""So many of a kind are told; a page with more repeats itself."""
LONGEST = 300


@dataclass(frozen=True)
class Link:
    """A link to the form. ``mode`` is how it wants to be upgraded, "" when it does not say."""

    url: str
    text: str
    mode: str
    is_ours: bool
    by_hash: bool = False


@dataclass(frozen=True)
class Script:
    url: str
    is_ours: bool
    nonce: str = ""


@dataclass(frozen=True)
class Frame:
    url: str
    title: str
    allow: str
    sandbox: str | None
    is_wordpress: bool


@dataclass(frozen=True)
class Seen:
    """Everything of ours on one page."""

    links: tuple[Link, ...] = ()
    scripts: tuple[Script, ...] = ()
    frames: tuple[Frame, ...] = ()
    forms: tuple[str, ...] = ()
    """The method of each form that leads to ours: get or post."""
    bare: int = 0
    """How often the form's address stands as plain words, in no link."""
    as_text: bool = False
    """The snippet stands there as words that readers see."""
    policies: tuple[str, ...] = ()
    """Content-Security-Policy in <meta>."""
    other: tuple[Link, ...] = field(default=())
    """Links marked data-report that lead to another machine."""
    is_drawn: bool = False
    """Hardly a word on the page itself: a script draws it."""


def seen(html: str, url: str, origin: str) -> Seen:
    """Return what of ``origin`` (ours) stands on the page ``html`` that was found at ``url``."""
    document = _parsed(html)
    if document is None:
        return Seen(is_drawn=True)
    page = _Page(document, url, origin)
    words = " ".join(page.words)
    links = tuple(page.links())
    return Seen(
        links=tuple(link for link in links if link.is_ours)[:MOST],
        scripts=tuple(page.scripts())[:MOST],
        frames=tuple(page.frames())[:MOST],
        forms=tuple(page.forms())[:MOST],
        bare=len(re.findall(re.escape(origin) + r"/report\b", words)),
        as_text="data-report=" in words or ("<script" in words and LOADER in words),
        policies=tuple(page.policies())[:MOST],
        other=tuple(link for link in links if not link.is_ours)[:MOST],
        is_drawn=len(words) < 200 and any(True for _script in document.iter("script")),
    )


def _parsed(html: str) -> Any:
    from lxml import etree
    from lxml import html as reading

    # What a NUL or another control character hides from us, it hides from browsers differently.
    clean = re.sub(r"[\x00-\x08\x0b\x0e-\x1f\ufffe\uffff\ud800-\udfff]", " ", html)
    parser = reading.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True)
    try:
        return reading.document_fromstring(clean.encode(), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        return None


class _Page:
    """One parsed page, its own base address, and what is ours."""

    def __init__(self, document: Any, url: str, origin: str) -> None:
        self.document = document
        self.origin = origin
        base = next((one.get("href") for one in document.iter("base") if one.get("href")), "")
        self.base = _joined(url, base) or url
        self.words = list(self._words())

    def links(self) -> Iterator[Link]:
        for one in self.document.iter("a"):
            url = _joined(self.base, one.get("href") or "")
            said, mark = one.get("data-report"), urlsplit(url).fragment
            by_hash = said is None and mark in MODES
            mode = (said or "inline") if said is not None else mark if by_hash else ""
            is_ours = self._is_form(url)
            leads_elsewhere = said is not None and url.startswith(("http:", "https:")) and not is_ours
            if is_ours or leads_elsewhere:
                text = " ".join("".join(one.itertext()).split())
                yield Link(url[:LONGEST], text[:LONGEST], mode[:20], is_ours, by_hash)

    def scripts(self) -> Iterator[Script]:
        for one in self.document.iter("script"):
            url = _joined(self.base, one.get("src") or "")
            if urlsplit(url).path == LOADER:
                yield Script(url[:LONGEST], _origin(url) == self.origin, (one.get("nonce") or "")[:LONGEST])

    def frames(self) -> Iterator[Frame]:
        for one in self.document.iter("iframe"):
            # Scripts that load frames late keep the address beside.
            url = _joined(self.base, one.get("src") or one.get("data-src") or "")
            if self._is_form(url):
                classes = (one.get("class") or "").split()
                yield Frame(
                    url[:LONGEST],
                    (one.get("title") or "").strip()[:LONGEST],
                    (one.get("allow") or "")[:LONGEST],
                    one.get("sandbox"),
                    "wp-embedded-content" in classes,
                )

    def forms(self) -> Iterator[str]:
        for one in self.document.iter("form"):
            if self._is_form(_joined(self.base, one.get("action") or "")):
                yield (one.get("method") or "get").strip().lower()[:10]

    def policies(self) -> Iterator[str]:
        for one in self.document.iter("meta"):
            if (one.get("http-equiv") or "").strip().lower() == "content-security-policy":
                yield (one.get("content") or "")[:5000]

    def _words(self) -> Iterator[str]:
        """Yield what readers see outside links, scripts and styles."""
        unseen = {"script", "style", "noscript", "template", "a", "textarea", "title", "head"}
        for one in self.document.iter():
            if isinstance(one.tag, str) and one.tag not in unseen and one.text:
                yield one.text
            if one.tail:
                yield one.tail

    def _is_form(self, url: str) -> bool:
        return _origin(url) == self.origin and FORM.fullmatch(urlsplit(url).path) is not None


def _joined(base: str, href: str) -> str:
    try:
        return urljoin(base, href.strip()) if href.strip() else ""
    except ValueError:
        return ""


def _origin(url: str) -> str:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    return f"{parts.scheme}://{parts.hostname or ''}" + ("" if port in (None, usual) else f":{port}")


def packed(found: Seen) -> dict[str, Any]:
    """Return the facts as JSON can carry them."""
    return asdict(found)


def unpacked(facts: dict[str, Any]) -> Seen:
    """The other way round. Raises ``KeyError``, ``TypeError`` or ``ValueError`` for what is none."""
    return Seen(
        links=tuple(Link(**one) for one in facts["links"]),
        scripts=tuple(Script(**one) for one in facts["scripts"]),
        frames=tuple(Frame(**one) for one in facts["frames"]),
        forms=tuple(map(str, facts["forms"])),
        bare=int(facts["bare"]),
        as_text=bool(facts["as_text"]),
        policies=tuple(map(str, facts["policies"])),
        other=tuple(Link(**one) for one in facts["other"]),
        is_drawn=bool(facts["is_drawn"]),
    )

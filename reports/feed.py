"""What is new among the published reports? As an Atom feed (RFC 4287), for feed readers and other sites."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

ATOM = "http://www.w3.org/2005/Atom"
MIMETYPE = "application/atom+xml"
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
"""When a feed changed last that has nothing in it yet."""
NOT_XML = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF, *range(0xD800, 0xE000)])
"""Characters that no XML may hold."""

register_namespace("", ATOM)


@dataclass(frozen=True)
class Item:
    """One edition. ``files`` are (address, media type, bytes)."""

    id: str
    title: str
    page: str
    updated: datetime
    summary: str
    files: Sequence[tuple[str, str, int]] = ()


def feed(
    items: Sequence[Item], *, title: str, author: str, email: str, page: str, own: str, language: str
) -> bytes:
    """Return the feed as UTF-8; ``own`` is its own address, ``page`` that of the archive."""
    root = Element(_tag("feed"), {"xml:lang": language})
    _text(root, "id", page)
    _text(root, "title", title)
    _text(root, "updated", _moment(max((item.updated for item in items), default=BEGINNING)))
    _link(root, "self", own, MIMETYPE)
    _link(root, "alternate", page, "text/html")
    person = SubElement(root, _tag("author"))
    _text(person, "name", author)
    _text(person, "email", email)
    for item in items:
        _entry(root, item)
    written: str = tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{written}\n'.encode()


def _entry(root: Element, item: Item) -> None:
    entry = SubElement(root, _tag("entry"))
    _text(entry, "id", item.id)
    _text(entry, "title", item.title)
    _text(entry, "updated", _moment(item.updated))
    _text(entry, "published", _moment(item.updated))
    _link(entry, "alternate", item.page, "text/html")
    for address, kind, size in item.files:
        _link(entry, "enclosure", address, kind, size)
    _text(entry, "summary", item.summary)


def _link(parent: Element, rel: str, address: str, kind: str, size: int | None = None) -> None:
    said = {"rel": rel, "href": address, "type": kind}
    SubElement(parent, _tag("link"), said | ({"length": str(size)} if size is not None else {}))


def _text(parent: Element, name: str, words: str) -> None:
    SubElement(parent, _tag(name)).text = words.translate(NOT_XML)


def _tag(name: str) -> str:
    return f"{{{ATOM}}}{name}"


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

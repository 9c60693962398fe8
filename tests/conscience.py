"""Is every page that any test opens a decent page? The test client reads them all strictly."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

NAMED_ELSEWHERE = {"hidden", "submit", "button"}
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


class StrictClient(FlaskClient):
    """Parses each HTML answer as a validator would, and looks at what every page owes its reader."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        answer = super().open(*args, **kwargs)
        if answer.mimetype == "text/html" and answer.data and not answer.headers.get("Content-Encoding"):
            read_strictly(answer.get_data(as_text=True))
        assert "Set-Cookie" not in answer.headers, "a page set a cookie"
        return answer


@lru_cache(maxsize=8)
def read_strictly(page: str) -> Element:
    """Parse a page and check it; returns its tree, to be read only. Any fault is an ``AssertionError``."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    tree: Element = parser.parse(page)
    body = tree.find("body")
    assert body is not None
    assert len(list(tree.iter("h1"))) == 1, "a page has exactly one h1"
    assert (tree.get("lang") or "").strip(), "a page says its language"
    title = tree.find("head/title")
    assert title is not None, "a page has a title"
    assert (title.text or "").strip(), "the title says something"
    _no_inline_code(tree)
    _unique_ids(tree)
    _labelled_fields(tree)
    _named_images(tree)
    _no_skipped_headings(tree)
    return tree


def _no_inline_code(tree: Element) -> None:
    for element in tree.iter():
        if not isinstance(element.tag, str):
            continue
        assert not (element.tag == "script" and not element.get("src")), "an inline script"
        assert element.tag != "style", "an inline stylesheet"
        for name in element.attrib:
            assert not name.startswith("on"), f"an inline handler {name}"
            assert name != "style", f"an inline style on <{element.tag}>"


def _unique_ids(tree: Element) -> None:
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    assert len(ids) == len(set(ids)), f"an id stands twice: {[i for i in ids if ids.count(i) > 1]}"
    for element in tree.iter():
        for name in ("aria-describedby", "aria-labelledby", "for"):
            for wanted in (element.get(name) or "").split():
                assert wanted in ids, f'{name}="{wanted}" points nowhere'


def _labelled_fields(tree: Element) -> None:
    labelled = {label.get("for") for label in tree.iter("label")}
    inside = {id(field) for label in tree.iter("label") for field in label.iter()}
    for element in tree.iter():
        if element.tag not in ("input", "select", "textarea"):
            continue
        if element.tag == "input" and (element.get("type") or "text") in NAMED_ELSEWHERE:
            continue
        named = element.get("id") in labelled or id(element) in inside or element.get("aria-label")
        assert named, f"the field {element.get('name')} has no label"


def _named_images(tree: Element) -> None:
    for image in tree.iter("img"):
        assert image.get("alt") is not None, f"the picture {image.get('src')} has no alt"


def _no_skipped_headings(tree: Element) -> None:
    last = 0
    for element in tree.iter():
        if element.tag in HEADINGS:
            level = HEADINGS.index(element.tag) + 1
            assert level <= last + 1, f"the heading level skips from h{last} to h{level}"
            last = level

"""What does the HTML of a mail say as plain text, with its quotations still recognisable?

What a program quotes becomes lines with "> ", as in plain mail; pictures, scripts and styles are gone.
Mail programs mark their quotations in the tree (classes, ids), which is surer than words; where they do
not, the text that comes out still holds the words that inbox.quotation looks for.
"""

from __future__ import annotations

import re
from itertools import islice

import nh3
from inscriptis import Inscriptis
from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.model.config import ParserConfig
from lxml import etree
from lxml import html as trees

from inbox.nesting import flattened

LONGEST = 2_000_000
"""Characters of HTML that are read, once its longest tags are shortened."""
_LEVELS = 12
"""Quotations inside each other that are told apart."""

_TAGS = {
    "a", "abbr", "address", "article", "b", "big", "blockquote", "br", "caption", "center", "cite",
    "code", "col", "dd", "del", "div", "dl", "dt", "em", "figure", "font", "footer", "h1", "h2", "h3",
    "h4", "h5", "h6", "header", "hr", "i", "ins", "kbd", "li", "main", "ol", "p", "pre", "q", "s", "samp",
    "section", "small", "span", "strike", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th",
    "thead", "tr", "tt", "u", "ul", "var",
}  # fmt: skip
_DROPPED = {
    "script",
    "style",
    "title",
    "template",
    "noscript",
    "svg",
    "math",
    "object",
    "iframe",
    "textarea",
    "select",
}
_SHOWN = {"a": {"href", "title"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}, "ol": {"start"}}
_TELLING = {"*": {"id", "class", "name", "style", "data-marker", "type"}}

_PREFIX = r"^(?:x_|ecx|m_-?\d+)*"
_QUOTE_CLASSES = re.compile(
    r"(?:^|\s)(?:x_|ecx|m_-?\d+)*(?:yahoo_quoted|protonmail_quote|tutanota_quote|ntes-mailmaster-quote|"
    r"ms-outlook-mobile-reference-message|front-blockquote|moz-forward-container|gmail_quote|zmail_extra|"
    r"mailbox_signature_quote|skype_quote|mimestream-quote)(?:\s|$)"
)
_QUOTE_IDS = re.compile(
    _PREFIX + r"(?:OLK_SRC_BODY_SECTION|mail-editor-reference-message-container|isForwardContent)$"
)
_REST_IDS = re.compile(_PREFIX + r"(?:divRplyFwdMsg|appendonsend)$")
_REST_STYLE = re.compile(r"border:\s?none;\s?border-top:\s?solid #(?:E1E1E1|B5C4DF) 1\.0pt", re.IGNORECASE)
_SIGNATURES = re.compile(r"(?:^|\s)(?:x_|ecx|m_-?\d+)*(?:gmail_signature|protonmail_signature_block)(?:\s|$)")
_SIGNATURE_IDS = re.compile(_PREFIX + r"(?:Signature|ms-outlook-mobile-signature)$")
_NAMED = {"quote", "quoted-content"}
_SPOT = re.compile("\ue000(\\d+)\ue000")
_BLANKS = re.compile(r"(?:[ \t]*\n){4,}")
_CSS = dict(CSS_PROFILES["strict"])


def sanitised(html: str) -> str:
    """Return HTML that is safe to show: no script, style, picture or form, links without referrer."""
    return nh3.clean(
        flattened(html)[:LONGEST],
        tags=_TAGS,
        clean_content_tags=_DROPPED,
        attributes=_SHOWN,
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer nofollow",
    )


def to_text(html: str) -> str:
    """Return the text of ``html``; lines that a program quoted begin with "> "."""
    clean = nh3.clean(
        flattened(html.replace("\ue000", ""))[:LONGEST],
        tags=_TAGS,
        clean_content_tags=_DROPPED,
        attributes={tag: {*names, *_TELLING["*"]} for tag, names in _SHOWN.items()} | _TELLING,
        link_rel=None,
    )
    if not clean.strip():
        return ""
    tree = trees.document_fromstring(
        f"<div>{clean}</div>", parser=trees.HTMLParser(encoding=None, huge_tree=True)
    )
    _wrap_rest(tree)
    _rule_signatures(tree)
    return _BLANKS.sub("\n\n\n", _text(tree, 0)).strip("\n")


def _text(tree: trees.HtmlElement, level: int) -> str:
    """Render the tree; each outermost quotation is rendered by itself and put back with its marks."""
    quotes: list[str] = []
    for element in _outermost_quotes(tree) if level < _LEVELS else []:
        spot = trees.Element("div")
        spot.text = f"\ue000{len(quotes)}\ue000"
        spot.tail, element.tail = element.tail, None
        parent = element.getparent()
        parent.replace(element, spot)
        inner = trees.Element("div")
        inner.append(element)
        element.tag = "div"
        _unmark(element)
        quotes.append(_marked(_text(inner, level + 1)))
    for rule in tree.iter("hr"):
        rule.tag, rule.text = "div", "________"
    said = Inscriptis(tree, ParserConfig(css=_CSS)).get_text()
    said = "\n".join(line.rstrip() for line in said.split("\n"))
    return _SPOT.sub(lambda match: quotes[int(match[1])] if int(match[1]) < len(quotes) else "", said)


def _marked(said: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in said.strip("\n").split("\n"))


def _outermost_quotes(tree: trees.HtmlElement) -> list[trees.HtmlElement]:
    found: list[trees.HtmlElement] = []
    inside: set[trees.HtmlElement] = set()
    for element in tree.iter(etree.Element):
        parent = element.getparent()
        if parent is None:
            continue
        if parent in inside:
            inside.add(element)
        elif _is_quote(element):
            inside.add(element)
            found.append(element)
    return found


def _is_quote(element: trees.HtmlElement) -> bool:
    if element.tag == "blockquote":
        return True
    if _QUOTE_IDS.match(element.get("id", "")) or element.get("data-marker") == "__QUOTED_TEXT__":
        return True
    if element.tag == "div" and element.get("name") in _NAMED:
        return True
    # The attribution and, in some programs, the answer below stand in the same element as the quotation.
    return bool(_QUOTE_CLASSES.search(element.get("class", ""))) and element.find(".//blockquote") is None


def _unmark(element: trees.HtmlElement) -> None:
    for name in ("id", "class", "name", "data-marker"):
        element.attrib.pop(name, None)


def _wrap_rest(tree: trees.HtmlElement) -> None:
    """Put into a quotation what Outlook quotes: a header with a known id or line, and all that follows it."""
    for element in islice(filter(_starts_rest, tree.iter("div")), 3):
        if not _has_text_before(tree, element):
            continue
        parent = element.getparent()
        if (
            parent.tag == "div"
            and parent[0] is element
            and not (parent.text or "").strip()
            and parent.getparent() is not None
        ):
            element, parent = parent, parent.getparent()
        quote = trees.Element("blockquote")
        rest = [element, *element.itersiblings()]
        parent.insert(parent.index(element), quote)
        for one in rest:
            quote.append(one)
        return


def _rule_signatures(tree: trees.HtmlElement) -> None:
    """Put a delimiter before what a program marks as a signature."""
    for element in list(tree.iter("div")):
        is_signature = _SIGNATURES.search(element.get("class", "")) or _SIGNATURE_IDS.match(
            element.get("id", "")
        )
        if is_signature and "".join(element.itertext()).strip():
            element.addprevious(trees.Element("hr"))
            return


def _starts_rest(element: trees.HtmlElement) -> bool:
    return bool(_REST_IDS.match(element.get("id", "")) or _REST_STYLE.search(element.get("style", "")))


def _has_text_before(tree: trees.HtmlElement, element: trees.HtmlElement) -> bool:
    around = set(element.iterancestors())
    for one in tree.iter(etree.Element):
        if one is element:
            return False
        if (one.text or "").strip() or (one not in around and (one.tail or "").strip()):
            return True
    return False

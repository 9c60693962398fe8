"""Which letters are these bytes? The charset that was declared, else UTF-8, else Windows' western one."""

from __future__ import annotations

import codecs
from functools import lru_cache

ALIASES = {
    # What browsers and mail programs read under these names: the larger set that senders really use.
    "iso-8859-1": "cp1252", "latin-1": "cp1252", "latin1": "cp1252", "iso8859-1": "cp1252",
    "iso_8859-1": "cp1252", "us-ascii": "cp1252", "ascii": "cp1252", "ansi_x3.4-1968": "cp1252",
    "iso-8859-9": "cp1254", "iso-8859-11": "cp874", "windows-874": "cp874", "tis-620": "cp874",
    "gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "gb_2312-80": "gb18030", "cp936": "gb18030",
    "hz-gb-2312": "hz", "ks_c_5601-1987": "cp949", "ks_c_5601": "cp949", "euc-kr": "cp949",
    "shift_jis": "cp932", "shift-jis": "cp932", "x-sjis": "cp932", "sjis": "cp932", "windows-31j": "cp932",
    "iso-2022-jp": "iso2022_jp_ext", "big5": "cp950", "x-big5": "cp950", "x-euc-jp": "euc_jp",
    "iso-8859-8-i": "iso8859-8", "iso-8859-8-e": "iso8859-8", "visual": "iso8859-8", "logical": "iso8859-8",
    "macintosh": "mac_roman", "mac": "mac_roman", "x-mac-roman": "mac_roman", "x-mac": "mac_roman",
    "x-mac-cyrillic": "mac_cyrillic", "x-mac-greek": "mac_greek", "x-mac-turkish": "mac_turkish",
    "x-mac-ce": "mac_latin2", "x-mac-centraleurroman": "mac_latin2", "x-mac-icelandic": "mac_iceland",
    "utf8mb4": "utf-8", "x-utf-8": "utf-8", "unicode-1-1-utf-8": "utf-8", "unicode-1-1-utf-7": "utf-7",
    "x-unicode-2-0-utf-7": "utf-7",
}  # fmt: skip
NO_CHARSETS = frozenset(
    {
        "idna",
        "punycode",
        "unicode-escape",
        "raw-unicode-escape",
        "undefined",
        "unicode-internal",
        "mbcs",
        "oem",
    }
)
"""Codecs of Python that no mail may choose: some take quadratic time, none is a charset."""
WESTERN = frozenset({"cp1252", "iso8859-15", "mac-roman"})
FEW = 0.02
"""Up to this share of broken letters, a text is taken for damaged and not for another charset."""


@lru_cache(maxsize=512)
def known(declared: str) -> str:
    """Return Python's name for a declared charset, or "" where there is none that can be trusted."""
    name = declared.strip().strip("\"'").lower()[:60]
    name = ALIASES.get(name, name)
    for candidate in (name, name.removeprefix("x-"), name.replace("windows", "cp").replace("-", "")):
        try:
            found = codecs.lookup(candidate) if candidate.isascii() and "\0" not in candidate else None
        except LookupError:
            continue
        if found and found.name not in NO_CHARSETS and found._is_text_encoding:
            return found.name
    return ""


def decode(content: bytes, declared: str = "") -> str:
    """Return the text of these bytes; never fails. ``declared`` may be anything that a mail claims.

    Bytes that are valid UTF-8 beyond ASCII are UTF-8 even where a western charset was declared:
    that is never chance, and the lie is common.
    """
    if content[:4].startswith(codecs.BOM_UTF8):
        return content[3:].decode("utf-8", "replace")
    charset = known(declared)
    if content.isascii() and b"\x1b" not in content and charset in ("", "utf-8", *WESTERN):
        return content.decode("ascii")
    if charset in WESTERN or not charset:
        return _japanese(content) or _unicode(content) or _western(content, charset)
    try:
        text = content.decode(charset)
    except (UnicodeError, ValueError):
        text = _damaged(content, charset)
    # UTF-7 can write halves of letters, which nothing that stores text accepts.
    return text.encode("utf-8", "replace").decode() if charset == "utf-7" else text


def _unicode(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeError:
        return ""


def _japanese(content: bytes) -> str:
    """ISO-2022-JP announces itself by its escapes, and is often sent without being declared."""
    if not any(escape in content for escape in (b"\x1b$B", b"\x1b$@", b"\x1b(J")):
        return ""
    try:
        return content.decode("iso2022_jp_ext")
    except UnicodeError:
        return ""


def _western(content: bytes, charset: str = "") -> str:
    if charset and charset != "cp1252":
        return content.decode(charset, "replace")
    try:
        return content.decode("cp1252")
    except UnicodeError:
        # Five bytes mean nothing in cp1252; browsers read them as control characters.
        return "".join(bytes((byte,)).decode("cp1252", "ignore") or chr(byte) for byte in content)


def _damaged(content: bytes, charset: str) -> str:
    """The declared charset does not fit: a few broken letters, or another charset altogether?"""
    if charset != "utf-8" and (text := _unicode(content)):
        return text
    text = content.decode(charset, "replace")
    broken, foreign = text.count("�"), sum(not letter.isascii() for letter in text)
    if (charset == "utf-8" and broken > max(1, foreign * FEW)) or (broken == foreign and charset == "utf-8"):
        return _western(content)
    if broken > max(3, len(text) * FEW):
        return _western(content)
    return text

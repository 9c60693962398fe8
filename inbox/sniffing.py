"""What are these bytes really? Their first bytes decide; a name or a declaration alone never does."""

from __future__ import annotations

import re

MAGIC = (
    (b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"), (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"), (b"II*\0", "image/tiff"), (b"MM\0*", "image/tiff"), (b"%PDF-",
    "application/pdf"),
    (b"\x1f\x8b\x08", "application/gzip"), (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"), (b"BZh", "application/x-bzip2"), (b"\xfd7zXZ\0",
    "application/x-xz"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"), (b"{\\rtf", "application/rtf"),
    (b"\x78\x9f\x3e\x22", "application/ms-tnef"), (b"OggS", "audio/ogg"), (b"fLaC", "audio/flac"),
    (b"ID3", "audio/mpeg"), (b"\x1aE\xdf\xa3", "video/webm"), (b"MZ", "application/x-msdownload"),
    (b"\x7fELF", "application/x-executable"), (b"%!PS", "application/postscript"), (b"#!AMR", "audio/amr"),
    (b"8BPS", "image/vnd.adobe.photoshop"), (b"wOFF", "font/woff"), (b"SQLite format 3\0",
    "application/vnd.sqlite3"),
)  # fmt: skip
HEIC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"heif")
RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
OFFICE = {
    b"word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    b"xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    b"ppt/": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
OPEN_DOCUMENT = re.compile(rb"mimetype(application/vnd\.oasis\.opendocument\.[a-z-]{1,40})")
MARKUP = re.compile(rb"\s{0,200}(?:<\?xml|<!--)?.{0,800}?<(svg|html|!doctype html)\b", re.I | re.S)
TEXTS = {"text/csv", "text/calendar", "text/vcard", "text/x-vcard", "text/markdown", "text/xml", "text/rtf",
         "text/rfc822-headers", "text/rfc822-header", "application/json", "application/xml",
         "application/ics"}  # fmt: skip
STRUCTURAL = re.compile(r"message/[a-z0-9.-]{1,60}\Z")
SEALED = {"application/pkcs7-mime", "application/x-pkcs7-mime", "application/pkcs7-signature",
          "application/x-pkcs7-signature"}  # fmt: skip
EXTENSIONS = {
    "image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/heic": "heic", "image/avif": "avif",
    "image/webp": "webp", "image/tiff": "tif", "image/bmp": "bmp", "image/svg+xml": "svg",
    "application/pdf": "pdf",
    "application/zip": "zip", "text/plain": "txt", "text/html": "html", "text/csv": "csv",
    "text/calendar": "ics",
    "message/rfc822": "eml", "message/delivery-status": "txt", "text/rfc822-headers": "txt",
    "video/mp4": "mp4",
    "video/quicktime": "mov", "application/ms-tnef": "dat", "application/pkcs7-mime": "p7m",
    "application/rtf": "rtf",
    "application/pkcs7-signature": "p7s", "text/vcard": "vcf", "message/disposition-notification": "txt",
    "message/feedback-report": "txt",
}  # fmt: skip
UNKNOWN = "application/octet-stream"


def sniff(content: bytes, declared: str = "") -> str:
    """Return the media type of these bytes. What is declared only chooses among kinds of text."""
    if found := _by_magic(content):
        return found
    if STRUCTURAL.match(declared):
        return declared
    if declared in SEALED and content[:1] == b"\x30":
        return declared.replace("x-pkcs7", "pkcs7")
    if not _is_text(content):
        return UNKNOWN
    if (markup := MARKUP.match(content[:1200])) and declared != "text/plain":
        return "image/svg+xml" if markup[1].lower() == b"svg" else "text/html"
    if content[:200].lstrip().upper().startswith(b"BEGIN:VCALENDAR"):
        return "text/calendar"
    return declared if declared in TEXTS else "text/plain"


def _by_magic(content: bytes) -> str:
    for magic, kind in MAGIC:
        if content.startswith(magic):
            return kind
    if content[4:8] == b"ftyp":
        return _film_or_picture(content)
    if content.startswith(b"RIFF"):
        return RIFF.get(content[8:12], "")
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip(content)
    if content.startswith(b"BM") and content[6:10] == b"\0\0\0\0":
        return "image/bmp"
    if content[:2] in (b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"):
        return "audio/mpeg"
    return ""


def _film_or_picture(content: bytes) -> str:
    """HEIC pictures and films begin alike; the brands that follow tell which it is."""
    brands = [content[place : place + 4] for place in (8, *range(16, 48, 4))]
    if content[8:12] in (b"avif", b"avis"):
        return "image/avif"
    if any(brand in HEIC for brand in brands):
        return "image/heic"
    if any(brand in (b"avif", b"avis") for brand in brands):
        return "image/avif"
    return "video/quicktime" if content[8:12] == b"qt  " else "video/mp4"


def _zip(content: bytes) -> str:
    """The names of a zip's first members stand in its first bytes; nothing is unpacked."""
    head = content[:4096]
    if found := OPEN_DOCUMENT.search(head[:120]):
        return found[1].decode("ascii")
    if b"[Content_Types].xml" in head or b"_rels/" in head:
        for folder, kind in OFFICE.items():
            if folder in head or folder in content[-8192:]:
                return kind
    return "application/zip"


def _is_text(content: bytes) -> bool:
    head = content[:4096]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    return b"\0" not in head and sum(byte < 9 for byte in head) == 0


def extension(kind: str) -> str:
    """Return the ending for a file of that type that came without a name."""
    return EXTENSIONS.get(kind, "bin")

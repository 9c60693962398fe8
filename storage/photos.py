"""How is a photo kept without what it betrays, and how is a hostile file kept out?

A photo is checked from its header before a pixel is decoded, turned upright, scaled down and
written anew as a JPEG without any metadata (where and by whom it was taken). It is named by the
hash of what is stored, so the same picture twice is one file. One photo at a time is decoded: four
at once would take the memory of a small machine.
"""

from __future__ import annotations

import hashlib
import os
import re
import struct
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile
from threading import Lock
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_BYTES = 15 * 1024 * 1024
MOST_PIXELS = 50_000_000
MOST_HEIC_PIXELS = 26_000_000
LONGEST_SIDE = 2048
SHORTEST_SIDE = 16
QUALITY = 82
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "HEIF")
"""What telephones and cameras write. Named, so that no rare decoder is ever reached."""
_HASH = re.compile(r"[0-9a-f]{64}")
_one_at_a_time = Lock()


def N_(words: str) -> str:
    """Mark words for translation without translating them yet."""
    return words


REFUSALS = {
    "empty": N_("%(file)s is empty."),
    "too_large": N_("%(file)s is larger than %(limit)d MB. Please choose a smaller photo."),
    "too_many_pixels": N_("%(file)s has more than %(limit)d million pixels. Please choose a smaller photo."),
    "too_small": N_("%(file)s is too small to show anything."),
    "not_a_picture": N_("%(file)s is not a photo we can read. Please send a JPEG, PNG or HEIC photo."),
    "broken": N_("%(file)s is damaged or cut off. Please send it again or choose another photo."),
}


class PhotoRefused(Exception):
    """The file cannot be kept; ``reason`` is a key of ``REFUSALS``, ``values`` fill its sentence."""

    def __init__(self, reason: str, file: str, limit: int = 0) -> None:
        self.reason = reason
        self.values = {"file": file, "limit": limit}
        super().__init__(REFUSALS[reason] % self.values)


@dataclass(frozen=True)
class StoredPhoto:
    """A photo that is kept. Pixels and bytes of the stored JPEG."""

    sha256: str
    width: int
    height: int
    size: int


class PhotoFolder:
    """The folder of photos; made when the first one is kept."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def keep(self, stream: IO[bytes], name: str = "") -> StoredPhoto:
        """Store what ``stream`` holds as an upright JPEG without metadata.

        Raises ``PhotoRefused`` with a sentence that calls the file by ``name``.
        """
        shown = shown_name(name)
        raw = stream.read(MOST_BYTES + 1)
        if not raw:
            raise PhotoRefused("empty", shown)
        if len(raw) > MOST_BYTES:
            raise PhotoRefused("too_large", shown, MOST_BYTES // 1024 // 1024)
        with _one_at_a_time:
            body, width, height = _written_anew(raw, shown)
        photo = StoredPhoto(hashlib.sha256(body).hexdigest(), width, height, len(body))
        self._write(photo.sha256, body)
        return photo

    def has(self, sha256: str) -> bool:
        return self._file(sha256).is_file()

    def open(self, sha256: str) -> IO[bytes]:
        """Return the stored JPEG for reading; ``FileNotFoundError`` when there is none."""
        return self._file(sha256).open("rb")

    def small(self, sha256: str, side: int) -> bytes:
        """Return the photo as a JPEG whose longer side has at most ``side`` pixels."""
        from PIL import Image

        with _one_at_a_time, self.open(sha256) as stream, Image.open(stream) as picture:
            picture.draft("RGB", (side, side))
            picture.thumbnail((side, side))
            return _jpeg(picture)

    def forget_orphans(self, known: set[str], *, older_than: datetime) -> int:
        """Delete photos that belong to no request and were stored before ``older_than``; how many."""
        forgotten = 0
        for file in self._files():
            stored_at = datetime.fromtimestamp(file.stat().st_mtime, UTC)
            if file.stem not in known and stored_at < older_than:
                file.unlink(missing_ok=True)
                forgotten += 1
        return forgotten

    def _files(self) -> Iterator[Path]:
        return self.path.glob("[0-9a-f][0-9a-f]/*.jpg")

    def _file(self, sha256: str) -> Path:
        if not _HASH.fullmatch(sha256):
            raise FileNotFoundError(f"no photo is named {sha256[:80]!r}")
        return self.path / sha256[:2] / f"{sha256}.jpg"

    def _write(self, sha256: str, body: bytes) -> None:
        """Write under another name first, so that no half photo is ever seen under its hash."""
        file = self._file(sha256)
        file.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=file.parent, prefix=".", delete=False) as unfinished:
            unfinished.write(body)
            unfinished.flush()
            os.fsync(unfinished.fileno())
        os.replace(unfinished.name, file)


def shown_name(name: str) -> str:
    """Return a file's name as it may stand in a sentence: short, without paths or control characters."""
    last = re.split(r"[/\\]", name)[-1]
    clean = "".join(char for char in last if char.isprintable())
    if not clean:
        return "This file"
    return f"“{clean if len(clean) <= 60 else clean[:40] + '…' + clean[-15:]}”"


def _written_anew(raw: bytes, shown: str) -> tuple[bytes, int, int]:
    """Return the new JPEG with its width and height."""
    from PIL import Image, UnidentifiedImageError

    _learn_formats()
    try:
        with warnings.catch_warnings():
            # Pillow warns of bombs and of odd metadata; our own limits are lower and metadata goes anyway.
            warnings.simplefilter("ignore")
            with Image.open(BytesIO(raw), formats=FORMATS) as picture:
                _check_size(picture, shown)
                if picture.format != "HEIF":
                    picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
                picture.seek(0)
                # Small first, upright after: turning copies the picture, 150 MB more at full size.
                shrunk = _with_full_colours(picture)
                shrunk.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
                upright = _upright(shrunk)
                return _jpeg(upright), upright.width, upright.height
    except UnidentifiedImageError as error:
        raise PhotoRefused("not_a_picture", shown) from error
    except Image.DecompressionBombError as error:
        raise _too_many_pixels(shown, MOST_PIXELS) from error
    except (OSError, ValueError, SyntaxError, EOFError, LookupError, OverflowError, struct.error) as error:
        # Broken files make the decoders raise any of these; the resident's remedy is the same.
        raise PhotoRefused("broken", shown) from error


def _with_full_colours(picture: Image) -> Image:
    """A palette cannot be scaled smoothly."""
    return (
        picture.convert("RGBA" if picture.has_transparency_data else "RGB")
        if picture.mode == "P"
        else picture
    )


def _upright(picture: Image) -> Image:
    """Turn it as its metadata say; Pillow's own way writes all of them anew and stumbles over odd ones."""
    from PIL import ExifTags
    from PIL.Image import Transpose

    turns = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }
    turn = turns.get(picture.getexif().get(ExifTags.Base.Orientation, 1))
    return picture if turn is None else picture.transpose(turn)


def _check_size(picture: Image, shown: str) -> None:
    """Refuse by what the header says, before anything is decoded."""
    most = MOST_HEIC_PIXELS if picture.format == "HEIF" else MOST_PIXELS
    if picture.width * picture.height > most:
        raise _too_many_pixels(shown, most)
    if min(picture.size) < SHORTEST_SIDE:
        raise PhotoRefused("too_small", shown)


def _too_many_pixels(shown: str, most: int) -> PhotoRefused:
    return PhotoRefused("too_many_pixels", shown, most // 1_000_000)


def _learn_formats() -> None:
    """Load the decoders we allow, and no others; here, so that a process without photos stays small."""
    from PIL import GifImagePlugin, JpegImagePlugin, PngImagePlugin, WebPImagePlugin  # noqa: F401
    from pillow_heif import register_heif_opener

    register_heif_opener(thumbnails=False)


def _jpeg(picture: Image) -> bytes:
    """Return a JPEG of the pixels alone: no EXIF, no profile, no comment; see-through becomes white."""
    from PIL import Image

    if picture.has_transparency_data:
        see_through = picture.convert("RGBA")
        plain = Image.new("RGB", picture.size, "white")
        plain.paste(see_through, mask=see_through.getchannel("A"))
    else:
        plain = picture.convert("RGB")
    plain.info.clear()
    out = BytesIO()
    plain.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()

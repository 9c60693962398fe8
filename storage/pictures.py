"""How is a picture written anew, small and without metadata, and how is a hostile file kept out?

It is checked from its header before a pixel is decoded: what its format takes in memory decides how
large it may be (``script/bench photos`` measures it). Then it is scaled down and turned upright.
"""

from __future__ import annotations

import ctypes
import re
import struct
import warnings
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

from storage.positions import Position, taken_at

if TYPE_CHECKING:
    from PIL.Image import Exif, Image

MOST_PIXELS = 50_000_000
MOST_HEIC_PIXELS = 26_000_000
MOST_WEBP_PIXELS = 12_000_000
"""Its decoder takes 16 bytes for a pixel; no telephone writes larger ones."""
MOST_SAMPLES = 100_000_000
"""A JPEG that comes in several passes is held whole, two bytes for each sample: 50 million pixels as
cameras write them, 33 million where colours are stored as finely as light."""
LONGEST_SIDE = 2048
SHORTEST_SIDE = 16
QUALITY = 82
MMAP_THRESHOLD = -3
"""The number of this option in glibc's malloc.h."""
STRIP = 64
"""Lines of a smaller picture that are made at a time."""
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "HEIF")
"""What telephones and cameras write. Named, so that no rare decoder is ever reached."""


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
    "busy": N_("Many photos are coming in just now. Please add %(file)s once more in a minute."),
}


class PhotoRefused(Exception):
    """The file cannot be kept; ``reason`` is a key of ``REFUSALS``, ``values`` fill its sentence."""

    def __init__(self, reason: str, file: str, limit: int = 0) -> None:
        self.reason = reason
        self.values = {"file": file, "limit": limit}
        super().__init__(REFUSALS[reason] % self.values)


def shown_name(name: str) -> str:
    """Return a file's name as it may stand in a sentence: short, without paths or control characters."""
    last = re.split(r"[/\\]", name)[-1]
    clean = "".join(char for char in last if char.isprintable())
    if not clean:
        return "This file"
    return f"“{clean if len(clean) <= 60 else clean[:40] + '…' + clean[-15:]}”"


class New(NamedTuple):
    """The photo as it will be stored, and what was read before it was taken out."""

    body: bytes
    size: tuple[int, int]
    taken_at: Position | None


def written_anew(raw: bytes, shown: str) -> New:
    """Return the new JPEG, and where the old one says that it was taken."""
    from PIL import Image, ImageFile, UnidentifiedImageError

    _learn_formats()
    try:
        with warnings.catch_warnings():
            # Pillow warns of bombs and of odd metadata; our own limits are lower and metadata goes anyway.
            warnings.simplefilter("ignore")
            # WeasyPrint, wherever it was loaded in this process, has half pictures pass for whole ones.
            ImageFile.LOAD_TRUNCATED_IMAGES = False
            with Image.open(BytesIO(raw), formats=FORMATS) as picture:
                _check_size(picture, shown)
                if picture.format != "HEIF":
                    picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
                picture.seek(0)
                # Small first, upright after: turning copies the picture, 150 MB more at full size.
                shrunk = _shrunk(picture)
                shrunk.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
                exif = picture.getexif()
                upright = _upright(shrunk, exif)
                return New(jpeg(upright), upright.size, taken_at(exif))
    except UnidentifiedImageError as error:
        raise PhotoRefused("not_a_picture", shown) from error
    except Image.DecompressionBombError as error:
        raise _too_many_pixels(shown, MOST_PIXELS) from error
    except (OSError, ValueError, SyntaxError, EOFError, LookupError, OverflowError, struct.error) as error:
        # Broken files make the decoders raise any of these; the resident's remedy is the same.
        raise PhotoRefused("broken", shown) from error


def _shrunk(picture: Image) -> Image:
    """Return it in full colours and not much larger than it will be.

    Strip by strip: other colours for a whole picture of 50 million pixels are 200 MB once more.
    """
    from PIL import Image

    times = max(picture.size) // LONGEST_SIDE
    if times < 2 or picture.mode not in ("P", "L", "LA", "RGB", "RGBA", "CMYK"):
        return _with_full_colours(picture)
    width, height = picture.size
    small = None
    for top in range(0, height, STRIP * times):
        strip = picture.crop((0, top, width, min(top + STRIP * times, height)))
        part = _with_full_colours(strip).reduce(times)
        small = small or Image.new(part.mode, (part.width, -(-height // times)))
        small.paste(part, (0, top // times))
    assert small is not None
    return small


def _with_full_colours(picture: Image) -> Image:
    """A palette cannot be scaled smoothly."""
    return (
        picture.convert("RGBA" if picture.has_transparency_data else "RGB")
        if picture.mode == "P"
        else picture
    )


def _upright(picture: Image, exif: Exif) -> Image:
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
    turn = turns.get(exif.get(ExifTags.Base.Orientation, 1))
    return picture if turn is None else picture.transpose(turn)


def _check_size(picture: Image, shown: str) -> None:
    """Refuse by what the header says, before anything is decoded."""
    most = _most_pixels(picture)
    if picture.width * picture.height > most:
        raise _too_many_pixels(shown, most)
    if min(picture.size) < SHORTEST_SIDE:
        raise PhotoRefused("too_small", shown)


def _most_pixels(picture: Image) -> int:
    """Return how many pixels may be decoded: what its format takes in memory decides."""
    if picture.info.get("progressive"):
        # (name, samples across, samples down, …) for light and each colour, in every block.
        samples = [across * down for _name, across, down, *_rest in picture.layer]  # type: ignore[attr-defined]
        return min(MOST_PIXELS, int(MOST_SAMPLES * max(samples) / sum(samples)))
    return {"HEIF": MOST_HEIC_PIXELS, "WEBP": MOST_WEBP_PIXELS}.get(picture.format or "", MOST_PIXELS)


def _too_many_pixels(shown: str, most: int) -> PhotoRefused:
    return PhotoRefused("too_many_pixels", shown, most // 1_000_000)


@cache
def _learn_formats() -> None:
    """Load the decoders we allow, and no others; here, so that a process without photos stays small."""
    from PIL import GifImagePlugin, JpegImagePlugin, PngImagePlugin, WebPImagePlugin  # noqa: F401
    from pillow_heif import register_heif_opener

    register_heif_opener(thumbnails=False)
    # glibc keeps blocks of up to 32 MB for each thread that ever decoded; from 1 MB on it gives them back.
    if (set_option := getattr(ctypes.CDLL(None), "mallopt", None)) is not None:
        set_option(MMAP_THRESHOLD, 1024 * 1024)


def jpeg(picture: Image) -> bytes:
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

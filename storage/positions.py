"""Where was a photo taken, as its own metadata say? Read once, offered to the resident, kept nowhere."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Exif

Position = tuple[float, float]
"""Latitude and longitude in degrees."""
MARK = b"Exif\x00\x00"
"""What stands before the metadata in a JPEG and in a HEIC."""
MOST_METADATA = 128 * 1024
_ODD = (AttributeError, LookupError, OSError, OverflowError, SyntaxError, TypeError, ValueError, struct.error)
"""What broken metadata make Pillow raise."""


def taken_at(exif: Exif) -> Position | None:
    """Return where the photo was taken, to a metre; None where it says nothing that can be read."""
    from PIL.ExifTags import GPS, IFD

    try:
        said = exif.get_ifd(IFD.GPSInfo)
        lat = _degrees(said[GPS.GPSLatitude], said[GPS.GPSLatitudeRef], "S")
        lon = _degrees(said[GPS.GPSLongitude], said[GPS.GPSLongitudeRef], "W")
    except (*_ODD, ZeroDivisionError):
        return None
    # Telephones without a fix write 0, 0: a place in the sea off Africa.
    if not (isfinite(lat) and isfinite(lon)) or abs(lat) > 90 or abs(lon) > 180 or (lat, lon) == (0, 0):
        return None
    return round(lat, 5), round(lon, 5)


def read_apart(metadata: bytes) -> Position | None:
    """Return where a photo was taken whose metadata travelled apart from its pixels.

    A browser that scales a photo down loses them. ``metadata`` is a part of the photo as it was taken;
    what stands in it before and behind the metadata does no harm.
    """
    from PIL import Image

    begin = metadata.find(MARK)
    if begin < 0:
        return None
    exif = Image.Exif()
    try:
        exif.load(metadata[begin : begin + MOST_METADATA])
    except _ODD:
        return None
    return taken_at(exif)


def _degrees(parts: Sequence[Any], side: str, minus: str) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    found = degrees + minutes / 60 + seconds / 3600
    return -found if side.strip("\x00 ").upper() == minus else found

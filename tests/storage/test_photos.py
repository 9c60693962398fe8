"""Is a photo kept without what it betrays, and is a hostile file kept out?"""

from __future__ import annotations

import os
import struct
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pillow_heif
import pytest
from PIL import Image, ImageColor

from storage import photos
from storage.photos import LONGEST_SIDE, MOST_BYTES, PhotoFolder, PhotoRefused, PhotosBusy

ORIENTATION, CAMERA, GPS = 0x0112, 0x0110, 0x8825
SIDEWAYS = 6


@pytest.fixture
def folder(tmp_path: Path) -> PhotoFolder:
    return PhotoFolder(tmp_path / "photos")


def drawn(width: int = 640, height: int = 480, colour: str = "teal", mode: str = "RGB") -> Image.Image:
    return Image.new(mode, (width, height), colour)


def written(picture: Image.Image, kind: str = "JPEG", **options: object) -> BytesIO:
    stream = BytesIO()
    picture.save(stream, kind, **options)
    stream.seek(0)
    return stream


def telephone_photo() -> BytesIO:
    """Lying on its side, red above green, with a place and a camera in its metadata."""
    picture = drawn(800, 600, "green")
    picture.paste("red", (0, 0, 400, 600))
    exif = Image.Exif()
    exif[ORIENTATION] = SIDEWAYS
    exif[CAMERA] = "Secret Camera 3"
    exif.get_ifd(GPS)[2] = (43.0, 36.0, 30.0)
    return written(picture, exif=exif, comment=b"home sweet home", icc_profile=b"profile of a screen" * 9)


def png_header(width: int, height: int) -> BytesIO:
    """A PNG of a few bytes that says it is enormous."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(1_000_000), 9)
    return BytesIO(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b""))


def test_a_photo_becomes_an_upright_jpeg_without_place_or_camera(folder: PhotoFolder) -> None:
    stored = folder.keep(telephone_photo(), "IMG_1.jpg")
    assert (stored.width, stored.height) == (600, 800)
    with folder.open(stored.sha256) as stream:
        raw = stream.read()
    assert len(raw) == stored.size
    for secret in (b"Exif", b"Secret", b"home sweet", b"profile of", b"ICC_PROFILE"):
        assert secret not in raw
    with Image.open(BytesIO(raw)) as again:
        assert again.format == "JPEG"
        assert not again.getexif()
        red, green, _blue = again.convert("RGB").getpixel((300, 100))  # type: ignore[misc]
        assert red > green


def test_a_photo_with_odd_metadata_is_turned_all_the_same(folder: PhotoFolder) -> None:
    width_in_words = struct.pack("<HHI4s", 0x0100, 2, 4, b"wide")
    sideways = struct.pack("<HHIHH", ORIENTATION, 3, 1, SIDEWAYS, 0)
    odd = b"Exif\x00\x00II*\x00\x08\x00\x00\x00\x02\x00" + width_in_words + sideways + bytes(4)
    kept = folder.keep(written(drawn(800, 600), exif=odd))
    assert (kept.width, kept.height) == (600, 800)


def test_a_large_photo_is_scaled_down_and_a_small_one_is_not_blown_up(folder: PhotoFolder) -> None:
    large = folder.keep(written(drawn(6000, 4000)), "large.jpg")
    assert (large.width, large.height) == (LONGEST_SIDE, 1365)
    small = folder.keep(written(drawn(300, 200)), "small.jpg")
    assert (small.width, small.height) == (300, 200)


def test_the_photos_of_an_iphone_can_be_read(folder: PhotoFolder) -> None:
    stream = BytesIO()
    pillow_heif.from_pillow(drawn(400, 300)).save(stream)
    stream.seek(0)
    stored = folder.keep(stream, "IMG_2.HEIC")
    assert (stored.width, stored.height) == (400, 300)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF"])
def test_other_pictures_become_jpegs_too(folder: PhotoFolder, kind: str) -> None:
    stored = folder.keep(written(drawn(), kind), f"a.{kind.lower()}")
    with folder.open(stored.sha256) as stream, Image.open(stream) as again:
        assert again.format == "JPEG"


def test_what_is_see_through_becomes_white_not_black(folder: PhotoFolder) -> None:
    stored = folder.keep(written(Image.new("RGBA", (60, 60), (0, 0, 0, 0)), "PNG"), "logo.png")
    with folder.open(stored.sha256) as stream, Image.open(stream) as again:
        assert again.convert("L").getpixel((30, 30)) == 255


def test_of_an_animation_the_first_picture_is_kept(folder: PhotoFolder) -> None:
    frames = [drawn(colour=colour) for colour in ("white", "black", "black")]
    moving = written(frames[0], "GIF", save_all=True, append_images=frames[1:])
    stored = folder.keep(moving, "moving.gif")
    with folder.open(stored.sha256) as stream, Image.open(stream) as again:
        assert again.convert("L").getpixel((30, 30)) == 255


def test_the_same_photo_twice_is_one_file(folder: PhotoFolder) -> None:
    assert folder.keep(written(drawn()), "a.jpg") == folder.keep(written(drawn()), "b.jpg")
    assert len(list(folder.path.rglob("*.jpg"))) == 1
    assert not [file for file in folder.path.rglob("*") if file.name.startswith(".")]


def truncated() -> BytesIO:
    whole = written(Image.effect_noise((900, 900), 80).convert("RGB")).getvalue()
    return BytesIO(whole[: len(whole) // 3])


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("stream", "reason"),
    [
        (BytesIO(b""), "empty"),
        (BytesIO(b"MZ this is a program"), "not_a_picture"),
        (BytesIO(b"%PDF-1.7 a document"), "not_a_picture"),
        (BytesIO(SVG), "not_a_picture"),
        (BytesIO(b"\xff\xd8\xff\xe0" + b"nonsense" * 50), "broken"),
        (BytesIO(b"\x89PNG\r\n\x1a\n" + b"nonsense" * 50), "broken"),
        (BytesIO(b"\x00\x00\x00\x18ftypheic" + b"nonsense" * 50), "not_a_picture"),
        (truncated(), "broken"),
        (written(Image.new("RGB", (200, 200)), "TIFF"), "not_a_picture"),
        (written(drawn(3, 3)), "too_small"),
        (png_header(60_000, 60_000), "too_many_pixels"),
        (png_header(8_000, 8_000), "too_many_pixels"),
        (BytesIO(b"\xff\xd8" + bytes(MOST_BYTES)), "too_large"),
    ],
)
def test_what_is_no_photo_is_refused_with_a_sentence(
    folder: PhotoFolder, stream: BytesIO, reason: str
) -> None:
    stream.seek(0)
    with pytest.raises(PhotoRefused) as refused:
        folder.keep(stream, "IMG_3.jpg")
    assert refused.value.reason == reason
    assert str(refused.value).startswith("“IMG_3.jpg” ")
    assert str(refused.value).endswith(".")
    assert not folder.path.exists()


def test_a_decompression_bomb_is_refused_before_it_is_unpacked(folder: PhotoFolder) -> None:
    began = time.process_time()
    with pytest.raises(PhotoRefused):
        folder.keep(png_header(60_000, 60_000), "bomb.png")
    assert time.process_time() - began < 1


def test_a_heic_has_a_lower_limit_because_it_takes_more_memory(
    folder: PhotoFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.pictures.MOST_HEIC_PIXELS", 1000)
    stream = BytesIO()
    pillow_heif.from_pillow(drawn(64, 64)).save(stream)
    stream.seek(0)
    with pytest.raises(PhotoRefused, match="million pixels"):
        folder.keep(stream, "a.heic")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "“passwd”"),
        ("C:\\me\\a.jpg", "“a.jpg”"),
        ("", "This file"),
        ("x\u202egpj\n", "“xgpj”"),
    ],
)
def test_a_file_name_is_only_ever_words_in_a_sentence(folder: PhotoFolder, name: str, shown: str) -> None:
    with pytest.raises(PhotoRefused, match="empty") as refused:
        folder.keep(BytesIO(), name)
    assert str(refused.value).startswith(shown)


def test_a_small_copy_fits_a_letter(folder: PhotoFolder) -> None:
    stored = folder.keep(written(drawn(2000, 1000)), "a.jpg")
    with Image.open(BytesIO(folder.small(stored.sha256, 640))) as copy:
        assert copy.size == (640, 320)


def test_a_small_copy_is_made_once_and_goes_with_its_photo(folder: PhotoFolder) -> None:
    stored = folder.keep(written(drawn(2000, 1000)), "a.jpg")
    made = folder.small(stored.sha256, 640)
    original = folder.path / stored.sha256[:2] / f"{stored.sha256}.jpg"
    beside = original.with_suffix(".640.jpg")
    assert beside.read_bytes() == made
    original.write_bytes(b"never decoded again")
    assert folder.small(stored.sha256, 640) == made
    soon = datetime.now(UTC) + timedelta(days=3)
    assert folder.forget_orphans({stored.sha256}, older_than=soon) == 0
    assert beside.exists()
    assert folder.forget_orphans(set(), older_than=soon) == 1
    assert not beside.exists()
    # One that was made while its photo went goes later, and shows nothing meanwhile.
    beside.write_bytes(made)
    with pytest.raises(FileNotFoundError):
        folder.small(stored.sha256, 640)
    assert folder.forget_orphans(set(), older_than=soon) == 0
    assert not beside.exists()


def test_who_looks_at_a_photo_waits_for_none_that_comes_in(
    folder: PhotoFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = folder.keep(written(drawn(2000, 1000)), "a.jpg")
    with ThreadPoolExecutor(1) as elsewhere:
        with photos._one_at_a_time:
            assert elsewhere.submit(folder.small, stored.sha256, 640).result(timeout=5)
        monkeypatch.setattr(photos, "SMALL_PATIENCE", 0.01)
        with photos._one_small_at_a_time:
            with pytest.raises(PhotosBusy):
                folder.small(stored.sha256, 480)
            assert folder.small(stored.sha256, 640)


@pytest.mark.parametrize("name", ["", "../secret", "f" * 63, "F" * 64])
def test_only_a_hash_opens_a_photo(folder: PhotoFolder, name: str) -> None:
    with pytest.raises(FileNotFoundError):
        folder.open(name)


def test_photos_of_forms_never_sent_are_forgotten_and_others_stay(folder: PhotoFolder) -> None:
    now = datetime.now(UTC)
    old, young, sent = (folder.keep(written(drawn(100 + n, 100)), "a.jpg") for n in range(3))
    before = (now - timedelta(days=3)).timestamp()
    for photo in (old, sent):
        os.utime(folder.path / photo.sha256[:2] / f"{photo.sha256}.jpg", (before, before))
    assert folder.forget_orphans({sent.sha256}, older_than=now - timedelta(days=2)) == 1
    assert not folder.has(old.sha256)
    assert folder.has(young.sha256)
    assert folder.has(sent.sha256)


# -- the matrix of what telephones, cameras and attackers send --

UPRIGHT = {1: "red", 2: "lime", 3: "yellow", 4: "blue", 5: "red", 6: "blue", 7: "yellow", 8: "lime"}
"""EXIF rotation -> colour at the top left of a picture that is red, lime, blue, yellow by rows."""


@pytest.mark.parametrize("rotation", UPRIGHT)
def test_each_of_the_eight_rotations_is_upright(folder: PhotoFolder, rotation: int) -> None:
    picture = drawn(320, 240, "red")
    for colour, left, top in (("lime", 160, 0), ("blue", 0, 120), ("yellow", 160, 120)):
        picture.paste(colour, (left, top, left + 160, top + 120))
    exif = Image.Exif()
    exif[ORIENTATION] = rotation
    stored = folder.keep(written(picture, exif=exif, quality=95))
    assert (stored.width, stored.height) == ((320, 240) if rotation < 5 else (240, 320))
    with folder.open(stored.sha256) as stream, Image.open(stream) as again:
        found = again.convert("RGB").getpixel((40, 40))
    meant = ImageColor.getrgb(UPRIGHT[rotation])
    assert all(abs(one - other) < 60 for one, other in zip(found, meant, strict=True))  # type: ignore[arg-type]


def test_a_photo_of_48_million_pixels_is_kept(folder: PhotoFolder) -> None:
    kept = folder.keep(written(drawn(8000, 6000), quality=70), "48.jpg")
    assert (kept.width, kept.height) == (2048, 1536)


def test_a_heic_that_says_it_is_too_large_is_refused_before_it_is_read(folder: PhotoFolder) -> None:
    stream = BytesIO()
    pillow_heif.from_pillow(drawn(640, 480)).save(stream)
    before = b"ispe" + bytes(4) + struct.pack(">II", 640, 480)
    assert before in stream.getvalue()
    large = stream.getvalue().replace(before, b"ispe" + bytes(4) + struct.pack(">II", 6400, 4800))
    with pytest.raises(PhotoRefused) as refused:
        folder.keep(BytesIO(large), "large.heic")
    assert refused.value.reason in ("too_many_pixels", "broken", "not_a_picture")


def test_of_a_moving_webp_the_first_picture_is_kept(folder: PhotoFolder) -> None:
    moving = written(drawn(colour="white"), "WEBP", save_all=True, append_images=[drawn(colour="black")])
    stored = folder.keep(moving, "moving.webp")
    with folder.open(stored.sha256) as stream, Image.open(stream) as again:
        assert again.convert("L").getpixel((30, 30)) == 255


@pytest.mark.parametrize(
    "tail", [b"<script>alert(1)</script>", b"PK\x03\x04 an archive", b"%PDF-1.7 a document"]
)
def test_what_hangs_behind_a_picture_is_not_kept(folder: PhotoFolder, tail: bytes) -> None:
    stored = folder.keep(BytesIO(written(drawn(), comment=tail).getvalue() + tail), "both.jpg")
    with folder.open(stored.sha256) as stream:
        assert tail not in stream.read()


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF"])
def test_half_a_picture_is_refused(folder: PhotoFolder, kind: str) -> None:
    whole = written(Image.effect_noise((300, 300), 80).convert("RGB"), kind).getvalue()
    with pytest.raises(PhotoRefused) as refused:
        folder.keep(BytesIO(whole[: len(whole) // 2]), "half")
    assert refused.value.reason in ("broken", "not_a_picture")
    assert not folder.path.exists()

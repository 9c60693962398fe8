"""Can everything be brought back, and is nothing overwritten on the way?"""

from __future__ import annotations

import tarfile
from datetime import datetime
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from app import create_app
from casework.office import Office, the_office
from settings import Settings
from storage import lookups
from storage.backup import BackupRefused, backup, restore
from storage.database import db
from tests.builders import opened

LAYERS = ["layers/roads.geojson"]


def picture() -> BytesIO:
    raw = BytesIO()
    Image.new("RGB", (64, 48), "seagreen").save(raw, "JPEG")
    raw.seek(0)
    return raw


def test_a_copy_made_while_the_town_works_brings_everything_back(
    office: Office, settings: Settings, now: datetime, tmp_path: Path
):
    photo = office.photos.keep(picture(), "hole.jpg")
    office.photos.small(photo.sha256, 640)
    receipt, _ = opened(office, now, photos=(photo,))
    file = tmp_path / "monday.tar"
    assert backup(settings.data, settings.rules, LAYERS, file) == 1
    assert file.stat().st_mode & 0o077 == 0

    elsewhere = tmp_path / "elsewhere"
    assert restore(file, elsewhere) == 1
    again = create_app(Settings(data=elsewhere, secret=settings.secret, demo=True))
    with again.app_context():
        found = lookups.case_by_number(receipt.number)
        assert found is not None
        assert [photo.sha256 for photo in found.photos] == [photo.sha256]
        assert the_office().photos.has(photo.sha256)
        assert len(list(the_office().photos.path.glob("*/*"))) == 1, "small pictures are made again"
        db.engine.dispose()


def test_nothing_is_overwritten(office: Office, settings: Settings, now: datetime, tmp_path: Path):
    file = tmp_path / "monday.tar"
    backup(settings.data, settings.rules, LAYERS, file)
    with pytest.raises(BackupRefused, match="exists already"):
        backup(settings.data, settings.rules, LAYERS, file)
    with pytest.raises(BackupRefused, match="is not empty"):
        restore(file, settings.data)


def test_what_is_no_backup_is_refused(tmp_path: Path):
    wrong = tmp_path / "holiday.tar"
    wrong.write_bytes(b"not a tar file at all" * 100)
    with pytest.raises(BackupRefused, match="cannot be read as a backup"):
        restore(wrong, tmp_path / "a")
    with tarfile.open(tmp_path / "empty.tar", "w"):
        pass
    with pytest.raises(BackupRefused, match="not a backup of Townline"):
        restore(tmp_path / "empty.tar", tmp_path / "b")
    with pytest.raises(BackupRefused, match="no database"):
        backup(tmp_path / "nowhere", tmp_path / "rules.yaml", [], tmp_path / "x.tar")


@pytest.mark.parametrize(
    ("name", "kind"),
    [("../outside", tarfile.REGTYPE), ("/outside", tarfile.REGTYPE), ("link", tarfile.SYMTYPE)],
)
def test_a_copy_that_reaches_outside_its_folder_is_refused(tmp_path: Path, name: str, kind: bytes):
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, "/etc/hostname" if kind == tarfile.SYMTYPE else ""
    with tarfile.open(tmp_path / "bad.tar", "w") as archive:
        archive.addfile(member)
    with pytest.raises(BackupRefused, match="does not belong"):
        restore(tmp_path / "bad.tar", tmp_path / "town")
    assert list((tmp_path / "town").iterdir()) == []


@pytest.mark.parametrize("name", ["../maps/roads.geojson", "/srv/maps/roads.geojson"])
def test_a_copy_that_could_not_be_brought_back_is_not_made(
    office: Office, settings: Settings, tmp_path: Path, name: str
):
    file = tmp_path / "monday.tar"
    with pytest.raises(BackupRefused, match="could not bring it back"):
        backup(settings.data, settings.rules, [*LAYERS, name], file)
    assert not file.exists()


def test_what_links_point_to_is_in_the_copy(
    office: Office, settings: Settings, now: datetime, tmp_path: Path
):
    photo = office.photos.keep(picture(), "hole.jpg")
    opened(office, now, photos=(photo,))
    (settings.data / "photos").rename(tmp_path / "large disk")
    (settings.data / "photos").symlink_to(tmp_path / "large disk")
    (tmp_path / "rules.yaml").symlink_to(settings.rules)
    (tmp_path / "layers").symlink_to(settings.rules.parent / "layers")
    (tmp_path / "texts").symlink_to(settings.rules.parent / "texts")
    file = tmp_path / "monday.tar"
    backup(settings.data, tmp_path / "rules.yaml", LAYERS, file)
    assert restore(file, tmp_path / "elsewhere") == 1
    assert (tmp_path / "elsewhere" / "rules.yaml").read_bytes() == settings.rules.read_bytes()
    assert (tmp_path / "elsewhere" / LAYERS[0]).is_file()
    assert len(list((tmp_path / "elsewhere" / "photos").glob("*/*.jpg"))) == 1

"""Does a newcomer see a believable town's website, and every letter as its reader sees it?"""

from __future__ import annotations

from datetime import datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from casework.delivering import deliver_due
from casework.office import Office
from mail.folder import FolderCarrier
from settings import Settings
from tests.builders import opened
from tests.conscience import StrictClient

SITE = "http://localhost:8311"


@pytest.fixture
def folder(settings: Settings) -> Path:
    return settings.data / "letters"


def put(folder: Path, name: str = "20261014T160000-aa.eml", subject: str = "A letter") -> str:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = "Town <hall@x.example>", "foreman@x.example", subject
    letter["Date"] = "Wed, 14 Oct 2026 16:00:00 +0000"
    letter.set_content("Plain words.")
    letter.add_alternative(
        '<html><head></head><body><img src="cid:hole"><a href="/x">go</a></body></html>', "html"
    )
    page = letter.get_body(("html",))
    assert page is not None
    page.add_related(b"\xff\xd8 a picture", "image", "jpeg", cid="<hole>")
    letter.add_attachment(b"%PDF-1.7", "application", "pdf", filename="report.pdf")
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(letter.as_bytes())
    return name


@pytest.mark.parametrize("page", ["", "public-works", "trash-recycling"])
def test_the_website_is_plain_html_with_nothing_of_ours_but_the_snippet(
    client: StrictClient, page: str
) -> None:
    answer = client.get(f"/demo/{page}", base_url=SITE)
    assert answer.status_code == 200
    assert "demonstration" in answer.text
    assert "townline" not in answer.text
    assert "http://127.0.0.1:8311/report" in answer.text
    assert ("embed.js" in answer.text) == (page != "")


def test_the_website_stands_on_another_site_than_the_form(client: StrictClient) -> None:
    answer = client.get("/demo/public-works", base_url="http://127.0.0.1:8311")
    assert answer.status_code == 302
    assert answer.location == f"{SITE}/demo/public-works"
    assert client.get("/demo/nothing", base_url=SITE).status_code == 404


def test_an_empty_mailbox_says_what_to_do(client: StrictClient) -> None:
    answer = client.get("/demo/mailbox")
    assert "No letter has gone out yet" in answer.text


def test_the_mailbox_shows_the_newest_letter_first(client: StrictClient, folder: Path) -> None:
    put(folder, "20261013T160000-aa.eml", "The older letter")
    put(folder, "20261014T160000-bb.eml", "The newer letter")
    page = client.get("/demo/mailbox").text
    assert page.index("The newer letter") < page.index("The older letter")
    assert "foreman@x.example" in page


def test_a_letter_is_shown_with_its_pictures_and_its_attachments(
    client: StrictClient, bare_app: Flask, folder: Path
) -> None:
    name = put(folder)
    page = client.get(f"/demo/mailbox/{name}").text
    assert "Plain words." in page
    assert "report.pdf" in page
    assert "allow-scripts" not in page
    reader = FlaskClient(bare_app)
    body = reader.get(f"/demo/mailbox/{name}/body")
    assert '<base target="_top">' in body.text
    assert "data:image/jpeg;base64," in body.text
    assert "sandbox" in body.headers["Content-Security-Policy"]
    assert "allow-scripts" not in body.headers["Content-Security-Policy"]
    assert "script-src" not in body.headers["Content-Security-Policy"], "no script runs in it"
    file = reader.get(f"/demo/mailbox/{name}/attached/0")
    assert file.data == b"%PDF-1.7"
    assert file.headers["Content-Disposition"].startswith("attachment; filename=report.pdf")
    assert client.get(f"/demo/mailbox/{name}/attached/7").status_code == 404


@pytest.mark.parametrize("name", ["nothing.eml", "..%2F..%2Fsecret", "a.txt"])
def test_only_letters_are_opened(client: StrictClient, folder: Path, name: str) -> None:
    put(folder)
    assert client.get(f"/demo/mailbox/{name}").status_code == 404


def test_real_letters_can_be_opened(
    client: StrictClient, office: Office, folder: Path, now: datetime
) -> None:
    opened(office, now)
    deliver_due(office, FolderCarrier(folder), now=now)
    names = [file.name for file in folder.glob("*.eml")]
    assert len(names) == 2
    for name in names:
        assert client.get(f"/demo/mailbox/{name}").status_code == 200


def test_a_real_town_has_neither(settings: Settings, tmp_path: Path) -> None:
    real = settings.model_copy(update={"demo": False})
    assert not [rule for rule in create_app(real).url_map.iter_rules() if rule.rule.startswith("/demo")]

"""Which language does a page speak?"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from shutil import copy, copytree
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app import create_app
from casework.office import the_office
from routing.rulebook import Rulebook
from settings import ROOT, Settings
from storage.database import db, reading
from storage.tables import OutgoingLetter
from tests.builders import demo_rules, opened
from tests.conftest import SECRET
from tests.conscience import StrictClient, read_strictly
from tests.widgets.resident import MILL_ROAD, OLD_TURNPIKE, Resident
from widgets.languages import offered

MILL = (43.60902, -72.33341)


@pytest.fixture
def english(tmp_path: Path, empty_database: Path) -> Iterator[FlaskClient]:
    """A reader of the town whose rules offer one language only."""
    yield from _reader(tmp_path, empty_database, "en")


@pytest.fixture
def untranslated(tmp_path: Path, empty_database: Path) -> Iterator[FlaskClient]:
    """A reader of the town that offers Spanish and Arabic and has said nothing in them."""
    yield from _reader(tmp_path, empty_database, "en", "es", "ar")


def _reader(folder: Path, database: Path, *languages: str) -> Iterator[FlaskClient]:
    copy(database, folder / "townline.sqlite3")
    copytree(ROOT / "layers", folder / "layers")
    rules = folder / "rules.yaml"
    rules.write_text(demo_rules(*languages), encoding="utf-8")
    app = create_app(Settings(data=folder, rules=rules, secret=SECRET, demo=True))
    app.test_client_class = StrictClient
    yield app.test_client()
    with app.app_context():
        db.engine.dispose()


@pytest.mark.parametrize(
    ("asked", "gets"),
    [
        ("es", "es"),
        ("es-MX", "es"),
        ("es_419", "es"),
        ("FR-ca", "fr"),
        ("pt", ""),
        ("", ""),
        ("-", ""),
        ("e", ""),
    ],
)
def test_a_tag_is_served_by_its_language(asked: str, gets: str) -> None:
    assert offered(asked, ("en", "es", "fr")) == gets


def test_the_exact_tag_wins_over_its_neighbour() -> None:
    assert offered("pt-br", ("pt", "pt-BR")) == "pt-BR"
    assert offered("pt", ("en", "pt-BR")) == "pt-BR"


def test_a_page_follows_what_was_asked_for_then_the_browser_then_the_town(client: FlaskClient) -> None:
    asked = client.get("/report?lang=es-MX", headers={"Accept-Language": "fr"})
    assert asked.headers["Content-Language"] == "es"
    assert "accept-language" in asked.headers["Vary"].lower()
    assert '<html lang="es" dir="ltr"' in asked.text
    assert "¿Qué está mal?" in asked.text
    french = client.get("/report", headers={"Accept-Language": "fr-CA,en;q=0.5"})
    assert "Quel est le problème\u00a0?" in french.text
    other = client.get("/report?lang=pt", headers={"Accept-Language": "pt"})
    assert other.headers["Content-Language"] == "en"


def test_the_first_step_offers_the_languages_by_their_own_names_and_keeps_the_query(
    client: FlaskClient,
) -> None:
    resident = Resident(client, "/report?theme=dark&address=5+Elm&utm_id=7&lang=fr")
    spanish = 'formaction="/report?theme=dark&amp;address=5+Elm&amp;lang=es" lang="es">Español</button>'
    assert spanish in resident.page
    assert 'lang="fr" aria-current="true">Français</button>' in resident.page
    assert "utm_id" not in resident.page
    # They are buttons of the form: what was typed before a language is chosen is not lost.
    resident.in_language("es", description="Un agujero hondo")
    assert resident.answer.status_code == 200
    assert resident.answer.headers["Content-Language"] == "es"
    assert resident.step == "what"
    assert resident.fields()["description"] == "Un agujero hondo"
    resident.in_language("fr").picked("pothole")
    assert (resident.step, resident.answer.headers["Content-Language"]) == ("where", "fr")
    assert resident.fields()["place"] == "5 Elm"
    assert resident.fields()["description"] == "Un agujero hondo"
    assert 'data-theme="dark"' in resident.page


def test_a_town_with_one_language_offers_no_choice(english: FlaskClient) -> None:
    assert 'class="languages"' not in english.get("/report").text


def test_a_page_opened_from_a_letter_goes_on_in_its_language_and_offers_the_others(
    client: FlaskClient,
) -> None:
    english = {"Accept-Language": "en"}
    with client.application.app_context():
        number, tracking, stop, desk = _letters_of_a_spanish_request()
    own = client.get(tracking, headers=english)
    assert own.headers["Content-Language"] == "es"
    assert "Recibida" in own.text
    assert f'href="/r/{number}?{urlsplit(tracking).query}&amp;lang=fr" lang="fr"' in own.text
    assert client.get(f"{tracking}&lang=fr").headers["Content-Language"] == "fr"
    assert "lang=fr" in client.get(f"{tracking}&lang=fr").text.split('id="do-reply"')[0][-200:]
    assert client.get(stop, headers=english).headers["Content-Language"] == "es"
    assert client.get(desk, headers={"Accept-Language": "fr"}).headers["Content-Language"] == "en"
    assert client.get(f"{desk}?lang=fr").headers["Content-Language"] == "fr"


def _letters_of_a_spanish_request() -> tuple[str, str, str, str]:
    """Return the number, and the links of the resident's and of the employee's letter."""
    office, now = the_office(), datetime.now(UTC)
    receipt, case = opened(office, now, language="es")
    with reading() as session:
        raw = session.scalars(select(OutgoingLetter.raw)).all()
    found = " ".join(
        part.get_content()
        for one in raw
        for part in [message_from_bytes(one, policy=default).get_body(("plain",))]
        if part is not None
    )
    links = re.findall(rf"{re.escape(office.base_url)}(/[ar]/\S+)", found)
    tracking = next(link for link in links if link.startswith("/r/") and "/stop" not in link)
    desk = next(link for link in links if re.fullmatch(r"/a/\w+", link))
    number = receipt.number
    assert case.request.language == "es"
    return number, tracking, tracking.replace(f"/r/{number}", f"/r/{number}/stop"), desk


def test_a_position_is_written_as_maps_read_it_in_every_language(client: FlaskClient) -> None:
    resident = Resident(client, "/report?lang=es").picked("pothole").send(**OLD_TURNPIKE)
    for fields in ({}, {"description": "Un agujero hondo"}, {}):
        resident.send(**fields)
    assert resident.step == "check"
    assert "43.59597, -72.33374" in resident.page


# -- what the town has not said in the language of the page --


def _unmarked(page: str, town: set[str]) -> list[str]:
    """Return the town's English words on a page that do not say that they are English."""
    found: list[str] = []

    def walk(element: Element, language: str) -> None:
        own = element.get("lang") or language
        inside = "" if element.tag in ("title", "textarea", "script") else element.text or ""
        found.extend(text for text in town if own != "en" and text in " ".join(inside.split()))
        for child in element:
            walk(child, own)
            tail = " ".join((child.tail or "").split())
            found.extend(text for text in town if own != "en" and text in tail)

    walk(read_strictly(page), "")
    return found


def _town_words(book: Rulebook) -> set[str]:
    """Return what the town says that no product's sentence holds by chance, names aside."""
    texts: list[str] = [book.town.emergency.say.said("en")]
    for service in book.services.values():
        texts += [service.name.said("en"), service.description.said("en")]
        for question in service.questions:
            texts += [question.label.said("en"), *(one.said("en") for one in question.choices.values())]
    for rule in book.rules:
        texts += [one.said("en").partition("{")[0].strip() for one in (rule.say, rule.notice) if one]
    texts += [one.note.said("en") for one in book.agencies.values() if one.note]
    return {str(text) for text in texts if len(text) > 12}


def test_what_the_town_has_not_said_in_the_pages_language_says_which_it_is_in(
    untranslated: FlaskClient,
) -> None:
    app = untranslated.application
    with app.app_context():
        office = the_office()
        book, town = office.rulebook, _town_words(office.rulebook)
        receipt, _case = opened(office, datetime.now(UTC), service="pothole", language="es", at=MILL)
        with reading() as session:
            raw = session.scalars(select(OutgoingLetter.raw)).all()
    seen = 0
    for service in book.services:
        resident = Resident(untranslated, "/report?lang=es")
        pages = [resident.page, resident.picked(service).page, resident.send(**MILL_ROAD).page]
        pages += [resident.send(description="Algo", answer__danger="no").page]
        for page in pages:
            assert not _unmarked(page, town), service
            assert "&lt;span" not in page
            seen += page.count('<span lang="en">')
    assert seen > 100
    assert '<span lang="en" dir="ltr">' in untranslated.get("/report?lang=ar").text
    assert 'lang="en"' not in untranslated.get("/report?lang=en").text.replace('<html lang="en"', "").replace(
        'lang="en" aria-current', ""
    )
    letter = next(
        message_from_bytes(one, policy=default) for one in raw if b"resident@example.org" in one[:3000]
    )
    html = letter.get_body(("html",)).get_content()
    assert receipt.number in html
    assert '<span lang="en">' in html
    assert "span" not in letter["Subject"]
    assert "<span" not in letter.get_body(("plain",)).get_content()

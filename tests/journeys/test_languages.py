"""Does somebody who knows no English get through: form, page, letters, and the town's own staff too?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from shutil import copy, copytree

import pytest

from app import create_app
from casework import answering, redirecting
from casework.me_too import MeToo, follow
from casework.office import Office, the_office
from lifecycle.status import Ending
from mail.composer import Composer
from settings import ROOT, Settings
from storage.database import db
from tests import builders
from tests.builders import opened
from tests.conftest import SECRET
from tests.conscience import StrictClient
from tests.journeys import test_every_link as every_link
from tests.journeys.reading import english_left, texts_of, words_of_the_town
from tests.mail import test_letters_words as letters
from tests.widgets.resident import MILL_ROAD, OLD_TURNPIKE, ROUTE_88, TWO_ROADS, Resident

# The last ones are words of rules.yaml, which are the same in every language.
OWN_WORDS = (
    "Un trou, hueco y nada mas", "On Friday.", "Which side?", "The left.", "Filled.", "Theirs.", "No",
    "Our recycling was left standing", "A live wire hangs over the road", "most_a_day",
    "(town)", '"town"', "/request form", "sous town", "sección town",
    "«\N{NO-BREAK SPACE}town\N{NO-BREAK SPACE}»",
)  # fmt: skip
ENGLISH_READER = {"Accept-Language": "en-US,en"}


@dataclass
class Town:
    """A town whose first language is not English, and what was read of it."""

    client: StrictClient
    language: str
    known: list[str]
    left: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def read(self, name: str, page: str) -> None:
        self.look(name, texts_of(page))

    def look(self, name: str, texts: Iterable[str]) -> None:
        new = set(texts) - self.seen
        self.seen |= new
        self.left += [f"{name}: {one}" for one in english_left(new, self.language, self.known)]

    def letter(self, kind: str, letter: EmailMessage) -> None:
        text, html = letter.get_body(("plain",)), letter.get_body(("html",))
        assert text is not None
        assert html is not None
        lines = [str(letter["Subject"]), *(line.strip("> ") for line in text.get_content().splitlines())]
        self.look(f"{kind}, its text", lines)
        self.read(f"{kind}, its page", html.get_content())


@pytest.fixture
def town(request: pytest.FixtureRequest, tmp_path: Path, empty_database: Path) -> Iterator[Town]:
    copy(empty_database, tmp_path / "townline.sqlite3")
    copytree(ROOT / "layers", tmp_path / "layers")
    (tmp_path / "rules.yaml").write_text(builders.demo_rules(request.param, "en"), encoding="utf-8")
    app = create_app(Settings(data=tmp_path, rules=tmp_path / "rules.yaml", secret=SECRET, demo=True))
    app.test_client_class, app.testing = StrictClient, True
    client = app.test_client(use_cookies=False)
    assert isinstance(client, StrictClient)
    with app.app_context():
        office = the_office()
        known = [*words_of_the_town(office.rulebook), *OWN_WORDS, *names(office)]
        yield Town(client, request.param, known)
        db.engine.dispose()


def names(office: Office) -> Iterator[str]:
    rulebook = office.rulebook
    yield from (*rulebook.layers, *(layer.replace("-", " ") for layer in rulebook.layers))
    yield from (rule.id for rule in rulebook.rules)
    yield from (check.text for check in rulebook.checks)
    for line in office.layers.outlines():
        if line.name:
            yield line.name


# What is left in English is left in every language (the catalogues themselves are held complete elsewhere),
# so that one language is enough for each of the longer walks.
@pytest.mark.parametrize("town", ["es", "fr"], indirect=True)
def test_the_form_speaks_one_language_from_its_first_step_to_its_receipt(town: Town) -> None:
    pages = Pages(town)
    resident = pages.open("/report")
    pages.sent(resident, description="")
    pages.sent(resident, description="Un trou, hueco y nada mas")
    pages.sent(resident, service="pothole")
    pages.sent(resident, place="", lat="", lon="")
    pages.sent(resident, **OLD_TURNPIKE)
    pages.sent(resident, description="")
    pages.sent(resident, description="Un trou, hueco y nada mas 603-555-0100")
    pages.sent(resident, email="resident@", phone="1")
    pages.sent(resident, email="resident@example.org", phone="603-555-0142")
    assert resident.step == "check"
    pages.sent(resident)
    pages.get(resident.answer.location)
    pages.get(resident.answer.location.replace("&new=1", ""))
    near = pages.open("/report/pothole", meets_others=True)
    pages.sent(near, **OLD_TURNPIKE)
    assert near.step == "near"
    pages.sent(near, follow=re.findall(r'name="follow" value="([\d-]+)"', near.page)[0])
    pages.sent(near, email="neighbor@example.org")
    assert town.left == [], "\n".join(town.left)


def test_the_demonstration_says_its_own_words_in_the_readers_language_too(
    client: StrictClient, office: Office
) -> None:
    town = Town(client, "es", [*words_of_the_town(office.rulebook, "es"), *OWN_WORDS, *names(office)])
    pages = Pages(town)
    resident = pages.open("/report?lang=es")
    pages.sent(resident, description="Un trou, hueco y nada mas")
    pages.sent(resident, service="street-light")
    pages.sent(resident, **MILL_ROAD)
    card = pages.open("/report/pothole?lang=es")
    pages.sent(card, **ROUTE_88)
    passed = pages.open("/report/pothole?lang=es")
    pages.sent(passed, **MILL_ROAD)
    for address in ("/report/recent?lang=es", "/report/my-request?lang=es", "/report/whose-job?lang=es"):
        assert pages.open(address).answer.headers["Content-Language"] == "es"
    assert town.left == [], "\n".join(town.left)


@pytest.mark.parametrize("town", ["es"], indirect=True)
def test_every_way_out_and_every_small_widget_speaks_it_too(town: Town) -> None:
    pages = Pages(town)
    card = pages.open("/report/pothole")
    pages.sent(card, **ROUTE_88)
    ask = pages.open("/report/pothole")
    pages.sent(ask, **TWO_ROADS)
    pages.sent(ask)
    stop = pages.open("/report/street-light")
    pages.sent(stop, place="Elm Street")
    pages.sent(stop, description="Un trou, hueco y nada mas", down="yes", q__hanging="yes")
    several = pages.open("/report/pothole")
    pages.sent(several, place="Main Street")
    passed = pages.open("/report/pothole")
    pages.sent(passed, **MILL_ROAD)
    pages.sent(passed, told=passed.told())
    pages.sent(passed, description="Un trou, hueco y nada mas")
    pages.sent(passed, email="neighbor@example.org")
    pages.sent(passed)
    pages.get(passed.answer.location)
    program = pages.open("/report/missed-pickup")
    pages.sent(program, description="https://a.example https://b.example https://c.example")
    pages.sent(program, email="neighbor@example.org")
    pages.sent(program)
    status = pages.open("/report/my-request")
    pages.sent(status, number="", email="")
    pages.sent(status, number="26-0001", email="neighbor@example.org")
    whose = pages.open("/report/whose-job")
    pages.sent(whose, service="pothole")
    pages.sent(whose, **MILL_ROAD)
    for address in ("/report/recent", "/nowhere", "/operations/", "/r/26-0001", "/a/abcdefghijkmnpqrstuv"):
        answer = town.client.get(address, headers={"Accept-Language": town.language})
        town.read(address, answer.text)
    assert town.left == [], "\n".join(town.left)


@pytest.mark.parametrize("town", ["fr"], indirect=True)
def test_every_letter_and_every_page_behind_its_links_speaks_it_whatever_the_browser_prefers(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    office, now, pages = replace(the_office(), reads_mail=True), datetime.now(UTC), Pages(town)
    monkeypatch.setattr(builders, "ORDINARY", replace(builders.ORDINARY, language=town.language))
    every_link.everybody_is_written_to(office, now)
    followed(office, now, town.language)
    seen = set[str]()
    for kind, letter in every_link.letters():
        town.letter(kind, letter)
        seen |= every_link.links(office, letter)
    for link in sorted(seen):
        if not link.startswith("/static"):
            pages.get(link)
    assert len(seen) > 30
    door = next(link for link in seen if link.startswith("/operations/"))
    for room in ("rules", "map", "map?lat=43.59597&lon=-72.33374&service=pothole", "mail", "turns", "embed"):
        pages.get(door + room)
    for desk in sorted(link for link in seen if re.fullmatch(r"/a/\w+", link))[:3]:
        nothing = town.client.post(desk, data={"do": "answer"}, headers=ENGLISH_READER)
        town.read(f"{desk}, with a mistake", nothing.text)
    assert town.left == [], "\n".join(town.left)


def followed(office: Office, now: datetime, language: str) -> None:
    """Somebody says "me too" to what is answered, handed on and finished."""
    case = opened(office, now, service="pothole", at=every_link.TOWN_ROAD)[1]
    one = MeToo(nonce="n" * 20, email="neighbor@example.org", words="", language=language)
    follow(office, case.request.number, one, now=now)
    key = case.request.id
    answering.answer(office, key, text="On Friday.", by=every_link.FOREMAN, now=now)
    redirecting.redirect(office, key, agency=every_link.COUNTY, text="", by=every_link.FOREMAN, now=now)
    redirecting.agency_accept(office, key, text="", by=every_link.AGENCY, now=now)
    redirecting.agency_refuse(office, key, text="", by=every_link.AGENCY, now=now)
    answering.finish(office, key, ending=Ending.FIXED, text="Filled.", by=every_link.FOREMAN, now=now)


@dataclass
class Pages:
    """A walk on which every page is read."""

    town: Town

    def open(self, address: str, **more: bool) -> Resident:
        resident = Resident(self.town.client, address, **more)  # type: ignore[arg-type]
        self.town.read(address, resident.page)
        return resident

    def sent(self, resident: Resident, **values: str) -> None:
        resident.send(**values)
        if resident.answer.status_code == 303:
            return
        self.town.read(f"{resident.step} after {list(values)}", resident.page)

    def get(self, address: str) -> str:
        answer = self.town.client.get(address, headers=ENGLISH_READER)
        assert answer.status_code == 200, address
        self.town.read(address, answer.text)
        return answer.text


@pytest.mark.parametrize("language", ["es", "fr"])
def test_no_letter_that_can_be_written_has_english_in_it(language: str) -> None:
    """The rare ones too, which no journey here brings about."""
    composer = Composer(ROOT / "templates", ROOT / "translations", letters.BOOK.town.zone)
    known = [*words_of_the_town(letters.BOOK), *OWN_WORDS]
    left = []
    for name, context in letters.LETTERS.items():
        given = {**letters.ALWAYS, **context}
        words = composer.compose(name, language, **given)
        own = [*known, *strings(given), *(line for one in strings(given) for line in one.splitlines())]
        found = english_left([words.subject, *words.text.splitlines(), *texts_of(words.html)], language, own)
        left += [f"{name}: {one}" for one in found]
    assert left == [], "\n".join(left)


def strings(thing: object) -> Iterator[str]:
    if isinstance(thing, str):
        yield thing
        yield thing.rstrip(".")
    elif isinstance(thing, dict):
        for value in thing.values():
            yield from strings(value)
    elif isinstance(thing, (list, tuple)):
        for value in thing:
            yield from strings(value)
    elif hasattr(thing, "__dict__"):
        yield from strings(vars(thing))

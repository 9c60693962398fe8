"""Can the web clerk put the form on the town's website from one page, with nothing to type by hand?"""

from __future__ import annotations

import html
import io
import re
from dataclasses import replace
from datetime import UTC, datetime
from xml.etree import ElementTree

import pikepdf
import pypdf
import pytest
from werkzeug.datastructures import MultiDict

from casework.office import Office
from operations.embed_choice import chosen
from operations.embed_fitting import HEADINGS, Said, fit
from operations.embed_ladder import contact, ladder, snippet
from operations.embed_poster import Sheet, code_svg, html_of, poster
from paper.pdf import NoRenderer, pdf_of
from settings import ROOT
from tests.conscience import StrictClient
from websites.reading import seen

NOW = datetime(2026, 10, 14, 16, 0, tzinfo=UTC)


@pytest.fixture
def rungs(app, office: Office):
    """The ways for one choice, by name."""

    def of(**given: str):
        with app.test_request_context("/"):
            return {rung.id: rung.code for rung in ladder(chosen(office, given), office)}

    return of


def test_every_way_into_a_page_leads_to_the_form(rungs, office: Office) -> None:
    base = office.base_url
    found = rungs(show="streets", language="en", scheme="dark", colour="#803300", title='Say "it"')
    ours = {name: seen(code, "https://www.example.gov/", base) for name, code in found.items()}
    for name in ("script", "link", "button"):
        (link,) = ours[name].links
        assert link.url.startswith(f"{base}/report/streets"), name
        assert link.text == "Report a problem on a street"
    assert ours["script"].links[0].mode == "inline"
    assert ours["script"].scripts[0].is_ours
    assert ours["link"].links[0].by_hash
    assert ours["footer"].scripts[0].is_ours
    (frame,) = ours["frame"].frames
    assert (frame.title, frame.allow) == ('Say "it"', "geolocation")
    assert "embed=1" in frame.url
    assert ours["form"].forms == ("get",)
    assert found["address"] == f"{base}/report/streets?lang=en&accent=803300&theme=dark"
    assert found["wordpress"].startswith('[townline widget="streets" text="Report a problem on')
    plugin = (ROOT / "wordpress" / "townline" / "townline.php").read_text()
    for name in re.findall(r' (\w+)="', found["wordpress"]):
        assert f"'{name}'" in plugin, "the plugin knows every word that the page writes for it"
    assert found["wordpress"].count("[") == found["wordpress"].count("]") == 1, "copied, it is one form"
    assert found["block"].startswith('<!-- wp:townline/form {"widget": "streets"')
    assert "'townline/form'" in plugin
    assert office.rulebook.town.phone in found["contact"]


def test_without_its_script_the_best_snippet_opens_the_same_form(rungs, office: Office) -> None:
    given = {
        "language": "es",
        "colour": "#803300",
        "scheme": "dark",
        "place": "5 Elm Street",
        "assets": "E-31",
    }
    found = rungs(show="streets", title="Calles", **given)
    (best,) = seen(found["script"], "https://www.example.gov/", office.base_url).links
    assert best.url == found["address"], "the bare link says all that the other ways say"
    for words in ("lang=es", "accent=803300", "theme=dark", "address=5+Elm+Street", "asset=E-31"):
        assert words in best.url
    assert 'data-title="Calles"' in found["script"]


def test_what_is_written_into_a_snippet_cannot_break_out_of_it(rungs, office: Office) -> None:
    nasty = "\"></a><script>alert(1)</script>]--><b a='"
    for name, code in rungs(show="pothole", title=nasty, place=nasty, assets=nasty).items():
        if name in ("address", "contact", "wordpress", "block"):
            assert "<script>" not in code.replace("<script async", "")
            continue
        found = seen(code, "https://www.example.gov/", office.base_url)
        assert len(found.scripts) == code.count("<script async"), name
        assert "<script>" not in code, name
        assert not re.search(r"<b\b", code), name
    assert rungs(title=nasty)["block"].count("-->") == 1


def test_a_widget_brings_its_own_words_and_colour(app, office: Office, client: StrictClient) -> None:
    streets = office.rulebook.widgets["streets"]
    own = streets.model_copy(
        update={"accent": "#803300", "button": type(streets.title)({"en": "Fix my street", "es": "Arreglen"})}
    )
    book = office.rulebook.model_copy(update={"widgets": {**office.rulebook.widgets, "streets": own}})
    object.__setattr__(office, "rulebook", book)
    with app.test_request_context("/"):
        english = snippet(chosen(office, {"show": "streets", "language": "en"}), office, office.base_url)
        assert ">Fix my street</a>" in english
    assert "/803300/townline.css" in client.get("/report/streets").text
    assert "/803300/townline.css" not in client.get("/report").text
    assert "/112233/townline.css" in client.get("/report/streets?accent=112233").text


def test_the_page_works_without_a_script(client: StrictClient, link: str, office: Office) -> None:
    page = client.get(f"{link}embed?show=pothole&mode=dialog&colour=ffee00&scheme=dark&assets=E-31").text
    assert "data-report=&#34;dialog&#34;" in page
    assert "asset=E-31" in page.partition("code-script")[2].partition("</textarea>")[0]
    assert "contrast of 1.2 to 1 on white" in page
    # No button that would do nothing; the fields can be selected and copied.
    assert all("hidden" in one for one in re.findall(r"<button[^>]*data-copy[^>]*>", page))
    assert page.count("readonly") >= 9
    for widget in office.rulebook.widgets.values():
        assert html.escape(widget.title.said("en"), quote=True) in page
    # Choosing changes neither the language nor the colours of this very page.
    spanish = client.get(f"{link}embed?language=es&scheme=dark&colour=ffee00").text
    assert '<html lang="en"' in spanish
    assert "/ffee00/" not in spanish.partition("<main")[0]


def test_a_place_or_number_that_the_town_does_not_know_is_told_before_it_is_printed(
    client, link: str
) -> None:
    page = client.get(f"{link}embed?place=Rue+de+Nowhere&assets=xx")
    assert page.status_code == 200, "a warning, and no refusal"
    assert page.text.count("map does not know this place") == 2, "at the field and beside the stickers"
    assert page.text.count("no pole or hydrant with this number: xx.") == 2
    known = client.get(f"{link}embed?place=Elm+Street&assets=e+251+E-292").text
    assert "map does not know" not in known
    assert "this number" not in known
    assert "these 2 numbers: xx, yy." in client.get(f"{link}embed?assets=xx+yy+E-251").text


def test_the_same_form_is_offered_once_and_the_page_says_who_may_show_it(client, link: str, office) -> None:
    page = client.get(f"{link}embed?show=report").text
    assert "Every service: Report a problem" in page
    assert '<option value="report"' not in page
    assert "data-report=&#34;inline&#34;" in page
    ways = page.partition('id="ways"')[2].partition('class="rungs"')[0]
    assert "your website must be listed" in ways
    assert office.rulebook.town.websites[0] in ways


@pytest.mark.parametrize(
    ("query", "words"),
    [("colour=red", "six hexadecimal digits"), ("show=no-such", "no such form or service")],
)
def test_a_wrong_choice_is_told_and_the_rest_of_it_kept(client, link: str, query: str, words: str) -> None:
    answer = client.get(f"{link}embed?{query}&title=Ours")
    assert answer.status_code == 422
    assert words in answer.text
    assert 'value="Ours"' in answer.text


def test_the_preview_shows_the_very_snippet_and_only_ours(client: StrictClient, link: str) -> None:
    page = client.get(f"{link}embed?show=streets&mode=button")
    (address,) = re.findall(r'<iframe class="preview" src="([^"]+)"', page.text)
    preview = client.get(address)
    assert 'data-report="button"' in preview.text
    assert preview.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in preview.headers["Content-Security-Policy"]
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]
    # The form is told on which page it stands, so that address must be no key.
    assert link.strip("/").split("/")[-1] not in address
    assert client.get(address[:-3] + "abc").status_code == 404


# -- on paper --


def words_of(pdf: bytes) -> str:
    return re.sub(r"\s+", " ", " ".join(one.extract_text() for one in pypdf.PdfReader(io.BytesIO(pdf)).pages))


def test_a_poster_says_who_what_where_and_can_be_read_aloud(app, office: Office) -> None:
    with app.test_request_context("/"):
        choice = chosen(office, MultiDict({"show": "streets", "language": "en"}))
        name, pdf = poster(choice, office, Sheet("poster", "a4"), now=NOW)
        assert poster(choice, office, Sheet("poster", "a4"), now=NOW)[1] == pdf
    town, said = office.rulebook.town, words_of(pdf)
    assert name == "poster-streets-en.pdf"
    address = office.base_url.partition("://")[2] + "/report/streets"
    for words in (town.name.said("en"), "Report a problem on a street", town.phone, town.email, address):
        assert words in said
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert len(document.pages) == 1
        assert [round(float(one)) for one in document.pages[0].MediaBox] == [0, 0, 595, 842]
        assert str(document.Root.Lang) == "en"
        assert bool(document.Root.MarkInfo.Marked)
        assert "Report a problem on a street" in str(document.open_metadata()["dc:title"])
        assert any(
            "QR code that leads to" in str(one.get("/Alt", "")) for one in document.objects if _is_dict(one)
        )


def _is_dict(one: object) -> bool:
    return isinstance(one, pikepdf.Dictionary)


LONG = "Report a street, a sidewalk, a tree, a park, a drain, a street light or all else here in town to us"


@pytest.mark.parametrize("size", ["letter", "a4"])
def test_both_cards_hold_their_last_line_in_every_language_and_under_a_long_title(app, office, size) -> None:
    wanted = [(lang, title) for lang in ("es", "fr", "en") for title in ("", LONG, "W" * 120)]
    pages, lasts = [], []
    with app.test_request_context("/"):
        for lang, title in wanted:
            given = {"show": "streets", "language": lang, "title": title, "assets": "AF-" + "1" * 20}
            choice = chosen(office, given)
            pages.append(html_of(choice, office, Sheet("card", size)))
            lasts.append(contact(choice, office)[-1])
    # One document of all sheets: each is the very page, its style kept to itself by its own number.
    found = [_alone(page, now) for now, page in enumerate(pages)]
    head = re.sub(r"<style>.*?</style>", "", pages[0].partition("</head>")[0], flags=re.DOTALL)
    styles, bodies = zip(*found, strict=True)
    whole = f"{head}<style>{''.join(styles)}</style></head><body>{''.join(bodies)}</body></html>"
    reader = pypdf.PdfReader(io.BytesIO(pdf_of(whole, created=NOW)))
    assert len(reader.pages) == len(wanted)
    for page, last, (lang, title) in zip(reader.pages, lasts, wanted, strict=True):
        lines = _written(page)
        said = re.sub(r"\s+", "", "".join(text for _at, text in lines))
        assert said.count(re.sub(r"\s+", "", last)) == 2, (lang, title)
        assert min(at for at, text in lines if text.strip()) > 15, (lang, title, "inside the paper")


def _written(page: pypdf.PageObject) -> list[tuple[float, str]]:
    """Return what stands on a page, each piece with its height above the paper's edge in points."""
    found: list[tuple[float, str]] = []
    page.extract_text(visitor_text=lambda text, cm, tm, *_more: found.append((cm[5] + tm[5] * cm[3], text)))
    return found


def _alone(page: str, number: int) -> tuple[str, str]:
    """Return a sheet's style and body, so that several can stand in one document."""
    style = page.partition("<style>")[2].partition("</style>")[0]
    rules = [
        rule if "@page" in rule else re.sub(r"\.card\b", f".n{number} .card", rule)
        for rule in style.split("\n")
    ]
    body = page.partition("<main>")[2].partition("</main>")[0]
    return "\n".join(rules), f'<main class="n{number}" style="break-after: page">{body}</main>'


@pytest.mark.parametrize("size", ["letter", "a4"])
@pytest.mark.parametrize("kind", ["poster", "stickers"])
def test_a_long_title_makes_type_smaller_and_no_second_page(
    app, office: Office, kind: str, size: str
) -> None:
    said = Said(
        "Town of Alder Falls",
        LONG,
        "Point your phone's camera at it. " * 3,
        "Number AF-1",
        "311.example.gov/r",
        ("Call 603-555-0100", "Write to us@example.gov", "Come to 1 Main Street"),
    )
    long, short = fit(kind, size, said), fit(kind, size, replace(said, heading="Streets"))
    assert long.heading < short.heading == HEADINGS[kind]
    assert long.words == 1, "the telephone stays as large as it was"


def test_stickers_know_each_its_own_pole(app, office: Office) -> None:
    with app.test_request_context("/"):
        choice = chosen(office, {"show": "street-light", "assets": "AF-101, AF-102 AF-102 AF-103"})
        page = html_of(choice, office, Sheet("stickers", "letter"))
        card = html_of(
            chosen(office, {"show": "street-light", "assets": "AF-9"}), office, Sheet("card", "a4")
        )
    assert page.count("<img") == 3
    assert re.findall(r"street-light\?asset=(AF-\d+)</p>", page) == ["AF-101", "AF-102", "AF-103"]
    assert card.count("<img") == 2
    assert "Number AF-9" in card


def test_the_code_alone_is_a_clean_picture(client: StrictClient, link: str) -> None:
    answer = client.get(f"{link}embed/code.svg?show=streets")
    assert answer.mimetype == "image/svg+xml"
    assert ElementTree.fromstring(answer.data).tag.endswith("svg")
    assert code_svg("https://311.example.gov/report") == code_svg("https://311.example.gov/report")


def test_a_machine_that_makes_no_pdf_says_so_and_gives_the_code(client, link: str, monkeypatch) -> None:
    def missing(*_args: object, **_more: object) -> bytes:
        raise NoRenderer("the PDF cannot be made here: cannot load library libpango-1.0-0")

    monkeypatch.setattr("operations.embed_poster.pdf_of", missing)
    answer = client.get(f"{link}embed/poster.pdf?show=streets")
    assert answer.status_code == 503
    assert "libpango" in answer.text
    assert "embed/code.svg?show=streets" in answer.text

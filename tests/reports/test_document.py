"""Is the document true, accessible and harmless? The PDF itself is opened and read."""

from __future__ import annotations

import csv
import io
import re
import socket
import threading
from dataclasses import replace
from datetime import timedelta

import pikepdf
import pypdf
import pytest

from paper.pdf import Enclosed, NoRenderer, RenderFailed, pdf_of
from reports.attention import attention
from reports.cells import Cells, defused
from reports.document import SETTINGS, Document, html_of
from reports.hiding import AGENCIES
from reports.naming import Naming
from reports.pictures import ages_finding
from reports.wording import Speech, sentences
from tests.figures.town import figures
from tests.reports.past import AS_OF, NAMING, OCTOBER, past, tallies
from tests.reports.samples import lively

SAY = Speech()


@pytest.fixture(scope="module")
def told():
    return figures(past(), tallies(), period=OCTOBER, as_of=AS_OF)


@pytest.fixture(scope="module")
def page(told) -> str:
    return html_of(Document(told, NAMING))


@pytest.fixture(scope="module")
def pdf(told, page) -> bytes:
    return pdf_of(
        page, created=AS_OF, enclosed=Enclosed("figures.csv", Document(told, NAMING).csv), settings=SETTINGS
    )


@pytest.fixture(scope="module")
def text(pdf) -> str:
    return text_of(pdf)


def text_of(pdf: bytes) -> str:
    """Return the words of all pages without any space: where one stands is the reader's guess."""
    return squeezed(" ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages))


def squeezed(words: str) -> str:
    return "".join(words.split())


# -- what it says -------------------------------------------------------------------------------------


def test_every_headline_figure_stands_in_the_pdf(told, text) -> None:
    this = told.this
    assert squeezed(f"Received {this.received} reports, {this.issues} different issues") in text
    assert squeezed(f"Finished {this.finished} {this.outcomes['fixed']} of them fixed") in text
    assert squeezed(f"Open at the end {this.open_after} {told.backlog.overdue} overdue") in text
    assert squeezed(f"{SAY.share(this.on_time_share)} {this.on_time} of {this.due} that were due") in text
    assert (
        squeezed(f"Half finished within {SAY.length(this.half)} nine in ten: {SAY.length(this.ninety)}")
        in text
    )
    assert squeezed(f"First answer, half within {SAY.length(this.first_answer)}") in text


def test_every_sentence_of_the_summary_stands_in_the_pdf(told, text) -> None:
    for sentence in sentences(Cells(told), SAY):
        assert squeezed(sentence) in text


def test_every_row_of_the_tables_stands_in_the_pdf(told, text) -> None:
    doc = Document(told, NAMING)
    for row in told.services:
        numbers = [doc.line("service", row, figure) for figure in ("received", "received_before", "finished")]
        assert squeezed(NAMING.services[row.name] + "".join(numbers)) in text
    for row in told.agencies:
        numbers = [doc.cell("agency", row.agency, figure, getattr(row, figure)) for figure in AGENCIES]
        assert squeezed(NAMING.agencies[row.agency] + "".join(numbers)) in text
    assert "".join(str(month.snapshot.received) for month in told.months) in text


def test_the_csv_inside_the_pdf_has_the_same_figures(told, pdf) -> None:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        inside = document.attachments["figures.csv"].get_file().read_bytes()
    assert inside == Document(told, NAMING).csv
    rows = {
        (row["section"], row["name"], row["figure"]): row["value"]
        for row in csv.DictReader(io.StringIO(inside.decode()))
    }
    assert rows["this", "", "received"] == str(told.this.received)
    assert rows["this", "", "outcomes.fixed"] == str(told.this.outcomes["fixed"])
    assert rows["month", "2026-09", "open_after"] == str(told.last.open_after)
    assert rows["service", told.services[0].name, "received"] == str(told.services[0].snapshot.received)


def test_a_tiny_month_is_one_honest_page_without_percentages() -> None:
    few = figures(past(months=1, a_month=8), tallies(), period=OCTOBER, as_of=AS_OF)
    naming = Naming(
        **{**vars(NAMING), "title": "What residents asked for, and what became of it", "is_demo": True}
    )
    pdf = pdf_of(html_of(Document(few, naming)), created=AS_OF, settings=SETTINGS)
    assert len(pypdf.PdfReader(io.BytesIO(pdf)).pages) == 1
    assert "%" not in text_of(pdf)


def test_an_empty_month_says_so_on_one_page() -> None:
    none = figures((), (), period=OCTOBER, as_of=AS_OF)
    pdf = pdf_of(html_of(Document(none, NAMING)), created=AS_OF, settings=SETTINGS)
    assert len(pypdf.PdfReader(io.BytesIO(pdf)).pages) == 1
    assert squeezed("No requests came in during October 2026.") in text_of(pdf)
    assert squeezed("At the end nothing was open.") in text_of(pdf)


def test_an_ordinary_month_has_a_few_pages_numbered_and_named(pdf) -> None:
    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]
    assert 5 <= len(pages) <= 8
    for number, page in enumerate(pages, start=1):
        assert f"Page {number} / {len(pages)}" in re.sub(r"\s+", " ", page)
    assert all("Resident requests, October 2026" in page for page in pages[1:])


def test_the_paper_is_that_of_the_country(pdf) -> None:
    none = figures((), (), period=OCTOBER, as_of=AS_OF)
    other = pdf_of(html_of(Document(none, Naming(**{**vars(NAMING), "paper": "a4"}))), created=AS_OF)
    assert size_of(pdf) == (612, 792)
    assert size_of(other) == (595, 842)


def size_of(pdf: bytes) -> tuple[int, int]:
    box = pypdf.PdfReader(io.BytesIO(pdf)).pages[0].mediabox
    return round(box.width), round(box.height)


# -- how it is built ----------------------------------------------------------------------------------


def test_the_pdf_is_tagged_titled_and_in_a_language(pdf) -> None:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert str(document.Root.Lang) == "en"
        assert document.Root.MarkInfo.Marked
        assert document.Root.ViewerPreferences.DisplayDocTitle
        with document.open_metadata() as metadata:
            assert metadata["dc:title"] == "Resident requests, October 2026 – Town of Millbrook Falls"
            assert metadata["pdfaid:part"] == "3"
            assert metadata["pdfaid:conformance"] == "A"
            assert metadata["pdfuaid:part"] == "1"
        tags = list(tags_of(document.Root.StructTreeRoot))
    headings = [tag for tag in tags if re.fullmatch(r"/H\d", tag)]
    assert headings[0] == "/H1"
    assert headings.count("/H1") == 1
    assert set(headings) == {"/H1", "/H2"}
    assert tags.count("/Table") >= 5
    assert tags.count("/TH") > 30
    assert tags.count("/Figure") >= 3


def tags_of(node):
    kids = node.get("/K")
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary):
            if "/S" in kid:
                yield str(kid.S)
            yield from tags_of(kid)


def test_every_picture_that_tells_something_has_its_sentence(pdf, told) -> None:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        alts = [
            str(node.Alt)
            for node in document.objects
            if isinstance(node, pikepdf.Dictionary) and "/Alt" in node
        ]
    assert any(alt.startswith("Requests received per month") for alt in alts)
    assert any("open at the end; the largest group" in alt for alt in alts)
    assert any("quickest is" in alt for alt in alts)
    with pikepdf.open(io.BytesIO(pdf)) as document:
        figures = [
            node
            for node in document.objects
            if isinstance(node, pikepdf.Dictionary) and node.get("/S") == "/Figure"
        ]
        assert figures
        assert all("/Alt" in figure for figure in figures)


def test_every_font_is_inside_and_is_the_bundled_one(pdf) -> None:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        fonts = [
            node
            for node in document.objects
            if isinstance(node, pikepdf.Dictionary) and node.get("/Type") == "/FontDescriptor"
        ]
    assert fonts
    for font in fonts:
        assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(font.keys())
        assert "Source-Sans-Pro" in str(font.FontName) or "SourceSansPro" in str(font.FontName)


def test_every_header_cell_says_what_it_heads(page) -> None:
    assert page.count("<th ") == len(re.findall(r'<th scope="(?:col|row)"', page))
    assert "<th>" not in page


def test_the_page_is_complete_in_itself(page) -> None:
    assert not re.search(r"<(link|script|img|iframe|object)\b", page)
    assert not re.search(r"url\((?!#)", page)
    addresses = set(re.findall(r"https?://[^\"' <]+", page))
    assert addresses == {"http://www.w3.org/2000/svg"}


def test_the_same_figures_give_the_same_bytes(told, page, pdf) -> None:
    assert (
        pdf_of(
            page,
            created=AS_OF,
            enclosed=Enclosed("figures.csv", Document(told, NAMING).csv),
            settings=SETTINGS,
        )
        == pdf
    )
    assert html_of(Document(told, NAMING)) == page


# -- what it must never do ----------------------------------------------------------------------------


def test_nothing_is_fetched_from_hostile_words(told, tmp_path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the town's secret")
    touched = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        address = f"http://127.0.0.1:{server.getsockname()[1]}"

        def listen() -> None:
            for _ in range(60):
                try:
                    server.accept()[0].close()
                    touched.set()
                except OSError:
                    if done.is_set():
                        return

        done = threading.Event()
        thread = threading.Thread(target=listen)
        thread.start()
        hostile = (
            f'<img src="{address}/a"><img src="file://{secret}"><link rel="attachment" href="file://{secret}">'
            f'<link rel="stylesheet" href="{address}/b"><style>@import url({address}/c);'
            f"@font-face {{font-family: x; src: url(file:///etc/passwd)}} "
            f"p {{background: url({address}/d)}}</style>"
            f'<svg><image href="{address}/e"/></svg><object data="{address}/f"></object>'
            '<img src="townline-font:../../../etc/passwd">'
        )
        # Once as a service's name, where it is escaped; once raw, as if escaping had been forgotten.
        escaped = html_of(Document(told, Naming(**{**vars(NAMING), "services": {"pothole": hostile}})))
        made = [
            pdf_of(page, created=AS_OF)
            for page in (escaped, f"<html lang=en><title>t</title><p>x{hostile}</p>")
        ]
        done.set()
        thread.join()
    assert not touched.is_set()
    for pdf in made:
        with pikepdf.open(io.BytesIO(pdf)) as document:
            assert not list(document.attachments)
        assert b"the town's secret" not in pdf
        assert squeezed("the town's secret") not in text_of(pdf)


def test_the_renderer_knows_none_of_the_towns_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    from paper.pdf import bare_environment

    monkeypatch.setenv("TOWNLINE_SECRET", "x" * 40)
    monkeypatch.setenv("TOWNLINE_SMTP_PASSWORD", "hush")
    assert not [name for name in bare_environment(AS_OF) if name.startswith("TOWNLINE")]


def test_a_document_that_takes_for_ever_is_given_up(monkeypatch: pytest.MonkeyPatch, page) -> None:
    monkeypatch.setattr("paper.pdf.SECONDS", 0.05)
    with pytest.raises(RenderFailed, match="not ready within"):
        pdf_of(page, created=AS_OF, settings=SETTINGS)


def test_a_machine_without_a_renderer_is_told_apart_from_a_failure(page, tmp_path, monkeypatch) -> None:
    # A WeasyPrint that cannot find Pango fails like this one, at its import.
    (tmp_path / "weasyprint.py").write_text("raise OSError('cannot load library libpango-1.0-0')")
    monkeypatch.setattr("paper.pdf.bare_environment", lambda created: {"PYTHONPATH": str(tmp_path)})
    with pytest.raises(NoRenderer, match="libpango"):
        pdf_of(page, created=AS_OF + timedelta(days=1))


def test_a_cell_that_a_spreadsheet_would_run_is_defused() -> None:
    assert defused("=HYPERLINK(1)") == "'=HYPERLINK(1)"
    assert defused("county") == "county"
    assert defused(None) == ""


def test_the_report_wears_the_towns_colour_where_it_can_be_read(told) -> None:
    page = html_of(Document(told, Naming(**{**vars(NAMING), "accent": "#14532d"})))
    assert "#14532d" in page
    assert "#1f5f8b" not in page


def test_what_a_figure_is_of_has_its_days_and_an_amount_its_currency() -> None:
    told = lively()
    whole = Document(
        replace(told, reopened=replace(told.reopened, ended=40, reopened=3)), replace(NAMING, currency="USD")
    )
    text = html_of(whole)
    assert "ended for the first time (Sep 1 – Oct 1, 2026, however they ended), 3 (8%)" in text
    assert text.count("(Nov 1 – 28, 2026)") >= 2, "in the heading and in the table"
    assert "next.first_day,2026-11-01" in whole.csv.decode()
    assert "$61.17" in text, "all cost 5505 for 90"


def test_amounts_are_rounded_as_people_round() -> None:
    assert [SAY.amount(cents, "USD", 0) for cents in (14_250, 4_750, 4_850)] == ["$143", "$48", "$49"]


def test_the_first_sentences_fit_the_balance() -> None:
    """What was handed over and is still open is among the open ones; what ended as another's job is not."""
    this = replace(lively().this, redirected=2, passed_on=7)
    ended = sentences(Cells(replace(lively(), this=this)), SAY)[1]
    assert "2 more were closed as other agencies’ jobs" in ended
    assert "7 more" not in ended


@pytest.mark.parametrize(
    ("bands", "said"),
    [
        ((5, 4, 5, 0, 0), "14 requests were open at the end"),
        ((9, 2, 3, 0, 0), "Most of 14 open requests: under 7 days"),
    ],
)
def test_most_are_more_than_half(bands: tuple[int, ...], said: str) -> None:
    told = replace(lively(), backlog=replace(lively().backlog, bands=bands))
    assert ages_finding(Cells(told, "manager"), SAY) == said


def test_old_requests_are_named_where_a_younger_band_is_hidden() -> None:
    backlog = replace(lively().backlog, bands=(6, 6, 6, 2, 15), oldest_days=400)
    told = attention(Cells(replace(lively(), backlog=backlog)), NAMING, SAY)
    assert "15 requests have waited 180 days or more, the longest for 400 days." in told


def test_what_was_corrected_stands_in_one_paragraph_of_the_first_page() -> None:
    """As a list in a narrow column it did not fit there."""
    changed = tuple(
        {"figure": f"this.{name}", "then": 10, "now": 12} for name in ("received", "due", "on_time")
    )
    text = html_of(
        Document(lively(), NAMING, issue=2, changes=(*changed, {"figure": "x", "then": 1, "now": 2}))
    )
    said = text.split("Changes since the issue before</h2>")[1].split("</section>")[0]
    assert said.count("<p>") == 1
    assert "Received: 12 instead of 10; Due: 12 instead of 10; " in said
    assert "Other numbers in the tables have changed as well." in said

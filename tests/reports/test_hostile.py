"""Is a report harmless whatever people have written? Names, notes and layers are made as bad as they get."""

from __future__ import annotations

import io
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import html5lib
import pikepdf
import pypdf
import pytest

from paper.pdf import Enclosed, pdf_of
from reports.document import Document, html_of
from reports.ground import Ground
from reports.naming import LONGEST, LONGEST_NOTE, Naming, shown
from reports.workbook import workbook
from tests.reports.past import AS_OF, NAMING
from tests.reports.samples import GROUND, lively

SECRET = "the town's secret"


@contextmanager
def listening() -> Iterator[tuple[str, list[str]]]:
    """Lend the address of a server that notes who calls."""
    calls: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        is_over = threading.Event()

        def wait() -> None:
            while not is_over.is_set():
                try:
                    connection, _address = server.accept()
                except TimeoutError:
                    continue
                calls.append("called")
                connection.close()

        thread = threading.Thread(target=wait)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}", calls
        finally:
            is_over.set()
            thread.join()


def hostile(address: str, secret: Path) -> tuple[str, ...]:
    """Return words that try to fetch, read, break out, turn around or fill up."""
    return (
        f'</svg><script>fetch("{address}/a")</script><svg><image href="{address}/b"/>',
        f'<img src="file://{secret}"><link rel="attachment" href="file://{secret}">',
        f"</title></style><style>@import url({address}/c); * {{background: url({address}/d)}}</style>",
        f'"><object data="{address}/e"></object><iframe src="file:///etc/passwd">',
        f"url({address}/f) image-set('{address}/g') townline-font:../../../etc/passwd",
        "{{ 7 * 7 }}{% include '/etc/passwd' %} %(count)s {0} \\u0000",
        "\x00\x01\x07\x1b[31mred\x7f\x9b \ud800 \ufffe",
        "\u202egnirts desrever\u202c \u2066\u2067\u2068 \u200f\u061c",
        "x" * 100_000,
        "a b " * 25_000,
        '=HYPERLINK("' + address + '/h")',
    )


def wicked(address: str, secret: Path) -> Document:
    """Return an edition in which every word that somebody gives is hostile."""
    words = hostile(address, secret)
    every = dict(zip(NAMING.services, words * 2, strict=False))
    figures = lively()
    naming = Naming(
        **vars(NAMING)
        | {
            "town": words[0], "title": words[2], "services": every, "email": words[3], "phone": words[6],
            "agencies": dict(zip(NAMING.agencies, words, strict=False)), "people": {"foreman": words[7]},
        }
    )  # fmt: skip
    wards = tuple(replace(line, name=word) for line, word in zip(figures.wards, words, strict=False))
    spots = figures.hot_spots
    crossings = {(spot.column, spot.row): word for spot, word in zip(spots, words, strict=False)}
    told = replace(
        figures, wards=wards, channels={words[0]: 90, words[8]: 68}, pages={words[4]: 20, words[10]: 9}
    )
    ground = Ground(GROUND.boundary, GROUND.wards, GROUND.roads, crossings)
    return Document(
        told, naming, audience="manager", part=words[1], note="\n".join(words), ground=ground, issue=2
    )


def test_nothing_is_fetched_read_or_run(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text(SECRET)
    with listening() as (address, calls):
        document = wicked(address, secret)
        page = html_of(document)
        pdf = pdf_of(page, created=AS_OF, enclosed=Enclosed("figures.csv", document.csv))
        assert calls == []
    with pikepdf.open(io.BytesIO(pdf)) as file:
        assert list(file.attachments) == ["figures.csv"]
        assert not [one for one in file.objects if isinstance(one, pikepdf.Dictionary) and "/JS" in one]
    words = " ".join(one.extract_text() for one in pypdf.PdfReader(io.BytesIO(pdf)).pages)
    assert SECRET not in words
    assert "root:" not in words
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    assert not [node.tag for node in tree.iter() if node.tag in ("script", "img", "iframe", "object", "link")]
    assert len(tree.findall(".//style")) == 1
    assert "{{ 7 * 7 }}" in page
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\u202a-\u202e\u2066-\u2069]", page)


def test_a_name_without_end_is_cut_and_tears_no_page(tmp_path: Path) -> None:
    document = wicked("http://127.0.0.1:9", tmp_path)
    page = html_of(document)
    assert "x" * LONGEST_NOTE not in page
    assert len(page) < 400_000


def test_what_the_table_carries_is_no_formula(tmp_path: Path) -> None:
    sheet = wicked("http://127.0.0.1:9", tmp_path).csv.decode()
    assert not re.search(r"(^|,)\"?[=+@]", sheet, re.MULTILINE)


def test_the_workbook_has_the_same_numbers_and_no_formula(tmp_path: Path) -> None:
    pytest.importorskip("xlsxwriter", reason="no workbook: XlsxWriter is not installed")
    import zipfile

    book = workbook(wicked("http://127.0.0.1:9", tmp_path).csv)
    assert book is not None
    assert book == workbook(wicked("http://127.0.0.1:9", tmp_path).csv)
    with zipfile.ZipFile(io.BytesIO(book)) as file:
        sheets = [file.read(name).decode() for name in file.namelist() if "worksheets/sheet" in name]
        assert not [name for name in file.namelist() if "externalLinks" in name]
    assert all("<f>" not in sheet and "<hyperlink" not in sheet for sheet in sheets)
    assert any(f"<v>{lively().this.received}</v>" in sheet for sheet in sheets)


def test_unseen_characters_are_gone_and_words_stay() -> None:
    assert shown("Main\u202e Street\x00 & Mill Road") == "Main Street & Mill Road"
    assert shown("Calle de José – 街道 שלום") == "Calle de José – 街道 שלום"
    assert len(shown("x" * 100_000)) == LONGEST

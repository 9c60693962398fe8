"""Does a page become an accessible PDF, in a process that can reach nothing?"""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pikepdf
import pytest

from paper.fetching import own_fetcher
from paper.pdf import NoRenderer, RenderFailed, bare_environment, pdf_of

AT = datetime(2026, 10, 14, 16, 0, tzinfo=UTC)
PAGE = '<!doctype html><html lang="es"><title>Cartel</title><h1>Hola</h1>'


def test_a_page_becomes_a_tagged_pdf_in_its_language_and_the_same_bytes_again() -> None:
    pdf = pdf_of(PAGE, created=AT)
    assert pdf == pdf_of(PAGE, created=AT)
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert str(document.Root.Lang) == "es"
        assert bool(document.Root.MarkInfo.Marked)
        metadata = document.open_metadata()
        assert metadata["dc:title"] == "Cartel"
        assert metadata["pdfuaid:part"] == "1"


@pytest.mark.parametrize("url", ["file:///etc/passwd", "http://127.0.0.1/", "townline-font:../x", "ftp://x/"])
def test_the_renderer_fetches_nothing_but_its_fonts(url: str) -> None:
    with pytest.raises(ValueError, match="not ours"):
        own_fetcher().fetch(url)


def test_the_child_knows_none_of_the_towns_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOWNLINE_SECRET", "x" * 40)
    assert not [name for name in bare_environment(AT) if name.startswith("TOWNLINE")]


def test_a_missing_renderer_is_told_apart_from_a_failed_one(monkeypatch, tmp_path) -> None:
    (tmp_path / "weasyprint.py").write_text("raise OSError('cannot load library libpango-1.0-0')")
    monkeypatch.setattr("paper.pdf.bare_environment", lambda created: {"PYTHONPATH": str(tmp_path)})
    with pytest.raises(NoRenderer, match="libpango"):
        pdf_of(PAGE, created=AT)
    (tmp_path / "weasyprint.py").write_text("")
    with pytest.raises(RenderFailed):
        pdf_of(PAGE, created=AT)

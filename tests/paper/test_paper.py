"""Does a page become an accessible PDF, in a process that can reach nothing?"""

from __future__ import annotations

import errno
import io
import subprocess
from datetime import UTC, datetime
from typing import Any

import pikepdf
import pytest

from paper.fetching import own_fetcher
from paper.pdf import NoRenderer, Press, RenderFailed, ahead, bare_environment, pdf_of

AT = datetime(2026, 10, 14, 16, 0, tzinfo=UTC)
PAGE = '<!doctype html><html lang="es"><title>Cartel</title><h1>Hola</h1>'


def test_a_page_becomes_a_tagged_pdf_in_its_language_and_the_same_bytes_again() -> None:
    with ahead(pdf_of) as draw:
        pdf = pdf_of(PAGE, created=AT)
        assert pdf == draw(PAGE, created=AT), "also where the child began before there was a page"
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
    with pytest.raises(NoRenderer, match="libpango"), ahead(pdf_of) as draw:
        draw(PAGE, created=AT)
    (tmp_path / "weasyprint.py").write_text("")
    with pytest.raises(RenderFailed):
        pdf_of(PAGE, created=AT)


@pytest.fixture
def children(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """All processes that are started."""
    begun: list[subprocess.Popen[bytes]] = []

    class Noted(subprocess.Popen[bytes]):
        def __init__(self, *args: Any, **more: Any) -> None:
            super().__init__(*args, **more)
            begun.append(self)

    monkeypatch.setattr("paper.pdf.subprocess.Popen", Noted)
    return begun


def test_without_a_page_the_child_is_ended_and_nothing_of_it_is_left(
    children: list[subprocess.Popen[bytes]],
) -> None:
    with pytest.raises(ZeroDivisionError), ahead(pdf_of):
        raise ZeroDivisionError  # the making failed
    [child] = children
    assert child.returncode is not None, "and it was waited for"
    assert all(pipe is not None and pipe.closed for pipe in (child.stdin, child.stdout, child.stderr))


def test_a_child_whose_parent_is_gone_ends_by_itself() -> None:
    press = Press()
    with press:
        assert press._process.stdin is not None
        press._process.stdin.close()  # as the system does it for whoever was killed
        assert press._process.wait(timeout=60) == 0
        assert press._process.stdout is not None
        assert press._process.stdout.read() == b""
        press._process.stdin = None


def test_one_that_ended_while_it_waited_is_replaced(children: list[subprocess.Popen[bytes]]) -> None:
    with ahead(pdf_of) as draw:
        children[0].kill()  # as a machine does that is short of memory
        children[0].wait()
        assert draw(PAGE, created=AT).startswith(b"%PDF-")
    assert len(children) == 2


def test_whatever_else_draws_begins_no_child(children: list[subprocess.Popen[bytes]]) -> None:
    with ahead(lambda html, **_more: html.encode()) as draw:
        assert draw("x", created=AT) == b"x"
    assert children == []


def test_where_no_process_can_be_started_the_pdf_has_failed_and_can_be_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def none(*_all: object, **_more: object) -> None:
        raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr("paper.pdf.subprocess.Popen", none)
    with ahead(pdf_of) as draw, pytest.raises(RenderFailed, match="no process"):
        draw(PAGE, created=AT)

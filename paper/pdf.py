"""How does a page become a PDF? In a process of its own, with limits, fetching nothing.

Rendering in a thread stalls residents' requests by up to 200 ms, and a renderer that is given a
resident's words must not be able to read files or addresses: WeasyPrint's own fetcher would. So
``python -m paper.press`` does it: niced, bounded in time and memory, knowing none of the town's settings,
and able to fetch the bundled fonts and ``data:`` addresses only. Loading WeasyPrint takes it longer than
half a second: whoever knows early that there will be a page lets it begin early (``ahead``).
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol, Self

SECONDS = 180
"""Wall clock for one document; six pages take about one, and on a machine that is at its limit a minute."""
WORK = 90
"""Seconds on a processor."""
MISSING = 3
"""How the child ends where WeasyPrint or Pango is not there."""


class NoRenderer(RuntimeError):
    """WeasyPrint or a library it stands on is missing; what was to be printed remains a web page."""


class RenderFailed(RuntimeError):
    """The PDF could not be made this time; ``str()`` says why."""


@dataclass(frozen=True)
class Enclosed:
    """A file carried inside the PDF."""

    name: str
    content: bytes


class Draws(Protocol):
    """What makes a PDF of a page."""

    def __call__(
        self, html: str, *, created: datetime, enclosed: Enclosed | None = None, settings: Sequence[str] = ()
    ) -> bytes: ...


def pdf_of(
    html: str, *, created: datetime, enclosed: Enclosed | None = None, settings: Sequence[str] = ()
) -> bytes:
    """Return the PDF (PDF/A-3a and PDF/UA-1) of one HTML document.

    ``settings`` are pieces of CSS, looser first: the first with which no page stays nearly empty is taken.
    Raises ``NoRenderer`` and ``RenderFailed``. Takes about a second, so never call it inside ``writing()``.
    """
    with Press() as press:
        return press.pdf_of(html, created=created, enclosed=enclosed, settings=settings)


@contextmanager
def ahead(draw: Draws) -> Iterator[Draws]:
    """Lend ``pdf_of`` with its child begun already, for one page or none; whatever else draws as it is."""
    if draw is not pdf_of:
        yield draw
        return
    try:
        press = Press()
    except RenderFailed:
        yield draw  # perhaps there is a process to be had when the page is there
        return
    with press:
        yield lambda html, **more: (draw if press.is_lost else press.pdf_of)(html, **more)


class Press:
    """The child: it loads what it needs, waits for one page, draws it and ends; without one when left."""

    def __init__(self) -> None:
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "paper.press"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=Path(__file__).parent.parent,
                env=bare_environment(None),
            )
        except OSError as none:
            raise RenderFailed(f"no process could be started for the PDF: {none}") from none

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_why: object) -> None:
        self._process.kill()
        self._process.communicate()

    @property
    def is_lost(self) -> bool:
        """Whether it ended before it had a page, for another reason than that WeasyPrint is missing."""
        return self._process.poll() not in (None, MISSING)

    def pdf_of(
        self, html: str, *, created: datetime, enclosed: Enclosed | None = None, settings: Sequence[str] = ()
    ) -> bytes:
        """Do what ``pdf_of`` does, once."""
        job: dict[str, Any] = {
            "html": html,
            "created": created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "settings": list(settings),
        }
        if enclosed:
            content = base64.b64encode(enclosed.content).decode()
            job["attachment"] = {"name": enclosed.name, "base64": content}
        try:
            made, said = self._process.communicate(json.dumps(job).encode(), timeout=SECONDS)
        except subprocess.TimeoutExpired as late:
            raise RenderFailed(f"the PDF was not ready within {SECONDS} seconds") from late
        return _pdf_from(self._process.returncode, made, said.decode(errors="replace").strip().splitlines())


def _pdf_from(code: int, made: bytes, said: Sequence[str]) -> bytes:
    if code == MISSING:
        raise NoRenderer(said[-1] if said else "WeasyPrint is not installed")
    if code != 0 or not made.startswith(b"%PDF-"):
        raise RenderFailed(f"the PDF was not made (exit {code}): {said[-1] if said else 'no reason given'}")
    return made


def bare_environment(created: datetime | None) -> dict[str, str]:
    """Give the child what it needs to find its libraries, and none of the town's secrets.

    ``created`` is what is to be told as the present; without it the page says so when it comes.
    """
    kept = (
        "PATH",
        "HOME",
        "LD_LIBRARY_PATH",
        "DYLD_FALLBACK_LIBRARY_PATH",
        "SYSTEMROOT",
        "TMPDIR",
        "VIRTUAL_ENV",
    )
    present = {"SOURCE_DATE_EPOCH": str(int(created.timestamp()))} if created else {}
    return {name: os.environ[name] for name in kept if name in os.environ} | {"LANG": "C.UTF-8"} | present

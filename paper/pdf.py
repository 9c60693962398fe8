"""How does a page become a PDF? In a process of its own, with limits, fetching nothing.

Rendering in a thread stalls residents' requests by up to 200 ms, and a renderer that is given a
resident's words must not be able to read files or addresses: WeasyPrint's own fetcher would. So
``python -m paper.press`` does it: niced, bounded in time and memory, knowing none of the town's settings,
and able to fetch the bundled fonts and ``data:`` addresses only.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

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


def pdf_of(
    html: str, *, created: datetime, enclosed: Enclosed | None = None, settings: Sequence[str] = ()
) -> bytes:
    """Return the PDF (PDF/A-3a and PDF/UA-1) of one HTML document.

    ``settings`` are pieces of CSS, looser first: the first with which no page stays nearly empty is taken.
    Raises ``NoRenderer`` and ``RenderFailed``. Takes about a second, so never call it inside ``writing()``.
    """
    job: dict[str, Any] = {
        "html": html,
        "created": created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "settings": list(settings),
    }
    if enclosed:
        content = base64.b64encode(enclosed.content).decode()
        job["attachment"] = {"name": enclosed.name, "base64": content}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "paper.press"],
            input=json.dumps(job).encode(),
            capture_output=True,
            timeout=SECONDS,
            cwd=Path(__file__).parent.parent,
            env=bare_environment(created),
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        raise RenderFailed(f"the PDF was not ready within {SECONDS} seconds") from late
    return _pdf_from(done)


def _pdf_from(done: subprocess.CompletedProcess[bytes]) -> bytes:
    said = done.stderr.decode(errors="replace").strip().splitlines()
    if done.returncode == MISSING:
        raise NoRenderer(said[-1] if said else "WeasyPrint is not installed")
    if done.returncode != 0 or not done.stdout.startswith(b"%PDF-"):
        raise RenderFailed(
            f"the PDF was not made (exit {done.returncode}): {said[-1] if said else 'no reason given'}"
        )
    return done.stdout


def bare_environment(created: datetime) -> dict[str, str]:
    """Give the child what it needs to find its libraries, and none of the town's secrets."""
    kept = (
        "PATH",
        "HOME",
        "LD_LIBRARY_PATH",
        "DYLD_FALLBACK_LIBRARY_PATH",
        "SYSTEMROOT",
        "TMPDIR",
        "VIRTUAL_ENV",
    )
    return {name: os.environ[name] for name in kept if name in os.environ} | {
        "LANG": "C.UTF-8",
        "SOURCE_DATE_EPOCH": str(int(created.timestamp())),
    }

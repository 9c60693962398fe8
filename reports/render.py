"""How does a page become a PDF? In a process of its own, with limits, fetching nothing.

Rendering in a thread stalls residents' requests by up to 200 ms, and a renderer that is given a
resident's words must not be able to read files or addresses: WeasyPrint's own fetcher would. So this
module is run as ``python -m reports.render``: it is niced, bounded in time and memory, knows none of
the town's settings, and its fetcher hands out the bundled fonts and ``data:`` addresses only.

Standard input: one JSON object {html, attachment: {name, base64}|null, created}.
Standard output: the PDF. Exit 3: WeasyPrint or Pango is not there. The same input gives the same bytes.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any

SECONDS = 90
"""Wall clock for one document; six pages take about one."""
MEMORY = 1_500_000_000
"""Address space in bytes, of which most is mapped libraries; six pages use about 105 MB."""
MISSING = 3
FONTS = "townline-font:"
FACES = {"400": "Regular", "600": "Semibold", "700": "Bold"}
XMP = (
    b'<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">'
    b"<pdfuaid:part>1</pdfuaid:part></rdf:Description>"
    b'<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" '
    b'xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">'
    b'<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">'
    b"<pdfaSchema:schema>PDF/UA identification</pdfaSchema:schema>"
    b"<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>"
    b"<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq>"
    b'<rdf:li rdf:parseType="Resource"><pdfaProperty:name>part</pdfaProperty:name>'
    b"<pdfaProperty:valueType>Integer</pdfaProperty:valueType><pdfaProperty:category>internal</pdfaProperty:category>"
    b"<pdfaProperty:description>Part of ISO 14289</pdfaProperty:description></rdf:li>"
    b"</rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>"
)
"""Says "PDF/UA-1" beside PDF/A-3a, with the description that PDF/A asks of every foreign property."""


class NoRenderer(RuntimeError):
    """WeasyPrint or a library it stands on is missing; the report still goes out as a web page."""


class RenderFailed(RuntimeError):
    """The PDF could not be made this time; ``str()`` says why."""


@dataclass(frozen=True)
class Enclosed:
    """A file carried inside the PDF."""

    name: str
    content: bytes


def pdf_of(html: str, *, created: datetime, enclosed: Enclosed | None = None) -> bytes:
    """Return the PDF (PDF/A-3a and PDF/UA-1) of one HTML document.

    Raises ``NoRenderer`` and ``RenderFailed``. Takes about a second, so never call it inside ``writing()``.
    """
    job: dict[str, Any] = {"html": html, "created": created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
    if enclosed:
        content = base64.b64encode(enclosed.content).decode()
        job["attachment"] = {"name": enclosed.name, "base64": content}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "reports.render"],
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


def font_css() -> str:
    """Return the rules that bring the bundled face; only the renderer can follow their addresses."""
    return "".join(
        f'@font-face{{font-family:"Source Sans Pro";font-weight:{weight};src:url("{FONTS}{name}")}}'
        for weight, name in FACES.items()
    )


def own_fetcher() -> Any:
    """Return WeasyPrint's fetcher, cut down to what is ours."""
    urls = import_module("weasyprint.urls")

    class OwnThingsOnly(urls.URLFetcher):  # type: ignore[misc, name-defined]
        """Hands out bundled fonts and ``data:`` addresses; everything else is refused unread."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            if url.startswith(FONTS) and url.removeprefix(FONTS) in FACES.values():
                font = (
                    files("font_source_sans_pro") / "files" / f"SourceSansPro-{url.removeprefix(FONTS)}.otf"
                )
                return urls.URLFetcherResponse(url, font.read_bytes(), {"Content-Type": "font/otf"})
            if url.startswith("data:"):
                return super().fetch(url, headers)
            raise ValueError(f"{url[:200]} is not ours, so it was not fetched")

    return OwnThingsOnly(allowed_protocols=("data",), allow_redirects=False)


def _set_limits() -> None:
    import resource

    os.nice(10)
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _made(job: dict[str, Any]) -> bytes:
    weasyprint = import_module("weasyprint")
    fetcher, fonts = own_fetcher(), import_module("weasyprint.text.fonts").FontConfiguration()
    css = weasyprint.CSS(string=font_css(), url_fetcher=fetcher, font_config=fonts)
    document = weasyprint.HTML(string=job["html"], url_fetcher=fetcher, base_url="townline:").render(
        font_config=fonts, stylesheets=[css], pdf_variant="pdf/a-3a", pdf_tags=True
    )
    metadata = document.metadata
    metadata.created = metadata.modified = job["created"]
    written = metadata.generate_rdf_metadata
    metadata.generate_rdf_metadata = lambda *args: written(*args).replace(b"</rdf:RDF>", XMP + b"</rdf:RDF>")
    enclosed = job.get("attachment")
    if enclosed:
        moment = datetime.fromisoformat(job["created"])
        metadata.attachments.append(
            weasyprint.Attachment(
                string=base64.b64decode(enclosed["base64"]),
                name=enclosed["name"],
                created=moment,
                modified=moment,
                relationship="Data",
            )
        )
    made: bytes = document.write_pdf(pdf_variant="pdf/a-3a", pdf_tags=True)
    return made


def main() -> int:
    """Read one job from standard input, write its PDF to standard output."""
    if sys.platform != "win32":
        _set_limits()
    try:
        import_module("weasyprint")
    except (ImportError, OSError) as missing:
        sys.stderr.write(f"the PDF cannot be made here: {str(missing).splitlines()[0]}\n")
        return MISSING
    sys.stdout.buffer.write(_made(json.load(sys.stdin)))
    return 0


if __name__ == "__main__":
    sys.exit(main())

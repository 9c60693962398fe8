"""What runs in the child that makes a PDF? WeasyPrint, under limits, with a fetcher that is ours.

Standard input: one JSON object {html, attachment: {name, base64}|null, created, settings: [css, …]}.
Standard output: the PDF, or nothing where nothing was asked. Exit 3: WeasyPrint or Pango is not there. The
same input gives the same bytes.
"""

from __future__ import annotations

import base64
import gc
import json
import os
import sys
from collections.abc import Iterable
from datetime import datetime
from importlib import import_module
from typing import Any

from paper.fetching import font_css, own_fetcher
from paper.pdf import MISSING, WORK

MEMORY = 1_500_000_000
"""Address space in bytes, of which most is mapped libraries; six pages use about 105 MB."""
ENOUGH = 0.28
"""A page with less on it, its upper margin included, looks like a mistake."""
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


def _set_limits() -> None:
    import resource

    os.nice(10)
    resource.setrlimit(resource.RLIMIT_CPU, (WORK, WORK))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _made(job: dict[str, Any]) -> bytes:
    weasyprint = import_module("weasyprint")
    fetcher, fonts = own_fetcher(), import_module("weasyprint.text.fonts").FontConfiguration()
    css = weasyprint.CSS(string=font_css(), url_fetcher=fetcher, font_config=fonts)

    def drawn(setting: str) -> Any:
        # Into the page itself: what is handed over beside it would give way to the page's own rules.
        html = job["html"].replace("</head>", f"<style>{setting}</style></head>", 1)
        page = weasyprint.HTML(string=html, url_fetcher=fetcher, base_url="townline:")
        return page.render(font_config=fonts, stylesheets=[css], pdf_variant="pdf/a-3a", pdf_tags=True)

    document = _best(drawn(setting) for setting in job.get("settings") or [""])
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


def _best(documents: Iterable[Any]) -> Any:
    """Return the first in which no page is nearly empty, else the one whose emptiest page is fullest."""
    best, most = None, -1.0
    for document in documents:
        fullness = min(_fullness(page) for page in document.pages)
        if fullness > most:
            best, most = document, fullness
        if fullness >= ENOUGH:
            break
        gc.collect()  # what it leaves; of itself nothing is collected here
    return best


def _fullness(page: Any) -> float:
    """Return how far down the page something stands, as a share of its height."""
    box = page._page_box  # WeasyPrint keeps to itself where things came to stand
    top = box.content_box_y()
    return float((_lowest(box.children[0]) - top) / box.height)


def _lowest(box: Any) -> float:
    inside = [_lowest(child) for child in getattr(box, "children", ())]
    own = box.position_y + box.height if not inside and isinstance(box.height, int | float) else 0.0
    return float(max([own, *inside]))


def main() -> int:
    """Load everything, read one job from standard input, write its PDF to standard output."""
    gc.disable()  # a fifth of the time went into looking for garbage; a page or ten leave little
    if sys.platform != "win32":
        _set_limits()
    try:
        import_module("weasyprint")
    except (ImportError, OSError) as missing:
        sys.stderr.write(f"the PDF cannot be made here: {str(missing).splitlines()[0]}\n")
        return MISSING
    if told := sys.stdin.read():  # nothing where there is nothing to be drawn, or whoever wanted it is gone
        job = json.loads(told)
        moment = datetime.fromisoformat(job["created"])
        os.environ["SOURCE_DATE_EPOCH"] = str(int(moment.timestamp()))
        sys.stdout.buffer.write(_made(job))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""What runs in the child that makes a PDF? WeasyPrint, under limits, with a fetcher that is ours.

Standard input: one JSON object {html, attachment: {name, base64}|null, created}.
Standard output: the PDF. Exit 3: WeasyPrint or Pango is not there. The same input gives the same bytes.
"""

from __future__ import annotations

import base64
import json
import os
import sys
from datetime import datetime
from importlib import import_module
from typing import Any

from paper.fetching import font_css, own_fetcher
from paper.pdf import MISSING, SECONDS

MEMORY = 1_500_000_000
"""Address space in bytes, of which most is mapped libraries; six pages use about 105 MB."""
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

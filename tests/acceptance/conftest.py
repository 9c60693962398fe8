"""What does every acceptance test start from? Real mail servers on this machine, started once for all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import dovecot as dovecots
from tests.dovecot import Dovecot


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    # It runs as nobody, whom every other run of pytest shuts out of the folders of all of them.
    folder = Path(tempfile.mkdtemp(prefix="townline-dovecot-"))
    folder.chmod(0o755)
    with dovecots.running(folder / "served") as server:
        yield server
    shutil.rmtree(folder, ignore_errors=True)

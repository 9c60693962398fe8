"""What do these tests start from? The county's own system, with its faults."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.open311.server import GeoServer


@pytest.fixture
def county() -> Iterator[GeoServer]:
    """The county's own system, on loopback."""
    server = GeoServer()
    server.start()
    yield server
    server.stop()

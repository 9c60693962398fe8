"""What do tests of hand-offs start from? The demonstration town, whose county has a system of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from casework.office import Office, the_office
from open311.client import Courier
from routing.town import Open311
from storage import factbook
from storage.database import reading
from tests.open311.server import GeoServer

COUNTY = "county-highway"
KEY = "not-a-real-key-4711"


@pytest.fixture
def county() -> Iterator[GeoServer]:
    """The county's own system, on loopback."""
    server = GeoServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def courier() -> Courier:
    return Courier({COUNTY: KEY}, read_timeout=2.5)


@pytest.fixture
def wired(office: Office, county: GeoServer) -> Callable[..., Office]:
    """The office, whose county takes reports into its own system; by default it has no mailbox."""

    def make(**changes: Any) -> Office:
        theirs = Open311(
            endpoint=county.endpoint,
            jurisdiction_id="county.example",
            services={"pothole": "POT"},
            default_service="OTHER",
        )
        changes = {"handoff": "open311", "open311": theirs, "email": None, **changes}
        agency = office.rulebook.agencies[COUNTY].model_copy(update=changes)
        agencies = {**office.rulebook.agencies, COUNTY: agency}
        return replace(office, rulebook=office.rulebook.model_copy(update={"agencies": agencies}))

    return make


@pytest.fixture(autouse=True)
def facts_follow_every_verb(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever a test has its verbs do: what is counted is what would be counted anew."""
    if "app" not in request.fixturenames or request.node.get_closest_marker("past_the_verbs"):
        yield
        return
    request.getfixturevalue("app")
    yield
    office = the_office()
    with reading() as session:
        kept = factbook.rows(session)
    factbook.rebuild(office.sorting)
    with reading() as session:
        assert kept == factbook.rows(session)

"""Does every case of docs/cases.md come out as the page says? The pieces are taken from the page itself."""

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from casework import redirecting
from casework.office import Office
from lifecycle.status import Ending, Status
from routing.decision import Facts, decide
from routing.reader import load, read
from storage import lookups
from tests.builders import opened
from tests.routing.conftest import box, collection

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "cases.md").read_text(encoding="utf-8")
PIECE = re.compile(r"```yaml( shared| refused)?\n(.*?)```(?:\n\n```text\n(.*?)```)?", re.S)
CASES = (
    "Life danger", "State, county, private and unmaintained roads", "The place only typed",
    "Street light by the owner of its pole",
    "Water, sewer, power, cable and rail", "County park inside the town, town park outside it",
    "Village in a town in a county", "Border street, both sides different towns",
    "Housing estate, private lot", "Wholly outside", "No place needed",
    "After hours, in winter, from one page", "An agency that refuses our mail",
    "A layer that is broken or missing", "An employee says: not ours",
)  # fmt: skip


def pieces(heading: str) -> list[tuple[str, str, str]]:
    """(kind, rules text, what is said) of every piece below a heading."""
    body = PAGE.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return [(kind.strip(), text, said.strip()) for kind, text, said in PIECE.findall(body)]


((_, SHARED, _),) = [row for row in PIECE.findall(PAGE) if row[0] == " shared"]
RIGHT = [(heading, text) for heading in CASES for kind, text, _ in pieces(heading) if not kind]
REFUSED = [(heading, text, said) for heading in CASES for kind, text, said in pieces(heading) if kind]


def way(lat: float, west: float = -72.05, east: float = -71.95) -> list[list[float]]:
    return [[round(west + (east - west) * step / 20, 6), lat] for step in range(21)]


def road(name: str, owner: str | None, lat: float, klass: str = "local", **more: Any) -> tuple:
    return ("LineString", way(lat, **more), {"NAME": name, "OWNER": owner, "CLASS": klass})


def area(name: str, owner: str, *corners: float) -> tuple:
    return ("Polygon", box(*corners), {"NAME": name, "OWNER": owner})


TOWN = (43.0, -72.05, 43.06, -71.95)
FILES = {
    "roads.geojson": collection(
        road("Elm Lane", "Town", 43.005),
        road("Route 9", "State", 43.010, "motorway"),
        road("Mill Road", "County", 43.015),
        road("Mill Lane", "Town", 43.0152, west=-71.98, east=-71.96),
        road("Birch Drive", "Private", 43.020),
        road("Logging Road", "Class VI", 43.040),
        road("Lost Road", None, 43.045),
    ),
    "border.geojson": collection(
        ("LineString", way(43.06), {"NAME": "Line Street", "LEFT": "Stonebrook", "RIGHT": "Littleton"})
    ),
    "boundary.geojson": collection(area("Littleton", "Town", *TOWN)),
    "neighbours.geojson": collection(
        area("Stonebrook", "x", 43.06, -72.05, 43.10, -71.95),
        area("Ashgrove", "x", 43.0, -71.95, 43.06, -71.90),
    ),
    "governments.geojson": collection(
        area("Alder County", "County", 42.9, -72.2, 43.2, -71.8),
        area("Littleton", "Township", *TOWN),
        area("Mill Village", "Village", 43.02, -72.01, 43.03, -71.99),
    ),
    "parks.geojson": collection(
        area("Beech Hill", "County", 43.045, -72.04, 43.05, -72.03),
        area("Falls Park", "Town", 43.07, -72.0, 43.075, -71.99),
    ),
    "districts.geojson": collection(
        area("Lower Valley Water", "water", 43.02, -72.01, 43.03, -71.99),
        area("Lower Valley Sewer", "sewer", 43.02, -72.01, 43.03, -71.99),
        area("Valley Electric", "Electric", *TOWN),
    ),
    "estates.geojson": collection(area("Pine Estate", "x", 43.033, -71.97, 43.035, -71.96)),
    "poles.csv": "number,owner,lat,lon\nE-31/22,Electric,43.0051,-72.0\nAF-104,Town,43.0051,-72.01\n",
    "crossings.csv": "number,owner,lat,lon\n849 112K,Railroad,43.03,-72.02\n",
}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path / "rules.yaml"


def write(place: Path, piece: str) -> Path:
    """A whole rules file: what all share, with the piece's entries added."""
    made, added = (yaml.load(text, Loader=Words) for text in (SHARED, piece))
    for section, rows in added.items():
        both = isinstance(rows, dict) and isinstance(made.get(section), dict)
        made[section] = {**made[section], **rows} if both else rows
    place.write_text(json.dumps(made, default=str), encoding="utf-8")  # JSON is YAML, too
    return place


class Words(yaml.CSafeLoader):
    """Leaves days and times as they stand."""


Words.yaml_implicit_resolvers = {
    letter: [row for row in rows if row[0] != "tag:yaml.org,2002:timestamp"]
    for letter, rows in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def test_every_case_of_the_page_is_known_here_and_every_one_here_stands_on_the_page():
    assert tuple(re.findall(r"^## (.*)$", PAGE, re.M)) == CASES
    assert {heading for heading, _ in RIGHT} == set(CASES) - {"An employee says: not ours"}


@pytest.mark.parametrize(("heading", "piece"), RIGHT)
def test_a_case_comes_out_as_its_golden_points_say(place: Path, heading: str, piece: str):
    reading = read(write(place, piece))
    assert [str(problem) for problem in reading.errors] == []
    assert reading.rulebook.checks


@pytest.mark.parametrize(("heading", "piece"), RIGHT)
def test_without_its_rules_the_case_would_come_out_differently(place: Path, heading: str, piece: str):
    """Every piece needs its rules: its golden points are no accident."""
    data = yaml.load(piece, Loader=Words)
    reading = read(write(place, yaml.safe_dump(data | {"rules": []})))
    expected = {code for check in data["checks"] for code in check["expect"]}
    if expected - {"accept"}:
        assert "check-failed" in {problem.code for problem in reading.errors}


@pytest.mark.parametrize(("heading", "piece", "said"), REFUSED)
def test_what_is_refused_is_named_as_the_page_says(place: Path, heading: str, piece: str, said: str):
    told = "\n".join(str(problem).split(": ", 1)[1] for problem in read(write(place, piece)).errors)
    assert re.sub(r"put the file at \S+,", "put the file at …,", told) == said


def test_a_border_street_is_asked_with_the_names_of_both_towns(place: Path):
    (piece,) = [text for heading, text in RIGHT if heading.startswith("Border street")]
    book, layers = load(write(place, piece))
    decision = decide(book, layers, Facts("pothole", (43.05996, -72.0)))
    assert [option.label for option in decision.options] == [
        "Line Street (Town of Littleton)",
        "Line Street (Town of Stonebrook)",
    ]
    assert "line between two towns" in decision.because


def test_wholly_outside_the_nearest_named_town_is_told(place: Path):
    (piece,) = [text for heading, text in RIGHT if heading == "Wholly outside"]
    book, layers = load(write(place, piece))
    assert "near Stonebrook" in decide(book, layers, Facts("pothole", (43.08, -72.10))).because
    assert "in or near Ashgrove" in decide(book, layers, Facts("pothole", (43.03, -71.92))).because


def test_an_employee_says_not_ours_and_the_resident_hears_whose_it_is(office: Office, now: datetime):
    _receipt, case = opened(office, now, service="other", at=None)
    words, by = "A state road.", "person:town-clerk"
    redirecting.redirect(office, case.request.id, agency="state-transport", text=words, by=by, now=now)
    after = lookups.case(case.request.id)
    assert (after.request.status, after.request.ending) == (Status.ENDED, Ending.REDIRECTED)
    assert "resident_redirected" in {letter.kind for letter in lookups.letters_of(case.request.id)}

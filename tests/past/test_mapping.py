"""A map names columns and what their values mean; every mistake has its line and its remedy."""

from pathlib import Path

import pytest

from lifecycle.status import Ending
from past.files import opened
from past.flaws import CannotRead
from past.mapping import Map, Outcome, paired, read_map
from past.suggesting import suggested
from tests.once import demonstration

BOOK, _LAYERS = demonstration()

WHOLE = """\
source: oldtown-311
number: Case ID
received: {column: Opened, format: "%m/%d/%Y"}
closed: [Closed, Updated]
service: {column: Category, values: {Hole: pothole, No: noise}, else: other}
status:
  column: Status
  values: {Done: fixed, No action: no action, County: {redirected: county-highway}, Waiting: open}
assignee: {column: Owner, values: {PW: public-works}}
place: [Street, Town]
lat: Y
lon: X
"""


def mapped(tmp_path: Path, text: str) -> Map:
    file = tmp_path / "map.yaml"
    file.write_text(text, encoding="utf-8")
    return read_map(file, BOOK)


def test_a_whole_map_is_understood(tmp_path: Path):
    plan = mapped(tmp_path, WHOLE)
    assert plan.source == "oldtown-311"
    assert plan.columns["closed"].names == ("Closed", "Updated")
    assert plan.columns["received"].form == "%m/%d/%Y"
    service = plan.columns["service"]
    assert (service.values["hole"], service.values["no"], service.other) == ("pothole", "noise", "other")
    assert service.values["pothole or damaged road"] == "pothole"
    status = plan.columns["status"].values
    assert status["done"] == Outcome(Ending.FIXED)
    assert status["no action"] == Outcome(Ending.NO_ACTION)
    assert status["county"] == Outcome(Ending.REDIRECTED, "county-highway")
    assert status["waiting"] == Outcome(None)


@pytest.mark.parametrize(
    ("wrong", "right", "sentence"),
    [
        (
            "Hole: pothole",
            "Hole: potole",
            'map.yaml:5:38: service.values.Hole: no service "potole" in the rules',
        ),
        ("Hole: pothole", "Hole: potole", 'did you mean "pothole"'),
        ("redirected: county-highway", "redirected: count", 'no agency "count" in the rules'),
        ("Done: fixed", "Done: finished", 'no outcome "finished"'),
        ("{column: Opened", "{colum: Opened", 'no such key (did you mean "column"?)'),
        ("source: oldtown-311\n", "", "name the system that the file comes from"),
        ("lat: Y\n", "", "lat and lon go together"),
        ("number:", "nummer:", 'no such field (did you mean "number"?)'),
        ('"%m/%d/%Y"', '"mm/dd"', '"mm/dd" is neither a pattern'),
        ("lat: Y", "name: Who\nlat: Y", "come along only where they agreed"),
        ("lat: Y", "time_zone: Mars\nlat: Y", '"Mars" is no time zone'),
        ("PW: public-works", "PW: nobody", 'no assignee "nobody" in the rules'),
        ("{redirected: county-highway}", "redirected", "it is not said to whom it was redirected"),
        ("lat: Y", "lat: Y\nlat: Z", "given twice"),
        ("source:", "source: [", "this is not YAML"),
    ],
)
def test_every_mistake_is_told_with_its_line_and_remedy(
    tmp_path: Path, wrong: str, right: str, sentence: str
):
    with pytest.raises(CannotRead) as refused:
        mapped(tmp_path, WHOLE.replace(wrong, right, 1))
    assert sentence in str(refused.value)


def test_a_column_that_is_not_there_is_named_with_the_nearest(tmp_path: Path):
    plan = mapped(tmp_path, WHOLE)
    with pytest.raises(CannotRead) as refused:
        plan.check_header(
            [
                "CaseID",
                "Opened",
                "Closed",
                "Updated",
                "Category",
                "Status",
                "Owner",
                "Street",
                "Town",
                "X",
                "Y",
            ],
            "old.csv",
        )
    assert str(refused.value) == 'old.csv:1: there is no column "Case ID" for number (did you mean "CaseID"?)'


def test_pairs_make_a_map():
    plan = paired(["Opened=received", "Kind=service", "a=b=closed", "One=place", "Two=place"], "old", BOOK)
    assert plan.columns["closed"].names == ("a=b",)
    assert plan.columns["place"].names == ("One", "Two")
    with pytest.raises(CannotRead, match="neither a file nor column=field"):
        paired(["received"], "old", BOOK)


def test_a_suggested_map_is_one_when_its_question_marks_are_answered(tmp_path: Path):
    file = tmp_path / "export.csv"
    file.write_text(
        "service_request_id,requested_datetime,closed date,service_name,status,lat,long,description,spare\n"
        "1,2024-01-02T10:00:00Z,,Potholes,Open,43.6,-72.3,x,\n2,2024-01-02T10:00:00Z,,Yes,Closed,43.6,-72.3,x,\n"
    )
    text = "\n".join(suggested(opened(file), BOOK, "export"))
    assert "Potholes: pothole    # 1 rows" in text
    assert "Closed: fixed" in text
    assert "# Not used: spare" in text
    assert '"Yes": ?' in text
    plan = mapped(tmp_path, text.replace('"Yes": ?', '"Yes": other'))
    assert set(plan.columns) == {"number", "received", "closed", "service", "status", "lat", "lon", "text"}
    assert plan.columns["service"].values["yes"] == "other"

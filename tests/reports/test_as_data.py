"""Do the published numbers mean as data what they mean in the table, hidden ones included?"""

from __future__ import annotations

import pytest

from reports.as_data import FEW, HIDDEN, Changed, Figure, changed, figures, open_waits
from reports.corrected import corrections
from reports.naming import Naming
from reports.wording import Speech

HEAD = "period,section,name,figure,value\r\n"
NAMING = Naming(
    town="T", title="R", services={"pothole": "Pothole"}, agencies={}, email="", phone="", language="es"
)


def table(*lines: str) -> tuple[Figure, ...]:
    return figures((HEAD + "".join(f"2026-10,{line}\r\n" for line in lines)).encode())


@pytest.mark.parametrize(
    ("cell", "value"),
    [("12", 12), ("'-3", -3), ("0.25", 0.25), ("", None), ("True", True), ("False", False), ("<5", "<5"),
     ("hidden", "hidden"), ("2026-11-01", "2026-11-01"), ("'=SUM(A1)", "=SUM(A1)"), ("1e400", "1e400"),
     ("0012345678901234567", "0012345678901234567")],
)  # fmt: skip
def test_a_cell_becomes_the_value_it_stands_for(cell: str, value: object) -> None:
    [one] = table(f"this,,received,{cell}")
    assert one.value == value
    assert type(one.value) is type(value)


def test_names_are_as_they_were_before_a_spreadsheet_was_thought_of() -> None:
    [one] = table("ward,'=North,received,5")
    assert one == Figure("ward", "=North", "received", 5)


def test_only_what_was_told_in_one_of_the_tables_is_told_of_a_change() -> None:
    before = table("service,pothole,received,<5", "service,tree,received,hidden", "service,sign,received,9")
    now = table("service,pothole,received,6", "service,tree,received,hidden", "service,drain,received,7")
    assert changed(before, now) == (
        Changed("service", "pothole", "received", FEW, 6),
        Changed("service", "drain", "received", None, 7),
        Changed("service", "sign", "received", 9, None),
    )


def test_what_only_follows_is_no_correction() -> None:
    lines = ("report,,as_of,", "last,,received,", "month,2026-09,received,", "outlook,,low,")
    assert changed(table(*(f"{line}1" for line in lines)), table(*(f"{line}2" for line in lines))) == ()


def test_a_length_of_time_is_one_figure_and_says_when_it_is_longer() -> None:
    before = table("this,,half.seconds,172800", "this,,half.is_reached,True")
    now = table("this,,half.seconds,259200", "this,,half.is_reached,False")
    assert open_waits(now) == {("this", "", "half.seconds")}
    [line] = corrections(before, now, NAMING, Speech("en"))
    assert (line.then, line.now) == ("2.0 days", "more than 3.0 days")


def test_each_correction_is_said_in_words() -> None:
    before = table("service,pothole,received,<5", "language,fr,received,hidden", "this,,watched,5")
    now = table("service,pothole,received,6", "language,fr,received,8", "this,,watched,6")
    lines = corrections(before, now, NAMING, Speech("en"))
    assert [(line.about, line.figure, line.then, line.now) for line in lines] == [
        ("Service: Pothole", "Received", "under five", "6"),
        ("Language: francés", "Received", "not told", "8"),
    ]
    assert HIDDEN == "hidden"


def test_a_corrected_cost_of_one_request_is_said_as_money() -> None:
    before = table("cost,,each,125050", "cost,pothole,each,950", "cost,tree,each,7000")
    now = table("cost,,each,125075", "cost,pothole,each,", "cost,tree,each,7000", "cost,street,each,500")
    lines = corrections(before, now, NAMING, Speech("en"))
    assert [(line.about, line.figure, line.then, line.now) for line in lines] == [
        ("Cost", "Cost of one", "1,250.50", "1,250.75"),
        ("Cost: Pothole", "Cost of one", "9.50", "–"),
        ("Cost: street", "Cost of one", "–", "5.00"),
    ]


def test_corrected_first_answers_are_said_as_days_and_a_share() -> None:
    before = table("service,pothole,first_answer.seconds,32400", "service,pothole,answered_share,0.9")
    now = table("service,pothole,first_answer.seconds,36000", "service,pothole,answered_share,hidden")
    lines = corrections(before, now, NAMING, Speech("en"))
    assert [(line.figure, line.then, line.now) for line in lines] == [
        ("First answer, half within", "9 hours", "10 hours"),
        ("Share answered by a person", "90%", "not told"),
    ]

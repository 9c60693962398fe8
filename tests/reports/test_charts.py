"""Do the charts say what they show? Each opens with a sentence made from its own numbers."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from reports import charts
from reports.cells import Cells
from reports.ground import Ground
from reports.pictures import Gallery, timed_lines
from reports.tiles import tiles
from reports.wording import Speech
from tests.figures.town import figures
from tests.reports.past import AS_OF, NAMING, OCTOBER, past, tallies

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def told():
    return figures(past(), tallies(), period=OCTOBER, as_of=AS_OF)


@pytest.fixture(scope="module")
def drawn(told):
    return Gallery(Cells(told, "manager"), NAMING, Ground(), Speech())


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def words(svg: str) -> list[str]:
    return ["".join(node.itertext()) for node in parsed(svg).iter(f"{SVG}text")]


def test_every_chart_opens_with_its_title(drawn) -> None:
    for svg in (drawn.demand.drawing, drawn.ages.drawing, drawn.times.drawing):
        assert parsed(svg)[0].tag == f"{SVG}title"
        assert parsed(svg).get("role") == "img"


def test_the_title_of_the_demand_chart_gives_now_and_the_extremes(told, drawn) -> None:
    title = parsed(drawn.demand.drawing)[0].text or ""
    counts = [month.snapshot.received for month in told.months if month.snapshot]
    assert f"{told.this.received} in October 2026" in title
    assert f"the most were {max(counts)} in " in title
    assert f"the fewest {min(counts)} in " in title


def test_the_title_of_the_ages_chart_gives_all_the_largest_and_the_old(told, drawn) -> None:
    title = parsed(drawn.ages.drawing)[0].text or ""
    bands = told.backlog.bands
    assert title.startswith(f"{sum(bands)} requests were open")
    assert f"the largest group, {max(bands)}," in title
    assert f"{sum(bands[3:])} have waited 90 days or more" in title


def test_the_title_of_the_times_chart_names_the_quickest_and_the_slowest(told, drawn) -> None:
    timed = [row for row in timed_lines(told) if row.snapshot.half.is_reached]
    quick, slow = timed[-1], timed[0]
    title = parsed(drawn.times.drawing)[0].text or ""
    assert f"quickest is {NAMING.services[quick.name]}" in title
    assert f"the slowest known is {NAMING.services[slow.name]}" in title


def test_the_numbers_beside_the_charts_are_the_same_numbers(told, drawn) -> None:
    assert [row[1] for row in drawn.months] == [month.snapshot.received for month in told.months]
    assert len(drawn.age_labels) == len(told.backlog.bands)
    assert [str(count) for count in told.backlog.bands] == words(drawn.ages.drawing)[1::2]


def test_nothing_is_told_by_colour_alone(drawn) -> None:
    assert "stroke-dasharray" in drawn.demand.drawing, "last year's line is dashed"
    assert "url(#hatch)" in drawn.ages.drawing, "old requests are hatched"
    assert 'r="4.6"' in drawn.times.drawing, "half is a dot"
    assert 'fill="#ffffff" stroke=' in drawn.times.drawing, "nine in ten is a ring"


def test_hostile_words_stay_words() -> None:
    nasty = '</text><script>alert(1)</script>&"'
    svg = charts.bars([charts.Point(nasty, 3)], title=nasty)
    assert [node.tag for node in parsed(svg).iter() if "script" in node.tag] == []
    assert parsed(svg)[0].text == nasty


@pytest.mark.parametrize("values", [[], [0], [0, 0], [1], [999_999, 1], [3.5]])
def test_odd_values_draw_well_formed_pictures(values: list[float]) -> None:
    points = [charts.Point(str(value), value) for value in values]
    parsed(charts.bars(points, title="t"))
    parsed(charts.line(points, [None] * len(points), title="t", names=("a", "b")))
    parsed(charts.dumbbells([charts.Dumbbell("x", value, value, value) for value in values], title="t"))


def test_a_month_without_records_leaves_a_gap_and_not_a_nought() -> None:
    svg = charts.line(
        [charts.Point("Jan", None), charts.Point("Feb", 5), charts.Point("Mar", 6)],
        [None] * 3,
        title="t",
        names=("a", "b"),
    )
    way = re.search(r'd="(M[^"]*)" fill="none"', svg)
    assert way
    assert way[1].count("L") == 1


def test_more_than_two_years_does_not_flatten_the_rest() -> None:
    rows = [charts.Dumbbell("slow", 10, 760, 20, is_open_ended=True), charts.Dumbbell("quick", 2, 5, 7)]
    assert "800" not in words(charts.dumbbells(rows, title="t"))


def test_a_small_line_says_its_extremes_and_needs_two_months(told) -> None:
    assert charts.sparkline([None, 5], title="t") == ""
    received = [month.snapshot.received for month in told.months]
    title = parsed(tiles(Cells(told), Speech())[0].spark)[0].text
    assert title == f"Received, month by month: lowest {min(received)}, highest {max(received)}."

"""Can a hidden number be worked out? What the public sees of a column is tried against all it could be."""

from __future__ import annotations

import csv
import io
import itertools
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from figures.shapes import AgencyLine, CostLine, Figures, HotSpot, Line, Snapshot
from figures.survival import Wait
from reports import corrections
from reports.cells import Cells, defused
from reports.document import Document
from reports.suppression import FEWEST, Mask, masks, within
from reports.wording import Speech, sentences
from tests.reports.past import NAMING
from tests.reports.samples import GRID, lively, page, tiny

COLUMNS = st.lists(st.integers(0, 11), min_size=1, max_size=4)


def named(values: list[int]) -> dict[str, int]:
    return {chr(97 + place): value for place, value in enumerate(values)}


def could_be(column: dict[str, int]) -> list[dict[str, int]]:
    """Return all that the hidden numbers could be, for one who knows the sum and what the marks stand for."""
    hidden = masks(column)
    rest = sum(column[name] for name in hidden)
    lowest = 1 if Mask.HIDDEN in hidden.values() else 0
    least = FEWEST if Mask.FEW in hidden.values() else 0
    ranges = [
        range(lowest, FEWEST) if mask is Mask.FEW else range(least, rest + 1) for mask in hidden.values()
    ]
    tried = (dict(zip(hidden, values, strict=True)) for values in itertools.product(*ranges))
    return [one for one in tried if sum(one.values()) == rest]


@settings(max_examples=100, deadline=None)
@given(COLUMNS)
def test_no_hidden_number_follows_from_the_sum(values: list[int]) -> None:
    column = named(values)
    hidden = masks(column)
    if len(column) < 2:
        return  # the only part of a sum is the sum, which is told
    possible = could_be(column)
    for name in hidden:
        assert len({one[name] for one in possible}) > 1, (column, hidden)


def test_no_hidden_number_follows_for_one_who_knows_the_rule() -> None:
    """Whoever reads the source asks: for which numbers would just these be hidden, and the same ones told?"""
    most = 11
    seen: dict[str, list[dict[str, int]]] = {}
    for values in itertools.product(range(most + 1), repeat=4):
        column = named(list(values))
        hidden = masks(column)
        # What the hidden ones could be is all among the columns tried.
        if hidden and sum(column[name] for name in hidden) <= most:
            told = {name: value for name, value in column.items() if name not in hidden}
            marks = {name: hidden[name] for name in sorted(hidden)}
            seen.setdefault(f"{marks} {told} {sum(values)}", []).append(
                {name: column[name] for name in hidden}
            )
    for possible in seen.values():
        for name in possible[0]:
            if any(one[name] in range(1, FEWEST) for one in possible):
                assert len({one[name] for one in possible}) > 1, possible


BESIDE = st.lists(st.tuples(st.integers(1, 9), st.integers(0, 9)), min_size=2, max_size=4)


@settings(max_examples=80, deadline=None)
@given(BESIDE, st.sets(st.integers(0, 3)))
def test_no_hidden_number_follows_from_what_it_cannot_exceed(
    pairs: list[tuple[int, int]], unknown: set[int]
) -> None:
    """Of what was due, what was on time: what was due is told, but for a few lines."""
    due = {str(place): largest for place, (largest, _on_time) in enumerate(pairs)}
    column = {str(place): min(pair) for place, pair in enumerate(pairs)}
    most = {name: largest for name, largest in due.items() if int(name) not in unknown}
    hidden = within(column, masks(column), most)
    together = sum(column[name] for name in hidden)
    lowest = 0 if any(column[name] == 0 for name in hidden) else 1
    ranges = [
        range(lowest, FEWEST) if mask is Mask.FEW else range(most.get(name, together) + 1)
        for name, mask in hidden.items()
    ]
    tried = [dict(zip(hidden, one, strict=True)) for one in itertools.product(*ranges)]
    possible = [
        one
        for one in tried
        if sum(one.values()) == together and all(one[name] <= most.get(name, together) for name in hidden)
    ]
    for name in hidden:
        # Where all that was due was on time, or nothing was, no mark helps: whoever knows the sums knows it.
        is_plain = together in (0, sum(most.get(other, 99) for other in hidden))
        assert is_plain or len({one[name] for one in possible}) > 1, (column, due, hidden)


@settings(max_examples=200, deadline=None)
@given(COLUMNS)
def test_what_is_under_five_is_never_told(values: list[int]) -> None:
    column = named(values)
    for name, value in column.items():
        if 0 < value < FEWEST:
            assert name in masks(column)


def test_large_numbers_and_noughts_stay() -> None:
    assert masks({"a": 40, "b": 12, "c": 0}) == {}
    assert masks({}) == {}


def test_the_smallest_large_number_is_hidden_beside_a_small_one() -> None:
    assert masks({"a": 40, "b": 12, "c": 2}) == {"c": Mask.FEW, "b": Mask.HIDDEN}


def test_two_that_are_one_each_are_not_given_away_by_their_sum() -> None:
    assert set(masks({"a": 40, "b": 1, "c": 1})) == {"a", "b", "c"}


def rows(cells: Cells) -> dict[tuple[str, str, str], str]:
    table = csv.DictReader(io.StringIO(cells.csv().decode()))
    return {(row["section"], row["name"], row["figure"]): row["value"] for row in table}


@pytest.mark.parametrize("audience", ["council", "ward"])
def test_the_public_table_has_no_part_under_five(audience: str) -> None:
    for figures in (lively(), tiny()):
        for (section, name, figure), value in rows(Cells(figures, audience)).items():
            is_part = section in ("service", "ward", "agency", "channel", "language") or figure.startswith(
                ("outcomes.", "bands.", "scores.")
            )
            is_count = figure not in ("hours", "promised") and not figure.endswith(("seconds", "is_reached"))
            if is_part and is_count:
                assert value not in {"1", "2", "3", "4"}, (section, name, figure)


def test_the_office_sees_every_number() -> None:
    for audience in ("manager", "department"):
        told = rows(Cells(lively(), audience))
        assert not {"<5", "hidden"} & set(told.values())
        for line in lively().services:
            assert told["service", line.name, "received"] == str(line.snapshot.received)


def test_who_has_how_much_to_do_is_for_the_manager_alone() -> None:
    assert ("person", "foreman", "finished") in rows(Cells(lively(), "manager"))
    assert not any(section == "person" for section, _name, _figure in rows(Cells(lively(), "council")))


def test_no_address_of_a_page_and_no_sum_of_departments_is_public() -> None:
    sections = {section for section, _name, _figure in rows(Cells(lively()))}
    assert not {"page", "widget", "department", "person"} & sections


def test_nested_values_tell_the_same_as_the_table() -> None:
    cells = Cells(lively())
    plain = cells.plain()
    assert plain["this"]["received"] == lively().this.received
    for row in lively().services:
        mask = cells.mask("service", row.name, "received")
        assert plain["service"][row.name]["received"] == (mask.value if mask else row.snapshot.received)


COST = (
    CostLine("", 157, 107, 5470, 407_000, 60_700, 92_100),
    CostLine("tree", 153, 105, 5400, 400_000, 60_000, 90_500),
    CostLine("pothole", 4, 2, 70, 7_000, 700, 1_600),
)
"""In one line few were finished; the others give away what they cost, and how many they are."""


def test_of_cost_only_that_of_one_request_is_public() -> None:
    told = {
        key: value for key, value in rows(Cells(replace(lively(), cost=COST))).items() if key[0] == "cost"
    }
    assert set(told) == {("cost", "", "each"), ("cost", "tree", "each")}
    assert rows(Cells(replace(lively(), cost=COST), "manager"))["cost", "pothole", "finished"] == "4"


def test_the_public_page_tells_of_cost_no_count() -> None:
    document = Document(replace(lively(), cost=COST), NAMING)
    table = page(document).split("<caption>What it cost</caption>")[1].split("</table>")[0]
    assert "Cost of one" in table
    for hidden in ("153", "157", "105", "107", "Finished"):
        assert hidden not in table


def corrected(now: dict[str, int], then: int) -> str:
    """Return what a corrected public issue says when another number of requests was fixed before."""
    this = replace(lively().this, outcomes=dict.fromkeys(lively().this.outcomes, 0) | now)
    changes = [{"figure": "this.outcomes.fixed", "then": then, "now": now["fixed"]}]
    return " ".join(corrections.told(changes, Cells(replace(lively(), this=this)), NAMING, Speech()))


def test_a_correction_tells_no_number_that_either_issue_hides() -> None:
    assert "Fixed: 31 instead of 30" in corrected({"fixed": 31, "no_action": 9}, 30)
    # Three of no_action are hidden, and the fixed beside them.
    assert "Fixed" not in corrected({"fixed": 7, "no_action": 3}, 6)
    # Before it was under five itself.
    assert "Fixed" not in corrected({"fixed": 7, "no_action": 9}, 2)


def test_a_short_report_does_not_tell_by_leaving_out_what_its_table_hides() -> None:
    """Where three were fixed and nothing else ended, noughts are hidden too: none of them may be missing."""
    this = replace(tiny().this, outcomes=dict.fromkeys(tiny().this.outcomes, 0) | {"fixed": 3})
    document = Document(replace(tiny(), this=this), NAMING)
    assert rows(document.cells)["this", "", "outcomes.no_action"] == "<5"
    table = page(document).split("<caption>What became of requests</caption>")[1].split("</table>")[0]
    assert table.count("&lt; 5") + table.count("< 5") == len(this.outcomes)
    assert "fixed" not in " ".join(sentences(document.cells, document.say))
    assert "all of them fixed" in " ".join(sentences(Cells(document.figures, "manager"), document.say))


def test_page_and_table_tell_the_same_of_a_place_with_few_reports_before() -> None:
    spots = tuple(
        replace(spot, before=before) for spot, before in zip(lively().hot_spots, (9, 2, 0), strict=True)
    )
    document = Document(replace(lively(), hot_spots=spots), NAMING)
    told = rows(document.cells)
    places = [("spot", f"{spot.column}/{spot.row}", "before") for spot in spots]
    assert [told[place] for place in places] == ["9", "<5", "0"]
    table = page(document).split("<caption>The places with most reports</caption>")[1].split("</table>")[0]
    assert [row.rsplit("<td>", 1)[1] for row in table.split("</td></tr>")[:3]] == ["9", "&lt; 5", "0"]
    assert [rows(Cells(document.figures, "manager"))[place] for place in places] == ["9", "2", "0"]


def test_a_number_below_nought_stays_a_number_in_the_table() -> None:
    assert defused(-72.3) == "-72.3"
    assert defused("-72.3") == "'-72.3"
    assert float(rows(Cells(lively()))["spot", _first_place(), "lon"]) < 0


def _first_place() -> str:
    spot = lively().hot_spots[0]
    return f"{spot.column}/{spot.row}"


def test_what_is_open_by_line_is_not_public_nor_what_follows_from_two_editions() -> None:
    """Open before, and received, less finished is open after: so one hidden number would follow."""
    told = rows(Cells(lively()))
    assert not [key for key in told if key[0] in ("service", "ward") and key[2].startswith("open")]
    assert rows(Cells(lively(), "manager"))["service", lively().services[0].name, "open_after"]
    for audience, count in (("council", 0), ("manager", 1)):
        text = page(Document(lively(), NAMING, audience=audience))
        for caption in ("By service", "By ward"):
            table = text.split(f"<caption>{caption}</caption>")[1].split("</table>")[0]
            assert table.count(">Open</th>") == count
            widths = {row.count("</th>") + row.count("</td>") for row in table.split("</tr>")[:-1]}
            assert len(widths) == 1, "every row has a cell in every column"


def test_how_few_were_late_does_not_follow_from_due_and_on_time() -> None:
    late = {"pothole": (40, 38), "tree": (30, 20), "water": (25, 25), "snow": (50, 42)}
    lines = tuple(
        replace(line, name=name, snapshot=replace(line.snapshot, due=due, on_time=on_time))
        for line, (name, (due, on_time)) in zip([lively().services[0]] * 4, late.items(), strict=True)
    )
    told = rows(Cells(replace(lively(), services=lines)))
    assert {name: told["service", name, "on_time"] for name in late} == {
        "pothole": "hidden", "tree": "20", "water": "25", "snow": "hidden"
    }  # fmt: skip
    assert [told["service", name, "due"] for name in late] == ["40", "30", "25", "50"]


# -- what one edition tells besides --


def ended(**outcomes: int) -> dict[str, int]:
    return dict.fromkeys(lively().this.outcomes, 0) | outcomes


def with_outcomes(**more: int) -> Figures:
    """Return a lively month with other endings; ``twice`` of those received were duplicates."""
    twice = more.pop("twice", 0)
    this = replace(lively().this, outcomes=ended(**more), issues=lively().this.received - twice)
    said = replace(lively().satisfaction, asked=sum(more.get(one, 0) for one in WORKED))
    return replace(lively(), this=this, satisfaction=said)


WORKED = ("fixed", "no_action", "not_found")


@pytest.mark.parametrize(
    ("figures", "is_hidden"),
    [
        # Of no_action and withdrawn nothing is told but the sum; who was asked would tell each of them.
        (with_outcomes(fixed=80, no_action=6, withdrawn=2), True),
        # Both were asked, so who was asked tells their sum alone, and that is known.
        (with_outcomes(fixed=80, no_action=6, not_found=2, duplicate=30), False),
        (with_outcomes(fixed=80, no_action=30, duplicate=6, withdrawn=2), False),
        (with_outcomes(fixed=80, no_action=30), False),
    ],
)
def test_how_many_were_asked_tells_no_hidden_outcome(figures: Figures, is_hidden: bool) -> None:
    cells = Cells(figures)
    asked = str(figures.satisfaction.asked)
    assert rows(cells)["satisfaction", "", "asked"] == ("hidden" if is_hidden else asked)
    said = page(Document(figures, NAMING)).split("What residents said")[1]
    assert ("were rated;" in said) is is_hidden
    assert (f"Of {asked} requests finished" in said) is not is_hidden
    assert rows(Cells(figures, "manager"))["satisfaction", "", "asked"] == asked


@pytest.mark.parametrize(
    ("outcomes", "is_hidden"),
    [
        ({"fixed": 80, "twice": 3}, True),
        ({"fixed": 80, "duplicate": 6, "withdrawn": 2, "twice": 6}, True),
        ({"fixed": 80, "duplicate": 6, "twice": 6}, False),
        ({"fixed": 80}, False),
    ],
)
def test_how_many_issues_there_were_tells_no_hidden_number_of_duplicates(
    outcomes: dict[str, int], is_hidden: bool
) -> None:
    figures = with_outcomes(**outcomes)
    told, issues = rows(Cells(figures)), figures.this.issues
    assert told["this", "", "issues"] == ("hidden" if is_hidden else str(issues))
    assert (f"{issues} different issues" in page(Document(figures, NAMING))) is not is_hidden
    assert ("this", "", "watched") not in told
    assert not [key for key in told if key[0] in ("last", "year_ago", "month") and key[2] == "issues"]
    changes = [
        {"figure": "this.issues", "then": issues + 1, "now": issues},
        {"figure": "this.received", "then": figures.this.received + 1, "now": figures.this.received},
    ]
    said = " ".join(corrections.told(changes, Cells(figures), NAMING, Speech()))
    assert ("Different issues" in said) is not is_hidden


def test_a_hidden_line_of_those_without_a_place_is_told_nowhere_else() -> None:
    """Seven without a place are hidden beside two of a ward, so they stand nowhere else either."""
    wards = tuple(
        replace(line, name=name, snapshot=replace(line.snapshot, received=received))
        for line, (name, received) in zip(
            lively().wards, {"North": 40, "South": 30, "": 7, "-": 2}.items(), strict=True
        )
    )
    figures = replace(lively(), wards=wards, quality=replace(lively().quality, without_place=7))
    told = rows(Cells(figures))
    assert (told["ward", "", "received"], told["quality", "", "without_place"]) == ("hidden", "hidden")


def test_the_order_of_hidden_rows_tells_nothing() -> None:
    """Two of a sum are under five: were the first in the table the larger one, both were known."""
    column = {"water-leak": 2, "animal": 1, "park": 20, "tree": 40, "noise": 50}

    def order(counts: dict[str, int]) -> list[list[str]]:
        by_size = sorted(counts.items(), key=lambda pair: -pair[1])
        lines = tuple(
            replace(one, name=name, snapshot=replace(one.snapshot, received=received))
            for one, (name, received) in zip(lively().services, by_size, strict=False)
        )
        figures = replace(lively(), services=lines, channels=dict(by_size), languages=dict(by_size))
        told = [
            [key[1] for key in rows(Cells(figures)) if key[0] == section and key[2] == "received"]
            for section in ("service", "channel", "language")
        ]
        printed = page(Document(figures, NAMING)).split("<caption>By service</caption>")[1]
        return [*told, sorted(column, key=lambda name: printed.find(f">{NAMING.service(name)}<"))]

    expected = [["noise", "tree", "animal", "park", "water-leak"]] * 4
    assert order(column) == order(column | {"water-leak": 1, "animal": 2}) == expected
    unsorted = Cells(replace(lively(), channels={"web": 2, "phone": 1}), "manager")
    assert list(unsorted.figures.channels) == ["web", "phone"], "the office sees them by size"


ANSWERED = {"pothole": (40, 38), "tree": (30, 20), "noise": (25, 25), "graffiti": (50, 3), "animal": (8, 6)}
"""Of pothole two still wait, of graffiti three were answered; of animal too few were asked."""


def test_where_few_wait_for_a_first_answer_is_not_public() -> None:
    lines = tuple(
        replace(
            lively().services[0],
            name=name,
            snapshot=replace(lively().services[0].snapshot, asked=asked, answered=answered),
        )
        for name, (asked, answered) in ANSWERED.items()
    )
    figures = replace(lively(), services=lines)
    told = rows(Cells(figures))
    assert {name: told["service", name, "answered_share"] for name in ANSWERED} == {
        "pothole": "hidden", "tree": "0.67", "noise": "1.0", "graffiti": "hidden", "animal": ""
    }  # fmt: skip
    assert not [key for key in told if key[0] == "service" and key[2] in ("asked", "answered")]
    assert not [key for key in told if key[2] == "answered"], "nor is their sum told"
    text = page(Document(figures, NAMING))
    table = text.split("<caption>First answer, by service</caption>")[1].split("</table>")[0]
    assert [row.rsplit("<td>", 1)[1] for row in table.split("</td></tr>")[:3]] == ["*", "67%", "100%"]
    assert "or still wait" in text
    office = rows(Cells(figures, "manager"))
    assert (office["service", "pothole", "asked"], office["service", "pothole", "answered"]) == ("40", "38")
    assert "or still wait" not in page(Document(figures, NAMING, audience="manager"))


@pytest.mark.parametrize(
    ("bands", "is_told"), [((2, 1, 0, 0, 0), False), ((1, 2, 0, 0, 0), False), ((40, 2, 9, 0, 0), True)]
)
def test_the_picture_of_ages_does_not_say_which_hidden_group_is_the_largest(
    bands: tuple[int, ...], is_told: bool
) -> None:
    figures = replace(lively(), backlog=replace(lively().backlog, bands=bands))
    picture = Document(figures, NAMING).gallery.ages
    said = f"{picture.finding} {picture.drawing}"
    assert (f"Most of {sum(bands)} open requests" in said) is is_told
    assert ("the largest group" in said) is is_told
    assert f"{sum(bands)} requests were open at the end" in said


def test_an_agency_that_got_nothing_is_no_cover_for_one_that_gave_something_back() -> None:
    """Where one of three gave back, and two got nothing, noughts of these would hide nothing."""
    lines = tuple(
        replace(line, agency=name, handed_off=handed, returned=returned, confirmed=0, ended=0, cards=20)
        for line, (name, handed, returned) in zip(
            lively().agencies,
            (("county-highway", 9, 2), ("village", 0, 0), ("state-dot", 0, 0)),
            strict=False,
        )
    )
    told = rows(Cells(replace(lively(), agencies=lines)))
    returned = [told["agency", name, "returned"] for name in ("county-highway", "village", "state-dot")]
    assert returned == ["hidden", "0", "0"]


# -- what is told of ten and more alone, or of a part of what is hidden --


def service(name: str, received: int, due: int = 0, on_time: int = 0) -> Line:
    """Return a service of which all were answered: its time is told from ten on."""
    wait = Wait(3600) if received >= 10 else None
    ended = dict.fromkeys(lively().this.outcomes, 0) | {"fixed": received}
    snapshot = Snapshot(
        received, received, ended, due=due, on_time=on_time,
        half=wait, ninety=wait, first_answer=wait, asked=received, answered=received,
    )  # fmt: skip
    return Line(name, snapshot, 0, 0, 7 * 86400)


def of_services(*lines: Line) -> Figures:
    this = replace(lively().this, received=sum(line.snapshot.received for line in lines))
    return replace(lively(), services=lines, this=this, wards=())


@pytest.mark.parametrize(("received", "few"), [(10, 1), (9, 4)])
def test_a_time_does_not_bound_a_hidden_number_by_standing_there_or_not(received: int, few: int) -> None:
    """A first answer is told of ten and more: so of a hidden number not even whether there is one."""
    figures = of_services(service("tree", 40), service("pothole", received), service("noise", few))
    told = rows(Cells(figures))
    assert (told["service", "noise", "received"], told["service", "pothole", "received"]) == ("<5", "hidden")
    for figure in ("half.seconds", "ninety.is_reached", "first_answer.seconds", "answered_share"):
        assert told["service", "pothole", figure] == "hidden"
        assert told["service", "tree", figure] != "hidden"
    document = Document(figures, NAMING)
    text = page(document)
    table = text.split("<caption>First answer, by service</caption>")[1].split("</table>")[0]
    assert "<td>*</td><td>*</td>" in table.split(NAMING.service("pothole"))[1]
    assert NAMING.service("noise") not in table, "under five there never is one"
    times = (
        text.split("<caption>By service</caption>")[1].split(NAMING.service("pothole"))[1].split("</tr>")[0]
    )
    assert times.count("<td>*</td>") >= 4, "half, nine in ten and whether the target was kept"
    assert rows(Cells(figures, "manager"))["service", "noise", "received"] == str(few)


def test_what_was_on_time_does_not_bound_how_many_were_due() -> None:
    lines = (
        service("tree", 40, due=40, on_time=20),
        service("pothole", 30, due=10, on_time=10),
        service("noise", 12, due=1, on_time=0),
    )
    told = rows(Cells(of_services(*lines)))
    assert [told["service", line.name, "due"] for line in lines] == ["40", "hidden", "<5"]
    assert [told["service", line.name, "on_time"] for line in lines[1:]] == ["hidden", "hidden"]


def test_what_an_agency_said_does_not_bound_how_much_it_got() -> None:
    agencies = (
        AgencyLine("big", 30, 0, 0, 8, 0, 20),
        AgencyLine("y", 10, 0, 0, 5, 0, 6),
        AgencyLine("x", 1, 0, 0, None, 0, 0),
    )
    document = Document(replace(lively(), agencies=agencies), NAMING)
    told = rows(document.cells)
    assert [told["agency", one.agency, "handed_off"] for one in agencies] == ["30", "hidden", "<5"]
    for figure in ("confirmed", "returned"):
        assert [told["agency", name, figure] for name in "yx"] == ["hidden", "hidden"]
    assert (told["agency", "big", "hours"], told["agency", "y", "hours"]) == ("8", "hidden")
    table = page(document).split("<caption>By agency</caption>")[1].split("</table>")[0]
    assert table.split('<th scope="row">y</th>')[1].split("</tr>")[0].endswith("<td>*</td>")


def test_a_place_names_no_service_whose_number_is_hidden() -> None:
    column, row = GRID.cell(436_100, -723_000)
    spot = HotSpot(*GRID.middle((column, row)), 8, "pothole", 8, 0, column, row)
    lines = (service("tree", 40), service("pothole", 8), service("noise", 1))
    figures = replace(of_services(*lines), hot_spots=(spot,))
    place = f"{column}/{row}"
    for audience, said in (("council", ("", "")), ("manager", ("pothole", "8"))):
        told = rows(Cells(figures, audience))
        assert (told["spot", place, "service"], told["spot", place, "count_service"]) == said


def test_the_cost_of_one_does_not_bound_how_many_were_finished() -> None:
    """It is told of ten and more alone."""
    lines = (service("tree", 40), service("pothole", 10), service("noise", 1))
    cost = (COST[0], replace(COST[1], finished=40), CostLine("pothole", 10, 10, 600, 9_000, 0, 0))
    told = rows(Cells(replace(of_services(*lines), cost=cost)))
    assert {key[1] for key in told if key[0] == "cost"} == {"", "tree"}


def test_where_a_nought_is_hidden_no_promise_shows_it() -> None:
    lines = (service("pothole", 3), replace(service("noise", 0), promised=None))
    told = rows(Cells(of_services(*lines)))
    assert [told["service", line.name, "received"] for line in lines] == ["<5", "<5"]
    assert [told["service", line.name, "promised"] for line in lines] == ["hidden", "hidden"]


# -- one sign for one number --


def test_those_without_a_place_have_one_sign_everywhere() -> None:
    few = replace(lively(), quality=replace(lively().quality, without_place=2))
    alone = Document(replace(few, wards=()), NAMING)
    assert rows(alone.cells)["quality", "", "without_place"] == "<5"
    wards = tuple(
        replace(line, snapshot=replace(line.snapshot, received=2)) if not line.name else line
        for line in lively().wards
    )
    document = Document(replace(few, wards=wards), NAMING)
    told = rows(document.cells)
    assert told["quality", "", "without_place"] == told["ward", "", "received"] == "<5"
    assert page(document).count("<td>&lt; 5</td>") >= 2


def test_what_ended_as_another_agencys_is_the_same_number_on_every_page() -> None:
    agencies = (AgencyLine("a", 3, 1, 0, None), AgencyLine("b", 0, 0, 7, None))
    this = replace(lively().this, redirected=1)
    text = page(Document(replace(lively(), agencies=agencies, this=this), NAMING))
    assert "Closed as another agency’s</th><td>1</td>" in text
    foot = text.split("<caption>By agency</caption>")[1].split("<tfoot>")[1].split("</tfoot>")[0]
    cells = [cell.split("</td>")[0] for cell in foot.split("<td>")[1:]]
    assert cells[3] == "1"
    assert cells[0] == "&lt; 5"


def test_hidden_rows_stand_by_name_above_those_of_which_there_were_none() -> None:
    names = {"zebra": "Alder", "apple": "Zelkova", "none": "Birch", "tree": "Tree"}
    lines = (service("tree", 40), service("apple", 9), service("zebra", 1), service("none", 0))
    document = Document(of_services(*lines), replace(NAMING, services=names))
    assert [line.name for line in document.figures.services] == ["tree", "zebra", "apple", "none"]


@pytest.mark.parametrize(
    ("bands", "is_oldest_told"),
    [((5, 5, 1, 4, 8), True), ((9, 9, 9, 6, 1), False), ((9, 9, 2, 0, 0), False), ((9, 9, 6, 6, 8), True)],
)
def test_the_age_of_the_middle_one_tells_of_no_hidden_band(
    bands: tuple[int, ...], is_oldest_told: bool
) -> None:
    """Half have waited 100 days or less: so how many have waited less than 90 is bounded."""
    backlog = replace(lively().backlog, bands=bands, median_days=100, oldest_days=123)
    this = replace(lively().this, open_after=sum(bands))
    document = Document(replace(lively(), backlog=backlog, this=this), NAMING)
    told, text = rows(document.cells), page(document)
    is_whole = min(bands) >= FEWEST
    assert told["backlog", "", "median_days"] == ("100" if is_whole else "hidden")
    assert ("have waited 100 days or less" in text) is is_whole
    assert told["backlog", "", "oldest_days"] == ("123" if is_oldest_told else "hidden")
    assert ("123" in " ".join(sentences(document.cells, document.say))) is is_oldest_told
    office = Document(document.figures, NAMING, audience="manager")
    assert rows(office.cells)["backlog", "", "median_days"] == "100"


def test_a_place_does_not_bound_the_number_of_its_ward() -> None:
    spots = tuple(
        replace(spot, ward=ward, before=9)
        for spot, ward in zip(lively().hot_spots, ("North", "East", "-"), strict=True)
    )
    wards = (service("North", 40), service("East", 12), service("South", 1))
    figures = replace(lively(), wards=wards, hot_spots=spots)
    document = Document(figures, NAMING)
    places = {key[1] for key in rows(document.cells) if key[0] == "spot"}
    assert places == {f"{spot.column}/{spot.row}" for spot in (spots[0], spots[2])}
    assert "Places in wards whose number is hidden are left out." in page(document)
    office = Document(figures, NAMING, audience="manager")
    assert len({key[1] for key in rows(office.cells) if key[0] == "spot"}) == 3
    assert not [key for key in rows(office.cells) if key[2] == "ward"]

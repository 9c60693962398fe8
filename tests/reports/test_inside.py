"""Does the manager's report tell what only the manager may see, and no other report any of it?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask_babel import Babel

from app import TRANSLATIONS
from figures.kept import as_json, from_json
from reports.document import Document
from tests.reports.samples import INSIGHT, documents, lively, page, tiny
from widgets.languages import Catalogues


@pytest.fixture(scope="module", autouse=True)
def speech() -> Iterator[None]:
    flask = Flask("words")
    Babel(flask).domain_instance = Catalogues(TRANSLATIONS)
    with flask.app_context():
        yield


def inside() -> Document:
    return documents()["inside"]


def test_it_says_what_changed_with_its_numbers() -> None:
    told = page(inside())
    assert "Pothole: 41 in eight weeks, more than usual (9 to 31, by the same weeks a year ago)" in told
    assert "1 of 2 services and wards has left its usual range" in told


def test_it_names_places_turns_costs_and_leads() -> None:
    told = page(inside())
    for words in (
        "Old Road &amp; Mill Road", "26-3, 26-4, 26-5", "Most wrong turns: Pothole", "$61,000", "$47,000",
        "foreman", "What goes before what", "Storm drain", "0.41",
    ):  # fmt: skip
        assert words in told, words


def test_each_table_that_another_section_has_stands_there_once() -> None:
    told = page(inside())
    for words in ("By employee", "In which language"):
        assert told.count(f"<caption>{words}</caption>") == 1, words
    assert told.count("<caption>What it cost</caption>") == 0


def test_its_figures_are_kept_and_read_again() -> None:
    figures = inside().figures
    assert from_json(as_json(figures)) == figures


def test_its_csv_has_all_of_it_and_the_councils_none() -> None:
    own, councils = inside().csv.decode(), documents()["month"].csv.decode()
    for section in (
        "weekday",
        "change",
        "repeat",
        "turn",
        "turned",
        "lead",
        "cost_outlook",
        "person",
        "page",
    ):
        assert f",{section}," in own, section
        assert f",{section}," not in councils, section


def test_no_other_report_names_an_employee() -> None:
    for name, document in documents().items():
        if document.audience != "manager":
            assert ">foreman<" not in page(document), name


def test_a_tiny_month_still_tells_the_manager_who_has_what_and_what_comes_back() -> None:
    few = replace(tiny(), insight=replace(INSIGHT, leads=None), workload=lively().workload)
    told = page(replace(inside(), figures=few))
    for said in (
        "By employee",
        "Old Road &amp; Mill Road",
        "How they were put right",
        "Pothole: 41 in eight weeks",
    ):
        assert said in told, said
    assert "%" not in told.split("</style>")[1]
    for audience in ("council", "department"):
        others = page(replace(inside(), figures=few, audience=audience))
        assert "By employee" not in others
        assert "Old Road" not in others


def test_a_year_is_compared_with_the_year_before_once() -> None:
    document = documents()["year"]
    assert all(len(tile.before) <= 1 for tile in document.tiles)
    assert document.sentences[0].count("2024") <= 1


def test_many_pages_of_the_website_are_told_as_the_first_of_them_and_the_rest() -> None:
    figures = replace(inside().figures, pages={f"https://town.example/{at:02}": 40 - at for at in range(30)})
    document = replace(inside(), figures=figures)
    told = page(document)
    assert "town.example/11" in told
    assert "town.example/12" not in told
    assert "18 others" in told
    assert document.csv.count(b"town.example/") == 30


@pytest.mark.parametrize(
    ("counts", "finding"),
    [
        ((6, 3, 2), "Most requests come from town.example/0"),
        ((5, 3, 2), "The largest group is town.example/0: 5 of 10"),
        ((5, 5, 2), "Reports by page of the website"),
    ],
)
def test_most_are_more_than_half(counts: tuple[int, ...], finding: str) -> None:
    pages = {f"https://town.example/{at}": count for at, count in enumerate(counts)}
    told = replace(inside(), figures=replace(inside().figures, pages=pages))
    assert told.insights.pages.finding == finding

"""Does the conformance page name only tests that exist, every kind of page, and every criterion?"""

from __future__ import annotations

import re

import pytest

from tests.conscience import StrictClient, read_strictly
from tests.house import tree
from tests.journeys.test_everybody import PAGES

PAGE = tree.ROOT / "docs" / "accessibility.md"
TEXT = PAGE.read_text(encoding="utf-8")
ALL_OF_A_AND_AA = 55
"""WCAG 2.2 has 31 criteria of level A and 24 of level AA."""


def test_every_test_that_the_page_names_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", TEXT)
    assert len(named) > 10
    missing = [
        f"{path}::{name}"
        for path, name in named
        if not re.search(rf"^def {name}\(", (tree.ROOT / path).read_text(encoding="utf-8"), re.M)
    ]
    assert not missing


def test_every_kind_of_page_is_in_the_results() -> None:
    results = TEXT.split("<!-- results -->")[1].split("<!-- /results -->")[0]
    assert tuple(re.findall(r"^- (.+)$", results, re.M)) == PAGES, "run the walk, then script/accessibility"
    counts = dict(re.findall(r"^\| ([^|]+) \| (\d+) \|$", results, re.M))
    assert counts["faults of any kind"] == counts["errors against it"] == "0"


def test_every_criterion_has_its_line_and_a_check_that_is_explained() -> None:
    lines = re.findall(r"^\| (\d\.\d\.\d+) [^|]+\| (A{1,2}) \| ([^|]+) \| ([^|]*)\|$", TEXT, re.M)
    assert len({number for number, *_rest in lines}) == len(lines) == ALL_OF_A_AND_AA
    checks = set(re.findall(r"^\| ([a-z]+) \| .*`tests/", TEXT, re.M)) | {"by people"}
    for number, _level, claim, how in lines:
        named = {name for name in how.strip().split(", ") if name}
        assert named <= checks, number
        assert bool(named) == claim.startswith("supports"), number


def test_every_page_of_every_test_is_read_strictly(client: StrictClient) -> None:
    assert client.get("/report").status_code == 200
    with pytest.raises(AssertionError, match="no label"):
        read_strictly(client.get("/report").text.replace("<label", "<span").replace("</label", "</span"))
    with pytest.raises(AssertionError, match="one h1"):
        read_strictly(client.get("/report").text.replace("h1>", "h2>"))


@pytest.mark.parametrize("address", ["/report", "/report?embed=1", "/report/pothole?address=x", "/nowhere"])
def test_help_stands_at_the_end_of_each_page(client: StrictClient, address: str) -> None:
    tree_of = read_strictly(client.get(address).text)
    body = tree_of.find("body")
    assert body is not None
    last = body[-1]
    assert last.tag == "footer"
    links = [link.get("href") or "" for link in last.iter("a")]
    assert [link.partition(":")[0] for link in links][-2:] == ["tel", "mailto"]

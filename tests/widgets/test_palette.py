"""Can every colour of the stylesheet be read where it stands, whatever colour the town has chosen?"""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from colours import accent
from colours.accent import written
from settings import ROOT
from widgets import palette

SHEET = ROOT / "static" / "townline.css"
OWN = re.findall(r"--brand: (#[0-9a-f]{6})", SHEET.read_text(encoding="utf-8"))[0]
RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")


@settings(max_examples=200)
@given(st.tuples(*[st.integers(0, 255)] * 3))
@example((0xFF, 0xFF, 0x00))
@example((0x00, 0x00, 0x00))
@example((0xFF, 0xFF, 0xFF))
@example((0x00, 0xFF, 0xFF))
@example((0x80, 0x80, 0x80))
def test_every_pair_can_be_read_for_any_colour_of_a_town(colour: tuple[int, int, int]) -> None:
    faults = [
        f"{scheme}: {pair.front} on {pair.ground} has {pair.has:.2f}, not {pair.least}"
        for scheme in palette.SCHEMES
        for pair in palette.pairs(SHEET, scheme, written(colour))
        if not pair.is_readable
    ]
    assert not faults


def test_the_two_ways_into_the_dark_have_the_same_colours() -> None:
    blocks = palette.own_colours(SHEET)
    assert [scheme for scheme, _tokens in blocks] == ["light", "dark", "dark", "light"], "the last is paper"
    assert blocks[1][1] == blocks[2][1]
    assert blocks[0][1].keys() == blocks[1][1].keys()


@pytest.mark.parametrize(
    ("scheme", "grounds"), [("light", accent.DAY_GROUNDS), ("dark", accent.NIGHT_GROUNDS)]
)
def test_the_accent_is_fitted_to_the_grounds_that_the_stylesheet_has(scheme, grounds) -> None:
    tokens = dict(palette.own_colours(SHEET)[:2])[scheme]
    assert {tokens[name] for name in palette.WORDS["accent"] if name in tokens} == set(grounds)


def test_the_first_block_is_what_a_town_of_that_colour_would_get() -> None:
    said = re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", SHEET.read_text(encoding="utf-8"))[
        : len(accent.shades(OWN))
    ]
    assert dict(said) == {name: written(shade) for name, shade in accent.shades(OWN).items()}


def test_words_stand_only_on_grounds_that_are_checked() -> None:
    """Each rule that sets both colours by token sets a pair that the list has."""
    faults = []
    for selector, body in RULE.findall(
        re.sub(r"/\*.*?\*/", "", SHEET.read_text(encoding="utf-8"), flags=re.S)
    ):
        front = re.search(r"(?:^|[;\s])color: (?:var\(--([a-z-]+)\)|(#fff\b))", body)
        ground = re.search(r"background(?:-color)?: (?:var\(--([a-z-]+)\)|(#fff\b))", body)
        if not (front and ground):
            continue
        pair = front[1] or "white", ground[1] or "white"
        if pair[1] not in palette.WORDS.get(pair[0], ()):
            faults.append(f"{selector.strip()}: {pair[0]} on {pair[1]}")
    assert not faults

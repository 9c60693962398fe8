"""Does what everybody may read ever tell who wrote it, how to reach them, or where they live?"""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from casework.in_public import away, in_public
from casework.public_words import house_numbers, public_words
from tests.builders import opened

LETTERS = st.text(alphabet="abcdefghijklmnopqrstuvwxyzéñüABCDEFGHIJ", min_size=3, max_size=12)
NAMES = st.lists(LETTERS, min_size=1, max_size=3).map(" ".join)
PHONES = st.sampled_from(
    ["603-555-0142", "(603) 555 0142", "+1 603 555 0142", "6035550142", "06 12 34 56 78"]
)
EMAILS = st.builds("{}.{}@example.org".format, LETTERS, LETTERS)
WORDS = st.text(alphabet="abc xyz,.;!?-'0123456789\n", max_size=40)


def bare(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


@given(NAMES, PHONES, EMAILS, WORDS, WORDS, st.booleans())
@example("Jose Nunez", "603-555-0142", "a.b@example.org", "Señor José NÚÑEZ's", "", False)
def test_no_name_phone_or_address_of_the_resident_is_left(name, phone, email, before, after, is_loud):
    said = name.upper() if is_loud else name
    text = f"{before} {said} {phone} {email} {after}"
    shown = public_words(text, private=(name, email, phone))
    assert email.casefold() not in shown.casefold()
    assert not any(
        part.casefold() in [word.strip(".,;!?'-") for word in shown.casefold().split()]
        for part in name.split()
    )
    digits = "".join(char for char in phone if char.isdigit())
    assert digits[-7:] not in "".join(char for char in shown if char.isdigit())


@given(
    st.integers(1, 99999),
    st.sampled_from(["", "A", "b", " c"]),
    WORDS,
    st.sampled_from(["{} Elm Street", "Elm Street {}", "No.{}, Elm Street", "Elm Street, {}"]),
)
def test_no_house_number_of_the_place_is_left(number, letter, before, form):
    house = f"{number}{letter}"
    place = form.format(house)
    shown = public_words(f"{before} at {place}, number {house}", house=house_numbers(place))
    assert str(number) not in [word.strip(".,;!?'-…") for word in shown.replace("-", " ").split()[-6:]]
    assert "Elm Street" in shown


def test_a_number_that_is_no_house_stays():
    assert house_numbers("State Route 88, at the barn") == ()
    assert house_numbers("5th Avenue") == ()
    assert public_words("Hole of 12 inches", house=house_numbers("31 Mill Road")) == "Hole of 12 inches"


def test_the_words_around_it_stay_and_a_mark_shows_that_something_was_there():
    words = public_words("Call 603-555-0142 or me@example.org: deep hole", private=("",))
    assert words == "Call [phone number hidden] or [e-mail hidden]: deep hole"


@pytest.mark.parametrize("name", ["", " ", "-", "(", "a+b", "\\"])
def test_a_name_that_is_none_hides_nothing_else(name):
    assert public_words("A deep hole.", private=(name,)) == "A deep hole."


@pytest.mark.parametrize(
    ("metres", "words"),
    [(3, "right there"), (44, "about 40 m away"), (612, "about 600 m away"), (1240, "about 1.2 km away")],
)
def test_a_distance_is_told_roughly(metres, words):
    assert away(metres) == words


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("I am at 4 Ridge Rd, a hole of 12 inches", "I am at … Ridge Rd, a hole of 12 inches"),
        ("Ridge Road, house \uff14", "Ridge Road, house …"),
        ("4 potholes by the white barn", "4 potholes by the white barn"),
        ("the 77 on Ridge Road", "the 77 on Ridge Road"),
        ("Call Ma\u00adria on 603 555 01 99", "Call … on [phone number hidden]"),
    ],
)
def test_the_house_at_the_pin_is_hidden_where_its_street_is_named(office, now, said, shown):
    _, case = opened(
        office,
        now,
        service="pothole",
        description=said,
        name="Maria Example",
        place="by the white barn",
        at=(43.620886, -72.331324),
        answers={"size": "large"},
    )
    one = in_public(office, case, now=now)
    assert one is not None
    assert one.words == shown

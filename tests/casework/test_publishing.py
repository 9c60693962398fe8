"""Is what leads to a person found in a report's words, and is what leads to the place left alone?"""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.publishing import contacts

PHONES = [
    "603-555-0100", "(603) 555-0100", "603.555.0100", "603 555 0100", "6035550100", "1-603-555-0100",
    "+1 603 555 0100", "+1 (603) 555-0100", "603-555-0100 ext. 12", "603 555 0100 x7", "16035550100",
    "612 345 678", "612 34 56 78", "612345678", "91 234 56 78", "+34 612 345 678", "0034 612345678",
    "06 12 34 56 78", "06.12.34.56.78", "06-12-34-56-78", "0612345678", "+33 6 12 34 56 78",
    "+33 (0)6 12 34 56 78", "+33612345678", "603\u00a0555\u00a00100",
]  # fmt: skip
EMAILS = [
    "resident@example.org", "first.last+town@mail.example.org", "o'name@example.com",
    "niño@correo.example", "RESIDENT@EXAMPLE.ORG", "a@b.co.example",
]  # fmt: skip
HARMLESS = [
    "12 Mill Road", "at 1234-1236 Elm Street", "Route 603, by mile 12.5", "RT 603 and RT 28", "I-93 exit 15",
    "pole 123-4567", "pole 603-555-0100", "pole number 6035550100", "hydrant #6125550100", "#6035550100",
    "poste nº 612345678", "poteau numéro 0612345678",
    "since 2026-05-31", "on 05/31/2026 at 10:30", "31.05.2026 14:30:00", "le 31 05 2026", "20261014160000",
    "$1,234.50", "costs 612.345.678 €", "$6035550100", "612 345 678 euros", "1 250 000 euros",
    "43.595970, -72.333740", "43.5959712345", "lots 12 14 16 18", "the 3 2 1 rule", "ZIP 03580-1234",
    "28013 Madrid",
    "75001 Paris", "555-0100", "between 100 and 1200", "@home", "a@b", "write @ the town", "10.0.0.1",
    "RF-2026-0042", "number 26-0017", "3 x 4 m", "120 000 000",
]  # fmt: skip


@pytest.mark.parametrize("phone", PHONES)
def test_a_phone_number_is_found_as_people_write_it(phone: str) -> None:
    text = f"Deep hole at 12 Mill Road. My number: {phone}, please hurry."
    (found,) = contacts(text)
    assert (text[found.start : found.end], found.kind) == (phone, "phone")


@pytest.mark.parametrize("email", EMAILS)
def test_an_email_address_is_found_as_people_write_it(email: str) -> None:
    for text in (f"Write to {email}.", f"<{email}>", f"({email})", email):
        (found,) = contacts(text)
        assert (text[found.start : found.end], found.kind) == (email, "email")


@pytest.mark.parametrize("text", HARMLESS)
def test_what_tells_the_place_the_day_or_the_price_is_left_alone(text: str) -> None:
    assert contacts(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "Call me at 555-0100.",
        "my cell is 555-0100",
        "tel. 555 0100",
        "llámame al 555-0100",
        "appelez le 555-0100",
    ],
)
def test_a_short_number_is_a_phone_where_somebody_is_to_call_it(text: str) -> None:
    (found,) = contacts(text)
    assert text[found.start : found.end][:3] == "555"


CALLED = [
    "603 555 01 99", "603-5550199", "6 0 3 5 5 5 0 1 9 9", "(603)5550199", "555.0199", "603/5550199",
    "60355 50199", "5550199",
]  # fmt: skip
DRESSED = [
    "\uff16\uff10\uff13\uff15\uff15\uff15\uff10\uff11\uff19\uff19",
    "603\u2011555\u20110199", "603\u2013555\u20130199", "6035\u00ad550199", "maria.jones@exa\u00admple.org",
    "maria\uff20example.org",
]  # fmt: skip
UNCALLED = [
    "text of 2026-05-31", "call after 05/31/2026", "reach: 43.595970, -72.333740",
    "call about pole 603 555 01 99", "lots 12 14 16 18 20", "call at 10.30",
]  # fmt: skip


@pytest.mark.parametrize("number", CALLED)
def test_behind_a_word_that_calls_digits_are_a_phone_however_they_are_grouped(number: str) -> None:
    text = f"Dark here, call me on {number} please"
    (found,) = contacts(text)
    assert (text[found.start : found.end], found.kind) == (number, "phone")


@pytest.mark.parametrize("contact", DRESSED)
def test_what_is_written_to_be_overlooked_is_found_all_the_same(contact: str) -> None:
    text = f"\u00adDark\u00ad here: {contact} \uff0cplease"
    (found,) = contacts(text)
    assert text[found.start : found.end] == contact


@pytest.mark.parametrize("text", UNCALLED)
def test_a_day_a_position_and_a_pole_behind_such_a_word_are_left_alone(text: str) -> None:
    assert contacts(text) == ()


def test_several_are_found_in_order_and_none_inside_another() -> None:
    text = "6035550100@example.org or 603-555-0100 or 06 12 34 56 78"
    assert [(text[one.start : one.end], one.kind) for one in contacts(text)] == [
        ("6035550100@example.org", "email"),
        ("603-555-0100", "phone"),
        ("06 12 34 56 78", "phone"),
    ]


@given(st.text(alphabet="0123456789 .-()+@/#$€abcé_\n,:'%", max_size=120))
def test_whatever_is_written_the_parts_lie_in_it_in_order(text: str) -> None:
    end = 0
    for one in contacts(text):
        assert end <= one.start < one.end <= len(text)
        assert any(char.isdigit() for char in text[one.start : one.end]) or one.kind == "email"
        end = one.end


@given(st.text(alphabet=st.characters(exclude_characters="@", exclude_categories=["Nd", "Cs"])))
def test_words_without_digits_or_an_at_hold_nothing(text: str) -> None:
    assert contacts(text) == ()


@given(
    st.sampled_from(PHONES + EMAILS),
    st.text(alphabet="abcdefghij ,;!?\n", max_size=60),
    st.text(alphabet="abcdefghij ,;!?\n", max_size=60),
)
def test_whatever_words_stand_around_it_is_found(contact: str, before: str, after: str) -> None:
    text = f"{before} {contact} {after}"
    assert len(before) + 1 in [one.start for one in contacts(text)]


@pytest.mark.parametrize(
    "hostile",
    [
        "1",
        "1 ",
        "a",
        "a.",
        "a@",
        "a@a.",
        "(1",
        "+1 ",
        "06 ",
        "603 555 ",
        "603-555-",
        "call ",
        "pole ",
        "# ",
        "-1",
    ],
)
def test_a_text_made_to_be_slow_is_read_in_time(hostile: str) -> None:
    began = time.process_time()
    contacts(hostile * (200_000 // len(hostile)))
    assert time.process_time() - began < 3

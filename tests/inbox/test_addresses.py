"""Are the addresses of a header told apart, however they are written?"""

from __future__ import annotations

import pytest

from inbox.addresses import addresses


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("a@b.c, d@e.f", [("", "a@b.c"), ("", "d@e.f")]),
        ('A B <a@b.c>, "D, E" <d@e.f>', [("A B", "a@b.c"), ("D, E", "d@e.f")]),
        ('"A" <a@b.c>; "D" <d@e.f>', [("A", "a@b.c"), ("D", "d@e.f")]),
        ("undisclosed-recipients:;", []),
        ("Crew: Jo <a@b.c>, d@e.f;, g@h.i", [("Jo", "a@b.c"), ("", "d@e.f"), ("", "g@h.i")]),
        (", a@b.c,,", [("", "a@b.c")]),
        ("A, a@b.c", [("A", ""), ("", "a@b.c")]),
        ("Me <a@b.c", [("Me", "a@b.c")]),
        ("x <a@b.c>>", [("x", "a@b.c")]),
        ('<"two words"@b.c>', [("", '"two words"@b.c')]),
        ('"a@b.c" <d@e.f>', [("a@b.c", "d@e.f")]),
        ("mailto:a@b.c", [("", "a@b.c")]),
        ("A (the B) <a@b.c>", [("A", "a@b.c")]),
        ("", []),
    ],
)
def test_each_is_told_with_its_name(value: str, found: list[tuple[str, str]]) -> None:
    assert [(one.name, one.email) for one in addresses(value)] == found


def test_an_address_in_the_name_is_not_the_senders() -> None:
    (one,) = addresses("clerk@town.example <other@evil.example>")
    assert (one.email, one.key, one.domain) == ("other@evil.example", "other@evil.example", "evil.example")

"""Is no honest sender turned away, and does whatever looks like a program only ever look worse?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.screening import HOLD_AT, POINTS, PROVE_AT, WEAK, Result, Sending, Sign, mark_of, score

HONEST = Sending(text="A deep hole in the road by the school.", seconds=90.0, same_text=0, most_a_day=320)
ONE_SIGN: dict[Sign, dict[str, Any]] = {
    Sign.TRAP: {"is_trapped": True},
    Sign.FAST: {"seconds": 0.2},
    Sign.STRANGE_PAGE: {"is_own_page": False},
    Sign.NO_PAGE: {"has_page": False},
    Sign.SAME_FORM: {"same_form": 2},
    Sign.SAME_FORM_OFTEN: {"same_form": 9},
    Sign.LINK: {"text": "It is here: https://maps.example.org/?q=1"},
    Sign.LINKS: {"text": "https://a.example www.b.example http://c.example"},
    Sign.MARKUP: {"text": "<a href=x>cheap</a>"},
    Sign.SAME_TEXT: {"same_text": 1},
    Sign.SAME_TEXT_OFTEN: {"same_text": 3},
    Sign.BUSY: {"from_network": 10},
    Sign.FLOOD: {"from_network": 30},
    Sign.DAY_FULL: {"today": 320},
}
ORDER = list(Result)


@pytest.mark.parametrize("sign", Sign)
def test_each_sign_is_seen_alone_and_weighs_what_the_table_says(sign: Sign):
    verdict = score(replace(HONEST, **ONE_SIGN[sign]))
    assert verdict.signs == (sign,)
    assert verdict.points == POINTS[sign]


@pytest.mark.parametrize("sign", Sign)
def test_no_single_sign_but_the_full_day_holds_and_no_weak_one_does_anything(sign: Sign):
    result = score(replace(HONEST, **ONE_SIGN[sign])).result
    assert result is not Result.HOLD or sign is Sign.DAY_FULL
    if sign in WEAK:
        assert result is Result.ACCEPT


def test_age_alone_never_decides_and_refusing_is_no_result_at_all():
    assert Sign.FAST in WEAK
    assert [str(result) for result in Result] == ["accept", "prove", "hold"]
    assert 0 < PROVE_AT < HOLD_AT
    assert set(POINTS) == set(Sign)


@given(
    seconds=st.none() | st.floats(min_value=0, max_value=90_000),
    text=st.text(st.characters(exclude_characters="<[", codec="utf-8"), max_size=400).filter(
        lambda text: "http" not in text.lower() and "www" not in text.lower()
    ),
    from_network=st.integers(0, 9),
    same_form=st.integers(0, 1),
    today=st.integers(0, 319),
)
def test_an_honest_sender_however_fast_is_accepted(
    seconds: float | None, text: str, from_network: int, same_form: int, today: int
):
    sending = replace(
        HONEST, text=text, seconds=seconds, from_network=from_network, same_form=same_form, today=today
    )
    assert score(sending).result is Result.ACCEPT


@given(
    st.builds(
        Sending,
        text=st.sampled_from(
            [str(change["text"]) for change in ONE_SIGN.values() if "text" in change] + [""]
        ),
        is_trapped=st.booleans(),
        seconds=st.none() | st.floats(0, 100),
        is_own_page=st.booleans(),
        has_page=st.booleans(),
        same_form=st.integers(0, 20),
        same_text=st.integers(0, 20),
        from_network=st.integers(0, 100),
        today=st.integers(0, 1000),
        most_a_day=st.just(320),
    ),
    st.data(),
)
def test_what_looks_worse_is_never_judged_more_mildly(sending: Sending, data: st.DataObject):
    worse = replace(
        sending,
        is_trapped=sending.is_trapped or data.draw(st.booleans()),
        seconds=0.0 if sending.seconds is not None and data.draw(st.booleans()) else sending.seconds,
        same_form=sending.same_form + data.draw(st.integers(0, 9)),
        same_text=sending.same_text + data.draw(st.integers(0, 9)),
        from_network=sending.from_network + data.draw(st.integers(0, 99)),
        today=sending.today + data.draw(st.integers(0, 999)),
    )
    before, after = score(sending), score(worse)
    assert after.points >= before.points
    assert ORDER.index(after.result) >= ORDER.index(before.result)


def test_a_proof_lets_a_doubtful_sending_in_and_danger_waits_for_none():
    doubtful = score(replace(HONEST, is_trapped=True))
    assert doubtful.settled(is_proved=True, is_urgent=False) is Result.ACCEPT
    assert doubtful.settled(is_proved=False, is_urgent=False) is Result.PROVE
    assert doubtful.settled(is_proved=False, is_urgent=True) is Result.HOLD
    sure = score(replace(HONEST, is_trapped=True, same_text=5))
    assert sure.settled(is_proved=True, is_urgent=False) is Result.HOLD
    assert score(HONEST).settled(is_proved=False, is_urgent=True) is Result.ACCEPT


def test_a_text_is_known_again_by_its_words_alone_and_only_when_it_is_long_enough():
    long = "Our recycling was left standing again this week, all of it."
    assert mark_of(long) == mark_of(f"  {long.upper()}\n")
    assert mark_of(long) != mark_of(f"{long} Please come.")
    assert mark_of("Pothole") == ""

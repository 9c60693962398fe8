"""Is exactly what somebody newly wrote found in a reply, in bounded time, with nothing lost?"""

# Mails are written here as programs write them, long lines too.
# ruff: noqa: E501

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from inbox.quotation import MOST_LINES, reply_text
from tests.inbox.quoting_styles import ANSWERS, LANGUAGES, MARKERS, NEEDING_OUR_LETTER, STYLES, letter

ALL_MARKERS = tuple(MARKERS.values())


@pytest.mark.parametrize("knows", ["marker", "ours", "both", "nothing"])
@pytest.mark.parametrize("has_marker", [True, False], ids=["marker stands", "marker gone"])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("style", STYLES)
def test_our_letter_is_cut_in_every_program_and_language(style, language, has_marker, knows):
    reply = STYLES[style](ANSWERS[language], letter(language, has_marker=has_marker), language)
    found = reply_text(
        reply,
        markers=ALL_MARKERS if knows in {"marker", "both"} else (),
        ours=letter(language, has_marker=True) if knows in {"ours", "both"} else "",
    )
    assert found.text == ANSWERS[language]


@pytest.mark.parametrize("has_marker", [True, False], ids=["marker stands", "marker gone"])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("style", NEEDING_OUR_LETTER)
def test_our_letter_is_found_where_nothing_says_that_it_is_quoted(style, language, has_marker):
    reply = NEEDING_OUR_LETTER[style](ANSWERS[language], letter(language, has_marker=has_marker), language)
    found = reply_text(reply, markers=ALL_MARKERS, ours=letter(language, has_marker=True))
    assert found.text == ANSWERS[language]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("style", STYLES)
def test_an_empty_reply_stays_empty(style, language):
    reply = STYLES[style]("", letter(language, has_marker=True), language)
    if style != "signed":
        assert reply_text(reply, markers=ALL_MARKERS, ours=letter(language, has_marker=True)).text == ""


def test_answers_between_the_lines_are_kept_and_our_letter_is_not_repeated():
    reply = "On 3/2/26 09:14, Town wrote:\n> Say that you have it by: Tuesday\n\nI have it.\n\n> Finish it by: Friday\n\nMonday.\n"
    found = reply_text(reply, ours="Say that you have it by: Tuesday\n\nFinish it by: Friday")
    assert "I have it." in found.text
    assert "Monday." in found.text
    assert "Finish" not in found.text


def test_answers_between_the_lines_of_somebody_else_keep_what_they_answer():
    reply = "On 3/2/26 09:14, County wrote:\n> Whose road is it?\nOurs.\n> And the bridge?\nYours.\n"
    assert reply_text(reply).text == "> Whose road is it?\nOurs.\n> And the bridge?\nYours."


def test_text_after_a_quotation_is_kept():
    assert reply_text("On 3/2/26 09:14, Town wrote:\n> Question?\n\nAnswer.").text == "Answer."
    assert reply_text("Hello.\n\nOn 3/2/26 09:14, Town wrote:\n> A?\n\nAnswer.").text == "Hello.\n\nAnswer."


@pytest.mark.parametrize(
    "text",
    [
        "On Friday I wrote to the county:\n\nPlease look at the culvert.",
        "From: Main Street\nTo: Elm Street\nClosed until Friday.",
        "As she wrote on the form, the light is out.",
        "Date: Friday\nThe crew comes at 9:00.",
        "The plan:\n---------\nNo, see below.",
        "Sent from the county to us: two trucks and a crew of five people, who start on Monday at the north end.",
        "Sent with the crew this morning.\nThey will be there at 10:00.",
        "The meeting is on 3/2/2026 at 9:00, write to hall@town.example if you come.",
        "Two things:\n* the pipe\n* the lid\n\nBoth are ordered.",
        "> quoted by hand",
        "On 3/4/2026 a crew was sent\n\nThe hole is filled.",
        "Keep right ->\n<- keep left",
        "At 10:30 the crew wrote that the road is closed.",
        "To do: call the owner.\nSubject to weather, we start on 3/4/2026.",
    ],
)
def test_what_a_person_writes_is_left_alone(text):
    found = reply_text(text)
    assert found.text == text
    assert found.how in {"whole", "longer"}


@pytest.mark.parametrize(
    "tail",
    [
        "Sent from my iPhone",
        "Get Outlook for iOS",
        "Envoyé de mon iPhone",
        "Von meinem iPhone gesendet",
        "Enviado desde mi iPhone",
        "-- \nRoads\n603-555-0199",
        "________________________________\nRoads",
        "This e-mail and any attachments are confidential and meant for the person named alone.",
        "-----Original Message-----\nFrom: a@town.example\n\nText",
        "## Reply above this line ##\n\nYour request was updated.",
        "Quoting Town <a@town.example>:\n\n> Text",
        "From: Town\nSent: Monday, March 2, 2026\nTo: Roads\n\nText",
        "Begin forwarded message:\n\n> From: a@town.example\n> Text",
        "On Mon, Mar 2, 2026 at 9:14 AM, Town\n<a@town.example>\nwrote:\n\n> Text",
        "2026年3月2日 9:14 Town <a@town.example>:\n\n> Text",
        "W dniu 2 marca 2026 09:14 użytkownik Town <a@town.example>\nnapisał:\n\nText",
        "Van: Town [mailto:a@town.example]\nVerzonden: maandag 2 maart 2026 09:14\nAan: Roads\nOnderwerp: Text\n\nText",
        "Lähettäjä: Town\nLähetetty: 2. maaliskuuta 2026 9:14\nAihe: Text\n\nText",
    ],
)
def test_what_programs_add_is_cut(tail):
    found = reply_text(f"It is fixed.\n\n{tail}")
    assert found.text == "It is fixed."
    assert found.how == "quotation"
    assert found.quoted.split() == tail.split()


def test_a_line_of_the_letter_repeated_by_hand_is_the_writers():
    ours = letter("en", has_marker=False)
    reply = STYLES["gmail"]("A resident sent this request. It is yours. I know, and it is done.", ours, "en")
    assert (
        reply_text(reply, ours=ours).text
        == "A resident sent this request. It is yours. I know, and it is done."
    )


HOSTILE = [
    ">", "> ", "a\n", "\n", "On ", "On 2024 wrote", "wrote:\n", "On 1/1/2024 x wrote:\n", "On 1/1/2024\n", "a@b.c\n",
    "<a@b.c>:\n", "a@", "From:\n", "From: a@b.c\n", "Sent: a b\n", "From: \nTo: \n\n", "-", "--\n", "-----Original Message-----\n",
    "[a](", "<http://", "12:00 ", "2024-01-01 10:00 GMT", "reply above this line\n", "a b c d e f ", "é@é ", "写道：\n",
    "Please write your\n", "the crew filled the hole\n", "x: \n", "\u2028", "> x\ny\n",
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("pattern", HOSTILE)
def test_three_hundred_kilobytes_of_anything_take_two_seconds_at_most(pattern):
    text = "x\n" + pattern * (300_000 // len(pattern))
    began = time.process_time()
    reply_text(text, markers=ALL_MARKERS, ours=letter("en", has_marker=True))
    assert time.process_time() - began < 2


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    ["line\n" * 50_000, "yes\n> q\n" * 25_000, "\n".join(">" * 10_000 + " x" for _ in range(30)),
     "".join(f"On 1/1/2024, a{n}@b.cd\n" for n in range(13_000)), "".join(f"word{n}\n" for n in range(50_000))],
    ids=["lines", "answers", "deep", "attributions", "words"],
)  # fmt: skip
def test_many_lines_and_deep_quotations_take_two_seconds_at_most(text):
    began = time.process_time()
    reply_text(text, markers=ALL_MARKERS, ours=letter("en", has_marker=True))
    assert time.process_time() - began < 2


def test_what_is_too_long_to_be_read_is_given_back_as_quoted():
    found = reply_text("Yes.\n" * (MOST_LINES + 10))
    assert found.text.count("Yes.") == MOST_LINES
    assert found.quoted.count("Yes.") == 10


_PIECES = some.sampled_from(
    ["", "Yes.", "> quoted", "On 3/2/26 09:14, Town wrote:", "From: a@b.example", "Sent: 1", "--", "Sent from my iPhone",
     "-----Original Message-----", MARKERS["de"], "A resident sent this request. It is yours.", "| bar", "To: x", "On 3/2/26"]
)  # fmt: skip


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(some.lists(_PIECES | some.text(max_size=60), max_size=14))
def test_no_word_of_a_mail_is_lost_between_written_and_quoted(pieces):
    text = "\n".join(pieces)
    found = reply_text(text, markers=ALL_MARKERS, ours=letter("en", has_marker=True))
    before = sorted("".join(text.replace("\0", "").split()))
    after = sorted("".join((found.text + found.quoted).split()))
    assert (
        before == after or len(before) - len(after) <= 20
    )  # dashes between an answer and a glued attribution
    if "Yes." in found.text and found.how == "whole":
        assert "Yes." in text

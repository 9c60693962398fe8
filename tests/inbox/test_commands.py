"""Does a first line act exactly when it is a command?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from inbox.command_words import LANGUAGES, VERBS
from inbox.commands import HAND_OFF, Command, Unknown, first_line, misplaced, words_of

AGENCIES = ("county", "state-dot", "eversource")


@pytest.mark.parametrize(
    "line", ["done", "Done", "DONE!", "done.", "#done", "# done", "*done*", "  done  ", "＃done"]
)
def test_the_whole_line_done_is_a_command_however_it_is_typed(line):
    found = first_line(f"\n\n{line}\n\nFilled the hole.\n")
    assert isinstance(found, Command)
    assert (found.word, found.argument, found.rest) == ("done", "", "Filled the hole.")


@pytest.mark.parametrize(
    "text",
    [
        "Done with the north side, the south side follows.",
        "It is done.",
        "done and dusted",
        "We closed the road.",
        "note",
        "close",
        "help",
        "public",
        "Hello,\n#done",
        "Hello,\ndone",
        "#1 priority is the bridge",
        "#26-0412",
        "##",
        "#",
        "",
        "   \n \n",
    ],
)
def test_a_sentence_is_never_a_command(text):
    assert first_line(text) is None


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_every_word_of_the_table_is_understood_in_its_language(verb, language):
    argument = "26-0412" if verb.argument in ("optional", "required") else ""
    for word in words_of(verb, language):
        for said in (word, word.upper(), word.capitalize()):
            found = first_line(f"#{said} {argument}\nand more", language)
            assert isinstance(found, Command), said
            assert (found.word, found.argument, found.rest) == (verb.name, argument, "and more")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_means_two_things_in_one_language(language):
    said = [word for verb in VERBS for word in set(verb.words[language])]
    assert len(said) == len(set(said))


@pytest.mark.parametrize("language", ["es", "fr", "de"])
def test_a_plain_word_counts_in_the_language_of_the_letter_and_in_english(language):
    done = next(verb for verb in VERBS if verb.name == "done")
    for word in (*done.plain[language], *done.plain["en"]):
        found = first_line(word.capitalize() + ".", language)
        assert isinstance(found, Command)
        assert found.word == "done"
    assert first_line(done.plain[language][0], "en") is None


def test_accents_may_be_missing_as_telephones_leave_them_out():
    assert isinstance(first_line("#publico", "es"), Command)
    assert isinstance(first_line("#offentlich", "de"), Command)
    assert isinstance(first_line("#schliessen", "de"), Command)


def test_a_word_of_another_language_is_understood_when_only_one_act_has_it():
    found = first_line("#erledigt", "en")
    assert isinstance(found, Command)
    assert found.word == "done"


@pytest.mark.parametrize("line", ["#county", "#COUNTY", "#State-DOT.", "# eversource"])
def test_an_agency_of_the_rules_is_a_command_of_its_own(line):
    found = first_line(f"{line}\nTheir road.", agencies=AGENCIES)
    assert isinstance(found, Command)
    assert found.word == HAND_OFF
    assert found.argument in AGENCIES
    assert found.rest == "Their road."


def test_an_argument_is_everything_behind_the_word():
    found = first_line("#assign tree warden.\nYours.")
    assert found == Command("assign", "tree warden", "Yours.", "#assign tree warden")


@pytest.mark.parametrize(
    ("line", "nearest"), [("#donne", "#done"), ("#asign", "#assign"), ("#conty", "#county"), ("#xyzzy", "")]
)
def test_an_unknown_word_does_nothing_and_names_the_nearest(line, nearest):
    assert first_line(f"{line}\nText.", agencies=AGENCIES) == Unknown(line, nearest, "Text.")


def test_a_missing_and_a_surplus_argument_are_told_apart():
    assert first_line("#duplicate") == Unknown("#duplicate", "#duplicate", "", "missing")
    assert first_line("#done this morning") == Unknown("#done", "#done", "", "surplus")
    assert first_line("#county road", agencies=AGENCIES) == Unknown("#county", "#county", "", "surplus")


@pytest.mark.parametrize(
    "line", ["#ask How deep is it...?", "*#ask How deep is it...?*", "#Question: How deep is it...?"]
)
def test_a_question_or_a_note_may_begin_behind_its_word(line):
    found = first_line(f"{line}\n\nAnd how wide?")
    assert isinstance(found, Command)
    assert (found.word, found.argument, found.rest) == ("ask", "", "How deep is it...?\n\nAnd how wide?")
    long = "The key hangs in the shed behind the yard. " * 4
    assert first_line(f"#note {long}") == Command("note", "", long.strip(), "#note")


@pytest.mark.parametrize("line", ["finished", "Finished.", "#finished", "finish", "#finish"])
def test_finished_is_done_where_it_stands_alone(line):
    found = first_line(f"{line}\nFilled the hole.")
    assert isinstance(found, Command)
    assert (found.word, found.rest) == ("done", "Filled the hole.")
    assert first_line("Finished the north side.") is None


@given(some.text(max_size=400), some.sampled_from([*LANGUAGES, "xx", ""]))
def test_no_text_makes_it_fail(text, language):
    found = first_line(text, language, agencies=AGENCIES)
    assert found is None or isinstance(found, (Command, Unknown))


def test_a_command_on_a_later_line_is_found_and_a_sentence_is_not():
    found = misplaced("Hello,\n\n*#done*\nFilled.")
    assert found is not None
    assert found.word == "done"
    for text in (
        "#done\nFilled.",
        "Hello,\n#1 is done",
        "Hello,\n# done and dusted",
        "Hello,\ndone",
        "x\n#soon",
    ):
        assert misplaced(text) is None, text

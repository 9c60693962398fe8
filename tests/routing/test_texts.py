"""Are the town's words taken from ``texts:``, and is every wrong line named?"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from pydantic import BaseModel

from routing.decision import emergency_words
from routing.finder import find
from routing.kinds import Text
from routing.reader import load, read
from routing.rulebook import Rulebook
from routing.texts import TEXTS

ES = """\
services.pothole.name: Bache
services.pothole.words: [bache, hoyo]
services.pothole.questions.size.choices.small: Pequeño
groups.streets: Calles
town.emergency.words: [incendio]
rules.2.say: ""
rules.county-road.say: ""
"""


def with_texts(town: Path, texts: str, language: str = "es") -> Path:
    (town.parent / "es.yaml").write_text(texts, encoding="utf-8")
    with town.open("a", encoding="utf-8") as file:
        file.write(f"texts: {{{language}: es.yaml}}\n")
    return town


def test_words_are_said_and_found_in_each_language(town: Path):
    book, _ = load(with_texts(town, ES))
    pothole = book.services["pothole"]
    assert (pothole.name.said("es"), pothole.name.said("en")) == ("Bache", "Pothole")
    assert pothole.questions[0].choices["small"].said("es") == "Pequeño"
    assert book.groups["streets"].name.said("es") == "Calles"
    assert find(book, "un bache enorme").services[0][0] == "pothole"
    assert emergency_words(book, "hay un incendio")
    assert emergency_words(book, "there is a fire")


def test_a_wrong_line_is_named_in_its_own_file(town: Path):
    text = "services.pothole.nam: Bache\nservices.light.words: 5\nrules.state-road.say: X\n"
    found = {(p.file, p.line, p.code, p.level) for p in read(with_texts(town, text)).problems}
    assert found == {
        ("es.yaml", 1, "unknown-text", "warning"),
        ("es.yaml", 2, "wrong-type", "error"),
        ("es.yaml", 3, "unknown-text", "warning"),
    }


def test_who_removes_a_service_need_not_touch_every_language_at_once(town: Path):
    reading = read(with_texts(town, "services.gone.name: Otro\nservices.pothole.name: Bache\n"))
    assert reading.rulebook is not None
    assert reading.rulebook.services["pothole"].name.said("es") == "Bache"
    assert [p.code for p in reading.problems] == ["unknown-text"]


def test_a_language_that_the_town_does_not_speak_is_refused(town: Path):
    assert [p.code for p in read(with_texts(town, "", "fr")).errors] == ["unknown-language"]


def test_a_placeholder_is_checked_where_it_stands(town: Path):
    problem = read(with_texts(town, 'rules.zone-north.say: "{raod}"\n')).errors[0]
    assert (problem.file, problem.line, problem.code) == ("es.yaml", 1, "unknown-placeholder")


def test_changed_texts_make_another_version_and_fill_what_is_missing(town: Path):
    before = read(with_texts(town, "services.pothole.name: Bache\n"))
    assert before.rulebook is not None
    assert "services.pothole.name" not in before.missing["es"]
    assert before.missing["es"]["groups.streets"] == "Streets"
    (town.parent / "es.yaml").write_text("groups.streets: Calles\n", encoding="utf-8")
    after = read(town)
    assert after.rulebook is not None
    assert after.rulebook.version != before.rulebook.version
    assert "groups.streets" not in after.missing["es"]
    os.remove(town.parent / "es.yaml")
    assert [p.code for p in read(town).errors] == ["no-texts"]


def said_in(kind: Any, at: tuple[str, ...] = (), inside: tuple[Any, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield every path of the rules that holds a ``Text``, "*" for keys and places in lists."""
    if kind is Text:
        yield at
    elif isinstance(kind, type) and issubclass(kind, BaseModel):
        if kind not in inside:
            hints = get_type_hints(kind)
            for name, field in kind.model_fields.items():
                yield from said_in(hints[name], (*at, field.alias or name), (*inside, kind))
    elif origin := get_origin(kind):
        within = ("*",) if isinstance(origin, type) and issubclass(origin, Mapping | tuple) else ()
        for part in get_args(kind):
            yield from said_in(part, (*at, *within), inside)


def test_no_text_of_the_rules_is_forgotten():
    assert set(said_in(Rulebook)) == set(TEXTS)


@pytest.mark.parametrize("language", ["es", "fr"])
def test_the_demonstration_says_everything_in_each_language(language: str):
    reading = read(Path(__file__).parents[2] / "rules.yaml")
    assert reading.missing[language] == {}

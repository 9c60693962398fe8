"""Are the town's words taken from ``texts:``, and is every wrong line named?"""

import os
from pathlib import Path

from routing.decision import emergency_words
from routing.finder import find
from routing.reader import load, read

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
    found = {(p.file, p.line, p.code) for p in read(with_texts(town, text)).errors}
    assert found == {
        ("es.yaml", 1, "unknown-text"), ("es.yaml", 2, "wrong-type"), ("es.yaml", 3, "unknown-text"),
    }  # fmt: skip


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

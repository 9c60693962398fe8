# ruff: noqa: E501 (a mistake is easier to see on one line)
"""Is every mistake in a rules file named, with its line and its remedy?"""

import os
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routing.reader import Problem, RulesRefused, load, read


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def test_a_right_file_has_no_problems(town: Path):
    reading = read(town)
    assert reading.problems == ()
    assert reading.ok
    assert reading.rulebook is not None
    assert len(reading.rulebook.version) == 12
    assert reading.layers is not None
    assert set(reading.layers.versions) == {"line", "zones", "roads", "poles"}


# (what stands there, what is written instead, the code, words of the message, whose line is named)
MISTAKES = {
    "an unknown key": ("phone: 603-555-0100\n", "fone: 603-555-0100\n", "unknown-key", 'mean "phone"', "fone"),
    "a missing key": ("  phone: 603-555-0100\n", "", "missing", '"phone" is missing', "town:"),
    "a person who is not there": ("deputy: clerk", "deputy: clerck", "unknown-person", 'mean "clerk"', "clerck"),
    "a language that the town does not have": ("    deputy: clerk", "    language: fr\n    deputy: clerk", "unknown-language", 'no language "fr"', "language: fr"),
    "an agency who is not there": ("card: state", "card: stat", "unknown-agency", 'mean "state"', "card: stat"),
    "a group that is not there": (
        "group: people",
        "group: peeple",
        "unknown-group",
        'mean "people"',
        "group: peeple",
    ),
    "a department that is not there": (
        "department: works",
        "department: work",
        "unknown-department",
        'no department "work"',
        "department: work",
    ),
    "an assignee who is not there": ("assignee: works", "assignee: wroks", "unknown-person", "works", "wroks"),
    "a service in a widget that is not there": (
        "services: [pothole, light]",
        "services: [pothole, lihgt]",
        "unknown-service",
        'mean "light"',
        "lihgt",
    ),
    "a service in a rule that is not there": (
        "service: pothole, road_owner: state",
        "service: potole, road_owner: state",
        "unknown-service",
        'mean "pothole"',
        "potole",
    ),
    "a layer that is not there": (
        "area: {zones: North}",
        "area: {zone: North}",
        "unknown-layer",
        'mean "zones"',
        "zone: North",
    ),
    "an area that is not in the layer": (
        "zones: North}",
        "zones: Nort}",
        "unknown-area",
        'mean "North"',
        "zones: Nort}",
    ),
    "an owner that no road has": (
        "road_owner: county",
        "road_owner: conty",
        "unknown-owner",
        'mean "county"',
        "conty",
    ),
    "a layer of the wrong kind": (
        "area: {zones: North}",
        "area: {roads: North}",
        "layer-kind",
        "not a layer of areas",
        "roads: North",
    ),
    "a question that is not asked": (
        'answer: {wires: "yes"}',
        'answer: {wire: "yes"}',
        "unknown-question",
        'mean "wires"',
        "{wire:",
    ),
    "an answer that cannot be given": (
        "answer: {size: big}",
        "answer: {size: bigg}",
        "unknown-answer",
        'mean "big"',
        "bigg",
    ),
    "a bare yes": (
        'answer: {wires: "yes"}',
        "answer: {wires: yes}",
        "bare-switch",
        'in quotes: "yes"',
        "wires: yes}",
    ),
    "a bare number": ('call: "911", say: Call', "call: 911, say: Call", "bare-number", '"911"', "call: 911,"),
    "a word that is not one of the choices": (
        "kind: county",
        "kind: conty",
        "not-one-of",
        'mean "county"',
        "kind: conty",
    ),
    "an id with a capital": ("  works: {name", "  Works: {name", "value", "is not an id", "Works"),
    "two keys of the same name": (
        "  clerk: {name: Town",
        "  foreman: {name: Town",
        "duplicate-key",
        "first on line 16",
        "foreman: {name: Town",
    ),
    "two rules of the same id": ("- id: pole", "- id: wires", "duplicate-rule", "first on line", None),
    "a tab": ("  name: Noise", "\tname: Noise", "tab", "spaces only", "\tname: Noise"),
    "a bracket that is not closed": ("languages: [en, es]", "languages: [en, es", "yaml", "not YAML", None),
    "a colon in bare words": (
        "say: In {area} the",
        "say: Note: in the",
        "yaml",
        "colon inside words",
        "say: Note: in",
    ),
    "two outcomes": ("    card: state\n", "    card: state\n    handoff: county\n", "value", "card and handoff", None),
    "no outcome": ("    card: state\n", "", "value", "found none", "- id: state-road"),
    "a hand-off to an agency that takes none": (
        "handoff: county\n    say",
        "handoff: state\n    say",
        "no-handoff",
        "takes no hand-offs",
        "handoff: state",
    ),
    "a hand-off by mail without an address": (
        "email: h@county.example, ",
        "",
        "value",
        "no email to send it to",
        "county: {name",
    ),
    "a hand-off into a system that is nowhere": (
        "handoff: mail}",
        "handoff: open311}",
        "value",
        "no open311 that says where its system is",
        "county: {name",
    ),
    "a system that nothing is handed to": (
        "handoff: mail}",
        "handoff: mail, open311: {endpoint: https://311.county.example/v2, default_service: X}}",
        "value",
        'handoff is "mail": write handoff: open311',
        "county: {name",
    ),
    "a system without an address": (
        "handoff: mail}",
        "handoff: open311, open311: {default_service: X}}",
        "missing",
        "endpoint",
        None,
    ),
    "a system that is reached readably": (
        "handoff: mail}",
        "handoff: open311, open311: {endpoint: http://311.county.example/v2, default_service: X}}",
        "value",
        "write https://",
        "http://311.county.example",
    ),
    "one list of a system": (
        "handoff: mail}",
        "handoff: open311, open311: {endpoint: https://311.county.example/requests.json, default_service: X}}",
        "value",
        "write it without the last part",
        "https://311.county.example",
    ),
    "a key in the address of a system": (
        "handoff: mail}",
        'handoff: open311, open311: {endpoint: "https://u:p@311.county.example/v2", default_service: X}}',
        "value",
        "not the address of a service",
        None,
    ),
    "a service of ours that a system is told of in vain": (
        "handoff: mail}",
        "handoff: open311, open311: {endpoint: https://311.county.example/v2, default_service: X, "
        "services: {potholes: Y}}}",
        "unknown-service",
        'did you mean "pothole"?',
        "potholes: Y",
    ),
    "a rule behind one that takes everything": (
        "service: pothole, road_owner: county",
        "service: pothole",
        "unreachable",
        'rule "county-road" takes everything first',
        "- id: state-road",
    ),
    "a rule about the place of a service without one": (
        "service: pothole, road_owner: state",
        "service: noise, road_owner: state",
        "unreachable",
        "its services have none",
        "- id: state-road",
    ),
    "an outside without a boundary": (
        ", boundary: true}",
        "}",
        "no-boundary",
        "boundary: true",
        "{service: light, outside: true}",
    ),
    "a golden point that fails": (
        "expect: {accept: clerk}",
        "expect: {card: state}",
        "check-failed",
        "expected card state, found accept clerk",
        "expect: {card: state}",
    ),
    "a golden point beyond the globe": (
        "at: [43.000, -72.000]",
        "at: [143.000, -72.000]",
        "check-place",
        "latitude 143",
        "143.000",
    ),
    "a golden answer that cannot be given": (
        "{service: noise, expect",
        "{service: noise, answers: {loud: very}, expect",
        "unknown-question",
        'asks no question "loud"',
        "loud: very",
    ),
    "an e-mail address without a place": ("hall@littleton.example", "hall", "value", "not an e-mail", "email: hall"),
    "an e-mail address that no letter can go to": (
        "hall@littleton.example",
        "b\u00fcro@littleton.example",
        "value",
        "letters can be sent to",
        "email: b",
    ),
    "a time zone that is not there": (
        "America/New_York",
        "America/Newyork",
        "value",
        "time zone",
        "timezone",
    ),
    "a span that is none": ("4 office hours, finish: 10 working", "soon, finish: 10 working", "value", "soon", "soon"),
    "hours that end before they begin": ('"08:00-16:00"', '"16:00-08:00"', "value", "closes before it opens", "16:00-08"),
    "a list where words belong": ("name: Noise", "name: [Noise]", "wrong-type", "a list of 1", "name: [Noise]"),
    "an empty list in a condition": (
        "road_owner: state",
        "road_owner: []",
        "wrong-type",
        "the list is empty",
        "road_owner: []",
    ),
    "no language at all": (
        "  languages: [en, es]",
        "  languages: []",
        "wrong-type",
        "the list is empty",
        "languages: []",
    ),
    "a language that is none": (
        "  languages: [en, es]",
        "  languages: 1e400",
        "value",
        'no language "1e400" is known',
        "languages: 1e400",
    ),
    "a placeholder that cannot be filled": ("{road} is the", "{raod} is the", "unknown-placeholder", 'mean "road"', "raod"),
    "a holiday calendar that is not there": ("country: US", "country: UX", "unknown-calendar", "UX", "country: UX"),
    "a day that is not there": ("2026-12-24", "2026-02-31", "wrong-type", "2026-02-31", "2026-02-31"),
    "a layer file that is not there": ("file: line.geojson", "file: lime.geojson", "layer-missing", "lime", "lime"),
    "a property that is not there": ("number: number", "number: nr", "layer-property", "it has lat", "number: nr"),
    "a version of one's own": ("clerk: clerk\npeople", "clerk: clerk\nversion: a\npeople", "unknown-key", "version", "version: a"),
    "one's own deputy": ("deputy: clerk", "deputy: foreman", "own-deputy", "somebody else", "deputy: foreman"),
    "a section that is a list": ("  electric: {name", "  - {name", "yaml", "", None),
    "a tag": ("name: Noise", "name: !noise Noise", "yaml", "tag !noise", "!noise"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_the_mistake_is_named_with_its_line(town: Path, mistake: str):
    old, new, code, words, where = MISTAKES[mistake]
    text = town.read_text()
    assert old in text
    if code == "no-boundary":
        text = text.replace("{service: light, asset_owner: electric}", "{service: light, outside: true}")
    text = text.replace(old, new, 1)
    town.write_text(text)

    reading = read(town)

    assert not reading.ok
    assert reading.rulebook is None
    found = [problem for problem in reading.errors if problem.code == code]
    assert found, [str(problem) for problem in reading.problems]
    assert any(words in str(problem) for problem in found), [str(problem) for problem in found]
    if where is not None:
        assert line_of(text, where) in [problem.line for problem in found]


def test_a_problem_reads_as_file_line_column_place_and_remedy(town: Path):
    town.write_text(town.read_text().replace("deputy: clerk", "deputy: clark"))
    assert [str(problem) for problem in read(town).problems] == [
        'rules.yaml:20:5: people.foreman.deputy: no person "clark" (did you mean "clerk"?)'
    ]


def test_all_mistakes_are_told_at_once(town: Path):
    text = town.read_text()
    for old, new in (
        ("phone: 603-555-0100", "fone: 603-555-0100"),
        ("deputy: clerk", "deputy: clark"),
        ("road_owner: county", "road_owner: conty"),
        ("file: zones.geojson", "file: nowhere.geojson"),
        ('call: "911", say: Call', "call: 911, say: Call"),
        ("service: pothole, road_owner: state", "service: noise, road_owner: state"),
        ("  clerk: {name: Town", "  foreman: {name: Town"),
    ):
        text = text.replace(old, new, 1)
    town.write_text(text)
    codes = {problem.code for problem in read(town).errors}
    assert codes >= {
        "unknown-key",
        "missing",
        "unknown-person",
        "unknown-owner",
        "layer-missing",
        "bare-number",
        "unreachable",
        "duplicate-key",
    }


def test_a_refused_file_lists_every_error_in_its_message(town: Path):
    town.write_text(town.read_text().replace("deputy: clerk", "deputy: a").replace("card: state", "card: b"))
    with pytest.raises(RulesRefused) as refused:
        load(town)
    lines = str(refused.value).splitlines()
    assert lines[0] == "The rules have 2 mistakes:"
    assert len(lines) == 3


def test_a_file_that_is_not_there_is_a_problem_and_not_a_crash(tmp_path: Path):
    assert [problem.code for problem in read(tmp_path / "none.yaml").problems] == ["no-file"]


def test_a_folder_is_a_problem_and_not_a_crash(tmp_path: Path):
    assert [problem.code for problem in read(tmp_path).problems] == ["no-file"]


def test_a_file_in_another_encoding_is_named_with_the_line_of_the_first_wrong_byte(tmp_path: Path):
    path = tmp_path / "rules.yaml"
    path.write_bytes("town:\n  name: Año\n".encode("latin-1"))
    assert [(problem.code, problem.line) for problem in read(path).problems] == [("not-utf8", 2)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing\n",
        "[]",
        "just words",
        "a: &a [*a]\n",
        "? [a]\n: b\n",
        "---\na: 1\n---\nb: 2\n",
        "\0",
        "- " * 3000,
    ],
)
def test_a_file_that_is_something_else_is_refused_and_not_a_crash(tmp_path: Path, text: str):
    path = tmp_path / "rules.yaml"
    path.write_text(text)
    reading = read(path)
    assert not reading.ok
    assert all(problem.line >= 1 for problem in reading.problems)


@pytest.mark.parametrize(
    "section", ["town", "people", "rules", "services", "layers", "agencies", "widgets", "checks", "groups"]
)
@pytest.mark.parametrize(
    "value", ["7", "words", "[]", "[1, [2]]", "{a: 1, b: {c: [d]}}", "{a: [1]}", "yes", "null"]
)
def test_a_section_of_a_wrong_shape_is_refused_and_not_a_crash(town: Path, section: str, value: str):
    lines = town.read_text().splitlines()
    start = lines.index(next(line for line in lines if line.startswith(section + ":")))
    end = next((n for n in range(start + 1, len(lines)) if not lines[n].startswith(" ")), len(lines))
    town.write_text("\n".join([*lines[:start], f"{section}: {value}", *lines[end:]]) + "\n")
    for problem in read(town).problems:
        assert problem.line >= 1


def test_agencies_that_nobody_can_reach_and_idle_people_are_warned_about(town: Path):
    text = town.read_text()
    text = text.replace("kind: state, phone: 603-555-0102", "kind: state")
    text = text.replace(
        "agencies:", "  idle: {name: Idle, email: i@littleton.example, department: office}\nagencies:", 1
    )
    text = text.replace("groups: {", "groups: {empty: Empty, ")
    town.write_text(text)
    reading = read(town)
    assert reading.ok
    assert {problem.code for problem in reading.warnings} == {"no-contact", "idle-person", "empty-group"}
    assert all(" warning: " in str(problem) for problem in reading.warnings)


def test_owners_that_no_rule_mentions_are_warned_about(town: Path):
    text = town.read_text().replace("road_owner: state", "road_owner: county, words: [deep]")
    town.write_text(text)
    assert [(p.code, p.line) for p in read(town).warnings] == [
        ("owner-without-rule", line_of(text, "  roads:\n"))
    ]


def test_a_problem_can_be_read_by_machines(town: Path):
    problem = Problem("rules.yaml", 4, 2, "error", "a-code", "what", "remedy")
    assert list(problem.as_json()) == ["file", "line", "column", "level", "code", "message", "hint"]


def test_keys_that_yaml_takes_for_switches_stay_words(town: Path):
    assert load(town)[0].reports["monthly"].send.on == "business day 3"


def test_hours_that_yaml_takes_for_base_sixty_are_times(book):
    assert f"{book.town.office_hours['friday'].opens:%H:%M}" == "08:30"
    assert f"{book.reports['monthly'].send.at:%H:%M}" == "07:00"


def test_an_anchor_can_be_merged(town: Path):
    text = town.read_text().replace("  state: {name: State Roads", "  state: {<<: *c, name: State Roads")
    town.write_text(text.replace("  county: {name", "  county: &c {name"))
    assert load(town)[0].agencies["state"].handoff == "mail"


STRANGE = [
    "",
    "null",
    "yes",
    "7",
    "[]",
    "{}",
    "[a, b]",
    "{a: [b]}",
    "2026-01-01",
    "1e400",
    "*a",
    "&a b",
    '"{x}"',
    "!t u",
]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(data=st.data())
def test_whatever_somebody_types_into_the_file_is_answered_and_never_a_crash(town: Path, data: st.DataObject):
    lines = town.read_text().splitlines()
    for _ in range(data.draw(st.integers(1, 3))):
        number = data.draw(st.integers(0, len(lines) - 1))
        line = lines[number]
        what = data.draw(st.sampled_from(["value", "drop", "indent", "letter"]))
        if what == "value":
            lines[number] = line.split(":", 1)[0] + ": " + data.draw(st.sampled_from(STRANGE))
        elif what == "indent":
            lines[number] = " " * data.draw(st.integers(0, 8)) + line.lstrip()
        elif what == "letter":
            at = data.draw(st.integers(0, len(line)))
            lines[number] = line[:at] + data.draw(st.sampled_from("{}[]:,\"'#&*!|>%@`\t-x")) + line[at:]
        else:
            lines[number] = ""
    path = town.with_name("typed.yaml")
    path.write_text("\n".join(lines))
    reading = read(path)
    assert reading.ok == (reading.rulebook is not None)
    assert all(1 <= problem.line <= len(lines) + 1 for problem in reading.problems)


def warnings_after(town: Path, old: str, new: str) -> list[str]:
    text = town.read_text()
    assert old in text
    town.write_text(text.replace(old, new, 1))
    return [str(problem) for problem in read(town, today=date(2026, 11, 1)).warnings]


def test_an_owner_whom_only_some_services_think_of_is_named(town: Path):
    light = "  - id: zone-north\n    when: {service: light, road_owner: county}\n    card: electric\n  - id: zone-old\n"
    (said,) = warnings_after(town, "  - id: zone-north\n", light)
    assert "layers.roads: for light the rules ask who the owner is" in said
    assert 'where it is "state" (1 in the layer)' in said


def test_not_the_towns_speaks_of_every_other_owner(town: Path):
    light = "  - id: x\n    when: {service: light, not: {road_owner: town}}\n    card: electric\n  - id: zone-north\n"
    assert warnings_after(town, "  - id: zone-north\n", light) == []


def test_a_service_that_no_widget_offers_is_named(town: Path):
    (said,) = warnings_after(town, "all: {title: Report}", "all: {title: Report, services: [light]}")
    assert "services.noise: no widget offers this service" in said


def test_a_layer_that_is_too_old_is_named_and_a_fresh_one_is_not(town: Path):
    os.utime(town.parent / "roads.geojson", (1_700_000_000, 1_700_000_000))  # 14 November 2023
    os.utime(town.parent / "poles.csv", (1_790_000_000, 1_790_000_000))  # September 2026
    assert warnings_after(town, "  poles: {file", "  poles: {max_age_days: 400, file") == []
    (said,) = warnings_after(town, "    kind: roads\n", "    kind: roads\n    max_age_days: 400\n")
    assert "layers.roads.max_age_days" in said
    assert "was last changed on 2023-11-14, more than 400 days ago" in said
    assert read(town).warnings == ()

"""Is the project laid out, named and documented the way the house agreed on?"""

import ast
import os
import re
from itertools import pairwise

import pytest

from tests.house import tree

LARGEST_FILE = 400 * 1024
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc"}
# Written in halves, so that this file names none of them itself.
REGISTRY_HOSTS = [
    "pypi" + ".org",
    "python" + "hosted.org",
    "npmjs" + ".org",
    "npmjs" + ".com",
    "deb.debian" + ".org",
    "archive.ubuntu" + ".com",
    "crates" + ".io",
]


@pytest.mark.parametrize(
    "name",
    [
        "app.py", "settings.py", "rules.yaml", "static/embed.js", "requirements.txt", "requirements-dev.txt",
        "README.md", "CHANGELOG.md", "docs/decisions", "widgets", "reports", "templates", "tests",
        "storage/migrations", "script/run", "script/test", "script/check", "script/bench", ".ci/run",
    ],
)  # fmt: skip
def test_what_everyone_looks_for_is_where_they_look(name: str) -> None:
    assert (tree.ROOT / name).exists()


def test_every_package_is_under_the_eye_of_the_type_checker_and_the_floors() -> None:
    beside = {"tests", "benchmarks", "script", "docs"}
    found = {
        tree.shown(path).split("/")[0]
        for path in tree.files()
        if path.suffix == ".py" and path.parent != tree.ROOT
    }
    assert found - beside == set(tree.PACKAGES)
    assert {name.removesuffix(".py") for name in tree.PYPROJECT["tool"]["mypy"]["files"]} == {
        *tree.PACKAGES,
        *tree.ROOF,
        "tests",
    }


def test_every_module_opens_with_a_sentence() -> None:
    silent = []
    for path in tree.files():
        if path.suffix != ".py" or "versions" in path.parts or not path.read_text().strip():
            continue
        sentence = (ast.get_docstring(tree.parsed(path)) or "").split("\n\n")[0].strip()
        if not re.search(r"[.?!:)]$", sentence):
            silent.append(tree.shown(path))
    assert not silent, "these modules do not open with a sentence that says what they answer"


def test_no_file_has_a_name_that_says_nothing() -> None:
    vague = [
        tree.shown(path)
        for path in tree.files()
        if EMPTY_NAMES & set(re.split(r"[/_.]", tree.shown(path).removesuffix(".py")))
        and path.suffix == ".py"
    ]
    assert not vague, "name a file by the question it answers"


def test_no_file_names_the_host_of_a_package_registry() -> None:
    named = [
        f"{tree.shown(path)}: {host}"
        for path in tree.files()
        for host in REGISTRY_HOSTS
        if host.encode() in path.read_bytes()
    ]
    assert not named


def test_no_file_is_larger_than_a_person_would_open() -> None:
    assert not [tree.shown(path) for path in tree.files() if path.stat().st_size > LARGEST_FILE]


def test_every_script_can_be_started() -> None:
    scripts = [path for path in tree.files() if path.read_bytes().startswith(b"#!")]
    assert scripts
    assert not [tree.shown(path) for path in scripts if not os.access(path, os.X_OK)]


def reasons(name: str) -> dict[str, str]:
    """Each dependency of the list with the reason beside it, or in the comment line just above."""
    found = {}
    for above, line in pairwise(["", *(tree.ROOT / name).read_text().splitlines()]):
        wanted, _, beside = line.partition("#")
        if wanted.strip():
            found[wanted.strip()] = beside.strip() or (above if above.startswith("#") else "")
    return found


@pytest.mark.parametrize("name", ["requirements.in", "requirements-dev.in"])
def test_every_dependency_has_a_reason_beside_it(name: str) -> None:
    assert reasons(name)
    assert not [wanted for wanted, reason in reasons(name).items() if len(reason) < 4]


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_the_lock_holds_what_the_list_asks_for(name: str) -> None:
    locked = set(re.findall(r"^([a-z0-9-]+)==", (tree.ROOT / f"{name}.txt").read_text(), re.M))
    asked = {
        re.split(r"[<>=\[; ]", wanted)[0].lower().replace("_", "-").replace(".", "-")
        for wanted in reasons(f"{name}.in")
        if not wanted.startswith("-")
    }
    assert not asked - locked, "run script/lock"

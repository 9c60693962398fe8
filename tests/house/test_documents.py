"""Do the documents say what is true: every command, every file, every address, every package?"""

from __future__ import annotations

import os
import re
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from flask import Flask

from console import commands
from console.serving import _say_where
from settings import Settings
from tests.house import tree

README = tree.ROOT / "README.md"
GUIDES = [path for path in tree.files() if path.suffix == ".md" and path.is_relative_to(tree.ROOT / "docs")]
DOCUMENTS = [README, tree.ROOT / "CHANGELOG.md", *GUIDES]
DECISIONS = sorted((tree.ROOT / "docs" / "decisions").glob("*.md"))
ROOMS = [*tree.PACKAGES, "templates", "static", "layers", "texts", "tests", "benchmarks", "script", "docs"]
PATH = re.compile(
    rf"`((?:{'|'.join(ROOMS)})/[\w./-]+|[\w-]+\.(?:py|yaml|toml|in|md)|requirements[\w-]*\.txt)`"
)
LINK = re.compile(r"(?<!\\)\[[^\]]*\]\(([^)\s]+)\)")
SCRIPT = re.compile(r"\bscript/[\w-]+(?:\.py)?")
SNIPPET = re.compile(r"```html\n(.*?)```", re.S)


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def every(pattern: re.Pattern[str]) -> Iterator[tuple[Path, str]]:
    """Every place where a document says something of this shape."""
    for path in DOCUMENTS:
        for found in pattern.finditer(text(path)):
            yield path, found[found.re.groups]


# -- commands --


@pytest.fixture
def town(tmp_path: Path) -> Flask:
    """An application with nothing but its commands."""
    app = Flask("documents", root_path=str(tmp_path))
    commands.register(app)
    return app


def every_command(group: click.Group, before: str = "") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from every_command(command, f"{before}{name} ")
        else:
            yield before + name, command


def test_the_operators_guide_names_every_command_and_no_other(town: Flask) -> None:
    guide = text(tree.ROOT / "docs" / "operator.md")
    known = {name for name, _command in every_command(town.cli)}
    named = set(re.findall(r"^\| `flask --app app ([a-z-]+(?: [a-z-]+)?)\b", guide, re.M))
    assert {name for name in named if name in known or name.split()[0] in known} == named
    assert not {name for name in known if not re.search(rf"`flask --app app {name}\b", guide)}


def test_every_command_in_a_document_is_understood(town: Flask) -> None:
    known = dict(every_command(town.cli))
    unknown = []
    for path, said in every(re.compile(r"flask --app app ([a-z][^`\n#|]*)")):
        words = said.split()
        name = next((n for n in (" ".join(words[:2]), words[0]) if n in known), None)
        if name is None:
            unknown.append(f"{tree.shown(path)}: {said}")
            continue
        options = {option for parameter in known[name].params for option in parameter.opts}
        asked = set(re.findall(r"(?<!\S)\[?(--[a-z-]+)", said)) - {"--app"}
        unknown += [f"{tree.shown(path)}: {name} {option}" for option in asked - options]
    assert not unknown


# -- files, links, scripts --


def test_every_link_leads_somewhere() -> None:
    broken = []
    for path, target in every(LINK):
        if target.startswith(("http:", "https:", "mailto:")):
            continue
        file, _, section = target.partition("#")
        found = (path.parent / file).resolve() if file else path
        if not found.exists() or (section and section not in headings(found)):
            broken.append(f"{tree.shown(path)}: {target}")
    assert not broken


def headings(path: Path) -> set[str]:
    """The anchors that a page of Markdown has."""
    titles = re.findall(r"^#+ (.*)$", text(path), re.M)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def test_every_file_that_a_document_names_exists() -> None:
    missing = [
        f"{tree.shown(path)}: {name}"
        for path, name in every(PATH)
        if not (tree.ROOT / name).exists()
        and not (path.parent / name).exists()
        and not (tree.ROOT / f"{name}.py").exists()
    ]
    assert not missing


def test_every_module_that_a_document_names_exists() -> None:
    dotted = re.compile(rf"`((?:{'|'.join(tree.PACKAGES)})\.[a-z_.]+)(?:\(\))?`")
    missing = []
    for path, name in every(dotted):
        package, module, *rest = name.split(".")
        file = tree.ROOT / package / f"{module}.py"
        if not file.exists() or (rest and not re.search(rf"^(def|class) {rest[0]}\b", text(file), re.M)):
            missing.append(f"{tree.shown(path)}: {name}")
    assert not missing


def test_every_script_that_a_document_names_can_be_started() -> None:
    named = {name for _path, name in every(SCRIPT)}
    assert {"script/run", "script/test"} <= named
    assert not [name for name in named if not os.access(tree.ROOT / name, os.X_OK)]


def test_every_picture_is_shown_somewhere() -> None:
    shown = {(path.parent / target).resolve() for path, target in every(LINK)}
    assert not set((tree.ROOT / "docs" / "pictures").glob("*")) - shown


def test_every_guide_is_reached_from_the_readme() -> None:
    linked = {(README.parent / target.partition("#")[0]).resolve() for _path, target in every(LINK)}
    guides = {path for path in GUIDES if path.parent.name == "docs"}
    assert not guides - linked


# -- what is said twice --


def test_the_snippet_is_the_same_in_the_readme_and_in_the_web_clerks_guide() -> None:
    (snippet,) = SNIPPET.findall(text(README))
    assert snippet == SNIPPET.findall(text(tree.ROOT / "docs" / "embed.md"))[0]
    assert "/static/embed.js" in snippet


def test_the_addresses_in_the_readme_are_those_that_the_start_prints(
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings = Settings(demo=True)
    _say_where(settings, settings.port)
    assert capsys.readouterr().out in text(README)
    ports = set(re.findall(r"(?:localhost|127\.0\.0\.1):(\d+)", text(README)))
    assert ports == {str(settings.port)}


def test_the_settings_page_has_not_drifted_from_the_settings() -> None:
    script: dict[str, Any] = runpy.run_path(str(tree.ROOT / "script" / "make-settings-reference.py"))
    written = text(tree.ROOT / "docs" / "settings.md")
    assert written == script["reference"](), "run script/make-settings-reference.py"


def test_every_setting_that_a_document_names_exists() -> None:
    known = {f"TOWNLINE_{name.upper()}" for name in Settings.model_fields}
    said = {name.removesuffix("_FILE") for _path, name in every(re.compile(r"\bTOWNLINE_[A-Z0-9_]*[A-Z0-9]"))}
    # Each agency has a key of its own, whatever it is called.
    named = {re.sub(r"(_OPEN311_KEY)_\w+", r"\1", name) for name in said}
    assert not named - known


# -- the house itself --


@pytest.mark.parametrize("name", [*tree.PACKAGES, "app.py", "settings.py"])
def test_every_part_of_the_house_is_explained(name: str) -> None:
    shown = name if name.endswith(".py") else f"{name}/"
    assert f"`{shown}`" in text(tree.ROOT / "docs" / "architecture.md")


def test_decisions_are_numbered_without_a_gap_and_say_why() -> None:
    assert [path.name[:4] for path in DECISIONS] == [f"{n:04}" for n in range(1, len(DECISIONS) + 1)]
    for path in DECISIONS:
        assert text(path).startswith(f"# {path.name[:4]} "), path.name
        for part in ("**Context.**", "**Decision.**", "**Consequences.**"):
            assert part in text(path), f"{path.name} has no {part}"

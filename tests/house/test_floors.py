"""Does the code lean only downwards, and does the check of that notice when it does not?"""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.house import tree

LINT = Path(sys.executable).with_name("lint-imports")


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LINT, "--no-logo", "--no-cache"], cwd=folder, capture_output=True, text=True, check=False
    )


def test_the_code_leans_only_downwards() -> None:
    done = lint(tree.ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_settings_lean_on_nothing_of_ours() -> None:
    assert not {name for _, name in tree.imports(tree.ROOT / "settings.py")} & {"app", *tree.PACKAGES}


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """Our contracts over empty rooms."""
    for package in tree.PACKAGES:
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
    (tmp_path / "reports" / "figures.py").touch()
    (tmp_path / "pyproject.toml").write_bytes((tree.ROOT / "pyproject.toml").read_bytes())
    return tmp_path


def test_empty_rooms_break_no_contract(house: Path) -> None:
    done = lint(house)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("room", "what"),
    [
        ("storage", "casework"),
        ("desk", "widgets"),
        ("clock", "console"),
        ("reports", "desk"),
        ("routing", "lifecycle"),
        ("casework", "settings"),
        ("console", "app"),
        ("routing", "flask"),
        ("widgets", "sqlalchemy"),
    ],
)
def test_a_wrong_step_is_noticed(house: Path, room: str, what: str) -> None:
    (house / room / "stray.py").write_text(f"import {what}\n")
    done = lint(house)
    assert done.returncode == 1
    assert f"{room}.stray -> {what}" in done.stdout

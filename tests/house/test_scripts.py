"""Do the scripts at the door speak plainly before they do anything?"""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.house import tree


def run(*command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(tree.ROOT / command[0]), *command[1:]], cwd=folder, capture_output=True, text=True, check=False
    )


def test_run_tells_how_it_is_used_from_any_folder(tmp_path: Path) -> None:
    done = run("script/run", "--help", folder=tmp_path)
    assert done.returncode == 0
    assert "--port N" in done.stdout
    assert "TOWNLINE_DATA" in done.stdout


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (["--prot", "8000"], '"--prot" is no option'),
        (["--port"], "--port needs a value"),
        (["--data="], "--data needs a value"),
    ],
)
def test_run_refuses_what_it_does_not_know(tmp_path: Path, said: list[str], answer: str) -> None:
    done = run("script/run", *said, folder=tmp_path)
    assert done.returncode == 2
    assert answer in done.stderr


SHELL = [path for path in tree.files() if path.read_bytes().startswith(b"#!/usr/bin/env bash")]


@pytest.mark.parametrize("path", SHELL, ids=tree.shown)
def test_every_shell_script_is_readable_to_bash(path: Path) -> None:
    done = subprocess.run(["bash", "-n", str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


PHP = [path for path in tree.files() if path.suffix == ".php"]


@pytest.mark.parametrize("path", PHP, ids=tree.shown)
def test_every_php_file_is_readable_to_php(path: Path) -> None:
    php = shutil.which("php")
    if php is None:
        pytest.skip("No PHP is here, so the plugin was not read by it: install php-cli.")
    done = subprocess.run([php, "-l", str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr

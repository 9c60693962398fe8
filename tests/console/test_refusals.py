"""Does a command that cannot start say why in sentences, and never with a traceback?"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.warm import done


def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TOWNLINE_")}
    return done("-m", "flask", "--app", "app", *words, environment={**kept, **environment})


def test_every_wrong_setting_is_a_sentence() -> None:
    done = run("serve", TOWNLINE_PORT="many", TOWNLINE_DEMO="perhaps")
    assert done.returncode == 1
    assert done.stderr.startswith("Error: TOWNLINE_PORT: found 'many'")
    assert "TOWNLINE_DEMO: found 'perhaps'" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_refused_rules_file_is_named_by_any_command(tmp_path: Path) -> None:
    broken = tmp_path / "rules.yaml"
    broken.write_text("town: {}\n")
    done = run(
        "report", "build", "council-monthly", "--period", "2026-01", "--out", str(tmp_path),
        TOWNLINE_RULES=str(broken), TOWNLINE_DATA=str(tmp_path),
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith("Error: The rules have ")
    assert "rules.yaml:1:" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_real_town_is_not_run_from_the_rules_of_the_demonstration(tmp_path: Path) -> None:
    done = run(
        "report", "build", "council-monthly", "--period", "2026-01", "--out", str(tmp_path),
        TOWNLINE_DATA=str(tmp_path),
    )  # fmt: skip
    assert done.returncode == 1
    assert "TOWNLINE_DEMO" in done.stderr
    assert "Traceback" not in done.stderr

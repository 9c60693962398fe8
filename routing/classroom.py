"""How is learned from twenty thousand requests without keeping a resident waiting? In a child process.

``python -m routing.classroom`` gets one JSON object on standard input (what the services say of
themselves, and the examples) and gives the model on standard output. It knows none of the town's
settings, opens no file and no connection; its memory goes back to the machine when it ends.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from routing.coldstart import Document, documents
from routing.learning import learn_from
from routing.model import Model
from routing.rulebook import Rulebook

SECONDS = 300
NICENESS = 15


class LearningFailed(Exception):
    """The child process gave no model; ``str()`` says how it ended."""


def learn_apart(rulebook: Rulebook, examples: Iterable[tuple[str, str]]) -> Model:
    """Return what ``routing.learning.learn`` returns; raises ``LearningFailed``."""
    said = {
        "version": rulebook.version,
        "services": [[one.code, one.parts] for one in documents(rulebook)],
        "examples": list(examples),
    }
    try:
        done = subprocess.run(
            [sys.executable, "-m", "routing.classroom"],
            input=json.dumps(said).encode(),
            capture_output=True,
            timeout=SECONDS,
            check=True,
            cwd=Path(__file__).parent.parent,
            env={"OPENBLAS_NUM_THREADS": "1"},
        )
    except (subprocess.SubprocessError, OSError) as failed:
        told = (getattr(failed, "stderr", None) or b"").decode(errors="replace").strip()
        raise LearningFailed(f"{failed} {told.rpartition(chr(10))[2]}".strip()) from failed
    return Model.from_json(done.stdout.decode())


def main() -> None:
    """Read the examples, learn, write the model."""
    os.nice(NICENESS)
    asked = json.load(sys.stdin.buffer)
    services = tuple(
        Document(code, tuple((weight, words, language) for weight, words, language in parts))
        for code, parts in asked["services"]
    )
    model = learn_from(services, asked["version"], ((text, service) for text, service in asked["examples"]))
    sys.stdout.buffer.write(model.to_json().encode())


if __name__ == "__main__":
    main()

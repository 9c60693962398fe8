"""One process that makes what is due and may be made to die at a named step; run by the kill test."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from app import create_app
from casework.office import the_office
from reports import edition, making
from settings import Settings
from storage import editions


def dying(step: Callable[..., Any], when: str) -> Callable[..., Any]:
    """Return the step with a kill -9 of this very process before or after it."""

    def act(*args: Any, **more: Any) -> Any:
        if when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = step(*args, **more)
        os.kill(os.getpid(), signal.SIGKILL)
        return result

    return act


STEPS = {
    "added": (editions, "add"),
    "claimed": (editions, "claim"),
    "counted": (making, "counted"),
    "rendered": (making, "pdf_of"),
    "finished": (editions, "finish"),
    "posted": (edition, "post"),
    "made": (edition, "_make"),
}


def main(data: str, rules: str, secret: str, now: str, step: str) -> None:
    if step not in ("none", "real"):
        vars(making)["pdf_of"] = lambda html, **_more: b"%PDF-1.7 " + html.encode()
        name, _, when = step.partition(":")
        room, verb = STEPS[name]
        setattr(room, verb, dying(getattr(room, verb), when))
    app = create_app(Settings(data=Path(data), rules=Path(rules), secret=secret, demo=True))
    with app.app_context():
        for sent in edition.make_due(the_office(), now=datetime.fromisoformat(now)):
            sys.stdout.write(f"{sent.report} {sent.period}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])

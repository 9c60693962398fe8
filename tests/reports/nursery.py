"""A town from which processes are forked that make what is due and may die at any step; for the kill test.

It imports everything, reads the rules and makes a report once, but never opens the town's database: each
child does that itself, as a process of its own would. Each line of its input is one order as JSON (``answer``
reads it); each line that it writes are the children's exit codes, negative for the signal that ended them.
"""

from __future__ import annotations

import gc
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask import Flask

from app import create_app
from casework.office import Office, the_office
from reports import approving, edition, making
from settings import Settings
from storage import editions
from storage.database import db
from tests.reports.plans import planning

STEPS: tuple[tuple[Any, str], ...] = (
    (editions, "add"),
    (editions, "decide"),
    (editions, "claim"),
    (making, "counted"),
    (making, "pdf_of"),
    (editions, "hold"),
    (editions, "finish"),
    (edition, "post"),
    (approving, "post"),
    (approving, "_decide"),
    (edition, "_hold"),
    (edition, "_send"),
)
"""What an edition goes through. Before each of the last three has returned, it has committed."""


def mortal(die_at: int) -> None:
    """Have this process killed when so many steps are done; with 0 it lives."""
    done = 0

    def counting(step: Callable[..., Any]) -> Callable[..., Any]:
        def act(*args: Any, **more: Any) -> Any:
            nonlocal done
            result = step(*args, **more)
            done += 1
            if done == die_at:
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        return act

    for room, name in STEPS:
        setattr(room, name, counting(getattr(room, name)))


def live(app: Flask, now: datetime, die_at: int) -> None:
    """Be one process of the town: do a minute's work on its reports."""
    mortal(die_at)
    with app.app_context():
        edition.make_due(the_office(), now=now)


def fork(app: Flask, now: datetime, die_at: int) -> int:
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        live(app, now, die_at)
        status = 0
    finally:
        os._exit(status)


def warmed(order: dict[str, Any], town: Callable[[Path], Flask]) -> Office:
    """Return an office that has made the report of a copy once, so that no child reads a template again."""
    with TemporaryDirectory(prefix="townline-nursery-") as folder:
        shutil.copy(Path(order["data"]) / "townline.sqlite3", folder)
        with town(Path(folder)).app_context():
            office = the_office()
            edition.make_due(office, now=datetime.fromisoformat(order["now"]))
            db.engine.dispose()
    gc.freeze()
    return office


def main(rules: str, secret: str) -> None:
    def town(data: Path) -> Flask:
        return create_app(Settings(data=data, rules=Path(rules), secret=secret, demo=True))

    vars(making)["pdf_of"] = lambda html, **_more: b"%PDF-1.7 " + html.encode()
    towns: dict[str, Flask] = {}
    office: Office | None = None
    for line in sys.stdin:
        order = json.loads(line)
        office = office or warmed(order, town)
        if order["data"] not in towns:
            towns[order["data"]] = town(Path(order["data"]))
            with towns[order["data"]].app_context():
                planning(office, **order["keys"])
        answer(towns[order["data"]], order)


def answer(app: Flask, order: dict[str, Any]) -> None:
    """Fork the processes of one order, and write how each of them ended."""
    now = datetime.fromisoformat(order["now"])
    children = [fork(app, now, die_at) for die_at in order["die_at"]]
    if order["kill_after"]:
        time.sleep(order["kill_after"])
        os.kill(children[0], signal.SIGKILL)
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    sys.stdout.write(json.dumps(codes) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])

"""How does one process die hundreds of times in a minute? A warm parent forks each life, the test ends it.

Started as ``python -m tests.acceptance.lives`` with the town's settings as JSON on the first line of its
standard input. Each further line {step, now} is one life; the answers are {"pid": …} when it has begun and
{"status": …} when it has ended, by itself (0) or by a signal (below 0). With {is_warming} the parent
itself lives once, so that the lives after it need not read every template anew; it closes every connection
before it forks, so that nothing of one life reaches the next.
"""

from __future__ import annotations

import gc
import json
import os
import random
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from datetime import datetime
from typing import IO, Any, Self
from unittest.mock import patch

from settings import ROOT, Settings


class Lives:
    """The test's end: begins lives and ends them."""

    def __init__(self, settings: Settings) -> None:
        self._log = settings.data / "lives.log"
        with self._log.open("ab") as log:
            self._parent = subprocess.Popen(
                [sys.executable, "-m", "tests.acceptance.lives"],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        self._tell(**settings.model_dump(mode="json"))
        assert self._hear()["ready"]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for pipe in (self._parent.stdin, self._parent.stdout):
            pipe.close()
        self._parent.wait(timeout=20)

    def warm(self, step: str, now: datetime) -> None:
        """Do everything that waits, before anybody is killed."""
        self._tell(step=step, now=now.isoformat(), is_warming=True)
        assert self._hear()["is_warm"]

    def kill(self, step: str, now: datetime, after: float) -> bool:
        """Live for ``after`` seconds at most; return whether it was killed before it had done everything."""
        self._tell(step=step, now=now.isoformat())
        pid = self._hear()["pid"]
        time.sleep(after)
        # The parent has not waited for it yet, so the number is still its own.
        os.kill(pid, signal.SIGKILL)
        self._tell(is_over=True)
        return self._ended() == -signal.SIGKILL

    def finish(self, step: str, now: datetime) -> None:
        """Live until there is nothing left to do."""
        self._tell(step=step, now=now.isoformat())
        assert self._hear()["pid"]
        self._tell(is_over=True)
        assert self._ended() == 0, self._log.read_text()[-3000:]

    def _ended(self) -> int:
        status = int(self._hear()["status"])
        assert status in (0, -signal.SIGKILL), self._log.read_text()[-3000:]
        return status

    def _tell(self, **said: Any) -> None:
        self._parent.stdin.write(json.dumps(said).encode() + b"\n")
        self._parent.stdin.flush()

    def _hear(self) -> Any:
        line = self._parent.stdout.readline()
        assert line, self._log.read_text()[-3000:]
        return json.loads(line)


class Moments:
    """After how many seconds does each life end? At any moment of what it would have done, evenly.

    Machines differ and are busy, so the longest wait follows how many lives end by themselves: about one
    in five.
    """

    def __init__(self, seed: int, *, longest: float) -> None:
        self._chance = random.Random(seed)
        self._longest = longest

    def next(self) -> float:
        return self._chance.uniform(0, self._longest)

    def learn(self, was_killed: bool) -> None:
        self._longest *= 1.03 if was_killed else 0.9


def main(arriving: IO[str], answers: IO[str]) -> None:
    """Be the warm parent."""
    from app import create_app
    from casework.office import the_office
    from storage.database import db

    app = create_app(Settings.model_validate_json(arriving.readline()))
    with app.app_context():
        the_office()
    steps = {"deliver": _deliver, "fetch": _fetch}
    _say(answers, ready=True)
    while line := arriving.readline():
        life = json.loads(line)
        if life.get("is_warming"):
            steps[life["step"]](app, datetime.fromisoformat(life["now"]))
            with app.app_context():
                db.engine.dispose()
            gc.freeze()
            _say(answers, is_warm=True)
            continue
        pid = os.fork()
        if not pid:
            _live(steps[life["step"]], app, datetime.fromisoformat(life["now"]))
        _say(answers, pid=pid)
        arriving.readline()
        _pid, status = os.waitpid(pid, 0)
        _say(answers, status=os.waitstatus_to_exitcode(status))


def _say(answers: IO[str], **said: Any) -> None:
    answers.write(json.dumps(said) + "\n")
    answers.flush()


def _live(step: Callable[[Any, datetime], None], app: Any, now: datetime) -> None:
    try:
        step(app, now)
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def _deliver(app: Any, now: datetime) -> None:
    from casework.delivering import deliver_due
    from casework.office import the_office

    with app.app_context():
        while True:
            done = deliver_due(the_office(), app.extensions["townline_carrier"], now=now)
            if not (done.sent or done.failed or done.postponed) or done.is_closed:
                return


def _fetch(app: Any, now: datetime) -> None:
    from casework import arriving
    from casework.office import the_office
    from casework.reading_mailbox import Vain, look, read_some
    from inbox.imap import open_mailbox
    from inbox.understood import understand

    # Another process to read in would take longer to start than most of these lives last.
    here = patch.object(arriving, "read_apart", understand)
    with here, app.app_context(), open_mailbox(app.extensions["townline_mailbox"]) as box:
        office = the_office()
        looked = look(box, now=now)
        while read_some(office, box, looked, Vain(), now=now):
            pass
        arriving.work_off(office, now=now)


if __name__ == "__main__":
    main(sys.stdin, sys.stdout)

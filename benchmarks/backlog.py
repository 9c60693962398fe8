"""Do residents wait while 5,000 letters drain? The same forms with and without, in turns in one run."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import count

from benchmarks.lines import Line, MeasurementWrong, Plan, at, middle
from benchmarks.mail_sink import Sink
from benchmarks.sender import send
from benchmarks.servers import TOWN, Served, empty_town

LETTERS = 5000
GOAL = 2.0
MOST_PAIRS = 3
DAYS_WORK = 4  # forms under way at once, more than a town ever sees
FILL = """
WITH RECURSIVE mark(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM mark WHERE n < ?)
INSERT INTO letters (dedupe_key, request_id, kind, recipient, envelope_from, subject, message_id, state,
                     attempts, next_at, created_at, raw, repeats, started_at)
SELECT 'backlog:' || n, request_id, kind, recipient, envelope_from, subject, message_id, 'queued',
       0, created_at, created_at, raw, 0, created_at
FROM mark, (SELECT * FROM letters WHERE dedupe_key NOT LIKE 'backlog:%' ORDER BY id LIMIT 1)
"""


def rows(plan: Plan) -> Iterator[Line]:
    """Yield the waiting times, and how long the letters took."""
    sink = Sink()
    town = Served(
        TOWN,
        empty_town(plan.folder / "backlog"),
        settings={"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(sink.port), "SMTP_SECURITY": "none"},
    )
    town.start()
    quiet: list[list[float]] = []
    busy: list[list[float]] = []
    drained: list[float] = []
    marks = count(1)
    try:
        _sent(town, 1.0, marks)
        for _pair in range(min(plan.pairs, MOST_PAIRS)):
            town.wait_for_letters()
            quiet.append(_sent(town, plan.seconds, marks))
            town.wait_for_letters()
            _fill(town)
            began = time.perf_counter()
            busy.append(_sent(town, plan.seconds, marks))
            if not town.one(
                "SELECT count(*) FROM letters WHERE state != 'sent' AND dedupe_key LIKE 'backlog:%'"
            ):
                raise MeasurementWrong(
                    "the letters had left before the last form was sent; they must be more"
                )
            town.wait_for_letters()
            drained.append(time.perf_counter() - began)
            _forget(town)
        town.compare()
    finally:
        town.stop()
        sink.taken()
    ratios = [at(one, 99) / at(other, 99) for one, other in zip(busy, quiet, strict=True)]
    yield Line(
        what=f"p99 of submissions while {LETTERS:,} letters drain",
        ours=f"{middle([at(times, 99) for times in busy]):.0f} ms",
        reference=f"without: {middle([at(times, 99) for times in quiet]):.0f} ms",
        ratio=middle(ratios),
        spread=(min(ratios), max(ratios)),
        goal=f"<= {GOAL:.0f}",
        is_met=middle(ratios) <= GOAL,
        figures={"quiet_p50": [at(one, 50) for one in quiet], "busy_p50": [at(one, 50) for one in busy]},
    )
    yield Line(
        what=f"{LETTERS:,} letters drained, forms coming in meanwhile",
        ours=f"{middle(drained):.1f} s, {LETTERS / middle(drained):,.0f}/s",
        figures={"seconds": drained},
    )


def _sent(town: Served, seconds: float, marks: count[int]) -> list[float]:
    """Send forms for so long; return how long each waited, in milliseconds."""
    sent = send(town.port, "/report", senders=DAYS_WORK, seconds=seconds, first=next(marks) * 100_000)
    town.receipts += sent.receipts
    return sent.milliseconds


def _fill(town: Served) -> None:
    with closing(sqlite3.connect(town.data / "townline.sqlite3", timeout=20)) as connection, connection:
        connection.execute(FILL, (LETTERS,))


def _forget(town: Served) -> None:
    with closing(sqlite3.connect(town.data / "townline.sqlite3", timeout=20)) as connection, connection:
        connection.execute("DELETE FROM letters WHERE dedupe_key LIKE 'backlog:%'")

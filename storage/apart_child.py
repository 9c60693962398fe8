"""What does the process do that counts beside the serving one? It reads, counts columns and answers.

It is run as a file, by ``storage.apart``, and knows the standard library alone: it starts in a few hundredths
of a second. It is told a database, begins to read when told so (``now``, again and again until it is told the
statements), and answers each in turn, in the words of ``marshal``: both ends are the same Python.
"""

from __future__ import annotations

import gc
import json
import marshal
import sqlite3
import sys
from collections import Counter
from typing import Any

CHUNK = 250


def main() -> None:
    """Serve one parent until all is answered, or until it has gone."""
    gc.disable()  # whole numbers alone: there are no cycles to be found
    told, answers = sys.stdin, sys.stdout.buffer
    connection = sqlite3.connect(json.loads(told.readline()), isolation_level=None, timeout=10)
    connection.execute("PRAGMA query_only = ON")
    _say("here")
    while (line := told.readline().strip()) == "now":
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        connection.execute("BEGIN")
        # Only reading makes it see the rows of this moment, and of no later one.
        connection.execute("SELECT mark FROM fact_basis").fetchall()
        _say("ready")
    for statement, values, is_counted in json.loads(line or "[]"):
        cursor = connection.execute(statement, values)
        marshal.dump(columns(cursor) if is_counted else cursor.fetchall(), answers)
        answers.flush()


def columns(cursor: Any) -> list[dict[Any, int]]:
    """Return for each column value -> how many rows have it."""
    found: list[Counter[Any]] = [Counter() for _column in cursor.description]
    while chunk := cursor.fetchmany(CHUNK):
        for counter, column in zip(found, zip(*chunk, strict=True), strict=True):
            counter.update(column)
    return [dict(counter) for counter in found]


def _say(word: str) -> None:
    sys.stdout.buffer.write(f"{word}\n".encode())
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()

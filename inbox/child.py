"""How are mails read where nothing can happen? A process with limits: bytes in, values out, one by one.

Started by ``apart`` as ``python -m inbox.child MEGABYTES``. Standard input: per mail two lengths, a JSON
of options, the raw mail. Standard output: two lengths, the answer as JSON, the attachments' bytes.
"""

from __future__ import annotations

import json
import os
import resource
import struct
import sys
from typing import Any, BinaryIO

from . import html  # noqa: F401 - loaded before the limits, like what is imported later
from .answers import pack
from .understood import Understood, quarantined, understand

LENGTHS = struct.Struct("!QQ")
READY = Understood("ignored", "ready")
FILES = 32
SHARE = 0.6
"""Of the memory: a process that keeps so much while it reads nothing is replaced."""
MOST_MAILS = 2000
"""After so many mails a fresh process takes over, in case a library keeps what it should not."""


def main() -> None:
    """Answer until standard input ends, or until a fresh process is wanted."""
    megabytes = int(sys.argv[1])
    arriving, answers = _pipes()
    _load()
    _limit(megabytes)
    _answer(answers, READY)
    for number in range(1, MOST_MAILS + 1):
        asked = _asked(arriving)
        if asked is None:
            return
        options, raw = asked
        said, is_well = _understood(raw, options, megabytes)
        is_last = not is_well or number == MOST_MAILS or _has_grown(megabytes)
        _answer(answers, said, is_last=is_last)
        if is_last:
            return


def _pipes() -> tuple[BinaryIO, BinaryIO]:
    """Keep the two pipes for ourselves: what a library prints must not look like an answer."""
    arriving, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1):
        os.dup2(nowhere, descriptor)
    return arriving, answers


def _load() -> None:
    import encodings.idna  # noqa: F401

    import flufl.bounce  # noqa: F401
    import tnefparse  # noqa: F401


def _limit(megabytes: int) -> None:
    """No more memory, no files to write, few to open, no traces when it crashes."""
    for what, most in (
        (resource.RLIMIT_AS, megabytes * 1024 * 1024),
        (resource.RLIMIT_NOFILE, FILES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def _limit_time(seconds: float) -> None:
    """From now on, so many seconds of processor time: the next mail has its own."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = int(used.ru_utime + used.ru_stime + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (until, resource.RLIM_INFINITY))


def _asked(arriving: BinaryIO) -> tuple[dict[str, Any], bytes] | None:
    lengths = arriving.read(LENGTHS.size)
    if len(lengths) < LENGTHS.size:
        return None
    of_options, of_raw = LENGTHS.unpack(lengths)
    options: dict[str, Any] = json.loads(arriving.read(of_options))
    return options, arriving.read(of_raw)


def _understood(raw: bytes, options: dict[str, Any], megabytes: int) -> tuple[Understood, bool]:
    """Return the answer, and whether this process is still as it was."""
    _limit_time(options.pop("seconds"))
    try:
        return understand(raw, **options), True
    except MemoryError:
        reason = f"reading it needed more than {megabytes} MB of memory"
    except RecursionError:
        reason = "it is nested so deeply that it cannot be read"
    except Exception as wrong:
        # At this edge any error is told as the mail's fate, with its name, and the mail is kept whole.
        reason = f"reading it failed ({type(wrong).__name__}: {str(wrong)[:200]})"
    return quarantined(reason), False


def _has_grown(megabytes: int) -> bool:
    """Whether much of the memory is taken while nothing is read."""
    if not os.path.exists("/proc/self/statm"):
        return False  # not Linux: the limit itself and the number of mails must do
    with open("/proc/self/statm", "rb") as file:
        pages = int(file.read().split()[0])
    return pages * resource.getpagesize() > megabytes * 1024 * 1024 * SHARE


def _answer(answers: BinaryIO, said: Understood, *, is_last: bool = False) -> None:
    answer, contents = pack(said)
    answers.write(LENGTHS.pack(len(answer), sum(map(len, contents))) + answer)
    for content in contents:
        answers.write(content)
    answers.write(b"\1" if is_last else b"\0")
    answers.flush()


if __name__ == "__main__":
    main()

"""Draws many pages in one process, as ``paper.press`` draws one: starting takes longer than drawing."""

from __future__ import annotations

import base64
import gc
import json
import sys

from paper.press import _made


def main() -> None:
    gc.set_threshold(100_000, 20, 20)
    for line in sys.stdin:
        sys.stdout.write(base64.b64encode(_made(json.loads(line))).decode() + "\n")


if __name__ == "__main__":
    main()

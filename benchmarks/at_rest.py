"""What does a submission cost while nobody carries letters? The served town with its postman at rest.

For measuring alone: everything else is what ``flask --app app serve`` runs. With the word ``clock`` behind it
no time passes either: nobody is reminded, no report is made.
"""

from __future__ import annotations

import sys
from contextlib import ExitStack
from unittest.mock import patch

from app import create_app
from clock.postman import Postman
from clock.ticker import Clock
from console.starting import serve_app

if __name__ == "__main__":
    with ExitStack() as rest:
        for one in (Postman, Clock) if "clock" in sys.argv[1:] else (Postman,):
            rest.enter_context(patch.object(one, "start"))
            rest.enter_context(patch.object(one, "stop"))
        raise SystemExit(serve_app(create_app()))

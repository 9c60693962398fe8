"""Where is the page of a request, for whoever holds its key? In the look that it was opened with."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import request

from widgets.embedding import looks


def here(number: str, room: str = "", **more: str) -> str:
    """Return the address of this page, or of another ``room`` of the request, with its key and looks."""
    return f"/r/{number}{room}?" + urlencode({"t": request.args.get("t", ""), **looks(), **more})

"""A page on this very machine that answers as each test wants it to."""

from tests.rawsite import raw_site

__all__ = ["raw_site"]

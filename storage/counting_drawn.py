"""Which questions are drawn row by row, and where? Those that no index answers; apart, where that pays."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from typing import Any

from sqlalchemy import select

from storage.apart import Apart, Lost
from storage.counting_pass import FEW, Pass
from storage.ledger import Ledger
from storage.packing import Groups

log = logging.getLogger("townline.storage")


class Drawn:
    """The answers of some questions of a pass; a child begins to draw them once it is started."""

    def __init__(self, ledger: Ledger, asked: Pass, names: Sequence[str], beside: Apart | None) -> None:
        self._ledger, self._pass = ledger, asked
        few, many = ([name for name in names if (name in FEW) is is_few] for is_few in (True, False))
        self._bundles: dict[tuple[str, ...], Future[Any] | None] = {}
        for bundle in (tuple(few), tuple(many)):
            if bundle:
                where, columns = asked.drawn(bundle)
                statement = select(*columns.values()).where(*where)
                self._bundles[bundle] = beside.ask(statement, is_counted=True) if beside else None
        self._found: dict[str, Groups] = {}

    def said(self, question: str) -> Iterator[tuple[Sequence[int], int]]:
        """Return what was said, and by how many; once, for it is let go."""
        if question not in self._found:
            self._found |= self._counted(next(one for one in self._bundles if question in one))
        return self._pass.questions[question].told(self._found.pop(question))

    def _counted(self, bundle: tuple[str, ...]) -> Mapping[str, Groups]:
        answer = self._bundles[bundle]
        try:
            if answer is not None:
                return dict(zip(bundle, answer.result(), strict=True))
        except Lost as lost:
            # Then here: the session still sees the same rows.
            log.warning("%s", lost)
        where, columns = self._pass.drawn(bundle)
        return dict(
            zip(bundle, self._ledger.count(where, columns, *((name,) for name in bundle)), strict=True)
        )

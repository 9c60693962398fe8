"""What has to be known of a file before its rows are read? How its dates and its places are written."""

from __future__ import annotations

from collections.abc import Mapping

from past import dates, places
from past.dates import Form, Look
from past.files import Table
from past.flaws import CannotRead, Flaw
from past.mapping import DATES, Map
from past.places import Bounds
from past.reading import picker

LOOKED_AT = 2000
"""Rows that are looked at before the form of the dates may be decided."""


def forms(table: Table, plan: Map) -> dict[str, Form]:
    """Return how the dates of each column are written, by column; raises ``CannotRead``.

    Columns whose format the map names are believed; the others are looked at until some row tells.
    """
    found: dict[str, Form] = {}
    looks: dict[str, Look] = {}
    for column in (plan.columns[name] for name in DATES if name in plan.columns):
        for heading in column.names:
            if column.form:
                found[heading] = dates.given(column.form, plan.zone)
            else:
                looks[heading] = Look(heading)
    _look(table, looks)
    told = {heading: form for heading, look in looks.items() if (form := look.form(plan.zone)) is not None}
    return told | found


def _look(table: Table, looks: Mapping[str, Look]) -> None:
    """Look at dates until every column is decided, and long enough."""
    spots = [(table.where(heading), look) for heading, look in looks.items()]
    for many, row in enumerate(table.rows() if spots else ()):
        for spot, look in spots:
            if spot < len(row.cells):
                look.see(row.line, row.cells[spot].strip())
        # A column that is in doubt is looked at to its end: one row in a million may tell.
        if many >= LOOKED_AT and all(look.is_decided or not look.seen for look in looks.values()):
            return


def check_positions(table: Table, plan: Map, bounds: Bounds | None) -> None:
    """Raise ``CannotRead`` where most of the first places are no degrees: another grid, or wrong columns."""
    names = [name for name in ("lat", "lon", "position") if name in plan.columns]
    if not names:
        return
    pickers = [picker([table.where(plan.columns[name].names[0])]) for name in names]
    wrong = seen = 0
    example = (0, "")
    width = len(table.header)
    for many, row in enumerate(table.rows()):
        if many >= LOOKED_AT:
            break
        if len(row.cells) < width:
            continue
        said = [pick(row.cells) for pick in pickers]
        if not all(said):
            continue
        _at, flaw = (
            places.place(said[0], said[1], bounds) if len(said) == 2 else places.position(said[0], bounds)
        )
        seen += flaw is not Flaw.NO_COORDINATES
        if flaw is Flaw.BAD_COORDINATES:
            wrong += 1
            example = example if example[0] else (row.line, ", ".join(said))
    if wrong * 2 > seen:
        columns = " and ".join(plan.columns[name].names[0] for name in names)
        raise CannotRead(
            f'{table.path}:{example[0]}: "{example[1]}" in {columns} are no degrees, and most rows are like '
            "it; have the places written as latitude and longitude (WGS84), or take these columns out of the "
            "map"
        )

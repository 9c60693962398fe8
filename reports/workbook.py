"""How do the figures become a workbook? The lines of the CSV, a sheet for each section, where that is wanted.

Needs XlsxWriter, an extra: it is loaded only when a plan says ``attach: {xlsx: true}``.
"""

from __future__ import annotations

import csv
import io
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec
from typing import Any

MISSING = (
    "XlsxWriter is not installed, so no workbook is attached: "
    "pip install -r requirements-extra.in, or take xlsx out of attach"
)
MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def is_possible() -> bool:
    """Return whether workbooks can be made here."""
    return find_spec("xlsxwriter") is not None


def workbook(sheet: bytes) -> bytes | None:
    """Return the workbook of an edition's CSV; None where none can be made. The same CSV, the same bytes."""
    if not is_possible():
        return None
    rows = list(csv.DictReader(io.StringIO(sheet.decode())))
    as_of = next((row["value"] for row in rows if row["figure"] == "as_of"), "")
    out = io.BytesIO()
    # Words stay words: nothing that a resident or a town wrote becomes a formula or a link.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = import_module("xlsxwriter").Workbook(out, options)
    if as_of:
        book.set_properties({"created": datetime.fromisoformat(as_of).replace(tzinfo=None)})
    strong = book.add_format({"bold": True, "bottom": 1})
    for section in dict.fromkeys(row["section"] for row in rows):
        _fill(book.add_worksheet(section[:31]), [row for row in rows if row["section"] == section], strong)
    book.close()
    return out.getvalue()


def _fill(page: Any, rows: list[dict[str, str]], strong: Any) -> None:
    """Write one section: a line for each name, a column for each figure; without names, a line each."""
    names = list(dict.fromkeys(row["name"] for row in rows))
    figures = list(dict.fromkeys(row["figure"] for row in rows))
    is_upright = names == [""]
    for at, figure in enumerate(figures, start=1):
        page.write_string(*((at, 0) if is_upright else (0, at)), figure, None if is_upright else strong)
    page.write_string(0, 0, "figure" if is_upright else "name", strong)
    if is_upright:
        page.write_string(0, 1, "value", strong)
    for row in rows:
        down, right = names.index(row["name"]) + 1, figures.index(row["figure"]) + 1
        if not is_upright and row["name"]:
            page.write_string(down, 0, row["name"])
        _write(page, *((right, 1) if is_upright else (down, right)), row["value"])
    page.set_column(0, 0, 28)
    page.freeze_panes(1, 1)


def _write(page: Any, down: int, right: int, value: str) -> None:
    try:
        page.write_number(down, right, float(value))
    except ValueError:
        page.write_string(down, right, value)

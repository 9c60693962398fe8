"""How is this file written? Its encoding and separator, and its rows with their lines, a piece at a time."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from past.flaws import CannotRead

PIECE = 1 << 20
SEPARATORS = ",;\t|"
MARKS = {
    codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16",
}  # fmt: skip
LONGEST_CELL = 131_072
"""Characters; beyond it a quotation mark was left open, and no more of the file shall go with it."""


@dataclass(frozen=True)
class Row:
    """One row of the file."""

    line: int
    """On which line it begins, from 1."""
    cells: tuple[str, ...]
    lost_until: int = 0
    """The last line of a row that cannot be read, whose ``cells`` are empty; 0 for all others."""


@dataclass(frozen=True)
class Table:
    """One CSV file, open to be read as often as one likes; never held in memory."""

    path: Path
    encoding: str
    separator: str
    header: tuple[str, ...]
    not_utf8: int = 0
    """The first line that is not UTF-8, where it was taken for Windows-1252; else 0."""

    def rows(self) -> Iterator[Row]:
        """Yield every row behind the header; blank lines are none."""
        with open(self.path, encoding=self.encoding, errors="replace", newline="") as text:
            reader = csv.reader(text, delimiter=self.separator)
            is_header = True
            while True:
                line = reader.line_num + 1
                try:
                    cells = _next(reader)
                except StopIteration:
                    return
                except csv.Error:
                    yield Row(line, (), lost_until=reader.line_num)
                    continue
                if is_header:
                    is_header = False
                elif any(cells):
                    yield Row(line, tuple(cells))

    def where(self, column: str) -> int:
        """Return at which place a column stands; ``ValueError`` when there is none of that name."""
        return self.header.index(column)


def _next(reader: Iterator[list[str]]) -> list[str]:
    # The limit is one for the whole process: whoever else reads CSV here keeps their own.
    before = csv.field_size_limit(LONGEST_CELL)
    try:
        return next(reader)
    finally:
        csv.field_size_limit(before)


def opened(path: Path, *, encoding: str | None = None, separator: str | None = None) -> Table:
    """Look at a file and return how it is written; raises ``CannotRead``."""
    try:
        named, not_utf8 = (encoding, 0) if encoding else _encoding(path)
        codecs.lookup(named)
        with open(path, encoding=named, errors="replace", newline="") as text:
            first = text.readline(LONGEST_CELL)
    except OSError as error:
        raise CannotRead(f"{path} cannot be read ({error.strerror})") from None
    except (LookupError, UnicodeError):
        raise CannotRead(f'{path}: "{encoding}" is no encoding; write utf-8 or cp1252') from None
    if not first.strip():
        raise CannotRead(f"{path}:1: the first line is empty; it has to name the columns")
    if "\x00" in first:
        raise CannotRead(f"{path}:1: this is no text; save the table as CSV (UTF-8) and try again")
    mark = separator or _separator(first)
    header = _header(path, named, mark)
    return Table(path, named, mark, header, not_utf8)


def _encoding(path: Path) -> tuple[str, int]:
    """Return the encoding, and the first line that is not UTF-8; reads the file once."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    lines = 1
    with open(path, "rb") as raw:
        begin = raw.read(4)
        for mark, name in MARKS.items():
            if begin.startswith(mark):
                return name, 0
        raw.seek(0)
        while piece := raw.read(PIECE):
            try:
                decoder.decode(piece)
            except UnicodeDecodeError as error:
                return "cp1252", lines + error.object[: error.start].count(b"\n")
            lines += piece.count(b"\n")
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252", lines
    return "utf-8", 0


def _separator(line: str) -> str:
    """Return what stands between the columns' names, quoted ones left aside."""
    bare = "".join(part for place, part in enumerate(line.split('"')) if place % 2 == 0)
    return max(SEPARATORS, key=lambda mark: (bare.count(mark), -SEPARATORS.index(mark)))


def _header(path: Path, encoding: str, separator: str) -> tuple[str, ...]:
    with open(path, encoding=encoding, errors="replace", newline="") as text:
        try:
            header = tuple(name.strip() for name in next(csv.reader(text, delimiter=separator)))
        except (csv.Error, StopIteration):
            raise CannotRead(f"{path}:1: the first line cannot be read as CSV") from None
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        raise CannotRead(f'{path}:1: the column "{twice[0]}" is there twice; give each a name of its own')
    return header

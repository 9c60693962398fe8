"""Whatever a spreadsheet program writes is read, row by row, with its lines."""

from pathlib import Path

import pytest

from past.files import Row, opened
from past.flaws import CannotRead


def table(tmp_path: Path, content: bytes, **more):
    path = tmp_path / "old.csv"
    path.write_bytes(content)
    return opened(path, **more)


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [("utf-8", ","), ("utf-8-sig", ";"), ("cp1252", "\t"), ("utf-16", ","), ("utf-8", "|")],
)
def test_encoding_and_separator_are_found(tmp_path: Path, encoding: str, mark: str):
    rows = [("id", "text"), ("1", "Café Müller – “quoted”"), ("2", 'two\nlines, with "marks"')]
    quoted = [mark.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    found = table(tmp_path, "\r\n".join(quoted).encode(encoding))
    assert found.header == ("id", "text")
    assert list(found.rows()) == [Row(2, rows[1]), Row(3, rows[2])]
    assert found.not_utf8 == (2 if encoding == "cp1252" else 0)


def test_a_row_of_several_lines_has_the_line_on_which_it_begins(tmp_path: Path):
    found = table(tmp_path, b'a,b\n1,"x\ny\nz"\n\n2,w\n')
    assert [(row.line, row.cells[0]) for row in found.rows()] == [(2, "1"), (6, "2")]


def test_a_quotation_mark_left_open_spoils_its_row_and_is_told(tmp_path: Path):
    found = table(tmp_path, b'a,b\n1,x\n2,"' + b"y" * 200_000 + b"\n3,z\n")
    rows = list(found.rows())
    assert rows[0] == Row(2, ("1", "x"))
    assert (rows[1].line, rows[1].cells, rows[1].lost_until) == (3, (), 3)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "the first line is empty"),
        (b"\n\na,b\n", "the first line is empty"),
        (b"PK\x03\x04\x00\x00\x00,a\n", "save the table as CSV"),
        (b"id,name,id\n", 'the column "id" is there twice'),
    ],
)
def test_what_is_no_table_is_refused_with_a_sentence(tmp_path: Path, content: bytes, sentence: str):
    with pytest.raises(CannotRead, match=sentence):
        table(tmp_path, content)


def test_an_encoding_that_does_not_exist_is_named(tmp_path: Path):
    with pytest.raises(CannotRead, match='"latin-nine" is no encoding'):
        table(tmp_path, b"a,b\n", encoding="latin-nine")

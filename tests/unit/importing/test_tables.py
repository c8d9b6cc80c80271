"""From bytes to tables: what files look like, and how broken ones are refused."""

from __future__ import annotations

import codecs
import io
import os
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assignkit.diagnostics import Source
from assignkit.errors import MissingExtraError
from assignkit.importing.headers import field_names
from assignkit.importing.problems import TITLES, Code, FileError
from assignkit.importing.separated import read_separated
from assignkit.importing.table import read_table
from tests.workbooks import day, line, text, workbook

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_file(content: str | bytes, name: str = "rows.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write_file


def refused(path: Path | str, **options: object) -> str:
    with pytest.raises(FileError) as caught:
        read_table(path, **options)  # type: ignore[arg-type]
    return str(caught.value).replace(f"{Path(path).parent}{os.sep}", "")


def test_every_code_has_a_title() -> None:
    assert set(TITLES) == set(Code)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_out(write: Write, delimiter: str) -> None:
    text = "id,name\n1,Li\n".replace(",", delimiter)

    assert read_table(write(text)).rows == [{"id": "1", "name": "Li"}]


@pytest.mark.parametrize(
    "data",
    [
        b"id,name\r\n1,\xe6\x9d\x8e\r\n",
        codecs.BOM_UTF8 + "id,name\n1,李".encode(),
        codecs.BOM_UTF16_LE + "id,name\n1,李\n".encode("utf-16-le"),
        codecs.BOM_UTF16_BE + "id,name\n1,李\n".encode("utf-16-be"),
        "id,name\r1,李\r".encode(),
        "\n\n  \nid,name\n\n1,李\n , \n".encode(),
        'id, "name"\n1, "李"\n'.encode(),
    ],
)
def test_what_programs_write_is_read(write: Write, data: bytes) -> None:
    assert read_table(write(data)).rows == [{"id": "1", "name": "李"}]


def test_another_encoding_is_read_when_it_is_named(write: Write) -> None:
    path = write("id,省份\n1,上海\n".encode("gb18030"))

    assert read_table(path, encoding="gb18030").rows == [{"id": "1", "省份": "上海"}]


def test_quoted_cells_hold_delimiters_quotes_and_line_breaks(write: Write) -> None:
    table = read_table(write('id,note\n1,"a, ""b""\nc"\n2,d\n'))

    assert table.rows == [{"id": "1", "note": 'a, "b"\nc'}, {"id": "2", "note": "d"}]


def test_columns_at_the_end_without_header_and_values_are_dropped(write: Write) -> None:
    assert read_table(write("id,name,,\n1,Li,,\n2,Wang\n")).rows == [
        {"id": "1", "name": "Li"},
        {"id": "2", "name": "Wang"},
    ]


def test_a_column_without_header_but_with_values_is_kept_and_reported(write: Write) -> None:
    table = read_table(write("id,,name\n1,x,Li\n"))

    assert table.rows == [{"id": "1", "column_2": "x", "name": "Li"}]
    assert "column 2 has no name and is called `column_2`" in table.notes[0].message


def test_headers_that_become_the_same_name_are_numbered_and_reported(write: Write) -> None:
    table = read_table(write("Lead Source,lead-source,lead_source_2\na,b,c\n"))

    assert list(table.kinds) == ["lead_source", "lead_source_3", "lead_source_2"]
    assert [note.message.partition(": ")[2] for note in table.notes] == [
        "`lead-source` stands twice among the columns; the later one is called `lead_source_3`"
    ]


@given(st.lists(st.text(max_size=8), max_size=12))
def test_names_of_columns_differ(headers: list[str]) -> None:
    names = field_names(headers)

    assert len(set(names)) == len(headers)
    assert all(name and name == name.lower() for name in names)


def test_a_row_of_very_many_cells_is_read_in_one_go(write: Write) -> None:
    many = 20_000  # where each cell looks as far as the end of the line, or each twin at all names, this takes minutes
    twins = read_table(write(f"id{',note' * many}\nc1{',' * many}x\n"))

    assert [twins.columns[place].name for place in (1, 2, many)] == ["note", "note_2", f"note_{many}"]
    assert twins.grid.rows[0][-1] == "x"


def test_json_lines_and_json_lists_are_tables(write: Write) -> None:
    lines = '{"id": 1, "Lead Source": " web "}\n\n{"id": "b", "open": true, "n": NaN}\n'
    rows = [{"id": "1", "lead_source": "web", "open": None, "n": None}]
    rows += [{"id": "b", "lead_source": None, "open": True, "n": None}]  # type: ignore[dict-item]

    assert read_table(write(lines, "rows.jsonl")).rows == rows
    assert read_table(write(f"[{lines.replace('}', '},')}]", "rows.json")).rows == rows


@pytest.mark.parametrize("text", ["id,n\n1,2\n", '{"id": "1", "n": 2}\n'])
def test_standard_input_is_read_and_its_format_found_out(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))

    assert read_table("-").rows == [{"id": "1", "n": 2}]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", ["rows.csv is empty"]),
        ("\n \n", ["rows.csv is empty"]),
        (",,\n", ["holds no cells"]),
        (b"PK\x03\x04rest", ["Excel workbook", "as CSV"]),
        (b"id,name\n1,\x00\x01\n", ["rows.csv:2", "NUL"]),
        ("id,name\n".encode("utf-16-le"), ["UTF-16", "--encoding utf-16-le"]),
        ("id,name\n1,李\n".encode("gb18030"), ["rows.csv:2:3", "not UTF-8", "--encoding gb18030"]),
        (
            "id,a,b\n1,2\n3,4,5\n6\n",
            ["rows.csv:2:3", "this row has 2 columns, the header has 3", "rows.csv:4:1", "1 column,"],
        ),
        ("id,a\n1,2,3\n", ["rows.csv:2:5", "this row has 3 columns, the header has 2", "double quotes"]),
        ('id,a\n1,"b\nc,d\ne,f\n', ["rows.csv:2:3", "the quote that opens here is not closed", '1,"b']),
        ('id,a\n1,"b"x\n', ["rows.csv:2:3", "is not closed properly"]),
        ("id,a\n1," + "x" * 140_000 + "\n", ["rows.csv:2:3", "more than 131,072 characters"]),
        ('id,a\n1,"' + "x" * 140_000 + '"\n', ["rows.csv:2:3", "more than 131,072 characters"]),
        ('id,a\n1,"' + "x\n" * 140_000, ["rows.csv:2:3", "the quote that opens here is not closed"]),
        ("id,a\n1,b\rc\n", ["rows.csv:2:1", "carriage return"]),
    ],
)
def test_broken_files_are_refused_at_the_place(write: Write, content: str | bytes, told: list[str]) -> None:
    message = refused(write(content))

    assert [part for part in told if part not in message] == []
    assert len(message) < 1500


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('{"id": 1}\n{"id": 2,\n', ["rows.jsonl:3:1", "this is not JSON"]),
        ('{"id": 1}\n[1]\n', ["rows.jsonl:2:1", "without names"]),
        ('[{"id": 1},\n', ["rows.jsonl:1:1", "not closed"]),
        ("[]", ["holds no objects"]),
        ("[" * 100_000, ["rows.jsonl:1", "nested"]),
        ('{"id": ' + "9" * 5000 + "}", ["rows.jsonl:1:1", "too many digits"]),
    ],
)
def test_broken_json_is_refused_at_the_place(write: Write, content: str, told: list[str]) -> None:
    message = refused(write(content, "rows.jsonl"))

    assert [part for part in told if part not in message] == []


def test_what_is_no_readable_file_is_refused(tmp_path: Path, write: Write) -> None:
    write("id\n1\n", "customers.csv")

    assert "there is no file customer.csv" in refused(tmp_path / "customer.csv")
    assert "did you mean" in refused(tmp_path / "customer.csv")
    assert "check the path" in refused(tmp_path / "cost.csv")  # the same ending is no likeness
    assert "there is no directory" in refused(tmp_path / "nowhere" / "customers.csv")
    assert "is a directory" in refused(tmp_path)
    assert "cannot be read" in refused(f"{tmp_path}/\0")
    assert "not a CSV, XLSX or JSON file" in refused(write("text", "rows.ods"))


def test_a_workbook_is_read_as_the_file_that_it_would_be_saved_as(tmp_path: Path) -> None:
    cells = [
        line(*map(text, ("id", "Lead; Source", "revenue", "since", "note"))),
        line(text("007"), text("Web, form"), 1200000, day(46347), text(' said "no"')),
        line(text("a"), text("x;y"), 0.25, day(46348), text("")),
        line(),
    ]
    workbook(tmp_path / "rows.xlsx", "".join(cells))

    table = read_table(tmp_path / "rows.xlsx", id_column="id")

    assert table.notes == []
    assert table.rows == [
        {
            "id": "007",
            "lead_source": ("Web, form",),
            "revenue": 1200000,
            "since": date(2026, 11, 21),
            "note": 'said "no"',
        },
        {"id": "a", "lead_source": ("x", "y"), "revenue": 0.25, "since": date(2026, 11, 22), "note": None},
    ]


def test_what_is_wrong_in_a_workbook_is_told_with_its_row(tmp_path: Path, write: Write) -> None:
    workbook(tmp_path / "rows.xlsx", "".join((line(text("id")), line(text("a")), line(text("a")))))
    assert "rows.xlsx:3:1: error[AK608]" in refused(tmp_path / "rows.xlsx", id_column="id")
    assert "it is no workbook" in refused(write("text", "rows.xlsx"))
    assert "there is no file none.xlsx" in refused(tmp_path / "none.xlsx")
    workbook(tmp_path / "empty.xlsx", "")
    assert "empty.xlsx is empty" in refused(tmp_path / "empty.xlsx")


def test_a_workbook_without_the_extra_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workbook(tmp_path / "rows.xlsx", line(text("id")))
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    with pytest.raises(MissingExtraError, match="ingest"):
        read_table(tmp_path / "rows.xlsx")


CHINESE = "编号,姓名,城市,备注\n1,王小明,上海,老客户介绍过来的\n2,李思思,重庆,需要尽快联系\n"
TRADITIONAL = "編號,姓名,城市,備註\n1,王小明,臺北,老客戶介紹過來的\n2,李思思,高雄,需要儘快聯絡\n"


@pytest.mark.parametrize(
    ("content", "encoding"),
    [(CHINESE, "gb18030"), (CHINESE, "gbk"), (TRADITIONAL, "big5"), (CHINESE, "utf-8"), (CHINESE, "utf-16")],
)
def test_chinese_files_are_read_whatever_wrote_them(write: Write, content: str, encoding: str) -> None:
    table = read_table(write(content.encode(encoding)))
    assert [column.header for column in table.columns] == content.split("\n", 1)[0].split(",")
    assert table.rows[1]["姓名"] == "李思思"
    told = [note.render() for note in table.notes]
    if encoding.startswith("utf"):
        assert told == []
    else:
        assert "warning[AK623]" in told[0]
        assert f"is read as {'BIG5' if encoding == 'big5' else 'GB18030'}" in told[0]


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("id,name\n1,Müller\n2,Đorđe\n", "cp1250"),
        ("id,name\n1,Müller\n2,Señor Ångström\n3,Café Élysée\n", "cp1252"),
        ("id,name\n1,Иванов\n2,Петрова Анна\n3,Кузнецов Сергей\n", "cp1251"),
        ("id,name\n1,Иванов\n2,Петрова Анна\n3,Кузнецов Сергей\n", "koi8_r"),
        ("id,name\n1,김민수\n2,이서연\n3,서울특별시 강남구\n", "euc_kr"),
        ("id,name\n1,田中さくら\n2,東京都のお客さま\n", "euc_jp"),
        ("id,name\n1,田中さくら\n2,東京都のお客さま\n", "shift_jis"),
        ("id,name\n1,李\n", "gb18030"),
    ],
)
def test_what_may_be_something_else_is_asked_for(write: Write, content: str, encoding: str) -> None:
    assert "say how it is written: --encoding" in refused(write(content.encode(encoding)))
    assert len(read_table(write(content.encode(encoding)), encoding=encoding)) == content.count("\n") - 1


def test_an_encoding_that_is_named_counts(write: Write) -> None:
    assert read_table(write(CHINESE.encode("gbk")), encoding="gbk").notes == []
    assert read_table(write(CHINESE.encode("gbk")), encoding="latin-1").columns[0].header != "编号"


def test_an_unknown_encoding_is_refused(write: Write) -> None:
    assert "there is no encoding called 'klingon'" in refused(write("id\n"), encoding="klingon")
    assert "there is no encoding called 'rot13'" in refused(write("id\n"), encoding="rot13")


def test_identities_must_be_there_and_differ(write: Write) -> None:
    message = refused(write("id,a\nx,1\ny,2\n,3\nx,4\n"), id_column="id")

    assert "rows.csv:4:1" in message
    assert "the identity is missing" in message
    assert "rows.csv:5:1" in message
    assert "`x` is also the identity on line 2" in message


def test_an_absent_identity_column_tells_the_columns_and_one_that_would_do(write: Write) -> None:
    message = refused(write("Kind,Lead No\na,1\na,2\n"), id_column="id")

    assert "rows.csv:1:1" in message
    assert '--id "Lead No"' in message
    assert "`Kind`, `Lead No`" in message


def test_many_broken_rows_are_told_in_part_and_counted(write: Write) -> None:
    message = refused(write("id,a\n" + "1\n" * 1000))

    assert message.count("error[AK604]") == 20
    assert "and 980 more like these" in message


@given(st.text(st.characters(exclude_characters="\0\r", codec="utf-8"), max_size=80))
def test_any_text_is_a_table_or_a_located_error(text: str) -> None:
    try:
        grid = read_separated(Source("x.csv", text))
    except FileError as error:
        assert error.diagnostics  # noqa: PT017 - both ways out are right
    else:
        assert all(len(row) == len(grid.headers) for row in grid.rows)


@given(st.lists(st.lists(st.text('ab,;"\n ', max_size=6).map(str.strip), min_size=3, max_size=3), max_size=6))
def test_what_is_written_as_csv_is_read_back_and_found_again(rows: list[list[str]]) -> None:
    quoted = [",".join('"{}"'.format(cell.replace('"', '""')) for cell in row) for row in [["x", "y", "z"], *rows]]
    source = Source("x.csv", "\n".join(quoted) + "\n")

    grid = read_separated(source)

    kept = [row for row in rows if any(row)]
    assert [[cell or "" for cell in row] for row in grid.rows] == kept
    for number, row in enumerate(kept):
        for place, cell in enumerate(row):
            span = grid.span_of(number, place)
            assert source.text[span.start : span.end] == '"{}"'.format(cell.replace('"', '""'))

"""Files that are too large or nested too deep cost little, and say why."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from assignkit import Limits, RuleSet, RuleSyntaxError, check
from assignkit.rules.table_files import Rows, read_table

DEEP = b'rule "a" when ' + b"(" * 50_000 + b"1 = 1" + b")" * 50_000
CHAIN = 'rule "a" when ' + " or ".join(f"customer.score = {i}" for i in range(3_000)) + ' reject "x"'


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"let a = " + b"1+" * 5_000_000, "AK111"),
        (DEEP, "AK113"),
        (CHAIN.encode(), "AK114"),
        (b'rule "a" when customer.score = ' + b"9" * 5_000 + b' reject "x"', "AK106"),
        (b'rule "a\0" reject "x"', "AK104"),
        ('rule "a" reject "\ud800"'.encode("utf-8", "surrogatepass"), "AK105"),
        ("let a = \u202e1".encode(), "AK104"),
        ("let t\u0430 = 1".encode(), "AK109"),
        (bytes(range(256)) * 100, "AK105"),
    ],
)
def test_hostile_file_gives_located_errors(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "a.rules"
    path.write_bytes(content)
    found = check(path)
    assert code in [each.code for each in found]
    assert all(each.location for each in found)
    with pytest.raises(RuleSyntaxError) as caught:
        RuleSet.load(path)
    assert code in [each.code for each in caught.value.diagnostics]


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "b.rules")
    os.mkfifo(tmp_path / "t.csv")
    (tmp_path / "a.rules").write_text('import "b.rules"\ntable "T" from "t.csv"', encoding="utf-8")
    found = check(tmp_path / "a.rules")
    assert [each.code for each in found if each.severity == "error"] == ["AK224", "AK223"]
    assert all("no regular file" in each.message for each in found if each.severity == "error")


@pytest.mark.parametrize(
    ("columns", "why"), [(501, "more than 500 columns"), (100_000, "more than 500 columns"), (500, None)]
)
def test_tables_are_not_too_wide(tmp_path: Path, columns: int, why: str | None) -> None:
    header = ",".join(["customer.tier"] * (columns - 1))
    (tmp_path / "t.csv").write_text(f"{header},assign to\n{'a,' * (columns - 1)}E\n", encoding="utf-8")
    (tmp_path / "a.rules").write_text('table "T" from "t.csv"', encoding="utf-8")
    found = [each.message for each in check(tmp_path / "a.rules") if each.code == "AK223"]
    assert len(found) == (why is not None)
    assert all(why is not None and why in each for each in found)


def test_a_table_that_is_named_often_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Path] = []

    def reading(path: Path, *, most: int) -> Rows:
        read.append(path)
        return read_table(path, most=most)

    monkeypatch.setattr("assignkit.rules.loading.read_table", reading)
    (tmp_path / "t.csv").write_text("customer.tier,assign to\n" + "a,E\n" * 40, encoding="utf-8")
    text = "".join(f'table "T{number}" from "t.csv"\n' for number in range(30))
    (tmp_path / "a.rules").write_text(text, encoding="utf-8")
    found = [each.code for each in check(tmp_path / "a.rules", limits=Limits(table_rows=1_000))]
    assert len(read) == 1
    assert found.count("AK223") == 5


def test_what_is_packed_too_tightly_is_not_unpacked(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "t.xlsx", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"a" * 5_000_000)
    (tmp_path / "a.rules").write_text('table "T" from "t.xlsx"', encoding="utf-8")
    (found,) = [each.message for each in check(tmp_path / "a.rules") if each.code == "AK223"]
    assert "more than 100 times as large" in found

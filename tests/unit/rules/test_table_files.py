from __future__ import annotations

from pathlib import Path

import pytest

from assignkit import Limits, RuleError, RuleSet, check
from tests.workbooks import text, workbook

RULES = 'rule "First" when customer.tier = "VIP" reject "v"\ntable "T" from "t.csv"\nrule "Last" reject "l"'
HEADER = "customer.province,customer.employees,assign to,by\n"


def load(folder: Path, table: str, rules: str = RULES, name: str = "t.csv") -> RuleSet:
    (folder / name).write_text(table, encoding="utf-8")
    (folder / "a.rules").write_text(rules, encoding="utf-8")
    return RuleSet.load(folder / "a.rules")


def told(folder: Path, table: str, rules: str = RULES) -> list[str]:
    (folder / "t.csv").write_text(table, encoding="utf-8")
    (folder / "a.rules").write_text(rules, encoding="utf-8")
    return [each.render() for each in check(folder / "a.rules")]


def test_rows_stand_where_the_table_stands(tmp_path: Path) -> None:
    rules = load(
        tmp_path, HEADER + 'Shanghai,>= 100,East Fin,round robin\n"in (""Hebei"", ""Z"")",10 to 99,team "N",\n'
    )
    assert [rule.name for rule in rules.rules] == ["First", "T row 1", "T row 2", "Last"]
    found = [
        rules.match({"province": province, "employees": employees})
        for province, employees in (("Shanghai", 100), ("Z", 10), ("Z", 9))
    ]
    assert [match.rule.name if match else None for match in found] == ["T row 1", "T row 2", "Last"]
    assert (
        rules.rules[1].steps[0].text == 'team "East Fin" by round robin' or "East Fin" in rules.rules[1].steps[0].text
    )
    assert (Path(rules.rules[2].file).name, rules.rules[2].line) == ("t.csv", 3)


def test_texts_need_no_quotes_and_empty_cells_mean_any(tmp_path: Path) -> None:
    rules = load(tmp_path, HEADER.replace(",", ";") + '123;;keep owner;\n;5;hold in pool "P";\n')
    assert rules.match({"province": "123"}) is not None
    assert rules.match({"province": "123"}).rule.name == "T row 1"  # type: ignore[union-attr]
    assert rules.match({"employees": 5}).rule.name == "T row 2"  # type: ignore[union-attr]


def test_errors_name_their_cells(tmp_path: Path) -> None:
    found = told(
        tmp_path, HEADER + "Shanghai,100,East,round robin\nHebei,>= abc,East,least laoded\n\nZ,>= 2026-01-01,x,\n"
    )
    assert any("t.csv:3:" in each and "(cell D3)" in each for each in found)
    assert any("t.csv:3:" in each and "(cell B3)" in each for each in found)
    assert any("t.csv:5:" in each and "(cell B5)" in each for each in found)


def test_ragged_rows_and_unknown_fields_are_told(tmp_path: Path) -> None:
    assert any("t.csv:2:" in each and "3 cells" in each for each in told(tmp_path, HEADER + "a,1,East\n"))
    assert any("t.csv:1:" in each and "AK203" in each for each in told(tmp_path, HEADER.replace("province", "provnce")))


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("../t.csv", "beside the rules"),
        ("sub/t.csv", "beside the rules"),
        ("none.csv", "no such file"),
        ("t.txt", "`.csv` or `.xlsx`"),
        ("\\u{2F}etc\\u{2F}passwd", "beside the rules"),
        ("bytes.csv", "not UTF-8"),
        ("bad.xlsx", "no workbook"),
    ],
)
def test_what_cannot_be_read(tmp_path: Path, name: str, why: str) -> None:
    for file in ("t.txt", "bad.xlsx"):
        (tmp_path / file).write_text(HEADER, encoding="utf-8")
    (tmp_path / "bytes.csv").write_bytes("省份".encode("gb18030"))
    (found,) = [each for each in told(tmp_path, HEADER, f'table "T" from "{name}"') if "AK223" in each]
    assert why in found


def test_text_without_a_file_has_no_tables_beside_it() -> None:
    with pytest.raises(RuleError, match="AK223"):
        RuleSet.from_text('table "T" from "t.csv"')


def test_rows_are_bounded(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(HEADER + "a,1,East,\n" * 11, encoding="utf-8")
    (tmp_path / "a.rules").write_text(RULES, encoding="utf-8")
    assert "AK223" in [each.code for each in check(tmp_path / "a.rules", limits=Limits(table_rows=10))]
    assert "AK223" not in [each.code for each in check(tmp_path / "a.rules", limits=Limits(table_rows=11, rules=3))]


def test_the_version_follows_the_table(tmp_path: Path) -> None:
    assert load(tmp_path, HEADER + "a,1,East,\n").version != load(tmp_path, HEADER + "a,2,East,\n").version


def test_first_sheet_of_aworkbook(tmp_path: Path) -> None:
    sheet = "".join(
        f"<row>{''.join(cells)}</row>"
        for cells in (
            [text("customer.province"), text("customer.employees"), text("assign to")],
            [text("Shanghai"), "<c><v>100</v></c>", text("East")],
            [text(""), "<c><v>1.5</v></c>", text("North")],
        )
    )
    workbook(tmp_path / "t.xlsx", sheet)
    (tmp_path / "a.rules").write_text('table "T" from "t.xlsx"', encoding="utf-8")
    rules = RuleSet.load(tmp_path / "a.rules")
    assert rules.match({"province": "Shanghai", "employees": 100}).rule.name == "T row 1"  # type: ignore[union-attr]
    assert rules.match({"employees": 1.5}).rule.name == "T row 2"  # type: ignore[union-attr]

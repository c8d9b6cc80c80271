"""Tables of a thousand rows and more: what is the same as for short ones, and what is said of them in few words."""

from __future__ import annotations

import json
import pickle
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assignkit import Desk, Limits, ManualClock, MemoryStore, RuleError, RuleSet, check, run_examples
from assignkit.model.agent import Agent
from assignkit.rules.rule_order import RuleList

HEADER = "customer.province,customer.employees,assign to\n"
RULES = 'rule "First" when customer.tier = "VIP" reject "v"\ntable "T" from "t.csv"\nrule "Last" reject "l"\n'


def rows(count: int = 1_200) -> list[str]:
    return [f"P{number},{number} to {number + 9},East {number % 3}\n" for number in range(count)]


def put(folder: Path, lines: list[str], rules: str = RULES) -> Path:
    (folder / "t.csv").write_text(HEADER + "".join(lines), encoding="utf-8")
    (folder / "a.rules").write_text(rules, encoding="utf-8")
    return folder / "a.rules"


def told(folder: Path, lines: list[str], rules: str = RULES, **rest: Limits) -> list[str]:
    return [each.render() for each in check(put(folder, lines, rules), **rest)]


def test_rows_are_rules_when_they_are_looked_at(tmp_path: Path) -> None:
    rules = RuleSet.load(put(tmp_path, rows()))
    assert isinstance(rules.rules, RuleList)
    assert len(rules.rules) == 1_202
    assert (rules.rules[-1].name, rules.rules[1].name, rules.rules[1_200].position) == ("Last", "T row 1", 1_201)
    assert [rule.name for rule in rules.rules[1_199:1_202]] == ["T row 1199", "T row 1200", "Last"]
    row = rules.find("T row 700")
    assert row is not None
    assert (row.line, row.steps[0].text) == (701, 'team "East 0"')
    assert row.text == 'customer.province = "P699" and customer.employees in 699 to 708'
    assert [rules.find(name) for name in ("T row 0", "T row 1201", "T row 07", "T", "row 1")] == [None] * 5
    with pytest.raises(IndexError):
        rules.rules[1_202]
    again = pickle.loads(pickle.dumps(rules))  # noqa: S301 - our own
    assert again.match({"province": "P1199", "employees": 1_200}).rule == rules.rules[1_200] or again.version
    assert [each.name for each in rules.representatives()][:2] == ["First", "T row 1"]
    assert len(list(rules.representatives())) == 5


def test_a_desk_decides_by_a_row_and_explains_it_in_few_words(tmp_path: Path) -> None:
    rules = RuleSet.load(put(tmp_path, rows()))
    desk = Desk(rules, MemoryStore(), clock=ManualClock(datetime(2026, 11, 21, 9, tzinfo=UTC)))
    desk.agents.add(Agent(id="li", teams={"East 1"}))
    decision = desk.assign({"id": "c1", "province": "P700", "employees": 705})
    assert (decision.rule, decision.agent_id) == ("T row 701", "li")
    tried = json.loads(decision.explain(format="json"))["rules"]
    assert [each["rule"] for each in tried] == ["First", "T row 1 to 700", "T row 701"]
    assert len(decision.explain().splitlines()) < 30


def test_examples_may_name_rows(tmp_path: Path) -> None:
    example = 'example "e" given customer province "P5", employees 5 expect rule "T row 6" expect rule "T"\n'
    report = run_examples(RuleSet.load(put(tmp_path, rows(), RULES + example)))
    assert [result.passed for result in report.results] == [True]
    assert any("T row 1201" in each for each in told(tmp_path, rows(), RULES + example.replace("row 6", "row 1201")))


def test_a_rule_cannot_bear_the_name_of_a_row(tmp_path: Path) -> None:
    found = told(tmp_path, rows(), RULES + 'rule "T row 1100" reject "x"\n')
    assert ["AK216" in each or "already" in each for each in found].count(True) == 1


def test_errors_name_their_cells_and_stay_few(tmp_path: Path) -> None:
    lines = rows()
    lines[1_000] = "X,>= abc,East\n"
    lines[1_001] = "X,1\n"
    found = told(tmp_path, lines)
    assert any("t.csv:1002:" in each and "(cell B1002)" in each for each in found)
    assert any("t.csv:1003:" in each and "2 cells" in each for each in found)
    assert len(found) == 2
    assert len(told(tmp_path, [f"X,abc{number},East\n" for number in range(1_500)])) == 101
    assert len(told(tmp_path, ["X,1\n"] * 1_500)) == 100


def test_cells_that_differ_are_bounded(tmp_path: Path) -> None:
    lines = [f"X,!= {number},East\n" for number in range(1_500)]
    (found,) = told(tmp_path, lines, limits=Limits(table_cells=1_000))
    assert "t.csv:1001:" in found
    assert "more than 1000 different cells" in found


def test_rows_that_are_never_reached_are_told(tmp_path: Path) -> None:
    lines = rows()
    lines[1_100] = lines[3].replace("East 0", "West")
    lines[1_150] = "P7,8 to 9,West\n"
    found = told(tmp_path, lines)
    assert any("`T row 1101` is never reached: `T row 4` takes everything" in each for each in found)
    assert any("`T row 1151` is never reached: `T row 8` takes everything" in each for each in found)
    lines = [*rows(), ",,East\n", "P1,,East\n"]
    assert any("`T row 1202` is never reached: `T row 1201`" in each for each in told(tmp_path, lines))


def test_rows_that_overlap_and_what_no_row_takes_are_told(tmp_path: Path) -> None:
    lines = rows()
    lines[1_150] = "P7,10 to 99,West\n"
    found = told(tmp_path, lines)
    assert any("t.csv:1152:" in each and "overlaps row 8" in each and "AK310" in each for each in found)
    assert any("AK311" in each and "no row of this table takes a customer with" in each for each in found)
    assert not any("AK311" in each for each in told(tmp_path, [*lines, ",,East\n"]))


def test_what_is_not_decided_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assignkit.rules.passes.lint_long_tables._LOOKED_AT", 1_000)
    assert any("AK313" in each and "200 rows" in each for each in told(tmp_path, rows()))
    short = told(tmp_path, rows(500))
    assert any("AK313" in each and "behind row 256" in each for each in short)


def test_empty_cells_behind_the_last_column_do_not_matter(tmp_path: Path) -> None:
    rules = RuleSet.load(put(tmp_path, ["a,1,East,,\n"] * 1_000))
    assert len(rules.rules) == 1_002
    with pytest.raises(RuleError, match="4 cells"):
        RuleSet.load(put(tmp_path, ["a,1,East,West\n"]))


def test_rows_that_are_not_covered_are_told_together(tmp_path: Path) -> None:
    example = 'example "e" given customer province "P5", employees 5 expect rule "T row 6"\n'
    coverage = run_examples(RuleSet.load(put(tmp_path, rows(), RULES + example))).coverage
    assert coverage.counts()["row"] == (1, 1_200)
    shown = coverage.to_text().splitlines()
    assert any(line.endswith("t.csv:8: not covered: 1194 rows, from T row 7 to T row 1200") for line in shown)
    assert len(shown) < 20

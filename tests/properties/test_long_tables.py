"""Long tables are read and matched in their own way; the naive twin is the rule per row that shorter tables get."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib import import_module
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assignkit import RuleError, RuleSet, Schema
from assignkit.language.limits import Limits
from assignkit.rules import table_index
from assignkit.rules.given_texts import Texts
from assignkit.rules.rule_order import RuleList
from assignkit.rules.table_files import TableFile
from tests.searching import examples

SCHEMA = Schema(
    customer={
        "a": str,
        "b": str,
        "n": int,
        "x": Decimal,
        "d": date,
        "t": datetime,
        "tags": list[str],
        "levels": dict[str, float],
        "flag": bool,
    }
)
WORDS = ["", "any", "*", "Shanghai", "east", "E a", "in", "1", "任意", 'in ("east", "E a")', 'not in ("east")',
         "is missing", "is present", '!= "east"', '"any"', '= "1"']  # fmt: skip
NUMBERS = ["", "any", "1", "5", "7.5", "007", ">= 5", "<5", "< 5", "3 to 7", "7 to 3", "3.5 to 5", "5 to 5", "!= 5",
           "in (1, 5)", "is missing", "between 2 and 6", "20%", "5万", "> 4"]  # fmt: skip
DAYS = ["", "2026-01-01", ">= 2026-01-01", "2025-12-31 to 2026-01-02", "is missing", "< 2026-01-02"]
COLUMNS: dict[str, list[str]] = {
    "customer.a": WORDS,
    "customer.b": WORDS,
    "customer.n": NUMBERS,
    "customer.x": NUMBERS,
    "customer.d": DAYS,
    "customer.t": ["", ">= 2026-01-01T00:00Z", "< 2026-01-01T12:00+08:00", "is present"],
    "customer.tags": ["", "red", 'has "red"', "blue"],
    "customer.levels": ["", "red", 'has "blue"'],
    "customer.flag": ["", "true", "= false", "any"],
    "customer.n + customer.x": ["", ">= 5", "any"],
    "days since(customer.d)": ["", ">= 5"],
}
ACTIONS = ["East", 'team "West"', 'agent "li"', "keep owner", "continue", 'hold in pool "P"', 'reject "no"']
ORDERS = ["", "round robin", "least loaded then random"]
NOW = datetime(2026, 1, 9, tzinfo=UTC)


@st.composite
def table_files(draw: st.DrawFn) -> list[tuple[str, ...]]:
    headers = draw(st.lists(st.sampled_from(list(COLUMNS)), min_size=1, max_size=5, unique=True))
    ordered = draw(st.booleans())
    pools = [COLUMNS[header] for header in headers] + [ACTIONS] + ([ORDERS] if ordered else [])
    row = st.tuples(*map(st.sampled_from, pools))
    rows = draw(st.lists(row, min_size=1, max_size=40))
    empty = tuple("" for _ in pools)
    rows = [empty if draw(st.integers(0, 15)) == 0 else each for each in rows]
    return [(*headers, "assign to", *(["by"] if ordered else [])), *rows]


ITEMS = st.fixed_dictionaries(
    {},
    optional={
        "a": st.sampled_from(["Shanghai", "east", "E a", "in", "1", "any", "", None, 5]),
        "b": st.sampled_from(["Shanghai", "east", "E a", "in", "1", None]),
        "n": st.sampled_from([None, 1, 2, 3, 5, 6, 7, 8, 10**30, 50_000, 5.0, True, "5"]),
        "x": st.sampled_from([None, Decimal("7.5"), 7.5, Decimal("0.2"), 0.2, 5, Decimal("3.4999"), float("nan")]),
        "d": st.sampled_from([None, date(2026, 1, 1), date(2025, 12, 30), date(2026, 1, 2), NOW]),
        "t": st.sampled_from([None, NOW, datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 1, 1)]),  # noqa: DTZ001
        "tags": st.sampled_from([None, [], ["red"], ["blue", "red"], "red", [[], "red"]]),
        "levels": st.sampled_from([None, {}, {"red": 1}, {"blue": 0, "red": 2}]),
        "flag": st.sampled_from([None, True, False, 1]),
    },
)


@contextmanager
def at_most_tested(rows: int) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(table_index, "_FEW", rows)
        yield


@contextmanager
def long_from(rows: int) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(import_module("assignkit.rules.passes.tables"), "LONG_FROM", rows)
        yield


def made(rows: list[tuple[str, ...]], *, long: bool, around: bool = True) -> RuleSet:
    text = 'table "T" priority 2 from "t.csv"\n'
    if around:
        text = f'rule "First" when customer.a = "1" priority 2 reject "1"\n{text}rule "Last" reject "l"\n'
        text += 'rule "Above" priority 3 when customer.n = 8 reject "8"\n'
    texts = Texts((("a.rules", text),), from_disk=True, tables=(TableFile("a.rules", "t.csv", "t.csv", tuple(rows)),))
    with long_from(0 if long else 10**9):
        return RuleSet(texts, SCHEMA, Limits(), frozenset())


@examples(40)
@given(table_files(), st.lists(ITEMS, min_size=1, max_size=12))
def test_a_long_table_matches_as_its_rows_would_as_rules(
    rows: list[tuple[str, ...]], items: list[dict[str, Any]]
) -> None:
    plain, long = made(rows, long=False), made(rows, long=True)
    assert isinstance(long.rules, RuleList)
    assert len(long.rules) == len(plain.rules)
    for mine, twin in zip(long.rules, plain.rules, strict=True):
        assert (mine.name, mine.position, mine.line, mine.file, mine.text, mine.priority, mine.kind) == (
            twin.name, twin.position, twin.line, twin.file, twin.text, twin.priority, twin.kind
        )  # fmt: skip
        assert repr(mine.steps) == repr(twin.steps) or [s.text for s in mine.steps] == [s.text for s in twin.steps]
    assert [rule.name for rule in long.trial_order()] == [rule.name for rule in plain.trial_order()]
    assert long.reads_now() == plain.reads_now()
    for few in (1, 8):
        with at_most_tested(few):
            agree(long if few == 1 else made(rows, long=True), plain, items)


@pytest.mark.parametrize("seed", range(4))
def test_hundreds_of_rows_are_found_by_look_ups(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - inputs of a test
    headers = random.sample(sorted(COLUMNS), 4)
    wide = {name: [*COLUMNS[name], *(f"{n}" for n in range(20)), *(f"{n} to {n + n % 7}" for n in range(20))]
            for name in ("customer.n", "customer.x")}  # fmt: skip
    pools = [wide.get(name, COLUMNS[name]) for name in headers]
    rows = [(*map(random.choice, pools), random.choice(ACTIONS)) for _ in range(300)]
    items = [
        {"a": random.choice(["Shanghai", "east", "1", None]), "b": random.choice(["E a", "in", None]),
         "n": random.randrange(25), "x": Decimal(random.randrange(100)) / 4, "d": date(2026, 1, random.randrange(1, 9)),
         "tags": random.choice([["red"], [], ["blue"]]), "flag": random.choice([True, False, None])}
        for _ in range(60)
    ]  # fmt: skip
    agree(made([(*headers, "assign to"), *rows], long=True), made([(*headers, "assign to"), *rows], long=False), items)


def agree(long: RuleSet, plain: RuleSet, items: list[dict[str, Any]]) -> None:
    for item in items:
        found = [match.rule.name for match in long.matches(item, now=NOW)]
        assert found == [match.rule.name for match in plain.matches(item, now=NOW)], item
        first = plain.match(item, now=NOW)
        assert [each and each.rule.name for each in long.match_many([item], now=NOW)] == [first and first.rule.name]
        assert long.explain(item, now=NOW).rule == plain.explain(item, now=NOW).rule
        mine = {each.rule: each for each in long.trials(item, now=NOW) if " to " not in each.rule}
        twin = {each.rule: each for each in plain.trials(item, now=NOW)}
        assert all(each == twin[name] for name, each in mine.items())
        assert {name for name, each in twin.items() if each.verdict in ("matched", "passed over")} <= mine.keys()


BAD = ["abc", ">= ", "(", "customer.none", '"x', "in ()", "1 | 2", "any any", "agent.level", "\u202e1", "2026-99-01"]


@examples(25)
@given(
    table_files(),
    st.lists(st.tuples(st.integers(1, 40), st.integers(0, 6), st.sampled_from(BAD)), min_size=1, max_size=4),
)
def test_what_is_wrong_with_a_long_table_is_told_where_rules_would_tell_it(
    rows: list[tuple[str, ...]], bad: list[tuple[int, int, str]]
) -> None:
    for row, column, cell in bad:
        if row < len(rows):
            cells = list(rows[row])
            cells[column % len(cells)] = cell
            rows[row] = tuple(cells)
    found = [told(rows, long=long) for long in (False, True)]
    assert bool(found[0]) == bool(found[1])
    assert found[1] <= found[0]  # the same cell again is not told again


def told(rows: list[tuple[str, ...]], *, long: bool) -> set[str]:
    try:
        made(rows, long=long, around=False)
    except RuleError as error:
        return {each.render() for each in error.diagnostics if each.severity == "error"}
    return set()

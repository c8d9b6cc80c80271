"""The index finds the rules that the interpreter finds: on every awkward value, on random rules, at every size."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum, StrEnum
from math import inf, nan
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assignkit.rules import masks
from assignkit.rules.compiler import decides
from assignkit.rules.facts import Facts
from assignkit.rules.ruleset import RuleSet
from tests.properties import test_rules_compiled as compiled
from tests.searching import examples

FIELDS: dict[str, Any] = {"country": str, "score": int, "revenue": float, "tags": list[str], "since": date, "vip": bool}


@pytest.fixture(autouse=True)
def _index_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assignkit.rules.compiler.longest_chain", lambda _: -1)


@settings(examples(80), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(written=compiled.rules, world=compiled.worlds, zone=st.sampled_from(compiled.ZONES))
def test_random_rules(written: list[tuple[int, str, str | None, str]], world: dict[str, Any], zone: str) -> None:
    compiled.test_the_matching_rules_are_those_that_the_interpreter_finds.hypothesis.inner_test(written, world, zone)


@pytest.mark.parametrize(("condition", "name"), compiled.EVERY_TEST)
def test_every_awkward_value(condition: str, name: str) -> None:
    compiled.test_matching_agrees_on_every_awkward_value(condition, name)


@pytest.mark.parametrize("size", [0, 1, 2, 39, 40, 41, 63, 64, 65, 500, 2000])
def test_every_size(size: int) -> None:
    dice = random.Random(size)  # noqa: S311 - repeatable, not secret
    rule_set = RuleSet.from_text(_book(size, dice), compiled.Schema(customer=FIELDS), limits=None)

    for record in (_record(dice) for _ in range(40 if size < 500 else 8)):
        facts = Facts(item=record)
        expected = next((rule.name for rule in rule_set.trial_order() if decides(rule, facts)), None)
        match = rule_set.match(record)
        assert (match.rule.name if match else None) == expected


def test_more_edges_than_masks_may_be_kept_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(masks, "_WIDEST", 100)
    test_every_size(500)


@settings(examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(st.lists(st.integers(0, 80), max_size=3), max_size=60),
    asked=st.lists(st.integers(0, 60), max_size=80),
    lowest=st.integers(0, 2**80 - 1),
)
def test_masks_that_are_not_kept_are_found_again(
    monkeypatch: pytest.MonkeyPatch, steps: list[list[int]], asked: list[int], lowest: int
) -> None:
    monkeypatch.setattr(masks, "_WIDEST", 0)  # no more than the fewest are remembered
    stairs = masks.Stairs(lowest, steps, 81)
    for number in (each for each in asked if each <= len(steps)):
        expected = lowest
        for rows in steps[:number]:
            for row in rows:
                expected ^= 1 << row
        assert stairs[number] == expected
    assert len(stairs) <= 16


def test_masks_of_rows() -> None:
    assert masks.mask_of([]) == 0
    assert masks.mask_of({0, 9, 300}) == 1 | 1 << 9 | 1 << 300
    assert masks.mask_of([1], but_of=3) == 0b101
    assert masks.mask_of([], but_of=20) == 2**20 - 1


def test_values_that_were_learned_are_forgotten_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assignkit.rules.learned.LEARNED", 2)
    test_every_size(65)


def _book(size: int, dice: random.Random) -> str:
    return "\n".join(
        f'rule "{number}" priority {dice.randint(0, 2)} when {_condition(dice)} reject "x"' for number in range(size)
    )


def _condition(dice: random.Random) -> str:
    tests = [
        f'customer.country {dice.choice(["=", "!="])} "{dice.choice("ABCDE")}"',
        f'customer.country {dice.choice(["in", "not in"])} ("{dice.choice("ABCDE")}", "{dice.choice("ABCDE")}x")',
        f"customer.score between {dice.randint(0, 50)} and {dice.randint(40, 100)}",
        f"customer.revenue {dice.choice(['<', '<=', '>', '>=', '=', '!='])} {dice.randint(0, 40) / 4}",
        f'customer.tags has "{dice.choice("abcd")}"',
        f'customer.tags has all of ("{dice.choice("abcd")}", "{dice.choice("abcd")}z")',
        f"customer.since {dice.choice(['before', 'after'])} 2026-01-{dice.randint(10, 28)}",
        dice.choice(["customer.vip", "not customer.vip", "customer.vip is missing", "customer.score is present"]),
        f'customer.country starts with "{dice.choice(["A", "B", "Ax", "Axx", ""])}"',
        f'customer.country starts with "A" and customer.country starts with "{dice.choice(["Ax", "B"])}"',
        f'not customer.country starts with "{dice.choice("ABC")}"',
        "customer.score > customer.revenue",
    ]
    chosen = dice.sample(tests, dice.randint(1, 4))
    joined = f" {dice.choice(['and', 'and', 'or'])} ".join(chosen)
    return joined if dice.random() < 0.8 else f"not ({joined})"


def _record(dice: random.Random) -> dict[str, Any]:
    record = {
        "country": dice.choice([*"ABCDE", "Ax", "Axxy", "", None, 5]),
        "score": dice.choice([dice.randint(0, 100), None, True, 50.5]),
        "revenue": dice.choice([dice.randint(0, 40) / 4, dice.random() * 10, dice.randint(0, 10), None]),
        "tags": dice.choice([dice.sample("abcd", dice.randint(0, 3)), ("a", None), "a", None, [["a"]]]),
        "since": dice.choice([date(2026, 1, 1) + timedelta(days=dice.randint(0, 40)), None]),
        "vip": dice.choice([True, False, None, 1]),
    }
    return {name: value for name, value in record.items() if dice.random() > 0.1}


class _Level(StrEnum):
    A = "A"
    OTHER = "other"


class _Colour(Enum):
    RED = "A"


_MET: list[dict[str, Any]] = [
    {"country": country, "score": score, "revenue": revenue, "tags": ["a"], "since": since, "vip": True}
    for country in ("A", "B", "Z", _Level.A, _Level.OTHER, _Colour.RED, 1, True, nan, None, "unheard", object(), ["A"])
    for score in (1, True, 10**400, 50, 50.5, Decimal(50), None)
    for revenue in (inf, -inf, nan, -1.7e308, 2.5, 2, Decimal("2.5"))
    for since in (date(2026, 1, 20), datetime(2026, 1, 20), 1, None)  # noqa: DTZ001 - a naive one is no date
]


@pytest.mark.parametrize("remembered", [1, 4096])
@pytest.mark.parametrize("kept", [0, 2**20])
def test_what_was_met_before_changes_no_answer(monkeypatch: pytest.MonkeyPatch, remembered: int, kept: int) -> None:
    monkeypatch.setattr("assignkit.rules.learned.LEARNED", remembered)
    monkeypatch.setattr("assignkit.rules.joining._FLAT", kept)
    dice = random.Random(7)  # noqa: S311 - repeatable, not secret
    text = "\n".join(
        [
            'rule "red" when customer.country = "A" and customer.revenue < 3 reject "x"',
            'rule "blue" when customer.country = "B" and customer.since after 2026-01-19 reject "x"',
            'rule "high" when customer.revenue > 900 and customer.score > 49 reject "x"',
            'rule "low" when customer.revenue < -1 or customer.score = 1 reject "x"',
            _book(40, dice),
        ]
    )
    rule_set = RuleSet.from_text(text, compiled.Schema(customer=FIELDS), limits=None)
    met = dice.sample(_MET, 400)
    expected = [
        next((rule.name for rule in rule_set.trial_order() if decides(rule, Facts(item=record))), None)
        for record in met
    ]

    for _ in range(2):  # the second time most values have been met
        assert [found and found.rule.name for found in rule_set.match_many(met)] == expected
        assert [found and found.rule.name for found in map(rule_set.match, met)] == expected
